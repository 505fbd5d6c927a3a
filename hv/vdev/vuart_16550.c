/* SPDX-License-Identifier: Apache-2.0 */
/* Section numbers are those of the PC16550D data sheet, TL/C/8652, June 1995. */
#include "vdev/vuart.h"

#include "lib/string.h"

/* Offsets, 8.0. The first two are DLL and DLM while LCR.DLAB is set. */
#define REG_DATA    0U /* RBR, THR */
#define REG_IER     1U
#define REG_IIR_FCR 2U /* IIR to read, FCR to write */
#define REG_LCR     3U
#define REG_MCR     4U
#define REG_LSR     5U
#define REG_MSR     6U
#define REG_SCR     7U

/* IER, 8.7 */
#define IER_RECEIVED 0x1U /* ERBFI: data available, and time-out */
#define IER_THR      0x2U /* ETBEI */
#define IER_LINE     0x4U /* ELSI */
#define IER_MODEM    0x8U /* EDSSI */
#define IER_MASK     0xfU

/* IIR bits 3:0 in falling priority, 8.6 */
#define IIR_LINE     0x6U
#define IIR_RECEIVED 0x4U
#define IIR_TIMEOUT  0xcU
#define IIR_THR      0x2U
#define IIR_MODEM    0x0U
#define IIR_NONE     0x1U
#define IIR_FIFOS    0xc0U

/* FCR, 8.5 */
#define FCR_FIFOS    0x01U
#define FCR_RX_RESET 0x02U
#define FCR_KEPT     0xc1U /* the trigger level, and that FIFOs are on */

#define LCR_8N1  0x03U /* 8.1 */
#define LCR_DLAB 0x80U

#define DLL_115200 2U /* 8.3, of 3.6864 MHz */

/* MCR, 8.8 */
#define MCR_DTR  0x01U
#define MCR_RTS  0x02U
#define MCR_OUT1 0x04U
#define MCR_OUT2 0x08U
#define MCR_LOOP 0x10U
#define MCR_MASK 0x1fU

/* LSR, 8.4 */
#define LSR_DR   0x01U
#define LSR_OE   0x02U
#define LSR_THRE 0x20U
#define LSR_TEMT 0x40U

/* MSR, 8.9: bits 3:0 tell of changes of bits 7:4 */
#define MSR_CTS  0x10U
#define MSR_DSR  0x20U
#define MSR_RI   0x40U
#define MSR_DCD  0x80U

static bool dlab(const struct vuart_16550 *r)
{
    return (r->lcr & LCR_DLAB) != 0U;
}

static bool fifos(const struct vuart *u)
{
    return (u->ns16550.fcr & FCR_FIFOS) != 0U;
}

static bool loops(const struct vuart *u)
{
    return (u->ns16550.mcr & MCR_LOOP) != 0U;
}

static uint32_t depth(const struct vuart *u)
{
    return fifos(u) ? VUART_FIFO : 1U;
}

/* IIR bits 3:0: the enabled source that comes first. */
static uint32_t source(const struct vuart *u)
{
    static const uint8_t levels[] = {1, 4, 8, 14}; /* 8.5; without FIFOs fcr is 0 */
    const struct vuart_16550 *r = &u->ns16550;

    if ((r->ier & IER_LINE) != 0U && u->overrun) {
        return IIR_LINE;
    }
    if ((r->ier & IER_RECEIVED) != 0U && u->rx.count != 0U) {
        return u->rx.count >= levels[r->fcr >> 6] ? IIR_RECEIVED : IIR_TIMEOUT;
    }
    if ((r->ier & IER_THR) != 0U && r->thre) {
        return IIR_THR;
    }
    return (r->ier & IER_MODEM) != 0U && r->delta != 0U ? IIR_MODEM : IIR_NONE;
}

/* A character reaches the receiver, from outside or by loop-back. On overrun a FIFO keeps what it has; the one place
 * that there is without is overwritten (8.4, bit 1). */
static void shift_in(struct vuart *u, uint8_t c)
{
    if (u->rx.count >= depth(u)) {
        u->overrun = true;
        if (fifos(u)) {
            return;
        }
        u->rx.count = 0;
    }
    vuart_fifo_put(&u->rx, c);
}

/* The modem inputs, as bits 7:4 of MSR: the peer's, or with loop-back our own outputs (8.8, bit 4). */
static uint32_t modem(const struct vuart *u)
{
    uint32_t mcr = u->ns16550.mcr;

    if (!loops(u)) {
        return MSR_CTS | MSR_DSR | MSR_DCD;
    }
    return ((mcr & MCR_RTS) != 0U ? MSR_CTS : 0U) | ((mcr & MCR_DTR) != 0U ? MSR_DSR : 0U) |
           ((mcr & MCR_OUT1) != 0U ? MSR_RI : 0U) | ((mcr & MCR_OUT2) != 0U ? MSR_DCD : 0U);
}

/* THR: full for no time, so that its interrupt is due again. */
static void transmit(struct vuart *u, uint8_t c)
{
    if (loops(u)) {
        shift_in(u, c);
    } else {
        u->out[0] = c;
        u->nr_out = 1;
    }
    u->ns16550.thre = true;
}

/* Enabling the THR's interrupt while THR is empty, as it always is, asserts it anew, also if IIR has told of it: the
 * hardware does so, and drivers begin their output with it. */
static void write_ier(struct vuart_16550 *r, uint8_t val)
{
    if ((val & IER_THR) != 0U && (r->ier & IER_THR) == 0U) {
        r->thre = true;
    }
    r->ier = val & IER_MASK;
}

/* Being told of it resets the THR's interrupt, and no other (table IV). */
static uint32_t read_iir(struct vuart *u)
{
    uint32_t what = source(u);

    if (what == IIR_THR) {
        u->ns16550.thre = false;
    }
    return what | (fifos(u) ? IIR_FIFOS : 0U);
}

/* Bit 0 has to be one for the others to be taken; when it changes, the FIFOs are emptied. */
static void write_fcr(struct vuart *u, uint8_t val)
{
    bool on = (val & FCR_FIFOS) != 0U;

    if (on != fifos(u) || (on && (val & FCR_RX_RESET) != 0U)) {
        u->rx.count = 0;
    }
    u->ns16550.fcr = on ? (uint8_t)(val & FCR_KEPT) : 0U;
}

/* The deltas: three tell of any change, that of the ring of its end alone (8.9, TERI). */
static void write_mcr(struct vuart *u, uint8_t val)
{
    uint32_t before = modem(u);

    u->ns16550.mcr = val & MCR_MASK;

    uint32_t now = modem(u);
    uint32_t change = (before ^ now) & (MSR_CTS | MSR_DSR | MSR_DCD);

    change |= before & ~now & MSR_RI;
    u->ns16550.delta |= (uint8_t)(change >> 4);
}

static uint32_t read_lsr(struct vuart *u)
{
    uint32_t lsr = LSR_THRE | LSR_TEMT | (u->rx.count != 0U ? LSR_DR : 0U) | (u->overrun ? LSR_OE : 0U);

    u->overrun = false;
    return lsr;
}

static uint32_t read_register(struct vuart *u, uint32_t offset)
{
    struct vuart_16550 *r = &u->ns16550;
    uint32_t msr = modem(u) | r->delta;

    if (dlab(r) && offset < sizeof(r->divisor)) {
        return r->divisor[offset];
    }
    switch (offset) {
    case REG_DATA:
        return u->rx.count != 0U ? vuart_fifo_take(&u->rx) : 0U;
    case REG_IER:
        return r->ier;
    case REG_IIR_FCR:
        return read_iir(u);
    case REG_LCR:
        return r->lcr;
    case REG_MCR:
        return r->mcr;
    case REG_LSR:
        return read_lsr(u);
    case REG_MSR:
        r->delta = 0;
        return msr;
    case REG_SCR:
        return r->scr;
    default:
        return 0;
    }
}

static void write_register(struct vuart *u, uint32_t offset, uint8_t val)
{
    struct vuart_16550 *r = &u->ns16550;

    if (dlab(r) && offset < sizeof(r->divisor)) {
        r->divisor[offset] = val;
        return;
    }
    switch (offset) {
    case REG_DATA:
        transmit(u, val);
        break;
    case REG_IER:
        write_ier(r, val);
        break;
    case REG_IIR_FCR:
        write_fcr(u, val);
        break;
    case REG_LCR:
        r->lcr = val;
        break;
    case REG_MCR:
        write_mcr(u, val);
        break;
    case REG_SCR:
        r->scr = val;
        break;
    default: /* LSR and MSR, and where nothing is */
        break;
    }
}

void vuart_reset(struct vuart *u)
{
    mem_zero(u, sizeof(*u));
}

void vuart_reset_on(struct vuart *u)
{
    vuart_reset(u);
    u->ns16550.lcr = LCR_8N1;
    u->ns16550.fcr = FCR_FIFOS;
    u->ns16550.mcr = MCR_DTR | MCR_RTS;
    u->ns16550.divisor[0] = DLL_115200;
}

void vuart_access(struct vuart *u, uint32_t offset, uint32_t size, bool write, uint64_t *val)
{
    bool aligned = (offset & (size - 1U)) == 0U;

    u->nr_out = 0;
    if (!write) {
        *val = aligned ? read_register(u, offset) : 0U;
    }
    if (write && aligned) {
        write_register(u, offset, (uint8_t)*val);
    }
}

uint32_t vuart_room(const struct vuart *u)
{
    return loops(u) ? 0U : depth(u) - u->rx.count;
}

void vuart_receive(struct vuart *u, uint8_t c)
{
    if (!loops(u)) { /* with loop-back the line is cut off */
        shift_in(u, c);
    }
}

bool vuart_line(const struct vuart *u)
{
    return source(u) != IIR_NONE;
}
