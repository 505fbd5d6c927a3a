/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM's three vCPUs and their virtual GIC on the simulator's controller. The first byte chooses these: steps that are each
 * compared with the reference model (tests/unit/vgic_steps.h), or a hostile guest's, which write anything anywhere and
 * end what was never begun; the GIC's version; and the number of list registers. After each step the list registers of all CPUs agree with the physical controller, and
 * nothing of the other VM has changed.
 */
#include "fuzz.h"

#include <string.h>

#include "hv/arch_ops.h"
#include "vdev/vgic_state.h"
#include "vgic_steps.h"

#define MAX_STEPS 200U

static struct bytes in;
static struct {
    struct vgic gic;
    uint32_t spis[3][FX_IRQS / 32U];
    struct vgic_cpu cpu;
} other, now;

static uint64_t draw(uint64_t n)
{
    unsigned width = n == 0U ? 8U : n <= 0x100U ? 1U : n <= 0x10000U ? 2U : 4U;
    uint64_t v = bytes_u64(&in, width);
    return n == 0U ? v : v % n;
}

static bool more(void)
{
    return in.left != 0U;
}

/* All that VM 1 has: its virtual controller, its SPIs at the physical one, its CPU's list registers. */
static void look_at_other(void)
{
    static const uint32_t mine[FX_IRQS / 32U] = { 0, 1U << (40 - 32), 1U << (70 - 64), 0, 0 };
    memcpy(&now.gic, &vgics[1], sizeof(now.gic));
    memcpy(&now.cpu, &vgic_cpus[fx_vcpu(1, 0)->cpu], sizeof(now.cpu));
    for (unsigned w = 1; w < FX_IRQS / 32U; w++) {
        for (unsigned k = 0; k < 3U; k++) {
            now.spis[k][w] = sim_gic_get((enum irqc_bit)k, 0, w) & mine[w];
        }
    }
}

static bool first, v2;

static void after(void)
{
    look_at_other();
    if (first) {
        other = now;
        first = false;
    }
    FUZZ_EXPECT(memcmp(&other, &now, sizeof(now)) == 0);
    FUZZ_EXPECT(sim_gic_route_of(40) == fx_vcpu(1, 0)->cpu && sim_gic_route_of(70) == fx_vcpu(1, 0)->cpu);
    FUZZ_EXPECT(atomic32_load(&fx_vcpu(1, 0)->request) == 0U);
    for (unsigned cpu = 0; cpu < 4U; cpu++) {
        sim_gic_audit(cpu);
    }
}

/* A GICv2's one frame, and beside it. */
static uint64_t wild_place_v2(unsigned how)
{
    static const uint32_t families[] = { 0,     0x80,  0x100, 0x180, 0x200, 0x280, 0x300, 0x380,
                                         0x400, 0x800, 0xc00, 0xf00, 0xf10, 0xf20, 0x880, 0xfd0 };
    if (how == 0U) {
        return FX_GICD - 0x10U + draw(0x1020U);
    }
    return FX_GICD + families[draw(16)] + draw(how < 4U ? 0x80U : 0x14U);
}

/* Any width at any place in the frames or beside them. */
static void wild_access(struct vcpu *v)
{
    static const uint8_t sizes[] = { 1, 2, 4, 8 };
    static const uint32_t families[] = { 0,     0x80,  0x100, 0x180, 0x200, 0x280,
                                         0x300, 0x380, 0x400, 0xc00, 0x6100, 0xffd0 };
    unsigned how = (unsigned)draw(8);
    struct exit_mmio a = { .size = sizes[draw(4)], .write = draw(4) != 0U, .reg64 = true };
    bool dist = draw(2) != 0U, abort = true;
    uint64_t end = dist ? FX_GICD + 0x10000U : FX_GICR + 0x20000U * FX_VCPUS;
    a.ipa = dist ? FX_GICD : FX_GICR + 0x20000U * draw(FX_VCPUS) + (draw(4) != 0U ? 0x10000U : 0U);
    if (how == 0U) {
        a.ipa = end - 0x20000U + draw(0x20010U);
    } else {
        a.ipa += families[draw(12)] + draw(how < 4U ? 0x80U : 0x14U);
    }
    if (v2) {
        a.ipa = wild_place_v2(how);
    }
    uint64_t val = how % 2U != 0U ? ~0ULL : draw(0);
    bool mine = (a.ipa >= FX_GICD && a.ipa < FX_GICD + (v2 ? 0x1000U : 0x10000U)) ||
                (!v2 && a.ipa >= FX_GICR && a.ipa < FX_GICR + 0x20000U * FX_VCPUS);
    steps_note("vCPU %u %s 0x%lx, %u bytes: 0x%lx", v->index, a.write ? "writes" : "reads", a.ipa, a.size, val);
    FUZZ_EXPECT(virqc_mmio(v, &a, &val, &abort) == mine && (!mine || !abort));
    FUZZ_EXPECT(!mine || a.write || a.size == 8U || val >> (8U * a.size) == 0U);
}

static void wild_interrupts(struct vcpu *v)
{
    unsigned what = (unsigned)draw(8);
    uint32_t intid = draw(4) == 0U ? (uint32_t)draw(v2 ? 8192 : 1024) : steps_any_irq();
    steps_note("vCPU %u, guest action %u, interrupt %u", v->index, what, intid);
    switch (what) {
    case 0:
        sim_gic_guest_eoi(v->cpu, intid);
        break;
    case 1:
        sim_gic_guest_dir(v->cpu, intid);
        break;
    case 2:
        sim_gic_guest_eoimode(v->cpu, draw(2) != 0U);
        break;
    case 3:
        sim_gic_guest_enable(v->cpu, (unsigned)draw(4));
        break;
    default:
        (void)sim_gic_guest_ack(v->cpu, what % 2U);
        break;
    }
}

static void wild(struct vcpu *v)
{
    unsigned k = steps_off[v->index] ? 12U + (unsigned)draw(4) : (unsigned)draw(16);
    if (k < 6U) {
        wild_access(v);
    } else if (k < 10U) {
        wild_interrupts(v);
    } else if (k < 12U) {
        uint64_t sgir = draw(2) != 0U ? draw(0) : draw(16) << 24 | draw(16);
        steps_note("vCPU %u sends 0x%lx", v->index, sgir);
        if (v2) {
            vgic_send_sgir(v, (uint32_t)sgir);
        } else {
            unsigned group = (unsigned)draw(2);
            if (group == 0U || !virqc_send(v, sgir)) {
                vgic_send_sgi(v, sgir, group);
            }
        }
    } else if (k < 15U) {
        steps_line();
    } else {
        steps_power(v);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned lrs[] = { 1, 4, 16, 2 };
    if (size < 4U) {
        return -1; /* no step: not kept */
    }
    in = (struct bytes){ data, size };
    uint8_t how = bytes_u8(&in);
    first = true;
    v2 = (how & 8U) != 0U;
    steps_run(&(struct steps){
        .v2 = v2,
        .nr_lrs = lrs[(how >> 1) % 4U],
        .seed = bytes_u64(&in, 2),
        .count = MAX_STEPS,
        .draw = draw,
        .more = more,
        .step = (how & 1U) != 0U ? wild : NULL,
        .after = after,
    });
    return 0;
}

/* Long strings of steps, so that the fuzzer begins with states that take many of them to reach. */
void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    uint64_t x = 1;
    for (unsigned i = 0; i < 16U; i++) {
        uint8_t seed[400];
        for (unsigned k = 0; k < sizeof(seed); k++) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            seed[k] = (uint8_t)(x >> 56);
        }
        seed[0] = (uint8_t)i;
        emit(seed, sizeof(seed));
    }
}
