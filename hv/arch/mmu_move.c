/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor moves into memory of its own colours. Its virtual addresses stay, so that every pointer and return
 * address holds: what it consists of is copied page by page, the copies of its tables say of the new pages what the tables
 * said of the old ones, and boot.S puts them in force. What is written between a page's copy and then is lost, so nothing is:
 * here only the new memory is written to, and the stack is copied last, from registers.
 */
#include "arch/mmu_tables.h"
#include "hv/board.h"
#include "lib/string.h"
#include "own_map.h"

_Static_assert(LAYOUT_BOOT_STACK_PAGES == 2, "boot.S copies two pages of stack");

struct move {
    const struct plan *plan;
    uint8_t *window; /* all of the memory from hv_home on, mapped */
};

/* Everything of the region by one pointer, of which the compiler knows no object that it would not see read. */
static uint8_t *here(void)
{
    uint8_t *p = hv_text_start;

    __asm__("" : "+r"(p));
    return p;
}

static uint64_t offset_of(const void *p)
{
    return (uint64_t)p - (uint64_t)hv_text_start;
}

static uint8_t *there(const struct move *m, uint64_t offset)
{
    return &m->window[plan_hv_pa(m->plan, offset).v - m->plan->hv_home];
}

static uint64_t *table_there(const struct move *m, const uint64_t *table)
{
    return (uint64_t *)(void *)there(m, offset_of(table));
}

/* All pages that [start, end) touches. */
static void copy(const struct move *m, uint64_t start, uint64_t end)
{
    for (uint64_t at = align_down(start, PAGE_SIZE); at < end; at += PAGE_SIZE) {
        (void)__builtin_memcpy(there(m, at), &here()[at], PAGE_SIZE);
    }
}

/* Of .noinit nothing has been written yet; the stack, which is in use, comes last. */
static void copy_all(const struct move *m)
{
    uint64_t text_end = offset_of(hv_text_end);
    uint64_t plan = offset_of(m->plan);

    copy(m, 0, offset_of(hv_data_end));
    copy(m, offset_of(hv_bss_start), offset_of(hv_boot_stack));
    copy(m, plan, plan + m->plan->length);
    for (uint64_t at = 0; at < text_end; at += PAGE_SIZE) {
        arch_ops.cache.clean(there(m, at), PAGE_SIZE); /* instructions are fetched from memory, or a cache of their own */
    }
}

/* What a table says of the old memory its copy says of the new. Other memory stays as it is, or goes: a window is not for ever. */
static void redirect(const struct move *m, const uint64_t *table, unsigned entries, bool keep_others)
{
    uint64_t *t = table_there(m, table);

    for (unsigned i = 0; i < entries; i++) {
        uint64_t pa = DESC_PA(t[i]);
        uint64_t offset = pa - m->plan->hv_base;
        bool own = t[i] != 0U && offset < HV_REGION_SIZE;

        if (own) {
            t[i] ^= DESC(pa, 0U) ^ DESC(plan_hv_pa(m->plan, offset).v, 0U);
        } else {
            t[i] = keep_others ? t[i] : 0U;
        }
    }
}

/* A CPU that starts does so where the image was loaded, and leaves that for good with its second root: the first has the
 * identity map of the old memory, and already the new one at the linked address. */
static void redirect_all(const struct move *m)
{
    unsigned linked = mmu_index((uint64_t)hv_text_start, MMU_SHIFT_L1);

    redirect(m, mmu_image, MMU_ENTRIES, false);
    redirect(m, mmu_pages, MMU_ENTRIES, true);
    redirect(m, mmu_blocks, MMU_ENTRIES, false);
    redirect(m, mmu_root, MMU_ROOT_ENTRIES, false);
    table_there(m, mmu_boot_root)[linked] = table_there(m, mmu_root)[linked];
}

enum hv_status mmu_move(const struct plan *plan)
{
    const struct move m = {plan, mmu_map(PA(plan->hv_home), plan_hv_span(plan), MAP_RW)};
    const uint8_t *stack = mmu_window_page(LAYOUT_BOOT_STACK);
    uint64_t stack_offset = offset_of(hv_boot_stack);

    if (m.window == NULL) {
        return HV_ERR_NOMEM;
    }
    mmu_roots.boot = plan_hv_pa(plan, offset_of(mmu_boot_root)).v;
    mmu_roots.own = plan_hv_pa(plan, offset_of(mmu_root)).v;
    mmu_moved = plan;
    arch_ops.cache.clean(&mmu_roots, sizeof(mmu_roots)); /* and a barrier to the compiler: what is to be copied is written */
    copy_all(&m);
    redirect_all(&m);
    own_map_built();
    mmu_switch(there(&m, stack_offset), there(&m, stack_offset + PAGE_SIZE), stack);
    return HV_OK;
}
