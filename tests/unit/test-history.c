/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-history.h"
#include "foyer-tallies.h"
#include "foyer-test-clock.h"
#include "foyer-test-folder.h"

#include <signal.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOON_US  (G_GINT64_CONSTANT (1767268800) * G_USEC_PER_SEC) /* 2026 */
#define US_A_DAY (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

typedef struct
{
  char *folder;
  char *path;
  FoyerTestClock clock;
  FoyerHistoryLimits limits;
  FoyerHistory *log;
} House;

static void
reopen (House *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->log, foyer_history_free);
  self->log = foyer_history_open (self->path, &self->limits, self->folder,
      &self->clock.clock, &error);
  g_assert_no_error (error);
}

static void
set_up (House *self, gconstpointer data)
{
  self->folder = foyer_test_folder_new ();
  self->path = g_build_filename (self->folder, "history.db", NULL);
  foyer_test_clock_init (&self->clock, 1, NOON_US);
  reopen (self);
}

static void
tear_down (House *self, gconstpointer data)
{
  g_clear_pointer (&self->log, foyer_history_free);
  foyer_test_folder_remove (self->folder);
  g_free (self->path);
  g_free (self->folder);
}

static void
append (House *self, FoyerHistoryKind kind, guint64 session, guint32 user)
{
  FoyerHistoryRow row = { .kind = kind,
    .user = user,
    .camera = "test:A",
    .camera_name = "Nursery",
    .target = "display:mdns:x",
    .target_name = "Kitchen",
    .session = session,
    .rule = 7,
    .reason = "why",
    .words = "because",
    .frames = 10,
    .bytes = 1000,
    .first_sequence = 5,
    .last_sequence = 14,
    .generation = 3,
    .sound = kind == FOYER_HISTORY_BEGIN ? "granted" : "camera" };
  g_autoptr (GError) error = NULL;

  g_assert_true (foyer_history_append (self->log, &row, &error));
  g_assert_no_error (error);
  foyer_test_clock_advance (&self->clock, G_USEC_PER_SEC);
}

static GVariant *
list (House *self, const char *options)
{
  g_autoptr (GVariant) parsed = g_variant_parse (G_VARIANT_TYPE_VARDICT,
      options, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;
  GVariant *entries;

  g_assert_nonnull (parsed);
  entries = foyer_history_list (self->log, parsed, TRUE, 0, &error);
  g_assert_no_error (error);
  return g_variant_ref_sink (entries);
}

static gsize
count (House *self, const char *options)
{
  g_autoptr (GVariant) entries = list (self, options);

  return g_variant_n_children (entries);
}

/* The named number of the entry at @index; -1 if it has none. */
static gint64
get_number (GVariant *entries, gsize index, const char *key)
{
  g_autoptr (GVariant) entry = g_variant_get_child_value (entries, index);
  guint64 number;

  if (!g_variant_lookup (entry, key, "t", &number))
    return -1;
  return (gint64) number;
}

static char *
get_text (GVariant *entries, gsize index, const char *key)
{
  g_autoptr (GVariant) entry = g_variant_get_child_value (entries, index);
  char *text = NULL;

  g_variant_lookup (entry, key, "s", &text);
  return text;
}

static void
test_session (House *self, gconstpointer data)
{
  g_autoptr (GVariant) running = NULL;
  g_autoptr (GVariant) ended = NULL;
  g_autofree char *kind = NULL;
  g_autofree char *camera = NULL;
  g_autofree char *target = NULL;
  g_autofree char *sound = NULL;

  append (self, FOYER_HISTORY_BEGIN, 4, 1000);
  running = list (self, "@a{sv} {}");
  g_assert_cmpuint (g_variant_n_children (running), ==, 1);
  kind = get_text (running, 0, "kind");
  g_assert_cmpstr (kind, ==, "session");
  g_assert_cmpint (get_number (running, 0, "began"), ==, -1);
  append (self, FOYER_HISTORY_END, 4, 1000);
  ended = list (self, "@a{sv} {}");
  g_assert_cmpuint (g_variant_n_children (ended), ==, 1);
  g_assert_cmpint (get_number (ended, 0, "began"), ==, NOON_US);
  g_assert_cmpint (get_number (ended, 0, "time"), ==, NOON_US + G_USEC_PER_SEC);
  g_assert_cmpint (get_number (ended, 0, "frames"), ==, 10);
  g_assert_cmpint (get_number (ended, 0, "bytes"), ==, 1000);
  g_assert_cmpint (get_number (ended, 0, "first-sequence"), ==, 5);
  g_assert_cmpint (get_number (ended, 0, "last-sequence"), ==, 14);
  g_assert_cmpint (get_number (ended, 0, "generation"), ==, 3);
  g_assert_cmpint (get_number (ended, 0, "session"), ==, 4);
  g_assert_cmpint (get_number (ended, 0, "rule"), ==, 7);
  camera = get_text (ended, 0, "camera");
  g_assert_cmpstr (camera, ==, "test:A");
  target = get_text (ended, 0, "target");
  g_assert_cmpstr (target, ==, "display:mdns:x");
  sound = get_text (ended, 0, "sound");
  g_assert_cmpstr (sound, ==, "camera");
}

static void
test_filters (House *self, gconstpointer data)
{
  append (self, FOYER_HISTORY_REFUSAL, 0, 1000);
  append (self, FOYER_HISTORY_RULE, 0, 1001);
  append (self, FOYER_HISTORY_EVENT, 0, G_MAXUINT32);
  append (self, FOYER_HISTORY_BEGIN, 1, 1000);
  g_assert_cmpuint (count (self, "@a{sv} {}"), ==, 4);
  g_assert_cmpuint (count (self, "{'kind': <'refusal'>}"), ==, 1);
  g_assert_cmpuint (count (self, "{'kind': <'rule'>}"), ==, 1);
  g_assert_cmpuint (count (self, "{'kind': <'event'>}"), ==, 1);
  g_assert_cmpuint (count (self, "{'kind': <'session'>}"), ==, 1);
  g_assert_cmpuint (count (self, "{'camera': <'test:A'>}"), ==, 4);
  g_assert_cmpuint (count (self, "{'camera': <'x\\' OR 1=1 --'>}"), ==, 0);
  g_assert_cmpuint (count (self, "{'display': <'mdns:x'>}"), ==, 4);
  g_assert_cmpuint (count (self, "{'display': <'mdns:%'>}"), ==, 0);
  g_assert_cmpuint (count (self, "{'limit': <uint32 2>}"), ==, 2);
  g_assert_cmpuint (count (self, "{'limit': <uint32 0>}"), ==, 0);
  g_assert_cmpuint (count (self, "{'since': <uint64 1767268801>}"), ==, 3);
  g_assert_cmpuint (count (self, "{'until': <uint64 1767268801>}"), ==, 1);
  g_assert_cmpuint (count (self, "{'since': <uint64 18446744073709551615>}"),
      ==, 0);
}

static void
test_own_alone (House *self, gconstpointer data)
{
  g_autoptr (GVariant) none = g_variant_ref_sink (
      g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (GVariant) mine = NULL;

  append (self, FOYER_HISTORY_REFUSAL, 0, 1000);
  append (self, FOYER_HISTORY_REFUSAL, 0, 1001);
  append (self, FOYER_HISTORY_EVENT, 0, G_MAXUINT32);
  mine = g_variant_ref_sink (
      foyer_history_list (self->log, none, FALSE, 1001, NULL));
  g_assert_cmpuint (g_variant_n_children (mine), ==, 1);
}

static void
test_bad_options (House *self, gconstpointer data)
{
  static const char *const bad[] = { "{'kind': <'film'>}", "{'kind': <1>}",
    "{'since': <'x'>}", "{'since': <1>}", "{'limit': <uint32 10001>}",
    "{'colour': <1>}", "{'camera': <uint64 1>}" };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GVariant) options = g_variant_parse (G_VARIANT_TYPE_VARDICT,
        bad[i], NULL, NULL, NULL);
    g_autoptr (GError) error = NULL;

    g_assert_null (foyer_history_list (self->log, options, TRUE, 0, &error));
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
  }
}

static void
test_any_text (House *self, gconstpointer data)
{
  g_autofree char *longer = g_strnfill (600, 'x');
  FoyerHistoryRow row = { .camera_name = "a\xff'; DROP TABLE log; --\n",
    .words = longer };
  g_autofree char *letters = NULL;
  g_autoptr (GVariant) entries = NULL;
  g_autofree char *words = NULL;
  g_autofree char *name = NULL;

  g_assert_true (foyer_history_append (self->log, &row, NULL));
  entries = list (self, "@a{sv} {}");
  words = get_text (entries, 0, "words");
  g_assert_cmpuint (strlen (words), ==, 512);
  name = get_text (entries, 0, "camera-name");
  g_assert_true (g_str_has_prefix (name, "a\xef\xbf\xbd'; DROP"));
  /* Never half a letter. */
  memset (longer, 0, 600);
  for (guint i = 0; i + 3 < 600; i += 3)
    memcpy (longer + i, "\xe2\x82\xac", 3);
  g_assert_true (foyer_history_append (self->log, &row, NULL));
  g_clear_pointer (&entries, g_variant_unref);
  entries = list (self, "@a{sv} {}");
  letters = get_text (entries, 0, "words");
  g_assert_cmpuint (strlen (letters), ==, 510);
}

/* Sessions that were running when foyerd died have an end from the next start
 * on; those of the same number from a start before are not taken for them. */
static void
test_reconciles (House *self, gconstpointer data)
{
  g_autoptr (GVariant) entries = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *sound = NULL;

  append (self, FOYER_HISTORY_BEGIN, 1, 1000);
  append (self, FOYER_HISTORY_END, 1, 1000);
  append (self, FOYER_HISTORY_BEGIN, 1, 1000);
  append (self, FOYER_HISTORY_BEGIN, 2, 1001);
  append (self, FOYER_HISTORY_END, 2, 1001);
  reopen (self);
  entries = list (self, "@a{sv} {}");
  g_assert_cmpuint (g_variant_n_children (entries), ==, 3);
  reason = get_text (entries, 0, "reason");
  g_assert_cmpstr (reason, ==, "service-restarted");
  sound = get_text (entries, 0, "sound");
  g_assert_cmpstr (sound, ==, "granted");
  g_assert_cmpint (get_number (entries, 0, "session"), ==, 1);
  g_assert_cmpint (get_number (entries, 0, "began"), ==,
      NOON_US + 2 * G_USEC_PER_SEC);
  reopen (self);
  g_assert_cmpuint (count (self, "@a{sv} {}"), ==, 3);
  g_assert_cmpuint (foyer_history_get_last_session (self->log), ==, 2);
}

static gboolean
has_figure (GVariant *entries, guint at, const char *name)
{
  g_autoptr (GVariant) entry = g_variant_get_child_value (entries, at);

  return g_variant_lookup (entry, name, "t", NULL);
}

/* What a worker counted is known also when foyerd died with it. */
static void
test_recalls (House *self, gconstpointer data)
{
  const FoyerAccount told = { .n_frames = 5,
    .first_sequence = 11,
    .last_sequence = 17 };
  g_autoptr (GVariant) entries = NULL;
  g_autofree char *left = NULL;
  g_autofree char *words = NULL;
  g_auto (FoyerTally) theirs = { NULL };
  foyer_autofd int counted = foyer_tallies_begin (self->folder, 3, NULL);
  foyer_autofd int silent = foyer_tallies_begin (self->folder, 4, NULL);

  g_assert_cmpint (silent, >=, 0);
  g_assert_true (foyer_tally_take (&theirs, counted, NULL));
  foyer_tally_write (&theirs, &told);
  foyer_tally_add_bytes (&theirs, 4321);
  append (self, FOYER_HISTORY_BEGIN, 3, 1000);
  append (self, FOYER_HISTORY_BEGIN, 4, 1000);
  append (self, FOYER_HISTORY_BEGIN, 5, 1000);
  reopen (self);
  entries = list (self, "@a{sv} {}");
  g_assert_cmpuint (g_variant_n_children (entries), ==, 3);
  g_assert_cmpint (get_number (entries, 2, "session"), ==, 3);
  g_assert_cmpint (get_number (entries, 2, "frames"), ==, 5);
  g_assert_cmpint (get_number (entries, 2, "bytes"), ==, 4321);
  g_assert_cmpint (get_number (entries, 2, "first-sequence"), ==, 11);
  g_assert_cmpint (get_number (entries, 2, "last-sequence"), ==, 17);
  g_assert_true (has_figure (entries, 1, "frames"));
  g_assert_cmpint (get_number (entries, 1, "frames"), ==, 0);
  /* Of the last nobody knows: it is not said to be 0. */
  g_assert_false (has_figure (entries, 0, "frames"));
  g_assert_false (has_figure (entries, 0, "last-sequence"));
  g_assert_true (has_figure (entries, 0, "generation"));
  words = get_text (entries, 0, "words");
  g_assert_true (g_str_has_suffix (words, "what left is not known"));
  /* Nothing is left to be taken for another session's. */
  left = foyer_test_folder_list (self->folder);
  g_assert_null (strstr (left, "tally"));
}

/* appending only */

static int
try_sql (House *self, const char *sql)
{
  sqlite3 *db = NULL;
  int result = sqlite3_open (self->path, &db);

  if (result == SQLITE_OK)
    result = sqlite3_exec (db, sql, NULL, NULL, NULL);
  sqlite3_close (db);
  return result;
}

static void
test_append_only (House *self, gconstpointer data)
{
  append (self, FOYER_HISTORY_REFUSAL, 0, 1000);
  /* While it is ours nobody else gets at it at all. */
  g_assert_cmpint (try_sql (self, "SELECT * FROM log"), ==, SQLITE_BUSY);
  g_clear_pointer (&self->log, foyer_history_free);
  g_assert_cmpint (try_sql (self, "SELECT * FROM log"), ==, SQLITE_OK);
  g_assert_cmpint (try_sql (self, "UPDATE log SET user = 1"), ==,
      SQLITE_CONSTRAINT);
  g_assert_cmpint (try_sql (self, "DELETE FROM log"), ==, SQLITE_CONSTRAINT);
  g_assert_cmpint (try_sql (self,
                       "INSERT INTO trims VALUES (1, 1, 1);"
                       "DELETE FROM trims"),
      ==, SQLITE_CONSTRAINT);
  g_assert_cmpint (try_sql (self, "UPDATE trims SET before = 9"), ==,
      SQLITE_CONSTRAINT);
  reopen (self);
  g_assert_cmpuint (count (self, "@a{sv} {}"), ==, 1);
}

/* A log from before there was sound is gone on with, and says nothing of it. */
static void
test_first_version (House *self, gconstpointer data)
{
  g_autoptr (GVariant) entries = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  append (self, FOYER_HISTORY_BEGIN, 1, 1000);
  append (self, FOYER_HISTORY_END, 1, 1000);
  g_clear_pointer (&self->log, foyer_history_free);
  g_assert_cmpint (try_sql (self,
                       "ALTER TABLE log DROP COLUMN sound;"
                       "PRAGMA user_version = 1"),
      ==, SQLITE_OK);
  reopen (self);
  append (self, FOYER_HISTORY_BEGIN, 2, 1000);
  append (self, FOYER_HISTORY_END, 2, 1000);
  reopen (self);
  entries = list (self, "@a{sv} {}");
  g_assert_cmpuint (g_variant_n_children (entries), ==, 2);
  second = get_text (entries, 0, "sound");
  g_assert_cmpstr (second, ==, "camera");
  g_assert_cmpint (get_number (entries, 1, "frames"), ==, 10);
  first = get_text (entries, 1, "sound");
  g_assert_null (first);
}

static void
test_mode (House *self, gconstpointer data)
{
  struct stat status;

  g_assert_cmpint (stat (self->path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
}

/* retention */

static void
test_days (House *self, gconstpointer data)
{
  g_autoptr (GVariant) entries = NULL;
  g_autofree char *reason = NULL;

  self->limits.days = 30;
  append (self, FOYER_HISTORY_REFUSAL, 0, 1);
  append (self, FOYER_HISTORY_REFUSAL, 0, 1);
  foyer_test_clock_advance (&self->clock, 10 * US_A_DAY);
  append (self, FOYER_HISTORY_REFUSAL, 0, 1);
  reopen (self);
  g_assert_cmpuint (count (self, "@a{sv} {}"), ==, 3);
  foyer_test_clock_advance (&self->clock, 25 * US_A_DAY);
  reopen (self);
  entries = list (self, "@a{sv} {}");
  g_assert_cmpuint (g_variant_n_children (entries), ==, 2);
  reason = get_text (entries, 0, "reason");
  g_assert_cmpstr (reason, ==, "trimmed");
  g_assert_cmpint (get_number (entries, 1, "id"), ==, 3);
  /* Numbers of rows are not given again. */
  foyer_test_clock_advance (&self->clock, 100 * US_A_DAY);
  reopen (self);
  append (self, FOYER_HISTORY_REFUSAL, 0, 1);
  g_clear_pointer (&entries, g_variant_unref);
  entries = list (self, "@a{sv} {}");
  g_assert_cmpint (get_number (entries, 0, "id"), ==, 6);
}

static void
test_clock_set_back (House *self, gconstpointer data)
{
  self->limits.days = 30;
  append (self, FOYER_HISTORY_REFUSAL, 0, 1);
  foyer_test_clock_advance (&self->clock, -20000 * US_A_DAY);
  append (self, FOYER_HISTORY_REFUSAL, 0, 1);
  reopen (self);
  foyer_test_clock_advance (&self->clock, 20000 * US_A_DAY);
  reopen (self);
  /* What stands behind a row that is young stays. */
  g_assert_cmpuint (count (self, "@a{sv} {}"), ==, 2);
}

/* Many rows in one transaction, as fast as a disk allows. */
static void
fill (House *self, guint n_rows)
{
  sqlite3 *db = NULL;
  g_autofree char *sql = g_strdup_printf (
      "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n"
      " WHERE x < %u) INSERT INTO log SELECT NULL, %" G_GINT64_FORMAT
      " + x, 3, 1, 'test:A', 'A', 'display:x', 'X', 0, 0, 'denied',"
      " hex (zeroblob (100)), 0, 0, 0, 0, 0, NULL, NULL, NULL FROM n",
      n_rows, NOON_US);

  g_clear_pointer (&self->log, foyer_history_free);
  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

static gint64
get_file_bytes (House *self)
{
  struct stat status;

  g_assert_cmpint (stat (self->path, &status), ==, 0);
  return status.st_size;
}

static void
test_size (House *self, gconstpointer data)
{
  gint64 before;

  fill (self, 3000);
  before = get_file_bytes (self);
  g_assert_cmpint (before, >, 800000);
  self->limits.max_bytes = 300000;
  for (int i = 0; i < 3; i++)
    reopen (self);
  g_clear_pointer (&self->log, foyer_history_free);
  g_assert_cmpint (get_file_bytes (self), <=, 300000);
  reopen (self);
  /* The newest are those that are left. */
  g_assert_cmpuint (count (self, "{'limit': <uint32 500>}"), ==, 500);
}

/* A clock far ahead takes no more at a time than is bounded. */
static void
test_clock_far_ahead (House *self, gconstpointer data)
{
  fill (self, 2300);
  self->limits.days = 30;
  foyer_test_clock_advance (&self->clock, 20000 * US_A_DAY);
  reopen (self);
  g_assert_cmpuint (count (self, "{'limit': <uint32 10000>}"), ==, 301);
}

/* failing disks */

/* A file may not grow any more: what a full disk looks like to a process. */
static void
append_until_full (House *self)
{
  struct rlimit limit = { 300 * 1024, RLIM_INFINITY };
  FoyerHistoryRow begin = { .kind = FOYER_HISTORY_BEGIN, .session = 1 };
  g_autofree char *problem = NULL;
  guint n_done = 0;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  for (;; n_done++) {
    g_autoptr (GError) error = NULL;

    g_assert_cmpuint (n_done, <, 10000);
    if (foyer_history_append (self->log, &begin, &error))
      continue;
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_FAILED);
    break;
  }
  g_assert_false (foyer_history_append (self->log, &begin, NULL));
  g_assert_cmpuint (foyer_history_get_n_lost (self->log), ==, 2);
  problem = foyer_history_dup_problem (self->log);
  g_assert_nonnull (strstr (problem, "2 rows are lost"));
  /* There is room again. */
  limit.rlim_cur = RLIM_INFINITY;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  g_assert_true (foyer_history_append (self->log, &begin, NULL));
  g_clear_pointer (&problem, g_free);
  problem = foyer_history_dup_problem (self->log);
  g_assert_null (problem);
  g_assert_cmpuint (count (self, "{'kind': <'event'>}"), ==, 1);
  g_assert_cmpuint (count (self,
                        "{'kind': <'session'>, 'limit': <uint32 "
                        "10000>}"),
      ==, n_done + 1);
}

static void
test_full_disk (House *self, gconstpointer data)
{
  append_until_full (self);
}

static void
test_damaged (House *self, gconstpointer data)
{
  g_autofree char *names = NULL;
  g_autofree char *kept = NULL;

  append (self, FOYER_HISTORY_REFUSAL, 0, 1);
  g_clear_pointer (&self->log, foyer_history_free);
  foyer_test_folder_write (self->folder, "history.db",
      "This is not a database, whatever its name may be.", 0600);
  reopen (self);
  g_assert_cmpuint (count (self, "{'kind': <'event'>}"), ==, 1);
  names = foyer_test_folder_list (self->folder);
  kept = foyer_test_folder_read (self->folder,
      "history.db.damaged-20260101T120001Z");
  g_assert_nonnull (kept);
  g_assert_true (g_str_has_prefix (kept, "This is not"));
}

static void
test_no_folder (House *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "no", "log", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (foyer_history_open (path, &self->limits, NULL,
      &self->clock.clock, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_FAILED);
}

/* kill -9: the child tells of each row once it was promised to be there. */

static void G_GNUC_NORETURN
run_child (House *self, int out)
{
  FoyerHistoryRow row = { .kind = FOYER_HISTORY_REFUSAL, .words = "child" };
  g_autoptr (FoyerHistory) log = foyer_history_open (self->path, &self->limits,
      NULL, &self->clock.clock, NULL);
  char one = 1;

  while (log != NULL && foyer_history_append (log, &row, NULL))
    if (write (out, &one, 1) != 1)
      break;
  _exit (1);
}

static guint
kill_in_mid_append (House *self, guint n_wanted)
{
  int ends[2];
  pid_t child;
  guint n_rows = 0;
  char byte;

  g_assert_cmpint (pipe (ends), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    run_child (self, ends[1]);
  close (ends[1]);
  while (n_rows < n_wanted && read (ends[0], &byte, 1) == 1)
    n_rows++;
  g_assert_cmpint (kill (child, SIGKILL), ==, 0);
  while (read (ends[0], &byte, 1) == 1)
    n_rows++;
  close (ends[0]);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_assert_cmpuint (n_rows, >=, n_wanted);
  return n_rows;
}

static void
test_kill (House *self, gconstpointer data)
{
  guint n_told = 0;

  for (guint i = 0; i < 20; i++) {
    gsize n_there;

    g_clear_pointer (&self->log, foyer_history_free);
    n_told += kill_in_mid_append (self, i % 5 + 1);
    reopen (self);
    /* Whole, since it was not put aside; and at most one row a kill was written
     * that nobody was told of. */
    g_assert_cmpuint (count (self, "{'kind': <'event'>}"), ==, 0);
    n_there = count (self, "{'limit': <uint32 10000>}");
    g_assert_cmpuint (n_there, >=, n_told);
    g_assert_cmpuint (n_there, <=, n_told + i + 1);
  }
}

static void
add_test (const char *name, void (*func) (House *, gconstpointer))
{
  g_test_add (name, House, NULL, set_up, func, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_test ("/history/session", test_session);
  add_test ("/history/filters", test_filters);
  add_test ("/history/own-alone", test_own_alone);
  add_test ("/history/bad-options", test_bad_options);
  add_test ("/history/any-text", test_any_text);
  add_test ("/history/reconciles", test_reconciles);
  add_test ("/history/recalls", test_recalls);
  add_test ("/history/append-only", test_append_only);
  add_test ("/history/first-version", test_first_version);
  add_test ("/history/mode", test_mode);
  add_test ("/history/days", test_days);
  add_test ("/history/clock/set-back", test_clock_set_back);
  add_test ("/history/clock/far-ahead", test_clock_far_ahead);
  add_test ("/history/size", test_size);
  add_test ("/history/disk/full", test_full_disk);
  add_test ("/history/disk/damaged", test_damaged);
  add_test ("/history/disk/no-folder", test_no_folder);
  add_test ("/history/kill", test_kill);
  return g_test_run ();
}
