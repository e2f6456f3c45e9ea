/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* What libraries share that are preloaded into what runs in a case: a page that case
 * and process both have, and a look at each ioctl. */

/* Maps a page of a file. @variable: of the environment, which names the file.
 * Returns: NULL if it names none. A worker reaches it also when it is locked in. */
void *foyer_preload_open_page (const char *variable, size_t n_bytes);

/* Each library's own: before an ioctl is made. */
void foyer_preload_before_ioctl (uint32_t request);
