/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-pcm.h"

#include <errno.h>
#include <sound/asound.h>
#include <sys/ioctl.h>

#define MAX_CHANNELS 2

typedef struct snd_pcm_hw_params Params;

/* Formats that are read, those first that are best. */
static const struct
{
  guint format;
  guint width_bits;
  guint width_bytes;
} formats[] = {
  { SNDRV_PCM_FORMAT_S16_LE, 16, 2 },
  { SNDRV_PCM_FORMAT_S32_LE, 32, 4 },
  { SNDRV_PCM_FORMAT_S24_3LE, 24, 3 },
};

/* what the device can do, and what it is to */

static struct snd_interval *
get_interval (Params *params, int which)
{
  return &params->intervals[which - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];
}

static void
set_any (Params *params)
{
  *params = (Params){ .rmask = ~0u, .info = ~0u };
  for (guint i = 0; i < G_N_ELEMENTS (params->masks); i++)
    for (guint k = 0; k < G_N_ELEMENTS (params->masks[i].bits); k++)
      params->masks[i].bits[k] = ~0u;
  for (guint i = 0; i < G_N_ELEMENTS (params->intervals); i++)
    params->intervals[i].max = G_MAXUINT32;
}

static void
set_mask (Params *params, int which, guint value)
{
  struct snd_mask *mask = &params->masks[which - SNDRV_PCM_HW_PARAM_FIRST_MASK];

  for (guint i = 0; i < G_N_ELEMENTS (mask->bits); i++)
    mask->bits[i] = 0;
  mask->bits[value / 32] = 1u << (value % 32);
}

static void
set_range (Params *params, int which, guint min, guint max)
{
  struct snd_interval *interval = get_interval (params, which);

  *interval = (struct snd_interval){ .min = min, .max = max };
}

/* Narrows what is possible to @min…@max; as it was if that is nothing. */
static gboolean
narrow (const FoyerPcm *self, Params *params, int which, guint min, guint max)
{
  const struct snd_interval *is = get_interval (params, which);
  Params tried = *params;

  set_range (&tried, which, MAX (is->min, min), MIN (is->max, max));
  if (get_interval (&tried, which)->min > get_interval (&tried, which)->max)
    return FALSE;
  tried.rmask = ~0u;
  if (!foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_HW_REFINE, &tried))
    return FALSE;
  *params = tried;
  return TRUE;
}

static gboolean
choose_format (const FoyerPcm *self, Params *params, FoyerPcmMode *mode)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    Params tried = *params;

    set_mask (&tried, SNDRV_PCM_HW_PARAM_FORMAT, formats[i].format);
    set_mask (&tried, SNDRV_PCM_HW_PARAM_SUBFORMAT, SNDRV_PCM_SUBFORMAT_STD);
    tried.rmask = ~0u;
    if (!foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_HW_REFINE, &tried))
      continue;
    *params = tried;
    mode->width_bits = formats[i].width_bits;
    mode->width_bytes = formats[i].width_bytes;
    return TRUE;
  }
  return FALSE;
}

/* The wished one, else the next above, else the next below. */
static gboolean
choose_rate (const FoyerPcm *self, Params *params, guint wish_hz)
{
  const int rate = SNDRV_PCM_HW_PARAM_RATE;

  if (narrow (self, params, rate, wish_hz, wish_hz))
    return TRUE;
  if (narrow (self, params, rate, wish_hz, FOYER_PCM_MAX_HZ))
    return narrow (self, params, rate, 0, get_interval (params, rate)->min + 1);
  if (narrow (self, params, rate, FOYER_PCM_MIN_HZ, wish_hz))
    return narrow (self, params, rate, get_interval (params, rate)->max - 1,
        G_MAXUINT32);
  return FALSE;
}

static gboolean
set_up (const FoyerPcm *self, guint rate_hz, FoyerPcmMode *mode, GError **error)
{
  Params params;

  set_any (&params);
  set_mask (&params, SNDRV_PCM_HW_PARAM_ACCESS,
      SNDRV_PCM_ACCESS_RW_INTERLEAVED);
  if (!choose_format (self, &params, mode) ||
      !(narrow (self, &params, SNDRV_PCM_HW_PARAM_CHANNELS, MAX_CHANNELS,
            MAX_CHANNELS) ||
          narrow (self, &params, SNDRV_PCM_HW_PARAM_CHANNELS, 1, 1)) ||
      !choose_rate (self, &params, rate_hz)) {
    if (errno == ENODEV)
      return foyer_ioctl_fail ("the microphone", error);
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
        "the microphone has no format or rate that can be read");
    return FALSE;
  }
  /* A hundred wakings a second, and a second of room, as far as it can. */
  if (!narrow (self, &params, SNDRV_PCM_HW_PARAM_PERIOD_TIME, 5000, 20000))
    g_debug ("the microphone has periods of its own");
  if (!narrow (self, &params, SNDRV_PCM_HW_PARAM_BUFFER_TIME, 200000, 1000000))
    g_debug ("the microphone has a ring of its own");
  params.rmask = ~0u;
  if (!foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_HW_PARAMS, &params))
    return foyer_ioctl_fail ("setting up the microphone", error);
  mode->n_channels = get_interval (&params, SNDRV_PCM_HW_PARAM_CHANNELS)->min;
  mode->rate_hz = get_interval (&params, SNDRV_PCM_HW_PARAM_RATE)->min;
  if (mode->n_channels >= 1 && mode->n_channels <= MAX_CHANNELS &&
      mode->rate_hz >= FOYER_PCM_MIN_HZ && mode->rate_hz <= FOYER_PCM_MAX_HZ)
    return TRUE;
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
      "the microphone took a rate that can't be");
  return FALSE;
}

static gboolean
capture (const FoyerPcm *self)
{
  return foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_PREPARE, NULL) &&
      foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_START, NULL);
}

gboolean
foyer_pcm_start (const FoyerPcm *self, guint rate_hz, FoyerPcmMode *mode,
    GError **error)
{
  errno = 0;
  if (!set_up (self, rate_hz, mode, error))
    return FALSE;
  return capture (self) || foyer_ioctl_fail ("starting the microphone", error);
}

/* A ring that ran over, or a machine that slept: what was in it is gone. */
static glong
begin_anew (const FoyerPcm *self, gboolean *is_torn, GError **error)
{
  *is_torn = TRUE;
  if (capture (self))
    return 0;
  (void) foyer_ioctl_fail ("the microphone", error);
  return -1;
}

glong
foyer_pcm_read (const FoyerPcm *self, void *samples, guint n_frames,
    guint *n_behind, gboolean *is_torn, GError **error)
{
  struct snd_xferi transfer = { .buf = samples, .frames = n_frames };
  snd_pcm_sframes_t behind = 0;

  *n_behind = 0;
  *is_torn = FALSE;
  if (!foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_READI_FRAMES, &transfer)) {
    if (errno == EAGAIN)
      return 0;
    if (errno == EPIPE || errno == ESTRPIPE)
      return begin_anew (self, is_torn, error);
    (void) foyer_ioctl_fail ("the microphone", error);
    return -1;
  }
  if (foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_DELAY, &behind))
    *n_behind = (guint) CLAMP (behind, 0, FOYER_PCM_MAX_HZ);
  return CLAMP (transfer.result, 0, (glong) n_frames);
}

void
foyer_pcm_stop (const FoyerPcm *self)
{
  if (!foyer_ioctl_ask (self, SNDRV_PCM_IOCTL_DROP, NULL))
    g_debug ("the microphone had stopped already");
}
