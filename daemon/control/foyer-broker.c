/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-broker.h"

#include "foyer-fd.h"
#include "foyer-shape.h"

#include <errno.h>
#include <gio/gio.h>
#include <sys/socket.h>

static gboolean
refuse (GError **error, int code, const char *why)
{
  g_set_error (error, G_IO_ERROR, code, "making a link: %s", why);
  return FALSE;
}

/* A grant of nothing joins nothing. */
static gboolean
is_whole (const FoyerLinkGrant *grant)
{
  return grant->session.v != 0 && grant->camera.v != 0 &&
      grant->generation != 0 && grant->granted_us >= 0;
}

static gboolean
is_born_for_camera (FoyerPeer *peer, const FoyerLinkGrant *grant)
{
  const FoyerBirth *birth = foyer_peer_get_birth (peer);

  return foyer_peer_get_kind (peer) == FOYER_WORKER_CAMERA &&
      birth->session.v == 0 &&
      foyer_camera_id_equal (birth->camera, grant->camera) &&
      birth->generation == grant->generation;
}

static gboolean
is_born_for_session (FoyerPeer *peer, const FoyerLinkGrant *grant)
{
  const FoyerBirth *birth = foyer_peer_get_birth (peer);
  FoyerWorkerKind kind = foyer_peer_get_kind (peer);

  return (kind == FOYER_WORKER_CAST || kind == FOYER_WORKER_LOOPBACK ||
             kind == FOYER_WORKER_APP) &&
      (birth->has_sound || !foyer_codec_is_sound (grant->shape.codec)) &&
      foyer_session_id_equal (birth->session, grant->session) &&
      foyer_camera_id_equal (birth->camera, grant->camera) &&
      birth->generation == grant->generation;
}

static gboolean
make_link (int *writing_end, int *reading_end, GError **error)
{
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
          ends) < 0)
    return refuse (error, (int) g_io_error_from_errno (errno),
        g_strerror (errno));
  *writing_end = ends[0];
  *reading_end = ends[1];
  return TRUE;
}

gboolean
foyer_broker_join_sound (const FoyerLinkGrant *grant, int microphone,
    FoyerPeer *camera, FoyerPeer *reader, GError **error)
{
  FoyerMessage message = {
    .type = foyer_codec_is_sound (grant->shape.codec) ? FOYER_MESSAGE_SOUND_LINK
                                                      : FOYER_MESSAGE_LINK,
    .session = grant->session,
    .camera = grant->camera,
    .generation = grant->generation,
    .granted_us = grant->granted_us,
    .shape = grant->shape,
  };
  guint n_fds = microphone >= 0 ? 2 : 1;
  foyer_autofd int writing_end = -1;
  foyer_autofd int reading_end = -1;
  int fds[2];

  if (!is_whole (grant))
    return refuse (error, G_IO_ERROR_INVALID_ARGUMENT, "nothing was granted");
  if (!is_born_for_camera (camera, grant))
    return refuse (error, G_IO_ERROR_PERMISSION_DENIED,
        "the camera's worker was born for something else");
  if (!is_born_for_session (reader, grant))
    return refuse (error, G_IO_ERROR_PERMISSION_DENIED,
        "the session's worker was born for something else");
  if (!foyer_peer_may_send (camera, &message, n_fds) ||
      !foyer_peer_may_send (reader, &message, 1))
    return refuse (error, G_IO_ERROR_BUSY, "not both can be told now");
  if (!make_link (&writing_end, &reading_end, error))
    return FALSE;
  /* The reader first: before it can read, nothing is to be written. */
  if (!foyer_peer_send (reader, &message, &reading_end, 1))
    return refuse (error, G_IO_ERROR_CLOSED, "the session's worker is gone");
  fds[0] = writing_end;
  fds[1] = microphone;
  if (!foyer_peer_send (camera, &message, fds, n_fds))
    return refuse (error, G_IO_ERROR_CLOSED, "the camera's worker is gone");
  return TRUE;
}

gboolean
foyer_broker_join (const FoyerLinkGrant *grant, FoyerPeer *camera,
    FoyerPeer *reader, GError **error)
{
  return foyer_broker_join_sound (grant, -1, camera, reader, error);
}

int
foyer_broker_open_outlet (const FoyerMessage *config, FoyerPeer *worker,
    int tally, GError **error)
{
  const FoyerLinkGrant grant = {
    .session = config->session,
    .camera = config->camera,
    .generation = config->generation,
    .granted_us = config->granted_us,
  };
  foyer_autofd int writing_end = -1;
  foyer_autofd int reading_end = -1;
  int fds[2];

  if (!is_whole (&grant)) {
    refuse (error, G_IO_ERROR_INVALID_ARGUMENT, "nothing was granted");
    return -1;
  }
  if (foyer_peer_get_kind (worker) != FOYER_WORKER_APP ||
      !is_born_for_session (worker, &grant)) {
    refuse (error, G_IO_ERROR_PERMISSION_DENIED,
        "the session's worker was born for something else");
    return -1;
  }
  if (!make_link (&writing_end, &reading_end, error))
    return -1;
  fds[0] = writing_end;
  fds[1] = tally;
  if (!foyer_peer_send (worker, config, fds, G_N_ELEMENTS (fds))) {
    refuse (error, G_IO_ERROR_CLOSED, "the session's worker is gone");
    return -1;
  }
  return g_steal_fd (&reading_end);
}
