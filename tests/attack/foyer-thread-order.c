/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dlfcn.h>
#include <gst/gst.h>
#include <poll.h>

/* To be preloaded into programs that the thread sanitizer is built into. GLib and
 * GStreamer are not, and their locks are the kernel's futexes, which it does not know:
 * so this tells it what they put in order, at the calls that do so. Nothing is hidden:
 * what nobody ordered still races.
 *
 * What GLib calls within itself does not come by here: the lock of a main context
 * stands for all of them, taken at what is handed to a context, and when its thread
 * has waited or calls back. */

/* Of the sanitizer, if it is there. */
void __tsan_acquire (void *what) __attribute__ ((weak));
void __tsan_release (void *what) __attribute__ ((weak));

static char contexts; /* all main contexts */

static void
take (gconstpointer what)
{
  if (__tsan_acquire != NULL)
    __tsan_acquire ((void *) what);
}

static void
give (gconstpointer what)
{
  if (__tsan_release != NULL)
    __tsan_release ((void *) what);
}

/* (transfer none): the function that this one stands before */
#define NEXT(name)                                          \
  ({                                                        \
    static __typeof__ (&name) next;                         \
    if (next == NULL)                                       \
      next = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name); \
    next;                                                   \
  })

#define LOCK(name, Type) \
  void name (Type *lock) \
  {                      \
    NEXT (name) (lock);  \
    take (lock);         \
  }

#define TRY_LOCK(name, Type)                \
  gboolean name (Type *lock)                \
  {                                         \
    gboolean is_taken = NEXT (name) (lock); \
                                            \
    if (is_taken)                           \
      take (lock);                          \
    return is_taken;                        \
  }

#define UNLOCK(name, Type) \
  void name (Type *lock)   \
  {                        \
    give (lock);           \
    NEXT (name) (lock);    \
  }

/* The last reference is given up after all others were: who frees comes after. */
#define UNREF(name, Type)  \
  void name (Type *object) \
  {                        \
    give (object);         \
    take (object);         \
    NEXT (name) (object);  \
  }

/* Macros of the same names. */
#undef g_once_init_enter
#undef g_once_init_leave

LOCK (g_mutex_lock, GMutex)
TRY_LOCK (g_mutex_trylock, GMutex)
UNLOCK (g_mutex_unlock, GMutex)
LOCK (g_rec_mutex_lock, GRecMutex)
TRY_LOCK (g_rec_mutex_trylock, GRecMutex)
UNLOCK (g_rec_mutex_unlock, GRecMutex)
LOCK (g_rw_lock_reader_lock, GRWLock)
TRY_LOCK (g_rw_lock_reader_trylock, GRWLock)
UNLOCK (g_rw_lock_reader_unlock, GRWLock)
LOCK (g_rw_lock_writer_lock, GRWLock)
TRY_LOCK (g_rw_lock_writer_trylock, GRWLock)
UNLOCK (g_rw_lock_writer_unlock, GRWLock)

UNREF (g_object_unref, void)
UNREF (g_bytes_unref, GBytes)
UNREF (g_source_unref, GSource)
UNREF (g_variant_unref, GVariant)
UNREF (gst_mini_object_unref, GstMiniObject)

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  give (mutex);
  NEXT (g_cond_wait) (cond, mutex);
  take (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_us)
{
  gboolean is_signalled;

  give (mutex);
  is_signalled = NEXT (g_cond_wait_until) (cond, mutex, end_us);
  take (mutex);
  return is_signalled;
}

gboolean
g_once_init_enter (volatile void *location)
{
  gboolean is_first = NEXT (g_once_init_enter) (location);

  take ((gconstpointer) location);
  return is_first;
}

void
g_once_init_leave (volatile void *location, gsize result)
{
  give ((gconstpointer) location);
  NEXT (g_once_init_leave) (location, result);
}

/* What is handed to a main context, and who waited for something. */

guint
g_source_attach (GSource *source, GMainContext *context)
{
  give (&contexts);
  return NEXT (g_source_attach) (source, context);
}

void
g_source_set_ready_time (GSource *source, gint64 ready_us)
{
  give (&contexts);
  NEXT (g_source_set_ready_time) (source, ready_us);
}

void
g_source_destroy (GSource *source)
{
  give (&contexts);
  NEXT (g_source_destroy) (source);
}

void
g_main_context_wakeup (GMainContext *context)
{
  give (&contexts);
  NEXT (g_main_context_wakeup) (context);
}

void
g_main_context_invoke (GMainContext *context, GSourceFunc function,
    gpointer user_data)
{
  give (&contexts);
  NEXT (g_main_context_invoke) (context, function, user_data);
}

void
g_main_context_invoke_full (GMainContext *context, gint priority,
    GSourceFunc function, gpointer user_data, GDestroyNotify notify)
{
  give (&contexts);
  NEXT (g_main_context_invoke_full)
  (context, priority, function, user_data, notify);
}

/* A source may be attached after its context's thread has waited, and run in the same
 * turn: then nothing above is seen of it before its callback. */
typedef struct
{
  GSourceFunc function;
  gpointer user_data;
  GDestroyNotify notify;
} Callback;

static gboolean
call_back (gpointer user_data)
{
  const Callback *callback = user_data;

  take (&contexts);
  return callback->function (callback->user_data);
}

static void
callback_free (gpointer user_data)
{
  Callback *callback = user_data;

  if (callback->notify != NULL)
    callback->notify (callback->user_data);
  g_free (callback);
}

/* Callbacks of other kinds of source have other arguments. */
static gboolean
is_plain (const GSource *source)
{
  return source->source_funcs == &g_idle_funcs ||
      source->source_funcs == &g_timeout_funcs;
}

void
g_source_set_callback (GSource *source, GSourceFunc function,
    gpointer user_data, GDestroyNotify notify)
{
  const Callback own = { function, user_data, notify };

  if (function != NULL && is_plain (source))
    NEXT (g_source_set_callback)
  (source, call_back, g_memdup2 (&own, sizeof own), callback_free);
  else NEXT (g_source_set_callback) (source, function, user_data, notify);
}

int
poll (struct pollfd *fds, nfds_t n_fds, int timeout_ms)
{
  int n_ready = NEXT (poll) (fds, n_fds, timeout_ms);

  take (&contexts);
  return n_ready;
}
