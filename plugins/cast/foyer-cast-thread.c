/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-thread.h"

struct _FoyerCastThread
{
  GMainContext *context;
  GThread *thread;      /* NULL once joined; by whoever joins */
  guint n_holds;        /* its own thread */
  gboolean is_quitting; /* its own thread */
};

typedef struct
{
  void (*func) (gpointer);
  gpointer data;
  GDestroyNotify destroy;
} Call;

static gpointer
run (gpointer user_data)
{
  FoyerCastThread *self = user_data;

  g_main_context_push_thread_default (self->context);
  while (!self->is_quitting || self->n_holds > 0)
    g_main_context_iteration (self->context, TRUE);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
quit (gpointer user_data)
{
  FoyerCastThread *self = user_data;

  self->is_quitting = TRUE;
}

static gboolean
on_call (gpointer user_data)
{
  const Call *call = user_data;

  call->func (call->data);
  return G_SOURCE_REMOVE;
}

static void
call_free (gpointer user_data)
{
  Call *call = user_data;

  if (call->destroy != NULL)
    call->destroy (call->data);
  g_free (call);
}

static GSource *
add_source (FoyerCastThread *self, GSource *source, const Call *call)
{
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_call, g_memdup2 (call, sizeof *call),
      call_free);
  g_source_attach (source, self->context);
  return source;
}

FoyerCastThread *
foyer_cast_thread_new (const char *name)
{
  FoyerCastThread *self = g_new0 (FoyerCastThread, 1);

  self->context = g_main_context_new ();
  self->thread = g_thread_new (name, run, self);
  return self;
}

GMainContext *
foyer_cast_thread_get_context (const FoyerCastThread *self)
{
  return self->context;
}

void
foyer_cast_thread_invoke (FoyerCastThread *self, void (*func) (gpointer),
    gpointer data, GDestroyNotify destroy)
{
  const Call call = { .func = func, .data = data, .destroy = destroy };

  g_source_unref (add_source (self, g_idle_source_new (), &call));
}

void
foyer_cast_thread_hold (FoyerCastThread *self)
{
  self->n_holds++;
}

void
foyer_cast_thread_release (FoyerCastThread *self)
{
  self->n_holds--;
}

void
foyer_cast_thread_join (FoyerCastThread *self)
{
  if (self->thread == NULL)
    return;
  foyer_cast_thread_invoke (self, quit, self, NULL);
  g_thread_join (g_steal_pointer (&self->thread));
}

void
foyer_cast_thread_free (FoyerCastThread *self)
{
  if (self == NULL)
    return;
  foyer_cast_thread_join (self);
  g_main_context_unref (self->context);
  g_free (self);
}

void
foyer_cast_timer_set (FoyerCastTimer *self, FoyerCastThread *thread, guint ms,
    void (*func) (gpointer), gpointer data)
{
  const Call call = { .func = func, .data = data };

  foyer_cast_timer_clear (self);
  self->source = add_source (thread, g_timeout_source_new (ms), &call);
}

void
foyer_cast_timer_clear (FoyerCastTimer *self)
{
  if (self->source == NULL)
    return;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}
