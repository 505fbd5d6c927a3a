/* SPDX-License-Identifier: Apache-2.0 */
/* What each ISA changes, on the calling CPU. */
#ifndef AGAIN_H
#define AGAIN_H

#include "guest.h"

/* What a guest may write of its own CPU, but what it runs by (vectors, stack), and its interrupts; one stays in service. */
void change_all(void);
/* What change_all changed, where nobody else could see whether a new life begins with it. Tells what is left. First CPU. */
void look_at_interrupts(void);

#endif
