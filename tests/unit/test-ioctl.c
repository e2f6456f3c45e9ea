/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-fd.h"
#include "foyer-ioctl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define REQUEST 7u

static int
on_call (int fd, unsigned long request, void *argument, gpointer user_data)
{
  g_assert_cmpint (fd, ==, 5);
  g_assert_cmpuint (request, ==, REQUEST);
  g_assert_true (argument == user_data);
  errno = *(int *) argument;
  return errno == 0 ? 0 : -1;
}

static void
test_stand_in (void)
{
  int number = 0;
  const FoyerIoctl device = { .fd = 5, .call = on_call, .user_data = &number };

  g_assert_true (foyer_ioctl_ask (&device, REQUEST, &number));
  number = EBUSY;
  g_assert_false (foyer_ioctl_ask (&device, REQUEST, &number));
  g_assert_cmpint (errno, ==, EBUSY);
}

static void
test_device (void)
{
  foyer_autofd int fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
  FoyerIoctl device;

  foyer_ioctl_init (&device, fd);
  g_assert_false (foyer_ioctl_ask (&device, REQUEST, NULL));
  g_assert_cmpint (errno, ==, ENOTTY);
}

static void
assert_fails (int number, GFileError code, const char *words)
{
  g_autoptr (GError) error = NULL;

  errno = number;
  g_assert_false (foyer_ioctl_fail ("trying", &error));
  g_assert_error (error, G_FILE_ERROR, (int) code);
  g_assert_cmpstr (error->message, ==, words);
}

static void
test_fail (void)
{
  assert_fails (EBUSY, G_FILE_ERROR_FAILED, "trying: Device or resource busy");
  assert_fails (ENODEV, G_FILE_ERROR_NODEV, "trying: it is gone");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ioctl/stand-in", test_stand_in);
  g_test_add_func ("/ioctl/device", test_device);
  g_test_add_func ("/ioctl/fail", test_fail);
  return g_test_run ();
}
