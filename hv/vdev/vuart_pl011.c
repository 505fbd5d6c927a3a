/* SPDX-License-Identifier: Apache-2.0 */
#include "vdev/vuart.h"

#include "lib/string.h"
#include "vdev/mmio.h"

/* UARTFR, DDI 0183 3.3.3 */
#define FR_CTS  0x001U
#define FR_DSR  0x002U
#define FR_DCD  0x004U
#define FR_BUSY 0x008U
#define FR_RXFE 0x010U
#define FR_TXFF 0x020U
#define FR_RXFF 0x040U
#define FR_TXFE 0x080U
#define FR_RI   0x100U

/* UARTDR and UARTRSR, 3.3.1, 3.3.2 */
#define DR_OE  0x800U
#define RSR_OE 0x8U

#define LCR_H_FEN 0x10U /* 3.3.7 */
#define LCR_H_8N1 0x60U

/* UARTCR, 3.3.8 */
#define CR_UARTEN 0x0001U
#define CR_LBE    0x0080U
#define CR_TXE    0x0100U
#define CR_RXE    0x0200U
#define CR_DTR    0x0400U
#define CR_RTS    0x0800U
#define CR_OUT1   0x1000U
#define CR_OUT2   0x2000U
#define CR_MASK   0xff87U
#define CR_RESET  0x0300U

#define IFLS_RESET 0x12U /* both at half, 3.3.9 */

/* UARTRIS, UARTIMSC, UARTMIS, UARTICR, 3.3.10 ff. */
#define INT_RI   0x001U
#define INT_CTS  0x002U
#define INT_DCD  0x004U
#define INT_DSR  0x008U
#define INT_RX   0x010U
#define INT_TX   0x020U
#define INT_RT   0x040U
#define INT_OE   0x400U
#define INT_MASK 0x7ffU

static struct vuart *uart_of(const struct mmio_access *a)
{
    return a->dev;
}

static uint32_t depth(const struct vuart *u)
{
    return (u->pl011.lcr_h & LCR_H_FEN) != 0U ? VUART_FIFO : 1U;
}

/* Fill of a FIFO that a field of UARTIFLS names: 1/8, 1/4, 1/2, 3/4, 7/8; what is reserved counts as 7/8. */
static uint32_t level(uint32_t field)
{
    static const uint8_t levels[] = {2, 4, 8, 12, 14};

    return levels[field < sizeof(levels) ? field : sizeof(levels) - 1U];
}

static uint32_t rx_level(const struct vuart *u)
{
    return (u->pl011.lcr_h & LCR_H_FEN) != 0U ? level((u->pl011.ifls >> 3) & 7U) : 1U;
}

static uint32_t tx_level(const struct vuart *u)
{
    return (u->pl011.lcr_h & LCR_H_FEN) != 0U ? level(u->pl011.ifls & 7U) : 0U;
}

static bool receiving(const struct vuart *u)
{
    return (u->pl011.cr & (CR_UARTEN | CR_RXE)) == (CR_UARTEN | CR_RXE);
}

/* A character reaches the receiver, from outside or by loopback. */
static void shift_in(struct vuart *u, uint8_t c)
{
    if (!receiving(u)) {
        return;
    }
    if (u->rx.count >= depth(u)) {
        u->overrun = true;
        u->pl011.rsr |= RSR_OE;
        u->pl011.ris |= INT_OE;
        return;
    }
    vuart_fifo_put(&u->rx, c);
    u->overrun = false;
    u->pl011.ris |= INT_RT;
    if (u->rx.count >= rx_level(u)) {
        u->pl011.ris |= INT_RX;
    }
}

/* What waits in the transmit FIFO goes out, if the transmitter is on: at most VUART_FIFO turns. */
static void shift_out(struct vuart *u)
{
    if ((u->pl011.cr & (CR_UARTEN | CR_TXE)) != (CR_UARTEN | CR_TXE) || u->pl011.tx.count == 0U) {
        return;
    }
    while (u->pl011.tx.count != 0U) {
        uint8_t c = vuart_fifo_take(&u->pl011.tx);

        if ((u->pl011.cr & CR_LBE) != 0U) {
            shift_in(u, c);
        } else {
            u->out[u->nr_out] = c;
            u->nr_out++;
        }
    }
    u->pl011.ris |= INT_TX;
}

/* The modem inputs, as bits of UARTFR: the peer's, or with loopback our own outputs (3.3.8, LBE). */
static uint32_t modem(const struct vuart *u)
{
    uint32_t in = 0;

    if ((u->pl011.cr & CR_LBE) == 0U) {
        return FR_CTS | FR_DSR | FR_DCD;
    }
    in |= (u->pl011.cr & CR_RTS) != 0U ? FR_CTS : 0U;
    in |= (u->pl011.cr & CR_DTR) != 0U ? FR_DSR : 0U;
    in |= (u->pl011.cr & CR_OUT1) != 0U ? FR_DCD : 0U;
    in |= (u->pl011.cr & CR_OUT2) != 0U ? FR_RI : 0U;
    return in;
}

static uint64_t read_dr(const struct mmio_access *a)
{
    struct vuart *u = uart_of(a);
    uint32_t oe = u->overrun ? DR_OE : 0U;

    if (u->rx.count == 0U) {
        return oe;
    }

    uint8_t c = vuart_fifo_take(&u->rx);

    if (u->rx.count < rx_level(u)) {
        u->pl011.ris &= ~INT_RX;
    }
    if (u->rx.count == 0U) {
        u->pl011.ris &= ~INT_RT;
    }
    return oe | c;
}

/* A character for a full FIFO is lost; software asks UARTFR.TXFF first. */
static void write_dr(const struct mmio_access *a, uint64_t val)
{
    struct vuart *u = uart_of(a);

    if (u->pl011.tx.count >= depth(u)) {
        return;
    }
    vuart_fifo_put(&u->pl011.tx, (uint8_t)val);
    if (u->pl011.tx.count > tx_level(u)) {
        u->pl011.ris &= ~INT_TX;
    }
    shift_out(u);
}

static uint64_t read_rsr(const struct mmio_access *a)
{
    return uart_of(a)->pl011.rsr;
}

static void write_ecr(const struct mmio_access *a, uint64_t val)
{
    (void)val; /* any value clears the errors, 3.3.2 */
    uart_of(a)->pl011.rsr = 0;
}

static uint64_t read_fr(const struct mmio_access *a)
{
    const struct vuart *u = uart_of(a);
    uint32_t fr = modem(u);

    fr |= u->rx.count == 0U ? FR_RXFE : 0U;
    fr |= u->rx.count >= depth(u) ? FR_RXFF : 0U;
    fr |= u->pl011.tx.count == 0U ? FR_TXFE : FR_BUSY;
    fr |= u->pl011.tx.count >= depth(u) ? FR_TXFF : 0U;
    return fr;
}

static uint64_t read_ilpr(const struct mmio_access *a)
{
    return uart_of(a)->pl011.ilpr;
}

static void write_ilpr(const struct mmio_access *a, uint64_t val)
{
    uart_of(a)->pl011.ilpr = (uint32_t)val & 0xffU;
}

static uint64_t read_ibrd(const struct mmio_access *a)
{
    return uart_of(a)->pl011.ibrd;
}

static void write_ibrd(const struct mmio_access *a, uint64_t val)
{
    uart_of(a)->pl011.ibrd = (uint32_t)val & 0xffffU;
}

static uint64_t read_fbrd(const struct mmio_access *a)
{
    return uart_of(a)->pl011.fbrd;
}

static void write_fbrd(const struct mmio_access *a, uint64_t val)
{
    uart_of(a)->pl011.fbrd = (uint32_t)val & 0x3fU;
}

static uint64_t read_lcr_h(const struct mmio_access *a)
{
    return uart_of(a)->pl011.lcr_h;
}

/* Changing FEN empties both FIFOs; so nothing is at a level any more. */
static void write_lcr_h(const struct mmio_access *a, uint64_t val)
{
    struct vuart *u = uart_of(a);
    uint32_t old = u->pl011.lcr_h;

    u->pl011.lcr_h = (uint32_t)val & 0xffU;
    if (((old ^ u->pl011.lcr_h) & LCR_H_FEN) != 0U) {
        u->rx.count = 0;
        u->pl011.tx.count = 0;
        u->pl011.ris &= ~(INT_RX | INT_RT);
    }
}

static uint64_t read_cr(const struct mmio_access *a)
{
    return uart_of(a)->pl011.cr;
}

static void write_cr(const struct mmio_access *a, uint64_t val)
{
    struct vuart *u = uart_of(a);
    uint32_t before = modem(u);

    u->pl011.cr = (uint32_t)val & CR_MASK;

    uint32_t change = before ^ modem(u);

    u->pl011.ris |= (change & FR_CTS) != 0U ? INT_CTS : 0U;
    u->pl011.ris |= (change & FR_DSR) != 0U ? INT_DSR : 0U;
    u->pl011.ris |= (change & FR_DCD) != 0U ? INT_DCD : 0U;
    u->pl011.ris |= (change & FR_RI) != 0U ? INT_RI : 0U;
    shift_out(u);
}

static uint64_t read_ifls(const struct mmio_access *a)
{
    return uart_of(a)->pl011.ifls;
}

/* Interrupts come of a fill that passes a level, not of the level that is moved (3.3.9). */
static void write_ifls(const struct mmio_access *a, uint64_t val)
{
    uart_of(a)->pl011.ifls = (uint32_t)val & 0x3fU;
}

static uint64_t read_imsc(const struct mmio_access *a)
{
    return uart_of(a)->pl011.imsc;
}

static void write_imsc(const struct mmio_access *a, uint64_t val)
{
    uart_of(a)->pl011.imsc = (uint32_t)val & INT_MASK;
}

static uint64_t read_ris(const struct mmio_access *a)
{
    return uart_of(a)->pl011.ris;
}

static uint64_t read_mis(const struct mmio_access *a)
{
    return uart_of(a)->pl011.ris & uart_of(a)->pl011.imsc;
}

static void write_icr(const struct mmio_access *a, uint64_t val)
{
    struct vuart *u = uart_of(a);

    u->pl011.ris &= ~(uint32_t)val;
    u->pl011.ris |= u->rx.count != 0U ? INT_RT : 0U; /* the time-out begins anew, and takes no time */
}

/* UARTPeriphID0..3 and UARTPCellID0..3: part 0x011, designer 0x41, revision r1p4; 3.3.15 ff. */
static uint64_t read_id(const struct mmio_access *a)
{
    static const uint8_t ids[] = {0x11, 0x10, 0x24, 0x00, 0x0d, 0xf0, 0x05, 0xb1};

    return a->offset % 4U == 0U ? ids[a->offset / 4U] : 0U;
}

#define ANY (MMIO_W8 | MMIO_W16 | MMIO_W32)

/* A length of 1: registers answer at their own address alone. */
static const struct mmio_reg regs[] = {
    {"UARTDR", 0x000, 1, ANY, 0, read_dr, write_dr},
    {"UARTRSR", 0x004, 1, ANY, 0, read_rsr, write_ecr},
    {"UARTFR", 0x018, 1, ANY, 0, read_fr, NULL},
    {"UARTILPR", 0x020, 1, ANY, 0, read_ilpr, write_ilpr},
    {"UARTIBRD", 0x024, 1, ANY, 0, read_ibrd, write_ibrd},
    {"UARTFBRD", 0x028, 1, ANY, 0, read_fbrd, write_fbrd},
    {"UARTLCR_H", 0x02c, 1, ANY, 0, read_lcr_h, write_lcr_h},
    {"UARTCR", 0x030, 1, ANY, 0, read_cr, write_cr},
    {"UARTIFLS", 0x034, 1, ANY, 0, read_ifls, write_ifls},
    {"UARTIMSC", 0x038, 1, ANY, 0, read_imsc, write_imsc},
    {"UARTRIS", 0x03c, 1, ANY, 0, read_ris, NULL},
    {"UARTMIS", 0x040, 1, ANY, 0, read_mis, NULL},
    {"UARTICR", 0x044, 1, ANY, 0, NULL, write_icr},
    {"UARTDMACR", 0x048, 1, ANY, 0, NULL, NULL},
    {"UARTID", 0xfe0, 32, ANY, 0, read_id, NULL},
};

static const struct mmio_table table = {.regs = regs, .count = ARRAY_SIZE(regs)};

void vuart_reset(struct vuart *u)
{
    mem_zero(u, sizeof(*u));
    u->pl011.cr = CR_RESET;
    u->pl011.ifls = IFLS_RESET;
}

void vuart_reset_on(struct vuart *u)
{
    vuart_reset(u);
    u->pl011.lcr_h = LCR_H_8N1 | LCR_H_FEN;
    u->pl011.cr |= CR_UARTEN;
}

void vuart_access(struct vuart *u, uint32_t offset, uint32_t size, bool write, uint64_t *val)
{
    u->nr_out = 0;
    mmio_access(mmio_find(&table, offset), NULL, u, offset, size, write, val);
}

uint32_t vuart_room(const struct vuart *u)
{
    return receiving(u) && (u->pl011.cr & CR_LBE) == 0U ? depth(u) - u->rx.count : 0U;
}

void vuart_receive(struct vuart *u, uint8_t c)
{
    if ((u->pl011.cr & CR_LBE) == 0U) { /* with loopback the line is cut off */
        shift_in(u, c);
    }
}

/* UARTINTR, the combined one. */
bool vuart_line(const struct vuart *u)
{
    return (u->pl011.ris & u->pl011.imsc) != 0U;
}
