/* SPDX-License-Identifier: Apache-2.0 */
#include "vdev/vconsole.h"

#include "core/console.h"
#include "core/log.h"
#include "hv/arch_ops.h"
#include "lib/string.h"
#include "vdev/vconsole_state.h"
#include "vdev/virqc.h"

/* Not cleared before the start: vconsole_init_all() does it, of VMs that have one. */
__attribute__((section(".noinit.vconsoles"))) struct vconsole vconsoles[HV_MAX_VMS];

/* Interrupts of the serving CPU; 0 = no console is shared. Constant after vconsole_init_all. */
static uint32_t uart_irq;
static uint32_t alarm_irq;

/* Its plan was found good: the VM's UART lies where nothing else of it does. */
static bool has_uart(const struct vm *vm)
{
    return vm->plan->vuart_irq != 0U;
}

__attribute__((cold)) void vconsole_init_all(const struct plan *plan)
{
    uart_irq = plan->console_irq;
    alarm_irq = plan->htimer_irq;
    if (uart_irq == 0U) {
        return;
    }
    console_init(plan_ring_bytes(plan));
    for (uint32_t i = 0; i < nr_vms; i++) {
        if (has_uart(&vms[i])) {
            mem_zero(&vconsoles[i], sizeof(vconsoles[i]));
            vuart_reset_on(&vconsoles[i].uart);
            virqc_add_virtual(&vms[i], vms[i].plan->vuart_irq);
            console_attach(i, vms[i].name);
        }
    }
}

void vconsole_init_cpu(const struct plan *plan, unsigned cpu)
{
    if (plan->console_irq != 0U && plan->console_cpu == cpu) {
        arch_ops.timer.alarm(TIMER_NO_ALARM);
        arch_ops.irqc.set(IRQC_ENABLE, cpu, 0, (uint32_t)1 << plan->htimer_irq);
    }
}

void vconsole_start(const struct plan *plan)
{
    uint32_t irq = plan->console_irq;

    if (irq == 0U) {
        return;
    }
    console_start(plan->console_cpu);
    arch_ops.irqc.set_edge(0, irq, false);
    arch_ops.irqc.route(irq, plan->console_cpu);
    arch_ops.irqc.set(IRQC_ENABLE, 0, irq / 32U, (uint32_t)1 << (irq % 32U));
}

/* Lock held: the receiver takes what was typed, and the line follows the UART. */
static void settle(struct vm *vm, struct vconsole *c)
{
    uint8_t key;
    bool line;

    while (vuart_room(&c->uart) != 0U && console_get(vm->index, &key)) { /* at most VUART_FIFO turns */
        vuart_receive(&c->uart, key);
    }
    line = vuart_line(&c->uart);
    if (line != c->line) {
        c->line = line;
        virqc_set_line(vm, vm->plan->vuart_irq, line);
    }
}

bool vconsole_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val)
{
    const struct vm *vm = v->vm;
    struct vconsole *c = &vconsoles[vm->index];
    uint64_t offset = a->ipa - vm->plan->vuart_ipa;
    bool tell = false;

    if (!has_uart(vm) || a->ipa < vm->plan->vuart_ipa || offset >= VUART_SIZE) {
        return false;
    }
    spin_lock(&c->lock);
    vuart_access(&c->uart, (uint32_t)offset, a->size, a->write, val);
    for (uint32_t i = 0; i < c->uart.nr_out; i++) { /* at most VUART_FIFO turns */
        tell = console_put(vm->index, (char)c->uart.out[i]) || tell;
    }
    settle(v->vm, c);
    spin_unlock(&c->lock);
    if (tell) {
        console_tell();
    }
    return true;
}

void vconsole_take_keys(struct vcpu *v)
{
    struct vconsole *c = &vconsoles[v->vm->index];

    if (!has_uart(v->vm)) {
        return;
    }
    spin_lock(&c->lock);
    settle(v->vm, c);
    spin_unlock(&c->lock);
}

/* All vCPUs that are on, since any of them may go off in this moment; one that comes on takes its requests and then the
 * keys (run_wait_start). Both exchange the request word, whichever is first: either we see that it is on, or it sees what
 * was typed. */
static void ask_to_take_keys(struct vm *vm)
{
    for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
        struct vcpu *v = &vm->vcpus[i];

        (void)atomic32_or(&v->request, VCPU_REQ_KEYS);
        if (atomic32_load(&v->state) == (uint32_t)VCPU_ON) {
            arch_ops.irqc.send_ipi(v->cpu);
        }
    }
}

static void serve(bool alarm)
{
    uint32_t typed = console_serve(alarm);

    for (uint32_t i = 0; i < nr_vms; i++) {
        if ((typed & ((uint32_t)1 << i)) != 0U) {
            ask_to_take_keys(&vms[i]);
        }
    }
}

void vconsole_told(void)
{
    if (console_serves(arch_ops.cpu.id()) && console_was_told()) {
        serve(false);
    }
}

bool vconsole_interrupt(uint32_t intid)
{
    if ((intid != uart_irq && intid != alarm_irq) || !console_serves(arch_ops.cpu.id())) {
        return false;
    }
    serve(intid == alarm_irq);
    return true;
}

void vconsole_vm_stop(struct vm *vm)
{
    struct vconsole *c = &vconsoles[vm->index];
    uint8_t key;

    if (!has_uart(vm)) {
        return;
    }
    spin_lock(&c->lock);
    vuart_reset_on(&c->uart);
    c->line = false; /* virqc_vm_stop has lowered it */
    for (uint32_t i = 0; i < CONSOLE_IN_BYTES && console_get(vm->index, &key); i++) {
    }
    console_end_line(vm->index);
    spin_unlock(&c->lock);
}

void vconsole_vm_ended(const struct vm *vm)
{
    uint32_t dropped = has_uart(vm) ? atomic32_load(&console_ports[vm->index].dropped) : 0U;

    if (dropped != 0U) {
        log_line("vm %s: %u characters of its console output were dropped", vm->name, dropped);
    }
}

void vconsole_flush(void)
{
    console_flush();
}
