/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages that the hypervisor keeps mapped (MAP_PAGE), and others read. As if its caches never wrote a line back by themselves and
 * everybody else read memory alone: its view of such a page is its own, and what it cleans is copied to the machine's.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "hv/plan.h"
#include "sim/internal.h"

static uint64_t pages[PLAN_MAX_CHANNELS];
static unsigned nr_pages;

void sim_pages_reset(void)
{
    nr_pages = 0;
}

void *sim_page_map(paddr_t pa, uint64_t size, uint8_t *hv_view)
{
    if (size != PAGE_SIZE || !is_aligned(pa.v, PAGE_SIZE) || sim_own(pa.v, size)) {
        sim_fail("mmu.map of 0x%lx + 0x%lx as a page: it is none, or the hypervisor's own", pa.v, size);
    }
    if (nr_pages == ARRAY_SIZE(pages)) {
        return NULL;
    }
    if (mmap(hv_view, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED) {
        sim_fail("no address space for a page");
    }
    memcpy(hv_view, sim_ram(pa.v, size), size);
    pages[nr_pages++] = pa.v;
    return hv_view;
}

bool sim_page_clean(const void *p, uint64_t pa, uint64_t size)
{
    for (unsigned i = 0; i < nr_pages; i++) {
        if (range_within(pa, size, pages[i], PAGE_SIZE)) {
            memcpy(sim_ram(pa, size), p, size);
            return true;
        }
    }
    return false;
}
