/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-history.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-file.h"
#include "foyer-tallies.h"
#include "foyer-text.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#define MAX_TEXT_BYTES 512
#define DEFAULT_LISTED 100
#define MAX_LISTED     10000
#define TRIM_EVERY     1000 /* rows */
/* At a time; twice what comes in between, so that it keeps up, and no more, so
 * that a clock set far ahead can't take the whole log away at once. */
#define TRIM_MAX_ROWS 2000
#define US_A_DAY      (G_GINT64_CONSTANT (24 * 60 * 60) * G_USEC_PER_SEC)

struct _FoyerHistory
{
  sqlite3 *db;
  sqlite3_stmt *insert;
  FoyerHistoryLimits limits;
  const FoyerClock *clock;
  guint n_appended; /* since the last trim */
  guint64 n_lost;
  guint64 n_untold; /* of these, since a row could be written */
  char *problem;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/* Rows are only ever added, and `trims` says which may be deleted. The triggers
 * guard against mistakes of our own; against root nothing does. */
static const char schema[] =
    "CREATE TABLE IF NOT EXISTS log ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER NOT NULL,"
    "  kind INTEGER NOT NULL, user INTEGER NOT NULL,"
    "  camera TEXT, camera_name TEXT, target TEXT, target_name TEXT,"
    "  session INTEGER NOT NULL, rule INTEGER NOT NULL,"
    "  reason TEXT, words TEXT, frames INTEGER NOT NULL,"
    "  bytes INTEGER NOT NULL, first_sequence INTEGER NOT NULL,"
    "  last_sequence INTEGER NOT NULL, generation INTEGER NOT NULL,"
    "  began INTEGER, began_us INTEGER, sound TEXT) STRICT;"
    "CREATE INDEX IF NOT EXISTS log_time ON log (time_us);"
    "CREATE INDEX IF NOT EXISTS log_began ON log (began)"
    "  WHERE began IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS log_session ON log (session)"
    "  WHERE kind = 1;"
    "CREATE TABLE IF NOT EXISTS trims ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER NOT NULL,"
    "  before INTEGER NOT NULL) STRICT;"
    "CREATE TRIGGER IF NOT EXISTS log_stays BEFORE UPDATE ON log BEGIN"
    "  SELECT RAISE (ABORT, 'the log is only appended to'); END;"
    "CREATE TRIGGER IF NOT EXISTS log_kept BEFORE DELETE ON log"
    "  WHEN OLD.id >= (SELECT COALESCE (MAX (before), 0) FROM trims) BEGIN"
    "  SELECT RAISE (ABORT, 'the log is only trimmed'); END;"
    "CREATE TRIGGER IF NOT EXISTS trims_stay BEFORE UPDATE ON trims BEGIN"
    "  SELECT RAISE (ABORT, 'trims are only appended to'); END;"
    "CREATE TRIGGER IF NOT EXISTS trims_kept BEFORE DELETE ON trims BEGIN"
    "  SELECT RAISE (ABORT, 'trims are only appended to'); END;"
    "PRAGMA user_version = 2;";

/* The first had no column for sound. An older foyerd gives the newer one's file the
 * number of its own, so what counts is whether the column is there. */
static const char migration[] = "ALTER TABLE log ADD COLUMN sound TEXT";
static const char is_first_sql[] =
    "SELECT COUNT (*) > 0 AND NOT COALESCE (MAX (name = 'sound'), 0)"
    " FROM pragma_table_info ('log')";

/* One process alone, so that nobody makes us wait for a lock, and no memory is
 * shared; FULL: a row that was committed survives a power cut. */
static const char settings[] = "PRAGMA locking_mode = EXCLUSIVE;"
                               "PRAGMA auto_vacuum = INCREMENTAL;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA journal_size_limit = 1048576;"
                               "PRAGMA cache_size = -256;"
                               "PRAGMA recursive_triggers = ON;"
                               "PRAGMA trusted_schema = OFF;"
                               "PRAGMA temp_store = MEMORY;";

static gboolean
fail (FoyerHistory *self, const char *what, GError **error)
{
  g_set_error (error, FOYER_ERROR, FOYER_ERROR_FAILED, "%s the log: %s", what,
      sqlite3_errmsg (self->db));
  return FALSE;
}

/* What the database says of one number; 0 if it does not. */
static gint64
ask (FoyerHistory *self, const char *sql)
{
  g_autoptr (sqlite3_stmt) query = NULL;

  if (sqlite3_prepare_v2 (self->db, sql, -1, &query, NULL) != SQLITE_OK ||
      sqlite3_step (query) != SQLITE_ROW)
    return 0;
  return sqlite3_column_int64 (query, 0);
}

/* appending */

static const char insert_sql[] =
    "INSERT INTO log (time_us, kind, user, camera, camera_name, target,"
    "  target_name, session, rule, reason, words, frames, bytes,"
    "  first_sequence, last_sequence, generation, sound, began, began_us)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
    "  ?16, ?17, (SELECT MAX (id) FROM log WHERE kind = 1 AND session = ?8"
    "    AND ?2 = 2),"
    "  (SELECT time_us FROM log WHERE id = (SELECT MAX (id) FROM log"
    "    WHERE kind = 1 AND session = ?8 AND ?2 = 2))";

static void
bind_text (sqlite3_stmt *query, int at, const char *text)
{
  g_autofree char *valid = NULL;
  const char *end;

  if (text == NULL)
    return;
  valid = g_utf8_make_valid (text, -1);
  if (strlen (valid) > MAX_TEXT_BYTES) {
    /* Back to where a letter begins. */
    end = g_utf8_find_prev_char (valid, valid + MAX_TEXT_BYTES + 1);
    valid[end - valid] = '\0';
  }
  sqlite3_bind_text (query, at, valid, -1, SQLITE_TRANSIENT);
}

static void
bind_row (sqlite3_stmt *query, const FoyerHistoryRow *row, gint64 time_us)
{
  sqlite3_bind_int64 (query, 1, time_us);
  sqlite3_bind_int64 (query, 2, row->kind);
  sqlite3_bind_int64 (query, 3, row->user);
  bind_text (query, 4, row->camera);
  bind_text (query, 5, row->camera_name);
  bind_text (query, 6, row->target);
  bind_text (query, 7, row->target_name);
  sqlite3_bind_int64 (query, 8, (gint64) row->session);
  sqlite3_bind_int64 (query, 9, (gint64) row->rule);
  bind_text (query, 10, row->reason);
  bind_text (query, 11, row->words);
  sqlite3_bind_int64 (query, 12, (gint64) row->frames);
  sqlite3_bind_int64 (query, 13, (gint64) row->bytes);
  sqlite3_bind_int64 (query, 14, (gint64) row->first_sequence);
  sqlite3_bind_int64 (query, 15, (gint64) row->last_sequence);
  sqlite3_bind_int64 (query, 16, (gint64) row->generation);
  bind_text (query, 17, row->sound);
}

static gboolean
insert (FoyerHistory *self, const FoyerHistoryRow *row, GError **error)
{
  int result;

  bind_row (self->insert, row, foyer_clock_get_wall_us (self->clock));
  result = sqlite3_step (self->insert);
  if (result != SQLITE_DONE)
    fail (self, "writing", error);
  sqlite3_reset (self->insert);
  sqlite3_clear_bindings (self->insert);
  return result == SQLITE_DONE;
}

static gboolean
insert_event (FoyerHistory *self, const char *reason, const char *words)
{
  FoyerHistoryRow row = { .kind = FOYER_HISTORY_EVENT,
    .user = G_MAXUINT32,
    .reason = reason,
    .words = words };
  g_autoptr (GError) error = NULL;

  if (insert (self, &row, &error))
    return TRUE;
  g_debug ("%s", error->message);
  return FALSE;
}

static void
note_lost (FoyerHistory *self, const char *why)
{
  self->n_lost++;
  self->n_untold++;
  g_free (self->problem);
  self->problem = g_strdup_printf (
      "%s: no session can begin until it can be written; %" G_GUINT64_FORMAT
      " rows are lost; make room on the disk",
      why, self->n_untold);
}

static void
note_written (FoyerHistory *self)
{
  g_autofree char *words = NULL;

  if (self->n_untold == 0)
    return;
  words = g_strdup_printf ("%" G_GUINT64_FORMAT
                           " rows could not be written before this one",
      self->n_untold);
  if (!insert_event (self, "rows-lost", words))
    return;
  self->n_untold = 0;
  g_clear_pointer (&self->problem, g_free);
}

gboolean
foyer_history_append (FoyerHistory *self, const FoyerHistoryRow *row,
    GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (!insert (self, row, &problem)) {
    note_lost (self, problem->message);
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  note_written (self);
  if (++self->n_appended >= TRIM_EVERY)
    foyer_history_trim (self);
  return TRUE;
}

/* trimming */

/* The first row that is to stay for its age. */
static gint64
find_first_young (FoyerHistory *self)
{
  gint64 now_us = foyer_clock_get_wall_us (self->clock);
  g_autofree char *sql = NULL;

  if (self->limits.days == 0)
    return 0;
  sql = g_strdup_printf (
      "SELECT COALESCE (MIN (id), 9223372036854775807) FROM log"
      " WHERE time_us >= %" G_GINT64_FORMAT,
      now_us - self->limits.days * US_A_DAY);
  return ask (self, sql);
}

/* And for the room it takes: as large a part of the rows goes as the database is
 * too large, and a tenth more, so that the next row does not trim again. */
static gint64
find_first_fitting (FoyerHistory *self)
{
  gint64 page_bytes = ask (self, "PRAGMA page_size");
  gint64 n_pages = ask (self, "PRAGMA page_count") -
      ask (self, "PRAGMA freelist_count");
  gint64 max_pages = page_bytes > 0
      ? (gint64) (self->limits.max_bytes / (guint64) page_bytes)
      : 0;
  gint64 first = ask (self, "SELECT COALESCE (MIN (id), 0) FROM log");
  gint64 last = ask (self, "SELECT COALESCE (MAX (id), 0) FROM log");

  if (self->limits.max_bytes == 0 || n_pages <= max_pages)
    return 0;
  return first +
      (gint64) ((double) (last - first) *
          (1 - 0.9 * (double) max_pages / (double) n_pages)) +
      1;
}

static gboolean
run (FoyerHistory *self, const char *sql)
{
  return sqlite3_exec (self->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static gboolean
delete_before (FoyerHistory *self, gint64 before)
{
  g_autofree char *sql = NULL;
  g_autofree char *words = NULL;

  sql = g_strdup_printf (
      "INSERT INTO trims (time_us, before) VALUES (%" G_GINT64_FORMAT
      ", %" G_GINT64_FORMAT "); DELETE FROM log WHERE id < %" G_GINT64_FORMAT,
      foyer_clock_get_wall_us (self->clock), before, before);
  if (!run (self, sql))
    return FALSE;
  words = g_strdup_printf ("%d rows were taken away for their age or for room",
      sqlite3_changes (self->db));
  return insert_event (self, "trimmed", words);
}

void
foyer_history_trim (FoyerHistory *self)
{
  gint64 first = ask (self, "SELECT COALESCE (MIN (id), 0) FROM log");
  gint64 before = MAX (find_first_young (self), find_first_fitting (self));

  self->n_appended = 0;
  before = MIN (before, first + TRIM_MAX_ROWS);
  before = MIN (before,
      ask (self, "SELECT COALESCE (MAX (id), 0) + 1 FROM log"));
  if (first == 0 || before <= first || !run (self, "BEGIN IMMEDIATE"))
    return;
  if (!delete_before (self, before) || !run (self, "COMMIT")) {
    g_debug ("trimming the log: %s", sqlite3_errmsg (self->db));
    (void) run (self, "ROLLBACK");
    return;
  }
  (void) run (self, "PRAGMA incremental_vacuum");
}

/* opening */

/* What is not known is not 0. */
#define UNKNOWN (-1)

static const char end_sql[] =
    "INSERT INTO log (time_us, kind, user, camera, camera_name, target,"
    "  target_name, session, rule, reason, words, frames, bytes,"
    "  first_sequence, last_sequence, generation, sound, began, began_us)"
    " SELECT ?2, 2, user, camera, camera_name, target, target_name, session,"
    "  rule, 'service-restarted', ?3, ?4, ?5, ?6, ?7, generation, sound, id,"
    "  time_us"
    " FROM log WHERE id = ?1";

/* A session that began and has no end. */
typedef struct
{
  gint64 id; /* of its row */
  guint64 session;
} Open;

/* (transfer full) (element-type Open): rows can't be added while they are read */
static GArray *
find_open (FoyerHistory *self)
{
  g_autoptr (sqlite3_stmt) query = NULL;
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Open));

  if (sqlite3_prepare_v2 (self->db,
          "SELECT id, session FROM log AS begun WHERE kind = 1 AND NOT EXISTS"
          "  (SELECT 1 FROM log WHERE began = begun.id)",
          -1, &query, NULL) != SQLITE_OK)
    return all;
  while (sqlite3_step (query) == SQLITE_ROW) {
    const Open begun = { sqlite3_column_int64 (query, 0),
      (guint64) sqlite3_column_int64 (query, 1) };

    g_array_append_val (all, begun);
  }
  return all;
}

static void
bind_end (sqlite3_stmt *query, const Open *begun, const char *tallies,
    gint64 time_us)
{
  FoyerAccount account = { 0 };
  gboolean is_known = tallies != NULL &&
      foyer_tallies_recall (tallies, begun->session, &account);
  const guint64 figures[] = { account.n_frames, account.n_bytes,
    account.first_sequence, account.last_sequence };

  sqlite3_bind_int64 (query, 1, begun->id);
  sqlite3_bind_int64 (query, 2, time_us);
  bind_text (query, 3,
      is_known ? "foyerd ended while the session ran"
               : "foyerd ended while the session ran; what left is not known");
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    sqlite3_bind_int64 (query, (int) i + 4,
        is_known ? (gint64) figures[i] : UNKNOWN);
}

/* All in one transaction: there may be hundreds. */
static gboolean
end_open_sessions (FoyerHistory *self, const char *tallies, GError **error)
{
  g_autoptr (sqlite3_stmt) query = NULL;
  g_autoptr (GArray) all = find_open (self);
  gint64 time_us = foyer_clock_get_wall_us (self->clock);
  gboolean is_done = all->len == 0 || run (self, "BEGIN IMMEDIATE");

  if (sqlite3_prepare_v2 (self->db, end_sql, -1, &query, NULL) != SQLITE_OK)
    return fail (self, "reconciling", error);
  for (guint i = 0; i < all->len && is_done; i++) {
    bind_end (query, &g_array_index (all, Open, i), tallies, time_us);
    is_done = sqlite3_step (query) == SQLITE_DONE &&
        sqlite3_reset (query) == SQLITE_OK;
  }
  return (is_done && (all->len == 0 || run (self, "COMMIT"))) ||
      fail (self, "reconciling", error);
}

static gboolean
is_whole (FoyerHistory *self)
{
  g_autoptr (sqlite3_stmt) query = NULL;

  if (sqlite3_prepare_v2 (self->db, "PRAGMA quick_check (1)", -1, &query,
          NULL) != SQLITE_OK ||
      sqlite3_step (query) != SQLITE_ROW)
    return FALSE;
  return g_strcmp0 ((const char *) sqlite3_column_text (query, 0), "ok") == 0;
}

static gboolean
is_damage (int result)
{
  return (result & 0xff) == SQLITE_CORRUPT || (result & 0xff) == SQLITE_NOTADB;
}

/* Opens what is there. Returns FALSE with *@out_is_damaged set if it is no whole
 * database. */
static gboolean
open_database (FoyerHistory *self, const char *path, gboolean *out_is_damaged,
    GError **error)
{
  int result = sqlite3_open_v2 (path, &self->db,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX, NULL);

  *out_is_damaged = FALSE;
  if (result == SQLITE_OK) {
    sqlite3_db_config (self->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    result = sqlite3_exec (self->db, settings, NULL, NULL, NULL);
  }
  if (result == SQLITE_OK && !is_whole (self))
    result = SQLITE_CORRUPT;
  if (result == SQLITE_OK && ask (self, is_first_sql) != 0)
    result = sqlite3_exec (self->db, migration, NULL, NULL, NULL);
  if (result == SQLITE_OK)
    result = sqlite3_exec (self->db, schema, NULL, NULL, NULL);
  if (result == SQLITE_OK)
    result = sqlite3_prepare_v3 (self->db, insert_sql, -1,
        SQLITE_PREPARE_PERSISTENT, &self->insert, NULL);
  if (result == SQLITE_OK)
    return TRUE;
  *out_is_damaged = is_damage (result);
  return fail (self, "opening", error);
}

static void
close_database (FoyerHistory *self)
{
  g_clear_pointer (&self->insert, sqlite3_finalize);
  g_clear_pointer (&self->db, sqlite3_close);
}

/* Takes the database and its journal out of the way, under a second name. */
static gboolean
put_aside (FoyerHistory *self, const char *path, GError **error)
{
  static const char *const endings[] = { "-wal", "-shm", "" };
  gint64 wall_us = foyer_clock_get_wall_us (self->clock);

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *file = g_strconcat (path, endings[i], NULL);
    g_autofree char *kept = NULL;

    if (!g_file_test (file, G_FILE_TEST_EXISTS))
      continue;
    if (!foyer_file_keep_beside (file, wall_us, &kept, error))
      return FALSE;
    (void) g_unlink (file);
  }
  return TRUE;
}

/* SQLite gives its journal the mode of the database. */
static void
ensure_file (const char *path)
{
  foyer_autofd int fd = open (path,
      O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

  (void) fd; /* what is wrong is told when it is opened as a database */
}

static gboolean
open_or_begin_anew (FoyerHistory *self, const char *path, GError **error)
{
  g_autoptr (GError) problem = NULL;
  gboolean is_damaged;

  ensure_file (path);
  if (open_database (self, path, &is_damaged, &problem))
    return TRUE;
  close_database (self);
  if (!is_damaged) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  if (!put_aside (self, path, error))
    return FALSE;
  ensure_file (path);
  if (!open_database (self, path, &is_damaged, error))
    return FALSE;
  (void) insert_event (self, "log-damaged",
      "the log was damaged: it is kept beside, and this one begins anew");
  return TRUE;
}

FoyerHistory *
foyer_history_open (const char *path, const FoyerHistoryLimits *limits,
    const char *tallies, const FoyerClock *clock, GError **error)
{
  g_autoptr (FoyerHistory) self = g_new0 (FoyerHistory, 1);

  self->limits = *limits;
  self->clock = clock;
  if (!open_or_begin_anew (self, path, error) ||
      !end_open_sessions (self, tallies, error))
    return NULL;
  if (tallies != NULL)
    foyer_tallies_clear (tallies);
  foyer_history_trim (self);
  return g_steal_pointer (&self);
}

void
foyer_history_free (FoyerHistory *self)
{
  close_database (self);
  g_free (self->problem);
  g_free (self);
}

/* listing */

typedef struct
{
  gint64 since_us;
  gint64 until_us;
  const char *camera;
  const char *display;
  guint32 kinds; /* a bit for each FoyerHistoryKind */
  guint32 limit;
} Filter;

#define KIND(x) (1u << (FOYER_HISTORY_##x))

static gboolean
parse_kind (const char *text, guint32 *out_kinds)
{
  if (strcmp (text, "session") == 0)
    *out_kinds = KIND (BEGIN) | KIND (END);
  else if (strcmp (text, "refusal") == 0)
    *out_kinds = KIND (REFUSAL);
  else if (strcmp (text, "rule") == 0)
    *out_kinds = KIND (RULE);
  else if (strcmp (text, "event") == 0)
    *out_kinds = KIND (EVENT);
  else
    return FALSE;
  return TRUE;
}

static gint64
get_us (GVariant *value)
{
  guint64 time_s = g_variant_get_uint64 (value);

  return (gint64) MIN (time_s, G_MAXINT64 / G_USEC_PER_SEC) * G_USEC_PER_SEC;
}

/* (nullable): what is wrong with it. */
static const char *
parse_option (const char *key, GVariant *value, Filter *filter)
{
  gboolean is_text = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);
  gboolean is_time = g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64);

  if (strcmp (key, "since") == 0 && is_time)
    filter->since_us = get_us (value);
  else if (strcmp (key, "until") == 0 && is_time)
    filter->until_us = get_us (value);
  else if (strcmp (key, "camera") == 0 && is_text)
    filter->camera = g_variant_get_string (value, NULL);
  else if (strcmp (key, "display") == 0 && is_text)
    filter->display = g_variant_get_string (value, NULL);
  else if (strcmp (key, "kind") == 0 && is_text)
    return parse_kind (g_variant_get_string (value, NULL), &filter->kinds)
        ? NULL
        : "none of \"session\", \"refusal\", \"rule\", \"event\"";
  else if (strcmp (key, "limit") == 0 &&
      g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32))
    filter->limit = g_variant_get_uint32 (value);
  else
    return "no such option, or not of its type";
  return filter->limit <= MAX_LISTED ? NULL : "more than is ever listed";
}

static gboolean
parse_options (GVariant *options, Filter *filter, GError **error)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &value)) {
    g_autoptr (GVariant) owned = value;
    g_autofree char *safe = foyer_text_escape (key);
    /* What is borrowed from the value lives as long as the options. */
    const char *problem = parse_option (key, owned, filter);

    if (problem != NULL) {
      g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID, "%s: %s", safe,
          problem);
      return FALSE;
    }
  }
  return TRUE;
}

/* A beginning is not told of when its end is. */
static const char list_sql[] =
    "SELECT id, time_us, kind, user, camera, camera_name, target, target_name,"
    "  session, rule, reason, words, began_us, frames, bytes, first_sequence,"
    "  last_sequence, generation, sound FROM log AS row"
    " WHERE time_us >= ?1 AND time_us < ?2 AND (?3 IS NULL OR camera = ?3)"
    "  AND (?4 IS NULL OR target = 'display:' || ?4)"
    "  AND (?5 >> kind & 1) AND (?6 OR user = ?7)"
    "  AND NOT (kind = 1 AND EXISTS"
    "    (SELECT 1 FROM log WHERE began = row.id))"
    " ORDER BY id DESC LIMIT ?8";

typedef struct
{
  const char *name;
  /* "k" for the kind, "f" for a figure that may be unknown, "o" for a text that may
   * not be there */
  const char *type;
} Column;

#define N_PLAIN 12 /* columns before those of an end */

static const Column columns[] = {
  { "id", "t" },
  { "time", "t" },
  { "kind", "k" },
  { "user", "u" },
  { "camera", "s" },
  { "camera-name", "s" },
  { "target", "s" },
  { "target-name", "s" },
  { "session", "t" },
  { "rule", "t" },
  { "reason", "s" },
  { "words", "s" },
  { "began", "t" },
  { "frames", "f" },
  { "bytes", "f" },
  { "first-sequence", "f" },
  { "last-sequence", "f" },
  { "generation", "t" },
  { "sound", "o" },
};

static const char *
kind_to_string (gint64 kind)
{
  switch ((FoyerHistoryKind) kind) {
    case FOYER_HISTORY_EVENT:
      break;
    case FOYER_HISTORY_BEGIN:
    case FOYER_HISTORY_END:
      return "session";
    case FOYER_HISTORY_REFUSAL:
      return "refusal";
    case FOYER_HISTORY_RULE:
      return "rule";
  }
  return "event";
}

static GVariant *
get_column (sqlite3_stmt *query, int at)
{
  const char *text;

  switch (*columns[at].type) {
    case 'f':
    case 't':
      return g_variant_new_uint64 ((guint64) sqlite3_column_int64 (query, at));
    case 'u':
      return g_variant_new_uint32 ((guint32) sqlite3_column_int64 (query, at));
    case 'k':
      return g_variant_new_string (
          kind_to_string (sqlite3_column_int64 (query, at)));
    default:
      text = (const char *) sqlite3_column_text (query, at);
      return g_variant_new_take_string (
          g_utf8_make_valid (text != NULL ? text : "", -1));
  }
}

static gboolean
is_known (sqlite3_stmt *query, int at)
{
  switch (*columns[at].type) {
    case 'f':
      return sqlite3_column_int64 (query, at) != UNKNOWN;
    case 'o':
      return sqlite3_column_type (query, at) != SQLITE_NULL;
    default:
      return TRUE;
  }
}

static void
add_entry (GVariantBuilder *entries, sqlite3_stmt *query)
{
  gboolean is_end = sqlite3_column_int64 (query, 2) == FOYER_HISTORY_END;
  int n_columns = is_end ? (int) G_N_ELEMENTS (columns) : N_PLAIN;

  g_variant_builder_open (entries, G_VARIANT_TYPE_VARDICT);
  for (int i = 0; i < n_columns; i++)
    if (is_known (query, i))
      g_variant_builder_add (entries, "{sv}", columns[i].name,
          get_column (query, i));
  g_variant_builder_close (entries);
}

static void
bind_filter (sqlite3_stmt *query, const Filter *filter, gboolean is_all,
    guint32 user)
{
  sqlite3_bind_int64 (query, 1, filter->since_us);
  sqlite3_bind_int64 (query, 2, filter->until_us);
  if (filter->camera != NULL)
    sqlite3_bind_text (query, 3, filter->camera, -1, SQLITE_TRANSIENT);
  if (filter->display != NULL)
    sqlite3_bind_text (query, 4, filter->display, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (query, 5, filter->kinds);
  sqlite3_bind_int (query, 6, is_all);
  sqlite3_bind_int64 (query, 7, user);
  sqlite3_bind_int64 (query, 8, filter->limit);
}

GVariant *
foyer_history_list (FoyerHistory *self, GVariant *options, gboolean is_all,
    guint32 user, GError **error)
{
  Filter filter = { .since_us = G_MININT64,
    .until_us = G_MAXINT64,
    .kinds = G_MAXUINT32,
    .limit = DEFAULT_LISTED };
  g_autoptr (sqlite3_stmt) query = NULL;
  GVariantBuilder entries;
  int result;

  if (!parse_options (options, &filter, error))
    return NULL;
  if (sqlite3_prepare_v2 (self->db, list_sql, -1, &query, NULL) != SQLITE_OK) {
    fail (self, "reading", error);
    return NULL;
  }
  bind_filter (query, &filter, is_all, user);
  g_variant_builder_init (&entries, G_VARIANT_TYPE ("aa{sv}"));
  while ((result = sqlite3_step (query)) == SQLITE_ROW)
    add_entry (&entries, query);
  if (result != SQLITE_DONE) {
    g_variant_builder_clear (&entries);
    fail (self, "reading", error);
    return NULL;
  }
  return g_variant_builder_end (&entries);
}

guint64
foyer_history_get_last_session (FoyerHistory *self)
{
  return (guint64) ask (self, "SELECT COALESCE (MAX (session), 0) FROM log");
}

char *
foyer_history_dup_problem (FoyerHistory *self)
{
  return g_strdup (self->problem);
}

guint64
foyer_history_get_n_lost (FoyerHistory *self)
{
  return self->n_lost;
}
