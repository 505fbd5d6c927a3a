/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board's Cadence UART (UG1085 "UART Controller"; registers UG1087, UART module; binding cdns,uart). Its speed is the
 * loader's; where it is lent to a VM, all its settings are that VM's.
 *
 * The bits of Chnl_int_sts_reg0 stay set until 1 is written to them, and whether one that is cleared while its cause goes on comes
 * back differs: hardware sets it when the cause begins, QEMU as long as it lasts. So each is cleared only where its cause has
 * just been seen to be absent, and the cause is looked at once more behind that: the next time it begins sets the bit, and what
 * began in between has been seen.
 */
#include "arch/armv8/arch.h"

#define CONTROL   0x00U /* Control_reg0 */
#define MODE      0x04U /* mode_reg0 */
#define INT_EN    0x08U /* Intrpt_en_reg0 */
#define INT_DIS   0x0cU /* Intrpt_dis_reg0 */
#define INT_STS   0x14U /* Chnl_int_sts_reg0 */
#define RX_TOUT   0x1cU /* Rcvr_timeout_reg0 */
#define RX_LEVEL  0x20U /* Rcvr_FIFO_trigger_level0 */
#define STATUS    0x2cU /* Channel_sts_reg0 */
#define FIFO      0x30U /* TX_RX_FIFO0 */

#define CONTROL_ON  0x14U /* TXEN, RXEN */
#define CONTROL_OFF 0x28U /* TXDIS, RXDIS */
#define MODE_CLOCK  1U    /* CLKS: of the speed */
#define MODE_8N1    0x20U /* CHRL 8 bits, PAR none, NBSTOP one, CHMODE normal */
#define INT_RTRIG   (1U << 0)
#define INT_TEMPTY  (1U << 3)
#define INT_ALL     0x3fffU
#define STS_REMPTY  (1U << 1)
#define STS_TEMPTY  (1U << 3)
#define STS_TFUL    (1U << 4)
#define STS_TACTIVE 0x800U

/* Longer than a full FIFO takes to go out at 9600 baud, and a bound. */
#define MAX_POLLS 2000000U

static uint32_t read_reg(uint32_t offset)
{
    const volatile uint32_t *uart = mmu_console();
    return uart[offset / 4U];
}

static void write_reg(uint32_t offset, uint32_t value)
{
    volatile uint32_t *uart = mmu_console();
    uart[offset / 4U] = value;
}

/* True if `flag` of STATUS is set; then its opposite, the cause of `event`, is told of from now on. */
static bool is_still(uint32_t flag, uint32_t event)
{
    if ((read_reg(STATUS) & flag) == 0U) {
        return false;
    }
    write_reg(INT_STS, event);
    return (read_reg(STATUS) & flag) != 0U;
}

bool console_try_putc(char c)
{
    if (is_still(STS_TFUL, INT_TEMPTY)) {
        return false;
    }
    write_reg(FIFO, (uint8_t)c);
    return true;
}

/* With an error of the line the character is what arrived; of a break, 0. */
bool console_try_getc(uint8_t *c)
{
    if (is_still(STS_REMPTY, INT_RTRIG)) {
        return false;
    }
    *c = (uint8_t)read_reg(FIFO);
    return true;
}

/* mode_reg0 may not change while the UART is on. A character that is there already keeps its event. */
void console_uart_start(void)
{
    for (uint32_t i = 0; i < MAX_POLLS && (read_reg(STATUS) & (STS_TEMPTY | STS_TACTIVE)) != STS_TEMPTY; i++) {
    }
    write_reg(CONTROL, CONTROL_OFF);
    write_reg(INT_DIS, INT_ALL);
    write_reg(MODE, (read_reg(MODE) & MODE_CLOCK) | MODE_8N1);
    write_reg(RX_TOUT, 0);
    write_reg(RX_LEVEL, 1);
    write_reg(INT_STS, INT_ALL & ~INT_RTRIG);
    write_reg(CONTROL, CONTROL_ON);
}

/* Room is told of when the FIFO has run empty. */
void console_uart_events(bool received, bool room)
{
    uint32_t wanted = (received ? INT_RTRIG : 0U) | (room ? INT_TEMPTY : 0U);

    write_reg(INT_DIS, INT_ALL & ~wanted);
    write_reg(INT_EN, wanted);
}
