/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-reason.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What all workers share: born with a channel and nothing else, they hear their
 * CONFIG, load what they need, lock themselves in, say READY and then do as the
 * channel says, on the main thread and its default context.
 *
 * A worker dies with its channel, at once and without a word: foyerd is gone, or
 * broke the rules. After its own last word it says nothing more. */

typedef struct _FoyerWorker FoyerWorker;

/**
 * FoyerWorkerClass:
 * @kind: whose sandbox
 * @prepare: hears CONFIG, of any type that @kind may get, with its descriptors
 *   (transfer full), -1 for none; loads all that needs files, and runs no
 *   thread, but see foyer_worker_set_libcamera(). %FALSE with @error ends the worker
 * @begin: locked in; READY was said
 * @take: a message after that, with its descriptors (transfer full); CLOSE among
 *   them
 * @orphan: (nullable): the channel is gone or broken; the process ends when this
 *   returns
 */
typedef struct
{
  FoyerWorkerKind kind;
  gboolean (*prepare) (FoyerWorker *worker, const FoyerMessage *config,
      int *fds, gpointer user_data, GError **error);
  void (*begin) (FoyerWorker *worker, gpointer user_data);
  void (*take) (FoyerWorker *worker, const FoyerMessage *message, int *fds,
      gpointer user_data);
  void (*orphan) (gpointer user_data);
} FoyerWorkerClass;

/**
 * foyer_worker_run:
 * @klass: what kind it is
 * @user_data: for it
 *
 * A worker's main(). Closes every descriptor that is not its own first.
 */
G_GNUC_NORETURN void foyer_worker_run (const FoyerWorkerClass *klass,
    gpointer user_data);

/* Libcamera's threads run, each kept to its paths already: while it prepares. */
void foyer_worker_set_libcamera (FoyerWorker *self);

/* What READY is to tell: while it prepares. */
void foyer_worker_set_codecs (FoyerWorker *self, FoyerCodecs codecs);

/**
 * foyer_worker_say:
 * @self: a worker
 * @message: what to say
 * @fd: (transfer none): to go along, or -1
 *
 * Ends the process if it can't be said. Main thread.
 */
void foyer_worker_say (FoyerWorker *self, const FoyerMessage *message, int fd);

/* The same for a type without fields. */
void foyer_worker_say_type (FoyerWorker *self, FoyerMessageType type);

/**
 * foyer_worker_fail:
 * @self: a worker
 * @reason: why
 * @account: (nullable): last figures
 * @words: in words, escaped already; cut if they are too long
 *
 * Says FAILED, unless the last word was said. Frames must be stopped before.
 */
void foyer_worker_fail (FoyerWorker *self, FoyerReason reason,
    const FoyerAccount *account, const char *words);

/**
 * foyer_worker_close:
 * @self: a worker
 * @account: (nullable): last figures
 *
 * Says CLOSED, unless the last word was said. Frames must be stopped before.
 */
void foyer_worker_close (FoyerWorker *self, const FoyerAccount *account);

/* Whether its last word was said. */
gboolean foyer_worker_is_over (const FoyerWorker *self);

/* Copies @text into a message's, cut at a whole letter. */
void foyer_worker_set_text (FoyerMessage *message, const char *text);

/**
 * foyer_worker_place_fd:
 * @fd: (transfer full): a descriptor
 * @at: its number from now on
 *
 * Where the sandbox knows it; close-on-exec.
 *
 * Returns: @at
 */
int foyer_worker_place_fd (int fd, int at);

G_END_DECLS
