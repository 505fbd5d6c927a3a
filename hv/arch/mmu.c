/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own translation, for every ISA whose tables have 512 entries of 8 bytes (the root may have fewer); what differs is in the
 * ISA's own_map.h. Every page is either executable or writable, never both; what is not needed is not mapped; a guest's memory is
 * mapped only while that guest does not run: before the first one does, and block by block while its VM restarts. (A block of
 * coloured memory has pages of other VMs in it.)
 */
#include "arch/mmu_tables.h"
#include "hv/board.h"
#include "own_map.h"

#define ENTRIES  MMU_ENTRIES
#define SHIFT_L1 MMU_SHIFT_L1
#define SHIFT_L2 MMU_SHIFT_L2
_Static_assert(LAYOUT_CPUS == HV_MAX_CPUS, "one stack per CPU");
_Static_assert(LAYOUT_RUN_WINDOWS + 2 * LAYOUT_CPUS <= ENTRIES, "two windows per CPU");
_Static_assert(MMU_WINDOW_SIZE == 1ULL << SHIFT_L2, "a window is one block");
_Static_assert(LAYOUT_BOOT_STACK == 2 * LAYOUT_CPUS + 1, "the boot stack follows, behind a guard page");

#define TABLE __attribute__((section(".bss.tables"), aligned(4096)))

/* Read by boot.S, or reached by what it reads. The roots need no page where they are smaller. */
#define ROOT __attribute__((used, section(".bss.early"), aligned(MMU_ROOT_ENTRIES * 8U)))
uint64_t mmu_root[MMU_ROOT_ENTRIES] ROOT;
uint64_t mmu_boot_root[MMU_ROOT_ENTRIES] ROOT;
uint64_t mmu_blocks[ENTRIES] TABLE;
uint64_t mmu_image[ENTRIES] __attribute__((section(".bss.filled"), aligned(4096)));
uint64_t mmu_pages[ENTRIES] TABLE;
__attribute__((used, section(".bss.early"), aligned(64))) struct mmu_roots mmu_roots;

const struct plan *mmu_moved;

/* Read by boot.S: so many CPUs have stacks. */
__attribute__((used)) uint64_t mmu_stacks;

/* Two entries that follow each other, from the first alone: no sum is carried from pair to pair. */
static inline void early_two(uint64_t *entry, uint64_t first)
{
    uint64_t second = first + DESC(PAGE_SIZE, 0U);

    entry[0] = first;
    entry[1] = second;
}

/* All of image[], from the region's start on: nobody has cleared it. */
static void early_region(uint64_t base, uint64_t attr)
{
    uint64_t desc = DESC(base, attr);

    for (unsigned i = 0; i < ENTRIES; i += 8U) {
        early_two(&mmu_image[i], desc);
        early_two(&mmu_image[i + 2U], desc + DESC(2U * PAGE_SIZE, 0U));
        early_two(&mmu_image[i + 4U], desc + DESC(4U * PAGE_SIZE, 0U));
        early_two(&mmu_image[i + 6U], desc + DESC(6U * PAGE_SIZE, 0U));
        desc += DESC(8U * PAGE_SIZE, 0U);
    }
}

/* What of image[] is not as most of it, [start, end); addresses as seen by the code that calls (physical, before the MMU is on). */
static void early_range(uint64_t start, uint64_t end, uint64_t attr)
{
    uint64_t *entry = &mmu_image[mmu_index(start, PAGE_SHIFT)];
    uint64_t last = DESC(end, attr);

    for (uint64_t desc = DESC(start, attr); desc != last; desc += DESC(PAGE_SIZE, 0U)) { /* bound: the region, in whole pages */
        *entry++ = desc;
    }
}

/* A fault before CPUs have stacks of their own is told on what is CPU 0's then (own_fault): on a page of the one that it has left. */
static void early_window(uint64_t stack)
{
    mmu_pages[1] = DESC(stack, PAGE_RW);
    for (uint64_t i = 0; i < LAYOUT_BOOT_STACK_PAGES; i++) {
        mmu_pages[LAYOUT_BOOT_STACK + i] = DESC(stack + i * PAGE_SIZE, PAGE_RW);
    }
    mmu_pages[LAYOUT_CONSOLE] = DESC(align_down(board.console_base, PAGE_SIZE), PAGE_DEVICE);
}

/*
 * Called by boot.S with the MMU off: runs at the physical address, so only PC-relative references, which all
 * of them are under -mcmodel=tiny and medany. The boot stack is left out of the region's own map: it is reachable
 * between its guard pages alone.
 */
__attribute__((used)) void mmu_early_build(void)
{
    uint64_t base = (uint64_t)hv_text_start;
    uint64_t end = (uint64_t)hv_end;
    unsigned slot = mmu_index(base, SHIFT_L2);
    early_region(base, PAGE_RW);
    early_range(base, (uint64_t)hv_text_end, PAGE_TEXT);
    early_range((uint64_t)hv_text_end, (uint64_t)hv_rodata_end, PAGE_RO);
    for (unsigned i = mmu_index((uint64_t)hv_boot_stack, PAGE_SHIFT); i < mmu_index(end, PAGE_SHIFT); i++) {
        mmu_image[i] = 0;
    }
    early_range(end, end + PLAN_MAX_BYTES, PAGE_RO);
    early_window((uint64_t)hv_boot_stack);
    mmu_blocks[slot] = DESC((uint64_t)mmu_image, DESC_TABLE);
    mmu_blocks[slot ^ 1U] = DESC((uint64_t)mmu_pages, DESC_TABLE);
    mmu_root[mmu_index(base + HV_VA_OFFSET, SHIFT_L1)] = DESC((uint64_t)mmu_blocks, DESC_TABLE);
    mmu_boot_root[mmu_index(base + HV_VA_OFFSET, SHIFT_L1)] = DESC((uint64_t)mmu_blocks, DESC_TABLE);
    mmu_boot_root[mmu_index(base, SHIFT_L1)] = DESC((uint64_t)mmu_blocks, DESC_TABLE);
    mmu_roots = (struct mmu_roots){(uint64_t)mmu_boot_root, (uint64_t)mmu_root};
    own_map_built();
}

/* In force after own_map_made(). */
static void enter(uint64_t *slot, uint64_t desc)
{
    *(volatile uint64_t *)slot = desc;
}

static void leave(uint64_t *slot, uint64_t va)
{
    *(volatile uint64_t *)slot = 0;
    own_map_broken(va);
}

/* So many entries of the page window from LAYOUT_DEVICES on are not free: who looks for one begins behind them. */
static unsigned pages_full;

/* First of `count` free entries in a row in table[first, end), or ENTRIES. */
static unsigned find_free(const uint64_t *table, unsigned first, unsigned end, uint64_t count)
{
    uint64_t run = 0;
    for (unsigned i = first; i < end; i++) {
        run = table[i] == 0U ? run + 1U : 0U;
        if (run == count) {
            return i - (unsigned)(count - 1U);
        }
    }
    return ENTRIES;
}

static uint64_t gigabyte(void)
{
    return align_down((uint64_t)hv_text_start, SZ_1G);
}

static void *pointer_to(uint64_t va)
{
    return (void *)va;
}

static void *map_units(uint64_t *table, unsigned first, uint64_t pa, uint64_t size, unsigned shift,
                       uint64_t attr)
{
    uint64_t unit = 1ULL << shift;
    uint64_t start = align_down(pa, unit);
    uint64_t count = (pa - start + size + unit - 1U) >> shift;
    unsigned end = table == mmu_blocks ? LAYOUT_RUN_WINDOWS : ENTRIES;
    unsigned at = count <= ENTRIES ? find_free(table, first, end, count) : ENTRIES;
    if (at == ENTRIES) {
        return NULL;
    }
    for (unsigned i = 0; i < count; i++) {
        enter(&table[at + i], DESC(start + ((uint64_t)i << shift), attr));
    }
    own_map_made();
    if (table == mmu_pages && at == first) {
        pages_full += (unsigned)count;
    }
    uint64_t base = shift == PAGE_SHIFT ? (uint64_t)mmu_window_page(0) : gigabyte();
    return pointer_to(base + ((uint64_t)at << shift) + (pa - start));
}

static void *map_pages(paddr_t pa, uint64_t size, uint64_t attr)
{
    return map_units(mmu_pages, LAYOUT_DEVICES + pages_full, pa.v, size, PAGE_SHIFT, attr);
}

/* True if [pa, pa + size) is in a row in the region, from *offset on. */
static bool in_region(paddr_t pa, uint64_t size, uint64_t *offset)
{
    if (mmu_moved != NULL) {
        return plan_hv_offset(mmu_moved, pa, size, offset);
    }
    *offset = pa.v + HV_VA_OFFSET - (uint64_t)hv_text_start;
    return range_within(*offset, size, 0, HV_REGION_SIZE);
}

/*
 * Devices, and memory that stays mapped, in pages, other memory in blocks of 2 MiB: hvplan places what is mapped here in 2 MiB
 * units of its own,
 * so a block shows nothing of another VM that its start or end does not; if it is coloured, it shows others of other colours.
 */
void *mmu_map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    uint64_t own;
    if (!range_ok(pa.v, size) || (pa.v + (size - 1U)) >> arch_ops.cpu.pa_bits() != 0U || size > SZ_1G) {
        return NULL;
    }
    if (in_region(pa, size, &own)) {
        return pointer_to((uint64_t)hv_text_start + own);
    }
    if (attr == MAP_DEVICE) {
        return map_pages(pa, size, PAGE_DEVICE);
    }
    if (attr == MAP_PAGE) {
        return map_pages(pa, size, PAGE_RW);
    }
    return map_units(mmu_blocks, 0, pa.v, size, SHIFT_L2, attr == MAP_RO ? BLOCK_RO : BLOCK_RW);
}

static void unmap_units(uint64_t *table, uint64_t base, uint64_t va, uint64_t size, unsigned shift)
{
    uint64_t unit = 1ULL << shift;
    for (uint64_t at = align_down(va, unit); at < va + size; at += unit) { /* bound: the window */
        leave(&table[(at - base) >> shift], at);
    }
}

void mmu_unmap(const void *p, uint64_t size)
{
    uint64_t va = (uint64_t)p;
    uint64_t image_va = (uint64_t)hv_text_start;
    uint64_t window_va = (uint64_t)mmu_window_page(0);
    if (range_within(va, size, image_va, HV_REGION_SIZE)) {
        return;
    }
    if (range_within(va, size, window_va, HV_REGION_SIZE)) {
        unsigned below = mmu_index(va, PAGE_SHIFT) - LAYOUT_DEVICES;

        pages_full = below < pages_full ? below : pages_full;
        unmap_units(mmu_pages, window_va, va, size, PAGE_SHIFT);
    } else {
        unmap_units(mmu_blocks, gigabyte(), va, size, SHIFT_L2);
    }
}

static unsigned window_entry(enum mmu_window w)
{
    return LAYOUT_RUN_WINDOWS + 2U * arch_ops.cpu.id() + (unsigned)w;
}

static uint64_t window_address(enum mmu_window w)
{
    return gigabyte() + ((uint64_t)window_entry(w) << SHIFT_L2);
}

/* Every CPU writes entries of its own in a table that all of them walk. */
void *mmu_window_open(enum mmu_window w, paddr_t pa)
{
    enter(&mmu_blocks[window_entry(w)], DESC(pa.v, w == MMU_WINDOW_TO ? BLOCK_RW : BLOCK_RO));
    own_map_made();
    return pointer_to(window_address(w));
}

void mmu_window_close(enum mmu_window w)
{
    leave(&mmu_blocks[window_entry(w)], window_address(w));
}

/* Mapped as Device: the access then reaches the bus at once and cannot be answered by a cache. */
bool mmu_probe(paddr_t pa)
{
    volatile uint64_t *p = mmu_map(pa, sizeof(*p), MAP_DEVICE);
    bool answers = p != NULL && mmu_probe_ram(p);
    if (p != NULL) {
        mmu_unmap((const void *)p, sizeof(*p));
    }
    return answers;
}

void *mmu_own(uint64_t first, uint64_t size)
{
    (void)size;
    return pointer_to((uint64_t)hv_text_start + first);
}

void mmu_stack(unsigned cpu, void *page)
{
    uint64_t n = 2U * cpu + 1U;

    leave(&mmu_image[mmu_index((uint64_t)page, PAGE_SHIFT)], (uint64_t)page);
    if (mmu_pages[n] != 0U) {
        leave(&mmu_pages[n], (uint64_t)mmu_window_page(n));
    }
    enter(&mmu_pages[n], DESC(mmu_pa_of(page).v, PAGE_RW));
    own_map_made();
    mmu_stacks = cpu + 1U;
}

paddr_t mmu_pa_of(const void *p)
{
    return mmu_moved != NULL ? plan_hv_pa(mmu_moved, (uint64_t)p - (uint64_t)hv_text_start) : mmu_loaded(p);
}

paddr_t mmu_loaded(const void *p)
{
    return PA((uint64_t)p - HV_VA_OFFSET);
}

/* The pages below the stacks: the even ones up to the boot stack's. */
bool mmu_is_guard(uint64_t va)
{
    uint64_t page = (va - (uint64_t)mmu_window_page(0)) >> PAGE_SHIFT;
    return page < LAYOUT_BOOT_STACK && page % 2U == 0U;
}
