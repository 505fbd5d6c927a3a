/* SPDX-License-Identifier: Apache-2.0 */
/* Two VMs that ring each other: the first endpoint of a channel rings, the second rings back. */
#include "bench.h"
#include "channel.h"

static struct guest_channel channel;

static volatile uint64_t *word(uint32_t end)
{
    uint64_t size;

    return (volatile uint64_t *)(uintptr_t)channel_section(&channel, end, &size);
}

/* Until the peer has written n. What rings otherwise, as the peer starts, is slept through. */
static void until(uint32_t peer, uint64_t n)
{
    while (*word(peer) < n) {
        sleep_for_irq();
    }
}

static void turn(bool first, uint32_t peer, uint64_t n)
{
    if (!first) {
        until(peer, n);
    }
    *word(channel.self) = n;
    if (channel_ring(&channel, peer) != 0) {
        print("bench: doorbell: a ring was refused\n");
    }
    if (first) {
        until(peer, n);
    }
}

void bench_doorbell(uint64_t rounds)
{
    if (!channel_find(0, &channel) || channel.irq == 0U) {
        print("bench: doorbell: no channel with doorbells\n");
        return;
    }
    bool first = channel.self == 0U;
    uint32_t peer = first ? 1U : 0U;

    channel_listen(&channel);
    while (CHANNEL_STATE(channel_state(&channel, peer)) != CHANNEL_STATE_RUNNING) {
        sleep_for_irq(); /* it is told */
    }
    for (uint64_t n = 1; n <= 2U; n++) { /* both are there, and nothing of their starts is on its way */
        turn(first, peer, n);
    }
    for (uint64_t n = 3; n < rounds + 3U; n++) {
        MARK(MARK_DOORBELL);
        turn(first, peer, n);
    }
    MARK(MARK_END);
}
