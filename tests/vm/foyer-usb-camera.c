/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-usb-descriptors.h"
#include "foyer-usb-picture.h"
#include "foyer-usb-sound.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* A USB camera in user space, plugged into the kernel's virtual host:
 *
 *     foyer-usb-camera --camera 3 --serial SN-1 --formats yuyv,mjpeg
 *
 * needs the modules vhci-hcd and uvcvideo, and snd-usb-audio for --sound. It speaks the kernel's USB/IP
 * transfers over one end of a socket pair: no network, no tools, no gadget.
 * Its pictures carry the mark. Standard output tells "plugged", "streaming
 * FORMAT WIDTHxHEIGHT" and "idle N-PICTURES"; lines on standard input command
 * "wedge" (send nothing more), "resume", "mute" and "unmute" (its microphone) and
 * "unplug". The end of the process, of whatever kind, unplugs it. */

#define ATTACH_PATH   "/sys/devices/platform/vhci_hcd.0/attach"
#define HIGH_SPEED    3
#define PROBE_BYTES   34
#define HEADER_BYTES  2
#define HEADER_FRESH  0x80
#define HEADER_END    0x02
#define MAX_PACKETS   1024
#define MAX_TRANSFER  (1 << 20)
#define LATE_NS       (NS_PER_S / 2)
#define NS_PER_S      1000000000
#define NS_PER_MS     1000000
#define NS_PER_US     1000
#define MAX_LINE      64
#define DEFAULT_LIGHT 128

/* Linux, usb/usbip_protocol.rst; all numbers but the setup are big-endian. */
enum
{
  COMMAND_SUBMIT = 1,
  COMMAND_UNLINK = 2,
  ANSWER_SUBMIT = 3,
  ANSWER_UNLINK = 4
};

typedef struct
{
  guint32 command;
  guint32 number;
  guint32 device;
  guint32 direction;
  guint32 endpoint;
  /* Submit: flags, length, start, packets, interval; its answer: status,
   * length, start, packets, errors; unlink: number; its answer: status. */
  guint32 words[5];
  guint8 setup[8];
} Header;
G_STATIC_ASSERT (sizeof (Header) == 48);

enum
{
  WORD_STATUS = 0,
  WORD_UNLINKED = 0,
  WORD_LENGTH = 1,
  WORD_PACKETS = 3
};

typedef struct
{
  guint32 offset;
  guint32 length;
  guint32 actual;
  guint32 status;
} Packet;

typedef struct
{
  Header header;
  guint n_bytes;
  guint n_packets;
  Packet packets[];
} Transfer;

typedef struct
{
  FoyerUsbOptions options;
  int fd; /* ours of the pair */
  GByteArray *device;
  GByteArray *configuration;
  GQueue transfers; /* of Transfer: what waits to be filled */
  guint8 probe[PROBE_BYTES];
  guint8 commit[PROBE_BYTES];
  guint16 brightness;
  guint8 mains;
  gboolean is_streaming;
  gboolean is_wedged;
  gboolean is_unplugged;
  gboolean is_input_open;
  FoyerUsbPicture *maker;
  GByteArray *picture; /* of the maker; NULL between pictures */
  guint at;            /* how much of it is sent */
  guint n_to_send;     /* of it; less if it is to be short */
  guint8 toggle;       /* tells one picture's packets from the next one's */
  int n_sent;          /* pictures */
  gint64 due_ns;       /* the next picture */
  GQueue sounds;       /* of Transfer: likewise of sound */
  gboolean is_heard;
  FoyerUsbSound sound;
  guint8 buffer[MAX_TRANSFER];
} Camera;

static gint64
get_now_ns (void)
{
  return g_get_monotonic_time () * NS_PER_US;
}

static void
tell (const char *text)
{
  puts (text);
  fflush (stdout);
}

/* All or the end: a socket that is gone is a camera that was unplugged. */
static void
send_all (Camera *self, const void *data, gsize n_bytes)
{
  const guint8 *at = data;

  while (n_bytes > 0 && !self->is_unplugged) {
    ssize_t n = send (self->fd, at, n_bytes, MSG_NOSIGNAL);

    if (n > 0) {
      at += n;
      n_bytes -= (gsize) n;
    } else if (errno != EINTR) {
      self->is_unplugged = TRUE;
    }
  }
}

static gboolean
receive_all (Camera *self, void *data, gsize n_bytes)
{
  guint8 *at = data;

  while (n_bytes > 0 && !self->is_unplugged) {
    ssize_t n = recv (self->fd, at, n_bytes, 0);

    if (n > 0) {
      at += n;
      n_bytes -= (gsize) n;
    } else if (n == 0 || errno != EINTR) {
      self->is_unplugged = TRUE;
    }
  }
  return !self->is_unplugged;
}

static void
answer (Camera *self, const Header *header, int status, gsize n_actual,
    const void *data, gsize n_data)
{
  Header reply = { .command = htonl (ANSWER_SUBMIT), .number = header->number };

  reply.words[WORD_STATUS] = htonl ((guint32) status);
  reply.words[WORD_LENGTH] = htonl ((guint32) n_actual);
  send_all (self, &reply, sizeof reply);
  send_all (self, data, n_data);
}

static void
answer_packets (Camera *self, const Transfer *transfer, gsize n_bytes)
{
  Header reply = { .command = htonl (ANSWER_SUBMIT),
    .number = transfer->header.number };

  reply.words[WORD_LENGTH] = htonl ((guint32) n_bytes);
  reply.words[WORD_PACKETS] = htonl (transfer->n_packets);
  send_all (self, &reply, sizeof reply);
  send_all (self, self->buffer, n_bytes);
  send_all (self, transfer->packets, transfer->n_packets * sizeof (Packet));
}

static void
put32 (guint8 *at, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (at, &value, sizeof value);
}

static FoyerUsbFormat
get_format (const Camera *self)
{
  return self->options.formats[self->commit[2] - 1];
}

static FoyerUsbSize
get_size (const Camera *self)
{
  return foyer_usb_format_get_size (get_format (self),
      (self->commit[3] - 1u) % FOYER_USB_N_SIZES);
}

/* Makes what the driver asks for into what the camera will do. */
static void
settle (Camera *self, guint8 *probe)
{
  const FoyerUsbOptions *options = &self->options;
  FoyerUsbSize size;

  if (probe[2] < 1 || probe[2] > options->n_formats)
    probe[2] = 1;
  if (probe[3] < 1)
    probe[3] = 1;
  size = foyer_usb_format_get_size (options->formats[probe[2] - 1],
      (probe[3] - 1u) % FOYER_USB_N_SIZES);
  put32 (probe + 4, FOYER_USB_INTERVALS_PER_S / (guint32) options->rate_fps);
  put32 (probe + 18,
      foyer_usb_picture_get_max_bytes (options->formats[probe[2] - 1], size));
  put32 (probe + 22,
      options->is_bulk ? FOYER_USB_BULK_BYTES : FOYER_USB_ISO_BYTES);
  put32 (probe + 26, FOYER_USB_CLOCK_HZ);
  probe[30] = 3;
}

static void
start_streaming (Camera *self)
{
  static const char *const names[] = { "yuyv", "mjpeg", "h264" };
  FoyerUsbSize size = get_size (self);
  g_autofree char *text = NULL;

  if (self->is_streaming)
    return;
  text = g_strdup_printf ("streaming %s %dx%d", names[get_format (self)],
      size.width_px, size.height_px);
  self->maker = foyer_usb_picture_new (&self->options, get_format (self), size);
  self->picture = NULL;
  self->due_ns = get_now_ns ();
  self->is_streaming = TRUE;
  tell (text);
}

static void
stop_streaming (Camera *self)
{
  g_autofree char *text = NULL;

  if (!self->is_streaming)
    return;
  self->is_streaming = FALSE;
  self->picture = NULL;
  g_clear_pointer (&self->maker, foyer_usb_picture_free);
  text = g_strdup_printf ("idle %d", self->n_sent);
  tell (text);
}

/* Requests to the stream: probe and commit. Returns: bytes of the answer, or
 * -1 to refuse. */
static int
control_stream (Camera *self, guint8 request, guint8 selector, guint8 *data,
    gsize n_bytes)
{
  guint8 *probe = selector == 1 ? self->probe : self->commit;

  if (selector != 1 && selector != 2)
    return -1;
  switch (request) {
    case 0x01: /* SET_CUR */
      memset (probe, 0, PROBE_BYTES);
      memcpy (probe, data, MIN (n_bytes, PROBE_BYTES));
      settle (self, probe);
      if (selector == 2 && self->options.is_bulk)
        start_streaming (self);
      return 0;
    case 0x81: /* GET_CUR, _MIN, _MAX, _DEF */
    case 0x82:
    case 0x83:
    case 0x87:
      settle (self, probe);
      memcpy (data, probe, PROBE_BYTES);
      return PROBE_BYTES;
    case 0x85: /* GET_LEN */
      memcpy (data, (const guint8[]){ PROBE_BYTES, 0 }, 2);
      return 2;
    case 0x86: /* GET_INFO: can be read and written */
      data[0] = 3;
      return 1;
    default:
      return -1;
  }
}

/* One number of the processing unit. */
typedef struct
{
  guint16 min;
  guint16 max;
  guint16 preset;
  int n_bytes;
} Range;

static int
control_number (guint16 *value, const Range *range, guint8 request,
    guint8 *data, gsize n_bytes)
{
  guint16 got = 0;

  switch (request) {
    case 0x01:
      if (n_bytes < (gsize) range->n_bytes)
        return -1;
      *value = range->n_bytes == 2 ? (guint16) (data[0] | data[1] << 8)
                                   : data[0];
      *value = CLAMP (*value, range->min, range->max);
      return 0;
    case 0x81:
      got = *value;
      break;
    case 0x82:
      got = range->min;
      break;
    case 0x83:
      got = range->max;
      break;
    case 0x84: /* GET_RES */
      got = 1;
      break;
    case 0x85:
      memcpy (data, (const guint8[]){ (guint8) range->n_bytes, 0 }, 2);
      return 2;
    case 0x86:
      data[0] = 3;
      return 1;
    case 0x87:
      got = range->preset;
      break;
    default:
      return -1;
  }
  data[0] = (guint8) got;
  data[1] = (guint8) (got >> 8);
  return range->n_bytes;
}

static int
control_unit (Camera *self, guint8 request, guint8 selector, guint8 *data,
    gsize n_bytes)
{
  static const Range brightness = { 0, 255, DEFAULT_LIGHT, 2 };
  static const Range mains = { 0, 2, 1, 1 };
  guint16 value = self->mains;
  int n_answer;

  if (selector == 2)
    return control_number (&self->brightness, &brightness, request, data,
        n_bytes);
  if (selector != 5)
    return -1;
  n_answer = control_number (&value, &mains, request, data, n_bytes);
  self->mains = (guint8) value;
  return n_answer;
}

static int
copy_descriptor (guint8 *data, GByteArray *descriptor)
{
  int n_bytes;

  if (descriptor == NULL)
    return -1;
  n_bytes = (int) descriptor->len;
  memcpy (data, descriptor->data, descriptor->len);
  g_byte_array_unref (descriptor);
  return n_bytes;
}

static int
get_descriptor (Camera *self, guint8 type, guint8 index, guint8 *data)
{
  switch (type) {
    case 1:
      return copy_descriptor (data, g_byte_array_ref (self->device));
    case 2:
      return copy_descriptor (data, g_byte_array_ref (self->configuration));
    case 3:
      return copy_descriptor (data,
          foyer_usb_descriptors_new_string (&self->options, index));
    default:
      return -1;
  }
}

/* A request to the control endpoint (USB 2.0 §9.4, USB video class 1.1 §4).
 * Returns: bytes of the answer in data, or -1 to refuse. */
static int
control (Camera *self, const guint8 setup[8], guint8 *data, gsize n_bytes)
{
  guint8 low = setup[2];
  guint8 high = setup[3];
  guint8 interface = setup[4];
  guint8 entity = setup[5];

  switch (setup[0] << 8 | setup[1]) {
    case 0x8006:
      return get_descriptor (self, high, low, data);
    case 0x8000: /* GET_STATUS */
    case 0x8100:
    case 0x8200:
      data[0] = data[1] = 0;
      return 2;
    case 0x8008: /* GET_CONFIGURATION */
      data[0] = 1;
      return 1;
    case 0x0009: /* SET_CONFIGURATION; the address is the host's affair */
    case 0x0005:
      return 0;
    case 0x0201: /* CLEAR_FEATURE halt: how a bulk stream is stopped */
      stop_streaming (self);
      return 0;
    case 0x810a: /* GET_INTERFACE */
      data[0] = (self->is_streaming &&
                    interface == FOYER_USB_STREAM_INTERFACE) ||
          (self->is_heard && interface == FOYER_USB_SOUND_INTERFACE);
      return 1;
    case 0x010b: /* SET_INTERFACE */
      if (interface == FOYER_USB_STREAM_INTERFACE && !self->options.is_bulk) {
        if (low > 0)
          start_streaming (self);
        else
          stop_streaming (self);
      } else if (interface == FOYER_USB_SOUND_INTERFACE) {
        self->is_heard = low > 0;
        foyer_usb_sound_begin (&self->sound, get_now_ns ());
      }
      return 0;
    default:
      break;
  }
  if ((setup[0] & 0x7f) != 0x21)
    return -1;
  if (interface == FOYER_USB_STREAM_INTERFACE)
    return control_stream (self, setup[1], high, data, n_bytes);
  if (entity == FOYER_USB_PROCESSING_UNIT)
    return control_unit (self, setup[1], high, data, n_bytes);
  return -1;
}

static void
handle_control (Camera *self, const Header *header)
{
  gsize n_bytes = ntohl (header->words[WORD_LENGTH]);
  gboolean is_in = header->direction != 0;
  int n_answer;

  if (n_bytes > G_MAXUINT16) {
    self->is_unplugged = TRUE;
    return;
  }
  if (!is_in && !receive_all (self, self->buffer, n_bytes))
    return;
  n_answer = control (self, header->setup, self->buffer, n_bytes);
  if (n_answer < 0)
    answer (self, header, -EPIPE, 0, NULL, 0);
  else if (is_in)
    answer (self, header, 0, MIN ((gsize) n_answer, n_bytes), self->buffer,
        MIN ((gsize) n_answer, n_bytes));
  else
    answer (self, header, 0, n_bytes, NULL, 0);
}

static void
handle_transfer (Camera *self, const Header *header)
{
  guint n_packets = ntohl (header->words[WORD_PACKETS]);
  guint n_bytes = ntohl (header->words[WORD_LENGTH]);
  gboolean is_sound = ntohl (header->endpoint) == FOYER_USB_SOUND_ENDPOINT;
  Transfer *transfer;

  /* Transfers without packets carry all ones, or nothing. */
  if ((self->options.is_bulk && !is_sound) || n_packets == G_MAXUINT32)
    n_packets = 0;
  if (n_packets > MAX_PACKETS || n_bytes > MAX_TRANSFER) {
    self->is_unplugged = TRUE;
    return;
  }
  transfer = g_malloc0 (sizeof *transfer + n_packets * sizeof (Packet));
  transfer->header = *header;
  transfer->n_bytes = n_bytes;
  transfer->n_packets = n_packets;
  if (receive_all (self, transfer->packets, n_packets * sizeof (Packet)))
    g_queue_push_tail (is_sound ? &self->sounds : &self->transfers, transfer);
  else
    g_free (transfer);
}

static gboolean
drop_transfer (GQueue *transfers, guint32 number)
{
  for (GList *l = transfers->head; l != NULL; l = l->next) {
    Transfer *transfer = l->data;

    if (transfer->header.number == number) {
      g_queue_delete_link (transfers, l);
      g_free (transfer);
      return TRUE;
    }
  }
  return FALSE;
}

static void
handle_unlink (Camera *self, const Header *header)
{
  Header reply = { .command = htonl (ANSWER_UNLINK), .number = header->number };
  guint32 number = header->words[WORD_UNLINKED];

  if (drop_transfer (&self->transfers, number) ||
      drop_transfer (&self->sounds, number))
    reply.words[WORD_STATUS] = htonl ((guint32) -ECONNRESET);
  send_all (self, &reply, sizeof reply);
}

static void
handle_input (Camera *self)
{
  Header header;

  if (!receive_all (self, &header, sizeof header))
    return;
  if (ntohl (header.command) == COMMAND_UNLINK)
    handle_unlink (self, &header);
  else if (header.endpoint == 0)
    handle_control (self, &header);
  else
    handle_transfer (self, &header);
}

static gboolean
is_each (int every, int number)
{
  return every > 0 && number % every == every - 1;
}

/* Overwrites some bytes behind a JPEG's headers, and none in others. */
static void
damage (Camera *self)
{
  for (guint i = self->picture->len / 2; i < self->picture->len - 2; i += 7)
    self->picture->data[i] ^= 0x55;
}

static void
keep (const char *path, const guint8 *data, gsize n_bytes)
{
  FILE *file = fopen (path, "ae");

  if (file == NULL || fwrite (data, 1, n_bytes, file) != n_bytes ||
      fclose (file) != 0)
    g_error ("writing %s: %s", path, g_strerror (errno));
}

static void
begin_picture (Camera *self)
{
  gint64 interval_ns = NS_PER_S / self->options.rate_fps;
  gint64 now_ns = get_now_ns ();

  self->picture = foyer_usb_picture_make (self->maker, (guint32) self->n_sent,
      (guint64) now_ns, self->brightness);
  if (is_each (self->options.corrupt_every, self->n_sent) &&
      get_format (self) != FOYER_USB_FORMAT_YUYV)
    damage (self);
  if (self->options.keep != NULL)
    keep (self->options.keep, self->picture->data, self->picture->len);
  self->n_to_send = self->picture->len;
  if (is_each (self->options.short_every, self->n_sent))
    self->n_to_send /= 2;
  self->at = 0;
  self->toggle ^= 1;
  self->due_ns += interval_ns;
  if (self->due_ns < now_ns - LATE_NS)
    self->due_ns = now_ns;
}

/* A header and as much of the picture as fits. Returns: how many bytes. */
static gsize
fill_packet (Camera *self, guint8 *packet, gsize n_room)
{
  gsize n = MIN (n_room - HEADER_BYTES, self->n_to_send - self->at);

  packet[0] = HEADER_BYTES;
  packet[1] = HEADER_FRESH | self->toggle;
  memcpy (packet + HEADER_BYTES, self->picture->data + self->at, n);
  self->at += (guint) n;
  if (self->at == self->n_to_send) {
    if (self->options.is_endless)
      self->at = 0;
    else
      packet[1] |= HEADER_END;
  }
  return n + HEADER_BYTES;
}

static void
fill_transfer (Camera *self, Transfer *transfer)
{
  gsize n_bytes = 0;

  if (transfer->n_packets == 0) {
    n_bytes = fill_packet (self, self->buffer,
        MIN (transfer->n_bytes, FOYER_USB_BULK_BYTES));
    answer (self, &transfer->header, 0, n_bytes, self->buffer, n_bytes);
    return;
  }
  for (guint i = 0; i < transfer->n_packets; i++) {
    gsize n_room = MIN (ntohl (transfer->packets[i].length),
        MAX_TRANSFER - n_bytes);
    gsize n = 0;

    if (self->at < self->n_to_send && n_room > HEADER_BYTES)
      n = fill_packet (self, self->buffer + n_bytes, n_room);
    transfer->packets[i].actual = htonl ((guint32) n);
    transfer->packets[i].status = 0;
    n_bytes += n;
  }
  answer_packets (self, transfer, n_bytes);
}

static void
fill_sound (Camera *self, Transfer *transfer)
{
  gsize n_bytes = 0;

  for (guint i = 0; i < transfer->n_packets; i++) {
    guint8 packet[FOYER_USB_SOUND_BYTES];
    gsize n = foyer_usb_sound_fill (&self->sound, packet);

    n = MIN (n, ntohl (transfer->packets[i].length));
    memcpy (self->buffer + n_bytes, packet, n);
    transfer->packets[i].actual = htonl ((guint32) n);
    transfer->packets[i].status = 0;
    n_bytes += n;
  }
  answer_packets (self, transfer, n_bytes);
}

/* Sends the sound that was captured. Returns: as stream(). */
static int
speak (Camera *self)
{
  while (self->is_heard && !g_queue_is_empty (&self->sounds)) {
    Transfer *transfer = g_queue_peek_head (&self->sounds);
    gint64 now_ns = get_now_ns ();
    gint64 wait_ns = foyer_usb_sound_get_wait_ns (&self->sound,
        transfer->n_packets, now_ns);

    if (wait_ns > 0)
      return (int) (wait_ns / NS_PER_MS) + 1;
    if (wait_ns < -LATE_NS)
      foyer_usb_sound_begin (&self->sound, now_ns);
    g_queue_pop_head (&self->sounds);
    fill_sound (self, transfer);
    g_free (transfer);
  }
  return -1;
}

/* Sends what is due and can be sent. Returns: ms until there is more, -1 for
 * when the driver asks. */
static int
stream (Camera *self)
{
  gint64 wait_ns;

  if (self->options.wedge_after >= 0 &&
      self->n_sent >= self->options.wedge_after)
    self->is_wedged = TRUE;
  if (!self->is_streaming || self->is_wedged)
    return -1;
  if (self->picture == NULL && get_now_ns () >= self->due_ns)
    begin_picture (self);
  while (self->picture != NULL && !g_queue_is_empty (&self->transfers)) {
    g_autofree Transfer *transfer = g_queue_pop_head (&self->transfers);

    fill_transfer (self, transfer);
    if (self->at == self->n_to_send) {
      self->picture = NULL;
      self->n_sent++;
    }
  }
  if (self->picture != NULL)
    return -1;
  wait_ns = self->due_ns - get_now_ns ();
  return wait_ns <= 0 ? 0 : (int) (wait_ns / NS_PER_MS) + 1;
}

static void
handle_command (Camera *self)
{
  char line[MAX_LINE];

  if (fgets (line, sizeof line, stdin) == NULL) {
    self->is_input_open = FALSE;
    return;
  }
  g_strchomp (line);
  if (g_str_equal (line, "wedge")) {
    self->is_wedged = TRUE;
  } else if (g_str_equal (line, "resume")) {
    self->is_wedged = FALSE;
    self->options.wedge_after = -1;
  } else if (g_str_equal (line, "mute") || g_str_equal (line, "unmute")) {
    self->sound.is_muted = *line == 'm';
  } else if (g_str_equal (line, "unplug")) {
    self->is_unplugged = TRUE;
  } else {
    fprintf (stderr, "no command %s\n", line);
  }
}

static gboolean
fail (GError **error, const char *what)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (number), "%s: %s",
      what, g_strerror (number));
  return FALSE;
}

/* Hands the other end to the kernel. */
static gboolean
plug (Camera *self, GError **error)
{
  g_autofree char *line = NULL;
  foyer_autofd int attach = -1;
  foyer_autofd int theirs = -1;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    return fail (error, "socketpair");
  self->fd = pair[0];
  theirs = pair[1];
  attach = open (ATTACH_PATH, O_WRONLY | O_CLOEXEC);
  line = g_strdup_printf ("%d %d %d %d", self->options.port, theirs,
      0x10001 + self->options.port, HIGH_SPEED);
  if (attach < 0 || write (attach, line, strlen (line)) < 0)
    return fail (error, ATTACH_PATH);
  return TRUE;
}

static void
run (Camera *self)
{
  while (!self->is_unplugged) {
    int picture_ms = stream (self);
    int sound_ms = speak (self);
    int wait_ms = picture_ms < 0 || sound_ms < 0 ? MAX (picture_ms, sound_ms)
                                                 : MIN (picture_ms, sound_ms);
    struct pollfd polled[] = { { .fd = self->fd, .events = POLLIN },
      { .fd = self->is_input_open ? 0 : -1, .events = POLLIN } };

    if (poll (polled, G_N_ELEMENTS (polled), wait_ms) <= 0)
      continue;
    if (polled[1].revents != 0)
      handle_command (self);
    if (polled[0].revents != 0)
      handle_input (self);
  }
}

int
main (int argc, char **argv)
{
  g_autofree Camera *self = g_new0 (Camera, 1);
  g_autoptr (GError) error = NULL;

  self->fd = -1;
  self->is_input_open = TRUE;
  self->brightness = DEFAULT_LIGHT;
  self->mains = 1;
  g_queue_init (&self->transfers);
  g_queue_init (&self->sounds);
  setvbuf (stdin, NULL, _IONBF, 0);
  if (!foyer_usb_options_parse (&self->options, &argc, &argv, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 2;
  }
  self->sound = (FoyerUsbSound){ .camera = self->options.camera,
    .rate_hz = self->options.sound_hz };
  self->device = foyer_usb_descriptors_new_device (&self->options);
  self->configuration = foyer_usb_descriptors_new_configuration (
      &self->options);
  settle (self, self->probe);
  settle (self, self->commit);
  if (!plug (self, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  tell ("plugged");
  run (self);
  stop_streaming (self);
  foyer_fd_clear (&self->fd);
  g_queue_clear_full (&self->transfers, g_free);
  g_queue_clear_full (&self->sounds, g_free);
  g_byte_array_unref (self->device);
  g_byte_array_unref (self->configuration);
  foyer_usb_options_clear (&self->options);
  return 0;
}
