/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual machine: a slice of the machine, made from the plan before the first guest runs. */
#ifndef HV_CORE_VM_H
#define HV_CORE_VM_H

#include "core/s2.h"
#include "core/vcpu.h"
#include "hv/plan.h"
#include "lib/atomic.h"

/* BUILT until its first vCPU is started by the boot code. */
enum vm_state { VM_BUILT = 0, VM_RUNNING, VM_STOPPING, VM_STOPPED };
enum vm_end { VM_END_NONE = 0, VM_END_OFF, VM_END_RESET, VM_END_FAULT };

/* What is known of a VM's lives. By the CPU for which vm_reap() was true; the boot CPU before the first guest runs. */
struct vm_lives {
    uint32_t restarts;     /* since boot */
    uint32_t quick_faults; /* ends by a fault in a row, each soon after the start */
    uint32_t lines;        /* restarts told in the log since `told_at` */
    uint64_t told_at;      /* ticks */
    uint64_t started_at;   /* ticks */
};

struct vm {
    const struct plan_vm *plan;  /* this VM's entry */
    const struct plan *binary;   /* the plan it stands in */
    const char *name;
    uint32_t index;           /* VMID is index + 1 */
    uint32_t nr_vcpus;
    struct spinlock lock;     /* power states, VM state */
    atomic32_t state;         /* enum vm_state */
    uint32_t end;             /* enum vm_end; under lock; the first reason given stands */
    uint32_t online;          /* vCPUs not OFF; under lock */
    uint32_t inside;          /* vCPUs started and not cleared up yet (vcpu_left); under lock */
    void *irqc;               /* its virtual interrupt controller: vdev/ knows which; constant after boot */
    struct vm_lives lives;
    struct s2 s2;             /* constant after boot */
    struct vcpu vcpus[VM_MAX_VCPUS];
};

_Static_assert(HV_MAX_CPUS <= 32U && HV_MAX_VMS <= 32U, "a set of CPUs, or VMs, is a word");

extern struct vm *vms; /* as many as the plan has; constant after boot */
extern uint32_t nr_vms;

/* Field access for a CPU that knows only its own frame: regs is the first member of its vCPU. */
static inline struct vcpu *vcpu_of_regs(struct vcpu_regs *regs)
{
    return (struct vcpu *)(void *)regs;
}

/* The vCPU that runs on a CPU, or NULL if the plan gives that CPU to nobody. Constant after boot. */
struct vcpu *vcpu_of_cpu(unsigned cpu);

/* Power states and vCPUs of a VM as they are before it first starts. vm->lock held, or boot CPU. */
void vm_first_state(struct vm *vm);

/* Builds all VMs of a validated plan, stage 2 included. Boot CPU, after own_begin. Errors of s2_map / pages_alloc. */
enum hv_status vm_build_all(const struct plan *plan, struct pages *pool) MUST_CHECK;

#endif
