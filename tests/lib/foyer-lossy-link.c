/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* A lossy, slow link between two network namespaces, for kernels without
 * netem:
 *
 *     foyer-lossy-link NETNS-A NETNS-B
 *
 * makes a TUN device "lossy0" in each and carries packets between them. Each
 * direction delays, drops and limits by itself. Commands come as lines on
 * standard input and hold for packets that come after:
 *
 *     delay MS      each way
 *     loss PERCENT  each way
 *     rate KBIT     each way, with half a second of queue; 0 for no limit
 *     reorder PERCENT    are overtaken by what comes in the next 30 ms
 *     duplicate PERCENT  come twice
 *
 * Says "ready" once the devices stand, "ok" after each command, and the
 * figures when standard input ends: then it ends too and the devices go. */

#define DEVICE        "lossy0"
#define MAX_PACKET    65536
#define MAX_QUEUE_US  (G_USEC_PER_SEC / 2)
#define REORDER_US    (30 * G_USEC_PER_SEC / 1000)
#define N_SIDES       2
#define BITS_PER_BYTE 8
#define NS_PER_US     1000
#define SEED          1
#define N_LINE_BYTES  128
#define US_PER_MS     1000
#define KBIT          1000
#define WHOLE_PERCENT 100.0
#define N_POLLED      (N_SIDES + 1)

typedef struct
{
  gint64 due_us;
  gsize n_bytes;
  guint8 data[];
} Packet;

/* What comes in on one device and leaves by the other. */
typedef struct
{
  int fd;
  GQueue packets;
  gint64 busy_until_us;
  guint64 n_passed;
  guint64 n_dropped;
} Side;

typedef struct
{
  Side sides[N_SIDES];
  gint64 delay_us;
  double loss;
  double reorder;
  double duplicate;
  gint64 rate_bps;
  GRand *rand;
} Link;

/* A TUN device in a namespace; this thread is in that namespace afterwards. */
static int
open_device (const char *netns)
{
  g_autofree char *path = g_strdup_printf ("/run/netns/%s", netns);
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  int ns_fd = open (path, O_RDONLY | O_CLOEXEC);
  int fd;

  if (ns_fd < 0 || setns (ns_fd, CLONE_NEWNET) < 0) {
    perror (path);
    exit (1);
  }
  close (ns_fd);
  fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  g_strlcpy (request.ifr_name, DEVICE, sizeof request.ifr_name);
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) < 0) {
    perror ("/dev/net/tun");
    exit (1);
  }
  return fd;
}

/* When a packet of this length has left, or -1 if the queue is full. */
static gint64
reserve_time (Link *self, Side *side, gsize n_bytes, gint64 now_us)
{
  if (self->rate_bps == 0)
    return now_us;
  side->busy_until_us = MAX (side->busy_until_us, now_us);
  if (side->busy_until_us - now_us > MAX_QUEUE_US)
    return -1;
  side->busy_until_us += (gint64) n_bytes * BITS_PER_BYTE * G_USEC_PER_SEC /
      self->rate_bps;
  return side->busy_until_us;
}

static int
compare_due (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Packet *first = a;
  const Packet *second = b;

  /* Those of one time keep their order. */
  return first->due_us <= second->due_us ? -1 : 1;
}

static void
add_packet (Side *side, gint64 due_us, const guint8 *data, gsize n_bytes)
{
  Packet *packet = g_malloc (sizeof *packet + n_bytes);
  const Packet *last = g_queue_peek_tail (&side->packets);

  packet->due_us = due_us;
  packet->n_bytes = n_bytes;
  memcpy (packet->data, data, n_bytes);
  if (last == NULL || last->due_us <= due_us)
    g_queue_push_tail (&side->packets, packet);
  else
    g_queue_insert_sorted (&side->packets, packet, compare_due, NULL);
}

static gboolean
happens (Link *self, double share)
{
  return share > 0 && g_rand_double (self->rand) < share;
}

static void
take_packet (Link *self, Side *side, const guint8 *data, gsize n_bytes)
{
  gint64 left_us = reserve_time (self, side, n_bytes, g_get_monotonic_time ());

  if (left_us < 0 || g_rand_double (self->rand) < self->loss) {
    side->n_dropped++;
    return;
  }
  left_us += self->delay_us;
  if (happens (self, self->reorder))
    left_us += REORDER_US;
  add_packet (side, left_us, data, n_bytes);
  if (happens (self, self->duplicate))
    add_packet (side, left_us, data, n_bytes);
}

static void
read_device (Link *self, Side *side)
{
  guint8 data[MAX_PACKET];
  gssize n_bytes;

  while ((n_bytes = read (side->fd, data, sizeof data)) > 0)
    take_packet (self, side, data, (gsize) n_bytes);
}

static void
deliver_due (Side *from, const Side *to)
{
  gint64 now_us = g_get_monotonic_time ();
  Packet *packet;

  while ((packet = g_queue_peek_head (&from->packets)) != NULL) {
    if (packet->due_us > now_us)
      return;
    g_queue_pop_head (&from->packets);
    if (write (to->fd, packet->data, packet->n_bytes) < 0)
      from->n_dropped++;
    else
      from->n_passed++;
    g_free (packet);
  }
}

/* Time until the next packet is due, for ppoll(); NULL if none waits. */
static const struct timespec *
get_wait (const Link *self, struct timespec *wait)
{
  gint64 due_us = G_MAXINT64;
  gint64 left_us;

  for (int i = 0; i < N_SIDES; i++) {
    const Packet *packet = g_queue_peek_head (
        (GQueue *) &self->sides[i].packets);

    if (packet != NULL)
      due_us = MIN (due_us, packet->due_us);
  }
  if (due_us == G_MAXINT64)
    return NULL;
  left_us = MAX (due_us - g_get_monotonic_time (), 0);
  wait->tv_sec = left_us / G_USEC_PER_SEC;
  wait->tv_nsec = left_us % G_USEC_PER_SEC * NS_PER_US;
  return wait;
}

static gboolean
obey (Link *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 2);
  double value;

  if (words[0] == NULL || words[1] == NULL)
    return FALSE;
  value = g_ascii_strtod (words[1], NULL);
  if (g_str_equal (words[0], "delay"))
    self->delay_us = (gint64) (value * US_PER_MS);
  else if (g_str_equal (words[0], "loss"))
    self->loss = value / WHOLE_PERCENT;
  else if (g_str_equal (words[0], "reorder"))
    self->reorder = value / WHOLE_PERCENT;
  else if (g_str_equal (words[0], "duplicate"))
    self->duplicate = value / WHOLE_PERCENT;
  else if (g_str_equal (words[0], "rate"))
    self->rate_bps = (gint64) (value * KBIT);
  else
    return FALSE;
  return TRUE;
}

/* Commands come whole: the writer flushes after each line. FALSE at the end. */
static gboolean
read_commands (Link *self)
{
  char text[N_LINE_BYTES];
  gssize n_bytes = read (STDIN_FILENO, text, sizeof text - 1);
  g_auto (GStrv) lines = NULL;

  if (n_bytes <= 0)
    return FALSE;
  text[n_bytes] = '\0';
  lines = g_strsplit (g_strchomp (text), "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    puts (obey (self, *line) ? "ok" : "what?");
    fflush (stdout);
  }
  return TRUE;
}

static void
run (Link *self)
{
  struct pollfd polled[N_POLLED] = {
    { .fd = self->sides[0].fd, .events = POLLIN },
    { .fd = self->sides[1].fd, .events = POLLIN },
    { .fd = STDIN_FILENO, .events = POLLIN },
  };

  for (;;) {
    struct timespec wait;

    ppoll (polled, N_POLLED, get_wait (self, &wait), NULL);
    for (int i = 0; i < N_SIDES; i++)
      read_device (self, &self->sides[i]);
    for (int i = 0; i < N_SIDES; i++)
      deliver_due (&self->sides[i], &self->sides[1 - i]);
    if (polled[N_SIDES].revents != 0 && !read_commands (self))
      return;
  }
}

int
main (int argc, char **argv)
{
  Link self = { .rand = g_rand_new_with_seed (SEED) };

  if (argc != 1 + N_SIDES) {
    fprintf (stderr, "usage: %s NETNS-A NETNS-B\n", argv[0]);
    return 2;
  }
  for (int i = 0; i < N_SIDES; i++) {
    self.sides[i].fd = open_device (argv[1 + i]);
    g_queue_init (&self.sides[i].packets);
  }
  puts ("ready");
  fflush (stdout);
  run (&self);
  for (int i = 0; i < N_SIDES; i++) {
    printf ("{\"passed\": %" G_GUINT64_FORMAT
            ", \"dropped\": %" G_GUINT64_FORMAT "}\n",
        self.sides[i].n_passed, self.sides[i].n_dropped);
    g_queue_clear_full (&self.sides[i].packets, g_free);
  }
  g_rand_free (self.rand);
  return 0;
}
