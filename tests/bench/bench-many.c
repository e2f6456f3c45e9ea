/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-test-launcher.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* usage: bench-many ROOTS PORT...
 *
 * One camera for many displays, which listen on these ports of loopback and are
 * known to ROOTS; a foyer-cast for each, without a foyerd. A number on standard
 * input begins so many sessions more; the pids of the camera and of all casts
 * follow on standard output. */

#define MAX_CASTS 512
#define CAMERA    7
#define NUMBER    3 /* a lively one */
#define BPS       3000000

static const FoyerShape raw = { FOYER_CODEC_RAW, 1280, 720, 30, 1, 0 };
static const FoyerShape most = { FOYER_CODEC_H264, 1280, 720, 30, 1, BPS };

static void
begin_session (FoyerTestWorker *camera, FoyerTestWorker *cast, guint64 session,
    guint16 port, int roots)
{
  const FoyerMessage config = foyer_test_make_grant (FOYER_MESSAGE_CAST_CONFIG,
      session, CAMERA, &most);
  FoyerMessage message;
  foyer_autofd int udp = foyer_test_launch_cast (cast, FOYER_TEST_CAST, &config,
      port, roots);

  foyer_test_approve (cast);
  foyer_test_connect_media (cast, udp, &message);
  foyer_test_join (camera, cast, session, CAMERA, &message.shape);
  foyer_test_worker_hear (cast, FOYER_MESSAGE_LIVE, &message, NULL);
}

int
main (int argc, char **argv)
{
  static FoyerTestWorker casts[MAX_CASTS];
  FoyerTestWorker camera = { .channel = -1 };
  int n_casts = 0, n_more = 0;
  foyer_autofd int roots = argc > 1 ? open (argv[1], O_RDONLY | O_CLOEXEC) : -1;

  if (roots < 0 || argc - 2 > MAX_CASTS)
    return EXIT_FAILURE;
  signal (SIGPIPE, SIG_IGN);
  foyer_test_start_camera (&camera, FOYER_TEST_CAMERA, CAMERA, NUMBER, &raw);
  while (scanf ("%d", &n_more) == 1) {
    for (; n_more > 0 && n_casts < argc - 2; n_more--, n_casts++)
      begin_session (&camera, &casts[n_casts], (guint64) n_casts + 1,
          (guint16) atoi (argv[n_casts + 2]), roots);
    g_print ("%d", (int) camera.pid);
    for (int i = 0; i < n_casts; i++)
      g_print (" %d", (int) casts[i].pid);
    g_print ("\n");
  }
  for (int i = 0; i < n_casts; i++)
    foyer_test_worker_clear (&casts[i]);
  foyer_test_worker_clear (&camera);
  return EXIT_SUCCESS;
}
