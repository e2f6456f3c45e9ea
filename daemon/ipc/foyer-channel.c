/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-channel.h"

#include "foyer-channel-table.h"
#include "foyer-reader.h"
#include "foyer-shape.h"

#define VERSION      1
#define ALL_KINDS    0xffu
#define MAX_DELAY_MS 60000
#define MAX_TRUST    2
#define MEDIA_VIDEO  1
#define MEDIA_ALL    7
#define UNKNOWN_US   (-1)

#define PROOF_SIGNED 1u
#define PROOF_CHAIN  2u
#define PROOF_DEVICE 4u
#define PROOF_ALL    7u

#define VOLUME_LEVEL    1u
#define VOLUME_MUTED    2u
#define VOLUME_IS_MUTED 4u
#define VOLUME_ALL      7u
#define MAX_PERMILLE    1000

G_STATIC_ASSERT (FOYER_N_MESSAGES <= 64);
G_STATIC_ASSERT (FOYER_N_FIELDS <= 32);

static gboolean
rule_has_field (const FoyerChannelRule *rule, FoyerMessageField field)
{
  return (rule->fields & (1u << field)) != 0;
}

static void
write_id (FoyerWriter *writer, guint64 id)
{
  if (id == 0)
    writer->has_failed = TRUE;
  foyer_writer_put_u64 (writer, id);
}

static guint64
read_id (FoyerReader *reader)
{
  guint64 id = foyer_reader_get_u64 (reader);

  if (id == 0)
    reader->has_failed = TRUE;
  return id;
}

static void
write_time (FoyerWriter *writer, gint64 us, gint64 least_us)
{
  if (us < least_us)
    writer->has_failed = TRUE;
  foyer_writer_put_u64 (writer, (guint64) us);
}

static gint64
read_time (FoyerReader *reader, gint64 least_us)
{
  gint64 us = (gint64) foyer_reader_get_u64 (reader);

  if (us < least_us)
    reader->has_failed = TRUE;
  return us;
}

/* A number of @n_bytes in @least…@most. */
static void
write_number (FoyerWriter *writer, guint value, gsize n_bytes, guint least,
    guint most)
{
  if (value < least || value > most)
    writer->has_failed = TRUE;
  foyer_writer_put_uint (writer, value, n_bytes);
}

static guint
read_number (FoyerReader *reader, gsize n_bytes, guint least, guint most)
{
  guint value = (guint) foyer_reader_get_uint (reader, n_bytes);

  if (value < least || value > most)
    reader->has_failed = TRUE;
  return value;
}

/* A session without pictures is none. */
static void
write_media (FoyerWriter *writer, guint8 media)
{
  if ((media & MEDIA_VIDEO) == 0)
    writer->has_failed = TRUE;
  write_number (writer, media, 1, MEDIA_VIDEO, MEDIA_ALL);
}

static void
read_media (FoyerReader *reader, FoyerMessage *self)
{
  self->media = (guint8) read_number (reader, 1, MEDIA_VIDEO, MEDIA_ALL);
  if ((self->media & MEDIA_VIDEO) == 0)
    reader->has_failed = TRUE;
}

static void
read_source (FoyerReader *reader, FoyerMessage *self)
{
  self->source = read_number (reader, 1, FOYER_SOURCE_NONE + 1,
      FOYER_N_SOURCES - 1);
}

static void
read_delay (FoyerReader *reader, FoyerMessage *self)
{
  self->delay_ms = read_number (reader, 4, 0, MAX_DELAY_MS);
}

static void
read_own_number (FoyerReader *reader, FoyerMessage *self)
{
  self->number = read_number (reader, 4, 0, G_MAXUINT16);
}

static void
read_sound (FoyerReader *reader, FoyerMessage *self)
{
  self->sound = read_number (reader, 1, FOYER_SOUND_NONE, FOYER_SOUND_CAMERA);
}

static void
read_transport (FoyerReader *reader, FoyerMessage *self)
{
  self->transport = read_number (reader, 1, FOYER_TRANSPORT_NONE + 1,
      FOYER_N_TRANSPORTS - 1);
}

static void
write_proof (FoyerWriter *writer, const FoyerMessage *self)
{
  foyer_writer_put_u8 (writer,
      (guint8) ((self->has_signed ? PROOF_SIGNED : 0) |
          (self->has_chain ? PROOF_CHAIN : 0) |
          (self->is_device ? PROOF_DEVICE : 0)));
}

static void
read_proof (FoyerReader *reader, FoyerMessage *self)
{
  guint bits = read_number (reader, 1, 0, PROOF_ALL);

  self->has_signed = (bits & PROOF_SIGNED) != 0;
  self->has_chain = (bits & PROOF_CHAIN) != 0;
  self->is_device = (bits & PROOF_DEVICE) != 0;
}

/* What does not count is 0. */
static gboolean
volume_is_valid (const FoyerMessage *self)
{
  return self->level_permille <= (self->has_level ? MAX_PERMILLE : 0) &&
      (self->has_muted || !self->is_muted);
}

static void
write_volume (FoyerWriter *writer, const FoyerMessage *self)
{
  if (!volume_is_valid (self))
    writer->has_failed = TRUE;
  foyer_writer_put_u8 (writer,
      (guint8) ((self->has_level ? VOLUME_LEVEL : 0) |
          (self->has_muted ? VOLUME_MUTED : 0) |
          (self->is_muted ? VOLUME_IS_MUTED : 0)));
  foyer_writer_put_u16 (writer, self->level_permille);
}

static void
read_volume (FoyerReader *reader, FoyerMessage *self)
{
  guint bits = read_number (reader, 1, 0, VOLUME_ALL);

  self->has_level = (bits & VOLUME_LEVEL) != 0;
  self->has_muted = (bits & VOLUME_MUTED) != 0;
  self->is_muted = (bits & VOLUME_IS_MUTED) != 0;
  self->level_permille = foyer_reader_get_u16 (reader);
  if (!volume_is_valid (self))
    reader->has_failed = TRUE;
}

static gboolean
account_is_valid (const FoyerAccount *self)
{
  return self->first_sequence <= self->last_sequence &&
      self->rtt_us >= UNKNOWN_US && self->delay_us >= UNKNOWN_US;
}

static void
write_account (FoyerWriter *writer, const FoyerAccount *self)
{
  if (!account_is_valid (self))
    writer->has_failed = TRUE;
  foyer_writer_put_u64 (writer, self->n_frames);
  foyer_writer_put_u64 (writer, self->n_bytes);
  foyer_writer_put_u64 (writer, self->n_refused);
  foyer_writer_put_u64 (writer, self->n_foreign);
  foyer_writer_put_u64 (writer, self->first_sequence);
  foyer_writer_put_u64 (writer, self->last_sequence);
  foyer_writer_put_u64 (writer, (guint64) self->rtt_us);
  foyer_writer_put_u64 (writer, (guint64) self->delay_us);
  foyer_writer_put_u32 (writer, self->bps);
  foyer_writer_put_u8 (writer, self->loss);
}

static FoyerAccount
read_account (FoyerReader *reader)
{
  FoyerAccount account;

  account.n_frames = foyer_reader_get_u64 (reader);
  account.n_bytes = foyer_reader_get_u64 (reader);
  account.n_refused = foyer_reader_get_u64 (reader);
  account.n_foreign = foyer_reader_get_u64 (reader);
  account.first_sequence = foyer_reader_get_u64 (reader);
  account.last_sequence = foyer_reader_get_u64 (reader);
  account.rtt_us = (gint64) foyer_reader_get_u64 (reader);
  account.delay_us = (gint64) foyer_reader_get_u64 (reader);
  account.bps = foyer_reader_get_u32 (reader);
  account.loss = foyer_reader_get_u8 (reader);
  if (!account_is_valid (&account))
    reader->has_failed = TRUE;
  return account;
}

/* Length (2), then UTF-8 without a NUL. */
static void
write_text (FoyerWriter *writer, const char *text)
{
  const char *end = memchr (text, '\0', FOYER_CHANNEL_TEXT_BYTES);
  gsize n_bytes = end != NULL ? (gsize) (end - text) : 0;

  if (end == NULL || !g_utf8_validate_len (text, n_bytes, NULL))
    writer->has_failed = TRUE;
  foyer_writer_put_u16 (writer, (guint16) n_bytes);
  foyer_writer_put (writer, (const guint8 *) text, n_bytes);
}

static void
read_text (FoyerReader *reader, char *text)
{
  gsize n_bytes = read_number (reader, 2, 0, FOYER_CHANNEL_TEXT_BYTES - 1);
  const guint8 *bytes = foyer_reader_take (reader, n_bytes);

  if (bytes == NULL || n_bytes == 0)
    return;
  if (!g_utf8_validate_len ((const char *) bytes, n_bytes, NULL))
    reader->has_failed = TRUE;
  memcpy (text, bytes, n_bytes);
}

static void
write_field (FoyerWriter *writer, const FoyerMessage *self,
    FoyerMessageField field)
{
  switch (field) {
    case FOYER_FIELD_SESSION:
      return write_id (writer, self->session.v);
    case FOYER_FIELD_CAMERA:
      return write_id (writer, self->camera.v);
    case FOYER_FIELD_GENERATION:
      return write_id (writer, self->generation);
    case FOYER_FIELD_GRANTED:
      return write_time (writer, self->granted_us, 0);
    case FOYER_FIELD_ENDS:
      return write_time (writer, self->ends_us, 0);
    case FOYER_FIELD_MAX_AGE:
      return write_time (writer, self->max_age_us, 1);
    case FOYER_FIELD_DELAY:
      return write_number (writer, self->delay_ms, 4, 0, MAX_DELAY_MS);
    case FOYER_FIELD_SOURCE:
      return write_number (writer, self->source, 1, FOYER_SOURCE_NONE + 1,
          FOYER_N_SOURCES - 1);
    case FOYER_FIELD_NUMBER:
      return write_number (writer, self->number, 4, 0, G_MAXUINT16);
    case FOYER_FIELD_TICKING:
      return write_number (writer, self->ticking, 1, 0, FOYER_N_TICKINGS - 1);
    case FOYER_FIELD_TRUST:
      return write_number (writer, self->trust, 1, 0, MAX_TRUST);
    case FOYER_FIELD_TRANSPORT:
      return write_number (writer, self->transport, 1, FOYER_TRANSPORT_NONE + 1,
          FOYER_N_TRANSPORTS - 1);
    case FOYER_FIELD_MEDIA:
      return write_media (writer, self->media);
    case FOYER_FIELD_SOUND:
      return write_number (writer, self->sound, 1, 0, FOYER_SOUND_CAMERA);
    case FOYER_FIELD_VOLUME:
      return write_volume (writer, self);
    case FOYER_FIELD_SHAPE:
      return foyer_shape_write (&self->shape, writer);
    case FOYER_FIELD_KEY:
      return foyer_writer_put (writer, self->key, sizeof self->key);
    case FOYER_FIELD_PROOF:
      return write_proof (writer, self);
    case FOYER_FIELD_CODECS:
      return write_number (writer, self->codecs, 1, 0, FOYER_CODECS_ALL);
    case FOYER_FIELD_REASON:
      return write_number (writer, self->reason, 1, 1, G_MAXUINT8);
    case FOYER_FIELD_ACCOUNT:
      return write_account (writer, &self->account);
    case FOYER_FIELD_TEXT:
      return write_text (writer, self->text);
    case FOYER_N_FIELDS:
      return;
  }
}

static void
read_key (FoyerReader *reader, guint8 *key)
{
  const guint8 *bytes = foyer_reader_take (reader, FOYER_CHANNEL_KEY_BYTES);

  if (bytes != NULL)
    memcpy (key, bytes, FOYER_CHANNEL_KEY_BYTES);
}

static void
read_ticking (FoyerReader *reader, FoyerMessage *self)
{
  self->ticking = read_number (reader, 1, 0, FOYER_N_TICKINGS - 1);
}

static void
read_trust (FoyerReader *reader, FoyerMessage *self)
{
  self->trust = (guint8) read_number (reader, 1, 0, MAX_TRUST);
}

static void
read_codecs (FoyerReader *reader, FoyerMessage *self)
{
  self->codecs = (guint8) read_number (reader, 1, 0, FOYER_CODECS_ALL);
}

static void
read_field (FoyerReader *reader, FoyerMessage *self, FoyerMessageField field)
{
  switch (field) {
    case FOYER_FIELD_SESSION:
      self->session.v = read_id (reader);
      return;
    case FOYER_FIELD_CAMERA:
      self->camera.v = read_id (reader);
      return;
    case FOYER_FIELD_GENERATION:
      self->generation = read_id (reader);
      return;
    case FOYER_FIELD_GRANTED:
      self->granted_us = read_time (reader, 0);
      return;
    case FOYER_FIELD_ENDS:
      self->ends_us = read_time (reader, 0);
      return;
    case FOYER_FIELD_MAX_AGE:
      self->max_age_us = read_time (reader, 1);
      return;
    case FOYER_FIELD_DELAY:
      return read_delay (reader, self);
    case FOYER_FIELD_SOURCE:
      return read_source (reader, self);
    case FOYER_FIELD_NUMBER:
      return read_own_number (reader, self);
    case FOYER_FIELD_TICKING:
      return read_ticking (reader, self);
    case FOYER_FIELD_TRUST:
      return read_trust (reader, self);
    case FOYER_FIELD_TRANSPORT:
      return read_transport (reader, self);
    case FOYER_FIELD_MEDIA:
      return read_media (reader, self);
    case FOYER_FIELD_SOUND:
      return read_sound (reader, self);
    case FOYER_FIELD_VOLUME:
      return read_volume (reader, self);
    case FOYER_FIELD_SHAPE:
      self->shape = foyer_shape_read (reader);
      return;
    case FOYER_FIELD_KEY:
      return read_key (reader, self->key);
    case FOYER_FIELD_PROOF:
      return read_proof (reader, self);
    case FOYER_FIELD_CODECS:
      return read_codecs (reader, self);
    case FOYER_FIELD_REASON:
      self->reason = (guint8) read_number (reader, 1, 1, G_MAXUINT8);
      return;
    case FOYER_FIELD_ACCOUNT:
      self->account = read_account (reader);
      return;
    case FOYER_FIELD_TEXT:
      return read_text (reader, self->text);
    case FOYER_N_FIELDS:
      return;
  }
}

gsize
foyer_message_write (const FoyerMessage *self, guint8 *out,
    gsize n_capacity_bytes)
{
  const FoyerChannelRule *rule = foyer_channel_find_rule (self->type,
      ALL_KINDS);
  FoyerWriter writer = foyer_writer_make (out, n_capacity_bytes);

  if (rule == NULL)
    return 0;
  foyer_writer_put_u8 (&writer, VERSION);
  foyer_writer_put_u8 (&writer, (guint8) self->type);
  for (guint i = 0; i < FOYER_N_FIELDS; i++) {
    if (rule_has_field (rule, i))
      write_field (&writer, self, i);
  }
  return foyer_writer_is_ok (&writer) ? writer.n_bytes : 0;
}

gboolean
foyer_message_read (FoyerMessage *self, const guint8 *data, gsize n_bytes)
{
  FoyerReader reader = foyer_reader_make (data, n_bytes);
  FoyerMessage message = { 0 };
  const FoyerChannelRule *rule;

  if (foyer_reader_get_u8 (&reader) != VERSION)
    return FALSE;
  message.type = foyer_reader_get_u8 (&reader);
  rule = foyer_channel_find_rule (message.type, ALL_KINDS);
  if (rule == NULL)
    return FALSE;
  for (guint i = 0; i < FOYER_N_FIELDS; i++) {
    if (rule_has_field (rule, i))
      read_field (&reader, &message, i);
  }
  if (!foyer_reader_is_ok (&reader) || reader.n_bytes > 0)
    return FALSE;
  *self = message;
  return TRUE;
}

const char *
foyer_message_type_to_string (FoyerMessageType type)
{
  const FoyerChannelRule *rule = foyer_channel_find_rule (type, ALL_KINDS);

  return rule != NULL ? rule->name : "none";
}

void
foyer_protocol_init (FoyerProtocol *self, FoyerWorkerKind kind)
{
  *self = (FoyerProtocol){ .kind = kind };
}

static gboolean
has_said (const FoyerProtocol *self, FoyerMessageType type)
{
  return (self->said >> type & 1) != 0;
}

static guint
get_kind_bit (const FoyerProtocol *self)
{
  switch (self->kind) {
    case FOYER_WORKER_NONE:
      return 0;
    case FOYER_WORKER_CAMERA:
      return has_said (self, FOYER_MESSAGE_PROBE_CONFIG) ? FOYER_KIND_PROBER
                                                         : FOYER_KIND_CAMERA;
    case FOYER_WORKER_CAST:
      return has_said (self, FOYER_MESSAGE_CLEAN_CONFIG) ? FOYER_KIND_CLEANER
                                                         : FOYER_KIND_CAST;
    case FOYER_WORKER_LOOPBACK:
      return has_said (self, FOYER_MESSAGE_STANDING_CONFIG)
          ? FOYER_KIND_STANDING
          : FOYER_KIND_LOOPBACK;
    case FOYER_WORKER_SLATE:
      return FOYER_KIND_SLATE;
    case FOYER_WORKER_APP:
      return FOYER_KIND_APP;
  }
  return 0;
}

/* A device comes with a camera that is one, and with no other. */
static gboolean
has_right_fds (const FoyerChannelRule *rule, const FoyerMessage *message,
    guint n_fds)
{
  if (n_fds < rule->min_fds || n_fds > rule->max_fds)
    return FALSE;
  if (message->type != FOYER_MESSAGE_CAMERA_CONFIG)
    return TRUE;
  return (message->source == FOYER_SOURCE_DRAWN) == (n_fds == 0);
}

gboolean
foyer_protocol_take (FoyerProtocol *self, gboolean is_from_worker,
    const FoyerMessage *message, guint n_fds)
{
  const FoyerChannelRule *rule = foyer_channel_find_rule (message->type,
      get_kind_bit (self));

  if (rule == NULL || rule->is_from_worker != is_from_worker ||
      !has_right_fds (rule, message, n_fds))
    return FALSE;
  if (rule->after != 0 && (self->said & rule->after) == 0)
    return FALSE;
  if ((self->said & rule->never_after) != 0)
    return FALSE;
  if (rule->is_once && has_said (self, rule->type))
    return FALSE;
  self->said |= G_GUINT64_CONSTANT (1) << rule->type;
  self->said &= ~rule->forgets;
  self->phase = MAX (self->phase, rule->phase);
  return TRUE;
}
