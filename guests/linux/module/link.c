// SPDX-License-Identifier: GPL-2.0-only
/* Messages over the two queues of a channel, and who is rung when. */
#include "link.h"
#include "link_layout.h"

#include <linux/errno.h>
#include <linux/io.h>

#include <asm/barrier.h>

/* The output of an endpoint, mapped. NULL: it has none that is large enough. */
static void *map_output(struct bulkhead_channel *ch, u32 end, size_t *bytes)
{
    u32 i;

    for (i = 0; i < ch->info->nr_sections; i++) {
        const struct channel_info_section *s = &ch->info->section[i];

        if (s->writer == end && s->size >= LINK_PRODUCER + SHM_LINE + LINK_SLOT_BYTES) {
            *bytes = s->size;
            return devm_memremap(ch->dev, ch->base + s->offset, s->size, MEMREMAP_WB);
        }
    }
    return NULL;
}

/* A queue from one output to the other, with as many slots as the first has room for. */
static struct shm_queue queue_between(u8 *from, size_t from_bytes, u8 *to)
{
    struct shm_queue q = {
        .producer = from + LINK_PRODUCER,
        .producer_bytes = from_bytes - LINK_PRODUCER,
        .consumer = to + LINK_CONSUMER,
        .consumer_bytes = LINK_PRODUCER - LINK_CONSUMER,
        .slots = 0x10000,
        .slot_bytes = LINK_SLOT_BYTES,
    };

    while (q.slots > 1U && shm_producer_bytes(&q) > q.producer_bytes) {
        q.slots /= 2U;
    }
    return q;
}

/* Does what was done so far be seen before the peer's wish is looked at. */
static void ring_if_wanted(struct bulkhead_link *link, u32 what)
{
    virt_mb();
    if (READ_ONCE(link->peers_wants[what]) != 0U) {
        bulkhead_kick(link->ch, link->peer);
    }
}

static void want(struct bulkhead_link *link, u32 what, bool it)
{
    WRITE_ONCE(link->wants[what], it);
    virt_mb();
}

void bulkhead_link_want_messages(struct bulkhead_link *link, bool it)
{
    want(link, LINK_WANTS_MESSAGES, it);
}

void bulkhead_link_want_room(struct bulkhead_link *link, bool it)
{
    want(link, LINK_WANTS_ROOM, it);
}

bool bulkhead_link_wants_room(const struct bulkhead_link *link)
{
    return READ_ONCE(link->wants[LINK_WANTS_ROOM]) != 0U;
}

static u32 own_generation(const struct bulkhead_channel *ch)
{
    return CHANNEL_GENERATION(READ_ONCE(ch->info->end[ch->self].state));
}

void bulkhead_link_tell_up(struct bulkhead_link *link, bool up)
{
    WRITE_ONCE(link->wants[LINK_UP], up ? own_generation(link->ch) : 0U);
    bulkhead_kick(link->ch, link->peer);
}

bool bulkhead_link_peer_is_up(const struct bulkhead_link *link, u32 state)
{
    return CHANNEL_STATE(state) == CHANNEL_STATE_RUNNING && READ_ONCE(link->peers_wants[LINK_UP]) == CHANNEL_GENERATION(state);
}

/* Another one in each life of the VM, from 1 on. */
static u32 own_life(const struct bulkhead_channel *ch)
{
    u32 generation = own_generation(ch) & SHM_LIFE_MAX;

    return generation != 0U ? generation : SHM_LIFE_MAX;
}

int bulkhead_link_init(struct bulkhead_channel *ch)
{
    struct bulkhead_link *link = devm_kzalloc(ch->dev, sizeof(*link), GFP_KERNEL);
    size_t own_bytes = 0;
    size_t peers_bytes = 0;
    u8 *own;
    u8 *peers;

    if (link == NULL) {
        return -ENOMEM;
    }
    if (ch->info->nr_ends != 2U) {
        return 0;
    }
    link->ch = ch;
    link->peer = 1U - ch->self;
    own = map_output(ch, ch->self, &own_bytes);
    peers = map_output(ch, link->peer, &peers_bytes);
    if (IS_ERR(own) || IS_ERR(peers)) {
        return IS_ERR(own) ? PTR_ERR(own) : PTR_ERR(peers);
    }
    if (own == NULL || peers == NULL) {
        return 0;
    }
    link->wants = (u64 *)(own + LINK_WANTS);
    link->peers_wants = (const u64 *)(peers + LINK_WANTS);
    link->out = queue_between(own, own_bytes, peers);
    link->in = queue_between(peers, peers_bytes, own);
    ch->link = link;
    if (READ_ONCE(link->wants[LINK_UP]) != 0U) {
        bulkhead_link_tell_up(link, false); /* the kernel of this life that this one was started from may have left it */
    }
    return 0;
}

void bulkhead_link_begin(struct bulkhead_link *link)
{
    u32 life = own_life(link->ch);

    WARN_ON_ONCE(shm_consumer_init(&link->rx, &link->in, life) != SHM_OK);
    WARN_ON_ONCE(shm_producer_init(&link->tx, &link->out, life) != SHM_OK);
    bulkhead_link_want_messages(link, false);
    bulkhead_link_want_room(link, false);
    ring_if_wanted(link, LINK_WANTS_MESSAGES); /* there is a session to be answered */
}

u32 bulkhead_link_payload(const struct bulkhead_link *link)
{
    return shm_payload_bytes(&link->tx.q);
}

int bulkhead_link_reserve(struct bulkhead_link *link, void **payload)
{
    switch (shm_reserve(&link->tx, payload)) {
    case SHM_OK:
        return 0;
    case SHM_FULL:
    case SHM_NO_PEER:
        return -EAGAIN;
    default:
        bulkhead_link_send_anew(link);
        return -EPROTO;
    }
}

void bulkhead_link_send_anew(struct bulkhead_link *link)
{
    shm_producer_reset(&link->tx);
    ring_if_wanted(link, LINK_WANTS_MESSAGES);
}

bool bulkhead_link_answered(const struct bulkhead_link *link)
{
    return link->tx.answered;
}

void bulkhead_link_send(struct bulkhead_link *link, u32 length)
{
    WARN_ON_ONCE(shm_commit(&link->tx, length) != SHM_OK);
    ring_if_wanted(link, LINK_WANTS_MESSAGES);
}

int bulkhead_link_sent(struct bulkhead_link *link, u32 *session, u32 *unacknowledged)
{
    enum shm_status s = shm_unacknowledged(&link->tx, unacknowledged);

    *session = link->tx.session;
    if (s == SHM_BAD_PEER) {
        bulkhead_link_send_anew(link);
        return -EPROTO;
    }
    return 0;
}

int bulkhead_link_peek(struct bulkhead_link *link, const void **payload, u32 *length)
{
    bool met = link->met;

    switch (shm_peek(&link->rx, payload, length)) {
    case SHM_OK:
        link->met = true;
        return 0;
    case SHM_EMPTY:
    case SHM_NO_PEER:
        return -EAGAIN;
    case SHM_NEW_PEER: /* which is answered now */
        link->met = true;
        ring_if_wanted(link, LINK_WANTS_ROOM);
        return met ? -ECONNRESET : bulkhead_link_peek(link, payload, length);
    case SHM_BAD_LENGTH:
        bulkhead_link_release(link);
        bulkhead_link_released(link);
        return -EBADMSG;
    default:
        shm_consumer_reset(&link->rx);
        ring_if_wanted(link, LINK_WANTS_ROOM);
        return -EPROTO;
    }
}

u64 bulkhead_link_held(const struct bulkhead_link *link)
{
    return link->rx.held != SHM_EMPTY ? (u64)link->rx.session << 32 | link->rx.taken : 0U;
}

void bulkhead_link_release(struct bulkhead_link *link)
{
    WARN_ON_ONCE(shm_release(&link->rx) != SHM_OK);
}

void bulkhead_link_released(struct bulkhead_link *link)
{
    ring_if_wanted(link, LINK_WANTS_ROOM);
}
