/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State of a virtual APLIC, for its own files. Bit-sliced as the registers are: word k holds sources 32k .. 32k + 31,
 * which is word k + 1 of arch_ops.irqc. All but what is constant after boot is under the lock.
 */
#ifndef HV_VDEV_VAPLIC_STATE_H
#define HV_VDEV_VAPLIC_STATE_H

#include "core/vm.h"
#include "hv/isa.h"
#include "vdev/mmio.h"

#define VAPLIC_SOURCES 1024U /* numbers 1 .. 1023; 0 is none */
#define VAPLIC_WORDS   (VAPLIC_SOURCES / 32U)

#define VAPLIC_SETIPNUM_LE 0x2000U

/* target (AIA 1.0 4.5.16). */
#define VAPLIC_TARGET_HART_SHIFT 18U
#define VAPLIC_TARGET_EIID       0x7ffU

struct vaplic_word {
    uint32_t owned;  /* sources the VM has; constant after boot */
    uint32_t virt;   /* those of them without a physical one; constant after boot */
    uint32_t active; /* sourcecfg.SM is not Inactive */
    uint32_t wired;  /* SM is an edge or a level: the input counts */
    uint32_t level;
    uint32_t invert; /* falling edge or low level */
    uint32_t enable; /* as the guest has it */
    uint32_t valid;  /* target is a vCPU of the VM and an identity */
    uint32_t phys;   /* enabled at the physical APLIC; never of virt */
    uint32_t line;   /* of virt alone: the wire, and pending */
    uint32_t pend;
};

struct vaplic {
    struct spinlock lock;
    const struct vm *vm;  /* constant after boot, as are the next two */
    uint64_t setipnum_le; /* guest-physical address of that register */
    uint32_t ids;
    bool ie;              /* domaincfg.IE */
    struct vaplic_word w[VAPLIC_WORDS];
    uint8_t mode[VAPLIC_SOURCES];    /* enum aplic_mode */
    uint32_t target[VAPLIC_SOURCES]; /* as the guest reads it */
};

extern struct vaplic *vaplics; /* by VM, as many as the plan has; constant after boot */
extern const struct mmio_table vaplic_table;

/* Word of arch_ops.irqc that holds the physical sources of word k. */
static inline unsigned vaplic_phys_word(unsigned k)
{
    return k + RISCV_WIRED / 32U;
}

static inline uint32_t vaplic_bit(uint32_t source)
{
    return (uint32_t)1 << (source % 32U);
}

/* The VM's sources at the physical APLIC: disabled, not pending and inactive. Lock held, or no guest runs yet. */
void vaplic_silence(const struct vaplic *g);

/* Everything as at the VM's start: no source is active, here and at the physical APLIC. Lock held. */
void vaplic_reset(struct vaplic *g);

/* Writes of the guest: a legal mode, to a source that the VM has; any target, to any source: ignored if that is not
 * active. Lock held. */
void vaplic_set_mode(struct vaplic *g, uint32_t source, enum aplic_mode mode);
void vaplic_set_target(struct vaplic *g, uint32_t source, uint32_t target);

/* The same for a set of sources of a word: those the VM has not, or for which it is not possible, are ignored. Lock
 * held. */
void vaplic_set_enable(struct vaplic *g, unsigned k, uint32_t mask);
void vaplic_clear_enable(struct vaplic *g, unsigned k, uint32_t mask);
void vaplic_set_ie(struct vaplic *g, bool ie);

/* setip and in_clrip. They take the lock, and that only if a virtual source is concerned. */
void vaplic_set_pending(struct vaplic *g, unsigned k, uint32_t mask);
void vaplic_clear_pending(struct vaplic *g, unsigned k, uint32_t mask);

/* The wire of a virtual source. Takes the lock. */
void vaplic_wire(struct vaplic *g, uint32_t source, bool level);

/* Pending bits, and inputs after inversion, as the guest reads them. Lock held. */
uint32_t vaplic_read_pending(const struct vaplic *g, unsigned k);
uint32_t vaplic_read_inputs(const struct vaplic *g, unsigned k);

#endif
