/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls, and replay.c: the target under its own name. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes);
