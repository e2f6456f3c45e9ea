/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-pcm.h"

#include <errno.h>
#include <sound/asound.h>
#include <string.h>
#include <sys/ioctl.h>

#define N_FRAMES 16

typedef struct snd_pcm_hw_params Params;

/* A device that does what it is told to: one format, a range of rates. */
typedef struct
{
  guint format;
  guint min_channels, max_channels;
  guint min_hz, max_hz;
  guint lies_hz;    /* what it says in the end; 0 for the truth */
  int start_number; /* errno of starting */
  int read_number;  /* errno of the next read */
  glong n_ready;
  glong n_behind;
  guint n_starts;
  guint n_stops;
} Device;

static int
fail (int number)
{
  errno = number;
  return -1;
}

static struct snd_interval *
get_interval (Params *params, int which)
{
  return &params->intervals[which - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];
}

static gboolean
narrow (Params *params, int which, guint min, guint max)
{
  struct snd_interval *is = get_interval (params, which);

  is->min = MAX (is->min, min);
  is->max = MIN (is->max, max);
  return is->min <= is->max;
}

static int
refine (Device *self, Params *params)
{
  const struct snd_mask *mask =
      &params->masks[SNDRV_PCM_HW_PARAM_FORMAT - SNDRV_PCM_HW_PARAM_FIRST_MASK];

  if ((mask->bits[self->format / 32] & 1u << (self->format % 32)) == 0 ||
      !narrow (params, SNDRV_PCM_HW_PARAM_CHANNELS, self->min_channels,
          self->max_channels) ||
      !narrow (params, SNDRV_PCM_HW_PARAM_RATE, self->min_hz, self->max_hz))
    return fail (EINVAL);
  return 0;
}

static int
set_up (Device *self, Params *params)
{
  struct snd_interval *rate = get_interval (params, SNDRV_PCM_HW_PARAM_RATE);

  if (refine (self, params) < 0)
    return -1;
  rate->max = rate->min;
  if (self->lies_hz != 0)
    rate->min = self->lies_hz;
  return 0;
}

static int
read_frames (Device *self, struct snd_xferi *transfer)
{
  if (self->read_number != 0) {
    int number = self->read_number;

    self->read_number = number == ENODEV ? number : 0;
    return fail (number);
  }
  if (self->n_ready == 0)
    return fail (EAGAIN);
  transfer->result = self->n_ready;
  return 0;
}

static int
call (int fd, unsigned long request, void *argument, gpointer user_data)
{
  Device *self = user_data;

  switch (request) {
    case SNDRV_PCM_IOCTL_HW_REFINE:
      return refine (self, argument);
    case SNDRV_PCM_IOCTL_HW_PARAMS:
      return set_up (self, argument);
    case SNDRV_PCM_IOCTL_PREPARE:
      return 0;
    case SNDRV_PCM_IOCTL_START:
      self->n_starts++;
      return self->start_number != 0 ? fail (self->start_number) : 0;
    case SNDRV_PCM_IOCTL_READI_FRAMES:
      return read_frames (self, argument);
    case SNDRV_PCM_IOCTL_DELAY:
      *(snd_pcm_sframes_t *) argument = self->n_behind;
      return 0;
    case SNDRV_PCM_IOCTL_DROP:
      self->n_stops++;
      return 0;
    default:
      return fail (ENOTTY);
  }
}

static FoyerPcm
make_pcm (Device *device)
{
  return (FoyerPcm){ .fd = -1, .call = call, .user_data = device };
}

static void
assert_mode (Device device, guint width_bits, guint width_bytes,
    guint n_channels, guint rate_hz)
{
  FoyerPcm pcm = make_pcm (&device);
  g_autoptr (GError) error = NULL;
  FoyerPcmMode mode;

  g_assert_true (foyer_pcm_start (&pcm, 48000, &mode, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (mode.width_bits, ==, width_bits);
  g_assert_cmpuint (mode.width_bytes, ==, width_bytes);
  g_assert_cmpuint (mode.n_channels, ==, n_channels);
  g_assert_cmpuint (mode.rate_hz, ==, rate_hz);
  g_assert_cmpuint (device.n_starts, ==, 1);
}

static void
test_modes (void)
{
  assert_mode ((Device){ SNDRV_PCM_FORMAT_S16_LE, 1, 8, 8000, 192000 }, 16, 2,
      2, 48000);
  assert_mode ((Device){ SNDRV_PCM_FORMAT_S16_LE, 1, 1, 16000, 16000 }, 16, 2,
      1, 16000);
  assert_mode ((Device){ SNDRV_PCM_FORMAT_S24_3LE, 2, 2, 44100, 44100 }, 24, 3,
      2, 44100);
  assert_mode ((Device){ SNDRV_PCM_FORMAT_S32_LE, 1, 2, 96000, 192000 }, 32, 4,
      2, 96000);
}

static void
assert_refused (Device device, int code)
{
  FoyerPcm pcm = make_pcm (&device);
  g_autoptr (GError) error = NULL;
  FoyerPcmMode mode;

  g_assert_false (foyer_pcm_start (&pcm, 48000, &mode, &error));
  g_assert_error (error, G_FILE_ERROR, code);
}

/* Nothing that can be read, and what can't be. */
static void
test_refused (void)
{
  assert_refused ((Device){ SNDRV_PCM_FORMAT_MU_LAW, 1, 2, 48000, 48000 },
      G_FILE_ERROR_INVAL);
  assert_refused ((Device){ SNDRV_PCM_FORMAT_S16_LE, 4, 8, 48000, 48000 },
      G_FILE_ERROR_INVAL);
  assert_refused ((Device){ SNDRV_PCM_FORMAT_S16_LE, 1, 2, 4000, 4000 },
      G_FILE_ERROR_INVAL);
  assert_refused ((Device){ SNDRV_PCM_FORMAT_S16_LE, 1, 2, 48000, 48000,
                      .lies_hz = 1 },
      G_FILE_ERROR_INVAL);
  assert_refused ((Device){ SNDRV_PCM_FORMAT_S16_LE, 1, 2, 48000, 48000,
                      .lies_hz = G_MAXUINT32 },
      G_FILE_ERROR_INVAL);
  assert_refused ((Device){ SNDRV_PCM_FORMAT_S16_LE, 1, 2, 48000, 48000,
                      .start_number = ENODEV },
      G_FILE_ERROR_NODEV);
}

static void
test_read (void)
{
  Device device = { .n_ready = 7, .n_behind = 3 };
  FoyerPcm pcm = make_pcm (&device);
  g_autoptr (GError) error = NULL;
  gint16 samples[N_FRAMES];
  gboolean is_torn;
  guint n_behind;

  g_assert_cmpint (foyer_pcm_read (&pcm, samples, N_FRAMES, &n_behind, &is_torn,
                       &error),
      ==, 7);
  g_assert_cmpuint (n_behind, ==, 3);
  g_assert_false (is_torn);
  device.n_ready = 0;
  g_assert_cmpint (foyer_pcm_read (&pcm, samples, N_FRAMES, &n_behind, &is_torn,
                       &error),
      ==, 0);
  /* More than there was room for, and more behind than can be. */
  device.n_ready = G_MAXLONG;
  device.n_behind = G_MAXLONG;
  g_assert_cmpint (foyer_pcm_read (&pcm, samples, N_FRAMES, &n_behind, &is_torn,
                       &error),
      ==, N_FRAMES);
  g_assert_cmpuint (n_behind, ==, FOYER_PCM_MAX_HZ);
  foyer_pcm_stop (&pcm);
  g_assert_cmpuint (device.n_stops, ==, 1);
}

/* A ring that ran over begins anew, a device that is gone ends. */
static void
test_faults (void)
{
  Device device = { .n_ready = 7, .read_number = EPIPE };
  FoyerPcm pcm = make_pcm (&device);
  g_autoptr (GError) error = NULL;
  gint16 samples[N_FRAMES];
  gboolean is_torn;
  guint n_behind;

  g_assert_cmpint (foyer_pcm_read (&pcm, samples, N_FRAMES, &n_behind, &is_torn,
                       &error),
      ==, 0);
  g_assert_true (is_torn);
  g_assert_cmpuint (device.n_starts, ==, 1);
  g_assert_cmpint (foyer_pcm_read (&pcm, samples, N_FRAMES, &n_behind, &is_torn,
                       &error),
      ==, 7);
  g_assert_false (is_torn);
  device.read_number = ENODEV;
  g_assert_cmpint (foyer_pcm_read (&pcm, samples, N_FRAMES, &n_behind, &is_torn,
                       &error),
      ==, -1);
  g_assert_cmpstr (error->message, ==, "the microphone: it is gone");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcm/modes", test_modes);
  g_test_add_func ("/pcm/refused", test_refused);
  g_test_add_func ("/pcm/read", test_read);
  g_test_add_func ("/pcm/faults", test_faults);
  return g_test_run ();
}
