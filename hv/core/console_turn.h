/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is on the shared console. Each port has sent so many characters, counted on the wire: prefixes, line ends and
 * what stands for a character are the port's own. Of those that have something to print, the one that has sent least is next
 * (start-time fair queueing, by lines); who had nothing for a while gets no credit for it. So of two that always have something
 * neither sends more than a line beyond the other, whatever they print.
 *
 * Time is shared too: who let others wait while it had nothing to send (an open line that is held) may not do so again
 * until as much time has passed for each other port.
 *
 * Serving CPU alone, or the caller of console_flush; under the drain lock.
 */
#ifndef HV_CORE_CONSOLE_TURN_H
#define HV_CORE_CONSOLE_TURN_H

#include "hv/types.h"

void console_turn_reset(void);

/* The next port of those in `ready` (bits), CONSOLE_NONE if it is empty. To be asked each time before a line begins: it notes
 * who had nothing. Of two that have sent the same the first behind `after` is next. */
uint32_t console_turn_next(uint64_t ready, uint32_t after);

/* The port begins a line. */
void console_turn_begin(uint32_t port);

/* The port has sent a character, or used one up. */
void console_turn_sent(uint32_t port);

/* Others have waited so long, up to now, for the port, which had nothing to send. */
void console_turn_kept(uint32_t port, uint64_t now, uint64_t ticks);
/* The time from which on it may let others wait again. */
uint64_t console_turn_rest(uint32_t port);

#endif
