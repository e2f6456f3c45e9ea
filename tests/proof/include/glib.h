/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Of GLib, the types and macros that the proven files use: what a prover takes.
 * No function: whoever calls one is not proven. */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

typedef int8_t gint8;
typedef uint8_t guint8;
typedef int16_t gint16;
typedef uint16_t guint16;
typedef int32_t gint32;
typedef uint32_t guint32;
typedef int64_t gint64;
typedef uint64_t guint64;
typedef size_t gsize;
typedef long gssize;
typedef int gint;
typedef unsigned int guint;
typedef int gboolean;
typedef char gchar;
typedef void *gpointer;
typedef const void *gconstpointer;
typedef struct _GError GError;
typedef struct _GBytes GBytes;
typedef struct _GArray GArray;

#define FALSE       0
#define TRUE        1
#define G_MAXUINT8  UINT8_MAX
#define G_MAXUINT32 UINT32_MAX
#define G_BEGIN_DECLS
#define G_END_DECLS
#define G_GNUC_WARN_UNUSED_RESULT
#define G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(type, function)
#define G_DEFINE_AUTOPTR_CLEANUP_FUNC(type, function)
#define G_GINT64_CONSTANT(value)  (value##L)
#define G_GUINT64_CONSTANT(value) (value##UL)
#define G_USEC_PER_SEC            1000000
#define G_N_ELEMENTS(array)       (sizeof (array) / sizeof ((array)[0]))
#define MIN(a, b)                 ((a) < (b) ? (a) : (b))
#define MAX(a, b)                 ((a) > (b) ? (a) : (b))
#define CLAMP(x, low, high) \
  ((x) > (high) ? (high) : ((x) < (low) ? (low) : (x)))
