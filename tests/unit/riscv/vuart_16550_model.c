/* SPDX-License-Identifier: Apache-2.0 */
#include "vuart_16550_model.h"

#include <string.h>

static bool bit(unsigned val, int n)
{
    return (val >> n) & 1;
}

static bool looped(const struct vuart_16550_model *m)
{
    return bit(m->modem_control, 4);
}

static bool latch_access(const struct vuart_16550_model *m)
{
    return bit(m->line_control, 7);
}

/* What the four inputs are connected to: the peer, which is there and does not ring, or DTR, RTS, OUT1 and OUT2. */
static void wire(const struct vuart_16550_model *m, bool to[PINS])
{
    bool l = looped(m);
    to[PIN_CTS] = l ? bit(m->modem_control, 1) : true;
    to[PIN_DSR] = l ? bit(m->modem_control, 0) : true;
    to[PIN_RI] = l ? bit(m->modem_control, 2) : false;
    to[PIN_DCD] = l ? bit(m->modem_control, 3) : true;
}

void vuart_16550_model_reset(struct vuart_16550_model *m)
{
    memset(m, 0, sizeof(*m));
    m->trigger = 1;
    wire(m, m->pin);
}

static void set_modem_control(struct vuart_16550_model *m, unsigned val)
{
    bool now[PINS];
    m->modem_control = val % 32;
    wire(m, now);
    for (int i = 0; i < PINS; i++) {
        bool fell = m->pin[i] && !now[i], rose = !m->pin[i] && now[i];
        if (fell || (rose && i != PIN_RI)) {
            m->pin_moved[i] = true;
        }
        m->pin[i] = now[i];
    }
}

static unsigned modem_status(struct vuart_16550_model *m)
{
    unsigned val = 0;
    for (int i = 0; i < PINS; i++) {
        val += (m->pin_moved[i] ? 1u << i : 0) + (m->pin[i] ? 16u << i : 0);
        m->pin_moved[i] = false;
    }
    return val;
}

static void into_receiver(struct vuart_16550_model *m, uint8_t c)
{
    if (!m->fifo_mode) {
        m->oe = m->oe || m->nreceived == 1;
        m->received[0] = c;
        m->nreceived = 1;
    } else if (m->nreceived == 16) {
        m->oe = true;
    } else {
        m->received[m->nreceived++] = c;
    }
}

static unsigned receive_buffer(struct vuart_16550_model *m)
{
    if (m->nreceived == 0) {
        return 0;
    }
    unsigned c = m->received[0];
    memmove(m->received, m->received + 1, 15);
    m->nreceived--;
    return c;
}

/* THR is filled, which resets its interrupt, and empties, which brings it. */
static void transmit(struct vuart_16550_model *m, uint8_t c)
{
    m->thr = c;
    m->holding = true;
    m->thr_latch = false;
    if (looped(m)) {
        into_receiver(m, m->thr);
    } else {
        m->sent[m->nsent++] = m->thr;
    }
    m->holding = false;
    m->thr_latch = m->etbei;
}

static void enable(struct vuart_16550_model *m, unsigned val)
{
    bool was = m->etbei;
    m->erbfi = bit(val, 0);
    m->etbei = bit(val, 1);
    m->elsi = bit(val, 2);
    m->edssi = bit(val, 3);
    if (!m->etbei) {
        m->thr_latch = false;
    } else if (!was && !m->holding) {
        m->thr_latch = true;
    }
}

static bool modem_pending(const struct vuart_16550_model *m)
{
    return m->pin_moved[0] || m->pin_moved[1] || m->pin_moved[2] || m->pin_moved[3];
}

/* Bits 3:0 of IIR, as the table of interrupt control functions has them: from the lowest priority to the highest. */
static unsigned identification(const struct vuart_16550_model *m)
{
    unsigned id = 1;
    if (m->edssi && modem_pending(m)) {
        id = 0x0;
    }
    if (m->thr_latch) {
        id = 0x2;
    }
    if (m->erbfi && m->fifo_mode && m->nreceived > 0) {
        id = 0xc;
    }
    if (m->erbfi && m->nreceived >= (m->fifo_mode ? m->trigger : 1)) {
        id = 0x4;
    }
    if (m->elsi && m->oe) {
        id = 0x6;
    }
    return id;
}

static void fifo_control(struct vuart_16550_model *m, unsigned val)
{
    static const int triggers[] = { 1, 4, 8, 14 };
    if (bit(val, 0) != m->fifo_mode) {
        m->fifo_mode = !m->fifo_mode;
        m->nreceived = 0;
    }
    if (m->fifo_mode) {
        m->trigger = triggers[val >> 6 & 3];
        m->nreceived = bit(val, 1) ? 0 : m->nreceived;
    }
}

static unsigned read_byte(struct vuart_16550_model *m, uint32_t off)
{
    unsigned val;
    switch (off) {
    case 0:
        return latch_access(m) ? m->divisor % 256 : receive_buffer(m);
    case 1:
        return latch_access(m) ? m->divisor / 256
                               : (unsigned)(m->erbfi | m->etbei << 1 | m->elsi << 2 | m->edssi << 3);
    case 2:
        val = identification(m);
        if (val == 0x2) {
            m->thr_latch = false;
        }
        return val + (m->fifo_mode ? 0xc0 : 0);
    case 3:
        return m->line_control;
    case 4:
        return m->modem_control;
    case 5:
        val = (m->nreceived > 0) + (m->oe ? 2 : 0) + (m->holding ? 0 : 0x60);
        m->oe = false;
        return val;
    case 6:
        return modem_status(m);
    case 7:
        return m->scratch;
    default:
        return 0;
    }
}

uint64_t vuart_16550_model_read(struct vuart_16550_model *m, uint32_t off, unsigned size)
{
    m->nsent = 0;
    return off % size == 0 ? read_byte(m, off) : 0;
}

void vuart_16550_model_write(struct vuart_16550_model *m, uint32_t off, unsigned size, uint64_t val64)
{
    unsigned val = val64 % 256;
    m->nsent = 0;
    if (off % size != 0) {
        return;
    }
    if (off < 2 && latch_access(m)) {
        m->divisor = off == 0 ? (m->divisor & 0xff00) + val : (m->divisor & 0xff) + 256 * val;
    } else if (off == 0) {
        transmit(m, (uint8_t)val);
    } else if (off == 1) {
        enable(m, val);
    } else if (off == 2) {
        fifo_control(m, val);
    } else if (off == 3) {
        m->line_control = val;
    } else if (off == 4) {
        set_modem_control(m, val);
    } else if (off == 7) {
        m->scratch = val;
    }
}

void vuart_16550_model_arrive(struct vuart_16550_model *m, uint8_t c)
{
    if (!looped(m)) {
        into_receiver(m, c);
    }
}

int vuart_16550_model_room(const struct vuart_16550_model *m)
{
    return looped(m) ? 0 : (m->fifo_mode ? 16 : 1) - m->nreceived;
}

bool vuart_16550_model_interrupt(const struct vuart_16550_model *m)
{
    return identification(m) != 1;
}
