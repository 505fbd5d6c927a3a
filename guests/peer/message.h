/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages by which it is known whether any is lost, torn, twice or out of order, whoever restarts; and the ledger that each side keeps of
 * them where it outlives it. A life is that of a program or a guest: each begins to count anew.
 */
#ifndef PEER_MESSAGE_H
#define PEER_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

struct message {
    uint32_t life;   /* of the sender, from 1 on */
    uint32_t number; /* in that life, from 0 on */
    uint32_t length; /* of all of it; it varies */
    uint32_t sum;    /* of all of it */
    uint8_t bytes[];
};

#define MESSAGE_MAX  1976U
#define LEDGER_LIVES 64U /* more than a test has */
#define LEDGER_BYTES 2048U

/*
 * One side's. Written by that side alone, each word at its time, so that it is right whenever the side ends: `tried` before a message is
 * sent, `acknowledged` when the sender has been told, `taken` before a message is acknowledged.
 */
struct ledger {
    uint32_t life;  /* the side's own */
    uint32_t wrong; /* messages taken that were torn, lost others before them, or came twice */
    uint32_t again; /* that came once more since the life before this one ended with it in its hands */
    uint32_t from;  /* the peer's life that the last one was of */
    uint32_t first; /* 1: the next one is the first of this life */
    struct {
        uint32_t tried, acknowledged; /* messages of the side's own life */
        uint32_t taken;               /* of the peer's life */
    } of[LEDGER_LIVES];
};

uint32_t message_length(uint32_t life, uint32_t number);

/* Writes it to `at`, a multiple of 4, message_length() bytes of it. */
void message_write(void *at, uint32_t life, uint32_t number);

/* A life begins. False: there have been too many. */
bool ledger_begin(volatile struct ledger *l);

/* A message has been received, which nobody changes any more, and is not acknowledged yet. */
void ledger_take(volatile struct ledger *l, const void *message, uint32_t length);

/* So many of the life's messages are not acknowledged, of `sent`, or of lives before as well. */
void ledger_hear(volatile struct ledger *l, uint32_t sent, uint32_t unacknowledged);

#endif
