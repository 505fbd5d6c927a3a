/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel has no C library: what stdint.h would give stands there. */
#include <linux/types.h>
