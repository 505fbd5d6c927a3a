/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel has no C library: what stddef.h would give stands there. */
#include <linux/stddef.h>
#include <linux/types.h>
