/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-log.h"

/* Ends only what hangs: a machine may be slow, or stand still for a while. */
#define PATIENCE_US (60 * G_USEC_PER_SEC)

void
foyer_test_log_init (FoyerTestLog *self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->words = g_ptr_array_new_with_free_func (g_free);
}

void
foyer_test_log_clear (FoyerTestLog *self)
{
  g_clear_pointer (&self->words, g_ptr_array_unref);
  g_cond_clear (&self->changed);
  g_mutex_clear (&self->lock);
}

void
foyer_test_log_add (FoyerTestLog *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->words, g_strdup_vprintf (format, args));
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  va_end (args);
}

static guint
count (FoyerTestLog *self, const char *prefix)
{
  guint n = 0;

  for (guint i = 0; i < self->words->len; i++)
    n += g_str_has_prefix (self->words->pdata[i], prefix);
  return n;
}

guint
foyer_test_log_count (FoyerTestLog *self, const char *prefix)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = count (self, prefix);
  g_mutex_unlock (&self->lock);
  return n;
}

static void
give_up (FoyerTestLog *self, const char *prefix, guint n)
{
  for (guint i = 0; i < self->words->len; i++)
    g_printerr ("  %s\n", (char *) self->words->pdata[i]);
  g_error ("waited in vain for %u × \"%s\"", n, prefix);
}

void
foyer_test_log_wait (FoyerTestLog *self, const char *prefix, guint n)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&self->lock);
  while (count (self, prefix) < n)
    if (!g_cond_wait_until (&self->changed, &self->lock, end_us))
      give_up (self, prefix, n);
  g_mutex_unlock (&self->lock);
}

char *
foyer_test_log_dup (FoyerTestLog *self, const char *prefix)
{
  char *word = NULL;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->words->len && word == NULL; i++)
    if (g_str_has_prefix (self->words->pdata[i], prefix))
      word = g_strdup (self->words->pdata[i]);
  g_mutex_unlock (&self->lock);
  return word;
}

void
foyer_test_log_reset (FoyerTestLog *self)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_set_size (self->words, 0);
  g_mutex_unlock (&self->lock);
}
