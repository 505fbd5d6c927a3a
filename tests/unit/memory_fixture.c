/* SPDX-License-Identifier: Apache-2.0 */
#include "memory_fixture.h"

#include <assert.h>
#include <string.h>

#include "hv/arch_ops.h"
#include "tests/unit/pte_fill.h"

static _Alignas(PAGE_SIZE) uint8_t bytes[MEMORY_MAX_PAGES * PAGE_SIZE];
static uint64_t start;
static uint64_t length;

static void *map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    (void)attr;
    return memory_at(pa.v, size);
}

static void unmap(const void *p, uint64_t size)
{
    (void)p;
    (void)size;
}

static void pte_write(uint64_t *slot, uint64_t pte)
{
    *slot = pte;
}

static void flush_ipa(const struct s2_hw *s2, ipaddr_t ipa)
{
    (void)s2;
    (void)ipa;
}

static void flush_vm(const struct s2_hw *s2)
{
    (void)s2;
}

void memory_reset(uint64_t base, uint64_t pages)
{
    assert(pages <= MEMORY_MAX_PAGES);
    start = base;
    length = pages * PAGE_SIZE;
    memset(bytes, 0xa5, sizeof(bytes));
    arch_ops.mmu.map = map;
    arch_ops.mmu.unmap = unmap;
    arch_ops.mmu.pte_write = pte_write;
    arch_ops.mmu.pte_fill = pte_fill_by_writes;
    arch_ops.tlb.flush_ipa = flush_ipa;
    arch_ops.tlb.flush_vm = flush_vm;
}

void *memory_at(uint64_t pa, uint64_t size)
{
    return range_within(pa, size, start, length) ? bytes + (pa - start) : NULL;
}

bool memory_read(void *ctx, uint64_t pa, uint64_t *word)
{
    const uint64_t *p = memory_at(pa, sizeof(*word));
    (void)ctx;
    if (p != NULL) {
        *word = *p;
    }
    return p != NULL;
}
