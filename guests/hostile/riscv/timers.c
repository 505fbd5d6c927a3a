/* SPDX-License-Identifier: Apache-2.0 */
/* Its own timer, by stimecmp and by the firmware's call. */
#include "attacks.h"

static volatile uint64_t taken;
static volatile uint64_t limit;
static void (*volatile again)(uint64_t deadline);

static void count(uint32_t irq)
{
    taken++;
    if (irq == IRQ_TIMER && taken >= limit) {
        timer_off();
    } else if (again != NULL) {
        again(0);
    } else {
        /* it stays as it is, and comes again */
    }
    barrier();
}

static bool wait_taken(uint64_t n)
{
    uint64_t end = timer_now() + 60U * (uint64_t)timer_freq();
    while (taken < n) {
        if (timer_now() > end) {
            return false;
        }
    }
    return true;
}

static void past(const struct attack *self, const char *what, void (*set)(uint64_t deadline))
{
    taken = 0;
    limit = 5000;
    irq_on();
    set(0);
    fact_number(self, what, wait_taken(limit) ? 1 : 0);
    irq_off();
    timer_off();
    again = NULL;
}

/* Deadlines at zero, and handlers that leave the timer as it is, or set it to zero again: the interrupt comes again as soon as
 * it has ended. */
void attack_timer_past(const struct attack *self)
{
    irq_handler = count;
    irq_enable(IRQ_TIMER);
    past(self, "own", timer_set);
    again = timer_set_by_firmware;
    past(self, "firmware's", timer_set_by_firmware);
    irq_disable(IRQ_TIMER);
}

/* Deadlines before and after now, with interrupts open. */
void attack_timer_toggle(const struct attack *self)
{
    irq_handler = count;
    irq_enable(IRQ_TIMER);
    taken = 0;
    limit = 0; /* each is switched off where it is taken, or nothing else would ever run */
    irq_on();
    for (uint64_t i = 0; i < 3000U; i++) {
        timer_set((i & 4U) != 0U ? UINT64_MAX : timer_now() + (draw() & 0xffU));
        timer_set_by_firmware((i & 1U) != 0U ? draw() : 0U);
    }
    timer_off();
    irq_off();
    irq_disable(IRQ_TIMER);
    fact_number(self, "toggles", 3000);
}
