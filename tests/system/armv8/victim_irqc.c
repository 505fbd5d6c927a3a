/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/armv8/gic.h"
#include "three_vms.h"
#include "trace.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"
#include "victim.h"

static const struct three_role *const me = &three_roles[VICTIM];

/* The victim's interrupts and its CPUs' interfaces at the physical controller. */
uint64_t victim_physical_sum(void)
{
    uint64_t words[128];
    unsigned n = 0;
    for (unsigned w = 1; w < 3U; w++) {
        for (unsigned k = IRQC_ENABLE; k <= IRQC_ACTIVE; k++) {
            words[n++] = sim_gic_get((enum irqc_bit)k, 0, w) & victim_bits(w);
        }
        words[n++] = sim_gic_edges(0, w) & victim_bits(w);
    }
    for (unsigned i = 0; i < THREE_SPIS; i++) {
        words[n++] = sim_gic_route_of(three_spis[VICTIM][i]);
    }
    for (unsigned i = 0; i < me->guest.nr_vcpus; i++) {
        unsigned cpu = me->guest.cpus[i];
        for (unsigned k = IRQC_ENABLE; k <= IRQC_ACTIVE; k++) {
            words[n++] = sim_gic_get((enum irqc_bit)k, cpu, 0);
        }
        for (unsigned k = 0; k < sim_config()->nr_lrs; k++) {
            words[n++] = sim_gic_read_lr(cpu, k);
        }
        words[n++] = sim_gic_empty(cpu);
        words[n++] = sim_gic_irq(cpu);
        words[n++] = vgic_cpus[cpu].used;
    }
    return trace_sum(words, n * sizeof(words[0]));
}

uint64_t victim_virtual_sum(void)
{
    uint64_t sum = trace_sum(&vgics[me->index], sizeof(vgics[0]));
    for (unsigned i = 0; i < me->guest.nr_vcpus; i++) {
        sum = (sum * 31U) + trace_sum(&vgic_cpus[me->guest.cpus[i]], sizeof(vgic_cpus[0]));
    }
    return sum;
}

const void *victim_shared_lock(void)
{
    vgic_conf_set_trigger(0, three_spis[VICTIM][0], false);
    return sim_last_lock();
}
