// SPDX-License-Identifier: GPL-2.0-only
/* The queue that all guests have, compiled for the kernel: with shm_kernel.h and c11/. */
#include "shm_queue.c"
