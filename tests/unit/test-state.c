/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-state-text.h"
#include "foyer-state.h"
#include "foyer-test-clock.h"
#include "foyer-test-folder.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOON_US (G_GINT64_CONSTANT (1767268800) * G_USEC_PER_SEC) /* 2026 */

/* a disk that fails when it is told to */

static int n_calls_left = -1; /* -1 for never */
static int failure = 0;       /* errno of the call that fails, and all after */
static gboolean is_once = FALSE;
static gboolean has_failed = FALSE;

static gboolean
fails_now (void)
{
  if (n_calls_left < 0 || n_calls_left-- > 0)
    return FALSE;
  has_failed = TRUE;
  n_calls_left = is_once ? -1 : 0;
  errno = failure;
  return TRUE;
}

/* Half of it comes through first, as on a disk that fills up. */
static ssize_t
failing_write (int fd, const void *data, size_t n_bytes)
{
  if (fails_now ()) {
    ssize_t n = write (fd, data, n_bytes / 2);

    g_assert_cmpint (n, >=, 0);
    errno = failure;
    return -1;
  }
  return write (fd, data, n_bytes);
}

/* No test cuts the power. */
static int
failing_fsync (int fd)
{
  return fails_now () ? -1 : 0;
}

static int
failing_rename (const char *from, const char *to)
{
  return fails_now () ? -1 : rename (from, to);
}

static const FoyerFileOps failing_ops = { failing_write, failing_fsync,
  failing_rename };

/* fixture */

typedef struct
{
  char *folder;
  FoyerTestClock clock;
  FoyerState *state;
} House;

static void
reopen (House *self)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->state, foyer_state_free);
  self->state = foyer_state_open (self->folder, &self->clock.clock,
      &failing_ops, &error);
  g_assert_no_error (error);
}

static void
set_up (House *self, gconstpointer data)
{
  n_calls_left = -1;
  is_once = FALSE;
  self->folder = foyer_test_folder_new ();
  foyer_test_clock_init (&self->clock, 1, NOON_US);
  reopen (self);
}

static void
tear_down (House *self, gconstpointer data)
{
  g_clear_pointer (&self->state, foyer_state_free);
  foyer_test_folder_remove (self->folder);
  g_free (self->folder);
}

static guint64
add_rule (House *self, const char *camera, const char *display, GError **error)
{
  FoyerInterner *ids = foyer_state_get_ids (self->state);
  FoyerRule rule = { .verdict = FOYER_VERDICT_ALLOW,
    .subject = FOYER_SUBJECT_ANY,
    .camera = foyer_interner_intern_camera (ids, camera),
    .target = FOYER_TARGET_DISPLAY,
    .target_id = foyer_interner_intern_target (ids, FOYER_TARGET_DISPLAY,
        display),
    .media = FOYER_MEDIA_VIDEO };

  if (!foyer_state_add_rule (self->state, &rule, error))
    return 0;
  return rule.id.v;
}

static guint
count_problems (House *self)
{
  return g_strv_length ((char **) foyer_state_get_problems (self->state));
}

static guint
count_rules (House *self)
{
  return foyer_state_get_policy (self->state)->n_rules;
}

static const FoyerPairing pairing = { { 1, 2, 0xab }, FOYER_TRUST_PINNED };

static void
test_empty (House *self, gconstpointer data)
{
  g_assert_cmpuint (count_problems (self), ==, 0);
  g_assert_cmpuint (count_rules (self), ==, 0);
  g_assert_false (foyer_state_is_policy_damaged (self->state));
  g_assert_false (foyer_state_get_lockdown (self->state));
  g_assert_false (foyer_state_get_pairing (self->state, "mdns:x", NULL));
}

static void
test_all_comes_back (House *self, gconstpointer data)
{
  FoyerPairing back;
  guint64 camera;
  const FoyerRule *rule;
  const FoyerStaticDisplay *display;

  g_assert_cmpuint (add_rule (self, "test:A", "mdns:x", NULL), ==, 1);
  g_assert_cmpuint (add_rule (self, "test:A", "mdns:y", NULL), ==, 2);
  g_assert_true (
      foyer_state_set_pairing (self->state, "mdns:x", &pairing, NULL));
  g_assert_true (foyer_state_set_name (self->state, "test:A", "Küche", NULL));
  g_assert_true (
      foyer_state_add_display (self->state, "TV", "10.0.0.5", 8009, NULL));
  g_assert_true (foyer_state_set_lockdown (self->state, TRUE, NULL));
  camera = foyer_interner_find_camera (foyer_state_get_ids (self->state),
      "test:A")
               .v;

  reopen (self);
  g_assert_cmpuint (count_problems (self), ==, 0);
  g_assert_cmpuint (count_rules (self), ==, 2);
  rule = &foyer_state_get_policy (self->state)->rules[1];
  g_assert_cmpuint (rule->id.v, ==, 2);
  g_assert_cmpuint (rule->camera.v, ==, camera);
  g_assert_cmpstr (foyer_interner_get_target (foyer_state_get_ids (self->state),
                       rule->target_id, NULL),
      ==, "mdns:y");
  g_assert_true (foyer_state_get_pairing (self->state, "mdns:x", &back));
  g_assert_cmpmem (back.key, sizeof back.key, pairing.key, sizeof pairing.key);
  g_assert_cmpint (back.trust, ==, FOYER_TRUST_PINNED);
  g_assert_cmpstr (foyer_state_get_name (self->state, "test:A"), ==, "Küche");
  display = g_ptr_array_index (foyer_state_get_displays (self->state), 0);
  g_assert_cmpstr (display->name, ==, "TV");
  g_assert_cmpstr (display->host, ==, "10.0.0.5");
  g_assert_cmpuint (display->port, ==, 8009);
  g_assert_true (foyer_state_get_lockdown (self->state));
}

static void
test_all_goes_away (House *self, gconstpointer data)
{
  g_autoptr (GArray) ids = NULL;
  FoyerTargetId target;

  add_rule (self, "test:A", "mdns:x", NULL);
  add_rule (self, "test:B", "mdns:x", NULL);
  add_rule (self, "test:B", "mdns:y", NULL);
  target = foyer_interner_find_target (foyer_state_get_ids (self->state),
      FOYER_TARGET_DISPLAY, "mdns:x");
  g_assert_true (
      foyer_state_remove_rules_for (self->state, target, &ids, NULL));
  g_assert_cmpuint (ids->len, ==, 2);
  g_assert_true (
      foyer_state_remove_rule (self->state, (FoyerRuleId){ 3 }, NULL));
  g_assert_true (
      foyer_state_set_pairing (self->state, "mdns:x", &pairing, NULL));
  g_assert_true (foyer_state_set_pairing (self->state, "mdns:x", NULL, NULL));
  g_assert_true (foyer_state_set_name (self->state, "a", "b", NULL));
  g_assert_true (foyer_state_set_name (self->state, "a", NULL, NULL));
  g_assert_true (foyer_state_add_display (self->state, "TV", "tv", 1, NULL));
  g_assert_true (foyer_state_remove_display (self->state, "TV", NULL));
  g_assert_true (foyer_state_set_lockdown (self->state, TRUE, NULL));
  g_assert_true (foyer_state_set_lockdown (self->state, FALSE, NULL));
  reopen (self);
  test_empty (self, NULL);
  /* The numbers of rules that are gone stay used up. */
  g_assert_cmpuint (add_rule (self, "test:A", "mdns:x", NULL), ==, 4);
}

static void
test_refuses (House *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  FoyerRule bad = { 0 };

  g_assert_false (
      foyer_state_remove_rule (self->state, (FoyerRuleId){ 9 }, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (foyer_state_add_rule (self->state, &bad, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (foyer_state_set_name (self->state, "a", "x\ny", &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (
      foyer_state_add_display (self->state, "TV", "a b", 1, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (
      foyer_state_set_pairing (self->state, "a\nb", &pairing, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_INVALID);
}

static void
test_full (House *self, gconstpointer data)
{
  g_autoptr (GString) sections = g_string_new (NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 1; i < FOYER_POLICY_MAX_RULES; i++)
    g_string_append_printf (sections,
        "[rule %d]\nverdict=allow\nsubject=any\ncamera=any\ntarget=any\n"
        "media=video\nschedule=\nexpires=0\nmax-session-s=0\n"
        "allow-clear=false\n",
        i);
  text = foyer_state_text_seal (sections->str);
  g_clear_pointer (&self->state, foyer_state_free);
  foyer_test_folder_write (self->folder, "policy", text, 0600);
  reopen (self);
  g_assert_cmpuint (add_rule (self, "test:A", "mdns:x", NULL), ==,
      FOYER_POLICY_MAX_RULES);
  g_assert_cmpuint (add_rule (self, "test:A", "mdns:x", &error), ==, 0);
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_FULL);
  reopen (self);
  g_assert_cmpuint (count_rules (self), ==, FOYER_POLICY_MAX_RULES);
}

static void
test_modes (House *self, gconstpointer data)
{
  g_autofree char *folder = g_build_filename (self->folder, "new", "er", NULL);
  g_autoptr (FoyerState) state = foyer_state_open (folder, &self->clock.clock,
      NULL, NULL);
  g_autofree char *file = g_build_filename (folder, "lockdown", NULL);
  struct stat status;

  g_assert_true (foyer_state_set_lockdown (state, TRUE, NULL));
  g_assert_cmpint (stat (folder, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0700);
  g_assert_cmpint (stat (file, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_unlink (file), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  g_clear_pointer (&file, g_free);
  file = g_path_get_dirname (folder);
  g_assert_cmpint (g_rmdir (file), ==, 0);
}

static void
test_second_foyerd (House *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
      foyer_state_open (self->folder, &self->clock.clock, NULL, &error));
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_BUSY);
}

/* failing disks */

static gboolean
do_add_rule (House *self)
{
  g_autoptr (GError) error = NULL;

  if (add_rule (self, "test:C", "mdns:z", &error) != 0)
    return TRUE;
  g_assert_error (error, FOYER_ERROR, FOYER_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, g_strerror (failure)));
  return FALSE;
}

static gboolean
do_remove_rule (House *self)
{
  return foyer_state_remove_rule (self->state, (FoyerRuleId){ 1 }, NULL);
}

static gboolean
do_set_pairing (House *self)
{
  FoyerPairing other = { { 9 }, FOYER_TRUST_DEVICE };

  return foyer_state_set_pairing (self->state, "mdns:x", &other, NULL);
}

static gboolean
do_add_pairing (House *self)
{
  return foyer_state_set_pairing (self->state, "mdns:new", &pairing, NULL);
}

static gboolean
do_set_name (House *self)
{
  return foyer_state_set_name (self->state, "test:A", NULL, NULL);
}

static gboolean
do_add_display (House *self)
{
  return foyer_state_add_display (self->state, "Two", "h", 1, NULL);
}

static gboolean
do_remove_display (House *self)
{
  return foyer_state_remove_display (self->state, "One", NULL);
}

typedef gboolean (*Change) (House *self);

static const Change changes[] = { do_add_rule, do_remove_rule, do_set_pairing,
  do_add_pairing, do_set_name, do_add_display, do_remove_display };

static void
assert_old (House *self)
{
  FoyerPairing back;

  g_assert_cmpuint (count_problems (self), ==, 0);
  g_assert_cmpuint (count_rules (self), ==, 1);
  g_assert_true (foyer_state_get_pairing (self->state, "mdns:x", &back));
  g_assert_cmpmem (back.key, sizeof back.key, pairing.key, sizeof pairing.key);
  g_assert_false (foyer_state_get_pairing (self->state, "mdns:new", NULL));
  g_assert_cmpstr (foyer_state_get_name (self->state, "test:A"), ==, "A");
  g_assert_cmpuint (foyer_state_get_displays (self->state)->len, ==, 1);
}

/* Every call of every change fails once, on a disk that recovers and on one that
 * does not. What was refused has not happened, here or after a restart; except
 * that a disk which fails from the very last sync on can't even be told to
 * forget what it was told. */
static void
fail_change (House *self, Change change, gboolean once)
{
  for (int i = 0;; i++) {
    g_autofree char *names = NULL;
    gboolean is_done;

    /* Numbers can be had without a disk: that is another test. */
    foyer_interner_intern_camera (foyer_state_get_ids (self->state), "other");
    is_once = once;
    has_failed = FALSE;
    n_calls_left = i;
    is_done = change (self);
    if (!has_failed) {
      g_assert_true (is_done);
      g_assert_cmpint (i, >=, 4);
      break;
    }
    n_calls_left = -1;
    g_assert_false (is_done);
    assert_old (self);
    names = foyer_test_folder_list (self->folder);
    g_assert_null (strstr (names, ".new"));
    if (once) {
      reopen (self);
      assert_old (self);
    }
  }
  n_calls_left = -1;
}

static void
test_failing_disk (House *self, gconstpointer data)
{
  static const int failures[] = { ENOSPC, EROFS, EIO };

  for (guint f = 0; f < G_N_ELEMENTS (failures); f++) {
    /* Each change on a full disk; of the other failures one is enough. */
    for (guint i = 0; i < (f == 0 ? 2 * G_N_ELEMENTS (changes) : 2); i++) {
      House house = { 0 };

      failure = failures[f];
      set_up (&house, NULL);
      g_assert_cmpuint (add_rule (&house, "test:A", "mdns:x", NULL), ==, 1);
      g_assert_true (
          foyer_state_set_pairing (house.state, "mdns:x", &pairing, NULL));
      g_assert_true (foyer_state_set_name (house.state, "test:A", "A", NULL));
      g_assert_true (
          foyer_state_add_display (house.state, "One", "h", 1, NULL));
      fail_change (&house, changes[i / 2], i % 2 == 0);
      tear_down (&house, NULL);
    }
  }
}

/* A lockdown that can't be saved is on all the same; one that can't be ended on
 * the disk is not ended. */
static void
test_lockdown_on_failing_disk (House *self, gconstpointer data)
{
  failure = EIO;
  n_calls_left = 0;
  g_assert_false (foyer_state_set_lockdown (self->state, TRUE, NULL));
  g_assert_true (foyer_state_get_lockdown (self->state));
  n_calls_left = -1;
  g_assert_true (foyer_state_set_lockdown (self->state, TRUE, NULL));
  is_once = TRUE;
  n_calls_left = 0;
  g_assert_false (foyer_state_set_lockdown (self->state, FALSE, NULL));
  g_assert_true (foyer_state_get_lockdown (self->state));
  reopen (self);
  g_assert_true (foyer_state_get_lockdown (self->state));
}

/* Numbers are not given twice even if none can be written down. */
static void
test_numbers_on_failing_disk (House *self, gconstpointer data)
{
  FoyerCameraId first;
  FoyerCameraId second;

  failure = ENOSPC;
  n_calls_left = 0;
  first = foyer_interner_intern_camera (foyer_state_get_ids (self->state), "a");
  n_calls_left = -1;
  g_assert_cmpuint (first.v, >=, NOON_US);
  foyer_test_clock_advance (&self->clock, G_USEC_PER_SEC);
  n_calls_left = 0;
  reopen (self);
  second = foyer_interner_intern_camera (foyer_state_get_ids (self->state),
      "b");
  g_assert_cmpuint (second.v, >, first.v);
}

static void
test_numbers_of_the_unkept (House *self, gconstpointer data)
{
  FoyerCameraId first =
      foyer_interner_intern_camera (foyer_state_get_ids (self->state), "a");
  FoyerCameraId second;

  reopen (self);
  second = foyer_interner_intern_camera (foyer_state_get_ids (self->state),
      "b");
  g_assert_cmpuint (second.v, >, first.v);
}

/* damage */

static void
spoil (House *self, const char *name, const char *text)
{
  g_clear_pointer (&self->state, foyer_state_free);
  foyer_test_folder_write (self->folder, name, text, 0600);
  reopen (self);
}

/* Cut before the byte of that number, or, beyond the last, with a byte changed. */
static char *
spoil_byte (const char *good, gsize number)
{
  char *bad = g_strdup (good);
  gsize n_bytes = strlen (good);

  if (number < n_bytes)
    bad[number] = '\0';
  else
    bad[number - n_bytes] ^= 1;
  return bad;
}

/* Cut anywhere, changed anywhere: no rule is in force, the owner is told where,
 * the file stays as it was, and so does its second name. */
static void
test_damaged_policy (House *self, gconstpointer data)
{
  g_autofree char *good = NULL;
  gsize n_bytes;

  add_rule (self, "test:A", "mdns:x", NULL);
  good = foyer_test_folder_read (self->folder, "policy");
  n_bytes = strlen (good);
  for (gsize i = 0; i < 2 * n_bytes; i++) {
    g_autofree char *bad = spoil_byte (good, i);

    g_assert_null (foyer_state_text_open (bad, strlen (bad), NULL));
  }
  for (gsize i = 0; i < 2 * n_bytes; i += 50) {
    g_autofree char *bad = spoil_byte (good, i);
    g_autofree char *kept = NULL;
    g_autofree char *file = NULL;
    g_autofree char *path = g_build_filename (self->folder,
        "policy.damaged-20260101T120000Z", NULL);
    g_autoptr (GError) error = NULL;

    spoil (self, "policy", bad);
    g_assert_true (foyer_state_is_policy_damaged (self->state));
    g_assert_cmpuint (count_rules (self), ==, 0);
    g_assert_cmpuint (count_problems (self), ==, 1);
    g_assert_nonnull (
        strstr (foyer_state_get_problems (self->state)[0], ": line "));
    g_assert_cmpuint (add_rule (self, "test:B", "mdns:x", &error), ==, 0);
    g_assert_error (error, FOYER_ERROR, FOYER_ERROR_DAMAGED);
    file = foyer_test_folder_read (self->folder, "policy");
    g_assert_cmpstr (file, ==, bad);
    kept = foyer_test_folder_read (self->folder,
        "policy.damaged-20260101T120000Z");
    g_assert_cmpstr (kept, ==, bad);
    g_assert_cmpint (g_unlink (path), ==, 0);
  }
  spoil (self, "policy", good);
  g_assert_cmpuint (count_rules (self), ==, 1);
}

/* A damaged file is kept once, however often foyerd starts; two that are
 * damaged in the same second are both kept. */
static void
test_damaged_twice (House *self, gconstpointer data)
{
  g_autofree char *names = NULL;

  spoil (self, "pairings", "x");
  reopen (self);
  names = foyer_test_folder_list (self->folder);
  g_assert_null (strstr (names, "Z-1"));
  g_assert_true (
      foyer_state_set_pairing (self->state, "mdns:x", &pairing, NULL));
  spoil (self, "pairings", "y");
  g_free (names);
  names = foyer_test_folder_list (self->folder);
  g_assert_nonnull (strstr (names, "pairings.damaged-20260101T120000Z-1"));
}

static void
test_damaged_others (House *self, gconstpointer data)
{
  guint64 before = add_rule (self, "test:A", "mdns:x", NULL);
  FoyerCameraId camera =
      foyer_interner_find_camera (foyer_state_get_ids (self->state), "test:A");
  FoyerCameraId after;

  g_assert_true (
      foyer_state_set_pairing (self->state, "mdns:x", &pairing, NULL));
  g_assert_true (foyer_state_set_name (self->state, "test:A", "A", NULL));
  spoil (self, "pairings", "[pairing 1]\n");
  g_assert_false (foyer_state_get_pairing (self->state, "mdns:x", NULL));
  spoil (self, "names", "");
  g_assert_null (foyer_state_get_name (self->state, "test:A"));
  spoil (self, "ids", "nonsense");
  g_assert_cmpuint (count_problems (self), ==, 3);
  g_assert_cmpuint (count_rules (self), ==, 1);
  after = foyer_interner_find_camera (foyer_state_get_ids (self->state),
      "test:A");
  g_assert_cmpuint (after.v, >, camera.v);
  g_assert_cmpuint (add_rule (self, "test:A", "mdns:x", NULL), >, before);
  /* They can be written again, and the old ones are kept. */
  g_assert_true (
      foyer_state_set_pairing (self->state, "mdns:x", &pairing, NULL));
  reopen (self);
  g_assert_true (foyer_state_get_pairing (self->state, "mdns:x", NULL));
}

static void
test_policy_is_a_folder (House *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "policy", NULL);

  g_clear_pointer (&self->state, foyer_state_free);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
  reopen (self);
  g_assert_true (foyer_state_is_policy_damaged (self->state));
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

/* A file of a version to come is not guessed at. */
static void
test_other_format (House *self, gconstpointer data)
{
  g_autofree char *body = g_strdup ("format=2\n");
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, body,
      -1);
  g_autofree char *text = g_strdup_printf ("%s[end]\nsha256=%s\n", body, sum);

  spoil (self, "policy", text);
  g_assert_true (foyer_state_is_policy_damaged (self->state));
  g_assert_nonnull (strstr (foyer_state_get_problems (self->state)[0],
      "line 1: format 2 is not known"));
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
  add_test ("/state/empty", test_empty);
  add_test ("/state/all-comes-back", test_all_comes_back);
  add_test ("/state/all-goes-away", test_all_goes_away);
  add_test ("/state/refuses", test_refuses);
  add_test ("/state/full", test_full);
  add_test ("/state/modes", test_modes);
  add_test ("/state/second-foyerd", test_second_foyerd);
  add_test ("/state/disk/fails", test_failing_disk);
  add_test ("/state/disk/lockdown", test_lockdown_on_failing_disk);
  add_test ("/state/disk/numbers", test_numbers_on_failing_disk);
  add_test ("/state/numbers-of-the-unkept", test_numbers_of_the_unkept);
  add_test ("/state/damaged/policy", test_damaged_policy);
  add_test ("/state/damaged/twice", test_damaged_twice);
  add_test ("/state/damaged/others", test_damaged_others);
  add_test ("/state/damaged/folder", test_policy_is_a_folder);
  add_test ("/state/damaged/other-format", test_other_format);
  return g_test_run ();
}
