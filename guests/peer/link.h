/* SPDX-License-Identifier: Apache-2.0 */
/* A channel's two queues as the driver in Linux has them (guests/linux/module/link_layout.h), from the other side, and who is rung when. */
#ifndef PEER_LINK_H
#define PEER_LINK_H

#include "channel.h"
#include "shm.h"

struct link {
    struct guest_channel channel;
    uint32_t peer;
    uint64_t own_bytes;
    volatile uint64_t *own;         /* this guest's output */
    const volatile uint64_t *peers;
    struct shm_producer tx;
    struct shm_consumer rx;
    bool owed; /* a ring that the rate did not allow */
};

/* The channel of that name; false if there is none of two endpoints with outputs. */
bool link_find(struct link *l, const char *name);
/* This VM's life, as its peer sees it. */
uint32_t link_life(const struct link *l);
/* Begins both sides. */
bool link_begin(struct link *l);
/* Its network interface is up, or not. */
void link_tell_up(struct link *l, bool up);

/* After something was put, or released or answered. */
void link_put(struct link *l);
void link_released(struct link *l);
/* Rings what is owed. */
void link_pay(struct link *l);

#endif
