/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-clock.h"
#include "foyer-test-member.h"

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

/* usage: foyer-crowd [OPTION...]
 *
 * Many displays in one process. The first line on standard output tells their
 * ports and keys; each command on standard input is answered by a line:
 *
 *   counts        what came to each display since the beginning
 *   after N NS    what came to display N after that moment of CLOCK_MONOTONIC
 *   drop PERCENT  lose so many datagrams in each direction from now on
 *   quit          ends, as does the end of input
 */

#define MAX_DISPLAYS 512
#define MAX_BPS      3000000
#define PERCENT      100.0

typedef struct
{
  int n_displays;
  int port;
  int n_full;
  int every;
  int width_px;
  int height_px;
  int fps;
  double drop_percent;
  gboolean is_each;
  char *credentials;
  char *frames;
} Options;

typedef struct
{
  Options options;
  FoyerTestCrowd crowd;
  FoyerCastCredentials *credentials[MAX_DISPLAYS]; /* one, or one each */
  FoyerTestMember *members[MAX_DISPLAYS];
} Program;

static void
say (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);
  printf ("%s\n", line);
  fflush (stdout);
  g_object_unref (builder);
}

static JsonBuilder *
line_new (void)
{
  JsonBuilder *builder = json_builder_new ();

  return json_builder_begin_object (builder);
}

static FoyerCastCredentials *
get_credentials (Program *self, int number)
{
  return self->credentials[self->options.is_each ? number : 0];
}

static char *
dup_folder (const Program *self, int number)
{
  g_autofree char *name = g_strdup_printf ("%d", number);

  return self->options.is_each
      ? g_build_filename (self->options.credentials, name, NULL)
      : g_strdup (self->options.credentials);
}

static gboolean
open_credentials (Program *self, GError **error)
{
  int n = self->options.is_each ? self->options.n_displays : 1;
  gint64 now_s = foyer_clock_get_wall_us (foyer_clock_get_system ()) /
      G_USEC_PER_SEC;

  for (int i = 0; i < n; i++) {
    g_autofree char *folder = dup_folder (self, i);
    g_autoptr (GTlsCertificate) tls = NULL;

    self->credentials[i] = foyer_cast_credentials_open (folder, now_s, error);
    if (self->credentials[i] == NULL)
      return FALSE;
    tls = foyer_cast_credentials_ensure_tls (self->credentials[i], now_s,
        error);
    if (tls == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
start_member (Program *self, int number, GError **error)
{
  const Options *options = &self->options;
  g_autofree char *name = g_strdup_printf ("Crowd %d", number);
  const FoyerCastDisplayConfig config = {
    .port = options->port != 0 ? (guint16) (options->port + number) : 0,
    .friendly_name = name,
    .credentials = get_credentials (self, number),
    .codecs = { FOYER_CAST_CODEC_H264 },
    .n_codecs = 1,
    .width_px = (guint) options->width_px,
    .height_px = (guint) options->height_px,
    .fps = (guint) options->fps,
    .max_video_bps = MAX_BPS,
    .drop_fraction = options->drop_percent / PERCENT,
  };

  self->members[number] = foyer_test_member_new (&self->crowd, (guint) number,
      &config, number < options->n_full, error);
  return self->members[number] != NULL;
}

static void
tell_start (Program *self)
{
  g_autofree char *folder = dup_folder (self, 0);
  g_autofree char *ca_file = g_build_filename (folder, "root.pem", NULL);
  JsonBuilder *line = line_new ();

  json_builder_set_member_name (line, "ca_file");
  json_builder_add_string_value (line, ca_file);
  json_builder_set_member_name (line, "displays");
  json_builder_begin_array (line);
  for (int i = 0; i < self->options.n_displays; i++) {
    json_builder_begin_object (line);
    json_builder_set_member_name (line, "port");
    json_builder_add_int_value (line,
        foyer_cast_display_get_port (
            foyer_test_member_get_display (self->members[i])));
    json_builder_set_member_name (line, "fingerprint");
    json_builder_add_string_value (line,
        foyer_cast_credentials_get_fingerprint (get_credentials (self, i)));
    json_builder_end_object (line);
  }
  json_builder_end_array (line);
  say (line);
}

static void
tell_counts (Program *self)
{
  JsonBuilder *line = line_new ();

  json_builder_set_member_name (line, "displays");
  json_builder_begin_array (line);
  for (int i = 0; i < self->options.n_displays; i++) {
    json_builder_begin_object (line);
    foyer_test_member_count (self->members[i], line);
    json_builder_end_object (line);
  }
  json_builder_end_array (line);
  say (line);
}

static void
tell_after (Program *self, const char *words)
{
  char *rest = NULL;
  gint64 number = g_ascii_strtoll (words, &rest, 10);
  JsonBuilder *line = line_new ();

  if (number >= 0 && number < self->options.n_displays)
    foyer_test_member_look (self->members[number],
        g_ascii_strtoll (rest, NULL, 10), line);
  say (line);
}

static void
set_drop (Program *self, double percent)
{
  for (int i = 0; i < self->options.n_displays; i++)
    foyer_cast_display_set_drop (foyer_test_member_get_display (
                                     self->members[i]),
        percent / PERCENT);
  say (line_new ());
}

static gboolean
obey (Program *self, const char *command)
{
  if (g_str_equal (command, "quit"))
    return FALSE;
  if (g_str_equal (command, "counts"))
    tell_counts (self);
  else if (g_str_has_prefix (command, "after "))
    tell_after (self, command + strlen ("after "));
  else if (g_str_has_prefix (command, "drop "))
    set_drop (self, g_ascii_strtod (command + strlen ("drop "), NULL));
  else
    fprintf (stderr, "foyer-crowd: no command \"%s\"\n", command);
  return TRUE;
}

/* Commands are obeyed here, between them the displays' threads do it all. */
static void
listen_to_commands (Program *self)
{
  char command[256];

  while (fgets (command, sizeof command, stdin) != NULL)
    if (!obey (self, g_strchomp (command)))
      return;
}

static gboolean
run (Program *self, GError **error)
{
  self->crowd.every = (guint) self->options.every;
  self->crowd.key_decoder = foyer_test_decoder_new ();
  if (self->options.frames != NULL)
    self->crowd.frames = fopen (self->options.frames, "ae");
  if (!open_credentials (self, error))
    return FALSE;
  for (int i = 0; i < self->options.n_displays; i++)
    if (!start_member (self, i, error))
      return FALSE;
  tell_start (self);
  listen_to_commands (self);
  return TRUE;
}

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "displays", 0, 0, G_OPTION_ARG_INT, &options->n_displays, "How many (1)",
        "N" },
    { "port", 0, 0, G_OPTION_ARG_INT, &options->port,
        "TCP port of the first, the others follow; 0 for any", "N" },
    { "credentials", 0, 0, G_OPTION_ARG_FILENAME, &options->credentials,
        "Folder with keys, made at first start", "DIR" },
    { "each", 0, 0, G_OPTION_ARG_NONE, &options->is_each,
        "Keys for each display, not for all", NULL },
    { "full", 0, 0, G_OPTION_ARG_INT, &options->n_full,
        "Displays that decode every frame, the first (0)", "N" },
    { "every", 0, 0, G_OPTION_ARG_INT, &options->every,
        "Others decode each so manieth key frame, and their first (1)", "N" },
    { "width", 0, 0, G_OPTION_ARG_INT, &options->width_px,
        "Of their picture (1280)", "PX" },
    { "height", 0, 0, G_OPTION_ARG_INT, &options->height_px,
        "Of their picture (720)", "PX" },
    { "fps", 0, 0, G_OPTION_ARG_INT, &options->fps, "Most frames a second (30)",
        "N" },
    { "drop", 0, 0, G_OPTION_ARG_DOUBLE, &options->drop_percent,
        "Lose so many datagrams in each direction", "PERCENT" },
    { "frames", 0, 0, G_OPTION_ARG_FILENAME, &options->frames,
        "Append a JSON line for each frame", "FILE" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (
      "- many displays in one process");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc == 1 && options->credentials != NULL && options->n_displays > 0 &&
      options->n_displays <= MAX_DISPLAYS && options->every > 0)
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
      "--credentials is needed, and sound numbers");
  return FALSE;
}

int
main (int argc, char **argv)
{
  static Program self = { .options = { .n_displays = 1,
                              .every = 1,
                              .width_px = 1280,
                              .height_px = 720,
                              .fps = 30 } };
  g_autoptr (GError) error = NULL;

  gst_init (NULL, NULL);
  if (!parse_options (&self.options, &argc, &argv, &error) ||
      !run (&self, &error)) {
    fprintf (stderr, "foyer-crowd: %s\n", error->message);
    return EXIT_FAILURE;
  }
  for (int i = 0; i < self.options.n_displays; i++)
    foyer_test_member_free (self.members[i]);
  /* The system has the rest. */
  return EXIT_SUCCESS;
}
