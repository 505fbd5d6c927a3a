/* SPDX-License-Identifier: Apache-2.0 */
#include "vuart_model.h"

#include <string.h>

#define ILPR 0x20
#define IBRD 0x24
#define FBRD 0x28
#define LCRH 0x2c
#define CR   0x30
#define IFLS 0x34
#define IMSC 0x38

static unsigned reg(const struct vuart_model *m, unsigned off)
{
    return m->store[off / 4];
}

static bool flag(const struct vuart_model *m, unsigned off, int bit)
{
    return (reg(m, off) >> bit) & 1;
}

void vuart_model_reset(struct vuart_model *m)
{
    memset(m, 0, sizeof(*m));
    m->store[CR / 4] = 0x300;
    m->store[IFLS / 4] = 0x12;
}

static int size_of_fifo(const struct vuart_model *m)
{
    return flag(m, LCRH, 4) ? 16 : 1;
}

/* UARTIFLS: 1/8, 1/4, 1/2, 3/4, 7/8 of 16. */
static int sixteenths(unsigned code)
{
    switch (code) {
    case 0:
        return 16 * 1 / 8;
    case 1:
        return 16 * 1 / 4;
    case 2:
        return 16 * 1 / 2;
    case 3:
        return 16 * 3 / 4;
    default:
        return 16 * 7 / 8;
    }
}

static bool loop(const struct vuart_model *m)
{
    return flag(m, CR, 7);
}

static void into_receiver(struct vuart_model *m, uint8_t c)
{
    if (!flag(m, CR, 0) || !flag(m, CR, 9)) {
        return;
    }
    if (m->rxn == size_of_fifo(m)) {
        m->lost = m->oe_status = m->raw[10] = true;
        return;
    }
    m->rxq[m->rxn++] = c;
    m->lost = false;
    m->raw[6] = true;
    if (!flag(m, LCRH, 4) || m->rxn >= sixteenths((reg(m, IFLS) >> 3) & 7)) {
        m->raw[4] = true;
    }
}

static void run_transmitter(struct vuart_model *m)
{
    if (!flag(m, CR, 0) || !flag(m, CR, 8)) {
        return;
    }
    for (int i = 0; i < m->txn; i++) {
        if (loop(m)) {
            into_receiver(m, m->txq[i]);
        } else {
            m->sent[m->nsent++] = m->txq[i];
        }
        m->raw[5] = true;
    }
    m->txn = 0;
}

static bool cts(const struct vuart_model *m)
{
    return !loop(m) || flag(m, CR, 11);
}

static bool dsr(const struct vuart_model *m)
{
    return !loop(m) || flag(m, CR, 10);
}

static bool dcd(const struct vuart_model *m)
{
    return !loop(m) || flag(m, CR, 12);
}

static bool ri(const struct vuart_model *m)
{
    return loop(m) && flag(m, CR, 13);
}

static uint64_t pop(struct vuart_model *m)
{
    uint64_t v = m->lost ? 1 << 11 : 0;
    if (m->rxn == 0) {
        return v;
    }
    v |= m->rxq[0];
    memmove(m->rxq, m->rxq + 1, 15);
    m->rxn--;
    if (m->rxn == 0) {
        m->raw[6] = false;
    }
    if (m->rxn < (flag(m, LCRH, 4) ? sixteenths((reg(m, IFLS) >> 3) & 7) : 1)) {
        m->raw[4] = false;
    }
    return v;
}

static uint64_t raw_status(const struct vuart_model *m)
{
    uint64_t v = 0;
    for (int i = 0; i < 11; i++) {
        v += m->raw[i] ? 1u << i : 0;
    }
    return v;
}

static uint64_t read_register(struct vuart_model *m, uint32_t off)
{
    static const unsigned ids[] = { 0x11, 0x10, 0x24, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
    if (off >= 0xfe0 && off % 4 == 0) {
        return ids[(off - 0xfe0) / 4];
    }
    switch (off) {
    case 0x00:
        return pop(m);
    case 0x04:
        return m->oe_status ? 8 : 0;
    case 0x18:
        return cts(m) << 0 | dsr(m) << 1 | dcd(m) << 2 | (m->txn > 0) << 3 | (m->rxn == 0) << 4 |
               (m->txn == size_of_fifo(m)) << 5 | (m->rxn == size_of_fifo(m)) << 6 | (m->txn == 0) << 7 | ri(m) << 8;
    case ILPR:
    case IBRD:
    case FBRD:
    case LCRH:
    case CR:
    case IFLS:
    case IMSC:
        return reg(m, off);
    case 0x3c:
        return raw_status(m);
    case 0x40:
        return raw_status(m) & reg(m, IMSC);
    default:
        return 0;
    }
}

static bool exists(uint32_t off, unsigned size)
{
    return size <= 4 && off % 4 == 0 && off < 0x1000;
}

uint64_t vuart_model_read(struct vuart_model *m, uint32_t off, unsigned size)
{
    m->nsent = 0;
    if (!exists(off, size)) {
        return 0;
    }
    return read_register(m, off) & (size == 4 ? 0xffffffff : (1u << (8 * size)) - 1);
}

static void push(struct vuart_model *m, uint8_t c)
{
    if (m->txn == size_of_fifo(m)) {
        return;
    }
    m->txq[m->txn++] = c;
    if (m->txn > (flag(m, LCRH, 4) ? sixteenths(reg(m, IFLS) & 7) : 0)) {
        m->raw[5] = false;
    }
    run_transmitter(m);
}

static void set_control(struct vuart_model *m, unsigned val)
{
    bool was[4] = { ri(m), cts(m), dcd(m), dsr(m) };
    m->store[CR / 4] = val & 0xff87;
    bool is[4] = { ri(m), cts(m), dcd(m), dsr(m) };
    for (int i = 0; i < 4; i++) {
        m->raw[i] = m->raw[i] || was[i] != is[i];
    }
    run_transmitter(m);
}

void vuart_model_write(struct vuart_model *m, uint32_t off, unsigned size, uint64_t val64)
{
    unsigned val = (unsigned)(size == 4 ? val64 : val64 & ((1u << (8 * (size & 3))) - 1));
    bool fifo = flag(m, LCRH, 4);
    m->nsent = 0;
    if (!exists(off, size)) {
        return;
    }
    switch (off) {
    case 0x00:
        push(m, (uint8_t)val);
        break;
    case 0x04:
        m->oe_status = false;
        break;
    case LCRH:
        m->store[off / 4] = val & 0xff;
        if (flag(m, LCRH, 4) != fifo) {
            m->rxn = m->txn = 0;
            m->raw[4] = m->raw[6] = false;
        }
        break;
    case CR:
        set_control(m, val);
        break;
    case 0x44:
        for (int i = 0; i < 11; i++) {
            m->raw[i] = i == 6 ? m->rxn > 0 : m->raw[i] && !((val >> i) & 1);
        }
        break;
    case ILPR:
        m->store[off / 4] = val & 0xff;
        break;
    case IBRD:
        m->store[off / 4] = val & 0xffff;
        break;
    case FBRD:
    case IFLS:
        m->store[off / 4] = val & 0x3f;
        break;
    case IMSC:
        m->store[off / 4] = val & 0x7ff;
        break;
    default:
        break;
    }
}

void vuart_model_arrive(struct vuart_model *m, uint8_t c)
{
    if (!loop(m)) {
        into_receiver(m, c);
    }
}

int vuart_model_room(const struct vuart_model *m)
{
    return flag(m, CR, 0) && flag(m, CR, 9) && !loop(m) ? size_of_fifo(m) - m->rxn : 0;
}

bool vuart_model_interrupt(const struct vuart_model *m)
{
    return (raw_status(m) & reg(m, IMSC)) != 0;
}
