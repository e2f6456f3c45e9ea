/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-error.h"
#include "foyer-house-private.h"

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
  return g_strconcat ("display:", run->display_identity, NULL);
}

gboolean
foyer_book_begin (FoyerHouse *self, const FoyerRun *run)
{
  g_autofree char *target = make_target (run);
  FoyerHistoryRow row = make_row (run, target);

  row.kind = FOYER_HISTORY_BEGIN;
  row.rule = run->rule.v;
  return append (self, &row);
}

void
foyer_book_end (FoyerHouse *self, const FoyerRun *run, const char *words)
{
  g_autofree char *target = make_target (run);
  FoyerHistoryRow row = make_row (run, target);

  row.kind = FOYER_HISTORY_END;
  row.rule = run->rule.v;
  row.reason = foyer_reason_to_string (run->reason);
  row.words = words;
  row.frames = run->account.n_frames;
  row.bytes = run->account.n_bytes;
  row.first_sequence = run->account.first_sequence;
  row.last_sequence = run->account.last_sequence;
  append (self, &row);
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
