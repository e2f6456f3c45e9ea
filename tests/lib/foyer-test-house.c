/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-house.h"

#include "foyer-test-folder.h"

#include <gio/gio.h>

#define PATIENCE_TIMES 6000
#define PATIENCE_US    10000

void
foyer_test_house_init (FoyerTestHouse *self)
{
  g_autoptr (GError) error = NULL;
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  self->folder = foyer_test_folder_new ();
  self->ca_file = g_build_filename (self->folder, "root.pem", NULL);
  self->credentials = foyer_cast_credentials_open (self->folder, now_s, &error);
  g_assert_no_error (error);
}

void
foyer_test_house_clear (FoyerTestHouse *self)
{
  g_clear_pointer (&self->credentials, foyer_cast_credentials_free);
  foyer_test_folder_remove (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->ca_file, g_free);
}

FoyerCastOfferWish
foyer_test_house_wish (gboolean has_audio)
{
  const FoyerCastOfferWish wish = {
    .video_codecs = { FOYER_CAST_CODEC_VP8, FOYER_CAST_CODEC_H264 },
    .n_video_codecs = 2,
    .has_audio = has_audio,
    .n_audio_channels = 2,
    .width_px = 1280,
    .height_px = 720,
    .fps_n = 30,
    .fps_d = 1,
    .max_video_bps = 5000000,
    .audio_bps = 128000,
    /* Long: what a busy machine does late is not what these tests are about. */
    .delay_ms = 3000,
  };

  return wish;
}

static void
on_step (FoyerCastSession *session, FoyerCastStep step, gpointer user_data)
{
  foyer_test_log_add (user_data, "step %s", foyer_cast_step_to_string (step));
}

static void
on_identity (FoyerCastSession *session, const FoyerCastIdentity *identity,
    gboolean is_accepted, gpointer user_data)
{
  foyer_test_log_add (user_data, "%s %s", is_accepted ? "identity" : "stranger",
      identity->fingerprint);
}

static void
on_launched (FoyerCastSession *session, const char *app_session_id,
    gpointer user_data)
{
  foyer_test_log_add (user_data, "launched %s", app_session_id);
}

static void
on_cleaned (FoyerCastSession *session, gboolean was_running, gpointer user_data)
{
  foyer_test_log_add (user_data, "cleaned %d", was_running);
}

static void
on_ready (FoyerCastSession *session, const FoyerCastSessionStream *streams,
    guint n_streams, gpointer user_data)
{
  foyer_test_log_add (user_data, "ready %u", n_streams);
}

static void
on_key_needed (FoyerCastSession *session, guint stream, gpointer user_data)
{
  foyer_test_log_add (user_data, "key %u", stream);
}

static void
on_bit_rate (FoyerCastSession *session, guint32 bps, gpointer user_data)
{
  foyer_test_log_add (user_data, "rate %u", bps);
}

static void
on_failed (FoyerCastSession *session, const GError *error, gpointer user_data)
{
  g_assert_true (error->domain == FOYER_CAST_ERROR);
  foyer_test_log_add (user_data, "failed %d %s", error->code, error->message);
}

const FoyerCastSessionCallbacks foyer_test_house_callbacks = {
  .on_step = on_step,
  .on_identity = on_identity,
  .on_launched = on_launched,
  .on_cleaned = on_cleaned,
  .on_ready = on_ready,
  .on_key_needed = on_key_needed,
  .on_bit_rate = on_bit_rate,
  .on_failed = on_failed,
};

static guint
count_entries (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  g_assert_nonnull (folder);
  while (g_dir_read_name (folder) != NULL)
    n++;
  return n;
}

gboolean
foyer_test_has_ipv6 (void)
{
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV6,
      G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) loopback =
      g_inet_socket_address_new_from_string ("::1", 0);

  return socket != NULL && g_socket_bind (socket, loopback, FALSE, NULL);
}

guint
foyer_test_count_fds (void)
{
  return count_entries ("/proc/self/fd");
}

guint
foyer_test_count_threads (void)
{
  return count_entries ("/proc/self/task");
}

static void
assert_soon (guint (*count) (void), guint n)
{
  for (guint i = 0; i < PATIENCE_TIMES && count () > n; i++)
    g_usleep (PATIENCE_US);
  g_assert_cmpuint (count (), <=, n);
}

void
foyer_test_assert_fds (guint n)
{
  assert_soon (foyer_test_count_fds, n);
}

void
foyer_test_assert_threads (guint n)
{
  assert_soon (foyer_test_count_threads, n);
}
