/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-report.h"

#define NS_PER_US     1000
#define LOSS_FRACTION 256.0 /* RFC 3550 §6.4.1: fixed point */

static void
structure_set_string (GstStructure *structure, const char *name,
    const char *value)
{
  if (value != NULL)
    gst_structure_set (structure, name, G_TYPE_STRING, value, NULL);
}

static void
structure_set_picture (GstStructure *structure, const FoyerCastReport *self)
{
  if (self->codec != FOYER_CAST_CODEC_NONE)
    structure_set_string (structure, "codec",
        foyer_cast_codec_to_string (self->codec));
  if (self->width_px != 0 && self->height_px != 0)
    gst_structure_set (structure, "width", G_TYPE_UINT, self->width_px,
        "height", G_TYPE_UINT, self->height_px, NULL);
}

static GstStructure *
structure_new (const FoyerCastReport *self, const char *name)
{
  GstStructure *structure = gst_structure_new (name, "state", G_TYPE_STRING,
      foyer_cast_step_to_string (self->step), NULL);

  structure_set_string (structure, "display-name", self->display_name);
  structure_set_string (structure, "host", self->host);
  gst_structure_set (structure, "port", G_TYPE_UINT, (guint) self->port, NULL);
  structure_set_string (structure, "fingerprint", self->fingerprint);
  return structure;
}

GstStructure *
foyer_cast_report_dup_state (const FoyerCastReport *self)
{
  GstStructure *structure = structure_new (self, "foyer-cast-state");

  if (self->step == FOYER_CAST_STEP_STREAMING)
    structure_set_picture (structure, self);
  return structure;
}

static GstStructure *
dropped_new (const FoyerCastReport *self)
{
  GstStructure *dropped = gst_structure_new ("foyer-cast-dropped", "not-ready",
      G_TYPE_UINT64, self->n_not_ready, "frame-rate", G_TYPE_UINT64,
      self->n_too_many, "behind", G_TYPE_UINT64, self->n_behind, NULL);

  /* Nothing is refused here: the element has no guard. */
  for (guint i = FOYER_CAST_VERDICT_SEND + 1; i < FOYER_CAST_VERDICT_REFUSED;
       i++)
    gst_structure_set (dropped,
        foyer_cast_verdict_to_string ((FoyerCastVerdict) i), G_TYPE_UINT64,
        self->sender.n_frames[i], NULL);
  return dropped;
}

/* -1 stays -1: not yet known. */
static gint64
us_to_ns (gint64 us)
{
  return us < 0 ? -1 : us * NS_PER_US;
}

GstStructure *
foyer_cast_report_dup_stats (const FoyerCastReport *self)
{
  const FoyerCastSenderStats *sender = &self->sender;
  GstStructure *stats = structure_new (self, "foyer-cast-stats");
  g_autoptr (GstStructure) dropped = dropped_new (self);

  structure_set_picture (stats, self);
  structure_set_string (stats, "encoder", self->encoder);
  gst_structure_set (stats, "delay-ns", G_TYPE_INT64,
      us_to_ns (sender->ack_delay_us), "rtt-ns", G_TYPE_INT64,
      us_to_ns (sender->rtt_us), "loss", G_TYPE_DOUBLE,
      sender->fraction_lost / LOSS_FRACTION, "bit-rate-bps", G_TYPE_UINT,
      self->bps, "estimate-bps", G_TYPE_UINT64, sender->estimate_bps, NULL);
  gst_structure_set (stats, "frames-sent", G_TYPE_UINT64,
      sender->n_frames[FOYER_CAST_VERDICT_SEND], "dropped", GST_TYPE_STRUCTURE,
      dropped, "datagrams", G_TYPE_UINT64, sender->n_datagrams,
      "retransmissions", G_TYPE_UINT64, sender->n_retransmitted, "bytes",
      G_TYPE_UINT64, sender->n_bytes, "key-requests", G_TYPE_UINT64,
      sender->n_key_requests, "bad-datagrams", G_TYPE_UINT64,
      sender->n_bad_datagrams, NULL);
  return stats;
}

char *
foyer_cast_report_dup_failure (const FoyerCastReport *self, const GError *error)
{
  const char *host = self->host != NULL ? self->host : "nowhere";

  return g_strdup_printf ("Can't cast to %s: %s. %s",
      self->display_name != NULL ? self->display_name : host, error->message,
      foyer_cast_error_get_remedy (error));
}

GstResourceError
foyer_cast_report_get_code (const GError *error)
{
  if (error->domain != FOYER_CAST_ERROR)
    return GST_RESOURCE_ERROR_FAILED;
  switch ((FoyerCastError) error->code) {
    case FOYER_CAST_ERROR_UNREACHABLE:
      return GST_RESOURCE_ERROR_NOT_FOUND;
    case FOYER_CAST_ERROR_AUTH_UNSUPPORTED:
    case FOYER_CAST_ERROR_AUTH_TLS_LIFE:
    case FOYER_CAST_ERROR_AUTH_NONCE:
    case FOYER_CAST_ERROR_AUTH_SIGNATURE:
    case FOYER_CAST_ERROR_AUTH_CHAIN:
    case FOYER_CAST_ERROR_AUTH_EXPIRED:
    case FOYER_CAST_ERROR_AUTH_REVOKED:
    case FOYER_CAST_ERROR_AUTH_AUDIO_ONLY:
    case FOYER_CAST_ERROR_AUTH_PIN:
    case FOYER_CAST_ERROR_NOT_APPROVED:
      return GST_RESOURCE_ERROR_NOT_AUTHORIZED;
    case FOYER_CAST_ERROR_CREDENTIALS:
      return GST_RESOURCE_ERROR_SETTINGS;
    case FOYER_CAST_ERROR_MALFORMED:
    case FOYER_CAST_ERROR_TOO_LARGE:
    case FOYER_CAST_ERROR_CLOSED:
    case FOYER_CAST_ERROR_TIMED_OUT:
    case FOYER_CAST_ERROR_APP_ENDED:
    case FOYER_CAST_ERROR_NO_FEEDBACK:
      return GST_RESOURCE_ERROR_READ;
    case FOYER_CAST_ERROR_TLS:
    case FOYER_CAST_ERROR_LAUNCH:
    case FOYER_CAST_ERROR_NO_APP:
    case FOYER_CAST_ERROR_LOAD:
    case FOYER_CAST_ERROR_OFFER_REFUSED:
    case FOYER_CAST_ERROR_ANSWER_INVALID:
      return GST_RESOURCE_ERROR_OPEN_READ_WRITE;
    case FOYER_CAST_ERROR_FAILED:
    case FOYER_CAST_ERROR_SOCKET:
      return GST_RESOURCE_ERROR_FAILED;
  }
  return GST_RESOURCE_ERROR_FAILED;
}
