/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"
#include "shm_caches.h"
#include "../linux/module/link_layout.h"

static bool has_label(uint32_t node, const char *name)
{
    return fdt_has_string(node, "label", name);
}

bool link_find(struct link *l, const char *name)
{
    static bool cached;
    uint32_t node = 0;
    unsigned nth = 0;
    uint64_t base = 0;
    uint64_t size = 0;

    while ((node = fdt_compatible("bulkhead,channel-v1", nth)) != FDT_NONE && !has_label(node, name)) {
        nth++;
    }
    if (node == FDT_NONE || !fdt_reg(node, 0, &base, &size)) {
        return false;
    }
    if (!cached) { /* all channels lie side by side */
        caches_on(base);
        cached = true;
    }
    if (!channel_find(nth, &l->channel) || l->channel.info->nr_ends != 2U) {
        return false;
    }
    l->peer = 1U - l->channel.self;
    l->peers = (const volatile uint64_t *)(uintptr_t)channel_section(&l->channel, l->peer, &size);
    l->own = (volatile uint64_t *)(uintptr_t)channel_section(&l->channel, l->channel.self, &l->own_bytes);
    return l->own != NULL && l->peers != NULL && l->own_bytes == size; /* then both queues have as many slots */
}

uint32_t link_life(const struct link *l)
{
    return CHANNEL_GENERATION(channel_state(&l->channel, l->channel.self)) & SHM_LIFE_MAX;
}

/* As many slots as there is room for. */
static struct shm_queue queue_between(const struct link *l, const volatile uint64_t *from, const volatile uint64_t *to)
{
    uint8_t *producer = (uint8_t *)(uintptr_t)from + LINK_PRODUCER;
    struct shm_queue q = {
        producer, l->own_bytes - LINK_PRODUCER, (uint8_t *)(uintptr_t)to + LINK_CONSUMER, LINK_PRODUCER - LINK_CONSUMER,
        0x10000,  LINK_SLOT_BYTES,
    };

    while (q.slots > 1U && shm_producer_bytes(&q) > q.producer_bytes) {
        q.slots /= 2U;
    }
    return q;
}

static void ring(struct link *l)
{
    l->owed = channel_ring(&l->channel, l->peer) == RING_BUSY;
}

static void ring_if_wanted(struct link *l, uint32_t what)
{
    barrier();
    if (l->peers[what] != 0U) {
        ring(l);
    }
}

bool link_begin(struct link *l)
{
    struct shm_queue out = queue_between(l, l->own, l->peers);
    struct shm_queue in = queue_between(l, l->peers, l->own);

    l->own[LINK_WANTS_MESSAGES] = 0; /* it polls */
    l->own[LINK_WANTS_ROOM] = 0;
    l->own[LINK_UP] = 0;
    if (shm_consumer_init(&l->rx, &in, link_life(l)) != SHM_OK || shm_producer_init(&l->tx, &out, link_life(l)) != SHM_OK) {
        return false;
    }
    ring_if_wanted(l, LINK_WANTS_MESSAGES);
    return true;
}

void link_tell_up(struct link *l, bool up)
{
    l->own[LINK_UP] = up ? CHANNEL_GENERATION(channel_state(&l->channel, l->channel.self)) : 0U;
    ring(l);
}

void link_put(struct link *l)
{
    ring_if_wanted(l, LINK_WANTS_MESSAGES);
}

void link_released(struct link *l)
{
    ring_if_wanted(l, LINK_WANTS_ROOM);
}

void link_pay(struct link *l)
{
    if (l->owed) {
        ring(l);
    }
}
