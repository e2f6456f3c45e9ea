/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyerlinksink
 * @title: foyerlinksink
 * @short_description: hands a camera's frames over to sessions, each by its link
 *
 * Copies each frame once for each link into memory that only that link has. A
 * reader that lags loses frames up to the next key frame; it never holds up the
 * others. A key frame is asked for upstream when a link begins, lost a frame, or
 * its reader wants one, at most five times a second; once there are others, for
 * whom it takes from the pictures in between, only a link that begins has one that
 * often, and one that goes on once a second.
 *
 * Frames without a tag (see foyertag) are dropped. Nothing waits for the clock.
 *
 * Links are added and removed by foyer_link_sink_add() and its like. For
 * gst-launch-1.0 there is `fd`: a SEQPACKET socket that the shell was born with.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 v4l2src ! foyertag camera=7 generation=1 ! videoconvert ! x264enc tune=zerolatency ! foyerlinksink fd=3
 * ]|
 */
#include "config.h"

#include "foyerlinksink.h"

#include "foyer-fd.h"
#include "foyer-link-caps.h"
#include "foyer-shape.h"
#include "foyer-tag-meta.h"

#include <gst/video/video.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (foyer_link_sink_debug);
#define GST_CAT_DEFAULT foyer_link_sink_debug

/* How far apart key frames are asked for at least: for one that begins, or is the
 * only one; and again for one of many. Where frames are late because the machine
 * or the network is, more key frames make more of them late. */
#define KEY_INTERVAL_US   (200 * 1000)
#define AGAIN_INTERVAL_US G_USEC_PER_SEC

enum
{
  PROP_0,
  PROP_FD,
  PROP_STATS
};

/* One session's link. */
typedef struct
{
  FoyerSessionId session;  /* none for that of the property */
  int socket;              /* owned until there is a writer */
  FoyerLinkWriter *writer; /* owned; from the first frame on */
  FoyerLinkWish wish;      /* as last heard */
  gint64 granted_us;       /* no frame from before */
  gboolean has_moved;      /* here; no key frame of this sink went to it yet */
  gboolean has_begun;      /* a key frame of this sink went to it */
} Link;

struct _FoyerLinkSink
{
  GstBaseSink parent_instance;
  int fd;                  /* object lock: of the property, owned from start */
  GMutex mutex;            /* of what follows */
  const FoyerClock *clock; /* of key_asked_us */
  GPtrArray *links;        /* of Link, owned */
  guint64 n_frames;        /* that came */
  guint64 n_untagged;      /* of these */
  gint64 key_asked_us;     /* when, monotonic */
  gboolean has_asked_key;  /* ever */
  FoyerShape shape;        /* streaming thread */
  GstVideoInfo info;       /* streaming thread: of raw frames as they come */
  GstVideoInfo packed;     /* streaming thread: as they lie in a link */
};

G_DEFINE_FINAL_TYPE (FoyerLinkSink, foyer_link_sink, GST_TYPE_BASE_SINK)
GST_ELEMENT_REGISTER_DEFINE (foyerlinksink, "foyerlinksink", GST_RANK_NONE,
    FOYER_TYPE_LINK_SINK)

static void
link_free (gpointer data)
{
  Link *link = data;

  foyer_link_writer_free (link->writer);
  foyer_fd_clear (&link->socket);
  g_free (link);
}

/* Under the mutex. */
static Link *
find_link (FoyerLinkSink *self, FoyerSessionId session, guint *index)
{
  for (guint i = 0; i < self->links->len; i++) {
    Link *link = g_ptr_array_index (self->links, i);

    if (foyer_session_id_equal (link->session, session)) {
      *index = i;
      return link;
    }
  }
  return NULL;
}

/* How soon after the last key frame was asked for @link may have another. Under
 * the mutex. */
static gint64
get_key_interval_us (const FoyerLinkSink *self, const Link *link)
{
  return link->has_begun && self->links->len > 1 ? AGAIN_INTERVAL_US
                                                 : KEY_INTERVAL_US;
}

/* Whether a key frame may be asked for again. Under the mutex. */
static gboolean
take_key_turn (FoyerLinkSink *self, gint64 interval_us)
{
  gint64 now_us = foyer_clock_get_us (self->clock);

  if (self->has_asked_key && now_us - self->key_asked_us < interval_us)
    return FALSE;
  self->has_asked_key = TRUE;
  self->key_asked_us = now_us;
  return TRUE;
}

static void
ask_key (FoyerLinkSink *self)
{
  GST_DEBUG_OBJECT (self, "asking for a key frame");
  gst_pad_push_event (GST_BASE_SINK_PAD (self),
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

static gboolean
add_link (FoyerLinkSink *self, FoyerSessionId session, gint64 granted_us,
    int socket)
{
  gboolean is_new, is_turn = FALSE;
  guint index;

  g_mutex_lock (&self->mutex);
  is_new = find_link (self, session, &index) == NULL;
  if (is_new) {
    Link *link = g_new0 (Link, 1);

    link->session = session;
    link->granted_us = granted_us;
    link->socket = socket;
    link->wish.wants_key = TRUE;
    g_ptr_array_add (self->links, link);
    is_turn = take_key_turn (self, KEY_INTERVAL_US);
  }
  g_mutex_unlock (&self->mutex);
  if (!is_new)
    foyer_fd_clear (&socket);
  if (is_turn)
    ask_key (self);
  return is_new;
}

gboolean
foyer_link_sink_add (FoyerLinkSink *self, FoyerSessionId session, int socket)
{
  g_return_val_if_fail (session.v != 0, FALSE);
  return add_link (self, session, 0, socket);
}

gboolean
foyer_link_sink_add_since (FoyerLinkSink *self, FoyerSessionId session,
    gint64 granted_us, int socket)
{
  g_return_val_if_fail (session.v != 0, FALSE);
  return add_link (self, session, granted_us, socket);
}

gboolean
foyer_link_sink_remove (FoyerLinkSink *self, FoyerSessionId session)
{
  gboolean has_link;
  guint index;

  g_mutex_lock (&self->mutex);
  has_link = find_link (self, session, &index) != NULL;
  if (has_link)
    g_ptr_array_remove_index (self->links, index);
  g_mutex_unlock (&self->mutex);
  return has_link;
}

/* Takes @link, or frees it if that session has one here. */
static gboolean
take_moved (FoyerLinkSink *self, Link *link)
{
  gboolean is_new, is_turn = FALSE;
  guint index;

  g_mutex_lock (&self->mutex);
  is_new = find_link (self, link->session, &index) == NULL;
  if (is_new) {
    link->has_moved = TRUE;
    link->has_begun = FALSE;
    link->wish.wants_key = TRUE;
    g_ptr_array_add (self->links, link);
    is_turn = take_key_turn (self, KEY_INTERVAL_US);
  }
  g_mutex_unlock (&self->mutex);
  if (!is_new)
    link_free (link);
  if (is_turn)
    ask_key (self);
  return is_new;
}

gboolean
foyer_link_sink_move (FoyerLinkSink *self, FoyerSessionId session,
    FoyerLinkSink *to)
{
  Link *link;
  guint index;

  g_return_val_if_fail (self != to, FALSE);
  g_mutex_lock (&self->mutex);
  link = find_link (self, session, &index);
  if (link != NULL)
    g_ptr_array_steal_index (self->links, index);
  g_mutex_unlock (&self->mutex);
  return link != NULL && take_moved (to, link);
}

gboolean
foyer_link_sink_get_wish (FoyerLinkSink *self, FoyerSessionId session,
    FoyerLinkWish *wish)
{
  const Link *link;
  guint index;

  g_mutex_lock (&self->mutex);
  link = find_link (self, session, &index);
  if (link != NULL)
    *wish = link->wish;
  g_mutex_unlock (&self->mutex);
  return link != NULL;
}

void
foyer_link_sink_set_clock (FoyerLinkSink *self, const FoyerClock *clock)
{
  g_mutex_lock (&self->mutex);
  self->clock = clock;
  g_mutex_unlock (&self->mutex);
}

static gsize
get_slot_bytes (const FoyerLinkSink *self)
{
  if (self->shape.codec == FOYER_CODEC_RAW)
    return self->packed.size;
  return foyer_codec_is_sound (self->shape.codec) ? FOYER_LINK_SOUND_BYTES
                                                  : FOYER_LINK_CODED_BYTES;
}

/* The pool is made with the first frame, when its size is known. */
static gboolean
ensure_writer (FoyerLinkSink *self, Link *link)
{
  g_autoptr (GError) error = NULL;

  if (link->writer == NULL && link->socket >= 0) {
    link->writer = foyer_link_writer_new (g_steal_fd (&link->socket),
        get_slot_bytes (self), FOYER_LINK_SLOTS, &error);
    if (link->writer == NULL)
      GST_WARNING_OBJECT (self, "no link: %s", error->message);
  }
  return link->writer != NULL &&
      foyer_link_writer_set_shape (link->writer, &self->shape);
}

/* Returns FALSE if the link is at an end. */
static gboolean
push_to_link (FoyerLinkSink *self, Link *link, const FoyerLinkFrame *frame)
{
  gboolean still_wants_key = link->wish.wants_key;
  FoyerLinkResult result;

  /* What its reader has is of another encoder. */
  if (frame->capture_us < link->granted_us ||
      (link->has_moved && !frame->is_key))
    return TRUE;
  link->has_moved = FALSE;
  if (!ensure_writer (self, link))
    return FALSE;
  result = foyer_link_writer_push (link->writer, frame);
  if (!foyer_link_writer_receive (link->writer, &link->wish))
    return FALSE;
  if (result == FOYER_LINK_SENT && frame->is_key) {
    link->has_begun = TRUE;
    link->wish.wants_key = FALSE;
  } else {
    link->wish.wants_key |= still_wants_key;
  }
  return result != FOYER_LINK_GONE;
}

/* To all links; returns those that are at an end, and whether a key frame is to
 * be asked for. */
static GPtrArray *
push_to_links (FoyerLinkSink *self, const FoyerLinkFrame *frame,
    gboolean *is_key_wanted)
{
  GPtrArray *gone = g_ptr_array_new_with_free_func (link_free);
  gint64 interval_us = G_MAXINT64;

  g_mutex_lock (&self->mutex);
  for (guint i = self->links->len; i-- > 0;) {
    Link *link = g_ptr_array_index (self->links, i);

    if (!push_to_link (self, link, frame))
      g_ptr_array_add (gone, g_ptr_array_steal_index (self->links, i));
    else if (link->wish.wants_key)
      interval_us = MIN (interval_us, get_key_interval_us (self, link));
  }
  *is_key_wanted = interval_us != G_MAXINT64 &&
      take_key_turn (self, interval_us);
  g_mutex_unlock (&self->mutex);
  return gone;
}

static GstFlowReturn
tell_gone (FoyerLinkSink *self, const GPtrArray *gone)
{
  for (guint i = 0; i < gone->len; i++) {
    const Link *link = g_ptr_array_index (gone, i);

    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_element (GST_OBJECT (self),
            gst_structure_new ("foyer-link-gone", "session", G_TYPE_UINT64,
                link->session.v, NULL)));
    if (link->session.v == 0) {
      GST_ELEMENT_ERROR (self, RESOURCE, WRITE,
          ("The reader of the link is gone."), (NULL));
      return GST_FLOW_ERROR;
    }
  }
  return GST_FLOW_OK;
}

static GstFlowReturn
push_bytes (FoyerLinkSink *self, GstBuffer *buffer, const guint8 *data,
    gsize n_bytes)
{
  const FoyerTag *tag = foyer_buffer_get_tag (buffer);
  FoyerLinkFrame frame = {
    .camera = tag->camera,
    .generation = tag->generation,
    .sequence = tag->sequence,
    .capture_us = tag->capture_us,
    .is_key = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT),
    .data = data,
    .n_bytes = n_bytes,
  };
  g_autoptr (GPtrArray) gone = NULL;
  gboolean is_key_wanted;

  gone = push_to_links (self, &frame, &is_key_wanted);
  if (is_key_wanted)
    ask_key (self);
  return tell_gone (self, gone);
}

/* Whether raw frames come as they lie in a link. */
static gboolean
is_packed (FoyerLinkSink *self, GstBuffer *buffer)
{
  return gst_buffer_get_video_meta (buffer) == NULL &&
      self->info.size == self->packed.size &&
      memcmp (self->info.stride, self->packed.stride,
          sizeof self->info.stride) == 0 &&
      memcmp (self->info.offset, self->packed.offset,
          sizeof self->info.offset) == 0;
}

/* (transfer full): a frame without padding; NULL if it can't be read */
static GstBuffer *
pack (FoyerLinkSink *self, GstBuffer *buffer)
{
  GstBuffer *out = gst_buffer_new_allocate (NULL, self->packed.size, NULL);

  if (!foyer_link_copy_raw (&self->packed, out, &self->info, buffer))
    gst_clear_buffer (&out);
  return out;
}

static gboolean
count_frame (FoyerLinkSink *self, GstBuffer *buffer)
{
  gboolean is_tagged = foyer_buffer_get_tag (buffer) != NULL;

  g_mutex_lock (&self->mutex);
  self->n_frames++;
  self->n_untagged += is_tagged ? 0 : 1;
  g_mutex_unlock (&self->mutex);
  return is_tagged;
}

static GstFlowReturn
foyer_link_sink_render (GstBaseSink *base, GstBuffer *buffer)
{
  FoyerLinkSink *self = FOYER_LINK_SINK (base);
  g_autoptr (GstBuffer) packed = NULL;
  GstFlowReturn result;
  GstMapInfo map;

  if (!count_frame (self, buffer))
    return GST_FLOW_OK;
  if (self->shape.codec == FOYER_CODEC_RAW && !is_packed (self, buffer)) {
    packed = pack (self, buffer);
    if (packed == NULL)
      return GST_FLOW_ERROR;
  }
  if (!gst_buffer_map (packed != NULL ? packed : buffer, &map, GST_MAP_READ))
    return GST_FLOW_ERROR;
  result = push_bytes (self, buffer, map.data, map.size);
  gst_buffer_unmap (packed != NULL ? packed : buffer, &map);
  return result;
}

static gboolean
foyer_link_sink_set_caps (GstBaseSink *base, GstCaps *caps)
{
  FoyerLinkSink *self = FOYER_LINK_SINK (base);

  if (!foyer_link_shape_from_caps (&self->shape, caps)) {
    GST_ERROR_OBJECT (self, "no link carries %" GST_PTR_FORMAT, caps);
    return FALSE;
  }
  if (self->shape.codec != FOYER_CODEC_RAW)
    return TRUE;
  foyer_link_raw_info (&self->packed, &self->shape);
  return gst_video_info_from_caps (&self->info, caps);
}

static gboolean
foyer_link_sink_propose_allocation (GstBaseSink *base, GstQuery *query)
{
  gst_query_add_allocation_meta (query, GST_VIDEO_META_API_TYPE, NULL);
  return TRUE;
}

static gboolean
foyer_link_sink_start (GstBaseSink *base)
{
  FoyerLinkSink *self = FOYER_LINK_SINK (base);
  int fd;

  GST_OBJECT_LOCK (self);
  fd = g_steal_fd (&self->fd);
  GST_OBJECT_UNLOCK (self);
  if (fd >= 0)
    add_link (self, (FoyerSessionId){ 0 }, 0, fd);
  return TRUE;
}

static GstStructure *
make_stats (FoyerLinkSink *self)
{
  GstStructure *stats;

  g_mutex_lock (&self->mutex);
  stats = gst_structure_new ("foyer-link-stats", "links", G_TYPE_UINT,
      self->links->len, "frames", G_TYPE_UINT64, self->n_frames, "untagged",
      G_TYPE_UINT64, self->n_untagged, NULL);
  g_mutex_unlock (&self->mutex);
  return stats;
}

static void
foyer_link_sink_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  FoyerLinkSink *self = FOYER_LINK_SINK (object);

  if (id != PROP_FD) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  self->fd = g_value_get_int (value);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_link_sink_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerLinkSink *self = FOYER_LINK_SINK (object);

  switch (id) {
    case PROP_FD:
      GST_OBJECT_LOCK (self);
      g_value_set_int (value, self->fd);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
}

static void
foyer_link_sink_finalize (GObject *object)
{
  FoyerLinkSink *self = FOYER_LINK_SINK (object);

  g_ptr_array_unref (self->links);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (foyer_link_sink_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  g_object_class_install_property (object_class, PROP_FD,
      g_param_spec_int ("fd", "Descriptor",
          "Number of a SEQPACKET socket, the writing end of a link; taken over "
          "when the element starts; -1 for none",
          -1, G_MAXINT, -1,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
              GST_PARAM_MUTABLE_READY));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Links there are, frames that came, and those without a tag",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
foyer_link_sink_class_init (FoyerLinkSinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *base_class = GST_BASE_SINK_CLASS (klass);
  g_autoptr (GstCaps) caps = gst_caps_from_string (FOYER_LINK_CAPS);

  GST_DEBUG_CATEGORY_INIT (foyer_link_sink_debug, "foyerlinksink", 0,
      "hands frames over to sessions");
  object_class->set_property = foyer_link_sink_set_property;
  object_class->get_property = foyer_link_sink_get_property;
  object_class->finalize = foyer_link_sink_finalize;
  install_properties (object_class);
  base_class->start = foyer_link_sink_start;
  base_class->set_caps = foyer_link_sink_set_caps;
  base_class->propose_allocation = foyer_link_sink_propose_allocation;
  base_class->render = foyer_link_sink_render;
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_set_static_metadata (element_class, "Foyer link sink",
      "Sink/Video", "Hands a camera's frames over to sessions",
      "The Foyer developers");
}

static void
foyer_link_sink_init (FoyerLinkSink *self)
{
  GstBaseSink *base = GST_BASE_SINK (self);

  self->fd = -1;
  g_mutex_init (&self->mutex);
  self->clock = foyer_clock_get_system ();
  self->links = g_ptr_array_new_with_free_func (link_free);
  gst_base_sink_set_sync (base, FALSE);
  gst_base_sink_set_async_enabled (base, FALSE);
  /* No frame stays behind. */
  gst_base_sink_set_last_sample_enabled (base, FALSE);
}
