/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The discovery page of a channel: what its endpoints read of it and of each other. Little-endian; the page is "info" among the
 * channel's `reg` in the guest's device tree, the first of its memory, and no guest can write it. hvplan writes all of it but the
 * states and targets, which the hypervisor writes, each with one store, while guests run: with `state` read first and again at the
 * end, what was read between is of that life of the peer, if both are equal.
 *
 * When an endpoint's state changes the hypervisor makes the doorbell of every other endpoint that runs pending, after the store.
 */
#ifndef HV_CHANNEL_INFO_H
#define HV_CHANNEL_INFO_H

#include <stdint.h>

#define CHANNEL_INFO_MAGIC     0x314e4e48434b4842ULL /* "BHKCHNN1" in memory order */
#define CHANNEL_INFO_MAJOR     1U /* another one: nothing of the rest is known */
#define CHANNEL_INFO_MINOR     1U /* a higher one has more, behind what is here */
#define CHANNEL_INFO_NAME      16U
#define CHANNEL_INFO_ENDS      8U
#define CHANNEL_INFO_SECTIONS  (CHANNEL_INFO_ENDS + 1U)
#define CHANNEL_INFO_ALL       0xffffffffU

/* Bits 1:0 of a state; above them the generation, which lives of the VM count from 1 on (modulo 2^30). */
#define CHANNEL_STATE_ABSENT   0U /* it has not started yet */
#define CHANNEL_STATE_RUNNING  1U
#define CHANNEL_STATE_STOPPED  2U /* it has ended; perhaps it starts again */
#define CHANNEL_STATE(s)       ((s) & 3U)
#define CHANNEL_GENERATION(s)  ((s) >> 2)

#define CHANNEL_END_RO         1U /* it cannot write the common memory */
#define CHANNEL_END_DOORBELL   2U /* it has a doorbell, the interrupt of its node of the channel */

struct channel_info_end {
    char name[CHANNEL_INFO_NAME]; /* of the VM, NUL-terminated */
    uint32_t state;               /* CHANNEL_STATE, CHANNEL_GENERATION */
    uint32_t flags;               /* CHANNEL_END_* */
    uint32_t rate;                /* rings per second that it may make as a sender; 0: none */
    uint32_t burst;               /* rings at once, after a rest */
};

/* A part of the channel's memory in which all bytes have the same rights. */
struct channel_info_section {
    uint64_t offset; /* from this page on, in guest addresses */
    uint64_t size;   /* bytes */
    uint32_t writer; /* the endpoint that alone may write it; CHANNEL_INFO_ALL: the common memory */
    uint32_t reserved;
};

/*
 * Minor version 1, RISC-V with AIA: how an endpoint that the plan gives rings (rate above 0) rings another's doorbell without a call. It
 * reads `target`, and stores its CHANNEL_TARGET_ID, as 32 bits, to the first word of page CHANNEL_TARGET_FILE of the `files` at `offset`
 * (seteipnum_le of the interrupt file of the receiver's vCPU: AIA 1.0 3.5). If it then reads another target the receiver has moved its
 * doorbell meanwhile, and may have missed that ring: it calls instead, as it does where there is no target.
 */
struct channel_info_direct {
    uint64_t offset; /* of the receiver's interrupt files, a page for each vCPU, from this page on, in guest addresses; 0: there are none */
    uint32_t files;
    uint32_t target; /* what the receiver has in its APLIC's `target` of its doorbell, written by the hypervisor; 0: ring by call */
};
#define CHANNEL_TARGET(file, id) ((file) << 16 | (id))
#define CHANNEL_TARGET_FILE(t)   ((t) >> 16)
#define CHANNEL_TARGET_ID(t)     ((t) & 0xffffU)

struct channel_info {
    uint64_t magic;
    uint16_t major;
    uint16_t minor;
    uint32_t length;      /* bytes of the page that are used */
    char name[CHANNEL_INFO_NAME];
    uint32_t number;      /* of the channel, as the hypercalls have it */
    uint32_t nr_ends;
    uint32_t nr_sections;
    uint32_t reserved;
    struct channel_info_end end[CHANNEL_INFO_ENDS];
    struct channel_info_section section[CHANNEL_INFO_SECTIONS];
    struct channel_info_direct direct[CHANNEL_INFO_ENDS]; /* from here on: minor version 1 */
};

#endif
