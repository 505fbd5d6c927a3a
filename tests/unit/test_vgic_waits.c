/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No SGI of a GICv3 waits that nobody will look at. Who sends one that pends already tells nobody (vgic_sgi.c), so after each act of any
 * vCPU, and once all have taken what came, an SGI that may be signalled and is in no list register waits for an end that traps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hv/arch_ops.h"
#include "seeds.h"
#include "vdev/vgic_state.h"
#include "vgic_fixture.h"

#define STEPS   300U
#define SGIS(i) (FX_GICR + 0x20000U * (i) + 0x10000U)

static struct vgic *g;
static uint32_t acknowledged[FX_VCPUS][64]; /* by vCPU, the innermost last */
static unsigned depth[FX_VCPUS];

static unsigned rnd(unsigned n)
{
    return (unsigned)(sim_random() % n);
}

static bool is_on(const struct vcpu *v)
{
    return (g->on >> v->index & 1U) != 0U;
}

/* One core is all there is: nothing may wait for another vCPU. */
static void nobody_waits(void)
{
    sim_fail("cpu %u waits", fx_cpu());
}

static void setup(unsigned lrs, uint64_t seed)
{
    fx_setup(lrs, seed);
    fx_start_all();
    arch_ops.cpu.relax = nobody_waits;
    g = &vgics[0];
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        struct vcpu *v = fx_vcpu(0, i);

        depth[i] = 0;
        fx_as(v);
        fx_write(v, FX_GICD, 4, 3);
        fx_write(v, SGIS(i) + 0x80U, 4, 0xffffffffU);
        fx_write(v, SGIS(i) + 0x100U, 4, 0xffffffffU);
    }
}

static void ack(struct vcpu *v)
{
    uint32_t intid = sim_gic_guest_ack(v->cpu, 1);

    if (intid < 1020U) {
        acknowledged[v->index][depth[v->index]++ % 64U] = intid;
    }
}

static void end(struct vcpu *v)
{
    if (depth[v->index] != 0U) {
        uint32_t intid = acknowledged[v->index][--depth[v->index] % 64U];

        sim_gic_guest_eoi(v->cpu, intid);
        sim_gic_ppi(v->cpu, FX_PTIMER, false);
    }
}

static void stop_or_start(struct vcpu *v)
{
    if (is_on(v)) {
        virqc_vcpu_stop(v);
    } else {
        virqc_vcpu_start(v);
        sim_gic_guest_enable(v->cpu, 3);
    }
    depth[v->index] = 0;
}

/* Of one SGI in a frame, if nobody has to be asked for it. */
static void change(struct vcpu *v, unsigned frame, uint32_t sgi)
{
    static const uint32_t regs[] = {0x100, 0x180, 0x200, 0x280, 0x300, 0x380, 0x380};
    uint32_t reg = regs[rnd(ARRAY_SIZE(regs))];
    bool others = frame != v->index;

    if (others && (reg == 0x300U || (g->vcpu[frame].w.listed >> sgi & 1U) != 0U)) {
        return;
    }
    if (rnd(6) == 0U) {
        fx_write(v, SGIS(frame) + 0x400U + sgi, 1, 8U * rnd(20));
    } else {
        fx_write(v, SGIS(frame) + reg, 4, 1U << sgi);
    }
}

static void act(struct vcpu *v, uint32_t sgi)
{
    unsigned other = rnd(FX_VCPUS);

    if (!is_on(v)) {
        if (rnd(8) == 0U) {
            stop_or_start(v);
        }
        return;
    }
    switch (rnd(10)) {
    case 0:
    case 1:
    case 2:
        fx_send(v, (uint64_t)sgi << 24 | 1ULL << other);
        break;
    case 3:
        ack(v);
        break;
    case 4:
        end(v);
        break;
    case 5:
        sim_gic_ppi(v->cpu, FX_PTIMER, true);
        break;
    case 6:
        if (rnd(8) == 0U) {
            stop_or_start(v);
        }
        break;
    case 7: /* groups off only while nobody has to be asked */
        fx_write(v, FX_GICD, 4, g->on == 1U << v->index ? rnd(4) : 3U);
        break;
    default:
        change(v, other, sgi);
        break;
    }
}

static void take_all(void)
{
    for (unsigned turn = 0; turn < 2U; turn++) { /* what one takes may tell another */
        for (unsigned i = 0; i < FX_VCPUS; i++) {
            struct vcpu *v = fx_vcpu(0, i);

            fx_as(v);
            if (is_on(v)) {
                fx_take_irqs(v);
            }
            while (sim_gic_irq(v->cpu)) {
                fx_idle_irq(v);
            }
        }
    }
}

/* An end traps that will have the vCPU look: of each list register, as there is no room, or of the one that has this SGI. */
static bool end_traps(const struct vgic_cpu *c, uint32_t sgi)
{
    for (unsigned n = 0; n < VGIC_MAX_LRS; n++) {
        if ((c->used & c->soft) >> n & 1U && c->intid[n] == sgi) {
            return true;
        }
    }
    return c->soft == c->used && c->used == (1U << arch_ops.virq.nr_lrs()) - 1U;
}

static void assert_nothing_lost(uint64_t seed, unsigned step)
{
    for (unsigned i = 0; i < FX_VCPUS; i++) {
        struct vgic_word *w = &g->vcpu[i].w;
        uint32_t waits = atomic32_load(&w->pend) & atomic32_load(&w->enabled) & vgic_forwarded(g, w) & ~w->orphan;

        for (; is_on(fx_vcpu(0, i)) && waits != 0U; waits &= waits - 1U) {
            uint32_t sgi = vgic_lowest(waits);

            if (!end_traps(&vgic_cpus[fx_vcpu(0, i)->cpu], sgi)) {
                fail_msg("seed %lu step %u: SGI %u of vCPU %u waits, and nobody looks", (unsigned long)seed, step, sgi, i);
            }
        }
    }
}

static void an_sgi_that_waits_is_looked_at_again(void **state)
{
    struct seeds s = seeds_of("VGIC", 200);

    (void)state;
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        setup(seed % 3U == 0U ? 2 : 1, seed);
        for (unsigned step = 0; step < STEPS; step++) {
            struct vcpu *v = fx_vcpu(0, rnd(FX_VCPUS));

            fx_as(v);
            act(v, rnd(seed % 2U == 0U ? 5 : 2));
            take_all();
            assert_nothing_lost(seed, step);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_sgi_that_waits_is_looked_at_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
