/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: memory that several VMs have in common. front_channel.c reads them, channel.c lays them out and tells of them. */
#ifndef SIM_HVPLAN_CHANNEL_H
#define SIM_HVPLAN_CHANNEL_H

#include "hv/plan.h"

#define MAX_CHANNELS 16U
#define CHANNEL_PIECES (2U + PLAN_MAX_ENDS)
#define DEFAULT_RATE   10000U /* rings per second, and at once */
#define DEFAULT_BURST  16U

struct run;
struct vm;
struct tree;
struct zone;

struct sys_endpoint {
    const char *name; /* of the VM */
    const char *path;
    uint64_t output;  /* bytes that this one alone writes; 0: none */
    bool ro;          /* it does not write the common memory */
    uint32_t rate;    /* these two as in struct plan_endpoint; both 0 without doorbells */
    uint32_t burst;
};

struct sys_channel {
    const char *name;
    const char *path;
    uint64_t memory;  /* bytes of the common memory; 0: none */
    uint64_t colours; /* 0: contiguous */
    bool doorbells;
    bool direct;      /* and its endpoints have each other's interrupt files */
    struct sys_endpoint end[PLAN_MAX_ENDS];
    unsigned nr_ends;
};

/* Memory of a channel with the same rights all over: its discovery page, the common memory, or an endpoint's output. */
struct channel_piece {
    enum { PIECE_INFO, PIECE_COMMON, PIECE_OUTPUT } kind;
    const struct sys_endpoint *writer; /* of an output */
    uint64_t pa;
    uint64_t size;
};

struct channel {
    const struct sys_channel *sys;
    struct vm *vm[PLAN_MAX_ENDS]; /* of each endpoint */
    uint64_t ipa[PLAN_MAX_ENDS];  /* where each has it: its pieces one behind the other */
    uint32_t intid[PLAN_MAX_ENDS]; /* its doorbell; 0: none */
    unsigned nr_pieces;
    struct channel_piece piece[CHANNEL_PIECES];
};

/* What the plan says of channels against its VMs. */
void channels_resolve(struct run *r);
/* doorbell.c: an interrupt for each doorbell, that the board's tree has nothing at. */
void channels_doorbells(struct run *r);
/* Bytes of its memory. */
uint64_t channel_size(const struct channel *c);
/* Before a VM's tree is made: where it has its channels, behind all else of its memory. */
void channels_address(struct run *r);
/* Where they lie in physical memory: what is contiguous from *next on, in whole pieces of 2 MiB; what is coloured. */
void channels_place(struct run *r, uint64_t *next);
void channels_place_coloured(struct zone *z);
/* The endpoint that a VM is of a channel, or -1. */
int channel_end(const struct channel *c, const struct vm *v);
/* A VM's regions of its channels, into out; how many. */
uint32_t channel_regions(const struct run *r, const struct vm *v, struct plan_region *out);
#define VM_CHANNEL_REGIONS (MAX_CHANNELS * CHANNEL_PIECES)
/* A VM's doorbells, into out, MAX_CHANNELS at most; how many. */
uint32_t channel_irqs(const struct run *r, const struct vm *v, struct plan_irq *out);
/* channel_info.c: what the plan has of a channel, and what stands in its discovery page. */
struct channel_info;
void channel_plan(const struct run *r, const struct channel *c, struct plan_channel *out);
void channel_page(const struct run *r, const struct channel *c, struct channel_info *out);
/* "common memory", "output of NAME"; and by the names that the guests' trees have: "info", "common", "from-NAME". */
const char *channel_piece_text(struct run *r, const struct channel_piece *p);
const char *channel_piece_name(struct run *r, const struct channel_piece *p);
/*
 * direct.c: doorbells that are rung by a store to the receiver's interrupt file. What the plan says of them against board and VMs; how
 * many guest addresses the files of all endpoints take, behind the memory of the channel; the end of a VM's addresses of files, 0 if it has
 * none; where an endpoint has them, 0: it may not ring. For its tree: what it has of others' files, into out, PLAN_MAX_ENDS at most, and how
 * many; whose a range is. What one reads of it in the boot log.
 */
void direct_check(struct run *r, const struct channel *c);
uint64_t direct_span(const struct channel *c);
uint64_t direct_end(const struct run *r, const struct vm *v);
uint64_t direct_files(const struct channel *c, unsigned end);
struct direct_range {
    uint64_t base; /* guest addresses */
    uint64_t size;
    const struct sys_endpoint *of;
};
unsigned direct_ranges(const struct channel *c, unsigned end, struct direct_range out[PLAN_MAX_ENDS]);
const char *direct_text(struct run *r, const struct channel *c);
/* What one reads of a channel, in the boot log. */
const char *channels_text(struct run *r);
/* The nodes of a VM's channels. */
void guest_channels_add(struct tree *t);

#endif
