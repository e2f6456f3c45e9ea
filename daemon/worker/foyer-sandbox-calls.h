/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "foyer-channel.h"

#include <seccomp.h>

G_BEGIN_DECLS

/* The system calls that each kind of worker may make once it has locked itself
 * in: a part of foyer-sandbox.h. */

#define FOYER_SANDBOX_CAMERA   (1u << FOYER_WORKER_CAMERA)
#define FOYER_SANDBOX_CAST     (1u << FOYER_WORKER_CAST)
#define FOYER_SANDBOX_LOOPBACK (1u << FOYER_WORKER_LOOPBACK)
#define FOYER_SANDBOX_SLATE    (1u << FOYER_WORKER_SLATE)
#define FOYER_SANDBOX_APP      (1u << FOYER_WORKER_APP)
/* A camera's, where libcamera takes the pictures, on threads of its own. */
#define FOYER_SANDBOX_LIBCAMERA (1u << 7)
/* Those that have the reading end of a link. */
#define FOYER_SANDBOX_READERS \
  (FOYER_SANDBOX_CAST | FOYER_SANDBOX_LOOPBACK | FOYER_SANDBOX_APP)
/* Those that draw and encode. */
#define FOYER_SANDBOX_MEDIA (FOYER_SANDBOX_CAMERA | FOYER_SANDBOX_SLATE)
#define FOYER_SANDBOX_ALL   (FOYER_SANDBOX_MEDIA | FOYER_SANDBOX_READERS)

/**
 * FoyerSandboxRule:
 * @number: a system call
 * @kinds: who may make it, a bit each
 * @n_args: how many of @args count
 * @args: what its arguments must be like
 */
typedef struct
{
  int number;
  guint kinds;
  guint n_args;
  struct scmp_arg_cmp args[2];
} FoyerSandboxRule;

/* What is not in here fails with EACCES. */
extern const FoyerSandboxRule foyer_sandbox_allowed[];
extern const guint foyer_sandbox_n_allowed;

/* What kills, since nobody calls it by accident. */
extern const int foyer_sandbox_deadly[];
extern const guint foyer_sandbox_n_deadly;

G_END_DECLS
