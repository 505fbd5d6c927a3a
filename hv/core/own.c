/* SPDX-License-Identifier: Apache-2.0 */
#include "core/own.h"

#include "hv/arch_ops.h"

_Static_assert(OWN_CPU_BYTES % OWN_ALIGN == 0U && OWN_VM_BYTES % OWN_ALIGN == 0U && OWN_CHANNEL_BYTES % OWN_ALIGN == 0U,
               "the sum of pieces is the piece of the sum");

static uint64_t next; /* bytes from the start of the hypervisor's region */

void own_begin(const struct plan *p)
{
    next = p->pool_pa - p->hv_base + p->pool_pages * PAGE_SIZE;
}

/* plan_validate() has counted what is taken. Were it wrong, the first access behind the region would find a guard page or nothing mapped. */
void *own_take(uint64_t bytes)
{
    uint64_t at = next;

    next += align_up(bytes, OWN_ALIGN);
    return arch_ops.mmu.own(at, bytes);
}

__attribute__((cold)) void own_stacks(const struct plan *p)
{
    for (uint32_t cpu = 0; cpu < p->cpus.count; cpu++) { /* at most HV_MAX_CPUS turns */
        arch_ops.mmu.stack(cpu, own_take(PAGE_SIZE));
    }
}
