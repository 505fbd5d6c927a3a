/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer that means ill. What it writes is drawn, but much of it is near to what could be, so that the other side goes on to read and to
 * send, and finds the next thing wrong behind.
 */
#include "message.h"
#include "peer.h"
#include "../linux/module/link_layout.h"

static uint64_t sequence;

/* xorshift64: nothing but varied, and the same for the same seed. */
static uint64_t draw(void)
{
    sequence ^= sequence << 13;
    sequence ^= sequence >> 7;
    sequence ^= sequence << 17;
    return sequence;
}

static volatile uint64_t *own_word(struct link *l, uint64_t byte)
{
    return l->own + byte / sizeof(uint64_t);
}

/* Near to a number, or any. */
static uint32_t near(uint32_t number)
{
    return draw() % 4U != 0U ? number + (uint32_t)(draw() % 5U) - 1U : (uint32_t)draw();
}

/* How far it says to have taken what the other has sent. */
static void spoil_tail(struct link *l)
{
    uint64_t head = l->peers[LINK_PRODUCER / sizeof(uint64_t)];
    uint64_t session = draw() % 8U != 0U ? head >> 32 : draw();

    *own_word(l, LINK_CONSUMER) = draw() % 4U != 0U ? head : session << 32 | near((uint32_t)head);
}

/* What it says to have sent. */
static void spoil_head(struct link *l)
{
    uint64_t tail = l->peers[LINK_CONSUMER / sizeof(uint64_t)];
    uint64_t session = draw() % 8U != 0U ? tail >> 32 : draw();

    *own_word(l, LINK_PRODUCER) = draw() % 16U != 0U ? session << 32 | near((uint32_t)tail + 1U) : draw() << 32;
}

static uint32_t nr_slots(const struct link *l)
{
    uint32_t slots = 1;

    while (SHM_LINE + (uint64_t)slots * 2U * LINK_SLOT_BYTES <= l->own_bytes - LINK_PRODUCER) {
        slots *= 2U;
    }
    return slots;
}

/* The beginning of a frame, perhaps. */
static uint64_t frame_word(uint32_t n)
{
    static const uint16_t types[] = { 0x0008, 0x0608, 0xdd86, 0x0081, 0x0000 }; /* as memory has them: IPv4, ARP, IPv6, VLAN, a length */

    switch (n) {
    case 0: /* to all, or to the other's own address, as the driver makes it (net.c there) */
        return draw() % 2U != 0U ? UINT64_MAX : draw();
    case 1:
        return (draw() & 0xffff0000ffffffffU) | (uint64_t)types[draw() % 5U] << 32 | 0x0045000000000000U;
    default:
        return draw();
    }
}

static void spoil_slot(struct link *l)
{
    uint64_t slot = LINK_PRODUCER + SHM_LINE + draw() % nr_slots(l) * LINK_SLOT_BYTES;
    uint32_t words = (uint32_t)(draw() % 32U);

    *own_word(l, slot) = draw() % 4U != 0U ? draw() % (LINK_SLOT_BYTES - 7U) : draw() % 2U != 0U ? LINK_SLOT_BYTES : draw();
    for (uint32_t n = 0; n < words; n++) {
        *own_word(l, slot + 8U + n * sizeof(uint64_t)) = frame_word(n);
    }
}

static void spoil_wants(struct link *l)
{
    l->own[LINK_WANTS_MESSAGES] = draw() % 2U;
    l->own[LINK_WANTS_ROOM] = draw() % 2U;
    l->own[LINK_UP] = draw() % 64U != 0U ? link_life(l) : draw();
}

/* Any word of what it may write, the common memory too. */
static void spoil_any(struct link *l)
{
    uint64_t size = 0;
    uint64_t common = channel_section(&l->channel, CHANNEL_INFO_ALL, &size);

    *own_word(l, draw() % l->own_bytes) = draw();
    if (size != 0U) {
        ((volatile uint64_t *)(uintptr_t)common)[draw() % (size / sizeof(uint64_t))] = draw();
    }
}

static void spoil(struct link *l)
{
    static void (*const ways[])(struct link *l) = { spoil_tail, spoil_head, spoil_slot, spoil_wants };
    uint64_t way = draw() % 64U;

    if (way < 32U) {
        ways[way % 4U](l);
    } else if (way < 34U) {
        spoil_any(l);
    } else if (way < 40U) {
        (void)channel_ring(&l->channel, l->peer);
    }
}

void be_hostile(struct link **links, unsigned nr, uint64_t seed)
{
    sequence = seed * 0x9e3779b97f4a7c15U | 1U;
    print("peer: hostile, seed %lu\n", seed);
    for (uint32_t round = 0; round % 256U != 0U || uart_getc() < 0; round++) {
        spoil(links[draw() % nr]);
    }
    print("peer: hostile no more\n");
}
