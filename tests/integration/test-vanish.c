/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-camera-source.h"
#include "foyer-fd.h"
#include "foyer-media.h"
#include "foyer-v4l2.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* A camera that is pulled out before each of its ioctls in turn, from the first that
 * foyerd asks to the last with which GStreamer lets go of it. The ioctls of this
 * program are answered here; the device is /dev/zero, which is a character device that
 * can be mapped and is always ready. A real one that is pulled out before some of them:
 * case_cameras.
 *
 * A capture runs in a process of its own, as it does in foyer-camera: GStreamer's list
 * of controls has no end if the device goes while it asks for them, and the process
 * ends itself. */

#define WIDTH_PX   320
#define HEIGHT_PX  180
#define FPS        30
#define BYTES      (WIDTH_PX * HEIGHT_PX * 2)
#define N_BUFFERS  8
#define N_FRAMES   6
#define N_LEAST    40  /* calls; else most of what is tried here is not */
#define MAX_CALLS  400 /* that are remembered */
#define TIMEOUT_S  60
#define MOST_CPU_S 10 /* of a capture */

/* How a capture went. */
typedef enum
{
  OUTCOME_SHOWN,  /* enough pictures came */
  OUTCOME_ENDED,  /* it ended itself; a status that foyer-camera has, too */
  OUTCOME_REFUSED /* an error, with words */
} Outcome;

/* Shared with the processes that capture; one of them at a time. */
typedef struct
{
  guint vanish_at; /* the n-th call and all after it find nothing; 0 for none */
  guint n_calls;
  guint n_given; /* up to the last picture */
  guint n_shown; /* up to the last one that is waited for */
  unsigned long calls[MAX_CALLS];
  guint n_buffers;
  gboolean is_queued[N_BUFFERS];
  guint next;
  guint32 sequence;
} Camera;

static Camera *camera;
/* Calls come from the main thread and from the streaming thread. */
static GMutex lock;

static int
fail (int number)
{
  errno = number;
  return -1;
}

static int
answer_capability (struct v4l2_capability *capability)
{
  memset (capability, 0, sizeof *capability);
  g_strlcpy ((char *) capability->driver, "uvcvideo", 16);
  g_strlcpy ((char *) capability->card, "A camera", 32);
  g_strlcpy ((char *) capability->bus_info, "usb-0000:00:14.0-2", 32);
  capability->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
  return 0;
}

static int
answer_format (struct v4l2_format *format)
{
  struct v4l2_pix_format *picture = &format->fmt.pix;

  if (format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
    return fail (EINVAL);
  *picture = (struct v4l2_pix_format){ .width = WIDTH_PX,
    .height = HEIGHT_PX,
    .pixelformat = V4L2_PIX_FMT_YUYV,
    .field = V4L2_FIELD_NONE,
    .bytesperline = WIDTH_PX * 2,
    .sizeimage = BYTES,
    .colorspace = V4L2_COLORSPACE_SRGB };
  return 0;
}

static int
answer_kinds (struct v4l2_fmtdesc *format)
{
  if (format->index != 0 || format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
    return fail (EINVAL);
  format->pixelformat = V4L2_PIX_FMT_YUYV;
  return 0;
}

static int
answer_size (struct v4l2_frmsizeenum *size)
{
  if (size->index != 0)
    return fail (EINVAL);
  size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
  size->discrete = (struct v4l2_frmsize_discrete){ WIDTH_PX, HEIGHT_PX };
  return 0;
}

static int
answer_interval (struct v4l2_frmivalenum *interval)
{
  if (interval->index != 0)
    return fail (EINVAL);
  interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
  interval->discrete = (struct v4l2_fract){ 1, FPS };
  return 0;
}

static int
answer_rate (struct v4l2_streamparm *parameters)
{
  parameters->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
  parameters->parm.capture.timeperframe = (struct v4l2_fract){ 1, FPS };
  return 0;
}

static int
answer_control (struct v4l2_queryctrl *query)
{
  guint32 id = query->id & ~(guint32) V4L2_CTRL_FLAG_NEXT_CTRL;

  if (id >= V4L2_CID_BRIGHTNESS &&
      (id != V4L2_CID_BRIGHTNESS || query->id != id))
    return fail (EINVAL);
  *query = (struct v4l2_queryctrl){ .id = V4L2_CID_BRIGHTNESS,
    .type = V4L2_CTRL_TYPE_INTEGER,
    .maximum = 255,
    .step = 1,
    .default_value = 128 };
  g_strlcpy ((char *) query->name, "Brightness", 32);
  return 0;
}

static int
answer_request (Camera *self, struct v4l2_requestbuffers *request)
{
  if (request->memory != V4L2_MEMORY_MMAP)
    return fail (EINVAL);
  request->count = MIN (request->count, N_BUFFERS);
  request->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP;
  self->n_buffers = request->count;
  memset (self->is_queued, 0, sizeof self->is_queued);
  self->next = 0;
  return 0;
}

static void
fill_buffer (const Camera *self, struct v4l2_buffer *buffer)
{
  buffer->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  if (self->is_queued[buffer->index])
    buffer->flags |= V4L2_BUF_FLAG_QUEUED;
  buffer->length = BYTES;
  /* Each mapping is memory of its own. */
  buffer->m.offset = 0;
  buffer->field = V4L2_FIELD_NONE;
}

static int
answer_buffer (Camera *self, unsigned long request, struct v4l2_buffer *buffer)
{
  if (buffer->index >= self->n_buffers)
    return fail (EINVAL);
  if (request == VIDIOC_QBUF)
    self->is_queued[buffer->index] = TRUE;
  fill_buffer (self, buffer);
  return 0;
}

static int
answer_picture (Camera *self, struct v4l2_buffer *buffer)
{
  for (guint i = 0; i < self->n_buffers; i++) {
    guint at = (self->next + i) % self->n_buffers;

    if (!self->is_queued[at])
      continue;
    self->is_queued[at] = FALSE;
    self->next = at + 1;
    buffer->index = at;
    fill_buffer (self, buffer);
    buffer->bytesused = BYTES;
    buffer->sequence = self->sequence++;
    self->n_given = self->n_calls;
    return 0;
  }
  return fail (EAGAIN);
}

static int
answer (Camera *self, unsigned long request, void *argument)
{
  switch (request) {
    case VIDIOC_QUERYCAP:
      return answer_capability (argument);
    case VIDIOC_ENUM_FMT:
      return answer_kinds (argument);
    case VIDIOC_ENUM_FRAMESIZES:
      return answer_size (argument);
    case VIDIOC_ENUM_FRAMEINTERVALS:
      return answer_interval (argument);
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT:
      return answer_format (argument);
    case VIDIOC_G_PARM:
    case VIDIOC_S_PARM:
      return answer_rate (argument);
    case VIDIOC_QUERYCTRL:
      return answer_control (argument);
    case VIDIOC_G_CTRL:
    case VIDIOC_S_CTRL:
    case VIDIOC_STREAMON:
    case VIDIOC_STREAMOFF:
      return 0;
    case VIDIOC_REQBUFS:
      return answer_request (self, argument);
    case VIDIOC_QUERYBUF:
    case VIDIOC_QBUF:
      return answer_buffer (self, request, argument);
    case VIDIOC_DQBUF:
      return answer_picture (self, argument);
    default:
      return fail (ENOTTY);
  }
}

static gboolean
is_camera (int fd)
{
  struct stat status;

  return fstat (fd, &status) == 0 && S_ISCHR (status.st_mode) &&
      status.st_rdev == makedev (1, 5);
}

/* In the place of libc's, for this program and all libraries in it. What an alarm asks
 * comes after what is being asked. */
int
ioctl (int fd, unsigned long request, ...)
{
  sigset_t alarm, before;
  va_list arguments;
  void *argument;
  int result;

  va_start (arguments, request);
  argument = va_arg (arguments, void *);
  va_end (arguments);
  /* GStreamer hands them over as signed numbers. */
  request &= G_MAXUINT32;
  if (!is_camera (fd))
    return (int) syscall (SYS_ioctl, fd, request, argument);
  sigemptyset (&alarm);
  sigaddset (&alarm, SIGALRM);
  pthread_sigmask (SIG_BLOCK, &alarm, &before);
  g_mutex_lock (&lock);
  if (camera->n_calls < MAX_CALLS)
    camera->calls[camera->n_calls] = request;
  camera->n_calls++;
  if (camera->vanish_at == 0 || camera->n_calls < camera->vanish_at)
    result = answer (camera, request, argument);
  else
    result = fail (ENODEV);
  g_mutex_unlock (&lock);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  return result;
}

static void
plug (guint vanish_at)
{
  *camera = (Camera){ .vanish_at = vanish_at };
}

static guint
count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

static int
open_camera (void)
{
  int fd = open ("/dev/zero", O_RDWR | O_NONBLOCK | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  return fd;
}

/* What foyerd asks of a camera. */
static gboolean
ask (int fd, GError **error)
{
  g_autoptr (GArray) modes = NULL;
  g_autoptr (GArray) controls = NULL;
  FoyerV4l2Card card;
  FoyerV4l2 v4l2;

  foyer_ioctl_init (&v4l2, fd);
  if (!foyer_v4l2_read_card (&v4l2, &card, error))
    return FALSE;
  g_assert_true (card.is_camera);
  modes = foyer_v4l2_list_modes (&v4l2, error);
  controls = modes != NULL ? foyer_v4l2_list_controls (&v4l2, error) : NULL;
  return controls != NULL &&
      foyer_v4l2_set_control (&v4l2, V4L2_CID_BRIGHTNESS, 7, error);
}

static void
test_asked (void)
{
  foyer_autofd int fd = open_camera ();
  guint n_calls;

  plug (0);
  g_assert_true (ask (fd, NULL));
  n_calls = camera->n_calls;
  for (guint n = 1; n <= n_calls; n++) {
    g_autoptr (GError) error = NULL;
    gboolean is_known;

    plug (n);
    is_known = ask (fd, &error);
    g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NODEV);
    g_assert_false (is_known);
    /* A control's value may be missing, and nothing else. */
    g_assert_cmpuint (camera->n_calls, <=, n + 1);
  }
}

/* Streaming thread. It stands still with the last one: what follows is closing. */
static GstPadProbeReturn
on_frame (GstPad *pad, GstPadProbeInfo *probe, gpointer user_data)
{
  guint *n_frames = user_data;
  g_autoptr (GstElement) element = NULL;

  if (++*n_frames < N_FRAMES)
    return GST_PAD_PROBE_PASS;
  camera->n_shown = camera->n_given;
  element = gst_pad_get_parent_element (pad);
  gst_element_post_message (element,
      gst_message_new_application (GST_OBJECT (element),
          gst_structure_new_empty ("enough")));
  return GST_PAD_PROBE_OK;
}

static void
add_end (GstElement *pipeline, const FoyerCameraSource *source, guint *n_frames)
{
  GError *problem = NULL;
  GstElement *end = foyer_media_add (GST_BIN (pipeline), "fakesink", &problem);
  g_autoptr (GstPad) pad = NULL;

  g_assert_no_error (problem);
  g_object_set (end, "async", FALSE, NULL);
  g_assert_true (gst_element_link (source->last, end));
  pad = gst_element_get_static_pad (end, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER,
      on_frame, n_frames, NULL);
}

/* Until there were enough pictures, or an error. */
static gboolean
play (GstElement *pipeline, GError **error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, TIMEOUT_S * GST_SECOND,
      GST_MESSAGE_ERROR | GST_MESSAGE_EOS | GST_MESSAGE_APPLICATION);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), !=, GST_MESSAGE_EOS);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION)
    return TRUE;
  gst_message_parse_error (message, error, NULL);
  return FALSE;
}

/* What a foyer-camera does with it: opened, a few pictures, closed. */
static Outcome
capture (int fd)
{
  const FoyerMessage config = { .type = FOYER_MESSAGE_CAMERA_CONFIG,
    .camera = { 3 },
    .generation = 2,
    .source = FOYER_SOURCE_V4L2,
    .shape = { .codec = FOYER_CODEC_RAW,
        .width_px = 1280,
        .height_px = 720,
        .fps_n = 30,
        .fps_d = 1 } };
  g_autoptr (GstElement) pipeline = gst_object_ref_sink (
      gst_pipeline_new (NULL));
  g_autoptr (GError) error = NULL;
  FoyerCameraSource source;
  gboolean is_shown;
  guint n_frames = 0;

  is_shown = foyer_camera_source_add (GST_BIN (pipeline), &config, fd, &source,
      &error);
  if (is_shown) {
    add_end (pipeline, &source, &n_frames);
    is_shown = play (pipeline, &error);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  g_assert_cmpint (GST_OBJECT_REFCOUNT_VALUE (pipeline), ==, 1);
  g_assert_true (is_shown || (error != NULL && *error->message != '\0'));
  return is_shown ? OUTCOME_SHOWN : OUTCOME_REFUSED;
}

/* In a process of its own, where nothing may be left open, and nothing goes on for
 * ever. */
static Outcome
capture_apart (guint vanish_at)
{
  const struct rlimit most = { MOST_CPU_S, MOST_CPU_S };
  int status;
  pid_t pid;

  plug (vanish_at);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0) {
    guint n_before = count_descriptors ();
    int fd = open_camera ();
    Outcome outcome;

    g_assert_no_errno (setrlimit (RLIMIT_CPU, &most));
    outcome = capture (fd);
    close (fd);
    /* GStreamer keeps a few of its own from its first pipeline on. */
    if (vanish_at != 0)
      g_assert_cmpuint (count_descriptors (), <=, n_before);
    _exit (outcome);
  }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return (Outcome) WEXITSTATUS (status);
}

static void
test_captured (void)
{
  guint n_shown, n_all, n_ended = 0;
  unsigned long calls[MAX_CALLS];

  g_assert_cmpint (capture_apart (0), ==, OUTCOME_SHOWN);
  n_shown = camera->n_shown;
  n_all = camera->n_calls;
  memcpy (calls, camera->calls, sizeof calls);
  g_assert_cmpuint (n_shown, >=, N_LEAST);
  g_assert_cmpuint (n_all, >, n_shown);
  g_assert_cmpuint (n_all, <=, MAX_CALLS);
  for (guint n = 1; n <= n_all; n++) {
    Outcome outcome = capture_apart (n);

    if (outcome == OUTCOME_ENDED) {
      g_assert_cmpuint (calls[n - 1], ==, VIDIOC_QUERYCTRL);
      n_ended++;
    } else {
      g_assert_cmpint (outcome, ==,
          n <= n_shown ? OUTCOME_REFUSED : OUTCOME_SHOWN);
    }
  }
  g_test_message (
      "%u calls, %u until it is shown; before %u GStreamer has no end", n_all,
      n_shown, n_ended);
}

int
main (int argc, char **argv)
{
  static const char *const elements[] = { "v4l2src", "queue", "capsfilter",
    "videoconvertscale", "fakesink", NULL };
  GError *error = NULL;

  camera = mmap (NULL, sizeof *camera, PROT_READ | PROT_WRITE,
      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (camera != MAP_FAILED);
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  if (!foyer_media_load (elements, &error))
    g_error ("%s", error->message);
  g_test_add_func ("/vanish/asked", test_asked);
  g_test_add_func ("/vanish/captured", test_captured);
  return g_test_run ();
}
