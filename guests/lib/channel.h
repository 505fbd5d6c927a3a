/* SPDX-License-Identifier: Apache-2.0 */
/* Channels of this VM, as its device tree and their discovery pages tell of them (hv/channel_info.h). */
#ifndef GUEST_CHANNEL_H
#define GUEST_CHANNEL_H

#include "guest.h"
#include "hv/channel_info.h"

struct guest_channel {
    const volatile struct channel_info *info; /* nobody here can write it */
    uint64_t base; /* of the page, and so of the channel */
    uint64_t size; /* of all its sections and the page */
    uint32_t self; /* this VM's endpoint */
    uint32_t irq;  /* its doorbell, as irq_enable takes it; 0: none */
    bool direct;   /* it has the others' interrupt files, and may ring so */
};

/* The nth channel in the tree, once irqc_init() knows whose interrupts it tells of; false if there is none, or its page is not as this version knows it. */
bool channel_find(unsigned nth, struct guest_channel *c);

/* The memory that an endpoint alone writes, or all do (CHANNEL_INFO_ALL); 0 if there is none. */
uint64_t channel_section(const struct guest_channel *c, uint32_t writer, uint64_t *size);

/* The doorbell comes to the calling CPU: as an edge, which is all that it is. irqc_init_cpu was before. */
void channel_listen(const struct guest_channel *c);

/* CHANNEL_STATE and CHANNEL_GENERATION of an endpoint. */
uint32_t channel_state(const struct guest_channel *c, uint32_t end);

/* Where the interrupt file of vCPU `file` of an endpoint is, to be rung directly; 0: this VM has it not. */
#define CHANNEL_FILE_SIZE 4096U
uint64_t channel_file(const struct guest_channel *c, uint32_t end, uint32_t file);

/* Rings an endpoint's doorbell: directly if the channel is so and the doorbell is ready, else by the call, whose answer it is. What was
 * stored before is seen by it. */
enum { RING_INVALID = -3, RING_DENIED = -4, RING_STOPPED = -10, RING_BUSY = -12 };
int64_t channel_ring(const struct guest_channel *c, uint32_t end);

#endif
