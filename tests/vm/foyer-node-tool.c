/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-mark-reader.h"
#include "foyer-mark.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

/* V4L2 without anybody's library, to see what a node does by itself:
 *
 *     foyer-node-tool write NODE CAMERA COUNT WIDTH HEIGHT
 *     foyer-node-tool read NODE COUNT TIMEOUT-MS
 *     foyer-node-tool map NODE
 *     foyer-node-tool map-ring NODE WIDTH HEIGHT
 *     foyer-node-tool map-output NODE FORMAT WIDTH HEIGHT
 *     foyer-node-tool hold NODE
 *     foyer-node-tool events NODE
 *     foyer-node-tool add CONTROL-DEVICE LABEL
 *     foyer-node-tool remove CONTROL-DEVICE NUMBER
 *
 * `write` puts COUNT marked YUYV pictures at 30 a second into a node through
 * mapped buffers, says "written", and holds the node until standard input ends;
 * so do `hold`, which only opens it, and `events`, which listens for the
 * clients of a loopback node. `read` captures; `map` looks into the buffers
 * that a reader gets without reading; `map-ring` into all memory of the ring
 * that can be mapped, as I420 of that size, whatever the driver says of it;
 * `map-output` into the buffers of a producer of that FORMAT, `yuyv` or `i420`:
 * in another than that of the pictures that are left there no mark is found.
 * `add` and `remove` make and unmake loopback nodes.
 *
 * Each prints a line per picture, buffer or event: what it is, then the camera
 * and number in its mark, or "empty" (all bytes alike) or "unmarked" and a hash
 * of what is there. What the
 * driver refuses is "error CALL ERRNO-NAME", and the exit status is 1. */

#define N_BUFFERS   2
#define MAX_BUFFERS 32
#define INTERVAL_US (G_USEC_PER_SEC / 30)
#define NS_PER_US   1000
#define YUYV_STEP   2
#define NEUTRAL     128
#define MAX_LINE    256
#define FOR_EVER    (-1)

/* The clients of a v4l2loopback node: the number of the event since 0.13, and
 * the one it had before. It tells whether there is a reader, not how many. */
static const guint32 usage_events[] = {
  V4L2_EVENT_PRIVATE_START + 0x08e00000 + 1,
  V4L2_EVENT_PRIVATE_START,
};

/* What v4l2loopback's control device takes since 0.13; 0.12 has none. */
typedef struct
{
  gint32 number;
  gint32 unused;
  char label[32];
  guint32 min_width_px;
  guint32 max_width_px;
  guint32 min_height_px;
  guint32 max_height_px;
  gint32 max_buffers;
  gint32 max_openers;
  gint32 debug;
  gint32 announces_all;
} LoopbackNode;

/* Its requests, numbered since 0.15 and before. */
static const unsigned long add_requests[] = { _IOW ('~', 1, LoopbackNode),
  0x4c80 };
static const unsigned long remove_requests[] = { _IOW ('~', 2, guint32),
  0x4c81 };

typedef struct
{
  int fd;
  enum v4l2_buf_type type;
  struct v4l2_pix_format format;
  guint n_buffers;
  guint8 *data[MAX_BUFFERS];
  gsize n_bytes[MAX_BUFFERS];
  FoyerMarkReader *reader;
} Node;

static gboolean
call (const Node *self, unsigned long request, void *argument, const char *name)
{
  int result;

  do
    result = ioctl (self->fd, request, argument);
  while (result < 0 && errno == EINTR);
  if (result < 0)
    printf ("error %s %s\n", name, strerrorname_np (errno));
  return result >= 0;
}

static gboolean
is_alike (const guint8 *data, gsize n_bytes)
{
  return n_bytes < 2 || memcmp (data, data + 1, n_bytes - 1) == 0;
}

/* FNV-1a. */
static guint32
hash (const guint8 *data, gsize n_bytes)
{
  guint32 sum = 2166136261u;

  for (gsize i = 0; i < n_bytes; i++)
    sum = (sum ^ data[i]) * 16777619u;
  return sum;
}

/* Says what a buffer holds: of a copy, since it may be written anew meanwhile. */
static void
show (Node *self, const char *what, guint index, gsize n_used)
{
  gboolean is_planar = self->format.pixelformat == V4L2_PIX_FMT_YUV420;
  int step = is_planar ? 1 : YUYV_STEP;
  gsize n_picture = (gsize) self->format.width * self->format.height *
      (gsize) step;
  gsize n_kept = MIN (n_used, self->n_bytes[index]);
  g_autofree guint8 *kept = g_memdup2 (self->data[index], n_kept);
  FoyerMarkPicture picture = { .luma = kept,
    .stride_bytes = (gsize) self->format.width * (gsize) step,
    .step_bytes = step,
    .width_px = (int) self->format.width,
    .height_px = (int) self->format.height };
  FoyerMark mark;

  if (is_alike (kept, n_kept))
    printf ("%s %u empty %u\n", what, index, n_kept > 0 ? (guint) kept[0] : 0U);
  else if ((is_planar || self->format.pixelformat == V4L2_PIX_FMT_YUYV) &&
      n_kept >= n_picture && n_picture > 0 &&
      foyer_mark_reader_read (self->reader, &picture, &mark))
    printf ("%s %u camera %u number %u\n", what, index, mark.camera,
        mark.number);
  else
    printf ("%s %u unmarked %zu %08x\n", what, index, n_kept,
        hash (kept, MIN (n_kept, self->format.sizeimage)));
}

static gboolean
map_buffers (Node *self)
{
  struct v4l2_requestbuffers request = { .count = N_BUFFERS,
    .type = self->type,
    .memory = V4L2_MEMORY_MMAP };

  if (!call (self, VIDIOC_REQBUFS, &request, "REQBUFS"))
    return FALSE;
  for (guint i = 0; i < MIN (request.count, MAX_BUFFERS); i++) {
    struct v4l2_buffer buffer = { .type = self->type,
      .memory = V4L2_MEMORY_MMAP,
      .index = i };
    int protection = self->type == V4L2_BUF_TYPE_VIDEO_OUTPUT
        ? PROT_READ | PROT_WRITE
        : PROT_READ;
    void *data;

    if (!call (self, VIDIOC_QUERYBUF, &buffer, "QUERYBUF"))
      return FALSE;
    data = mmap (NULL, buffer.length, protection, MAP_SHARED, self->fd,
        buffer.m.offset);
    if (data == MAP_FAILED) {
      printf ("error mmap %s\n", strerrorname_np (errno));
      return FALSE;
    }
    self->data[i] = data;
    self->n_bytes[i] = buffer.length;
    self->n_buffers = i + 1;
  }
  return TRUE;
}

static gboolean
queue (Node *self, guint index, gsize n_used)
{
  struct v4l2_buffer buffer = { .type = self->type,
    .memory = V4L2_MEMORY_MMAP,
    .index = index,
    .bytesused = (guint32) n_used,
    .field = V4L2_FIELD_NONE };

  return call (self, VIDIOC_QBUF, &buffer, "QBUF");
}

static gboolean
dequeue (Node *self, struct v4l2_buffer *buffer)
{
  *buffer = (struct v4l2_buffer){ .type = self->type,
    .memory = V4L2_MEMORY_MMAP };
  return call (self, VIDIOC_DQBUF, buffer, "DQBUF");
}

static gboolean
read_format (Node *self)
{
  struct v4l2_format format = { .type = self->type };

  if (!call (self, VIDIOC_G_FMT, &format, "G_FMT"))
    return FALSE;
  self->format = format.fmt.pix;
  printf ("format %.4s %ux%u\n", (const char *) &self->format.pixelformat,
      self->format.width, self->format.height);
  return TRUE;
}

static gboolean
set_format (Node *self, guint32 pixels, int width_px, int height_px)
{
  struct v4l2_format format = { .type = self->type };

  format.fmt.pix.width = (guint32) width_px;
  format.fmt.pix.height = (guint32) height_px;
  format.fmt.pix.pixelformat = pixels;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  if (!call (self, VIDIOC_S_FMT, &format, "S_FMT"))
    return FALSE;
  self->format = format.fmt.pix;
  return TRUE;
}

/* Until standard input ends. */
static void
wait_for_end (void)
{
  fflush (stdout);
  while (getchar () != EOF)
    continue;
}

static gboolean
do_read (Node *self, int n_pictures, int timeout_ms)
{
  if (!read_format (self) || !map_buffers (self))
    return FALSE;
  for (guint i = 0; i < self->n_buffers; i++)
    if (!queue (self, i, 0))
      return FALSE;
  if (!call (self, VIDIOC_STREAMON, &self->type, "STREAMON"))
    return FALSE;
  for (int i = 0; i < n_pictures; i++) {
    struct pollfd polled = { .fd = self->fd, .events = POLLIN };
    struct v4l2_buffer buffer;

    if (poll (&polled, 1, timeout_ms) <= 0) {
      puts ("stall");
      return FALSE;
    }
    if (!dequeue (self, &buffer))
      return FALSE;
    show (self, "picture", buffer.index, buffer.bytesused);
    fflush (stdout);
    if (!queue (self, buffer.index, 0))
      return FALSE;
  }
  return call (self, VIDIOC_STREAMOFF, &self->type, "STREAMOFF");
}

static gboolean
do_map (Node *self)
{
  if (!map_buffers (self))
    return FALSE;
  for (guint i = 0; i < self->n_buffers; i++)
    show (self, "buffer", i, self->n_bytes[i]);
  return TRUE;
}

/* By its place, whatever the driver says of how many buffers there are. Without a
 * producer it may say nothing of a format. */
static gboolean
do_map_ring (Node *self, int width_px, int height_px)
{
  struct v4l2_buffer buffer = { .type = self->type,
    .memory = V4L2_MEMORY_MMAP };
  gsize page = (gsize) getpagesize ();
  gsize n_bytes;

  (void) read_format (self);
  self->format = (struct v4l2_pix_format){
    .width = (guint32) width_px,
    .height = (guint32) height_px,
    .pixelformat = V4L2_PIX_FMT_YUV420,
    .sizeimage = (guint32) (width_px * height_px * 3 / 2),
  };
  if (!map_buffers (self) || !call (self, VIDIOC_QUERYBUF, &buffer, "QUERYBUF"))
    return FALSE;
  n_bytes = (buffer.length + page - 1) / page * page;
  for (guint i = 0; i < MAX_BUFFERS; i++) {
    void *data = mmap (NULL, n_bytes, PROT_READ, MAP_SHARED, self->fd,
        (off_t) (n_bytes * i));

    if (data == MAP_FAILED)
      break;
    self->data[i] = data;
    self->n_bytes[i] = n_bytes;
    show (self, "buffer", i, n_bytes);
  }
  return TRUE;
}

static void
paint (Node *self, guint index, guint16 camera, guint32 number)
{
  gsize n_px = (gsize) self->format.width * self->format.height;
  g_autofree guint8 *luma = g_malloc (n_px);
  FoyerMark mark = { .camera = camera,
    .number = number,
    .capture_time_ns = (guint64) g_get_monotonic_time () * NS_PER_US };

  memset (luma, NEUTRAL, n_px);
  if (!foyer_mark_paint (&mark, luma, self->format.width,
          (int) self->format.width, (int) self->format.height))
    g_error ("too small for a mark");
  memset (self->data[index], NEUTRAL, n_px * YUYV_STEP);
  for (gsize i = 0; i < n_px; i++)
    self->data[index][i * YUYV_STEP] = luma[i];
}

static gboolean
do_write (Node *self, guint16 camera, int n_pictures)
{
  if (!map_buffers (self))
    return FALSE;
  for (int i = 0; i < n_pictures; i++) {
    struct v4l2_buffer buffer = { .index = (guint32) i };

    if (i >= (int) self->n_buffers && !dequeue (self, &buffer))
      return FALSE;
    paint (self, buffer.index, camera, (guint32) i);
    if (!queue (self, buffer.index, self->format.sizeimage))
      return FALSE;
    if (i == 0 && !call (self, VIDIOC_STREAMON, &self->type, "STREAMON"))
      return FALSE;
    g_usleep (INTERVAL_US);
  }
  puts ("written");
  wait_for_end ();
  return TRUE;
}

static gboolean
subscribe (Node *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (usage_events); i++) {
    struct v4l2_event_subscription wanted = { .type = usage_events[i],
      .flags = V4L2_EVENT_SUB_FL_SEND_INITIAL };

    if (ioctl (self->fd, VIDIOC_SUBSCRIBE_EVENT, &wanted) == 0) {
      printf ("subscribed 0x%08x\n", wanted.type);
      return TRUE;
    }
  }
  printf ("error SUBSCRIBE_EVENT %s\n", strerrorname_np (errno));
  return FALSE;
}

static gboolean
do_events (Node *self)
{
  struct pollfd polled[] = { { .fd = self->fd, .events = POLLPRI },
    { .fd = 0, .events = POLLIN } };

  if (!subscribe (self))
    return FALSE;
  fflush (stdout);
  while (polled[1].revents == 0) {
    struct v4l2_event event;
    guint32 value;

    if (poll (polled, G_N_ELEMENTS (polled), FOR_EVER) <= 0)
      continue;
    while (polled[0].revents != 0 &&
        ioctl (self->fd, VIDIOC_DQEVENT, &event) == 0) {
      memcpy (&value, event.u.data, sizeof value);
      printf ("usage %u\n", value);
      fflush (stdout);
    }
  }
  return TRUE;
}

/* The first request that the module knows. */
static int
request_any (int fd, const unsigned long requests[2], gulong argument)
{
  int result = -1;

  for (int i = 0; i < 2 && result < 0; i++)
    result = ioctl (fd, requests[i], argument);
  return result;
}

static gboolean
do_add (Node *self, const char *label)
{
  LoopbackNode wanted = { .number = -1, .announces_all = 1 };
  int number;

  g_strlcpy (wanted.label, label, sizeof wanted.label);
  number = request_any (self->fd, add_requests, (gulong) &wanted);
  if (number < 0)
    printf ("error add %s\n", strerrorname_np (errno));
  else
    printf ("added %d\n", number);
  return number >= 0;
}

static gboolean
do_remove (Node *self, int number)
{
  if (request_any (self->fd, remove_requests, (gulong) number) < 0) {
    printf ("error remove %s\n", strerrorname_np (errno));
    return FALSE;
  }
  puts ("removed");
  return TRUE;
}

typedef struct
{
  const char *name;
  int n_arguments; /* beyond the node */
  enum v4l2_buf_type type;
} Verb;

static const Verb verbs[] = {
  { "write", 4, V4L2_BUF_TYPE_VIDEO_OUTPUT },
  { "read", 2, V4L2_BUF_TYPE_VIDEO_CAPTURE },
  { "map", 0, V4L2_BUF_TYPE_VIDEO_CAPTURE },
  { "map-ring", 2, V4L2_BUF_TYPE_VIDEO_CAPTURE },
  { "map-output", 3, V4L2_BUF_TYPE_VIDEO_OUTPUT },
  { "hold", 0, V4L2_BUF_TYPE_VIDEO_CAPTURE },
  { "events", 0, V4L2_BUF_TYPE_VIDEO_CAPTURE },
  { "add", 1, V4L2_BUF_TYPE_VIDEO_CAPTURE },
  { "remove", 1, V4L2_BUF_TYPE_VIDEO_CAPTURE },
};

static const Verb *
find_verb (int argc, char **argv)
{
  for (gsize i = 0; argc >= 3 && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (argv[1], verbs[i].name) &&
        argc == verbs[i].n_arguments + 3)
      return &verbs[i];
  return NULL;
}

/* A number on the command line; the program is at an end if it is none. */
static int
parse_number (const char *word)
{
  g_autoptr (GError) error = NULL;
  gint64 number = 0;

  if (!g_ascii_string_to_signed (word, 10, 0, G_MAXINT, &number, &error)) {
    fprintf (stderr, "%s\n", error->message);
    exit (2);
  }
  return (int) number;
}

/* What stands on the command line, after which it is at an end if it is neither. */
static guint32
parse_format (const char *word)
{
  if (g_str_equal (word, "yuyv"))
    return V4L2_PIX_FMT_YUYV;
  if (g_str_equal (word, "i420"))
    return V4L2_PIX_FMT_YUV420;
  fprintf (stderr, "%s is no format\n", word);
  exit (2);
}

static gboolean
run (Node *self, const char *verb, char **words)
{
  if (g_str_equal (verb, "read"))
    return do_read (self, parse_number (words[0]), parse_number (words[1]));
  if (g_str_equal (verb, "map"))
    return read_format (self) && do_map (self);
  if (g_str_equal (verb, "map-ring"))
    return do_map_ring (self, parse_number (words[0]), parse_number (words[1]));
  if (g_str_equal (verb, "map-output"))
    return set_format (self, parse_format (words[0]), parse_number (words[1]),
               parse_number (words[2])) &&
        do_map (self);
  if (g_str_equal (verb, "write"))
    return set_format (self, V4L2_PIX_FMT_YUYV, parse_number (words[2]),
               parse_number (words[3])) &&
        do_write (self, (guint16) parse_number (words[0]),
            parse_number (words[1]));
  if (g_str_equal (verb, "events"))
    return do_events (self);
  if (g_str_equal (verb, "add"))
    return do_add (self, words[0]);
  if (g_str_equal (verb, "remove"))
    return do_remove (self, parse_number (words[0]));
  puts ("held");
  wait_for_end ();
  return TRUE;
}

int
main (int argc, char **argv)
{
  const Verb *verb = find_verb (argc, argv);
  Node node = { .fd = -1 };
  foyer_autofd int fd = -1;
  gboolean is_done;

  if (verb == NULL) {
    fputs ("see the source for how to use this\n", stderr);
    return 2;
  }
  fd = open (argv[2], O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    printf ("error open %s\n", strerrorname_np (errno));
    return 1;
  }
  node.fd = fd;
  node.type = verb->type;
  node.reader = foyer_mark_reader_new ();
  is_done = run (&node, verb->name, argv + 3);
  foyer_mark_reader_free (node.reader);
  return is_done ? 0 : 1;
}
