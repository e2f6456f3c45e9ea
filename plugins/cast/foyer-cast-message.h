/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A CastMessage as a value. Pure. The bytes are protobuf (foyer-cast.proto,
 * our own description of the wire). */

#define FOYER_CAST_NS_AUTH       "urn:x-cast:com.google.cast.tp.deviceauth"
#define FOYER_CAST_NS_HEARTBEAT  "urn:x-cast:com.google.cast.tp.heartbeat"
#define FOYER_CAST_NS_CONNECTION "urn:x-cast:com.google.cast.tp.connection"
#define FOYER_CAST_NS_RECEIVER   "urn:x-cast:com.google.cast.receiver"
#define FOYER_CAST_NS_MEDIA      "urn:x-cast:com.google.cast.media"
#define FOYER_CAST_NS_WEBRTC     "urn:x-cast:com.google.cast.webrtc"
#define FOYER_CAST_NS_REMOTING   "urn:x-cast:com.google.cast.remoting"
#define FOYER_CAST_NS_DISCOVERY  "urn:x-cast:com.google.cast.receiver.discovery"
#define FOYER_CAST_NS_SETUP      "urn:x-cast:com.google.cast.setup"

#define FOYER_CAST_PLATFORM_SENDER   "sender-0"
#define FOYER_CAST_PLATFORM_RECEIVER "receiver-0"
#define FOYER_CAST_BROADCAST         "*"

/**
 * FoyerCastMessage:
 * @source_id: who sends, "sender-0"
 * @destination_id: to whom, "receiver-0", an app's transportId or "*"
 * @name_space: one of FOYER_CAST_NS_…
 * @text: (nullable): a STRING payload, valid UTF-8
 * @binary: (nullable): a BINARY payload
 *
 * Exactly one of @text and @binary is set.
 */
typedef struct
{
  char *source_id;
  char *destination_id;
  char *name_space;
  char *text;
  GBytes *binary;
} FoyerCastMessage;

/**
 * foyer_cast_message_new_text:
 * @source_id: who sends
 * @destination_id: to whom
 * @name_space: a namespace
 * @text: the payload
 *
 * Returns: (transfer full): the message
 */
FoyerCastMessage *foyer_cast_message_new_text (const char *source_id,
    const char *destination_id, const char *name_space, const char *text);

/**
 * foyer_cast_message_new_binary:
 * @source_id: who sends
 * @destination_id: to whom
 * @name_space: a namespace
 * @binary: (transfer none): the payload
 *
 * Returns: (transfer full): the message
 */
FoyerCastMessage *foyer_cast_message_new_binary (const char *source_id,
    const char *destination_id, const char *name_space, GBytes *binary);

/**
 * foyer_cast_message_parse:
 * @data: (array length=n_bytes): one frame's body
 * @n_bytes: its length
 * @error: return location
 *
 * Reads field 7 as text where a receiver puts STRING payloads there. Refuses
 * what lacks a required field, is not UTF-8, holds a NUL, has an id over 256
 * bytes, uses chunking, or has no payload.
 *
 * Returns: (transfer full): the message, or %NULL with
 *   %FOYER_CAST_ERROR_MALFORMED
 */
FoyerCastMessage *foyer_cast_message_parse (const guint8 *data, gsize n_bytes,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_message_pack:
 * @self: a message
 * @error: return location
 *
 * Returns: (transfer full): length word and body, ready to write; or %NULL with
 *   %FOYER_CAST_ERROR_TOO_LARGE
 */
GBytes *foyer_cast_message_pack (const FoyerCastMessage *self,
    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * foyer_cast_message_is_transport:
 * @self: a message
 *
 * Returns: %TRUE for the namespaces that need no virtual connection
 */
gboolean foyer_cast_message_is_transport (const FoyerCastMessage *self);

/**
 * foyer_cast_message_free:
 * @self: (transfer full) (nullable): a message
 */
void foyer_cast_message_free (FoyerCastMessage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerCastMessage, foyer_cast_message_free)

G_END_DECLS
