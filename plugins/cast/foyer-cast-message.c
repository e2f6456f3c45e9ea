/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-message.h"

#include "foyer-cast-error.h"
#include "foyer-cast-limits.h"
#include "foyer-cast.pb-c.h"
#include "foyer-reader.h"

#include <string.h>

/* openscreen cast/common/channel/message_util.h */
#define TRANSPORT_PREFIX "urn:x-cast:com.google.cast.tp."

typedef Foyer__Cast__CastMessage Body;

static void
body_free (Body *body)
{
  foyer__cast__cast_message__free_unpacked (body, NULL);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Body, body_free)

static FoyerCastMessage *
message_new (const char *source_id, const char *destination_id,
    const char *name_space)
{
  FoyerCastMessage *self = g_new0 (FoyerCastMessage, 1);

  self->source_id = g_strdup (source_id);
  self->destination_id = g_strdup (destination_id);
  self->name_space = g_strdup (name_space);
  return self;
}

FoyerCastMessage *
foyer_cast_message_new_text (const char *source_id, const char *destination_id,
    const char *name_space, const char *text)
{
  FoyerCastMessage *self = message_new (source_id, destination_id, name_space);

  self->text = g_strdup (text);
  return self;
}

FoyerCastMessage *
foyer_cast_message_new_binary (const char *source_id,
    const char *destination_id, const char *name_space, GBytes *binary)
{
  FoyerCastMessage *self = message_new (source_id, destination_id, name_space);

  self->binary = g_bytes_ref (binary);
  return self;
}

/* UTF-8 without NUL; NULL if it is not. */
static char *
dup_text (const ProtobufCBinaryData *field)
{
  if (field->len == 0)
    return g_strdup ("");
  if (!g_utf8_validate_len ((const char *) field->data, field->len, NULL))
    return NULL;
  return g_strndup ((const char *) field->data, field->len);
}

static char *
dup_id (const ProtobufCBinaryData *field)
{
  return field->len <= FOYER_CAST_MAX_ID_BYTES ? dup_text (field) : NULL;
}

/* Some receivers say STRING and put the text into the field for bytes:
 * openscreen cast/common/channel/message_util.cc. */
static gboolean
take_payload (FoyerCastMessage *self, const Body *body)
{
  switch (body->payload_type) {
    case FOYER__CAST__CAST_MESSAGE__PAYLOAD_TYPE__STRING:
      if (body->has_payload_binary && body->payload_utf8.len == 0)
        self->text = dup_text (&body->payload_binary);
      else if (body->has_payload_utf8)
        self->text = dup_text (&body->payload_utf8);
      return self->text != NULL;
    case FOYER__CAST__CAST_MESSAGE__PAYLOAD_TYPE__BINARY:
      if (body->has_payload_binary)
        self->binary = g_bytes_new (body->payload_binary.data,
            body->payload_binary.len);
      return self->binary != NULL;
    default: /* a number from outside, not one of our enum */
      return FALSE;
  }
}

/* What is wrong with it, or NULL. */
static const char *
take_body (FoyerCastMessage *self, const Body *body)
{
  if (body->continued || body->remaining_length != 0)
    return "it is one of several chunks";
  self->source_id = dup_id (&body->source_id);
  self->destination_id = dup_id (&body->destination_id);
  self->name_space = dup_id (&body->name_space);
  if (self->source_id == NULL || self->destination_id == NULL ||
      self->name_space == NULL)
    return "an id is too long or no text";
  if (!take_payload (self, body))
    return "it has no payload that can be read";
  return NULL;
}

FoyerCastMessage *
foyer_cast_message_parse (const guint8 *data, gsize n_bytes, GError **error)
{
  g_autoptr (FoyerCastMessage) self = g_new0 (FoyerCastMessage, 1);
  g_autoptr (Body) body = foyer__cast__cast_message__unpack (NULL, n_bytes,
      data);
  const char *problem = body != NULL ? take_body (self, body)
                                     : "it is no CastMessage";

  if (problem != NULL) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_MALFORMED,
        "reading a message of %" G_GSIZE_FORMAT " bytes: %s", n_bytes, problem);
    return NULL;
  }
  return g_steal_pointer (&self);
}

static ProtobufCBinaryData
as_field (const char *text)
{
  return (ProtobufCBinaryData){
    .len = strlen (text),
    .data = (uint8_t *) text, /* packing only reads it */
  };
}

/* Borrows all from @self. */
static void
fill_body (Body *body, const FoyerCastMessage *self)
{
  foyer__cast__cast_message__init (body);
  body->protocol_version =
      FOYER__CAST__CAST_MESSAGE__PROTOCOL_VERSION__CASTV2_1_0;
  body->source_id = as_field (self->source_id);
  body->destination_id = as_field (self->destination_id);
  body->name_space = as_field (self->name_space);
  if (self->text != NULL) {
    body->payload_type = FOYER__CAST__CAST_MESSAGE__PAYLOAD_TYPE__STRING;
    body->has_payload_utf8 = TRUE;
    body->payload_utf8 = as_field (self->text);
  } else {
    gsize n_bytes;
    gconstpointer data = g_bytes_get_data (self->binary, &n_bytes);

    body->payload_type = FOYER__CAST__CAST_MESSAGE__PAYLOAD_TYPE__BINARY;
    body->has_payload_binary = TRUE;
    body->payload_binary.len = n_bytes;
    body->payload_binary.data = (uint8_t *) data;
  }
}

GBytes *
foyer_cast_message_pack (const FoyerCastMessage *self, GError **error)
{
  Body body;
  gsize n_bytes;
  guint8 *frame;
  FoyerWriter writer;

  fill_body (&body, self);
  n_bytes = foyer__cast__cast_message__get_packed_size (&body);
  if (n_bytes > FOYER_CAST_MAX_MESSAGE_BYTES) {
    g_set_error (error, FOYER_CAST_ERROR, FOYER_CAST_ERROR_TOO_LARGE,
        "writing a message: it has %" G_GSIZE_FORMAT " bytes, over %d", n_bytes,
        FOYER_CAST_MAX_MESSAGE_BYTES);
    return NULL;
  }
  frame = g_malloc (FOYER_CAST_LENGTH_BYTES + n_bytes);
  writer = foyer_writer_make (frame, FOYER_CAST_LENGTH_BYTES);
  foyer_writer_put_u32 (&writer, (guint32) n_bytes);
  foyer__cast__cast_message__pack (&body, frame + FOYER_CAST_LENGTH_BYTES);
  return g_bytes_new_take (frame, FOYER_CAST_LENGTH_BYTES + n_bytes);
}

gboolean
foyer_cast_message_is_transport (const FoyerCastMessage *self)
{
  return g_str_has_prefix (self->name_space, TRANSPORT_PREFIX);
}

void
foyer_cast_message_free (FoyerCastMessage *self)
{
  if (self == NULL)
    return;
  g_free (self->source_id);
  g_free (self->destination_id);
  g_free (self->name_space);
  g_free (self->text);
  g_clear_pointer (&self->binary, g_bytes_unref);
  g_free (self);
}
