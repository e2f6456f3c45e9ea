/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-state.h"

#include "foyer-controls.h"
#include "foyer-error.h"
#include "foyer-fd.h"
#include "foyer-state-text.h"
#include "foyer-text.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define FOLDER_MODE   0700
#define NUMBERS_BLOCK 1024 /* that one write of ids reserves */

typedef enum
{
  FILE_POLICY = 0,
  FILE_PAIRINGS,
  FILE_NAMES,
  FILE_NODES,
  FILE_IDS,
  FILE_CONTROLS,
  N_FILES,
} File;

static const char *const file_names[N_FILES] = { "policy", "pairings", "names",
  "nodes", "ids", "controls" };
#define LOCKDOWN_FILE "lockdown"

struct _FoyerState
{
  char *folder;
  int folder_fd; /* holds the lock */
  const FoyerClock *clock;
  const FoyerFileOps *ops;
  GPtrArray *problems; /* of char *, and a NULL at its end */
  /* It could not be kept beside: it must not be written to. */
  gboolean is_frozen[N_FILES];

  FoyerPolicy policy;
  gboolean is_policy_damaged;
  GHashTable *pairings;
  GHashTable *names;
  GHashTable *controls;
  GPtrArray *displays;
  GPtrArray *nodes;
  FoyerInterner *ids;
  guint64 reserved; /* numbers below may be given without a write */
  gboolean is_reserve_told;
  guint64 last_rule;
  gboolean is_locked_down;
};

static char *
get_path (FoyerState *self, const char *name)
{
  return g_build_filename (self->folder, name, NULL);
}

static void G_GNUC_PRINTF (2, 3)
    add_problem (FoyerState *self, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_insert (self->problems, (int) self->problems->len - 1,
      g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* writing */

static char *
print_file (FoyerState *self, File file)
{
  switch (file) {
    case FILE_POLICY:
      return foyer_state_text_print_policy (&self->policy, self->ids);
    case FILE_PAIRINGS:
      return foyer_state_text_print_pairings (self->pairings);
    case FILE_NAMES:
      return foyer_state_text_print_names (self->names, self->displays);
    case FILE_NODES:
      return foyer_state_text_print_nodes (self->nodes);
    case FILE_IDS:
      return foyer_state_text_print_ids (self->ids, self->reserved,
          self->last_rule);
    case FILE_CONTROLS:
      return foyer_state_text_print_controls (self->controls);
    case N_FILES:
      break;
  }
  return g_strdup ("");
}

static gboolean
save (FoyerState *self, File file, GError **error)
{
  g_autofree char *path = get_path (self, file_names[file]);
  g_autofree char *sections = print_file (self, file);
  g_autofree char *text = foyer_state_text_seal (sections);

  if (self->is_frozen[file]) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_FAILED,
        "%s is damaged and could not be kept beside: move it away", path);
    return FALSE;
  }
  return foyer_file_replace (self->ops, path, text, error);
}

/* After a change was taken back: the new content may have come as far as the
 * folder before it failed. Nothing more can be done if this fails too. */
static void
save_again (FoyerState *self, File file)
{
  g_autoptr (GError) error = NULL;

  if (!save (self, file, &error))
    g_debug ("%s", error->message);
}

/* Without a disk numbers come from the time of day, in microseconds: far above
 * those that are counted, and not given before. */
static guint64
reserve_numbers (guint64 *next, gpointer user_data)
{
  FoyerState *self = user_data;
  guint64 before = self->reserved;
  gint64 wall_us = foyer_clock_get_wall_us (self->clock);
  g_autoptr (GError) error = NULL;

  self->reserved = *next + MIN (NUMBERS_BLOCK, G_MAXUINT64 - *next);
  if (save (self, FILE_IDS, &error))
    return self->reserved;
  if (!self->is_reserve_told)
    add_problem (self, "numbers can't be kept: %s; make room on the disk",
        error->message);
  self->is_reserve_told = TRUE;
  self->reserved = before;
  *next = MAX (*next, (guint64) MAX (wall_us, 0));
  return *next + MIN (NUMBERS_BLOCK, G_MAXUINT64 - *next);
}

/* reading */

static gboolean
parse_file (FoyerState *self, File file, GPtrArray *sections, GError **error)
{
  switch (file) {
    case FILE_POLICY:
      return foyer_state_text_parse_policy (sections, self->ids, &self->policy,
          error);
    case FILE_PAIRINGS:
      return foyer_state_text_parse_pairings (sections, self->pairings, error);
    case FILE_NAMES:
      return foyer_state_text_parse_names (sections, self->names,
          self->displays, error);
    case FILE_NODES:
      return foyer_state_text_parse_nodes (sections, self->nodes, error);
    case FILE_IDS:
      return foyer_state_text_parse_ids (sections, &self->ids, &self->last_rule,
          error);
    case FILE_CONTROLS:
      return foyer_state_text_parse_controls (sections, self->controls, error);
    case N_FILES:
      break;
  }
  return FALSE;
}

static const char *const consequences[N_FILES] = {
  [FILE_POLICY] =
      "everything is denied until a good copy is in its place, or it is taken away to begin without rules; then restart foyerd",
  [FILE_PAIRINGS] = "no display is paired: run foyerctl pair for each",
  [FILE_NAMES] = "names and displays that were given by hand are forgotten",
  [FILE_NODES] = "nothing is exposed: run foyerctl expose for each",
  [FILE_CONTROLS] = "cameras have the settings they are made with",
  [FILE_IDS] = "cameras and displays have new numbers",
};

static void
note_damage (FoyerState *self, File file, const char *path, const char *why)
{
  g_autofree char *kept = NULL;
  g_autoptr (GError) error = NULL;

  if (foyer_file_keep_beside (path, foyer_clock_get_wall_us (self->clock),
          &kept, &error)) {
    add_problem (self, "%s is damaged: %s; it is kept as %s; %s", path, why,
        kept, consequences[file]);
  } else {
    self->is_frozen[file] = TRUE;
    add_problem (self, "%s is damaged: %s; it can't be kept beside: %s; %s",
        path, why, error->message, consequences[file]);
  }
}

/* Returns FALSE if it is damaged; a file that is not there is empty. */
static gboolean
load (FoyerState *self, File file)
{
  g_autofree char *path = get_path (self, file_names[file]);
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) sections = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;

  if (foyer_file_read (path, FOYER_SECTIONS_MAX_BYTES, &text, &n_bytes,
          &error)) {
    if (text == NULL)
      return TRUE;
    sections = foyer_state_text_open (text, n_bytes, &error);
    if (sections != NULL && parse_file (self, file, sections, &error))
      return TRUE;
  }
  note_damage (self, file, path, error->message);
  return FALSE;
}

static void
load_ids (FoyerState *self)
{
  gboolean is_ok = load (self, FILE_IDS);
  gint64 wall_us = foyer_clock_get_wall_us (self->clock);

  if (self->ids == NULL)
    self->ids = foyer_interner_new (is_ok ? 1 : (guint64) MAX (wall_us, 1));
  if (!is_ok)
    self->last_rule = 0;
  self->reserved = foyer_interner_get_next (self->ids);
  foyer_interner_set_reserve (self->ids, reserve_numbers, self);
}

static void
keep_rule (FoyerState *self, const FoyerRule *rule)
{
  if (!rule->is_any_camera)
    foyer_interner_set_kept (self->ids, rule->camera.v, TRUE);
  if (!rule->is_any_target)
    foyer_interner_set_kept (self->ids, rule->target_id.v, TRUE);
}

static void
collect_id (guint64 id, const char *text, gpointer user_data)
{
  g_array_append_val ((GArray *) user_data, id);
}

/* Numbers that nothing names any more are let go at a start. */
static void
keep_what_is_named (FoyerState *self)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (guint64));
  GHashTableIter iter;
  gpointer identity;

  foyer_interner_foreach_kept (self->ids, collect_id, all);
  for (guint i = 0; i < all->len; i++)
    foyer_interner_set_kept (self->ids, g_array_index (all, guint64, i), FALSE);
  for (uint32_t i = 0; i < self->policy.n_rules; i++) {
    keep_rule (self, &self->policy.rules[i]);
    self->last_rule = MAX (self->last_rule, self->policy.rules[i].id.v);
  }
  g_hash_table_iter_init (&iter, self->pairings);
  while (g_hash_table_iter_next (&iter, &identity, NULL))
    foyer_interner_set_kept (self->ids,
        foyer_interner_intern_target (self->ids, FOYER_TARGET_DISPLAY, identity)
            .v,
        TRUE);
  for (guint i = 0; i < self->nodes->len; i++) {
    const FoyerStateNode *node = self->nodes->pdata[i];

    foyer_interner_set_kept (self->ids,
        foyer_interner_intern_target (self->ids, FOYER_TARGET_NODE, node->name)
            .v,
        TRUE);
  }
  for (guint i = 0; i < all->len; i++)
    foyer_interner_drop (self->ids, g_array_index (all, guint64, i));
}

/* Anything there, even what can't be looked at, is a lockdown. */
static gboolean
is_lockdown_there (FoyerState *self)
{
  g_autofree char *path = get_path (self, LOCKDOWN_FILE);
  struct stat status;

  return lstat (path, &status) == 0 || errno != ENOENT;
}

static gboolean
open_folder (FoyerState *self, GError **error)
{
  int problem;

  if (g_mkdir_with_parents (self->folder, FOLDER_MODE) == 0)
    self->folder_fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->folder_fd < 0) {
    problem = errno;
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_FAILED, "opening %s: %s",
        self->folder, g_strerror (problem));
    return FALSE;
  }
  if (flock (self->folder_fd, LOCK_EX | LOCK_NB) < 0) {
    problem = errno;
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_BUSY, "locking %s: %s",
        self->folder,
        problem == EWOULDBLOCK ? "another foyerd uses it"
                               : g_strerror (problem));
    return FALSE;
  }
  return TRUE;
}

FoyerState *
foyer_state_open (const char *folder, const FoyerClock *clock,
    const FoyerFileOps *ops, GError **error)
{
  g_autoptr (FoyerState) self = g_new0 (FoyerState, 1);

  self->folder = g_strdup (folder);
  self->folder_fd = -1;
  self->clock = clock;
  self->ops = ops != NULL ? ops : foyer_file_ops_get_system ();
  self->problems = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->problems, NULL);
  self->pairings = foyer_state_text_new_table ();
  self->names = foyer_state_text_new_table ();
  self->controls = foyer_state_text_new_table ();
  self->displays = foyer_state_text_new_displays ();
  self->nodes = g_ptr_array_new_with_free_func (foyer_state_node_free);
  if (!open_folder (self, error))
    return NULL;
  load_ids (self);
  self->is_policy_damaged = !load (self, FILE_POLICY);
  (void) load (self, FILE_PAIRINGS);
  (void) load (self, FILE_NAMES);
  (void) load (self, FILE_NODES);
  (void) load (self, FILE_CONTROLS);
  keep_what_is_named (self);
  self->is_locked_down = is_lockdown_there (self);
  return g_steal_pointer (&self);
}

void
foyer_state_free (FoyerState *self)
{
  foyer_fd_clear (&self->folder_fd);
  g_clear_pointer (&self->ids, foyer_interner_free);
  g_hash_table_unref (self->pairings);
  g_hash_table_unref (self->names);
  g_hash_table_unref (self->controls);
  g_ptr_array_unref (self->displays);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->problems);
  g_free (self->folder);
  g_free (self);
}

const char *const *
foyer_state_get_problems (FoyerState *self)
{
  return (const char *const *) self->problems->pdata;
}

gboolean
foyer_state_is_policy_damaged (FoyerState *self)
{
  return self->is_policy_damaged;
}

const FoyerPolicy *
foyer_state_get_policy (FoyerState *self)
{
  return &self->policy;
}

FoyerInterner *
foyer_state_get_ids (FoyerState *self)
{
  return self->ids;
}

/* rules */

static gboolean
check_policy (FoyerState *self, GError **error)
{
  if (!self->is_policy_damaged)
    return TRUE;
  g_set_error (error, FOYER_ERROR, FOYER_ERROR_DAMAGED,
      "%s/policy is damaged: run foyerctl status", self->folder);
  return FALSE;
}

/* Saves the policy; if that fails, @old is in force again. */
static gboolean
save_policy_or (FoyerState *self, const FoyerPolicy *old, GError **error)
{
  if (save (self, FILE_POLICY, error))
    return TRUE;
  self->policy = *old;
  save_again (self, FILE_POLICY);
  return FALSE;
}

gboolean
foyer_state_add_rule (FoyerState *self, FoyerRule *rule, GError **error)
{
  g_autofree FoyerPolicy *old = NULL;
  FoyerRule added = *rule;

  added.id.v = self->last_rule + 1;
  if (!check_policy (self, error))
    return FALSE;
  if (self->policy.n_rules >= FOYER_POLICY_MAX_RULES) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "there are %d rules already, which is all there can be: run foyerctl revoke",
        FOYER_POLICY_MAX_RULES);
    return FALSE;
  }
  old = g_memdup2 (&self->policy, sizeof self->policy);
  if (!foyer_policy_add (&self->policy, &added)) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "such a rule can't be");
    return FALSE;
  }
  /* The number is used up before it is anybody's, also if the rule then fails:
   * it may be on the disk all the same. */
  self->last_rule++;
  keep_rule (self, &added);
  if (!save (self, FILE_IDS, error)) {
    self->policy = *old;
    return FALSE;
  }
  if (!save_policy_or (self, old, error))
    return FALSE;
  *rule = added;
  return TRUE;
}

gboolean
foyer_state_remove_rule (FoyerState *self, FoyerRuleId id, GError **error)
{
  g_autofree FoyerPolicy *old = NULL;

  if (!check_policy (self, error))
    return FALSE;
  old = g_memdup2 (&self->policy, sizeof self->policy);
  if (!foyer_policy_remove (&self->policy, id)) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_NOT_FOUND,
        "there is no rule %" G_GUINT64_FORMAT ": run foyerctl rules",
        (guint64) id.v);
    return FALSE;
  }
  return save_policy_or (self, old, error);
}

gboolean
foyer_state_remove_rules_for (FoyerState *self, FoyerTargetId target,
    GArray **out_ids, GError **error)
{
  g_autofree FoyerPolicy *old = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));

  if (!check_policy (self, error))
    return FALSE;
  old = g_memdup2 (&self->policy, sizeof self->policy);
  for (uint32_t i = 0; i < old->n_rules; i++) {
    const FoyerRule *rule = &old->rules[i];
    guint64 id = rule->id.v;

    if (rule->is_any_target || rule->target_id.v != target.v)
      continue;
    g_array_append_val (ids, id);
    foyer_policy_remove (&self->policy, rule->id);
  }
  if (ids->len > 0 && !save_policy_or (self, old, error))
    return FALSE;
  *out_ids = g_steal_pointer (&ids);
  return TRUE;
}

/* pairings, names */

/* Sets (or, with NULL, removes) a value, saves, and takes it back if that
 * fails. Takes @value. */
static gboolean
change (FoyerState *self, File file, GHashTable *table, const char *identity,
    gpointer value, guint max, GError **error)
{
  g_autofree char *old_key = NULL;
  gpointer old_value = NULL;

  if (!foyer_identity_is_valid (identity)) {
    g_free (value);
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID, "no identity");
    return FALSE;
  }
  g_hash_table_steal_extended (table, identity, (gpointer *) &old_key,
      &old_value);
  if (value == NULL && old_key == NULL)
    return TRUE;
  if (value != NULL && g_hash_table_size (table) >= max) {
    g_free (value);
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "there are %u %s already", max, file_names[file]);
    return FALSE;
  }
  if (value != NULL)
    g_hash_table_insert (table, g_strdup (identity), value);
  if (save (self, file, error)) {
    g_free (old_value);
    return TRUE;
  }
  g_hash_table_remove (table, identity);
  if (old_key != NULL)
    g_hash_table_insert (table, g_steal_pointer (&old_key), old_value);
  save_again (self, file);
  return FALSE;
}

gboolean
foyer_state_get_pairing (FoyerState *self, const char *identity,
    FoyerPairing *out)
{
  const FoyerPairing *pairing = g_hash_table_lookup (self->pairings, identity);

  if (pairing != NULL && out != NULL)
    *out = *pairing;
  return pairing != NULL;
}

gboolean
foyer_state_set_pairing (FoyerState *self, const char *identity,
    const FoyerPairing *pairing, GError **error)
{
  gpointer value = pairing != NULL ? g_memdup2 (pairing, sizeof *pairing)
                                   : NULL;
  FoyerTargetId id;

  if (!change (self, FILE_PAIRINGS, self->pairings, identity, value,
          FOYER_STATE_MAX_PAIRINGS, error))
    return FALSE;
  /* So that it keeps its number; the next write of ids says so. */
  id = foyer_interner_intern_target (self->ids, FOYER_TARGET_DISPLAY, identity);
  if (pairing != NULL)
    foyer_interner_set_kept (self->ids, id.v, TRUE);
  return TRUE;
}

const char *
foyer_state_get_name (FoyerState *self, const char *identity)
{
  return g_hash_table_lookup (self->names, identity);
}

gboolean
foyer_state_set_name (FoyerState *self, const char *identity, const char *name,
    GError **error)
{
  if (name != NULL && !foyer_text_is_name (name)) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "a name has 1 to 64 letters that can be printed");
    return FALSE;
  }
  return change (self, FILE_NAMES, self->names, identity, g_strdup (name),
      FOYER_STATE_MAX_NAMES, error);
}

const char *
foyer_state_get_controls (FoyerState *self, const char *identity)
{
  return g_hash_table_lookup (self->controls, identity);
}

gboolean
foyer_state_set_controls (FoyerState *self, const char *identity,
    const char *line, GError **error)
{
  if (line != NULL && !foyer_controls_is_line (line)) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "these are no controls, or too many");
    return FALSE;
  }
  return change (self, FILE_CONTROLS, self->controls, identity, g_strdup (line),
      FOYER_STATE_MAX_NAMES, error);
}

/* displays added by hand */

GPtrArray *
foyer_state_get_displays (FoyerState *self)
{
  return self->displays;
}

static int
find_display (FoyerState *self, const char *name)
{
  for (guint i = 0; i < self->displays->len; i++) {
    const FoyerStaticDisplay *display = g_ptr_array_index (self->displays, i);

    if (strcmp (display->name, name) == 0)
      return (int) i;
  }
  return -1;
}

gboolean
foyer_state_add_display (FoyerState *self, const char *name, const char *host,
    guint16 port, GError **error)
{
  if (!foyer_text_is_name (name) || !foyer_host_is_valid (host) || port == 0 ||
      find_display (self, name) >= 0) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "a display has a name that no other has, a host, and a port of 1 to 65535");
    return FALSE;
  }
  if (self->displays->len >= FOYER_STATE_MAX_STATIC_DISPLAYS) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "there are %d displays that were added by hand already: run foyerctl forget",
        FOYER_STATE_MAX_STATIC_DISPLAYS);
    return FALSE;
  }
  foyer_state_text_add_display (self->displays, name, host, port);
  if (save (self, FILE_NAMES, error))
    return TRUE;
  g_ptr_array_set_size (self->displays, (int) self->displays->len - 1);
  save_again (self, FILE_NAMES);
  return FALSE;
}

gboolean
foyer_state_remove_display (FoyerState *self, const char *name, GError **error)
{
  int index = find_display (self, name);
  FoyerStaticDisplay *display;

  if (index < 0)
    return TRUE;
  display = g_ptr_array_steal_index (self->displays, (guint) index);
  if (!save (self, FILE_NAMES, error)) {
    g_ptr_array_insert (self->displays, index, display);
    save_again (self, FILE_NAMES);
    return FALSE;
  }
  /* Freed as the table frees its own. */
  g_ptr_array_add (self->displays, display);
  g_ptr_array_set_size (self->displays, (int) self->displays->len - 1);
  return TRUE;
}

/* nodes */

GPtrArray *
foyer_state_get_nodes (FoyerState *self)
{
  return self->nodes;
}

gboolean
foyer_state_add_node (FoyerState *self, const FoyerStateNode *node,
    GError **error)
{
  FoyerTargetId id;

  if (self->nodes->len >= FOYER_STATE_MAX_NODES) {
    g_set_error (error, FOYER_ERROR, FOYER_ERROR_FULL,
        "there are %d nodes already: run foyerctl unexpose",
        FOYER_STATE_MAX_NODES);
    return FALSE;
  }
  if (!foyer_state_text_is_node (node, self->nodes)) {
    g_set_error_literal (error, FOYER_ERROR, FOYER_ERROR_INVALID,
        "a node has a name and a device that no other has, even sides of 16 to 4096, and 1 to 240 frames a second");
    return FALSE;
  }
  g_ptr_array_add (self->nodes, foyer_state_node_copy (node));
  if (!save (self, FILE_NODES, error)) {
    g_ptr_array_set_size (self->nodes, (int) self->nodes->len - 1);
    save_again (self, FILE_NODES);
    return FALSE;
  }
  /* So that it keeps its number; the next write of ids says so. */
  id = foyer_interner_intern_target (self->ids, FOYER_TARGET_NODE, node->name);
  foyer_interner_set_kept (self->ids, id.v, TRUE);
  return TRUE;
}

gboolean
foyer_state_remove_node (FoyerState *self, const char *name, GError **error)
{
  guint i = 0;
  FoyerStateNode *node;

  while (i < self->nodes->len &&
      strcmp (((FoyerStateNode *) self->nodes->pdata[i])->name, name) != 0)
    i++;
  if (i >= self->nodes->len)
    return TRUE;
  node = g_ptr_array_steal_index (self->nodes, i);
  if (!save (self, FILE_NODES, error)) {
    g_ptr_array_insert (self->nodes, (int) i, node);
    save_again (self, FILE_NODES);
    return FALSE;
  }
  foyer_state_node_free (node);
  return TRUE;
}

/* lockdown */

gboolean
foyer_state_get_lockdown (FoyerState *self)
{
  return self->is_locked_down;
}

gboolean
foyer_state_set_lockdown (FoyerState *self, gboolean is_on, GError **error)
{
  g_autofree char *path = get_path (self, LOCKDOWN_FILE);

  if (is_on) {
    self->is_locked_down = TRUE;
    return foyer_file_replace (self->ops, path, "locked down\n", error);
  }
  if (g_unlink (path) < 0 && errno != ENOENT) {
    int problem = errno;

    g_set_error (error, FOYER_ERROR, FOYER_ERROR_FAILED, "removing %s: %s",
        path, g_strerror (problem));
    return FALSE;
  }
  if (!foyer_file_sync_folder (self->ops, path, error)) {
    g_autoptr (GError) problem = NULL;

    /* Still locked down, so after a restart too, as far as the disk goes. */
    if (!foyer_file_replace (self->ops, path, "locked down\n", &problem))
      g_debug ("%s", problem->message);
    return FALSE;
  }
  self->is_locked_down = FALSE;
  return TRUE;
}
