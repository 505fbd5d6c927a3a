/* SPDX-License-Identifier: Apache-2.0 */
#include "core/console_turn.h"

#include "core/console.h"
#include "lib/string.h"

static struct {
    uint64_t sent[CONSOLE_PORTS]; /* by each port; for one that had nothing, raised to `level` */
    uint64_t rest[CONSOLE_PORTS]; /* the time until which it may not keep others waiting */
    uint64_t level;               /* what whoever began a line last had sent then: it had sent least */
    uint64_t idle;                /* ports that had nothing when asked last, as bits */
} turn;

_Static_assert(CONSOLE_PORTS <= 64U, "a set of ports is a doubleword");

void console_turn_reset(void)
{
    mem_zero(&turn, sizeof(turn));
}

static uint64_t bit(uint32_t port)
{
    return (uint64_t)1 << port;
}

uint32_t console_turn_next(uint64_t ready, uint32_t after)
{
    uint32_t best = CONSOLE_NONE;

    for (uint32_t i = 1; i <= CONSOLE_PORTS; i++) {
        uint32_t port = (after + i) % CONSOLE_PORTS;

        if ((ready & turn.idle & bit(port)) != 0U && turn.sent[port] < turn.level) {
            turn.sent[port] = turn.level;
        }
        if ((ready & bit(port)) != 0U && (best == CONSOLE_NONE || turn.sent[port] < turn.sent[best])) {
            best = port;
        }
    }
    turn.idle = ~ready;
    return best;
}

void console_turn_begin(uint32_t port)
{
    turn.level = turn.sent[port] > turn.level ? turn.sent[port] : turn.level;
}

void console_turn_sent(uint32_t port)
{
    turn.sent[port]++;
}

void console_turn_kept(uint32_t port, uint64_t now, uint64_t ticks)
{
    uint64_t from = turn.rest[port] > now ? turn.rest[port] : now;
    uint32_t others = 0;

    for (uint32_t i = 0; i < CONSOLE_PORTS; i++) {
        others += i != port && console_ports[i].name != NULL ? 1U : 0U;
    }
    turn.rest[port] = from + ticks * others;
}

uint64_t console_turn_rest(uint32_t port)
{
    return turn.rest[port];
}
