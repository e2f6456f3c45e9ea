/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"
#include "foyer-tally.h"

#include <sys/types.h>

G_BEGIN_DECLS

/* foyerd as workers see it: starts them, keeps to the protocol, waits for what
 * they say. Waiting for more than 20 s prints what came and aborts. */

typedef struct
{
  const char *name;
  pid_t pid;   /* 0 once it was waited for */
  int channel; /* -1 once closed */
  FoyerProtocol protocol;
  int tally;     /* of a session, once it has its CONFIG; else -1 */
  guint8 codecs; /* that it may offer; 0 for all */
} FoyerTestWorker;

/* Starts @program, a path, as a worker of @kind. */
void foyer_test_worker_launch (FoyerTestWorker *self, FoyerWorkerKind kind,
    const char *program);

/* @fds stay open here. A CONFIG that a tally goes with gets one, behind them. */
void foyer_test_worker_say (FoyerTestWorker *self, const FoyerMessage *message,
    const int *fds, guint n_fds);

/* Waits for a message of @type; what comes before it is dropped, but FAILED,
 * which aborts unless it is waited for. @fd: (nullable): what came along. */
void foyer_test_worker_hear (FoyerTestWorker *self, FoyerMessageType type,
    FoyerMessage *message, int *fd);

/* Whether something of @type comes within @ms; all that comes is dropped. */
gboolean foyer_test_worker_hears_within (FoyerTestWorker *self,
    FoyerMessageType type, guint ms);

/* Waits for its end; its status as waitpid() tells. */
int foyer_test_worker_wait (FoyerTestWorker *self);

/* Kills it if it still runs. */
void foyer_test_worker_clear (FoyerTestWorker *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FoyerTestWorker, foyer_test_worker_clear)

/* One session's way up, step by step; all that is not named is usual. */

FoyerMessage foyer_test_make_grant (FoyerMessageType type, guint64 session,
    guint64 camera, const FoyerShape *shape);

/* Until pictures come; @number is in their mark. */
void foyer_test_start_camera (FoyerTestWorker *self, const char *program,
    guint64 camera, guint number, const FoyerShape *shape);

/* A cast or, told by @config, a cleaner, to loopback's @port. Returns its UDP
 * socket, as foyerd keeps it. */
int foyer_test_launch_cast (FoyerTestWorker *self, const char *program,
    const FoyerMessage *config, guint16 port, int roots);

/* Waits for an identity that is proven, and says that it is right. */
void foyer_test_approve (FoyerTestWorker *self);

/* Waits for STREAMING and connects @udp to where it says. */
void foyer_test_connect_media (FoyerTestWorker *self, int udp,
    FoyerMessage *streaming);

/* The broker's part: @fd stays open here. */
void foyer_test_say_link (FoyerTestWorker *self, guint64 session,
    guint64 camera, const FoyerShape *shape, int fd);
void foyer_test_join (FoyerTestWorker *camera, FoyerTestWorker *reader,
    guint64 session, guint64 camera_id, const FoyerShape *shape);

void foyer_test_close (FoyerTestWorker *self);

G_END_DECLS
