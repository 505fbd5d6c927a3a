/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

static uint32_t sum_of(const struct message *m)
{
    uint32_t sum = 2166136261U ^ m->life * 31U ^ m->number * 7U ^ m->length * 3U;

    for (uint32_t i = 0; i < m->length - sizeof(*m); i++) {
        sum = (sum ^ m->bytes[i]) * 16777619U; /* FNV */
    }
    return sum;
}

uint32_t message_length(uint32_t life, uint32_t number)
{
    uint32_t spread = number * 2654435761U + life * 40503U;

    return (uint32_t)sizeof(struct message) + (spread >> 8) % (MESSAGE_MAX - (uint32_t)sizeof(struct message) + 1U);
}

void message_write(void *at, uint32_t life, uint32_t number)
{
    struct message *m = at;

    m->life = life;
    m->number = number;
    m->length = message_length(life, number);
    for (uint32_t i = 0; i < m->length - sizeof(*m); i++) {
        m->bytes[i] = (uint8_t)(number * 13U + life * 101U + i);
    }
    m->sum = sum_of(m);
}

static bool is_whole(const struct message *m, uint32_t length)
{
    return length >= sizeof(*m) && length <= MESSAGE_MAX && m->length == length && length == message_length(m->life, m->number) &&
           m->sum == sum_of(m);
}

bool ledger_begin(volatile struct ledger *l)
{
    if (l->life >= LEDGER_LIVES - 1U) {
        return false;
    }
    l->first = 1;
    l->life++;
    return true;
}

void ledger_take(volatile struct ledger *l, const void *message, uint32_t length)
{
    const struct message *m = message;
    bool first = l->first != 0U;

    l->first = 0;
    if (!is_whole(m, length) || m->life == 0U || m->life >= LEDGER_LIVES || m->life < l->from) {
        l->wrong++;
        return;
    }
    if (first && m->life == l->from && m->number + 1U == l->of[m->life].taken) {
        l->again++;
        return;
    }
    if (m->number != l->of[m->life].taken) {
        l->wrong++;
    }
    l->from = m->life;
    l->of[m->life].taken = m->number + 1U;
}

void ledger_hear(volatile struct ledger *l, uint32_t sent, uint32_t unacknowledged)
{
    if (sent > unacknowledged) {
        l->of[l->life].acknowledged = sent - unacknowledged;
    }
}
