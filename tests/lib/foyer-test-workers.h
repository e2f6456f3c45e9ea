/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-launcher.h"

G_BEGIN_DECLS

/* A launcher without processes: the test is at the other end of each channel,
 * says what a worker would say, hears what foyerd says, and dies when it likes. */

/**
 * FoyerTestWorker:
 * @kind: what it was launched as
 * @channel: the worker's end; -1 once closed
 * @protocol: the worker's view
 * @exit_end: writing end of what foyerd watches
 * @is_ended: foyerd made sure that it is dead
 * @has_exited: it had exited by itself before
 * @is_success: with success
 */
typedef struct
{
  FoyerWorkerKind kind;
  int channel;
  FoyerProtocol protocol;
  int exit_end;
  gboolean is_ended;
  gboolean has_exited;
  gboolean is_success;
} FoyerTestWorker;

/**
 * FoyerTestWorkers:
 * @launcher: hand this to the code under test
 * @workers: (element-type FoyerTestWorker): all that were ever launched
 * @is_failing: nothing can be launched
 */
typedef struct
{
  FoyerLauncher launcher;
  GPtrArray *workers;
  gboolean is_failing;
} FoyerTestWorkers;

void foyer_test_workers_init (FoyerTestWorkers *self);
void foyer_test_workers_clear (FoyerTestWorkers *self);

/* How many of that kind were ever launched. */
guint foyer_test_workers_count (FoyerTestWorkers *self, FoyerWorkerKind kind);

/* How many of that kind live. */
guint foyer_test_workers_count_living (FoyerTestWorkers *self,
    FoyerWorkerKind kind);

/* The last one of that kind; fails the test if there is none. */
FoyerTestWorker *foyer_test_workers_get_last (FoyerTestWorkers *self,
    FoyerWorkerKind kind);

/* Says it as a worker may; fails the test if it may not. */
void foyer_test_worker_say (FoyerTestWorker *self, const FoyerMessage *message,
    int fd);

/* The same, of a type alone. */
void foyer_test_worker_say_type (FoyerTestWorker *self, FoyerMessageType type);

/* Sends any bytes. */
void foyer_test_worker_babble (FoyerTestWorker *self, const char *bytes);

/* What foyerd said next: %FALSE for nothing. Descriptors are taken by the caller
 * or, if @fds is %NULL, closed. */
gboolean foyer_test_worker_hear (FoyerTestWorker *self, FoyerMessage *message,
    int *fds);

/* Fails the test unless foyerd said exactly that next. */
void foyer_test_worker_expect (FoyerTestWorker *self, FoyerMessageType type,
    FoyerMessage *message, int *fds);

/* Exits by itself. */
void foyer_test_worker_exit (FoyerTestWorker *self, gboolean is_success);

/* Runs the main loop until nothing is left to do at once. */
void foyer_test_settle (void);

G_END_DECLS
