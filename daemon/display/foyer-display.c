/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-player.h"
#include "foyer-screen.h"
#include "foyer-teller.h"
#include "foyer-viewer.h"
#include "foyercastsrc.h"
#include "foyermarkread.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdlib.h>

/* foyer-display: a Cast display in software. */

#define EXIT_USAGE       2
#define DEFAULT_PORT     8009
#define DEFAULT_ADDRESS  "127.0.0.1"
#define FIGURES_PERIOD_S 1

typedef struct
{
  gboolean is_headless;
  gboolean is_json;
  gboolean is_version;
  char *name;
  char *address;
  int port;
  char *credentials;
  char *snapshot;
  char *frames;
  char *sounds;
  gboolean refuses_video_only;
  gboolean lacks_mirroring;
  double drop_percent;
  char *codec;
} Options;

typedef struct
{
  Options options;
  GMainLoop *loop;
  FoyerScreen *screen;
  FoyerViewer *viewer;
  FoyerPlayer *player;
  const char *media_word; /* static: what the player did last */
  GstStructure *figures;  /* (nullable): the last told */
  gint64 figures_us;
  int status;
} Program;

/* Files that are written as it goes; NULL for none. */
typedef struct
{
  FILE *frames;
  FILE *sounds;
} Logs;

static void
options_clear (Options *options)
{
  g_free (options->name);
  g_free (options->address);
  g_free (options->credentials);
  g_free (options->snapshot);
  g_free (options->frames);
  g_free (options->sounds);
  g_free (options->codec);
}

static void
say (const char *line)
{
  printf ("%s\n", line);
  fflush (stdout);
}

static void complain (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
complain (const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "foyer-display: %s\n", line);
}

static void
program_end (Program *program, int status)
{
  program->status = MAX (program->status, status);
  g_main_loop_quit (program->loop);
}

static void
take_snapshot (Program *program)
{
  g_autoptr (GError) error = NULL;

  if (program->options.snapshot == NULL ||
      foyer_screen_save (program->screen, program->options.snapshot, &error))
    return;
  complain ("%s", error->message);
  program->status = EXIT_FAILURE;
}

static gboolean
on_snapshot_signal (gpointer user_data)
{
  take_snapshot (user_data);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_end_signal (gpointer user_data)
{
  program_end (user_data, EXIT_SUCCESS);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_figures_due (gpointer user_data)
{
  Program *program = user_data;
  gint64 now_us = foyer_clock_get_us (foyer_clock_get_system ());
  GstStructure *stats = NULL;
  FoyerTellerSound sound;
  g_autofree char *line = NULL;

  g_object_get (foyer_viewer_get_source (program->viewer), "stats", &stats,
      NULL);
  foyer_viewer_get_sound (program->viewer, &sound.n_packets, &sound.n_bytes);
  line = foyer_teller_dup_figures (stats, program->figures, &sound,
      now_us - program->figures_us);
  say (line);
  g_clear_pointer (&program->figures, gst_structure_free);
  program->figures = stats;
  program->figures_us = now_us;
  return G_SOURCE_CONTINUE;
}

static void
on_session (Program *program, const GstStructure *session)
{
  g_autofree char *line = foyer_teller_dup_session (session,
      program->options.is_json);
  guint delay_ms;

  if (gst_structure_get_uint (session, "target-delay-ms", &delay_ms))
    foyer_viewer_set_delay (program->viewer, delay_ms);
  say (line);
}

static const char *
get_media_word (const FoyerPlayerReport *report)
{
  if (report->problem != NULL)
    return "failed";
  switch (report->state) {
    case FOYER_CAST_MEDIA_IDLE:
      return "ended";
    case FOYER_CAST_MEDIA_PLAYING:
      return "playing";
    case FOYER_CAST_MEDIA_PAUSED:
      return "paused";
    case FOYER_CAST_MEDIA_LOADING:
    case FOYER_CAST_MEDIA_BUFFERING:
      break;
  }
  return "loading";
}

static void
on_player (const FoyerPlayerReport *report, gpointer user_data)
{
  Program *program = user_data;
  const char *word = get_media_word (report);
  g_autofree char *line = NULL;

  foyer_cast_src_report_media (FOYER_CAST_SRC (
                                   foyer_viewer_get_source (program->viewer)),
      report->number, report->state, report->position_s,
      report->problem != NULL);
  if (program->media_word == word)
    return;
  program->media_word = word;
  line = foyer_teller_dup_media (report->number, word, report->problem,
      program->options.is_json);
  say (line);
}

static void
on_media (Program *program, const GstStructure *wish)
{
  if (g_strcmp0 (gst_structure_get_string (wish, "wish"), "load") == 0)
    program->media_word = NULL;
  foyer_player_take (program->player, wish);
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  Program *program = user_data;
  g_autoptr (GError) error = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    complain ("%s", error->message);
    program_end (program, EXIT_FAILURE);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT &&
      gst_message_has_name (message, "foyer-cast-session"))
    on_session (program, gst_message_get_structure (message));
  else if (gst_message_has_name (message, "foyer-cast-media"))
    on_media (program, gst_message_get_structure (message));
  return G_SOURCE_CONTINUE;
}

/* The window was closed, or broke. */
static gboolean
on_window_message (GstBus *bus, GstMessage *message, gpointer user_data)
{
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    complain ("the window was closed");
    program_end (user_data, EXIT_SUCCESS);
  }
  return G_SOURCE_CONTINUE;
}

static void
tell_start (Program *program)
{
  const Options *options = &program->options;
  g_autofree char *pin = NULL, *ca_file = NULL, *line = NULL;
  FoyerTellerStart start = { .name = options->name };

  g_object_get (foyer_viewer_get_source (program->viewer), "port", &start.port,
      "pin", &pin, "ca-file", &ca_file, NULL);
  start.address = options->address != NULL ? options->address : DEFAULT_ADDRESS;
  start.fingerprint = pin;
  start.ca_file = ca_file;
  line = foyer_teller_dup_start (&start, options->is_json);
  say (line);
}

static void
watch (Program *program)
{
  GstBus *window = foyer_screen_get_bus (program->screen);

  g_unix_signal_add (SIGINT, on_end_signal, program);
  g_unix_signal_add (SIGTERM, on_end_signal, program);
  g_unix_signal_add (SIGUSR1, on_snapshot_signal, program);
  gst_bus_add_watch (foyer_viewer_get_bus (program->viewer), on_message,
      program);
  if (window != NULL)
    gst_bus_add_watch (window, on_window_message, program);
  if (program->options.is_json)
    g_timeout_add_seconds (FIGURES_PERIOD_S, on_figures_due, program);
}

static gboolean
open_log (const char *path, FILE **log, GError **error)
{
  if (path == NULL)
    return TRUE;
  *log = fopen (path, "we");
  if (*log != NULL)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
      "writing %s: %s", path, g_strerror (errno));
  return FALSE;
}

/* Closes what it opened: the session ends before the screen goes. */
static gboolean
run (Program *program, Logs *logs, GError **error)
{
  const Options *options = &program->options;
  FoyerViewerConfig config = { .name = options->name,
    .address = options->address,
    .port = (guint) options->port,
    .credentials = options->credentials,
    .codec = options->codec != NULL ? options->codec : "auto",
    .drop_fraction = options->drop_percent / 100.0,
    .has_sound = !options->is_headless,
    .needs_audio = options->refuses_video_only,
    .lacks_mirroring = options->lacks_mirroring };

  if (!open_log (options->frames, &logs->frames, error) ||
      !open_log (options->sounds, &logs->sounds, error))
    return FALSE;
  config.frames = logs->frames;
  config.sounds = logs->sounds;
  program->screen = foyer_screen_new (options->name, !options->is_headless,
      error);
  if (program->screen == NULL)
    return FALSE;
  program->viewer = foyer_viewer_new (&config, program->screen, error);
  if (program->viewer == NULL || !foyer_viewer_start (program->viewer, error))
    return FALSE;
  program->player = foyer_player_new (program->screen, !options->is_headless,
      logs->frames, on_player, program);
  watch (program);
  tell_start (program);
  g_main_loop_run (program->loop);
  take_snapshot (program);
  return TRUE;
}

static int
program_run (Program *program)
{
  g_autoptr (GError) error = NULL;
  Logs logs = { NULL, NULL };

  program->loop = g_main_loop_new (NULL, FALSE);
  program->figures_us = foyer_clock_get_us (foyer_clock_get_system ());
  if (!run (program, &logs, &error)) {
    complain ("%s", error->message);
    program->status = EXIT_FAILURE;
  }
  foyer_player_free (program->player);
  foyer_viewer_free (program->viewer);
  foyer_screen_free (program->screen);
  g_clear_pointer (&program->figures, gst_structure_free);
  if (logs.frames != NULL)
    fclose (logs.frames);
  if (logs.sounds != NULL)
    fclose (logs.sounds);
  g_main_loop_unref (program->loop);
  return program->status;
}

static gboolean
options_check (const Options *options, GError **error)
{
  if (options->port < 0 || options->port > G_MAXUINT16)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--port must be 0…65535");
  else if (!(options->drop_percent >= 0.0 && options->drop_percent <= 100.0))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--drop must be 0…100");
  else if (options->codec != NULL && !g_str_equal (options->codec, "h264") &&
      !g_str_equal (options->codec, "vp8"))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        "--codec must be h264 or vp8");
  else
    return TRUE;
  return FALSE;
}

static gboolean
options_parse (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "headless", 0, 0, G_OPTION_ARG_NONE, &options->is_headless,
        "Open no window, play no sound", NULL },
    { "name", 0, 0, G_OPTION_ARG_STRING, &options->name,
        "What the display calls itself", "NAME" },
    { "address", 0, 0, G_OPTION_ARG_STRING, &options->address,
        "Address to listen on; without it for this machine alone", "A" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port,
        "TCP port to listen on; 0 for any that is free", "N" },
    { "credentials", 0, 0, G_OPTION_ARG_FILENAME, &options->credentials,
        "Folder with the display's keys, made at first start", "DIR" },
    { "snapshot", 0, 0, G_OPTION_ARG_FILENAME, &options->snapshot,
        "Write what is shown at SIGUSR1 and at the end", "FILE.png" },
    { "frames", 0, 0, G_OPTION_ARG_FILENAME, &options->frames,
        "Write a JSON line for each frame decoded", "FILE" },
    { "sounds", 0, 0, G_OPTION_ARG_FILENAME, &options->sounds,
        "With --headless, write a JSON line for each tone heard", "FILE" },
    { "refuse-video-only", 0, 0, G_OPTION_ARG_NONE,
        &options->refuses_video_only,
        "Refuse pictures without sound, as some displays do", NULL },
    { "without-mirroring", 0, 0, G_OPTION_ARG_NONE, &options->lacks_mirroring,
        "Take no streams, but URLs, as some displays do", NULL },
    { "drop", 0, 0, G_OPTION_ARG_DOUBLE, &options->drop_percent,
        "Lose so many datagrams in each direction, for tests", "PERCENT" },
    { "codec", 0, 0, G_OPTION_ARG_STRING, &options->codec,
        "Take this video codec only", "h264|vp8" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->is_json,
        "Speak JSON, and tell figures each second", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->is_version,
        "Show the version and exit", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (
      "- a Cast display in software");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
        "unknown word \"%s\"", (*argv)[1]);
    return FALSE;
  }
  return options_check (options, error);
}

int
main (int argc, char **argv)
{
  Program program = { .options = { .port = DEFAULT_PORT } };
  g_autoptr (GError) error = NULL;
  int status = EXIT_SUCCESS;

  if (!options_parse (&program.options, &argc, &argv, &error)) {
    complain ("%s (see foyer-display --help)", error->message);
    status = EXIT_USAGE;
  } else if (program.options.is_version)
    say ("foyer-display " FOYER_VERSION);
  else {
    if (program.options.name == NULL)
      program.options.name = g_strdup ("Foyer");
    gst_init (NULL, NULL);
    GST_ELEMENT_REGISTER (foyercastsrc, NULL);
    GST_ELEMENT_REGISTER (foyermarkread, NULL);
    status = program_run (&program);
  }
  options_clear (&program.options);
  return status;
}
