/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RAM, twice: the machine's view, and the hypervisor's view of the same bytes, of which only what mmu.map handed out
 * may be touched (AddressSanitizer holds it to that).
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hv/plan.h"
#include "sim/internal.h"
#include "sim/poison.h"

#define MAX_WINDOWS 64U

static uint8_t *machine_view, *hv_view;
static uint64_t view_size;
static int ram_fd = -1;
static struct window {
    uint64_t pa, size;
} windows[MAX_WINDOWS];
static unsigned nr_windows;

/* Windows of each CPU at run time. What was seen of one are sums of its pages: when it was opened, and of each page of the
 * writable one when that was cleaned out of the caches. */
#define WINDOW_PAGES (MMU_WINDOW_SIZE / PAGE_SIZE)
static struct run_window {
    bool open;
    uint64_t pa;
    bool seen[WINDOW_PAGES];
    uint64_t sum[WINDOW_PAGES];
} run_windows[SIM_MAX_CPUS][2];
static uint8_t *ever_cleaned; /* by page of RAM */

/* The head of the plan by which the hypervisor has moved: its view of its own region shows that memory now. */
static struct plan moved_by;
static const struct plan *moved;

static void release(void)
{
    if (machine_view != NULL) {
        UNPOISON(hv_view, view_size);
        munmap(machine_view, view_size);
        munmap(hv_view, view_size);
        close(ram_fd);
    }
}

static int new_ram(void)
{
    int fd = memfd_create("ram", 0);
    if (fd < 0 || ftruncate(fd, (off_t)view_size) != 0) {
        sim_fail("no memory for %lu bytes of RAM", view_size);
    }
    return fd;
}

static uint8_t *view(uint8_t *at, int fd)
{
    int flags = MAP_SHARED | MAP_NORESERVE | (at != NULL ? MAP_FIXED : 0);
    void *p = mmap(at, view_size, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (p == MAP_FAILED) {
        sim_fail("no address space for %lu bytes of RAM", view_size);
    }
    return p;
}

static void show_moved(void)
{
    for (uint64_t n = 0; moved != NULL && n < sim_cfg.own_size; n += PAGE_SIZE) {
        uint8_t *at = hv_view + (sim_cfg.own_base - sim_cfg.ram_base) + n;
        off_t from = (off_t)(plan_hv_pa(moved, n).v - sim_cfg.ram_base);
        if (mmap(at, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, ram_fd, from) == MAP_FAILED) {
            sim_fail("no address space for the hypervisor's own memory");
        }
    }
}

/* A child process gets RAM of its own, with what its parent's held. */
void sim_mem_fork(void)
{
    int old = ram_fd;
    ram_fd = new_ram();
    off_t from = lseek(old, 0, SEEK_DATA);
    while (from >= 0) {
        off_t to = lseek(old, from, SEEK_HOLE);
        for (off_t at = from; at < to;) {
            ssize_t n = pwrite(ram_fd, machine_view + at, (size_t)(to - at), at);
            if (n <= 0) {
                sim_fail("no memory for a copy of RAM");
            }
            at += n;
        }
        from = lseek(old, to, SEEK_DATA);
    }
    (void)view(machine_view, ram_fd);
    (void)view(hv_view, ram_fd);
    show_moved();
    close(old);
}

void sim_mem_reset(void)
{
    release();
    view_size = sim_cfg.ram_size;
    nr_windows = 0;
    sim_pages_reset();
    sim_own_reset();
    moved = NULL;
    memset(run_windows, 0, sizeof(run_windows));
    free(ever_cleaned);
    ever_cleaned = calloc(view_size / PAGE_SIZE + 1U, 1);
    ram_fd = new_ram();
    machine_view = view(NULL, ram_fd);
    hv_view = view(NULL, ram_fd);
    POISON(hv_view, view_size);
    if (sim_cfg.own_size != 0U) {
        UNPOISON(hv_view + (sim_cfg.own_base - sim_cfg.ram_base), sim_cfg.own_size);
    }
}

bool sim_was_cleaned(uint64_t pa)
{
    return sim_is_ram(pa, 1) && ever_cleaned[(pa - sim_cfg.ram_base) / PAGE_SIZE] != 0U;
}

bool sim_is_ram(uint64_t pa, uint64_t size)
{
    return range_within(pa, size, sim_cfg.ram_base, sim_cfg.ram_size);
}

/* Its place in the region. */
static bool own_offset(uint64_t pa, uint64_t size, uint64_t *n)
{
    if (moved != NULL) {
        return plan_hv_offset(moved, PA(pa), size, n);
    }
    *n = pa - sim_cfg.own_base;
    return range_within(pa, size, sim_cfg.own_base, sim_cfg.own_size);
}

bool sim_own(uint64_t pa, uint64_t size)
{
    uint64_t n;
    return own_offset(pa, size, &n);
}

void *sim_ram(uint64_t pa, uint64_t size)
{
    if (!sim_is_ram(pa, size)) {
        sim_fail("machine access to 0x%lx + 0x%lx, which is not RAM", pa, size);
    }
    return machine_view + (pa - sim_cfg.ram_base);
}

uint64_t sim_ram_read(uint64_t pa)
{
    uint64_t v;
    memcpy(&v, sim_ram(pa, sizeof(v)), sizeof(v));
    return v;
}

void *sim_map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    if (attr == MAP_DEVICE || !sim_is_ram(pa.v, size)) {
        sim_fail("mmu.map of 0x%lx + 0x%lx, attribute %d: no such RAM", pa.v, size, (int)attr);
    }
    uint8_t *p = hv_view + (pa.v - sim_cfg.ram_base);
    uint64_t own;
    if (own_offset(pa.v, size, &own)) {
        return hv_view + (sim_cfg.own_base - sim_cfg.ram_base) + own;
    }
    if (attr == MAP_PAGE) {
        UNPOISON(p, size);
        return sim_page_map(pa, size, p);
    }
    if (nr_windows >= sim_cfg.map_windows || nr_windows >= MAX_WINDOWS) {
        return NULL;
    }
    windows[nr_windows++] = (struct window){ pa.v, size };
    UNPOISON(p, size);
    return p;
}

void sim_unmap(const void *p, uint64_t size)
{
    uint64_t pa;
    if (!sim_arena_pa((uintptr_t)p, &pa)) {
        sim_fail("mmu.unmap of %p, which mmu.map did not hand out", p);
    }
    if (sim_own(pa, size)) {
        return;
    }
    for (unsigned i = 0; i < nr_windows; i++) {
        if (windows[i].pa == pa && windows[i].size == size) {
            windows[i] = windows[--nr_windows];
            POISON(p, size);
            for (unsigned j = 0; j < nr_windows; j++) {
                UNPOISON(hv_view + (windows[j].pa - sim_cfg.ram_base), windows[j].size);
            }
            return;
        }
    }
    sim_fail("mmu.unmap of 0x%lx + 0x%lx, which is not mapped", pa, size);
}

static uint64_t page_sum(const struct run_window *r, uint64_t page)
{
    const uint64_t *word = (const uint64_t *)(const void *)(machine_view + (r->pa + page * PAGE_SIZE - sim_cfg.ram_base));
    uint64_t sum = 0;
    for (uint64_t i = 0; i < PAGE_SIZE / sizeof(*word); i++) {
        sum = (sum + word[i]) * 0x9e3779b97f4a7c15ULL;
    }
    return sum;
}

static void see_page(struct run_window *r, uint64_t page)
{
    r->seen[page] = true;
    r->sum[page] = page_sum(r, page);
}

void *sim_window_open(enum mmu_window w, paddr_t pa)
{
    struct run_window *r = &run_windows[sim_cpu()][w];
    if (r->open || (pa.v & (MMU_WINDOW_SIZE - 1U)) != 0U || !sim_is_ram(pa.v, MMU_WINDOW_SIZE) ||
        ranges_overlap(pa.v, MMU_WINDOW_SIZE, sim_cfg.own_base, sim_cfg.own_size)) {
        sim_fail("mmu.window_open %d at 0x%lx: it is open, or this is no block of RAM outside the hypervisor's own", (int)w,
                 pa.v);
    }
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) { /* the RAM is of the VM that this CPU ran, and the VM has ended */
        if (sim_cores[i].s2.base == sim_self()->s2.base && sim_cores[i].unfinished) {
            sim_fail("mmu.window_open at 0x%lx: stores of the guest on CPU %u may still be under way", pa.v, i);
        }
    }
    *r = (struct run_window){ .open = true, .pa = pa.v };
    for (uint64_t i = 0; w == MMU_WINDOW_FROM && !sim_cfg.coloured && i < WINDOW_PAGES; i++) {
        see_page(r, i);
    }
    uint8_t *p = hv_view + (pa.v - sim_cfg.ram_base);
    UNPOISON(p, MMU_WINDOW_SIZE);
    return p;
}

/* Stricter than hardware: what is cleaned are whole pages, each after the last store to it, and unless other VMs may have colours
 * of the window, and store to them meanwhile, all of it, whatever of it was stored to. */
void sim_cache_clean(const void *p, uint64_t size)
{
    struct run_window *r = &run_windows[sim_cpu()][MMU_WINDOW_TO];
    uint64_t pa;
    if (sim_arena_pa((uintptr_t)p, &pa) && sim_page_clean(p, pa, size)) {
        return;
    }
    if (!r->open || !sim_arena_pa((uintptr_t)p, &pa) || !range_within(pa, size, r->pa, MMU_WINDOW_SIZE) ||
        !is_aligned(pa | size, PAGE_SIZE)) {
        sim_fail("cache.clean of %p + 0x%lx, which is no pages of this CPU's window", p, size);
    }
    for (uint64_t at = pa; at < pa + size; at += PAGE_SIZE) {
        see_page(r, (at - r->pa) / PAGE_SIZE);
        ever_cleaned[(at - sim_cfg.ram_base) / PAGE_SIZE] = 1;
    }
    sim_llc_access(SIM_LLC_HV, pa, size); /* it has just been stored to */
    sim_llc_invalidate(pa, size);
}

void sim_window_close(enum mmu_window w)
{
    struct run_window *r = &run_windows[sim_cpu()][w];
    if (!r->open) {
        sim_fail("mmu.window_close %d: it is not open", (int)w);
    }
    for (uint64_t i = 0; i < WINDOW_PAGES; i++) {
        if (!r->seen[i] && !sim_cfg.coloured) {
            sim_fail("mmu.window_close %d: 0x%lx was not cleaned out of the caches", (int)w, r->pa + i * PAGE_SIZE);
        }
        if (r->seen[i] && page_sum(r, i) != r->sum[i]) {
            sim_fail("mmu.window_close %d: 0x%lx was stored to through a read-only window, or after it was cleaned", (int)w,
                     r->pa + i * PAGE_SIZE);
        }
    }
    POISON(hv_view + (r->pa - sim_cfg.ram_base), MMU_WINDOW_SIZE);
    r->open = false;
    for (unsigned i = 0; i < 2U * sim_cfg.nr_cpus; i++) { /* of coloured memory others may have the same one open */
        const struct run_window *o = &run_windows[i / 2U][i % 2U];
        if (o->open && o->pa == r->pa) {
            UNPOISON(hv_view + (o->pa - sim_cfg.ram_base), MMU_WINDOW_SIZE);
        }
    }
}

bool sim_arena_pa(uintptr_t addr, uint64_t *pa)
{
    if (hv_view == NULL || addr < (uintptr_t)hv_view || addr >= (uintptr_t)hv_view + view_size) {
        return false;
    }
    uint64_t at = sim_cfg.ram_base + (addr - (uintptr_t)hv_view);
    *pa = moved != NULL && range_within(at, 1, sim_cfg.own_base, sim_cfg.own_size) ? plan_hv_pa(moved, at - sim_cfg.own_base).v : at;
    return true;
}

/* As the image does it: no page of the pool is copied. What was left behind is spoilt, so that whoever still reads it is found. */
void sim_move(const struct plan *plan)
{
    uint8_t *old = sim_ram(plan->hv_base, HV_REGION_SIZE);
    for (uint64_t n = 0; n < plan->pool_pa - plan->hv_base; n += PAGE_SIZE) {
        memcpy(sim_ram(plan_hv_pa(plan, n).v, PAGE_SIZE), old + n, PAGE_SIZE);
    }
    moved_by = *plan;
    moved = &moved_by;
    show_moved();
    memset(old, 0xa5, HV_REGION_SIZE);
}

/* Objects of the image have no place in the arena: they all seem to lie at the start of the hypervisor's region. */
paddr_t sim_pa_of(const void *p)
{
    uint64_t pa;
    return PA(sim_arena_pa((uintptr_t)p, &pa) ? pa : sim_cfg.own_base);
}
