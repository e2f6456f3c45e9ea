/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the build writes; nothing of it matters to what is proven. */
