/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-ctl-error.h"
#include "foyer-ctl-json.h"
#include "foyer-ctl-parse.h"
#include "foyer-ctl-verbs.h"
#include "foyer-link.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

/* One picture: asked for, taken from the session's link, and written. The service
 * bounds how long that may take; here it is only watched that it still lives. */

#define APP       "foyerctl" /* what rules call us */
#define MODE      0600
#define END_MS    3000 /* from the end of the link until we hear why */
#define STOP_MS   2000
#define OWNER_HAS "notify::g-name-owner"

typedef struct
{
  FoyerCtl *ctl;
  GMainLoop *loop;
  FoyerDBusManager *manager;
  FoyerDBusCamera *camera;
  const char *file;
  const char *format; /* as the service calls it */
  char *path;         /* of the session */
  FoyerLinkReader *link;
  guint watch;
  guint limit;
  FoyerShape shape;
  gint64 captured_us; /* monotonic */
  GBytes *picture;    /* NULL until it came */
  GError *error;
} Snapshot;

static void
snapshot_clear (Snapshot *self)
{
  g_clear_handle_id (&self->watch, g_source_remove);
  g_clear_handle_id (&self->limit, g_source_remove);
  g_clear_pointer (&self->link, foyer_link_reader_free);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_object (&self->manager);
  g_clear_object (&self->camera);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->picture, g_bytes_unref);
  g_clear_error (&self->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Snapshot, snapshot_clear)

static gboolean
refuse (GError **error, const char *words)
{
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_USAGE,
      "%s; see: foyerctl snapshot --help", words);
  return FALSE;
}

/* What the line says of the file. */
static gboolean
read_line (Snapshot *self, GError **error)
{
  FoyerCtlLine *line = self->ctl->line;
  const char *format = foyer_ctl_line_get (line, "format");
  gboolean is_stdout;

  self->file = foyer_ctl_line_get_word (line, 1);
  is_stdout = g_str_equal (self->file, "-");
  if (format != NULL && !g_str_equal (format, "png") &&
      !g_str_equal (format, "jpeg"))
    return refuse (error, "--format is png or jpeg");
  if (format == NULL && (is_stdout || g_str_has_suffix (self->file, ".png")))
    format = "png";
  else if (format == NULL &&
      (g_str_has_suffix (self->file, ".jpg") ||
          g_str_has_suffix (self->file, ".jpeg")))
    format = "jpeg";
  if (format == NULL)
    return refuse (error, "a file's name ends in .png, .jpg or .jpeg");
  if (is_stdout && foyer_ctl_line_has (line, "json"))
    return refuse (error, "--json and the picture can't both be printed");
  if (is_stdout && isatty (STDOUT_FILENO))
    return refuse (error, "a picture is not for a terminal");
  self->format = format;
  return TRUE;
}

static GVariant *
make_options (Snapshot *self, GError **error)
{
  g_auto (GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  const char *size = foyer_ctl_line_get (self->ctl->line, "size");
  guint width_px, height_px;

  g_variant_dict_insert (&options, "app", "s", APP);
  g_variant_dict_insert (&options, "codec", "s", self->format);
  if (size != NULL) {
    if (!foyer_ctl_parse_size (size, &width_px, &height_px, error))
      return NULL;
    g_variant_dict_insert (&options, "width", "u", width_px);
    g_variant_dict_insert (&options, "height", "u", height_px);
  }
  return g_variant_ref_sink (g_variant_dict_end (&options));
}

/* the link */

static void
take_frame (Snapshot *self, const FoyerLinkFrame *frame)
{
  self->picture = g_bytes_new (frame->data, frame->n_bytes);
  self->captured_us = frame->capture_us;
  /* One that was torn by the session's end is none. */
  if (!foyer_link_reader_is_whole (self->link))
    g_clear_pointer (&self->picture, g_bytes_unref);
  foyer_link_reader_release (self->link);
}

static gboolean
on_limit (gpointer user_data)
{
  Snapshot *self = user_data;

  self->limit = 0;
  g_set_error_literal (&self->error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
      "the service ended the session and did not say why; see: foyerctl "
      "history");
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
on_link_ready (int fd, GIOCondition ready, gpointer user_data)
{
  Snapshot *self = user_data;
  FoyerLinkFrame frame;

  switch (foyer_link_reader_receive (self->link, &frame, &self->shape)) {
    case FOYER_LINK_EVENT_NONE:
    case FOYER_LINK_EVENT_SHAPE:
      return G_SOURCE_CONTINUE;
    case FOYER_LINK_EVENT_FRAME:
      take_frame (self, &frame);
      if (self->picture == NULL)
        return G_SOURCE_CONTINUE;
      g_main_loop_quit (self->loop);
      break;
    case FOYER_LINK_EVENT_GONE:
      self->limit = g_timeout_add (END_MS, on_limit, self);
      break;
  }
  self->watch = 0;
  return G_SOURCE_REMOVE;
}

/* the bus */

static void
on_session_ended (FoyerDBusManager *manager, const char *path,
    const char *reason, const char *words, gpointer user_data)
{
  Snapshot *self = user_data;
  const FoyerCtlThing camera = foyer_ctl_get_camera_thing (self->camera);

  if (g_strcmp0 (path, self->path) != 0 || self->picture != NULL ||
      self->error != NULL)
    return;
  foyer_ctl_error_set (&self->error, reason, words, &camera, NULL);
  g_main_loop_quit (self->loop);
}

static void
on_owner (GObject *manager, GParamSpec *property, gpointer user_data)
{
  Snapshot *self = user_data;
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (manager));

  if (owner != NULL || self->picture != NULL || self->error != NULL)
    return;
  foyer_ctl_error_set_no_service (&self->error);
  g_main_loop_quit (self->loop);
}

static gboolean
open_camera (Snapshot *self, GVariant *options, GError **error)
{
  const FoyerCtlThing camera = foyer_ctl_get_camera_thing (self->camera);
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GVariant) handle = NULL;
  GError *remote = NULL;
  int link = -1;

  if (foyer_dbus_manager_call_open_sync (self->manager,
          foyer_ctl_get_path (self->camera), options, NULL, &self->path,
          &handle, &fds, NULL, &remote) &&
      fds != NULL)
    link = g_unix_fd_list_get (fds, g_variant_get_handle (handle), &remote);
  if (remote != NULL) {
    foyer_ctl_error_take_remote (error, remote, &camera, NULL);
    return FALSE;
  }
  if (link < 0) {
    g_set_error_literal (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
        "the service gave no link");
    return FALSE;
  }
  self->link = foyer_link_reader_new (link);
  return TRUE;
}

/* So that the log says that it was stopped, and not that we vanished. */
static void
stop (Snapshot *self)
{
  GVariant *reply = g_dbus_connection_call_sync (self->ctl->connection,
      FOYER_CTL_BUS_NAME, self->path, "org.foyer.Foyer1.Session", "Stop", NULL,
      NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, STOP_MS, NULL, NULL);

  g_clear_pointer (&reply, g_variant_unref);
}

static gboolean
take_picture (Snapshot *self, GVariant *options, GError **error)
{
  self->loop = g_main_loop_new (NULL, FALSE);
  g_signal_connect (self->manager, "session-ended",
      G_CALLBACK (on_session_ended), self);
  g_signal_connect (self->manager, OWNER_HAS, G_CALLBACK (on_owner), self);
  if (open_camera (self, options, error)) {
    self->watch = g_unix_fd_add (foyer_link_reader_get_fd (self->link),
        G_IO_IN | G_IO_HUP, on_link_ready, self);
    g_main_loop_run (self->loop);
    stop (self);
    if (self->error != NULL)
      g_propagate_error (error, g_steal_pointer (&self->error));
  }
  g_signal_handlers_disconnect_by_data (self->manager, self);
  return self->picture != NULL;
}

/* the file */

static gboolean
write_all (int fd, const char *data, gsize n_bytes)
{
  while (n_bytes > 0) {
    gssize n_written = write (fd, data, n_bytes);

    if (n_written < 0 && errno == EINTR)
      continue;
    if (n_written < 0)
      return FALSE;
    data += n_written;
    n_bytes -= (gsize) n_written;
  }
  return TRUE;
}

/* All of it or nothing, for its owner alone. */
static gboolean
write_picture (Snapshot *self, GError **error)
{
  gsize n_bytes;
  const char *data = g_bytes_get_data (self->picture, &n_bytes);
  g_autoptr (GError) local = NULL;
  g_autofree char *safe = foyer_print_dup_safe (self->file);

  if (g_str_equal (self->file, "-")) {
    if (write_all (STDOUT_FILENO, data, n_bytes))
      return TRUE;
    g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
        "writing the picture: %s; see: foyerctl snapshot --help",
        g_strerror (errno));
    return FALSE;
  }
  if (g_file_set_contents_full (self->file, data, (gssize) n_bytes,
          G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, MODE,
          &local))
    return TRUE;
  g_set_error (error, FOYER_CTL_ERROR, FOYER_CTL_ERROR_FAILED,
      "%s: %s; see: foyerctl snapshot --help", safe, local->message);
  return FALSE;
}

static void
tell (Snapshot *self)
{
  const char *name = foyer_dbus_camera_get_name (self->camera);
  gint64 age_us = foyer_clock_get_us (self->ctl->clock) - self->captured_us;
  g_autofree char *safe_name = foyer_print_dup_safe (name);
  g_autofree char *safe_file = foyer_print_dup_safe (self->file);

  if (g_str_equal (self->file, "-"))
    return;
  if (foyer_ctl_line_has (self->ctl->line, "json")) {
    g_autoptr (JsonBuilder) json = foyer_ctl_json_new ();

    foyer_ctl_json_add_number (json, "camera",
        foyer_ctl_get_number (foyer_ctl_get_path (self->camera)));
    foyer_ctl_json_add_string (json, "camera_name", name);
    foyer_ctl_json_add_number (json, "session",
        foyer_ctl_get_number (self->path));
    foyer_ctl_json_add_string (json, "file", self->file);
    foyer_ctl_json_add_string (json, "format", self->format);
    foyer_ctl_json_add_number (json, "width", self->shape.width_px);
    foyer_ctl_json_add_number (json, "height", self->shape.height_px);
    foyer_ctl_json_add_number (json, "bytes", g_bytes_get_size (self->picture));
    foyer_ctl_json_add_time (json, "captured_us",
        (guint64) (foyer_ctl_get_now_us (self->ctl) - age_us));
    foyer_ctl_json_print (json, FALSE);
    return;
  }
  foyer_ctl_say ("%s: %ux%u of %s", safe_file, self->shape.width_px,
      self->shape.height_px, safe_name);
}

gboolean
foyer_ctl_run_snapshot (FoyerCtl *ctl, GError **error)
{
  g_auto (Snapshot) self = { .ctl = ctl };
  g_autoptr (GVariant) options = NULL;

  if (!read_line (&self, error))
    return FALSE;
  options = make_options (&self, error);
  if (options == NULL || !foyer_ctl_enter (ctl, error))
    return FALSE;
  self.manager = foyer_ctl_new_manager (ctl, error);
  if (self.manager == NULL)
    return FALSE;
  self.camera = foyer_ctl_find_camera (ctl,
      foyer_ctl_line_get_word (ctl->line, 0), error);
  if (self.camera == NULL || !take_picture (&self, options, error) ||
      !write_picture (&self, error))
    return FALSE;
  tell (&self);
  return TRUE;
}
