/* SPDX-License-Identifier: Apache-2.0 */
#include "guest_irq.h"

uint32_t guest_irq_wait(struct sim_guest *g)
{
    sim_guest_wfi(g);
    uint32_t intid = guest_irq_ack(g);
    sim_expect(intid != GUEST_NO_IRQ);
    return intid;
}
