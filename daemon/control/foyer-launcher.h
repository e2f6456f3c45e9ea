/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

#include <sys/types.h>

G_BEGIN_DECLS

/* Processes: how a worker comes into the world and leaves it. A child is born
 * with its channel as fd 3 and nothing else of foyerd's: no descriptor, signal
 * mask, terminal or environment. It is killed by the kernel when foyerd dies.
 * Tests put another launcher in its place. Main thread only. */

/**
 * FoyerChild:
 * @kind: what it is
 * @pid: its process; 0 of one that is none
 * @exit_fd: readable once it has ended; owned
 * @channel: foyerd's end of its channel, non-blocking; owned
 */
typedef struct
{
  FoyerWorkerKind kind;
  pid_t pid;
  int exit_fd;
  int channel;
} FoyerChild;

/**
 * FoyerLauncher:
 * @launch: starts a worker of a kind and fills in the child; %FALSE with an error
 * @doom: kills the child and does not wait
 * @end: kills the child unless it has ended, waits for its end, and closes its
 *   exit_fd; %TRUE if it had ended by itself and said success
 * @user_data: handed to both
 */
typedef struct
{
  gboolean (*launch) (gpointer user_data, FoyerWorkerKind kind,
      FoyerChild *child, GError **error);
  void (*doom) (gpointer user_data, const FoyerChild *child);
  gboolean (*end) (gpointer user_data, FoyerChild *child);
  gpointer user_data;
} FoyerLauncher;

/**
 * foyer_launcher_new_system:
 * @folder: (nullable): where the workers' programs are; %NULL for where they are
 *   installed
 *
 * Returns: (transfer full): one that forks and executes
 */
FoyerLauncher *foyer_launcher_new_system (const char *folder);

/* (transfer full) (nullable): of foyer_launcher_new_system() */
void foyer_launcher_free (FoyerLauncher *self);

/**
 * foyer_launcher_launch:
 * @self: a launcher
 * @kind: of worker
 * @child: (out caller-allocates): the new process
 * @error: return location
 *
 * Returns: %FALSE with a #GIOErrorEnum if there is no such program, or no process
 *   or descriptor to be had: there is no child then
 */
gboolean foyer_launcher_launch (const FoyerLauncher *self, FoyerWorkerKind kind,
    FoyerChild *child, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_launcher_doom:
 * @self: a launcher
 * @child: its child
 *
 * Kills it and does not wait: many can die at once, and be waited for then.
 */
void foyer_launcher_doom (const FoyerLauncher *self, const FoyerChild *child);

/**
 * foyer_launcher_end:
 * @self: a launcher
 * @child: its child; cleared
 *
 * When this returns the process is no more. SIGKILL can't be put off, so the wait
 * is as short as the kernel is quick.
 *
 * Returns: %TRUE if it had ended by itself before, with success
 */
gboolean foyer_launcher_end (const FoyerLauncher *self, FoyerChild *child);

/* "camera", "cast", …: for logs. */
const char *foyer_worker_kind_to_string (FoyerWorkerKind kind);

G_END_DECLS
