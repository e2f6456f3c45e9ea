/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-source.h"
#include "foyer-camera-worker.h"
#include "foyer-link.h"
#include "foyer-shape.h"
#include "foyer-tone.h"

#include <stdlib.h>
#include <string.h>

/* foyer-camera gone wrong: linked with --wrap of the functions below, it puts into
 * its links, of pictures and of sound, what it must not. How, FOYER_ROGUE says:
 *
 *   foreign     pictures of another camera, under that camera's name
 *   generation  of an earlier opening
 *   past        captured a second and a half ago, by their tag
 *   future      captured in 3 s
 *   repeat      each under the number of the one before it
 *   untagged    of no camera
 *   held        each 20th once more, a second and a half later
 *   joined      to a new session first its newest key frame from before
 *
 * But for the last two and "repeat", its pictures and its sound bear the mark of a
 * camera that there is not, so that any that is decoded is known. */

#define STRANGE_MARK 9
#define FUTURE_US    (3 * G_USEC_PER_SEC)
#define OLD_US       (3 * G_USEC_PER_SEC / 2) /* over any grant's bound here */
#define HOLD_EVERY   20

typedef struct
{
  FoyerLinkFrame frame;
  guint8 *data;
} Kept;

static Kept held[2], newest_key[2]; /* of pictures, of sound */
static GHashTable *known, *sounds;  /* of FoyerLinkWriter */
static guint64 n_pushed;
static GMutex lock; /* for all above; each rung has a thread, and sound */

gboolean __real_foyer_camera_source_add (GstBin *bin,
    const FoyerMessage *config, int device, FoyerCameraSource *source,
    GError **error);
gboolean __wrap_foyer_camera_source_add (GstBin *bin,
    const FoyerMessage *config, int device, FoyerCameraSource *source,
    GError **error);
gboolean __real_foyer_link_writer_set_shape (FoyerLinkWriter *writer,
    const FoyerShape *shape);
gboolean __wrap_foyer_link_writer_set_shape (FoyerLinkWriter *writer,
    const FoyerShape *shape);
void __real_foyer_tone_draw (gint16 *samples, gsize n_samples,
    guint64 capture_ns, guint camera);
void __wrap_foyer_tone_draw (gint16 *samples, gsize n_samples,
    guint64 capture_ns, guint camera);
FoyerLinkResult __real_foyer_link_writer_push (FoyerLinkWriter *writer,
    const FoyerLinkFrame *frame);
FoyerLinkResult __wrap_foyer_link_writer_push (FoyerLinkWriter *writer,
    const FoyerLinkFrame *frame);

static gboolean
is_way (const char *way)
{
  return g_strcmp0 (g_getenv ("FOYER_ROGUE"), way) == 0;
}

static gboolean
shows_own_camera (void)
{
  return is_way ("held") || is_way ("joined") || is_way ("repeat") ||
      is_way ("none");
}

static void
on_element (const GValue *item, gpointer user_data)
{
  GstElement *element = g_value_get_object (item);
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory != NULL && g_str_equal (GST_OBJECT_NAME (factory), "foyermark") &&
      !shows_own_camera ())
    g_object_set (element, "camera", STRANGE_MARK, NULL);
}

gboolean
__wrap_foyer_camera_source_add (GstBin *bin, const FoyerMessage *config,
    int device, FoyerCameraSource *source, GError **error)
{
  GstIterator *elements;

  if (!__real_foyer_camera_source_add (bin, config, device, source, error))
    return FALSE;
  elements = gst_bin_iterate_elements (bin);
  gst_iterator_foreach (elements, on_element, NULL);
  gst_iterator_free (elements);
  return TRUE;
}

void
__wrap_foyer_tone_draw (gint16 *samples, gsize n_samples, guint64 capture_ns,
    guint camera)
{
  __real_foyer_tone_draw (samples, n_samples, capture_ns,
      shows_own_camera () ? camera : STRANGE_MARK);
}

gboolean
__wrap_foyer_link_writer_set_shape (FoyerLinkWriter *writer,
    const FoyerShape *shape)
{
  g_mutex_lock (&lock);
  if (sounds == NULL)
    sounds = g_hash_table_new (NULL, NULL);
  if (foyer_codec_is_sound (shape->codec))
    g_hash_table_add (sounds, writer);
  g_mutex_unlock (&lock);
  return __real_foyer_link_writer_set_shape (writer, shape);
}

static guint
get_kind (FoyerLinkWriter *writer)
{
  return sounds != NULL && g_hash_table_contains (sounds, writer) ? 1 : 0;
}

static void
keep (Kept *kept, const FoyerLinkFrame *frame)
{
  g_free (kept->data);
  kept->data = g_memdup2 (frame->data, frame->n_bytes);
  kept->frame = *frame;
  kept->frame.data = kept->data;
}

static void
distort (FoyerLinkFrame *frame)
{
  if (is_way ("foreign"))
    frame->camera.v++;
  else if (is_way ("generation"))
    frame->generation--;
  else if (is_way ("past"))
    frame->capture_us -= OLD_US;
  else if (is_way ("future"))
    frame->capture_us += FUTURE_US;
  else if (is_way ("repeat"))
    frame->sequence = (frame->sequence + 1) / 2;
  else if (is_way ("untagged"))
    frame->camera.v = 0;
}

static void
push_held (FoyerLinkWriter *writer, const FoyerLinkFrame *frame)
{
  Kept *own = &held[get_kind (writer)];

  if (own->data != NULL && frame->capture_us - own->frame.capture_us > OLD_US)
    __real_foyer_link_writer_push (writer, &own->frame);
  if (n_pushed % HOLD_EVERY == 0)
    keep (own, frame);
}

/* What some servers do so that a new client need not wait. */
static void
push_newest_key (FoyerLinkWriter *writer)
{
  const Kept *own = &newest_key[get_kind (writer)];

  if (known == NULL)
    known = g_hash_table_new (NULL, NULL);
  if (g_hash_table_add (known, writer) && own->data != NULL)
    __real_foyer_link_writer_push (writer, &own->frame);
}

FoyerLinkResult
__wrap_foyer_link_writer_push (FoyerLinkWriter *writer,
    const FoyerLinkFrame *frame)
{
  FoyerLinkFrame other = *frame;
  FoyerLinkResult result;

  g_mutex_lock (&lock);
  n_pushed++;
  if (is_way ("held"))
    push_held (writer, frame);
  if (is_way ("joined"))
    push_newest_key (writer);
  if (frame->is_key)
    keep (&newest_key[get_kind (writer)], frame);
  distort (&other);
  result = __real_foyer_link_writer_push (writer, &other);
  g_mutex_unlock (&lock);
  return result;
}

int
main (void)
{
  foyer_camera_worker_run ();
}
