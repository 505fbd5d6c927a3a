/* SPDX-License-Identifier: GPL-2.0-only */
/* Messages to and from the one peer of a channel of two endpoints; link_layout.h says how they lie in it. */
#ifndef BULKHEAD_LINK_H
#define BULKHEAD_LINK_H

#include "bulkhead.h"
#include "shm.h"

struct bulkhead_link {
    struct bulkhead_channel *ch;
    u32 peer;
    struct shm_queue out;
    struct shm_queue in;
    u64 *wants;              /* this VM's LINK_WANTS_MESSAGES, LINK_WANTS_ROOM, LINK_UP */
    const u64 *peers_wants;
    struct shm_producer tx;
    struct shm_consumer rx;
    bool met;                /* a session of the peer's has been seen since the driver was loaded */
};

/* ch->link, or NULL if the channel is not of two endpoints with outputs that have room for a slot. 0 or a negative errno. Undone with
 * the device. */
int bulkhead_link_init(struct bulkhead_channel *ch);

/* Begins both sides: a new session of what is sent, and what was not taken yet of what the peer has sent. Neither side is in use. */
void bulkhead_link_begin(struct bulkhead_link *link);

/* Bytes of the longest message there can be, either way. */
u32 bulkhead_link_payload(const struct bulkhead_link *link);

/*
 * What follows: senders one at a time, receivers one at a time; any context. -EAGAIN: not now; a ring will tell, if it was asked for.
 * -EPROTO: the peer has written what cannot be; the queue was begun anew.
 */

/* A place for the next message, the same one until it is sent. */
int bulkhead_link_reserve(struct bulkhead_link *link, void **payload);
/* Whether the peer has answered the session of what is sent, as was seen when a place was last asked for. */
bool bulkhead_link_answered(const struct bulkhead_link *link);
void bulkhead_link_send(struct bulkhead_link *link, u32 length);

/* The session of what is sent, and how many of its messages the peer has not acknowledged. 0 or -EPROTO. */
int bulkhead_link_sent(struct bulkhead_link *link, u32 *session, u32 *unacknowledged);

/* Begins a new session, which the peer has to answer: what it has not taken is gone. */
void bulkhead_link_send_anew(struct bulkhead_link *link);

/* The next message, the same one until it is released. -ECONNRESET, once: the peer has begun anew; what is lost is lost. -EBADMSG: its
 * length is not possible, and it was released. */
int bulkhead_link_peek(struct bulkhead_link *link, const void **payload, u32 *length);
/* Which message it is that was peeked at and is not released: another number each, never 0; 0: none. */
u64 bulkhead_link_held(const struct bulkhead_link *link);
void bulkhead_link_release(struct bulkhead_link *link);
/* After one release or more: rings a peer that waits for room. */
void bulkhead_link_released(struct bulkhead_link *link);

/* Whether the peer is to ring when there is a message, or room; what was asked for is seen before anything is looked at later. */
void bulkhead_link_want_messages(struct bulkhead_link *link, bool want);
void bulkhead_link_want_room(struct bulkhead_link *link, bool want);
bool bulkhead_link_wants_room(const struct bulkhead_link *link);

/* Tells the peer whether this VM's network interface is up. */
void bulkhead_link_tell_up(struct bulkhead_link *link, bool up);
/* Whether the peer, whose state that is, runs and says so of its own. */
bool bulkhead_link_peer_is_up(const struct bulkhead_link *link, u32 state);

#endif
