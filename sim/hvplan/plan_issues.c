/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate() has the last word; its issues told by the names of VMs and what they own. */
#include "hvplan.h"

#include <inttypes.h>

static const char *vm_name(const struct run *r, uint32_t vm)
{
    return vm < r->nr_vms ? r->vm[vm].sys->path : "/";
}

/* What is asked of the page-table pool, VM by VM. */
static const char *pool_text(struct run *r)
{
    const char *s = "";
    uint64_t sum = 0;

    for (uint32_t i = 0; i < r->nr_vms; i++) {
        uint64_t n = plan_s2_pages(r->plan, i);

        sum += n;
        s = arena_printf(&r->arena, "%s%s%s %" PRIu64, s, i == 0U ? "" : ", ", r->vm[i].sys->name, n);
    }
    return arena_printf(&r->arena, "the VMs take %" PRIu64 " page-table pages (%s), and the hypervisor's 2 MiB have room for %" PRIu64
                        " beside %s for so many CPUs and VMs; coloured memory takes one for each 2 MiB: give less of it",
                        sum, s, r->plan->pool_pages, size_text(&r->arena, plan_own_pages(r->plan) * PAGE_SIZE));
}

/* An index of an issue in words: a region by what it is, everything else by its number. */
static const char *entry_text(struct run *r, enum plan_error e, uint32_t i)
{
    const struct plan *p = r->plan;

    if (i == PLAN_NO_INDEX) {
        return "";
    }
    if (e >= PLAN_E_REGION_ALIGN && e <= PLAN_E_REGION_IPA_BITS && i < p->regions.count) {
        const struct plan_region *g = plan_region(p, i);

        return arena_printf(&r->arena, " [%s 0x%" PRIx64 " + 0x%" PRIx64 "]",
                            g->kind == PLAN_REGION_RAM ? "RAM" : g->kind == PLAN_REGION_CHANNEL ? "channel" : "device", g->pa, g->size);
    }
    if ((e == PLAN_E_IRQ_RANGE || e == PLAN_E_IRQ_TWICE) && i < p->irqs.count) {
        return arena_printf(&r->arena, " [interrupt %" PRIu32 "]", plan_irq(p, i)->intid);
    }
    return arena_printf(&r->arena, " [%" PRIu32 "]", i);
}

/* As many of the colours follow each other as that, from a multiple of it on. */
static bool in_a_row(uint64_t colours, uint64_t n)
{
    uint64_t row = n < LLC_MAX_COLOURS ? (1ULL << n) - 1U : ~0ULL;

    for (uint64_t first = 0; first < LLC_MAX_COLOURS; first += n) {
        if ((colours >> first & row) == row) {
            return true;
        }
    }
    return false;
}

/* The one issue that is mended in another node than the VM's. Where they are in a row already, the hash has them in another order at
 * the place that the hypervisor's memory is at. */
static void say_root(struct run *r, const struct plan_issue *q)
{
    uint64_t unit = r->llc.size / r->llc.ways / r->llc.colours;
    uint64_t colours = (q->a * PAGE_SIZE + unit - 1U) / unit;

    if (in_a_row(r->sys.hv_colours, colours)) {
        diag_error(&r->diag, source_where(&r->sys.src, "/hypervisor", "colours"), "/hypervisor",
                   "the root of stage 2 of %s needs %u pages in a row, and the hash of the cache puts colours in another order where the "
                   "hypervisor's memory would be, from 0x%" PRIx64 " on; remove colours here",
                   vm_name(r, q->vm), q->a, r->hv_home);
        return;
    }
    diag_error(&r->diag, source_where(&r->sys.src, "/hypervisor", "colours"), "/hypervisor",
               "the hypervisor needs %" PRIu64 " colours in a row, from a multiple of %" PRIu64
               " on, for the root of stage 2 of %s; give it such, like colours = \"0-%" PRIu64 "\";",
               colours, colours, vm_name(r, q->vm), colours - 1U);
}

/* Of channels there are soon many: each endpoint has each piece. */
static void say_regions(struct run *r)
{
    uint32_t channels = 0;

    for (uint32_t i = 0; i < r->plan->regions.count; i++) {
        channels += plan_region(r->plan, i)->kind == PLAN_REGION_CHANNEL ? 1U : 0U;
    }
    diag_error(&r->diag, source_where(&r->sys.src, channels != 0U ? "/channels" : "/vms", NULL), channels != 0U ? "/channels" : "/vms",
               "memory, devices and channels of all VMs are %" PRIu32 " regions, of channels %" PRIu32 ", and a plan has room for %u; a channel takes "
               "one for each endpoint and each output, and for each endpoint one more if there is common memory: give them less",
               r->plan->regions.count, channels, PLAN_MAX_REGIONS);
}

void plan_issues(struct run *r)
{
    struct plan_report rep = {0};

    if (plan_validate(r->plan, PLAN_MAX_BYTES, r->board.kind->name, r->board.isa, &rep) == HV_OK) {
        return;
    }
    for (uint32_t i = 0; i < rep.count && i < ARRAY_SIZE(rep.issue); i++) {
        const struct plan_issue *q = &rep.issue[i];

        if (q->error == PLAN_E_POOL) {
            diag_error(&r->diag, source_where(&r->sys.src, "/vms", NULL), "/vms", "%s", pool_text(r));
            continue;
        }
        if (q->error == PLAN_E_COUNT && r->plan->regions.count > PLAN_MAX_REGIONS) {
            say_regions(r);
            continue;
        }
        if (q->error == PLAN_E_HV_ROOT) {
            say_root(r, q);
            continue;
        }
        diag_error(&r->diag, source_where(&r->sys.src, vm_name(r, q->vm), NULL), vm_name(r, q->vm),
                   "%s%s%s; change the plan there", plan_error_text(q->error), entry_text(r, q->error, q->a),
                   entry_text(r, q->error, q->b));
    }
}
