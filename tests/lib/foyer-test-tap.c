/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-tap.h"

#include "foyer-cast-collector.h"
#include "foyer-cast-udp.h"
#include "foyer-test-decoder.h"
#include "foyer-test-hearer.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define N_KEPT     512
#define NS_PER_S   1000000000
#define CONTROL    64 /* room for one timestamp */
#define N_LOW_IDS  256
#define N_TRIES    5
#define SET_NS     100000000 /* so far nobody's clock runs off by itself */
#define MAX_FORGED 2048      /* waiting to be received */

typedef struct
{
  gint64 arrival_ns;
  guint n_bytes;
  guint8 data[FOYER_CAST_MAX_DATAGRAM_BYTES];
} Kept;

struct _FoyerTestTap
{
  GMutex lock; /* for all below */
  FoyerCastStreamConfig video;
  FoyerCastFrameId last_id;
  gint64 arrivals_ns[N_LOW_IDS]; /* the newest of each frame, by its number's
                                   * low 8 bits */
  FoyerCastStreamConfig sound;   /* its SSRC is 0 without one */
  FoyerCastFrameId last_sound_id;
  gint64 sound_arrivals_ns[N_LOW_IDS]; /* as of frames */
  gboolean sound_forged[N_LOW_IDS];    /* that newest one was */
  int fd;                              /* of the stream; -1 without one */
  FoyerCastAddress peer;
  GQueue forged; /* of GBytes */
  guint64 n_datagrams;
  guint64 n_bytes;
  guint next;
  Kept kept[N_KEPT];
};

/* One frame of what is kept. */
typedef struct
{
  guint8 id_low;
  FoyerCastFrameId id;
  guint64 n_late_bytes;
  FoyerCastCollector collector;
} Group;

/* Whose groups are collected. */
typedef struct
{
  guint32 ssrc;
  FoyerCastFrameId last_id;
} Stream;

/* The tap of this thread, which is a display's. */
static _Thread_local FoyerTestTap *current;
static _Thread_local int stamped_fd = -1;
static _Thread_local gint64 offset_ns; /* from CLOCK_REALTIME to _MONOTONIC */

gboolean __wrap_foyer_cast_udp_receive (int fd, FoyerCastUdpBatch *batch);

static gint64
now_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * (gint64) NS_PER_S + now.tv_nsec;
}

/* Between two readings of a clock this thread may have to wait. */
static gint64
measure_offset_ns (void)
{
  gint64 best_ns = G_MAXINT64, offset = 0;

  for (guint i = 0; i < N_TRIES; i++) {
    gint64 before_ns = now_ns (CLOCK_MONOTONIC);
    gint64 real_ns = now_ns (CLOCK_REALTIME);
    gint64 after_ns = now_ns (CLOCK_MONOTONIC);

    if (after_ns - before_ns >= best_ns)
      continue;
    best_ns = after_ns - before_ns;
    offset = before_ns - real_ns;
  }
  return offset;
}

gint64
foyer_test_tap_place (gint64 stamp_ns, gint64 offset, gint64 before, gint64 now)
{
  gint64 placed = stamp_ns + offset, other = stamp_ns + before;

  if (ABS (offset - before) < SET_NS)
    return placed;
  /* Nothing comes in the future, and what came is soon read. */
  if (placed > now || (other <= now && other > placed))
    placed = other;
  return MIN (placed, now);
}

/* When the kernel had it, by CLOCK_MONOTONIC. @before: how far the clocks were apart
 * the last time. */
static gint64
read_arrival_ns (struct msghdr *message, gint64 before)
{
  gint64 ns = now_ns (CLOCK_REALTIME);

  for (struct cmsghdr *part = CMSG_FIRSTHDR (message); part != NULL;
       part = CMSG_NXTHDR (message, part)) {
    struct timespec stamp;

    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_TIMESTAMPNS)
      continue;
    memcpy (&stamp, CMSG_DATA (part), sizeof stamp);
    ns = stamp.tv_sec * (gint64) NS_PER_S + stamp.tv_nsec;
  }
  return foyer_test_tap_place (ns, offset_ns, before, now_ns (CLOCK_MONOTONIC));
}

/* With the lock held. */
static void
note_arrival (FoyerTestTap *self, const FoyerCastRtpHeader *header,
    gint64 arrival_ns, gboolean is_forged)
{
  if (header->ssrc == self->video.sender_ssrc) {
    self->arrivals_ns[header->frame_id_low] = arrival_ns;
  } else if (header->ssrc == self->sound.sender_ssrc) {
    self->sound_arrivals_ns[header->frame_id_low] = arrival_ns;
    self->sound_forged[header->frame_id_low] = is_forged;
  }
}

void
foyer_test_tap_keep (FoyerTestTap *self, const guint8 *data, gsize n_bytes,
    gint64 arrival_ns)
{
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes;
  Kept *kept;

  g_mutex_lock (&self->lock);
  if (foyer_cast_rtp_parse (data, n_bytes, &header, &payload, &n_payload_bytes))
    note_arrival (self, &header, arrival_ns, FALSE);
  kept = &self->kept[self->next++ % N_KEPT];
  kept->arrival_ns = arrival_ns;
  kept->n_bytes = (guint) n_bytes;
  memcpy (kept->data, data, n_bytes);
  self->n_datagrams++;
  self->n_bytes += n_bytes;
  g_mutex_unlock (&self->lock);
}

/* When it came, and that a packet of sound is forged. With the lock held. */
static void
note_forged (FoyerTestTap *self, GBytes *datagram)
{
  gsize n_bytes, n_payload_bytes;
  const guint8 *data = g_bytes_get_data (datagram, &n_bytes);
  FoyerCastRtpHeader header;
  const guint8 *payload;

  if (foyer_cast_rtp_parse (data, n_bytes, &header, &payload, &n_payload_bytes))
    note_arrival (self, &header, now_ns (CLOCK_MONOTONIC), TRUE);
}

/* What was forged comes from the sender, too. */
static void
tap_add_forged (FoyerTestTap *self, FoyerCastUdpBatch *batch)
{
  GBytes *datagram;

  g_mutex_lock (&self->lock);
  while (batch->n_datagrams < FOYER_CAST_BATCH &&
      (datagram = g_queue_pop_head (&self->forged)) != NULL) {
    guint i = batch->n_datagrams++;

    batch->n_bytes[i] = MIN (g_bytes_get_size (datagram),
        sizeof batch->data[i]);
    memcpy (batch->data[i], g_bytes_get_data (datagram, NULL),
        batch->n_bytes[i]);
    batch->from[i] = self->peer;
    note_forged (self, datagram);
    g_bytes_unref (datagram);
  }
  g_mutex_unlock (&self->lock);
}

static void
tap_note_socket (FoyerTestTap *self, int fd, const FoyerCastAddress *peer)
{
  g_mutex_lock (&self->lock);
  self->fd = fd;
  self->peer = *peer;
  g_mutex_unlock (&self->lock);
}

gboolean
__wrap_foyer_cast_udp_receive (int fd, FoyerCastUdpBatch *batch)
{
  struct mmsghdr messages[FOYER_CAST_BATCH];
  struct iovec parts[FOYER_CAST_BATCH];
  char control[FOYER_CAST_BATCH][CONTROL];
  gint64 before = offset_ns;
  int n, one = 1;

  if (fd != stamped_fd)
    setsockopt (fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  stamped_fd = fd;
  memset (messages, 0, sizeof messages);
  for (guint i = 0; i < FOYER_CAST_BATCH; i++) {
    parts[i] = (struct iovec){ batch->data[i], sizeof batch->data[i] };
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &batch->from[i].storage;
    messages[i].msg_hdr.msg_namelen = sizeof batch->from[i].storage;
    messages[i].msg_hdr.msg_control = control[i];
    messages[i].msg_hdr.msg_controllen = sizeof control[i];
  }
  n = recvmmsg (fd, messages, FOYER_CAST_BATCH, MSG_DONTWAIT, NULL);
  batch->n_datagrams = n > 0 ? (guint) n : 0;
  if (n > 0)
    offset_ns = measure_offset_ns ();
  for (guint i = 0; i < batch->n_datagrams; i++) {
    batch->n_bytes[i] = messages[i].msg_len;
    batch->from[i].n_bytes = messages[i].msg_hdr.msg_namelen;
    if (current != NULL)
      foyer_test_tap_keep (current, batch->data[i], batch->n_bytes[i],
          read_arrival_ns (&messages[i].msg_hdr, before));
  }
  if (current != NULL && n > 0) {
    tap_note_socket (current, fd, &batch->from[0]);
    tap_add_forged (current, batch);
  }
  return n == FOYER_CAST_BATCH || (n < 0 && errno != EAGAIN);
}

FoyerTestTap *
foyer_test_tap_new (void)
{
  FoyerTestTap *self = g_new0 (FoyerTestTap, 1);

  g_mutex_init (&self->lock);
  g_queue_init (&self->forged);
  self->fd = -1;
  return self;
}

void
foyer_test_tap_begin (FoyerTestTap *self, const FoyerCastStreamConfig *video)
{
  g_mutex_lock (&self->lock);
  self->video = *video;
  self->sound = (FoyerCastStreamConfig){ 0 };
  self->last_id = self->last_sound_id = FOYER_CAST_FRAME_ID_NONE;
  for (guint i = 0; i < N_KEPT; i++)
    self->kept[i].n_bytes = 0;
  g_mutex_unlock (&self->lock);
  current = self;
  stamped_fd = -1;
  offset_ns = measure_offset_ns ();
}

void
foyer_test_tap_begin_sound (FoyerTestTap *self,
    const FoyerCastStreamConfig *sound)
{
  g_mutex_lock (&self->lock);
  self->sound = *sound;
  g_mutex_unlock (&self->lock);
}

void
foyer_test_tap_end (FoyerTestTap *self)
{
  g_mutex_lock (&self->lock);
  self->fd = -1;
  g_queue_clear_full (&self->forged, (GDestroyNotify) g_bytes_unref);
  g_mutex_unlock (&self->lock);
}

gboolean
foyer_test_tap_get_stream (FoyerTestTap *self, FoyerCastStreamKind kind,
    FoyerCastStreamConfig *stream, FoyerCastFrameId *last_id)
{
  gboolean is_sound = kind == FOYER_CAST_STREAM_AUDIO;

  g_mutex_lock (&self->lock);
  *stream = is_sound ? self->sound : self->video;
  *last_id = is_sound ? self->last_sound_id : self->last_id;
  g_mutex_unlock (&self->lock);
  return stream->sender_ssrc != 0;
}

/* With the lock held. */
static gboolean
is_of_stream (const Kept *kept, guint32 ssrc)
{
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes;

  return kept->n_bytes > 0 &&
      foyer_cast_rtp_parse (kept->data, kept->n_bytes, &header, &payload,
          &n_payload_bytes) &&
      header.ssrc == ssrc;
}

GPtrArray *
foyer_test_tap_dup_kept (FoyerTestTap *self, guint32 ssrc)
{
  GPtrArray *datagrams = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_bytes_unref);

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_KEPT; i++) {
    const Kept *kept = &self->kept[(self->next + i) % N_KEPT];

    if (is_of_stream (kept, ssrc))
      g_ptr_array_add (datagrams, g_bytes_new (kept->data, kept->n_bytes));
  }
  g_mutex_unlock (&self->lock);
  return datagrams;
}

void
foyer_test_tap_inject (FoyerTestTap *self, GBytes *datagram)
{
  g_mutex_lock (&self->lock);
  if (self->fd >= 0 && self->forged.length < MAX_FORGED)
    g_queue_push_tail (&self->forged, g_bytes_ref (datagram));
  g_mutex_unlock (&self->lock);
}

gboolean
foyer_test_tap_send (FoyerTestTap *self, FoyerTestTap *to, const guint8 *data,
    gsize n_bytes)
{
  FoyerCastAddress peer;
  gboolean is_sent;

  g_mutex_lock (&to->lock);
  peer = to->peer;
  g_mutex_unlock (&to->lock);
  g_mutex_lock (&self->lock);
  is_sent = self->fd >= 0 && peer.n_bytes > 0 &&
      sendto (self->fd, data, n_bytes, MSG_DONTWAIT | MSG_NOSIGNAL,
          (const struct sockaddr *) &peer.storage,
          peer.n_bytes) == (gssize) n_bytes;
  g_mutex_unlock (&self->lock);
  return is_sent;
}

gint64
foyer_test_tap_note_frame (FoyerTestTap *self, FoyerCastFrameId id)
{
  gint64 arrival_ns;

  g_mutex_lock (&self->lock);
  self->last_id = MAX (self->last_id, id);
  arrival_ns = self->arrivals_ns[id % N_LOW_IDS];
  g_mutex_unlock (&self->lock);
  return arrival_ns;
}

gint64
foyer_test_tap_note_packet (FoyerTestTap *self, FoyerCastFrameId id,
    gboolean *is_forged)
{
  gint64 arrival_ns;

  g_mutex_lock (&self->lock);
  self->last_sound_id = MAX (self->last_sound_id, id);
  arrival_ns = self->sound_arrivals_ns[(guint8) id];
  *is_forged = self->sound_forged[(guint8) id];
  g_mutex_unlock (&self->lock);
  return arrival_ns;
}

void
foyer_test_tap_count (FoyerTestTap *self, guint64 *n_datagrams,
    guint64 *n_bytes)
{
  g_mutex_lock (&self->lock);
  *n_datagrams = self->n_datagrams;
  *n_bytes = self->n_bytes;
  g_mutex_unlock (&self->lock);
}

/* The frame of a datagram that is newer than all before. Numbers come back: what
 * has the same low bits and another time is 256 frames older. */
static Group *
find_group (GArray *groups, const FoyerCastRtpHeader *header,
    FoyerCastFrameId last_id)
{
  Group group = { header->frame_id_low, 0, 0, { 0 } };

  for (guint i = 0; i < groups->len; i++) {
    Group *known = &g_array_index (groups, Group, i);

    if (known->id_low == header->frame_id_low &&
        known->collector.rtp_timestamp == header->timestamp)
      return known;
  }
  for (guint i = 0; i < groups->len; i++) {
    Group *known = &g_array_index (groups, Group, i);

    if (known->id_low == header->frame_id_low)
      known->id -= N_LOW_IDS;
  }
  group.id = foyer_cast_expand8 (last_id, header->frame_id_low);
  g_array_append_val (groups, group);
  return &g_array_index (groups, Group, groups->len - 1);
}

/* With the lock held. */
static void
take_kept (const Stream *stream, const Kept *kept, gint64 after_ns,
    GArray *groups)
{
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes;
  Group *group;

  if (kept->n_bytes == 0 ||
      !foyer_cast_rtp_parse (kept->data, kept->n_bytes, &header, &payload,
          &n_payload_bytes) ||
      header.ssrc != stream->ssrc)
    return;
  group = find_group (groups, &header, stream->last_id);
  foyer_cast_collector_add (&group->collector, &header, payload,
      n_payload_bytes, 0);
  if (kept->arrival_ns > after_ns)
    group->n_late_bytes += kept->n_bytes;
}

static void
group_clear (gpointer data)
{
  Group *group = (Group *) data;

  foyer_cast_collector_clear (&group->collector);
}

/* The frames of what is kept, the oldest first. With the lock held. */
static GArray *
collect_groups (FoyerTestTap *self, gboolean is_sound, gint64 after_ns)
{
  const Stream stream = is_sound
      ? (Stream){ self->sound.sender_ssrc, self->last_sound_id }
      : (Stream){ self->video.sender_ssrc, self->last_id };
  GArray *groups = g_array_new (FALSE, FALSE, sizeof (Group));

  g_array_set_clear_func (groups, group_clear);
  for (guint i = 0; i < N_KEPT; i++)
    take_kept (&stream, &self->kept[(self->next + i) % N_KEPT], after_ns,
        groups);
  return groups;
}

/* With the lock held. */
static guint64
count_late_sound (const FoyerTestTap *self, const Kept *kept, gint64 after_ns)
{
  FoyerCastRtpHeader header;
  const guint8 *payload;
  gsize n_payload_bytes;

  return kept->n_bytes > 0 && kept->arrival_ns > after_ns &&
          foyer_cast_rtp_parse (kept->data, kept->n_bytes, &header, &payload,
              &n_payload_bytes) &&
          header.ssrc == self->sound.sender_ssrc
      ? kept->n_bytes
      : 0;
}

static GBytes *
decrypt_group (const Group *group, const FoyerCastStreamConfig *keys)
{
  FoyerCastCrypto crypto;

  foyer_cast_crypto_init (&crypto, &keys->key, &keys->iv_mask);
  return foyer_cast_collector_assemble (&group->collector, &crypto, group->id);
}

static void
judge_group (const FoyerTestTap *self, const Group *group,
    FoyerTestDecoder *decoder, FoyerTestLate *late)
{
  g_autoptr (GBytes) frame = NULL;
  FoyerMark mark;

  if (!foyer_cast_collector_is_complete (&group->collector)) {
    late->n_unknown_bytes += group->n_late_bytes;
    return;
  }
  frame = decrypt_group (group, &self->video);
  if (group->collector.is_independent &&
      foyer_test_decoder_read (decoder, frame, &mark) ==
          FOYER_TEST_PICTURE_PLAIN)
    late->n_slate_bytes += group->n_late_bytes;
  else
    late->n_camera_bytes += group->n_late_bytes;
}

void
foyer_test_tap_look (FoyerTestTap *self, gint64 after_ns, FoyerTestLate *late)
{
  g_autoptr (FoyerTestDecoder) decoder = foyer_test_decoder_new ();
  g_autoptr (GArray) groups = NULL;

  memset (late, 0, sizeof *late);
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < N_KEPT; i++)
    late->n_sound_bytes += count_late_sound (self, &self->kept[i], after_ns);
  groups = collect_groups (self, FALSE, after_ns);
  for (guint i = 0; i < groups->len; i++) {
    const Group *group = &g_array_index (groups, Group, i);

    if (group->n_late_bytes > 0)
      judge_group (self, group, decoder, late);
  }
  g_mutex_unlock (&self->lock);
}

void
foyer_test_tap_try_keys (FoyerTestTap *self, const FoyerCastStreamConfig *keys,
    guint *n_frames, guint *n_pictures)
{
  g_autoptr (FoyerTestDecoder) decoder = foyer_test_decoder_new ();
  g_autoptr (GArray) groups = NULL;
  FoyerMark mark;

  *n_frames = *n_pictures = 0;
  g_mutex_lock (&self->lock);
  groups = collect_groups (self, FALSE, G_MAXINT64);
  for (guint i = 0; i < groups->len; i++) {
    const Group *group = &g_array_index (groups, Group, i);
    g_autoptr (GBytes) frame = NULL;

    if (!foyer_cast_collector_is_complete (&group->collector))
      continue;
    frame = decrypt_group (group, keys);
    *n_frames += 1;
    *n_pictures += foyer_test_decoder_read (decoder, frame, &mark) ==
        FOYER_TEST_PICTURE_MARKED;
  }
  g_mutex_unlock (&self->lock);
}

/* A packet of sound, read with some keys. */
static gboolean
hear_group (const Group *group, const FoyerCastStreamConfig *keys,
    FoyerTestHearer *hearer)
{
  g_autoptr (GBytes) data = decrypt_group (group, keys);
  const FoyerCastReceivedFrame packet = {
    .data = data,
    .rtp_timestamp = group->collector.rtp_timestamp,
  };
  g_autofree char *heard = foyer_test_hearer_hear (hearer, &packet);

  return !g_str_equal (heard, FOYER_TEST_HEARER_NOTHING);
}

void
foyer_test_tap_try_sound_keys (FoyerTestTap *self,
    const FoyerCastStreamConfig *keys, guint *n_packets, guint *n_tones)
{
  FoyerTestHearer *hearer = foyer_test_hearer_new ();
  g_autoptr (GArray) groups = NULL;

  *n_packets = *n_tones = 0;
  g_mutex_lock (&self->lock);
  groups = collect_groups (self, TRUE, G_MAXINT64);
  for (guint i = 0; i < groups->len; i++) {
    const Group *group = &g_array_index (groups, Group, i);

    if (!foyer_cast_collector_is_complete (&group->collector))
      continue;
    *n_packets += 1;
    *n_tones += hear_group (group, keys, hearer) != FALSE;
  }
  g_mutex_unlock (&self->lock);
  foyer_test_hearer_free (hearer);
}

void
foyer_test_tap_free (FoyerTestTap *self)
{
  g_queue_clear_full (&self->forged, (GDestroyNotify) g_bytes_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}
