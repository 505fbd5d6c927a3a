/* SPDX-License-Identifier: Apache-2.0 */
#include "defects.h"

#include "guest_irqc.h"
#include "vdev/vaplic_state.h"
#include "vdev/vconsole_state.h"
#include "vdev/vhart.h"
#include "vdev/vplic_state.h"
#include "victim.h"

#define SOURCE (three_spis[VICTIM][2] - RISCV_WIRED)

static bool posts_ipi(void)
{
    struct vcpu another = { .vm = &vms[defect_victim()], .index = 1 };
    vhart_send_ipi(&another, 1);
    return true;
}

/* An MSI into its file; or its line held against its device. */
static bool raises_wired(void)
{
    if (AIA) {
        arch_ops.virq.send_msi(three_roles[VICTIM].guest.cpus[0], 60);
    } else {
        sim_line(three_spis[VICTIM][0], false);
        sim_line(three_spis[VICTIM][0], true);
    }
    return true;
}

static bool disables_wired(void)
{
    uint32_t on = arch_ops.irqc.get(IRQC_ENABLE, 0, 1) & victim_bits(1);
    if (on == 0U) {
        return false;
    }
    arch_ops.irqc.clear(IRQC_ENABLE, 0, 1, on);
    return true;
}

static bool routes_wired(void)
{
    arch_ops.irqc.route(three_spis[VICTIM][1], three_roles[ATTACKER].guest.cpus[0]);
    return true;
}

static bool changes_source(void)
{
    if (AIA) {
        vaplics[defect_victim()].target[SOURCE] ^= 1U;
    } else {
        vplics[defect_victim()].word[SOURCE / 32U].prio[0] ^= 1U << (SOURCE % 32U);
    }
    return true;
}

static bool holds_lock(void)
{
    struct spinlock *lock = AIA ? &vaplics[defect_victim()].lock : &vplics[defect_victim()].lock;
    spin_lock(lock);
    for (unsigned i = 0; i < 40U; i++) {
        arch_ops.cpu.relax();
    }
    spin_unlock(lock);
    return true;
}

static bool changes_uart(void)
{
    vconsoles[defect_victim()].uart.ns16550.ier ^= 2U;
    return true;
}

const struct defect defects_isa[] = {
    { "an IPI to another VM", posts_ipi },
    { "a foreign interrupt made pending", raises_wired },
    { "foreign interrupts disabled", disables_wired },
    { "a foreign interrupt routed", routes_wired },
    { "a foreign interrupt's priority or target", changes_source },
    { "a foreign lock held", holds_lock },
    { "a foreign UART's register", changes_uart },
};

const unsigned nr_defects_isa = ARRAY_SIZE(defects_isa);
