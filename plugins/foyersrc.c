/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * SECTION:element-foyersrc
 * @title: foyersrc
 * @short_description: a camera of this house, as the service grants it
 *
 * Asks foyerd for a camera and gives out its frames, for as long as the owner's
 * rules allow it: `foyerctl grant CAMERA app:NAME`, where NAME is the property
 * #foyersrc:app. The name is a label and no identity: any program of the same user
 * may give it.
 *
 * Frames are raw, I420, unless downstream takes nothing but H.264 or VP8. Width,
 * height and frame rate are what downstream asks for, 1280×720 at 30 if it does
 * not; a coded picture may be smaller. Each frame has its tag (see foyertag), and
 * the time of its capture as its timestamp. While the camera gives no fresh frame
 * there is a picture that says so, without a tag.
 *
 * The session is asked for on the way from READY to PAUSED and ended on the way
 * back. When it is stopped by somebody else, or its time is over, the stream ends;
 * when the rules no longer allow it, the camera is unplugged or anything fails,
 * there is an error with the reason first. No frame is given out after the service
 * said that none would be.
 *
 * ## Messages
 *
 * An element message `foyer-session` tells that a session begins or is over:
 * `state` ("started" or "ended"), `session` (guint64, its number), and at the end
 * `reason`, one word, and `words`, a sentence.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 foyersrc camera=Nursery ! videoconvert ! autovideosink
 * ]| Shows a camera in a window.
 * |[
 * gst-launch-1.0 foyersrc camera=Nursery app=archive ! video/x-h264 ! h264parse ! mp4mux ! filesink location=nursery.mp4
 * ]| Keeps what the camera's one encoder makes for all who watch.
 */
#include "config.h"

#include "foyersrc.h"

#include "foyer-link-caps.h"
#include "foyer-open.h"
#include "foyerlinksrc.h"

GST_DEBUG_CATEGORY_STATIC (foyer_src_debug);
#define GST_CAT_DEFAULT foyer_src_debug

#define DEFAULT_BUS       "system"
#define DEFAULT_APP       "foyersrc"
#define DEFAULT_WIDTH_PX  1280
#define DEFAULT_HEIGHT_PX 720
#define DEFAULT_FPS       30
#define END_LIMIT_US      (3 * G_USEC_PER_SEC)

/* What is preferred first. */
#define CAPS                                          \
  "video/x-raw, format=(string)I420; "                \
  "video/x-h264, stream-format=(string)byte-stream, " \
  "alignment=(string)au; video/x-vp8"

enum
{
  PROP_0,
  PROP_CAMERA,
  PROP_BUS,
  PROP_APP
};

struct _FoyerSrc
{
  GstBin parent_instance;
  FoyerLinkSrc *link; /* borrowed from the bin */
  GstPad *pad;        /* borrowed from the element */
  FoyerOpen *open;    /* state changes; used while the link streams */
  char *camera;       /* object lock */
  char *bus;          /* object lock */
  char *app;          /* object lock */
};

G_DEFINE_FINAL_TYPE (FoyerSrc, foyer_src, GST_TYPE_BIN)
GST_ELEMENT_REGISTER_DEFINE (foyersrc, "foyersrc", GST_RANK_NONE,
    FOYER_TYPE_SRC)

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

static const char *
get_codec (const GstStructure *structure)
{
  if (gst_structure_has_name (structure, "video/x-h264"))
    return "h264";
  return gst_structure_has_name (structure, "video/x-vp8") ? "vp8" : "raw";
}

static guint32
get_side (const GstStructure *structure, const char *name)
{
  int side = 0;

  gst_structure_get_int (structure, name, &side);
  return (guint32) MAX (side, 0);
}

/* What downstream wants most; FALSE if there is nothing that it takes. */
static gboolean
choose (FoyerSrc *self, FoyerOpenWish *wish)
{
  g_autoptr (GstCaps) ours = gst_static_pad_template_get_caps (&src_template);
  g_autoptr (GstCaps) wanted = gst_pad_peer_query_caps (self->pad, ours);
  GstStructure *structure;
  int fps_n = DEFAULT_FPS, fps_d = 1;

  if (gst_caps_is_empty (wanted))
    return FALSE;
  wanted = gst_caps_truncate (gst_caps_make_writable (wanted));
  structure = gst_caps_get_structure (wanted, 0);
  if (!gst_structure_has_field (structure, "width"))
    gst_structure_set (structure, "width", GST_TYPE_INT_RANGE, 1, G_MAXINT,
        NULL);
  if (!gst_structure_has_field (structure, "height"))
    gst_structure_set (structure, "height", GST_TYPE_INT_RANGE, 1, G_MAXINT,
        NULL);
  gst_structure_fixate_field_nearest_int (structure, "width", DEFAULT_WIDTH_PX);
  gst_structure_fixate_field_nearest_int (structure, "height",
      DEFAULT_HEIGHT_PX);
  if (gst_structure_has_field (structure, "framerate"))
    gst_structure_fixate_field_nearest_fraction (structure, "framerate", fps_n,
        fps_d);
  gst_structure_get_fraction (structure, "framerate", &fps_n, &fps_d);
  wish->codec = get_codec (structure);
  wish->width_px = get_side (structure, "width");
  wish->height_px = get_side (structure, "height");
  wish->fps = (guint32) MAX (fps_n / fps_d, 1);
  return TRUE;
}

static void
post (FoyerSrc *self, const char *state, const char *reason, const char *words)
{
  GstStructure *structure = gst_structure_new ("foyer-session", "state",
      G_TYPE_STRING, state, "session", G_TYPE_UINT64,
      foyer_open_get_session (self->open), NULL);

  if (reason != NULL)
    gst_structure_set (structure, "reason", G_TYPE_STRING, reason, "words",
        G_TYPE_STRING, words, NULL);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

static void
report (FoyerSrc *self, const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_AUTHORIZED, ("%s", error->message),
        (NULL));
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("%s", error->message),
        (NULL));
  else
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ, ("%s", error->message),
        (NULL));
}

static gboolean
begin (FoyerSrc *self)
{
  g_autofree char *camera = NULL;
  g_autofree char *bus = NULL;
  g_autofree char *app = NULL;
  g_autoptr (GError) error = NULL;
  FoyerOpenWish wish;
  int link = -1;

  GST_OBJECT_LOCK (self);
  camera = g_strdup (self->camera);
  bus = g_strdup (self->bus);
  app = g_strdup (self->app);
  GST_OBJECT_UNLOCK (self);
  if (camera == NULL || bus == NULL || app == NULL) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("There is no camera to ask for: set camera."), (NULL));
    return FALSE;
  }
  wish = (FoyerOpenWish){ .bus = bus, .camera = camera, .app = app };
  if (!choose (self, &wish)) {
    GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE,
        ("What follows takes neither raw video nor H.264 nor VP8."), (NULL));
    return FALSE;
  }
  self->open = foyer_open_new (&wish, &link, &error);
  if (self->open == NULL) {
    report (self, error);
    return FALSE;
  }
  foyer_link_src_take_fd (self->link, link);
  post (self, "started", NULL, NULL);
  return TRUE;
}

static void
end (FoyerSrc *self)
{
  g_clear_pointer (&self->open, foyer_open_free);
}

/* Streaming thread: the link has ended, and the service says why. */
static GstPadProbeReturn
on_event (GstPad *pad, GstPadProbeInfo *info, gpointer user_data)
{
  FoyerSrc *self = user_data;
  g_autofree char *reason = NULL;
  g_autofree char *words = NULL;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS ||
      self->open == NULL ||
      !foyer_open_wait_end (self->open, END_LIMIT_US, &reason, &words))
    return GST_PAD_PROBE_OK;
  post (self, "ended", reason, words);
  if (!g_str_equal (reason, "stopped") && !g_str_equal (reason, "expired"))
    GST_ELEMENT_ERROR (self, RESOURCE, READ, ("%s", words), ("%s", reason));
  return GST_PAD_PROBE_OK;
}

static GstStateChangeReturn
foyer_src_change_state (GstElement *element, GstStateChange transition)
{
  FoyerSrc *self = FOYER_SRC (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !begin (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY && self->open != NULL)
    foyer_open_stop (self->open);
  result = GST_ELEMENT_CLASS (foyer_src_parent_class)
               ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
      (transition == GST_STATE_CHANGE_READY_TO_PAUSED &&
          result == GST_STATE_CHANGE_FAILURE))
    end (self);
  return result;
}

static char **
get_place (FoyerSrc *self, guint id)
{
  switch (id) {
    case PROP_CAMERA:
      return &self->camera;
    case PROP_BUS:
      return &self->bus;
    case PROP_APP:
      return &self->app;
    default:
      return NULL;
  }
}

static void
foyer_src_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *pspec)
{
  FoyerSrc *self = FOYER_SRC (object);
  char **place = get_place (self, id);

  if (place == NULL) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  g_free (*place);
  *place = g_value_dup_string (value);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_src_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *pspec)
{
  FoyerSrc *self = FOYER_SRC (object);
  char **place = get_place (self, id);

  if (place == NULL) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  g_value_set_string (value, *place);
  GST_OBJECT_UNLOCK (self);
}

static void
foyer_src_finalize (GObject *object)
{
  FoyerSrc *self = FOYER_SRC (object);

  end (self);
  g_free (self->camera);
  g_free (self->bus);
  g_free (self->app);
  G_OBJECT_CLASS (foyer_src_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (object_class, PROP_CAMERA,
      g_param_spec_string ("camera", "Camera",
          "Name, identity or number of the camera, as foyerctl cameras has them",
          NULL, flags));
  g_object_class_install_property (object_class, PROP_BUS,
      g_param_spec_string ("bus", "Bus",
          "Where the service is: system, session, or the address of a bus",
          DEFAULT_BUS, flags));
  g_object_class_install_property (object_class, PROP_APP,
      g_param_spec_string ("app", "Application",
          "What rules call the program: app:NAME. A label, no identity",
          DEFAULT_APP, flags));
}

static void
foyer_src_class_init (FoyerSrcClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (foyer_src_debug, "foyersrc", 0,
      "a camera of this house");
  object_class->set_property = foyer_src_set_property;
  object_class->get_property = foyer_src_get_property;
  object_class->finalize = foyer_src_finalize;
  install_properties (object_class);
  element_class->change_state = foyer_src_change_state;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Foyer source",
      "Source/Video", "A camera of this house, as the service grants it",
      "The Foyer developers");
}

static void
foyer_src_init (FoyerSrc *self)
{
  g_autoptr (GstPad) inner = NULL;

  self->bus = g_strdup (DEFAULT_BUS);
  self->app = g_strdup (DEFAULT_APP);
  self->link = g_object_new (FOYER_TYPE_LINK_SRC, NULL);
  foyer_link_src_set_prompt (self->link, TRUE);
  gst_bin_add (GST_BIN (self), GST_ELEMENT (self->link));
  inner = gst_element_get_static_pad (GST_ELEMENT (self->link), "src");
  gst_pad_add_probe (inner, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, self,
      NULL);
  self->pad = gst_ghost_pad_new ("src", inner);
  gst_element_add_pad (GST_ELEMENT (self), self->pad);
}
