/* SPDX-License-Identifier: Apache-2.0 */
/* How much of the hypervisor's region a plan takes behind the page-table pool: what own_take() gives out. Pure. */
#include "core/console.h"
#include "core/own.h"

_Static_assert(CONSOLE_OUT_BYTES % OWN_ALIGN == 0U && CONSOLE_OUT_FEWER % OWN_ALIGN == 0U, "a ring is a piece of its own");

static uint32_t ports(const struct plan *p)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->vms.count; i++) { /* at most HV_MAX_VMS turns */
        n += plan_vm(p, i)->vuart_irq != 0U ? 1U : 0U;
    }
    return n;
}

uint32_t plan_ring_bytes(const struct plan *p)
{
    return ports(p) <= CONSOLE_MANY ? CONSOLE_OUT_BYTES : CONSOLE_OUT_FEWER;
}

uint64_t plan_own_bytes(const struct plan *p)
{
    uint64_t rings = p->console_irq != 0U ? ports(p) + 1U : 0U; /* the console has one of its own */

    return (uint64_t)p->cpus.count * OWN_CPU_BYTES + (uint64_t)p->vms.count * OWN_VM_BYTES +
           (uint64_t)p->channels.count * OWN_CHANNEL_BYTES + rings * plan_ring_bytes(p);
}

uint64_t plan_own_pages(const struct plan *p)
{
    return (plan_own_bytes(p) + PAGE_SIZE - 1U) / PAGE_SIZE;
}
