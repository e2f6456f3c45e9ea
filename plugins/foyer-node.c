/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-node.h"

#include "foyer-slate.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* What is asked for: enough for a reader that lags, and no more memory than
 * that. The ring itself may be larger: a driver's limit is MAX_BUFFERS. */
#define N_BUFFERS   4
#define MAX_BUFFERS 32
#define MORE_SLATES 2 /* than the ring holds */

struct _FoyerNode
{
  int fd;
  const FoyerNodeDevice *device;
  FoyerNodeShape shape;
  gsize n_bytes;   /* of a picture */
  gsize n_mapped;  /* of a buffer: whole pages */
  guint n_buffers; /* of the whole ring */
  guint n_used;    /* of those that are given to the driver in turn */
  guint next;
  guint8 *buffers[MAX_BUFFERS];
  guint8 *slate;
  guint64 n_frames;
  gboolean is_dirty; /* a frame was written since the last scrub */
};

/* the kernel's devices */

static int
system_control (gpointer user_data, int fd, unsigned long request,
    void *argument)
{
  int result;

  do
    result = ioctl (fd, request, argument);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : 0;
}

static guint8 *
system_map (gpointer user_data, int fd, gsize n_bytes, gint64 offset)
{
  void *data = mmap (NULL, n_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
      (off_t) offset);

  return data != MAP_FAILED ? data : NULL;
}

static void
system_unmap (gpointer user_data, guint8 *data, gsize n_bytes)
{
  munmap (data, n_bytes);
}

static const FoyerNodeDevice system_device = {
  .control = system_control,
  .map = system_map,
  .unmap = system_unmap,
};

static int
control (const FoyerNode *self, unsigned long request, void *argument)
{
  return self->device->control (self->device->user_data, self->fd, request,
      argument);
}

static gboolean
check (int result, const char *what, GError **error)
{
  if (result >= 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (-result),
      "%s on the node: %s", what, g_strerror (-result));
  return FALSE;
}

/* shape */

static gboolean
is_side (guint px)
{
  return px >= FOYER_NODE_MIN_PX && px <= FOYER_NODE_MAX_PX && px % 2 == 0;
}

gboolean
foyer_node_shape_is_valid (const FoyerNodeShape *shape)
{
  return is_side (shape->width_px) && is_side (shape->height_px) &&
      shape->fps_n > 0 && shape->fps_d > 0 &&
      shape->fps_n / shape->fps_d <= FOYER_NODE_MAX_FPS;
}

gsize
foyer_node_shape_get_bytes (const FoyerNodeShape *shape)
{
  return (gsize) shape->width_px * shape->height_px * 3 / 2;
}

static gboolean
has_format (const FoyerNode *self, const struct v4l2_format *format)
{
  return format->fmt.pix.pixelformat == V4L2_PIX_FMT_YUV420 &&
      format->fmt.pix.width == self->shape.width_px &&
      format->fmt.pix.height == self->shape.height_px &&
      format->fmt.pix.sizeimage >= self->n_bytes;
}

static int
query (const FoyerNode *self, guint index, struct v4l2_buffer *buffer)
{
  *buffer = (struct v4l2_buffer){ .type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
    .memory = V4L2_MEMORY_MMAP,
    .index = index };
  return control (self, VIDIOC_QUERYBUF, buffer);
}

/* The ring as another process left it, in just that format. */
static gboolean
is_ready (const FoyerNode *self)
{
  struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
  struct v4l2_buffer buffer;

  return query (self, 0, &buffer) == 0 && buffer.length >= self->n_bytes &&
      control (self, VIDIOC_G_FMT, &format) == 0 && has_format (self, &format);
}

static gboolean
set_format (const FoyerNode *self, GError **error)
{
  struct v4l2_format format = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };

  format.fmt.pix.width = self->shape.width_px;
  format.fmt.pix.height = self->shape.height_px;
  format.fmt.pix.pixelformat = V4L2_PIX_FMT_YUV420;
  format.fmt.pix.field = V4L2_FIELD_NONE;
  format.fmt.pix.sizeimage = (guint32) self->n_bytes;
  format.fmt.pix.bytesperline = self->shape.width_px;
  if (!check (control (self, VIDIOC_S_FMT, &format), "setting the format",
          error))
    return FALSE;
  if (has_format (self, &format))
    return TRUE;
  /* v4l2loopback keeps a format as long as anybody has the node open. */
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
      "the node stays at %ux%u: another program has it open",
      format.fmt.pix.width, format.fmt.pix.height);
  return FALSE;
}

static gboolean
settle (const FoyerNode *self, GError **error)
{
  struct v4l2_streamparm rate = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT };
  struct v4l2_requestbuffers request = { .type = V4L2_BUF_TYPE_VIDEO_OUTPUT,
    .memory = V4L2_MEMORY_MMAP };

  /* Lets go of a ring of another size, if there is one. */
  (void) control (self, VIDIOC_REQBUFS, &request);
  if (!set_format (self, error))
    return FALSE;
  rate.parm.output.timeperframe.numerator = self->shape.fps_d;
  rate.parm.output.timeperframe.denominator = self->shape.fps_n;
  /* Only said to readers: frames come when they come. */
  (void) control (self, VIDIOC_S_PARM, &rate);
  request.count = N_BUFFERS;
  return check (control (self, VIDIOC_REQBUFS, &request), "asking for buffers",
      error);
}

/* All memory that a reader could map: by its place, since the driver tells of
 * fewer buffers once a reader has asked for fewer. */
static gboolean
map_ring (FoyerNode *self, GError **error)
{
  struct v4l2_buffer buffer;
  gsize page = (gsize) getpagesize ();

  if (!check (query (self, 0, &buffer), "asking for a buffer", error))
    return FALSE;
  self->n_mapped = (buffer.length + page - 1) / page * page;
  while (buffer.length >= self->n_bytes && self->n_buffers < MAX_BUFFERS) {
    guint8 *data = self->device->map (self->device->user_data, self->fd,
        self->n_mapped, (gint64) self->n_mapped * self->n_buffers);

    if (data == NULL)
      break;
    self->buffers[self->n_buffers++] = data;
  }
  /* 0.12 counts on from the first again. */
  while (self->n_used < self->n_buffers &&
      query (self, self->n_used, &buffer) == 0 &&
      buffer.m.offset == self->n_mapped * self->n_used)
    self->n_used++;
  if (self->n_used > 0)
    return TRUE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
      "the node has no buffers to map");
  return FALSE;
}

static gboolean
start (FoyerNode *self, GError **error)
{
  /* 0.12 tells of a ring that went with who had it open last. */
  gboolean was_ready = is_ready (self) && map_ring (self, NULL);
  int type = V4L2_BUF_TYPE_VIDEO_OUTPUT;
  int result;

  if (!was_ready && (!settle (self, error) || !map_ring (self, error)))
    return FALSE;
  /* Memory first: from here on a reader may look. */
  self->is_dirty = TRUE;
  for (guint i = 0; i < self->n_buffers; i++)
    memset (self->buffers[i], 0, self->n_mapped);
  result = control (self, VIDIOC_STREAMON, &type);
  /* One that gave up its priority, so as to see those of readers, may not say
   * it again; it runs already. */
  if (result != -EBUSY || !was_ready)
    if (!check (result, "starting", error))
      return FALSE;
  return foyer_node_scrub (self, error);
}

/* In turn by our own count: what DQBUF gives on 0.12 is the buffer given last,
 * which readers look at. (nullable): where the picture goes */
static guint8 *
begin_picture (FoyerNode *self, struct v4l2_buffer *buffer, GError **error)
{
  gsize place;

  self->next = (self->next + 1) % self->n_used;
  if (!check (query (self, self->next, buffer), "asking for a buffer", error))
    return NULL;
  place = buffer->m.offset / self->n_mapped;
  if (place < self->n_buffers)
    return self->buffers[place];
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
      "the node has buffer %u beyond its end", self->next);
  return NULL;
}

static gboolean
end_picture (FoyerNode *self, struct v4l2_buffer *buffer, GError **error)
{
  buffer->index = self->next;
  buffer->bytesused = (guint32) self->n_bytes;
  buffer->field = V4L2_FIELD_NONE;
  buffer->flags = 0;
  /* The driver says when, by the clock that readers expect. */
  buffer->timestamp = (struct timeval){ 0 };
  return check (control (self, VIDIOC_QBUF, buffer), "giving a buffer", error);
}

static gboolean
put (FoyerNode *self, const guint8 *data, GError **error)
{
  struct v4l2_buffer buffer;
  guint8 *out = begin_picture (self, &buffer, error);

  if (out == NULL)
    return FALSE;
  memcpy (out, data, self->n_bytes);
  return end_picture (self, &buffer, error);
}

/* public, in order of life */

FoyerNode *
foyer_node_new (int fd, const FoyerNodeShape *shape, const char *title,
    const char *line, const FoyerNodeDevice *device, GError **error)
{
  g_autoptr (FoyerNode) self = NULL;

  if (!foyer_node_shape_is_valid (shape)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "no node shows pictures of %ux%u at %u/%u", shape->width_px,
        shape->height_px, shape->fps_n, shape->fps_d);
    return NULL;
  }
  self = g_new0 (FoyerNode, 1);
  self->fd = fd;
  self->device = device != NULL ? device : &system_device;
  self->shape = *shape;
  self->n_bytes = foyer_node_shape_get_bytes (shape);
  self->slate = g_malloc (self->n_bytes);
  foyer_slate_draw_sized (self->slate, shape->width_px, shape->height_px, title,
      line);
  return start (self, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
foyer_node_put (FoyerNode *self, const guint8 *data, gsize n_bytes,
    GError **error)
{
  if (n_bytes != self->n_bytes) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a frame of %" G_GSIZE_FORMAT " bytes for a node of %" G_GSIZE_FORMAT,
        n_bytes, self->n_bytes);
    return FALSE;
  }
  /* Also one that fails half-way. */
  self->is_dirty = TRUE;
  if (!put (self, data, error))
    return FALSE;
  self->n_frames++;
  return TRUE;
}

gboolean
foyer_node_put_planes (FoyerNode *self, const guint8 *const *planes,
    const gsize *strides_bytes, GError **error)
{
  struct v4l2_buffer buffer;
  guint8 *out = begin_picture (self, &buffer, error);

  if (out == NULL)
    return FALSE;
  self->is_dirty = TRUE;
  for (guint plane = 0; plane < FOYER_NODE_N_PLANES; plane++) {
    guint width_px = self->shape.width_px / (plane == 0 ? 1 : 2);
    guint height_px = self->shape.height_px / (plane == 0 ? 1 : 2);

    for (guint y = 0; y < height_px; y++) {
      memcpy (out, planes[plane] + y * strides_bytes[plane], width_px);
      out += width_px;
    }
  }
  if (!end_picture (self, &buffer, error))
    return FALSE;
  self->n_frames++;
  return TRUE;
}

gboolean
foyer_node_put_slate (FoyerNode *self, GError **error)
{
  return put (self, self->slate, error);
}

gboolean
foyer_node_scrub (FoyerNode *self, GError **error)
{
  for (guint i = 0; i < self->n_buffers; i++)
    memcpy (self->buffers[i], self->slate, self->n_bytes);
  self->is_dirty = FALSE;
  for (guint i = 0; i < self->n_buffers + MORE_SLATES; i++)
    if (!put (self, self->slate, error))
      return FALSE;
  return TRUE;
}

guint64
foyer_node_get_n_frames (const FoyerNode *self)
{
  return self->n_frames;
}

void
foyer_node_free (FoyerNode *self)
{
  g_autoptr (GError) error = NULL;

  if (self == NULL)
    return;
  if (self->is_dirty && !foyer_node_scrub (self, &error))
    g_debug ("%s", error->message);
  for (guint i = 0; i < self->n_buffers; i++)
    self->device->unmap (self->device->user_data, self->buffers[i],
        self->n_mapped);
  g_free (self->slate);
  g_free (self);
}
