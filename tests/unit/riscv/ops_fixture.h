/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ops for unit tests of RISC-V code: a small machine whose registers are plain variables. A test resets it, reads and writes
 * the variables, and may replace an op in arch_ops.
 */
#ifndef TESTS_UNIT_RISCV_OPS_FIXTURE_H
#define TESTS_UNIT_RISCV_OPS_FIXTURE_H

#include "core/vm.h"
#include "hv/arch_ops.h"

#define RV_CPUS 8U /* of its machine */

struct rv_machine {
    unsigned cpu;              /* the calling CPU */
    uint64_t now;
    uint64_t hvip[RV_CPUS];
    uint64_t vsie[RV_CPUS];
    uint64_t guest_timer[RV_CPUS]; /* virq.timer */
    uint64_t alarm[RV_CPUS];
    unsigned file_resets[RV_CPUS];
    bool sstc;
    unsigned guest_files;
    uint32_t ipis;             /* CPUs that send_ipi named since the last reset of this word */
    /* Wired interrupts, by word: as arch_ops.irqc sees them. */
    uint32_t enable[32];
    uint32_t pending[32];
    uint32_t inputs[32];
    uint32_t completed[32];    /* deactivate() */
    uint8_t route[1024];       /* 1 + CPU */
    uint8_t target_cpu[1024];  /* virq.target: 1 + CPU */
    uint32_t target_id[1024];
    uint8_t mode[1024];        /* enum aplic_mode */
    struct {
        unsigned cpu;
        uint32_t identity;
        unsigned calls;
    } msi;                     /* virq.send_msi, the last */
    unsigned locks;            /* how often a lock was taken */
    void (*at_sync)(void);     /* if not NULL: before each atomic operation, in which others may have done something */
    struct {
        enum riscv_fence what;
        uint32_t cpus;
        uint64_t start, size, asid;
        unsigned calls;
    } fence;
    enum hv_status fence_answer;
    uint8_t *memory;           /* guest-physical memory from memory_ipa on, memory_size bytes */
    uint64_t memory_ipa;
    uint64_t memory_size;
    char console[4096];        /* what try_putc took */
    unsigned console_len;
};

extern struct rv_machine rv;

/* All of rv zero, but that it has Sstc, and arch_ops set to this machine's. */
void rv_reset(void);

/* vms[0] with vCPUs on CPUs first_cpu.. of a plan with RAM at IPA 0x80000000 (2 MiB); state BUILT, all vCPUs OFF. A second
 * call adds the next VM. */
struct vm *rv_add_vm(unsigned nr_vcpus, unsigned first_cpu);

/* The VM, which is the last one added, has one more interrupt by its plan (64 at most in all). */
void rv_add_irq(struct vm *vm, uint32_t intid);

/* The plan, to be changed before what is tested looks at it. */
struct plan *rv_plan(void);

#endif
