/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "foyer-cast-error.h"
#include "foyer-cast-worker.h"
#include "foyer-sealed.h"
#include "foyer-worker.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What workers are made of, as far as it needs no process. */

#define MAX_BYTES 100

static void
test_reasons (void)
{
  for (int code = 0; code <= FOYER_CAST_ERROR_NOT_APPROVED; code++) {
    g_autoptr (GError) error = g_error_new_literal (FOYER_CAST_ERROR, code,
        "x");
    FoyerReason reason = foyer_cast_reason_from_error (error);

    g_assert_cmpint (reason, >, FOYER_REASON_NONE);
    g_assert_cmpint (reason, <, FOYER_N_REASONS);
  }
}

static void
test_reason_of_another_domain (void)
{
  g_autoptr (GError) other = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
      "x");
  g_autoptr (GError) unknown = g_error_new_literal (FOYER_CAST_ERROR, 9999,
      "x");

  g_assert_cmpint (foyer_cast_reason_from_error (other), ==,
      FOYER_REASON_WORKER_DIED);
  g_assert_cmpint (foyer_cast_reason_from_error (unknown), ==,
      FOYER_REASON_WORKER_DIED);
}

/* However long, and wherever it is cut: UTF-8 that a message can hold. */
static void
test_text (void)
{
  static const char *const letters[] = { "a", "\xc3\xa9", "\xe2\x82\xac",
    "\xf0\x9f\x8f\xa0", "\xff" };

  for (guint i = 0; i < G_N_ELEMENTS (letters); i++) {
    g_autoptr (GString) text = g_string_new (NULL);

    for (guint n = 0; n < 400; n++) {
      FoyerMessage message = { .type = FOYER_MESSAGE_LAUNCHED };
      guint8 bytes[FOYER_CHANNEL_MAX_BYTES];

      foyer_worker_set_text (&message, text->str);
      g_assert_cmpuint (foyer_message_write (&message, bytes, sizeof bytes), >,
          0);
      if (text->len < FOYER_CHANNEL_TEXT_BYTES && i < 4)
        g_assert_cmpstr (message.text, ==, text->str);
      else
        g_assert_cmpuint (strlen (message.text) + 5, >,
            MIN (text->len, FOYER_CHANNEL_TEXT_BYTES));
      g_string_append (text, letters[i]);
    }
  }
}

static void
test_sealed_round (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("slate", 5);
  g_autoptr (GBytes) back = NULL;
  int fd = foyer_sealed_new (bytes);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, "x", 1), <, 0);
  back = foyer_sealed_read (fd, MAX_BYTES);
  g_assert_true (g_bytes_equal (bytes, back));
}

static int
make_memory (gsize n_bytes, int seals)
{
  int fd = memfd_create ("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

  g_assert_no_errno (ftruncate (fd, (off_t) n_bytes));
  g_assert_no_errno (fcntl (fd, F_ADD_SEALS, seals));
  return fd;
}

static void
test_sealed_refused (void)
{
  const int all = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  const int each[] = { F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE };

  for (guint i = 0; i < G_N_ELEMENTS (each); i++)
    g_assert_null (
        foyer_sealed_read (make_memory (5, all & ~each[i]), MAX_BYTES));
  g_assert_null (foyer_sealed_read (make_memory (0, all), MAX_BYTES));
  g_assert_null (
      foyer_sealed_read (make_memory (MAX_BYTES + 1, all), MAX_BYTES));
  g_assert_null (
      foyer_sealed_read (open ("/dev/null", O_RDONLY | O_CLOEXEC), MAX_BYTES));
  g_bytes_unref (foyer_sealed_read (make_memory (MAX_BYTES, all), MAX_BYTES));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker-parts/reasons/all", test_reasons);
  g_test_add_func ("/worker-parts/reasons/other",
      test_reason_of_another_domain);
  g_test_add_func ("/worker-parts/text", test_text);
  g_test_add_func ("/worker-parts/sealed/round", test_sealed_round);
  g_test_add_func ("/worker-parts/sealed/refused", test_sealed_refused);
  return g_test_run ();
}
