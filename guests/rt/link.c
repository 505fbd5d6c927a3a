/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channel by which the guest is watched and told what to do. The watcher rings nobody: the guest looks for commands at its own
 * ticks, and its doorbell stays off. So nothing that a watcher does interrupts it.
 */
#include "channel.h"
#include "rt.h"
#include "shm_caches.h"

static struct guest_channel channel;
static struct telemetry telemetry;
static uint32_t watcher; /* its endpoint */

static void *at(uint64_t address)
{
    return (void *)(uintptr_t)address;
}

/* The number of the tree's channel of that label, and where it is. */
static bool find(unsigned *nth, uint64_t *base)
{
    uint32_t node = 0;

    for (*nth = 0; (node = fdt_compatible("bulkhead,channel-v1", *nth)) != FDT_NONE; (*nth)++) {
        uint64_t size = 0;

        if (fdt_has_string(node, "label", TELEMETRY_LABEL)) {
            return fdt_reg(node, 0, base, &size);
        }
    }
    return false;
}

static bool begin(uint32_t life)
{
    uint64_t own_size = 0;
    uint64_t peer_size = 0;
    void *own = at(channel_section(&channel, channel.self, &own_size));
    void *peer = at(channel_section(&channel, watcher, &peer_size));

    if (own == NULL || peer == NULL) {
        return false;
    }
    struct shm_port port = telemetry_port(own, own_size);
    struct shm_queue queue = telemetry_queue(peer, peer_size, own, own_size);
    return telemetry_begin(&telemetry, &port, &queue, life);
}

struct telemetry *link_begin(void)
{
    unsigned nth = 0;
    uint64_t base = 0;

    if (!find(&nth, &base)) {
        return NULL;
    }
    caches_on(base);
    if (!channel_find(nth, &channel)) {
        print("rt: no usable channel: its page of information\n");
        return NULL;
    }
    watcher = channel.self == 0U ? 1U : 0U;
    if (channel.info->nr_ends != 2U || !begin(CHANNEL_GENERATION(channel_state(&channel, channel.self)) & SHM_LIFE_MAX)) {
        print("rt: no usable channel: two endpoints with an output of 4 KiB each are wanted\n");
        return NULL;
    }
    print("rt: statistics and commands by channel %s\n", TELEMETRY_LABEL);
    return &telemetry;
}

/* Nobody may be listening: the watcher's VM is off, or the plan's rate used up. Then it sees the value when it looks. */
void link_ring(void)
{
    (void)channel_ring(&channel, watcher);
}
