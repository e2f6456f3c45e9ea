/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-config.h"

#include "foyer-error.h"
#include "foyer-file.h"
#include "foyer-interner.h"
#include "foyer-microphone.h"
#include "foyer-sections.h"
#include "foyer-state-text.h"
#include "foyer-text.h"

#include <string.h>

#define DEFAULT_PORT  8009
#define MAX_DAYS      36500
#define MAX_MEGABYTES 100000
#define MAX_PROBLEMS  20 /* sentences; a person mends the first ones first */

const FoyerConfigProfile foyer_config_usual_profile = {
  .name = (char *) "",
  .width_px = 1280,
  .height_px = 720,
  .fps = 30,
};

typedef struct
{
  FoyerConfig *config;
  const char *path;
} Reading;

static void G_GNUC_PRINTF (3, 4)
    add_problem (Reading *self, guint line, const char *format, ...)
{
  GPtrArray *problems = self->config->problems;
  g_autofree char *words = NULL;
  g_autofree char *safe = NULL;
  va_list arguments;

  if (problems->len >= MAX_PROBLEMS)
    return;
  va_start (arguments, format);
  words = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  safe = foyer_text_escape (words);
  g_ptr_array_add (problems,
      g_strdup_printf ("%s, line %u: %s", self->path, line, safe));
}

/* values */

static gboolean
read_uint (Reading *self, const FoyerEntry *entry, guint min, guint max,
    guint *out)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (entry->value, 10, min, max, &number, NULL)) {
    add_problem (self, entry->line, "%s: no number from %u to %u", entry->key,
        min, max);
    return FALSE;
  }
  *out = (guint) number;
  return TRUE;
}

static void
read_ticking (Reading *self, const FoyerEntry *entry, FoyerTicking *out)
{
  if (strcmp (entry->value, "true") == 0)
    *out = FOYER_TICKING_ON;
  else if (strcmp (entry->value, "false") == 0)
    *out = FOYER_TICKING_OFF;
  else if (strcmp (entry->value, "auto") == 0)
    *out = FOYER_TICKING_AUTO;
  else
    add_problem (self, entry->line, "%s: none of true, false and auto",
        entry->key);
}

static void
read_service (Reading *self, const FoyerSection *section)
{
  FoyerConfig *config = self->config;

  for (guint i = 0; i < section->entries->len; i++) {
    const FoyerEntry *entry = g_ptr_array_index (section->entries, i);

    if (strcmp (entry->key, "history-days") == 0)
      read_uint (self, entry, 0, MAX_DAYS, &config->history_days);
    else if (strcmp (entry->key, "history-megabytes") == 0)
      read_uint (self, entry, 0, MAX_MEGABYTES, &config->history_megabytes);
    else if (strcmp (entry->key, "max-age-ms") == 0)
      read_uint (self, entry, 200, 5000, &config->max_age_ms);
    else if (strcmp (entry->key, "target-delay-ms") == 0)
      read_uint (self, entry, 100, 2000, &config->target_delay_ms);
    else if (strcmp (entry->key, "clock") == 0)
      read_ticking (self, entry, &config->ticking);
    else
      add_problem (self, entry->line, "%s: there is no such key in [service]",
          entry->key);
  }
}

/* profiles */

static void
profile_free (gpointer data)
{
  FoyerConfigProfile *self = data;

  g_free (self->name);
  g_free (self);
}

/* "1280x720" */
static gboolean
read_size (Reading *self, const FoyerEntry *entry, FoyerConfigProfile *profile)
{
  g_auto (GStrv) sides = g_strsplit (entry->value, "x", 3);
  guint64 width_px, height_px;

  if (g_strv_length (sides) != 2 ||
      !g_ascii_string_to_unsigned (sides[0], 10, FOYER_CONFIG_MIN_SIDE_PX,
          FOYER_CONFIG_MAX_SIDE_PX, &width_px, NULL) ||
      !g_ascii_string_to_unsigned (sides[1], 10, FOYER_CONFIG_MIN_SIDE_PX,
          FOYER_CONFIG_MAX_SIDE_PX, &height_px, NULL) ||
      (width_px | height_px) % 2 != 0) {
    add_problem (self, entry->line,
        "%s: no size as 1280x720, of even sides from %d to %d", entry->key,
        FOYER_CONFIG_MIN_SIDE_PX, FOYER_CONFIG_MAX_SIDE_PX);
    return FALSE;
  }
  profile->width_px = (guint16) width_px;
  profile->height_px = (guint16) height_px;
  return TRUE;
}

static void
read_profile_key (Reading *self, const FoyerEntry *entry,
    FoyerConfigProfile *profile)
{
  guint fps = 0;

  if (strcmp (entry->key, "size") == 0)
    read_size (self, entry, profile);
  else if (strcmp (entry->key, "fps") != 0)
    add_problem (self, entry->line, "%s: there is no such key in [profile]",
        entry->key);
  else if (read_uint (self, entry, 1, FOYER_CONFIG_MAX_FPS, &fps))
    profile->fps = (guint16) fps;
}

static const FoyerConfigProfile *
find_profile (const FoyerConfig *config, const char *name)
{
  for (guint i = 0; i < config->profiles->len; i++) {
    const FoyerConfigProfile *profile = g_ptr_array_index (config->profiles, i);

    if (strcmp (profile->name, name) == 0)
      return profile;
  }
  return NULL;
}

static void
read_profile (Reading *self, const FoyerSection *section, const char *name)
{
  FoyerConfigProfile *profile;

  if (self->config->profiles->len >= FOYER_CONFIG_MAX_PROFILES) {
    add_problem (self, section->line, "one profile too many");
    return;
  }
  profile = g_memdup2 (&foyer_config_usual_profile, sizeof *profile);
  profile->name = g_strdup (name);
  for (guint i = 0; i < section->entries->len; i++)
    read_profile_key (self, g_ptr_array_index (section->entries, i), profile);
  g_ptr_array_add (self->config->profiles, profile);
}

/* cameras */

static void
camera_free (gpointer data)
{
  FoyerConfigCamera *self = data;

  g_free (self->name);
  g_free (self->identity);
  g_free (self->microphone);
  g_free (self);
}

/* (nullable) (transfer full): what the owner named. A wrong one is none: no other is
 * opened in its place. */
static char *
dup_microphone (Reading *self, const FoyerSection *section,
    const char *identity)
{
  const FoyerEntry *entry = foyer_section_find (section, "microphone");

  if (entry == NULL)
    return NULL;
  if (g_str_has_prefix (identity, "test:")) {
    add_problem (self, entry->line,
        "microphone: a drawn camera has a drawn one");
    return NULL;
  }
  if (foyer_microphone_name_is_valid (entry->value))
    return g_strdup (entry->value);
  add_problem (self, entry->line,
      "microphone: neither none nor hw:CARD=ID,DEV=NUMBER; none is opened");
  return g_strdup (FOYER_MICROPHONE_NONE);
}

/* (nullable): the one that the owner chose. */
static const FoyerConfigProfile *
get_profile (Reading *self, const FoyerSection *section)
{
  const FoyerEntry *entry = foyer_section_find (section, "profile");
  const FoyerConfigProfile *profile = entry != NULL
      ? find_profile (self->config, entry->value)
      : NULL;

  if (entry != NULL && profile == NULL)
    add_problem (self, entry->line, "profile: there is no [profile %s]",
        entry->value);
  return profile;
}

static gboolean
is_camera_key (const char *key)
{
  return strcmp (key, "identity") == 0 || strcmp (key, "microphone") == 0 ||
      strcmp (key, "profile") == 0;
}

static void
read_camera (Reading *self, const FoyerSection *section, const char *name)
{
  GPtrArray *cameras = self->config->cameras;
  const FoyerEntry *identity = foyer_section_find (section, "identity");
  FoyerConfigCamera *camera;

  for (guint i = 0; i < section->entries->len; i++) {
    const FoyerEntry *entry = g_ptr_array_index (section->entries, i);

    if (!is_camera_key (entry->key))
      add_problem (self, entry->line, "%s: there is no such key in [camera]",
          entry->key);
  }
  if (identity == NULL || !foyer_identity_is_valid (identity->value)) {
    add_problem (self, identity != NULL ? identity->line : section->line,
        "identity: it is missing, or none: see foyer.conf(5)");
    return;
  }
  for (guint i = 0; i < cameras->len; i++) {
    const FoyerConfigCamera *other = g_ptr_array_index (cameras, i);

    if (strcmp (other->identity, identity->value) == 0) {
      add_problem (self, identity->line, "identity: [camera %s] has it already",
          other->name);
      return;
    }
  }
  if (cameras->len >= FOYER_CORE_MAX_CAMERAS) {
    add_problem (self, section->line, "one camera too many");
    return;
  }
  camera = g_new0 (FoyerConfigCamera, 1);
  camera->name = g_strdup (name);
  camera->identity = g_strdup (identity->value);
  camera->microphone = dup_microphone (self, section, identity->value);
  camera->profile = get_profile (self, section);
  g_ptr_array_add (cameras, camera);
}

/* displays */

static void
display_free (gpointer data)
{
  FoyerConfigDisplay *self = data;

  g_free (self->name);
  g_free (self->host);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FoyerConfigDisplay, display_free)

static gboolean
read_trust (Reading *self, const FoyerEntry *entry, FoyerTrust *out)
{
  if (!foyer_trust_parse (entry->value, out)) {
    add_problem (self, entry->line,
        "trust: none of device-auth, pinned and any");
    return FALSE;
  }
  if (*out == FOYER_TRUST_ANY)
    add_problem (self, entry->line,
        "trust=any shows cameras to whoever answers there: for tests alone");
  return TRUE;
}

static gboolean
read_codec (Reading *self, const FoyerEntry *entry, FoyerCodecs *out)
{
  static const struct
  {
    const char *name;
    FoyerCodecs codecs;
  } known[] = {
    { "auto", FOYER_CODECS_ALL },
    { "h264", FOYER_CODECS_H264 },
    { "vp8", FOYER_CODECS_VP8 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (entry->value, known[i].name) == 0) {
      *out = known[i].codecs;
      return TRUE;
    }
  add_problem (self, entry->line, "codec: none of auto, h264 and vp8");
  return FALSE;
}

static gboolean
read_display_key (Reading *self, const FoyerEntry *entry,
    FoyerConfigDisplay *display)
{
  guint port = 0;

  if (strcmp (entry->key, "codec") == 0)
    return read_codec (self, entry, &display->codecs);
  if (strcmp (entry->key, "trust") == 0)
    return read_trust (self, entry, &display->trust);
  if (strcmp (entry->key, "port") == 0) {
    if (!read_uint (self, entry, 1, G_MAXUINT16, &port))
      return FALSE;
    display->port = (guint16) port;
    return TRUE;
  }
  if (strcmp (entry->key, "host") != 0) {
    add_problem (self, entry->line, "%s: there is no such key in [display]",
        entry->key);
    return TRUE;
  }
  if (!foyer_host_is_valid (entry->value)) {
    add_problem (self, entry->line, "host: neither a name nor an address");
    return FALSE;
  }
  display->host = g_strdup (entry->value);
  return TRUE;
}

/* What says nothing but a codec says it of a display that is announced. */
static gboolean
needs_host (const FoyerSection *section)
{
  for (guint i = 0; i < section->entries->len; i++) {
    const FoyerEntry *entry = g_ptr_array_index (section->entries, i);

    if (strcmp (entry->key, "codec") != 0)
      return TRUE;
  }
  return section->entries->len == 0;
}

/* A display with a wrong line is left out, so that it is not taken for another,
 * or trusted more, than was meant. */
static void
read_display (Reading *self, const FoyerSection *section, const char *name)
{
  g_autoptr (FoyerConfigDisplay) display = g_new0 (FoyerConfigDisplay, 1);

  display->name = g_strdup (name);
  display->port = DEFAULT_PORT;
  display->codecs = FOYER_CODECS_ALL;
  for (guint i = 0; i < section->entries->len; i++)
    if (!read_display_key (self, g_ptr_array_index (section->entries, i),
            display))
      return;
  if (display->host == NULL && needs_host (section))
    add_problem (self, section->line, "host: it is missing");
  else if (self->config->displays->len >= FOYER_CORE_MAX_TARGETS)
    add_problem (self, section->line, "one display too many");
  else
    g_ptr_array_add (self->config->displays, g_steal_pointer (&display));
}

/* the file */

/* What follows "KIND ", if that is a name. */
static const char *
get_name (const FoyerSection *section, const char *kind)
{
  gsize n_bytes = strlen (kind);
  const char *name;

  if (strncmp (section->name, kind, n_bytes) != 0 ||
      section->name[n_bytes] != ' ')
    return NULL;
  name = section->name + n_bytes + 1;
  return foyer_text_is_name (name) ? name : NULL;
}

static void
read_section (Reading *self, const FoyerSection *section)
{
  const char *camera = get_name (section, "camera");
  const char *display = get_name (section, "display");

  if (strcmp (section->name, "service") == 0)
    read_service (self, section);
  else if (camera != NULL)
    read_camera (self, section, camera);
  else if (display != NULL)
    read_display (self, section, display);
  else if (get_name (section, "profile") == NULL &&
      (*section->name != '\0' || section->entries->len > 0))
    add_problem (self, section->line,
        "[%s]: none of [service], [profile NAME], [camera NAME] and "
        "[display NAME]",
        section->name);
}

/* First those that others name. */
static void
read_sections (Reading *self, const GPtrArray *sections)
{
  for (guint i = 0; i < sections->len; i++) {
    const FoyerSection *section = g_ptr_array_index (sections, i);
    const char *profile = get_name (section, "profile");

    if (profile != NULL)
      read_profile (self, section, profile);
  }
  for (guint i = 0; i < sections->len; i++)
    read_section (self, g_ptr_array_index (sections, i));
}

static FoyerConfig *
new_default (void)
{
  FoyerConfig *self = g_new0 (FoyerConfig, 1);

  self->history_days = 365;
  self->history_megabytes = 64;
  self->max_age_ms = 1000;
  self->target_delay_ms = 400;
  self->ticking = FOYER_TICKING_AUTO;
  self->profiles = g_ptr_array_new_with_free_func (profile_free);
  self->cameras = g_ptr_array_new_with_free_func (camera_free);
  self->displays = g_ptr_array_new_with_free_func (display_free);
  self->problems = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static FoyerConfig *
new_with_problem (const char *path, const char *words)
{
  FoyerConfig *self = new_default ();
  g_autofree char *safe = foyer_text_escape (words);

  g_ptr_array_add (self->problems,
      g_strdup_printf ("%s: %s; nothing in it counts", path, safe));
  return self;
}

FoyerConfig *
foyer_config_parse (const char *path, const char *text, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sections = NULL;
  g_autoptr (FoyerConfig) self = NULL;
  Reading reading;

  sections = foyer_sections_parse (text, n_bytes, &error);
  if (sections == NULL)
    return new_with_problem (path, error->message);
  self = new_default ();
  reading = (Reading){ self, path };
  read_sections (&reading, sections);
  return g_steal_pointer (&self);
}

FoyerConfig *
foyer_config_load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize n_bytes;

  if (!foyer_file_read (path, FOYER_SECTIONS_MAX_BYTES, &text, &n_bytes,
          &error))
    return new_with_problem (path, error->message);
  return text != NULL ? foyer_config_parse (path, text, n_bytes)
                      : new_default ();
}

void
foyer_config_free (FoyerConfig *self)
{
  g_ptr_array_unref (self->cameras);
  g_ptr_array_unref (self->profiles);
  g_ptr_array_unref (self->displays);
  g_ptr_array_unref (self->problems);
  g_free (self);
}
