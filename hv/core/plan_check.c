/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): the order of the checks, and those of the header. */
#include "core/plan_check.h"

#include "core/pages.h"
#include "hv/s2_format.h"

#define NONE PLAN_NO_INDEX

void plan_check_issue(const struct plan_check *c, enum plan_error e, uint32_t vm, uint32_t a, uint32_t b)
{
    if (c->report->count < ARRAY_SIZE(c->report->issue)) {
        c->report->issue[c->report->count] = (struct plan_issue){e, vm, a, b};
    }
    if (c->report->count < UINT32_MAX) {
        c->report->count++;
    }
}

static void header_issue(const struct plan_check *c, enum plan_error e)
{
    plan_check_issue(c, e, NONE, NONE, NONE);
}

static bool table_ok(const struct plan *p, const struct plan_table *t, uint64_t entry)
{
    uint64_t bytes = t->count * entry; /* both below 2^32 */

    return t->offset >= sizeof(struct plan) && is_aligned(t->offset, 8) && t->offset <= p->length &&
           bytes <= p->length - t->offset;
}

static bool tables_ok(const struct plan *p)
{
    return table_ok(p, &p->cpus, sizeof(struct plan_cpu)) && table_ok(p, &p->vms, sizeof(struct plan_vm)) &&
           table_ok(p, &p->regions, sizeof(struct plan_region)) &&
           table_ok(p, &p->irqs, sizeof(struct plan_irq)) &&
           table_ok(p, &p->images, sizeof(struct plan_image)) &&
           table_ok(p, &p->channels, sizeof(struct plan_channel)) && table_ok(p, &p->log, 1);
}

static bool counts_ok(const struct plan *p)
{
    return p->cpus.count >= 1U && p->cpus.count <= HV_MAX_CPUS && p->vms.count >= 1U &&
           p->vms.count <= HV_MAX_VMS && p->regions.count <= PLAN_MAX_REGIONS &&
           p->irqs.count <= PLAN_MAX_IRQS && p->images.count <= PLAN_MAX_IMAGES &&
           p->channels.count <= PLAN_MAX_CHANNELS;
}

/* What has to hold before anything beyond the header may be read. */
static enum hv_status check_envelope(const struct plan_check *c, uint64_t len)
{
    const struct plan *p = c->p;

    if (len < sizeof(*p) || p->magic != PLAN_MAGIC) {
        header_issue(c, PLAN_E_HEADER);
        return HV_ERR_CORRUPT;
    }
    if (p->major != PLAN_MAJOR || p->minor != PLAN_MINOR) {
        header_issue(c, PLAN_E_VERSION);
        return HV_ERR_UNSUPPORTED;
    }
    if (p->length < sizeof(*p) || p->length > len || p->length > PLAN_MAX_BYTES ||
        !is_aligned(p->length, 8)) {
        header_issue(c, PLAN_E_HEADER);
        return HV_ERR_CORRUPT;
    }
    struct plan_sum sum = plan_sum_self(p);

    if (sum.s0 != p->sum.s0 || sum.s1 != p->sum.s1) {
        header_issue(c, PLAN_E_CHECKSUM);
        return HV_ERR_CORRUPT;
    }
    if (!tables_ok(p)) {
        header_issue(c, PLAN_E_HEADER);
        return HV_ERR_CORRUPT;
    }
    return HV_OK;
}

static void check_board(const struct plan_check *c, const char *board, enum plan_isa isa)
{
    const char *mine = c->p->board;
    size_t i = 0;

    while (i < sizeof(c->p->board) - 1U && mine[i] != '\0' && mine[i] == board[i]) {
        i++;
    }
    if (mine[i] != '\0' || board[i] != '\0' || c->p->isa != (uint32_t)isa) {
        header_issue(c, PLAN_E_BOARD);
    }
}

#define EACH(byte) (0x0101010101010101ULL * (byte))

/* True if each of eight characters is one of ' ' to '~', or a line's end. Below 0x80 the highest bit of a byte is free to say: 0x60 more
 * sets it from ' ' on, 1 more behind '~'; and of 0x80 less what it differs from '\n' it stays set if that is nothing. No byte reaches into
 * the next. */
static bool printable(uint64_t eight)
{
    uint64_t visible = (eight + EACH(0x60U)) & ~(eight + EACH(1U));
    uint64_t ends = EACH(0x80U) - (eight ^ EACH((uint64_t)'\n'));

    return (eight & EACH(0x80U)) == 0U && ((visible | ends) & EACH(0x80U)) == EACH(0x80U);
}

/* Log text goes to a terminal: printable ASCII and line ends only. It begins at a multiple of 8. */
static bool log_ok(const struct plan *p)
{
    const char *text = &((const char *)p)[p->log.offset];
    const uint64_t *words = (const uint64_t *)(const void *)text;
    uint32_t whole = p->log.count / 8U;

    for (uint32_t i = 0; i < whole; i++) {
        if (!printable(words[i])) {
            return false;
        }
    }
    for (uint32_t i = whole * 8U; i < p->log.count; i++) {
        if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~')) {
            return false;
        }
    }
    return true;
}

static bool fields_ok(const struct plan *p)
{
    /* 56 bits is the most that RISC-V has (Sv39 and up); what Armv8's tables cannot reach is found elsewhere. */
    uint32_t pa_bits_max = p->isa == (uint32_t)PLAN_ISA_RISCV ? 56U : 52U;

    return p->boot_flags == 0U && p->pa_bits_min >= 32U && p->pa_bits_min <= pa_bits_max && p->reserved == 0U &&
           plan_check_irqc(p) && log_ok(p);
}

static bool hv_layout_ok(const struct plan *p)
{
    /* Order matters: each term may rely on the ones before it. */
    return range_ok(p->ram_base, p->ram_size) && is_aligned(p->ram_base | p->ram_size, PAGE_SIZE) &&
           ((p->ram_base + (p->ram_size - 1U)) >> p->pa_bits_min) == 0U &&
           plan_check_reachable(p->ram_base, p->ram_size) && p->hv_size == HV_REGION_SIZE &&
           is_aligned(p->hv_base, HV_REGION_SIZE) &&
           range_within(p->hv_base, p->hv_size, p->ram_base, p->ram_size) && p->hv_image_size != 0U &&
           is_aligned(p->hv_image_size, 8) && p->hv_image_size <= p->hv_mem_size &&
           is_aligned(p->hv_mem_size, PAGE_SIZE) && p->hv_mem_size < HV_REGION_SIZE - PLAN_MAX_BYTES &&
           p->plan_pa == p->hv_base + p->hv_mem_size && p->pool_pa == p->plan_pa + PLAN_MAX_BYTES &&
           p->pool_pages >= 1U && p->pool_pages <= (p->hv_base + HV_REGION_SIZE - p->pool_pa) / PAGE_SIZE;
}

void plan_check_header(const struct plan_check *c)
{
    const struct plan *p = c->p;
    bool fields = fields_ok(p);

    if (!fields) {
        header_issue(c, PLAN_E_FIELD);
    }
    if (p->pa_bits_min < 64U && !hv_layout_ok(p)) {
        header_issue(c, PLAN_E_HV_LAYOUT);
    }
    plan_check_cpus(c);
}

/* A root that has no place even in an empty pool as large as can be is not short of pages, but of colours beside each other. */
static void check_root(const struct plan_check *c, uint32_t vm)
{
    struct pages pool = pages_of_plan(c->p);
    struct s2_geometry geo;
    uint64_t at;

    pool.total = (HV_REGION_SIZE - pool.first) / PAGE_SIZE;
    if (c->p->hv_colours != 0U && s2_geometry(plan_vm(c->p, vm)->ipa_bits, c->p->pa_bits_min, &geo) == HV_OK &&
        !pages_find(&pool, geo.root_pages, &at)) {
        plan_check_issue(c, PLAN_E_HV_ROOT, vm, geo.root_pages, NONE);
    }
}

/* A pool that is too small would leave the last VMs half built. */
static void check_pool(const struct plan_check *c)
{
    uint64_t used = 0;

    for (uint32_t vm = 0; vm < c->p->vms.count; vm++) {
        uint64_t pages = plan_pages_from(c->p, vm, used);

        if (pages == 0U) {
            plan_check_issue(c, PLAN_E_REGION_IPA_BITS, vm, NONE, NONE);
        }
        check_root(c, vm);
        used += pages;
    }
    if (c->report->count == 0U && used > c->p->pool_pages) {
        header_issue(c, PLAN_E_POOL);
    }
    if (plan_own_pages(c->p) > (c->p->hv_base + HV_REGION_SIZE - c->p->pool_pa) / PAGE_SIZE - c->p->pool_pages) {
        header_issue(c, PLAN_E_OWN);
    }
}

enum hv_status plan_validate(const void *p, uint64_t len, const char *board, enum plan_isa isa,
                             struct plan_report *report)
{
    const struct plan_check c = {p, report};
    enum hv_status st;

    report->count = 0;
    st = check_envelope(&c, len);
    if (st != HV_OK) {
        return st;
    }
    check_board(&c, board, isa);
    if (!counts_ok(c.p)) {
        header_issue(&c, PLAN_E_COUNT);
        return HV_ERR_INVAL;
    }
    if (!plan_check_llc(&c)) {
        return HV_ERR_INVAL;
    }
    plan_check_header(&c);
    plan_check_vms(&c);
    plan_check_regions(&c);
    plan_check_irqs(&c);
    plan_check_restart(&c);
    plan_check_console(&c);
    plan_check_channels(&c);
    plan_check_hv(&c);
    if (report->count == 0U) { /* what it counts with is right */
        check_pool(&c);
    }
    return report->count == 0U ? HV_OK : HV_ERR_INVAL;
}
