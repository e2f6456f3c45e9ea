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
 * input begins so many sessions more, together; the pids of the camera and of all
 * casts follow on standard output. */

#define MAX_CASTS 512
#define CAMERA    7
#define NUMBER    3 /* a lively one */
#define BPS       3000000

static const FoyerShape raw = { FOYER_CODEC_RAW, 1280, 720, 30, 1, 0 };
static const FoyerShape most = { FOYER_CODEC_H264, 1280, 720, 30, 1, BPS };

/* What is known of one session. */
typedef struct
{
  FoyerTestWorker cast;
  guint64 number;
  guint16 port;
  int udp;
} Session;

/* As foyerd does with those that it lets begin together: each step of all of them,
 * so that what they have to wait for passes for all at once. */
static void
begin_sessions (FoyerTestWorker *camera, Session *sessions, int n_sessions,
    const char *roots_path)
{
  FoyerMessage message;

  for (Session *s = sessions; s < sessions + n_sessions; s++) {
    const FoyerMessage config =
        foyer_test_make_grant (FOYER_MESSAGE_CAST_CONFIG, s->number, CAMERA,
            &most);

    /* Read from its beginning by each, whenever it gets to that. */
    foyer_autofd int roots = open (roots_path, O_RDONLY | O_CLOEXEC);

    s->udp = foyer_test_launch_cast (&s->cast, FOYER_TEST_CAST, &config,
        s->port, roots);
  }
  for (Session *s = sessions; s < sessions + n_sessions; s++)
    foyer_test_approve (&s->cast);
  for (Session *s = sessions; s < sessions + n_sessions; s++) {
    foyer_test_connect_media (&s->cast, s->udp, &message);
    foyer_fd_clear (&s->udp);
    foyer_test_join (camera, &s->cast, s->number, CAMERA, &message.shape);
  }
  for (Session *s = sessions; s < sessions + n_sessions; s++)
    foyer_test_worker_hear (&s->cast, FOYER_MESSAGE_LIVE, &message, NULL);
}

int
main (int argc, char **argv)
{
  static Session sessions[MAX_CASTS];
  FoyerTestWorker camera = { .channel = -1 };
  int n_ports = argc - 2, n_sessions = 0, n_more = 0;

  if (n_ports < 1 || n_ports > MAX_CASTS)
    return EXIT_FAILURE;
  signal (SIGPIPE, SIG_IGN);
  for (int i = 0; i < n_ports; i++)
    sessions[i] = (Session){ .cast.channel = -1,
      .number = (guint64) i + 1,
      .port = (guint16) atoi (argv[i + 2]),
      .udp = -1 };
  foyer_test_start_camera (&camera, FOYER_TEST_CAMERA, CAMERA, NUMBER, &raw);
  while (scanf ("%d", &n_more) == 1) {
    n_more = CLAMP (n_more, 0, n_ports - n_sessions);
    begin_sessions (&camera, sessions + n_sessions, n_more, argv[1]);
    n_sessions += n_more;
    g_print ("%d", (int) camera.pid);
    for (int i = 0; i < n_sessions; i++)
      g_print (" %d", (int) sessions[i].cast.pid);
    g_print ("\n");
  }
  for (int i = 0; i < n_sessions; i++)
    foyer_test_worker_clear (&sessions[i].cast);
  foyer_test_worker_clear (&camera);
  return EXIT_SUCCESS;
}
