/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-hold.h"

void
foyer_cast_hold_init (FoyerCastHold *self)
{
  *self = (FoyerCastHold){ 0 };
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
}

/* With the lock held: whoever waits looks again. */
static void
hold_wake (FoyerCastHold *self)
{
  if (self->clock_id != NULL)
    gst_clock_id_unschedule (self->clock_id);
  g_cond_broadcast (&self->cond);
}

void
foyer_cast_hold_set_playing (FoyerCastHold *self, gboolean is_playing)
{
  g_mutex_lock (&self->lock);
  self->is_playing = is_playing;
  hold_wake (self);
  g_mutex_unlock (&self->lock);
}

void
foyer_cast_hold_set_flushing (FoyerCastHold *self, gboolean is_flushing)
{
  g_mutex_lock (&self->lock);
  self->is_flushing = is_flushing;
  hold_wake (self);
  g_mutex_unlock (&self->lock);
}

/* With the lock held, which is let go while waiting. Returns: %FALSE if woken
 * before the time. */
static gboolean
hold_wait_clock (FoyerCastHold *self, GstElement *element,
    GstClockTime running_ns)
{
  g_autoptr (GstClock) clock = gst_element_get_clock (element);
  GstClockTime at_ns = gst_element_get_base_time (element) + running_ns;
  GstClockReturn woken;
  GstClockID id;

  if (clock == NULL || at_ns <= gst_clock_get_time (clock))
    return TRUE;
  id = gst_clock_new_single_shot_id (clock, at_ns);
  self->clock_id = id;
  g_mutex_unlock (&self->lock);
  woken = gst_clock_id_wait (id, NULL);
  g_mutex_lock (&self->lock);
  self->clock_id = NULL;
  gst_clock_id_unref (id);
  return woken != GST_CLOCK_UNSCHEDULED;
}

gboolean
foyer_cast_hold_wait (FoyerCastHold *self, GstElement *element,
    GstClockTime running_ns)
{
  gboolean is_time = FALSE;
  gboolean is_flushing;

  g_mutex_lock (&self->lock);
  while (!self->is_flushing && !is_time) {
    if (!self->is_playing)
      g_cond_wait (&self->cond, &self->lock);
    else
      is_time = !GST_CLOCK_TIME_IS_VALID (running_ns) ||
          hold_wait_clock (self, element, running_ns);
  }
  is_flushing = self->is_flushing;
  g_mutex_unlock (&self->lock);
  return !is_flushing;
}

void
foyer_cast_hold_clear (FoyerCastHold *self)
{
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}
