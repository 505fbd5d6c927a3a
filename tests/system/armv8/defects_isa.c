/* SPDX-License-Identifier: Apache-2.0 */
#include "defects.h"

#include "vdev/vconsole_state.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"
#include "victim.h"

static struct vgic *victim_vgic(void)
{
    return &vgics[defect_victim()];
}

static bool posts_sgi(void)
{
    struct vcpu another = { .vm = &vms[defect_victim()], .index = 1 };
    if (victim_vgic()->v2) {
        vgic_send_sgir(&another, 0x0001000a);
    } else {
        vgic_send_sgi(&another, 0x0a000001, 1);
    }
    return true;
}

static bool raises_spi(void)
{
    arch_ops.irqc.set(IRQC_PENDING, 0, three_spis[VICTIM][0] / 32U, 1U << (three_spis[VICTIM][0] % 32U));
    return true;
}

static bool enables_and_disables_spis(void)
{
    uint32_t on = arch_ops.irqc.get(IRQC_ENABLE, 0, 1) & victim_bits(1);
    arch_ops.irqc.set(IRQC_ENABLE, 0, 1, victim_bits(1) & ~on);
    arch_ops.irqc.clear(IRQC_ENABLE, 0, 1, on);
    return true;
}

static bool routes_spi(void)
{
    arch_ops.irqc.route(three_spis[VICTIM][1], three_roles[ATTACKER].guest.cpus[0]);
    return true;
}

static bool changes_priority(void)
{
    victim_vgic()->prio[three_spis[VICTIM][2]] ^= 0x80U;
    return true;
}

static bool holds_lock(void)
{
    spin_lock(&victim_vgic()->lock);
    for (unsigned i = 0; i < 40U; i++) {
        arch_ops.cpu.relax();
    }
    spin_unlock(&victim_vgic()->lock);
    return true;
}

static bool changes_uart(void)
{
    vconsoles[defect_victim()].uart.pl011.imsc ^= 0x20U;
    return true;
}

const struct defect defects_isa[] = {
    { "an SGI to another VM", posts_sgi },
    { "a foreign interrupt made pending", raises_spi },
    { "foreign interrupts enabled and disabled", enables_and_disables_spis },
    { "a foreign interrupt routed", routes_spi },
    { "a foreign priority", changes_priority },
    { "a foreign lock held", holds_lock },
    { "a foreign UART's register", changes_uart },
};

const unsigned nr_defects_isa = ARRAY_SIZE(defects_isa);
