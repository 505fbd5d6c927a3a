/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RT_H
#define RT_H

#include "guest.h"

/* What the ISA adds before the first tick: interrupts that nobody sends are enabled, so that a stray one shows. */
void rt_prepare(void);

#endif
