/* SPDX-License-Identifier: Apache-2.0 */
/* State of the emulated UARTs: vconsole.c's alone, and for tests to look at. */
#ifndef HV_VDEV_VCONSOLE_STATE_H
#define HV_VDEV_VCONSOLE_STATE_H

#include "hv/types.h"
#include "lib/atomic.h"
#include "vdev/vuart.h"

struct vconsole {
    struct spinlock lock; /* the rest of it, and this VM's side of its port */
    struct vuart uart;
    bool line; /* as virqc_set_line was told last */
};

extern struct vconsole vconsoles[HV_MAX_VMS];

#endif
