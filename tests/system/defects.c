/* SPDX-License-Identifier: Apache-2.0 */
#include "defects.h"

#include <stdio.h>

#include "core/console.h"
#include "three_vms.h"
#include "vdev/vconsole_state.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"
#include "victim.h"

static unsigned victim_index(void)
{
    return three_roles[VICTIM].index;
}

static struct vm *victim_vm(void)
{
    return &vms[victim_index()];
}

static struct vgic *victim_vgic(void)
{
    return &vgics[victim_index()];
}

static bool sends_ipi(void)
{
    arch_ops.irqc.send_ipi(three_roles[VICTIM].guest.cpus[0]);
    return true;
}

static bool asks_vcpu(void)
{
    (void)atomic32_or(&victim_vm()->vcpus[0].request, VCPU_REQ_VIRQ);
    return true;
}

static bool posts_sgi(void)
{
    struct vcpu another = { .vm = victim_vm(), .index = 1 };
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

static bool writes_ram(void)
{
    *(uint8_t *)sim_ram(three_plan.regions[3U * victim_index()].pa + 0x1238U, 1) ^= 1U;
    return true;
}

static bool changes_register(void)
{
    victim_vm()->vcpus[0].regs.x[28] ^= 1U;
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

static bool puts_character(void)
{
    (void)console_put(victim_index(), 'x');
    return true;
}

/* It has to be there, and nobody in the middle of taking it. */
static bool takes_character(void)
{
    struct console_port *p = &console_ports[victim_index()];
    if (p->out_put.v - p->out_taken.v < 4U) {
        return false;
    }
    p->out[(p->out_taken.v + 2U) % CONSOLE_OUT_BYTES] ^= 1;
    return true;
}

static bool loses_output(void)
{
    (void)atomic32_add(&console_ports[victim_index()].lost, 1U);
    return true;
}

static bool forges_line(void)
{
    for (const char *s = "\r\n[victim] forged\r\n"; *s != '\0'; s++) {
        while (!arch_ops.console.try_putc(*s)) {
            arch_ops.cpu.relax();
        }
    }
    return true;
}

static bool raises_uart(void)
{
    virqc_set_line(victim_vm(), victim_vm()->plan->vuart_irq, true);
    return true;
}

static bool changes_uart(void)
{
    vconsoles[victim_index()].uart.pl011.imsc ^= 0x20U;
    return true;
}

static bool types_to_victim(void)
{
    char keys[8];
    snprintf(keys, sizeof(keys), "%c%ux", CONSOLE_ESCAPE, victim_index() + 1U);
    sim_type(keys);
    return true;
}

static bool holds_uart_lock(void)
{
    spin_lock(&vconsoles[victim_index()].lock);
    for (unsigned i = 0; i < 40U; i++) {
        arch_ops.cpu.relax();
    }
    spin_unlock(&vconsoles[victim_index()].lock);
    return true;
}

const struct defect defects[] = {
    { "an IPI too many", sends_ipi },
    { "a request to a vCPU", asks_vcpu },
    { "an SGI to another VM", posts_sgi },
    { "a foreign interrupt made pending", raises_spi },
    { "foreign interrupts enabled and disabled", enables_and_disables_spis },
    { "a foreign interrupt routed", routes_spi },
    { "a foreign priority", changes_priority },
    { "a byte of foreign RAM", writes_ram },
    { "a foreign register", changes_register },
    { "a foreign lock held", holds_lock },
    { "a character among a foreign VM's output", puts_character },
    { "a character of foreign output changed", takes_character },
    { "foreign output lost", loses_output },
    { "a line under a foreign name", forges_line },
    { "a foreign UART's interrupt raised", raises_uart },
    { "a foreign UART's register", changes_uart },
    { "the focus moved and a key typed", types_to_victim },
    { "a foreign UART's lock held", holds_uart_lock },
};

const unsigned nr_defects = ARRAY_SIZE(defects);
