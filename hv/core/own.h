/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's memory for what the plan's CPUs, VMs and channels take of it: it lies behind the page-table pool, to the end of the
 * hypervisor's region, and is given out at boot, in plan order, never back. So an image takes what its plan needs, whatever its limits
 * (hv/types.h); plan_own_bytes() says beforehand how much that is, to hvplan and at boot alike. Boot CPU, before another one starts; no lock.
 */
#ifndef HV_CORE_OWN_H
#define HV_CORE_OWN_H

#include "hv/plan.h"

/* What one of each takes at most; whoever takes it asserts that. Multiples of OWN_ALIGN. */
#define OWN_ALIGN         512U
#define OWN_CPU_BYTES_LRS 512U  /* what is in its list registers */
#define OWN_CPU_BYTES     (4096U + OWN_CPU_BYTES_LRS) /* and a stack */
#define OWN_VM_BYTES_VM   4096U /* struct vm */
#define OWN_VM_BYTES_IRQC 9216U /* its virtual interrupt controller */
#define OWN_VM_BYTES      (OWN_VM_BYTES_VM + OWN_VM_BYTES_IRQC)
#define OWN_CHANNEL_BYTES 1024U

/* From now on memory is taken from the start again. The plan was found good. */
void own_begin(const struct plan *p);

/* So many bytes, at a multiple of OWN_ALIGN, with what they happen to hold. A plan that was found good has room for all that is taken. */
void *own_take(uint64_t bytes);

/* Each CPU of the plan gets its stack. First after own_begin(). */
void own_stacks(const struct plan *p);

#endif
