/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-house-private.h"
#include "foyer-tallies.h"

/* I10: what happens in the house, as rows of the log. */

static gboolean
append (FoyerHouse *self, const FoyerHistoryRow *row)
{
  g_autoptr (GError) error = NULL;

  if (self->parts.history == NULL)
    return FALSE;
  if (foyer_history_append (self->parts.history, row, &error))
    return TRUE;
  g_warning ("%s", error->message);
  if (self->events != NULL)
    self->events->house_changed (self->user_data);
  return FALSE;
}

/* Targets are written as rules have them: "display:IDENTITY". */
static FoyerHistoryRow
make_row (const FoyerRun *run, const char *target)
{
  return (FoyerHistoryRow){
    .user = run->cast.subject.uid,
    .camera = run->camera_identity,
    .camera_name = run->camera_name,
    .target = target,
    .target_name = run->display_name,
    .session = run->id.v,
    .generation = run->generation,
  };
}

static char *
make_target (const FoyerRun *run)
{
  return g_strconcat (run->cast.target == FOYER_TARGET_DISPLAY ? "display:"
                                                               : "",
      run->display_identity, NULL);
}

/* What of a microphone it may hear. */
static const char *
get_granted_sound (const FoyerRun *run)
{
  return run->cast.has_sound ? "granted" : "none";
}

/* And what it did, at any time. */
static const char *
get_sound (const FoyerRun *run)
{
  if (run->was_heard)
    return "camera";
  if (run->sound == FOYER_SOUND_SILENCE)
    return "silence";
  return run->sound == FOYER_SOUND_LOST ? "lost" : get_granted_sound (run);
}

gboolean
foyer_book_begin (FoyerHouse *self, const FoyerRun *run)
{
  g_autofree char *target = make_target (run);
  FoyerHistoryRow row = make_row (run, target);

  row.kind = FOYER_HISTORY_BEGIN;
  row.rule = run->rule.v;
  row.sound = get_granted_sound (run);
  return append (self, &row);
}

/* The end of a session, with words of its own. */
typedef struct
{
  FoyerHistoryRow row;
  char *camera;
  char *camera_name;
  char *target;
  char *target_name;
  char *words;
} End;

static void
end_free (gpointer data)
{
  End *end = data;

  g_free (end->camera);
  g_free (end->camera_name);
  g_free (end->target);
  g_free (end->target_name);
  g_free (end->words);
  g_free (end);
}

static gboolean
write_end (FoyerHouse *self)
{
  End *end = g_queue_pop_head (&self->ends);

  if (end == NULL)
    return FALSE;
  if (append (self, &end->row))
    foyer_tallies_drop (self->parts.run_folder, end->row.session);
  end_free (end);
  return TRUE;
}

/* One at a time: whatever else happens comes before the next. */
static gboolean
on_leisure (gpointer user_data)
{
  FoyerHouse *self = user_data;

  write_end (self);
  if (!g_queue_is_empty (&self->ends))
    return G_SOURCE_CONTINUE;
  self->end_writer = 0;
  return G_SOURCE_REMOVE;
}

void
foyer_house_flush_history (FoyerHouse *self)
{
  g_clear_handle_id (&self->end_writer, g_source_remove);
  while (write_end (self))
    ;
}

/* Who asks for what is not his is in the log, too. */
static char *
make_end_words (const FoyerRun *run, const char *words)
{
  if (run->account.n_foreign == 0)
    return g_strdup (words);
  return g_strdup_printf ("%s; %" G_GUINT64_FORMAT
                          " requests or connections of others were refused",
      words, run->account.n_foreign);
}

void
foyer_book_end (FoyerHouse *self, const FoyerRun *run, const char *words)
{
  End *end = g_new0 (End, 1);

  end->camera = g_strdup (run->camera_identity);
  end->camera_name = g_strdup (run->camera_name);
  end->target = make_target (run);
  end->target_name = g_strdup (run->display_name);
  end->words = make_end_words (run, words);
  end->row = (FoyerHistoryRow){
    .kind = FOYER_HISTORY_END,
    .user = run->cast.subject.uid,
    .camera = end->camera,
    .camera_name = end->camera_name,
    .target = end->target,
    .target_name = end->target_name,
    .session = run->id.v,
    .rule = run->rule.v,
    .reason = foyer_reason_to_string (run->reason),
    .words = end->words,
    .frames = run->account.n_frames,
    .bytes = run->account.n_bytes,
    .first_sequence = run->account.first_sequence,
    .last_sequence = run->account.last_sequence,
    .generation = run->generation,
    .sound = get_sound (run),
  };
  g_queue_push_tail (&self->ends, end);
  if (self->end_writer == 0)
    self->end_writer = g_idle_add_full (G_PRIORITY_LOW, on_leisure, self, NULL);
}

void
foyer_book_refuse (FoyerHouse *self, const FoyerRun *run, FoyerReason reason,
    FoyerRuleId rule, const char *words)
{
  g_autofree char *target = make_target (run);
  FoyerHistoryRow row = make_row (run, target);

  row.kind = FOYER_HISTORY_REFUSAL;
  row.rule = rule.v;
  row.reason = foyer_reason_to_string (reason);
  row.words = words;
  append (self, &row);
}

void
foyer_book_rule (FoyerHouse *self, guint32 uid, FoyerRuleId rule,
    const char *words)
{
  const FoyerHistoryRow row = {
    .kind = FOYER_HISTORY_RULE,
    .user = uid,
    .rule = rule.v,
    .words = words,
  };

  append (self, &row);
}

void
foyer_book_event (FoyerHouse *self, guint32 uid, const char *words)
{
  const FoyerHistoryRow row = {
    .kind = FOYER_HISTORY_EVENT,
    .user = uid,
    .words = words,
  };

  append (self, &row);
}
