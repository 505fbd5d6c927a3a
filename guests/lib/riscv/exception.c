/* SPDX-License-Identifier: Apache-2.0 */
/* What the trap vector calls, and how a fault of an attempt is told. */
#include "attempt.h"
#include "irqc_internal.h"

void guest_exception(struct frame *f);

void (*volatile irq_handler)(uint32_t irq);
bool (*volatile fault_handler)(struct frame *f);

void print_fault(struct outcome o)
{
    print("fault cause 0x%lx tval 0x%lx\n", o.cause, o.addr);
}

static _Noreturn void stop_with_report(const struct frame *f)
{
    print("guest: unexpected exception: cpu %u cause 0x%lx pc 0x%lx tval 0x%lx\n", cpu_id(), f->cause, f->pc, f->tval);
    while (true) {
        irq_off();
        wait_for_irq();
    }
}

static void call_handler(uint32_t irq)
{
    if (irq_handler != NULL) {
        irq_handler(irq);
    }
}

/* Interrupts are taken one at a time (they stay masked in the handler): one claim for each entry is enough. */
static void take_irq(uint32_t number)
{
    if (number != IRQ_EXTERNAL) {
        if (number == IRQ_SOFTWARE) {
            CLEAR_CSR(sip, 1U << IRQ_SOFTWARE); /* first: one that comes while this one is handled is another */
        }
        call_handler(number);
        return;
    }
    uint32_t token = irqc_claim();
    if (token != 0U) {
        call_handler(irqc_number(token));
        irqc_complete(token);
    }
}

void guest_exception(struct frame *f)
{
    if ((f->cause & CAUSE_INTERRUPT) != 0U) {
        take_irq((uint32_t)f->cause & 0xffU);
    } else if (fault_handler == NULL || !fault_handler(f)) {
        stop_with_report(f);
    }
}
