/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Channels, as far as the hypervisor takes part in them: who runs, which it writes into their discovery pages
 * (hv/channel_info.h), and who may ring whom, how often. Rings themselves are vdev/doorbell.h's. No lock: what a CPU writes is
 * its VM's own, or an atomic.
 */
#ifndef HV_CORE_CHANNEL_H
#define HV_CORE_CHANNEL_H

#include "core/vm.h"

/* One VM's side of a channel. All but what the atomics hold is constant after boot. */
struct channel_end {
    struct vm *vm;
    uint32_t intid;      /* its doorbell; 0: none */
    uint32_t nr_ends;    /* how many there are of its channel */
    atomic32_t *state;   /* in the discovery page: CHANNEL_STATE, CHANNEL_GENERATION. By the CPU that starts or clears up the VM */
    atomic32_t *target;  /* there too, if others may ring it directly: channel_info_direct.target. By whoever moves it; else NULL */
    uint64_t interval;   /* ticks from one of its rings to the next, if it rings all the time; 0: it may not ring */
    uint64_t tolerance;  /* ticks that it may be ahead of that */
    atomic64_t due;      /* ticks: when its next ring is due */
    struct channel_end *ends; /* all of its channel */
};

extern uint32_t nr_channels;

/* The endpoint of a channel, below nr_channels, that a VM is; NULL: none. */
struct channel_end *channel_end_of(uint32_t channel, const struct vm *vm);

/* The nth endpoint of a channel; NULL if it has no more. */
const struct channel_end *channel_nth(uint32_t channel, uint32_t n);

/* Maps the discovery pages, and writes that nobody has started. Boot CPU, after vm_build_all. HV_ERR_NOMEM: no room to map one. */
enum hv_status channels_init(const struct plan *plan) MUST_CHECK;

/* What a ring is answered with: the codes of the call, which both ISAs' interfaces have (fw/hypercall.h, fw/sbi.h). */
enum channel_ring {
    CHANNEL_RING = 0,      /* it goes to *to */
    CHANNEL_NONE = -3,     /* the VM has no such channel, or that no such other endpoint */
    CHANNEL_DENIED = -4,   /* the plan gives the sender no rings, or the receiver no doorbell */
    CHANNEL_STOPPED = -10, /* the receiver does not run */
    CHANNEL_BUSY = -12     /* the sender's rate is used up, or other vCPUs of its VM have taken each turn that was tried */
};

/* Whether a vCPU of `vm` may now ring endpoint `end` of a channel, both as the call has them, in whole registers or 32 bits of them; if
 * so it is counted. Any CPU; bounded: it is tried again at most once for each other vCPU of the VM. */
enum channel_ring channel_ring(const struct vm *vm, uint64_t channel, uint64_t end, const struct channel_end **to);

/* The VM's state in all its discovery pages, cleaned to memory, since who reads it may have its caches off: running in its next
 * life, or stopped. By the CPU that starts it, or for which vm_reap() was true. */
void channels_vm_runs(const struct vm *vm);
void channels_vm_stopped(const struct vm *vm);

/* The VM's doorbell interrupts this vCPU of its with this identity of its file, from now on; identity 0: not at all. Written to the
 * discovery page, and cleaned, if it is one that others may ring directly. Any CPU of the VM, one at a time; it ends with the VM by
 * itself. */
void channel_moved(const struct vm *vm, uint32_t intid, uint32_t vcpu, uint32_t identity);

/* True if the receiver is to be told: it is another VM than `vm`, runs and has a doorbell. */
bool channel_tells(const struct channel_end *e, const struct vm *vm);

#endif
