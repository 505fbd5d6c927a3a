/* SPDX-License-Identifier: Apache-2.0 */
/* Start-up in C, and the end. */
#include "guest.h"

void guest_start(const void *dtb);

void guest_start(const void *dtb)
{
    if (fdt_init(dtb)) {
        (void)uart_init(); /* a guest without a UART says nothing */
        guest_main();
        power_off();
    }
}

_Noreturn void power_off(void)
{
    (void)system_off();
    print("guest: SYSTEM_OFF returned\n");
    while (true) {
        wait_for_irq();
    }
}
