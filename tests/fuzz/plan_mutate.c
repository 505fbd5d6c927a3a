/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds and mutations of the plan's target: most change a field of a plan that stays a plan, and all but a few seal it. */
#include "fuzz.h"

#include <string.h>

#include "plan_fixture.h"

static uint64_t state;

static uint64_t rnd(uint64_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33) % n;
}

static uint64_t load(const uint8_t *at, unsigned width)
{
    uint64_t v = 0;
    memcpy(&v, at, width);
    return v;
}

/* Somewhere in the plan, header or table alike; tables begin at the header's end. */
static size_t place(size_t size, unsigned width)
{
    size_t words = (rnd(4) == 0U ? sizeof(struct plan) : size) / width;
    size_t first = rnd(4) != 0U && size > sizeof(struct plan) + width ? sizeof(struct plan) / width : 0U;
    return (first < words ? first + rnd(words - first) : rnd(words)) * width;
}

static void change_field(uint8_t *data, size_t size)
{
    static const uint64_t steps[] = { 1, 2, 4, 8, 0x1000, 0x10000, 0x20000, 0x200000, 0x40000000, 1ULL << 39 };
    unsigned width = rnd(2) != 0U ? 8U : 4U;
    uint8_t *at = data + place(size, width);
    uint64_t v = load(at, width), step = steps[rnd(sizeof(steps) / sizeof(steps[0]))];
    switch (rnd(6)) {
    case 0:
        v += step;
        break;
    case 1:
        v -= step;
        break;
    case 2:
        v = rnd(65);
        break;
    case 3:
        v ^= 1ULL << rnd(64);
        break;
    case 4:
        v = step * rnd(32);
        break;
    default: /* another field's value: equal addresses, numbers and sizes */
        v = load(data + place(size, width), width);
        break;
    }
    memcpy(at, &v, width);
}

/* A region moves, changes a colour, or one takes another's place, so that what clashes does so in one way only. */
static void change_region(uint8_t *data, size_t size)
{
    struct plan p;
    struct plan_region r, o;
    memcpy(&p, data, sizeof(p));
    if (p.regions.count == 0U || p.regions.count > PLAN_MAX_REGIONS || p.regions.offset > size ||
        size - p.regions.offset < p.regions.count * sizeof(r)) {
        return;
    }
    uint8_t *at = data + p.regions.offset + rnd(p.regions.count) * sizeof(r);
    const uint8_t *from = data + p.regions.offset + rnd(p.regions.count) * sizeof(r);
    memcpy(&r, at, sizeof(r));
    memcpy(&o, from, sizeof(o));
    uint64_t by = (rnd(2) != 0U ? 0x1000ULL : 0x200000ULL) * (1U + rnd(16));
    switch (rnd(7)) {
    case 0:
        r.pa = o.pa + o.size - (rnd(2) != 0U ? by : 0U);
        break;
    case 1:
        r.pa = o.pa - r.size + (rnd(2) != 0U ? by : 0U);
        break;
    case 2:
        r.ipa = o.ipa + o.size - (rnd(2) != 0U ? by : 0U);
        break;
    case 3:
        r.size = by;
        break;
    case 4:
        r.pa += by;
        r.ipa += by;
        break;
    case 5: /* one colour more, or less, of those that there are */
        r.colours ^= p.llc.colours != 0U ? 1ULL << rnd(p.llc.colours < 64U ? p.llc.colours : 64U) : 0U;
        break;
    default:
        r.pa = 1ULL << (32U + rnd(20)); /* the far end of what a machine may have */
        r.kind = PLAN_REGION_DEVICE;
        r.rights &= 3U;
        break;
    }
    memcpy(at, &r, sizeof(r));
}

static size_t seal(uint8_t *data, size_t size)
{
    if (size >= sizeof(struct plan)) {
        struct plan *p = (struct plan *)(void *)data;
        if (rnd(16) != 0U) {
            p->length = (uint32_t)(size / 8U * 8U);
        }
        if (p->length >= sizeof(*p) && p->length <= size && p->length % 8U == 0U) {
            p->sum = plan_sum_self(p);
        }
    }
    return size;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    static _Alignas(16) uint8_t plan[PLAN_MAX_BYTES];
    state = seed;
    if (size < sizeof(struct plan) || max > sizeof(plan) || rnd(8) == 0U) {
        size = LLVMFuzzerMutate(data, size, max);
    }
    memcpy(plan, data, size);
    for (uint64_t n = rnd(3) != 0U ? 1U : 1U + rnd(4); n != 0U && size >= sizeof(struct plan); n--) {
        if (rnd(2) != 0U) {
            change_field(plan, size);
        } else {
            change_region(plan, size);
        }
    }
    size = rnd(32) != 0U ? seal(plan, size) : size;
    memcpy(data, plan, size);
    return size;
}

/* As many VMs as can be, of a CPU each, with small RAM at odd places: many tables. */
static void crowd(void (*emit)(const void *data, size_t size))
{
    struct {
        struct plan p;
        struct plan_cpu cpus[HV_MAX_CPUS];
        struct plan_vm vms[HV_MAX_VMS];
        struct plan_region regions[2U * HV_MAX_VMS];
        struct plan_irq irqs[HV_MAX_VMS];
        char log[8];
    } c;
    struct plan_fixture f;
    plan_fixture_good(&f);
    memset(&c, 0, sizeof(c));
    c.p = f.p;
    c.p.length = sizeof(c);
    c.p.pool_pages = 200;
    c.p.nr_irqs = 1020;
    c.p.cpus = (struct plan_table){ offsetof(__typeof__(c), cpus), HV_MAX_CPUS };
    c.p.vms = (struct plan_table){ offsetof(__typeof__(c), vms), HV_MAX_VMS };
    c.p.regions = (struct plan_table){ offsetof(__typeof__(c), regions), 2U * HV_MAX_VMS };
    c.p.irqs = (struct plan_table){ offsetof(__typeof__(c), irqs), HV_MAX_VMS };
    c.p.images = (struct plan_table){ offsetof(__typeof__(c), log), 0 };
    c.p.log = (struct plan_table){ offsetof(__typeof__(c), log), 4 };
    memcpy(c.log, "log\n", 4);
    for (unsigned i = 0; i < HV_MAX_VMS; i++) {
        c.cpus[i].hw_id = 0x100U * i;
        c.vms[i] = f.vms[1];
        memcpy(c.vms[i].name, "vm0", 4);
        c.vms[i].name[2] = (char)('A' + i);
        c.vms[i].cpus[0] = HV_MAX_CPUS - 1U - i;
        c.vms[i].ipa_bits = 31U + i % 6U;
        c.vms[i].first_region = 2U * i;
        c.vms[i].nr_regions = 2;
        c.vms[i].first_irq = i;
        c.vms[i].nr_irqs = 1;
        c.vms[i].first_image = 0;
        c.vms[i].nr_images = 0;
        c.irqs[i].intid = 32U + 30U * i;
        c.regions[2U * i] = (struct plan_region){ 0x40000000, 0x41000000 + 0x201000ULL * i, 0x200000, 0, 7, 0 };
        c.regions[2U * i + 1U] = (struct plan_region){ 0x9000000, 0x9000000 + 0x1000ULL * i, 0x1000, 1, 1U + 2U * (i % 2U), 0 };
    }
    c.p.sum = plan_sum_self(&c.p);
    emit(&c, sizeof(c));
}

/* Coloured VMs among each other, under a hypervisor that moves to colours of its own; also in a cache with a hash. */
static void all_coloured(void (*emit)(const void *data, size_t size))
{
    static const uint64_t hash[2][4] = {{0}, {0x60000, 0x80000, 0, 0x120000}};
    struct plan_report report;
    struct plan_fixture f;
    for (unsigned i = 0; i < 2U; i++) {
        plan_fixture_good(&f);
        plan_fixture_coloured(&f);
        f.regions[3].colours = 0x0f00;
        plan_fixture_hv_colours(&f, 0xf000);
        memcpy(f.p.llc.hash, hash[i], sizeof(hash[i]));
        plan_fixture_seal(&f);
        FUZZ_EXPECT(plan_validate(&f, sizeof(f), FIXTURE_BOARD, PLAN_ISA_ARMV8, &report) == HV_OK);
        emit(&f, sizeof(f));
    }
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    struct plan_fixture f;
    all_coloured(emit);
    plan_fixture_good(&f);
    plan_fixture_restart(&f);
    emit(&f, sizeof(f));
    plan_fixture_hv_colours(&f, 0x0ff3);
    emit(&f, sizeof(f));
    f.p.llc.hash[0] = 0x10000;
    plan_fixture_seal(&f);
    emit(&f, sizeof(f));
    plan_fixture_good(&f);
    plan_fixture_coloured(&f);
    emit(&f, sizeof(f));
    plan_fixture_good(&f);
    emit(&f, sizeof(f));
    f.p.pa_bits_min = 48;
    f.vms[0].ipa_bits = 44;
    plan_fixture_seal(&f);
    emit(&f, sizeof(f));
    plan_fixture_gicv2(&f);
    f.regions[2].pa = 1ULL << 40;
    f.regions[2].size = 0x80000000;
    f.regions[2].ipa = 1ULL << 40;
    plan_fixture_seal(&f);
    emit(&f, sizeof(f));
    f.p.pa_bits_min = 52;
    plan_fixture_seal(&f);
    emit(&f, sizeof(f));
    crowd(emit);
    f.p.sum.s0++;
    emit(&f, sizeof(f));
    emit(&f, sizeof(struct plan) - 8U);
}
