/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-clock.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* The log: who saw what, and who was refused. Rows are appended and never
 * changed: triggers in the database refuse it. What grows too old or too much is
 * taken away from the oldest end alone, by foyer_history_trim(), and a row of
 * kind "event" says what is gone. Never a picture.
 *
 * A session is two rows, its beginning and its end. A beginning that can't be
 * written means that the session must not begin, since every session is in the
 * log (I10): foyer_history_append() then returns %FALSE and the caller ends it
 * before it is linked. For all other rows a failure is counted and shown in
 * foyer_history_dup_problem(), and the service goes on.
 *
 * Main thread, and synchronous: a row is one small transaction, and a session
 * may not go on before its beginning is on the disk. What it costs is an fsync a
 * row, some ms on a slow card, a few rows a minute. */

typedef struct _FoyerHistory FoyerHistory;

typedef enum
{
  FOYER_HISTORY_EVENT = 0, /* "event" */
  FOYER_HISTORY_BEGIN,     /* "session", as long as there is no end */
  FOYER_HISTORY_END,       /* "session" */
  FOYER_HISTORY_REFUSAL,   /* "refusal" */
  FOYER_HISTORY_RULE,      /* "rule": added, removed, expired; in words */
} FoyerHistoryKind;

/**
 * FoyerHistoryRow:
 * @kind: what it is
 * @user: who asked; G_MAXUINT32 for nobody
 * @camera: (nullable): identity
 * @camera_name: (nullable): what it was called
 * @target: (nullable): identity, as in rules: "display:mdns:ID"
 * @target_name: (nullable): what it was called
 * @session: number of the session; 0 for none
 * @rule: number of the rule that decided; 0 for none
 * @reason: (nullable): one word
 * @words: (nullable): the same for a person
 * @frames: of an end: frames that left
 * @bytes: of an end: bytes of them
 * @first_sequence: of an end: number of the first frame that left
 * @last_sequence: of an end: and of the last
 * @generation: of the camera, of beginning and end
 * @sound: (nullable): of a beginning and its end, as in History.List
 *
 * Texts may be any bytes; they are stored as valid UTF-8, 512 bytes at most.
 */
typedef struct
{
  FoyerHistoryKind kind;
  guint32 user;
  const char *camera;
  const char *camera_name;
  const char *target;
  const char *target_name;
  guint64 session;
  guint64 rule;
  const char *reason;
  const char *words;
  guint64 frames;
  guint64 bytes;
  guint64 first_sequence;
  guint64 last_sequence;
  guint64 generation;
  const char *sound;
} FoyerHistoryRow;

/**
 * FoyerHistoryLimits:
 * @days: how long a row is kept; 0 for ever
 * @max_bytes: of rows on the disk; 0 for no bound
 */
typedef struct
{
  guint days;
  guint64 max_bytes;
} FoyerHistoryLimits;

/**
 * foyer_history_open:
 * @path: the database; made if it is not there. One that is damaged is kept
 *   beside as PATH.damaged-TIME, and a new one begun, which says so
 * @limits: copied
 * @tallies: (nullable): the folder of foyer-tallies.h
 * @clock: (transfer none): must outlive it
 * @error: return location
 *
 * Gives every session without an end one, with the reason "service-restarted"
 * and the figures of its tally, or without figures if there is none any more, and
 * trims. Holds the database alone until it is freed.
 *
 * Returns: (transfer full): or %NULL if there can't be a log at this path: then no
 *   session may begin
 */
FoyerHistory *foyer_history_open (const char *path,
    const FoyerHistoryLimits *limits, const char *tallies,
    const FoyerClock *clock, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_history_append:
 * @self: the log
 * @row: what happened, now
 * @error: return location
 *
 * Returns: %TRUE when it is on the disk
 */
gboolean foyer_history_append (FoyerHistory *self, const FoyerHistoryRow *row,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_history_list:
 * @self: the log
 * @options: a{sv} as of History.List; an unknown key or a wrong type is
 *   FOYER_ERROR_INVALID
 * @is_all: of all users; else of @user alone
 * @user: uid
 * @error: return location
 *
 * Returns: (transfer floating): aa{sv} as of History.List, newest first
 */
GVariant *foyer_history_list (FoyerHistory *self, GVariant *options,
    gboolean is_all, guint32 user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_history_trim:
 * @self: the log
 *
 * Takes away what is beyond the limits, a bounded number of rows at a time; is
 * done at opening and after every thousandth row by itself.
 */
void foyer_history_trim (FoyerHistory *self);

/* The highest number of a session that was ever logged; 0 for none. Sessions are
 * to be numbered from the next one on. */
guint64 foyer_history_get_last_session (FoyerHistory *self);

/* (transfer full) (nullable): what is wrong with the log, in a sentence for the
 * owner; %NULL once rows can be written again. */
char *foyer_history_dup_problem (FoyerHistory *self);

/* How many rows could not be written. */
guint64 foyer_history_get_n_lost (FoyerHistory *self);

void foyer_history_free (FoyerHistory *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerHistory, foyer_history_free)

G_END_DECLS
