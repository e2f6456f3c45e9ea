/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-teller.h"

#include <json-glib/json-glib.h>

#define BITS_PER_BYTE 8

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_uint (JsonBuilder *builder, const char *name, guint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static JsonBuilder *
event_new (const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "event", event);
  return builder;
}

static char *
event_dup_line (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

char *
foyer_teller_dup_start (const FoyerTellerStart *start, gboolean is_json)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (!is_json)
    return g_strdup_printf (
        "foyer-display: \"%s\" listens on %s:%u, fingerprint %s, root %s",
        start->name, start->address, start->port, start->fingerprint,
        start->ca_file);
  builder = event_new ("listening");
  add_string (builder, "name", start->name);
  add_string (builder, "address", start->address);
  add_uint (builder, "port", start->port);
  add_string (builder, "fingerprint", start->fingerprint);
  add_string (builder, "ca_file", start->ca_file);
  return event_dup_line (builder);
}

static guint64
get_uint64 (const GstStructure *structure, const char *name)
{
  guint64 value = 0;

  if (structure != NULL)
    gst_structure_get_uint64 (structure, name, &value);
  return value;
}

static char *
session_dup_sentence (const GstStructure *session, gboolean is_start)
{
  guint64 number = get_uint64 (session, "session");

  if (is_start)
    return g_strdup_printf ("foyer-display: session %" G_GUINT64_FORMAT
                            " begins (%s)",
        number, gst_structure_get_string (session, "codec"));
  return g_strdup_printf ("foyer-display: session %" G_GUINT64_FORMAT
                          " is over: %s",
      number, gst_structure_get_string (session, "reason"));
}

char *
foyer_teller_dup_session (const GstStructure *session, gboolean is_json)
{
  gboolean is_start = g_strcmp0 (gst_structure_get_string (session, "state"),
                          "started") == 0;
  g_autoptr (JsonBuilder) builder = NULL;
  guint delay_ms = 0;
  gboolean has_audio = FALSE;

  if (!is_json)
    return session_dup_sentence (session, is_start);
  builder = event_new (is_start ? "session-started" : "session-ended");
  add_uint (builder, "session", get_uint64 (session, "session"));
  if (is_start) {
    gst_structure_get_uint (session, "target-delay-ms", &delay_ms);
    add_string (builder, "codec", gst_structure_get_string (session, "codec"));
    add_uint (builder, "target_delay_ms", delay_ms);
    gst_structure_get_boolean (session, "has-audio", &has_audio);
    json_builder_set_member_name (builder, "audio");
    json_builder_add_boolean_value (builder, has_audio);
  } else
    add_string (builder, "reason",
        gst_structure_get_string (session, "reason"));
  return event_dup_line (builder);
}

char *
foyer_teller_dup_media (guint64 number, const char *word, const char *problem,
    gboolean is_json)
{
  g_autoptr (JsonBuilder) builder = NULL;
  g_autofree char *event = g_strdup_printf ("media-%s", word);

  if (!is_json)
    return g_strdup_printf ("foyer-display: media %" G_GUINT64_FORMAT
                            ": %s%s%s",
        number, word, problem != NULL ? ": " : "",
        problem != NULL ? problem : "");
  builder = event_new (event);
  add_uint (builder, "media", number);
  if (problem != NULL)
    add_string (builder, "problem", problem);
  return event_dup_line (builder);
}

/* What came since; a new session counts from 0 again. */
static guint64
get_growth (const GstStructure *stats, const GstStructure *before,
    const char *name)
{
  guint64 now = get_uint64 (stats, name), then = get_uint64 (before, name);

  return now >= then ? now - then : now;
}

char *
foyer_teller_dup_figures (const GstStructure *stats, const GstStructure *before,
    const FoyerTellerSound *sound, gint64 period_us)
{
  g_autoptr (JsonBuilder) builder = event_new ("figures");
  guint64 n_bytes = get_growth (stats, before, "bytes");
  guint64 n_lost = get_growth (stats, before, "lost");
  guint64 n_sent = get_growth (stats, before, "datagrams") + n_lost;

  add_uint (builder, "bit_rate_bps",
      gst_util_uint64_scale (n_bytes * BITS_PER_BYTE, G_USEC_PER_SEC,
          (guint64) MAX (period_us, 1)));
  json_builder_set_member_name (builder, "loss_percent");
  json_builder_add_double_value (builder,
      n_sent == 0 ? 0.0 : 100.0 * (double) n_lost / (double) n_sent);
  add_uint (builder, "received_bytes", get_uint64 (stats, "bytes"));
  add_uint (builder, "datagrams", get_uint64 (stats, "datagrams"));
  add_uint (builder, "lost_datagrams", get_uint64 (stats, "lost"));
  add_uint (builder, "frames", get_uint64 (stats, "frames"));
  add_uint (builder, "late", get_uint64 (stats, "late"));
  add_uint (builder, "skipped", get_uint64 (stats, "skipped"));
  add_uint (builder, "overflow", get_uint64 (stats, "overflow"));
  add_uint (builder, "key_requests", get_uint64 (stats, "key-requests"));
  add_uint (builder, "bad_datagrams", get_uint64 (stats, "bad-datagrams"));
  add_uint (builder, "sound_packets", sound->n_packets);
  add_uint (builder, "sound_bytes", sound->n_bytes);
  return event_dup_line (builder);
}
