/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-test-microphone.h"

#include "foyer-clock.h"
#include "foyer-tone.h"

#include <errno.h>
#include <gst/gst.h>
#include <sound/asound.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int
fail (int number)
{
  errno = number;
  return -1;
}

static gboolean
allow (struct snd_pcm_hw_params *params, int which, guint value)
{
  struct snd_interval *range =
      &params->intervals[which - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];
  gboolean is_in = range->min <= value && value <= range->max;

  range->min = range->max = value;
  return is_in;
}

static guint
count_ready (FoyerTestMicrophone *self)
{
  guint64 n = (guint64) (foyer_clock_get_us (foyer_clock_get_system ()) -
                  self->start_us) *
      FOYER_TONE_HZ * self->percent / 100 / G_USEC_PER_SEC;

  return (guint) (n - MIN (n, self->n_given));
}

static int
read_frames (FoyerTestMicrophone *self, int fd, struct snd_xferi *transfer)
{
  guint n = MIN (count_ready (self), (guint) transfer->frames);
  guint64 n_wakings;

  if (g_atomic_int_get (&self->is_gone))
    return fail (ENODEV);
  if (self->n_overrun > 0 && self->n_given > 10000) {
    self->n_overrun--;
    return fail (EPIPE);
  }
  if (n == 0)
    return read (fd, &n_wakings, sizeof n_wakings) < 0 ? -1 : fail (EAGAIN);
  foyer_tone_draw (transfer->buf, n,
      (guint64) self->start_us * 1000 +
          gst_util_uint64_scale (self->n_given, GST_SECOND, FOYER_TONE_HZ),
      self->camera);
  if (g_atomic_int_get (&self->is_muted))
    memset (transfer->buf, 0, n * sizeof (gint16));
  self->n_given += n;
  transfer->result = n;
  return 0;
}

static int
on_ioctl (int fd, unsigned long request, void *argument, gpointer user_data)
{
  FoyerTestMicrophone *self = user_data;

  switch (request) {
    case SNDRV_PCM_IOCTL_HW_REFINE:
    case SNDRV_PCM_IOCTL_HW_PARAMS:
      return allow (argument, SNDRV_PCM_HW_PARAM_CHANNELS, 1) &&
              allow (argument, SNDRV_PCM_HW_PARAM_RATE, FOYER_TONE_HZ)
          ? 0
          : fail (EINVAL);
    case SNDRV_PCM_IOCTL_PREPARE:
      return 0;
    case SNDRV_PCM_IOCTL_START:
      g_atomic_int_inc (&self->n_starts);
      self->start_us = foyer_clock_get_us (foyer_clock_get_system ());
      self->n_given = 0;
      return 0;
    case SNDRV_PCM_IOCTL_READI_FRAMES:
      return read_frames (self, fd, argument);
    case SNDRV_PCM_IOCTL_DELAY:
      *(snd_pcm_sframes_t *) argument = count_ready (self);
      return 0;
    case SNDRV_PCM_IOCTL_DROP:
      g_atomic_int_inc (&self->n_stops);
      return 0;
    default:
      return fail (ENOTTY);
  }
}

void
foyer_test_microphone_init (FoyerTestMicrophone *self, guint camera)
{
  *self = (FoyerTestMicrophone){ .camera = camera, .percent = 100 };
}

FoyerPcm
foyer_test_microphone_get_pcm (FoyerTestMicrophone *self)
{
  return (FoyerPcm){ .fd = -1, .call = on_ioctl, .user_data = self };
}

int
foyer_test_microphone_open (gboolean wakes)
{
  const struct itimerspec steps = { { 0, FOYER_TEST_MICROPHONE_STEP_NS },
    { 0, FOYER_TEST_MICROPHONE_STEP_NS } };
  int fd = wakes ? timerfd_create (CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)
                 : eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);

  g_assert_cmpint (fd, >=, 0);
  if (wakes)
    g_assert_cmpint (timerfd_settime (fd, 0, &steps, NULL), ==, 0);
  return fd;
}
