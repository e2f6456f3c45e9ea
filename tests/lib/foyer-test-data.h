/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Bytes from hex digits; blanks between them are skipped. Aborts on others. */
GBytes *foyer_test_hex (const char *hex);

/* The file tests/data/@name, whole. Aborts if it can't be read. */
GBytes *foyer_test_load (const char *name);

/* Asserts that @n_bytes at @data are what @hex says. */
void foyer_test_assert_hex (const guint8 *data, gsize n_bytes, const char *hex);

G_END_DECLS
