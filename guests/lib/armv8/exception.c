/* SPDX-License-Identifier: Apache-2.0 */
/* What the vectors call. */
#include "guest.h"

void guest_exception(uint64_t vector, struct frame *f);

void (*volatile irq_handler)(uint32_t irq);
bool (*volatile fault_handler)(struct frame *f);

static _Noreturn void stop_with_report(uint64_t vector, const struct frame *f)
{
    static const char *const kinds[] = {"synchronous", "IRQ", "FIQ", "SError"};
    print("guest: unexpected %s exception: cpu %u vector %lu pc 0x%lx esr 0x%lx far 0x%lx\n",
          kinds[vector & 3U], cpu_id(), vector, f->pc, f->esr, f->far);
    while (true) {
        irq_off();
        wait_for_irq();
    }
}

/* IRQs are taken one at a time (they stay masked in the handler), so one acknowledge per entry is enough. */
static void take_irq(void)
{
    uint32_t token = gic_acknowledge();
    if (gic_is_special(token)) {
        return;
    }
    if (irq_handler != NULL) {
        irq_handler(gic_intid(token));
    }
    gic_end(token);
}

void guest_exception(uint64_t vector, struct frame *f)
{
    f->kind = vector & 3U;
    if (f->kind == VECTOR_IRQ) {
        take_irq();
    } else if (f->kind == VECTOR_FIQ || fault_handler == NULL || !fault_handler(f)) {
        stop_with_report(vector, f);
    }
}
