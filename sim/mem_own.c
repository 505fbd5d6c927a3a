/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hypervisor takes behind its page-table pool (core/own.h). As its .bss it is the host process's, and none of the machine's RAM;
 * it holds what nobody has cleared, and AddressSanitizer keeps whoever has it to what was taken.
 */
#include <string.h>

#include "hv/plan.h"
#include "sim/internal.h"
#include "sim/poison.h"

static _Alignas(4096) uint8_t memory[HV_REGION_SIZE];
static uint64_t from = 0, to = sizeof(memory); /* what is not as at the start */
static uint32_t stacks; /* CPUs that have one */

void sim_own_reset(void)
{
    UNPOISON(memory, sizeof(memory));
    memset(memory + from, 0xa5, from < to ? to - from : 0U);
    from = sizeof(memory);
    to = 0;
    stacks = 0;
    POISON(memory, sizeof(memory));
}

void *sim_own_memory(uint64_t first, uint64_t size)
{
    if (!range_within(first, size != 0U ? size : 1U, 0, sizeof(memory))) {
        sim_fail("mmu.own of 0x%lx + 0x%lx, which is not the hypervisor's", first, size);
    }
    UNPOISON(memory + first, size);
    from = first < from ? first : from;
    to = first + size > to ? first + size : to;
    return memory + first;
}

uint64_t sim_own_taken(void)
{
    return from < to ? to - from : 0U;
}

void sim_own_stack(unsigned cpu, const void *page)
{
    uint64_t at = (uint64_t)((const uint8_t *)page - memory);

    if (cpu >= SIM_MAX_CPUS || (stacks >> cpu & 1U) != 0U || !is_aligned(at, PAGE_SIZE) || at >= sizeof(memory)) {
        sim_fail("mmu.stack of CPU %u: it has one, or this is no page of the hypervisor's", cpu);
    }
    stacks |= 1U << cpu;
    POISON(page, PAGE_SIZE); /* not through this address any more */
}
