/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RT_H
#define RT_H

#include "commands.h"
#include "guest.h"

/* What the ISA adds before the first tick: interrupts that nobody sends are enabled, so that a stray one shows. */
void rt_prepare(void);

/* The channel "telemetry", if the plan gives this guest one: link.c. NULL: it has none. Once, before the first tick and behind
 * irqc_init(). */
struct telemetry *link_begin(void);
/* The port has a new value: whoever watches is woken. */
void link_ring(void);

#endif
