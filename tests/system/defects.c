/* SPDX-License-Identifier: Apache-2.0 */
#include "defects.h"

#include <stdio.h>

#include "core/console.h"
#include "three_vms.h"
#include "vdev/vconsole_state.h"
#include "vdev/virqc.h"
#include "victim.h"

static bool sends_ipi(void)
{
    arch_ops.irqc.send_ipi(three_roles[VICTIM].guest.cpus[0]);
    return true;
}

static bool asks_vcpu(void)
{
    (void)atomic32_or(&vms[defect_victim()].vcpus[0].request, VCPU_REQ_VIRQ);
    return true;
}

static bool writes_ram(void)
{
    *(uint8_t *)sim_ram(three_plan.regions[3U * defect_victim()].pa + 0x1238U, 1) ^= 1U;
    return true;
}

static bool changes_register(void)
{
    vms[defect_victim()].vcpus[0].regs.x[17] ^= 1U; /* which each exit saves, on either ISA */
    return true;
}

static bool puts_character(void)
{
    (void)console_put(defect_victim(), 'x');
    return true;
}

/* It has to be there, and nobody in the middle of taking it. */
static bool takes_character(void)
{
    struct console_port *p = &console_ports[defect_victim()];
    if (p->out_put.v - p->out_taken.v < 4U) {
        return false;
    }
    p->out[(p->out_taken.v + 2U) % CONSOLE_OUT_BYTES] ^= 1;
    return true;
}

static bool loses_output(void)
{
    (void)atomic32_add(&console_ports[defect_victim()].lost, 1U);
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
    virqc_set_line(&vms[defect_victim()], vms[defect_victim()].plan->vuart_irq, true);
    return true;
}

static bool types_to_victim(void)
{
    char keys[8];
    snprintf(keys, sizeof(keys), "%c%ux", CONSOLE_ESCAPE, defect_victim() + 1U);
    sim_type(keys);
    return true;
}

static bool holds_uart_lock(void)
{
    spin_lock(&vconsoles[defect_victim()].lock);
    for (unsigned i = 0; i < 40U; i++) {
        arch_ops.cpu.relax();
    }
    spin_unlock(&vconsoles[defect_victim()].lock);
    return true;
}

static const struct defect common[] = {
    { "an IPI too many", sends_ipi },
    { "a request to a vCPU", asks_vcpu },
    { "a byte of foreign RAM", writes_ram },
    { "a foreign register", changes_register },
    { "a character among a foreign VM's output", puts_character },
    { "a character of foreign output changed", takes_character },
    { "foreign output lost", loses_output },
    { "a line under a foreign name", forges_line },
    { "a foreign UART's interrupt raised", raises_uart },
    { "the focus moved and a key typed", types_to_victim },
    { "a foreign UART's lock held", holds_uart_lock },
};

unsigned defects(void)
{
    return ARRAY_SIZE(common) + nr_defects_isa;
}

const struct defect *defect(unsigned n)
{
    return n < ARRAY_SIZE(common) ? &common[n] : &defects_isa[n - ARRAY_SIZE(common)];
}
