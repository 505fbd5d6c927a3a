/* SPDX-License-Identifier: Apache-2.0 */
#include "guest_irqc.h"
#include "sim/riscv/hart.h"
#include "three_vms.h"
#include "trace.h"
#include "vdev/vaplic_state.h"
#include "vdev/vplic_state.h"
#include "victim.h"

static const struct three_role *const me = &three_roles[VICTIM];

/* Of each hart hvip, enables and interrupt file. */
uint64_t victim_virtual_sum(void)
{
    uint64_t sum = AIA ? trace_sum(&vaplics[me->index], sizeof(vaplics[0])) : trace_sum(&vplics[me->index], sizeof(vplics[0]));
    for (unsigned i = 0; i < me->guest.nr_vcpus; i++) {
        unsigned cpu = me->guest.cpus[i];
        uint64_t words[] = { sim_harts[cpu].hvip, sim_harts[cpu].vsie, sim_harts[cpu].vsiselect, sim_cores[cpu].timer,
                             sim_aia_file_read(cpu, 0x70), sim_aia_file_read(cpu, 0x72), sim_aia_file_read(cpu, 0x80),
                             sim_aia_file_read(cpu, 0x82), sim_aia_file_read(cpu, 0xc0), sim_aia_file_read(cpu, 0xc2) };
        sum = (sum * 31U) + trace_sum(words, sizeof(words));
    }
    return sum;
}

uint64_t victim_physical_sum(void)
{
    uint64_t words[64];
    unsigned n = 0;
    for (unsigned w = 1; w < 3U; w++) {
        for (unsigned k = IRQC_ENABLE; k <= IRQC_ACTIVE; k++) {
            enum irqc_bit what = (enum irqc_bit)k;
            words[n++] = (sim_has_aia() ? sim_aia_get(what, w - 1U) : sim_plic_get(what, w - 1U)) & victim_bits(w);
        }
        words[n++] = sim_has_aia() ? sim_aia_inputs(w - 1U) & victim_bits(w) : 0U;
    }
    for (unsigned i = 0; i < THREE_SPIS; i++) {
        uint32_t source = three_spis[VICTIM][i] - RISCV_WIRED;
        words[n++] = sim_has_aia() ? sim_aia_source(source) : sim_plic_route_of(source);
    }
    for (unsigned i = 0; i < me->guest.nr_vcpus; i++) {
        unsigned cpu = me->guest.cpus[i];
        const struct hart *h = &sim_harts[cpu];
        words[n++] = (uint64_t)h->ssip | (uint64_t)h->stie << 1;
        words[n++] = sim_has_aia() ? sim_aia_seip(cpu) : sim_plic_seip(cpu);
    }
    return trace_sum(words, n * sizeof(words[0]));
}

/* The physical controllers' registers that VMs share are set and cleared by mask, or under a lock below the
 * boundary. */
const void *victim_shared_lock(void)
{
    return NULL;
}
