/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyergate
 * @title: foyergate
 * @short_description: lets frames of one camera through, while it may
 *
 * A gate is born closed. Once `open` is set, it lets a frame through if its tag
 * (see foyertag) names the camera and the opening of it that were granted, it was
 * captured after the grant, is not older than `max-age`, its number is larger
 * than that of the frame before, a key frame came first, and the grant's time is
 * not over. Everything else is dropped, and counted by reason in `stats`.
 *
 * A frame lost to its age is a gap, which ends with a key frame. Whenever one is
 * missing it is asked for upstream, at most five times a second.
 *
 * Setting `open` to false closes it for good. That returns when no frame is on its
 * way through, and what stands downstream was flushed.
 *
 * The gate stands behind encoder and parser, and before any muxer, payloader or
 * encryption: some muxers lose the tag.
 *
 * The properties of the grant count when the gate opens: at once, or when the
 * element starts. Without `granted-us` the grant begins at that moment.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 v4l2src ! foyertag camera=7 generation=1 ! foyergate camera=7 generation=1 open=true ! videoconvert ! autovideosink
 * ]|
 */
#include "config.h"

#include "foyergate.h"

#include "foyer-tag-meta.h"

#include <gst/video/video.h>

GST_DEBUG_CATEGORY_STATIC (foyer_gate_debug);
#define GST_CAT_DEFAULT foyer_gate_debug

#define DEFAULT_MAX_AGE_MS 1000
#define US_PER_MS          1000
#define KEY_INTERVAL_US    (200 * 1000)

enum
{
  PROP_0,
  PROP_CAMERA,
  PROP_GENERATION,
  PROP_GRANTED_US,
  PROP_ENDS_US,
  PROP_MAX_AGE,
  PROP_OPEN,
  PROP_STATS
};

struct _FoyerGateElement
{
  GstBaseTransform parent_instance;
  const FoyerClock *clock;               /* set before the first frame */
  FoyerGate gate;                        /* object lock */
  FoyerGrant grant;                      /* object lock: of the properties */
  gboolean is_wanted;                    /* object lock: open when it starts */
  gboolean is_started;                   /* object lock */
  guint64 counts[FOYER_GATE_N_VERDICTS]; /* object lock */
  gboolean has_gap;    /* streaming thread: a frame was lost to its age */
  gint64 key_asked_us; /* streaming thread: when; monotonic */
  gboolean has_asked;  /* streaming thread: for a key frame, ever */
};

G_DEFINE_FINAL_TYPE (FoyerGateElement, foyer_gate_element,
    GST_TYPE_BASE_TRANSFORM)
GST_ELEMENT_REGISTER_DEFINE (foyergate, "foyergate", GST_RANK_NONE,
    FOYER_TYPE_GATE_ELEMENT)

/* What refers to a frame that was dropped is no use: to the gate's own reasons
 * comes that a gap ends with a key frame. Under the object lock. */
static FoyerGateVerdict
pass (FoyerGateElement *self, const FoyerGateFrame *frame, gint64 now_us)
{
  gboolean is_behind_gap = self->has_gap && !frame->is_key;
  FoyerGateVerdict verdict = is_behind_gap
      ? foyer_gate_decide (&self->gate, frame, now_us)
      : foyer_gate_pass (&self->gate, frame, now_us);

  if (is_behind_gap && verdict == FOYER_GATE_PASS)
    verdict = FOYER_GATE_NO_KEY;
  if (verdict == FOYER_GATE_PASS)
    self->has_gap = FALSE;
  else if (verdict == FOYER_GATE_OLD || verdict == FOYER_GATE_FUTURE)
    self->has_gap = TRUE;
  self->counts[verdict]++;
  return verdict;
}

/* The key frame that opened the stream may have come before the grant, or too
 * late: without another, nothing would ever pass. */
static void
ask_key (FoyerGateElement *self, gint64 now_us)
{
  if (self->has_asked && now_us - self->key_asked_us < KEY_INTERVAL_US)
    return;
  self->has_asked = TRUE;
  self->key_asked_us = now_us;
  gst_pad_push_event (GST_BASE_TRANSFORM_SINK_PAD (self),
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

/* Of each frame: its type is not asked for once more. */
static GstFlowReturn
foyer_gate_element_transform_ip (GstBaseTransform *base, GstBuffer *buffer)
{
  FoyerGateElement *self = (FoyerGateElement *) base;
  gint64 now_us = foyer_clock_get_us (self->clock);
  FoyerGateFrame frame;
  FoyerGateVerdict verdict;

  foyer_buffer_get_gate_frame (buffer, &frame);
  GST_OBJECT_LOCK (self);
  verdict = pass (self, &frame, now_us);
  GST_OBJECT_UNLOCK (self);
  if (verdict == FOYER_GATE_PASS)
    return GST_FLOW_OK;
  GST_LOG_OBJECT (self, "%s: frame %" G_GUINT64_FORMAT " dropped",
      foyer_gate_verdict_to_string (verdict), frame.sequence);
  if (verdict == FOYER_GATE_NO_KEY)
    ask_key (self, now_us);
  return GST_BASE_TRANSFORM_FLOW_DROPPED;
}

gboolean
foyer_gate_element_open (FoyerGateElement *self, const FoyerGrant *grant)
{
  gboolean was_open, is_open;

  GST_OBJECT_LOCK (self);
  was_open = self->gate.is_open;
  foyer_gate_open (&self->gate, grant);
  is_open = self->gate.is_open;
  GST_OBJECT_UNLOCK (self);
  return is_open && !was_open;
}

/* A frame that was let through before the gate closed holds the stream lock
 * until it is downstream; flushing wakes it if it waits there. */
void
foyer_gate_element_close (FoyerGateElement *self)
{
  GstBaseTransform *base = GST_BASE_TRANSFORM (self);

  GST_OBJECT_LOCK (self);
  foyer_gate_close (&self->gate);
  self->is_wanted = FALSE;
  GST_OBJECT_UNLOCK (self);
  gst_pad_push_event (GST_BASE_TRANSFORM_SRC_PAD (base),
      gst_event_new_flush_start ());
  GST_PAD_STREAM_LOCK (GST_BASE_TRANSFORM_SINK_PAD (base));
  gst_pad_push_event (GST_BASE_TRANSFORM_SRC_PAD (base),
      gst_event_new_flush_stop (TRUE));
  GST_PAD_STREAM_UNLOCK (GST_BASE_TRANSFORM_SINK_PAD (base));
  GST_DEBUG_OBJECT (self, "closed for good");
}

void
foyer_gate_element_set_clock (FoyerGateElement *self, const FoyerClock *clock)
{
  self->clock = clock;
}

/* Opens with the grant of the properties, if that is wanted and can be. */
static void
open_if_wanted (FoyerGateElement *self)
{
  FoyerGrant grant;
  gboolean is_due;

  GST_OBJECT_LOCK (self);
  is_due = self->is_wanted && self->is_started && !self->gate.is_open;
  grant = self->grant;
  GST_OBJECT_UNLOCK (self);
  if (!is_due)
    return;
  if (grant.granted_us == 0)
    grant.granted_us = foyer_clock_get_us (self->clock);
  if (!foyer_gate_element_open (self, &grant))
    GST_WARNING_OBJECT (self, "stays closed: over, or without a right grant");
}

static gboolean
foyer_gate_element_start (GstBaseTransform *base)
{
  FoyerGateElement *self = FOYER_GATE_ELEMENT (base);

  GST_OBJECT_LOCK (self);
  self->is_started = TRUE;
  GST_OBJECT_UNLOCK (self);
  open_if_wanted (self);
  return TRUE;
}

static gboolean
foyer_gate_element_stop (GstBaseTransform *base)
{
  FoyerGateElement *self = FOYER_GATE_ELEMENT (base);

  GST_OBJECT_LOCK (self);
  self->is_started = FALSE;
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

/* Closing what was never open would spoil it for good: "open=false" of a launch
 * line is only what it is born as. */
static void
set_open (FoyerGateElement *self, gboolean is_open)
{
  gboolean was_open;

  GST_OBJECT_LOCK (self);
  was_open = self->gate.is_open;
  self->is_wanted = is_open;
  GST_OBJECT_UNLOCK (self);
  if (is_open)
    open_if_wanted (self);
  else if (was_open)
    foyer_gate_element_close (self);
}

void
foyer_gate_element_get_counts (FoyerGateElement *self,
    guint64 counts[FOYER_GATE_N_VERDICTS])
{
  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < FOYER_GATE_N_VERDICTS; i++)
    counts[i] = self->counts[i];
  GST_OBJECT_UNLOCK (self);
}

static GstStructure *
make_stats (FoyerGateElement *self)
{
  guint64 counts[FOYER_GATE_N_VERDICTS];
  GstStructure *stats = gst_structure_new_empty ("foyer-gate-stats");

  foyer_gate_element_get_counts (self, counts);
  for (guint i = 0; i < FOYER_GATE_N_VERDICTS; i++)
    gst_structure_set (stats, foyer_gate_verdict_to_string (i), G_TYPE_UINT64,
        counts[i], NULL);
  return stats;
}

static void
foyer_gate_element_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  FoyerGateElement *self = FOYER_GATE_ELEMENT (object);

  if (id == PROP_OPEN) {
    set_open (self, g_value_get_boolean (value));
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_CAMERA:
      self->grant.camera.v = g_value_get_uint64 (value);
      break;
    case PROP_GENERATION:
      self->grant.generation = g_value_get_uint64 (value);
      break;
    case PROP_GRANTED_US:
      self->grant.granted_us = g_value_get_int64 (value);
      break;
    case PROP_ENDS_US:
      self->grant.ends_us = g_value_get_int64 (value);
      break;
    case PROP_MAX_AGE:
      self->grant.max_age_us = (gint64) g_value_get_uint (value) * US_PER_MS;
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_gate_element_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerGateElement *self = FOYER_GATE_ELEMENT (object);

  if (id == PROP_STATS) {
    g_value_take_boxed (value, make_stats (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_CAMERA:
      g_value_set_uint64 (value, self->grant.camera.v);
      break;
    case PROP_GENERATION:
      g_value_set_uint64 (value, self->grant.generation);
      break;
    case PROP_GRANTED_US:
      g_value_set_int64 (value, self->grant.granted_us);
      break;
    case PROP_ENDS_US:
      g_value_set_int64 (value, self->grant.ends_us);
      break;
    case PROP_MAX_AGE:
      g_value_set_uint (value, (guint) (self->grant.max_age_us / US_PER_MS));
      break;
    case PROP_OPEN:
      g_value_set_boolean (value, self->gate.is_open);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (object_class, PROP_CAMERA,
      g_param_spec_uint64 ("camera", "Camera", "Id of the one camera granted",
          0, G_MAXUINT64, 0, flags));
  g_object_class_install_property (object_class, PROP_GENERATION,
      g_param_spec_uint64 ("generation", "Generation",
          "Number of the one opening of it", 0, G_MAXUINT64, 0, flags));
  g_object_class_install_property (object_class, PROP_GRANTED_US,
      g_param_spec_int64 ("granted-us", "Granted",
          "No frame captured before it passes, in us of CLOCK_MONOTONIC; 0 for "
          "when the gate opens",
          0, G_MAXINT64, 0, flags));
  g_object_class_install_property (object_class, PROP_ENDS_US,
      g_param_spec_int64 ("ends-us", "Ends",
          "No frame passes from then on, in us of CLOCK_MONOTONIC; 0 for never",
          0, G_MAXINT64, 0, flags));
  g_object_class_install_property (object_class, PROP_MAX_AGE,
      g_param_spec_uint ("max-age", "Most age",
          "No frame older than that passes, in ms", 1, G_MAXINT,
          DEFAULT_MAX_AGE_MS, flags));
  g_object_class_install_property (object_class, PROP_OPEN,
      g_param_spec_boolean ("open", "Open",
          "Lets frames pass; once open and then closed, closed for good", FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
              GST_PARAM_MUTABLE_PLAYING));
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Frames that passed, and frames dropped by reason",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
}

static void
foyer_gate_element_class_init (FoyerGateElementClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseTransformClass *base_class = GST_BASE_TRANSFORM_CLASS (klass);
  g_autoptr (GstCaps) caps = gst_caps_new_any ();

  GST_DEBUG_CATEGORY_INIT (foyer_gate_debug, "foyergate", 0,
      "lets frames of one camera through");
  object_class->set_property = foyer_gate_element_set_property;
  object_class->get_property = foyer_gate_element_get_property;
  install_properties (object_class);
  base_class->start = foyer_gate_element_start;
  base_class->stop = foyer_gate_element_stop;
  base_class->transform_ip = foyer_gate_element_transform_ip;
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("sink", GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template (element_class,
      gst_pad_template_new ("src", GST_PAD_SRC, GST_PAD_ALWAYS, caps));
  gst_element_class_set_static_metadata (element_class, "Foyer gate",
      "Filter/Video", "Lets frames of one camera through, while a grant lasts",
      "The Foyer developers");
}

static void
foyer_gate_element_init (FoyerGateElement *self)
{
  self->clock = foyer_clock_get_system ();
  self->grant.max_age_us = DEFAULT_MAX_AGE_MS * US_PER_MS;
  gst_base_transform_set_in_place (GST_BASE_TRANSFORM (self), TRUE);
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), TRUE);
}
