/* SPDX-License-Identifier: Apache-2.0 */
/* The board's PL011 (DDI 0183). Its line settings are the loader's, later those of the VM it is lent to. */
#include "arch/armv8/arch.h"

#define UARTDR  0x00U
#define UARTFR  0x18U
#define FR_TXFF (1U << 5)

bool console_try_putc(char c)
{
    volatile uint32_t *uart = mmu_console();
    if ((uart[UARTFR / 4U] & FR_TXFF) != 0U) {
        return false;
    }
    uart[UARTDR / 4U] = (uint8_t)c;
    return true;
}
