/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated 16550A as drivers use it: what Linux' 8250 driver does to find out which UART it has and what is wrong
 * with it, what its interrupt handler does with characters, and what polling drivers do (U-Boot's ns16550, OpenSBI's
 * uart8250).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "vdev/vuart.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define THR RBR
#define FCR IIR
#define DLL RBR
#define DLM IER

#define IER_RDI  0x01U
#define IER_THRI 0x02U
#define IER_RLSI 0x04U

static struct vuart u;

static unsigned rd(uint32_t off)
{
    uint64_t val = 0xdeadbeef;
    vuart_access(&u, off, 1, false, &val);
    return (unsigned)val;
}

static void wr(uint32_t off, uint64_t val)
{
    vuart_access(&u, off, 1, true, &val);
}

/* One access of a script: what is written, or what the bits in mask have to read as. */
struct access {
    char what; /* 'W', 'R' */
    uint8_t off, val, mask;
};
#define W(off, val)       { 'W', off, val, 0 }
#define R(off, val, mask) { 'R', off, val, mask }

static void play(const char *name, const struct access *a, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (a[i].what == 'W') {
            wr(a[i].off, a[i].val);
        } else {
            unsigned got = rd(a[i].off);
            if ((got & a[i].mask) != a[i].val) {
                fail_msg("%s, access %u: register %u reads 0x%02x", name, i, a[i].off, got);
            }
        }
        assert_int_equal(u.nr_out, 0);
    }
}
#define PLAY(script) play(#script, script, ARRAY_SIZE(script))

/* ---- Linux: drivers/tty/serial/8250 ---- */

/* There is a UART if IER keeps what was written, and OUT2 and RTS come back as DCD and CTS. */
static const struct access linux_finds_a_uart[] = {
    W(IER, 0x00), R(IER, 0x00, 0xff), W(IER, 0x0f), R(IER, 0x0f, 0xff), W(IER, 0x00),
    R(MCR, 0x03, 0xff), W(MCR, 0x1a), R(MSR, 0x90, 0xf0), W(MCR, 0x03),
};
/* It has FIFOs that work. What is written at EFR, as if this were a later UART, turns them off, and must do no more. */
static const struct access linux_finds_fifos[] = {
    W(LCR, 0xbf), W(FCR, 0x00), W(LCR, 0x00), R(IIR, 0x01, 0xff), W(FCR, 0x01), R(IIR, 0xc1, 0xff),
};
/* It is none of those that have more: no EFR (which would read as zero), no second bank, no 64 byte FIFO, no XScale. */
static const struct access linux_finds_nothing_more[] = {
    W(LCR, 0x80), R(IIR, 0xc1, 0xff), W(LCR, 0xbf), R(IIR, 0xc1, 0xff),
    W(LCR, 0x00), R(MCR, 0x00, 0x10), W(LCR, 0xe0), R(IIR, 0x00, 0x10), W(LCR, 0x00), W(MCR, 0x13), W(LCR, 0xe0),
    R(IIR, 0x00, 0x10), W(LCR, 0x00), W(MCR, 0x03),
    W(FCR, 0x21), R(IIR, 0xc0, 0xe0), W(FCR, 0x01), W(LCR, 0x80), W(FCR, 0x21), R(IIR, 0xc0, 0xe0), W(FCR, 0x01),
    W(LCR, 0x00),
    R(IER, 0x00, 0xff), W(IER, 0x00), R(IER, 0x00, 0x40), W(IER, 0x40), R(IER, 0x00, 0x40), W(IER, 0x00),
};
static const struct access linux_leaves_it[] = {
    W(MCR, 0x03), W(FCR, 0x01), W(FCR, 0x07), W(FCR, 0x00), R(RBR, 0x00, 0xff), W(IER, 0x00),
};
static const struct access linux_starts_it[] = {
    W(FCR, 0x01), W(FCR, 0x07), W(FCR, 0x00), R(LSR, 0x60, 0xff), R(RBR, 0x00, 0xff), R(IIR, 0x01, 0xff),
    R(MSR, 0xb0, 0xf0),
    /* the transmitter's interrupt comes again although it was told */
    R(LSR, 0x20, 0x20), W(IER, 0x02), R(IIR, 0x02, 0xff), W(IER, 0x00), W(IER, 0x02), R(IIR, 0x02, 0xff), W(IER, 0x00),
    W(LCR, 0x03), W(MCR, 0x0b),
    /* and comes at all when it is enabled */
    W(IER, 0x02), R(LSR, 0x40, 0x40), R(IIR, 0x02, 0xff), W(IER, 0x00),
    R(LSR, 0x60, 0xff), R(RBR, 0x00, 0xff), R(IIR, 0x01, 0xff), R(MSR, 0xb0, 0xff), R(IIR, 0x01, 0xff),
};
/* set_termios: 115200 8N1, FIFOs on with a trigger level of 8. */
static const struct access linux_sets_its_speed[] = {
    W(IER, 0x05), W(LCR, 0x83), W(DLL, 0x02), R(DLL, 0x02, 0xff), W(DLM, 0x00), W(LCR, 0x03), W(FCR, 0x01),
    W(FCR, 0x81), W(MCR, 0x0b), R(IIR, 0xc1, 0xff), R(IER, 0x05, 0xff),
};

/* How many characters fit into the receiver, by loop-back: 16, and not the 64 of some. */
static void linux_counts_the_fifo(void)
{
    static const struct access begin[] = {
        W(LCR, 0x00), R(FCR, 0xc1, 0xff), R(MCR, 0x03, 0xff), W(FCR, 0x07), W(MCR, 0x10), W(LCR, 0x80),
        R(DLL, 0x02, 0xff), R(DLM, 0x00, 0xff), W(DLL, 0x01), W(DLM, 0x00), W(LCR, 0x03),
    };
    static const struct access end[] = {
        W(FCR, 0xc1), W(MCR, 0x03), W(LCR, 0x80), W(DLL, 0x02), W(DLM, 0x00), W(LCR, 0x00), R(LSR, 0x60, 0xff),
    };
    unsigned count = 0;
    PLAY(begin);
    for (unsigned i = 0; i < 256U; i++) {
        wr(THR, i);
        assert_int_equal(u.nr_out, 0);
    }
    while (count < 256U && (rd(LSR) & 0x01U) != 0U) {
        assert_int_equal(rd(RBR), count);
        count++;
    }
    assert_int_equal(count, 16);
    PLAY(end);
}

static void linux_sets_up(void)
{
    vuart_reset_on(&u);
    PLAY(linux_finds_a_uart);
    PLAY(linux_finds_fifos);
    PLAY(linux_finds_nothing_more);
    linux_counts_the_fifo();
    wr(LCR, 0x03);
    PLAY(linux_leaves_it);
    PLAY(linux_starts_it);
    PLAY(linux_sets_its_speed);
    assert_false(vuart_line(&u));
}

static void linux_takes_it_for_a_16550a_without_a_defect(void **state)
{
    (void)state;
    linux_sets_up();
    assert_int_equal(vuart_room(&u), 16);
}

/* Its earlycon probes the speed that the loader left, if it is told none, and then polls. */
static void linux_prints_before_it_has_set_anything_up(void **state)
{
    static const struct access probe[] = { R(LCR, 0x03, 0xff), W(LCR, 0x83), R(DLL, 0x02, 0xff), R(DLM, 0x00, 0xff),
                                           W(LCR, 0x03), R(IER, 0x00, 0xff), W(IER, 0x00) };
    (void)state;
    vuart_reset_on(&u);
    PLAY(probe);
    for (const char *s = "earlycon: uart8250\r\n"; *s != '\0'; s++) {
        wr(THR, (uint8_t)*s);
        assert_int_equal(u.nr_out, 1);
        assert_int_equal(u.out[0], *s);
        assert_int_equal(rd(LSR) & 0x60U, 0x60);
    }
}

/* The handler: what it read and wrote, and how often it was called. */
static struct {
    const char *text; /* what is to be written */
    unsigned left;
    char got[256], put[256];
    unsigned nr_got, nr_put, calls;
    unsigned ier;
} k;

static void linux_sends_up_to_16(void)
{
    for (unsigned n = 0; n < 16U && k.left != 0U; n++) {
        wr(THR, (uint8_t)*k.text);
        assert_int_equal(u.nr_out, 1);
        k.put[k.nr_put++] = (char)u.out[0];
        k.text++;
        k.left--;
    }
    if (k.left == 0U) {
        k.ier &= ~IER_THRI;
        wr(IER, k.ier);
    }
}

static bool linux_interrupt(void)
{
    unsigned iir = rd(IIR);
    if ((iir & 1U) != 0U) {
        return false;
    }
    unsigned lsr = rd(LSR);
    k.calls++;
    if ((lsr & 0x01U) != 0U) {
        assert_true((iir & 0x04U) != 0U); /* the driver takes no data unless they are the source */
    }
    while ((lsr & 0x01U) != 0U) {
        k.got[k.nr_got++] = (char)rd(RBR);
        lsr = rd(LSR);
    }
    (void)rd(MSR);
    if ((lsr & 0x20U) != 0U && (k.ier & IER_THRI) != 0U) {
        linux_sends_up_to_16();
    }
    return true;
}

/* As long as the line is high and no longer, each time with something to do. */
static void interrupts(void)
{
    for (unsigned i = 0; vuart_line(&u); i++) {
        assert_true(i < 100U);
        assert_true(linux_interrupt());
    }
    assert_false(linux_interrupt());
}

static void linux_transmits(const char *text, unsigned n)
{
    k.text = text;
    k.left = n;
    k.ier |= IER_THRI;
    wr(IER, k.ier);
    assert_true(vuart_line(&u));
}

static void linux_gets_each_character_in_one_interrupt_for_what_the_fifo_holds(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 40U; n++) {
        linux_sets_up();
        memset(&k, 0, sizeof(k));
        k.ier = IER_RDI | IER_RLSI;
        for (unsigned sent = 0; sent < n;) {
            while (sent < n && vuart_room(&u) != 0U) {
                vuart_receive(&u, (uint8_t)('0' + sent));
                sent++;
                assert_true(vuart_line(&u));
            }
            interrupts();
        }
        assert_int_equal(k.nr_got, n);
        for (unsigned i = 0; i < n; i++) {
            assert_int_equal(k.got[i], '0' + i);
        }
        assert_int_equal(k.calls, (n + 15U) / 16U);
    }
}

static void linux_sends_16_characters_in_one_interrupt(void **state)
{
    static const char text[] = "A text that is longer than a few FIFOs of a UART, so that it needs more interrupts.";
    (void)state;
    for (unsigned n = 1; n < sizeof(text); n++) {
        linux_sets_up();
        memset(&k, 0, sizeof(k));
        k.ier = IER_RDI | IER_RLSI;
        linux_transmits(text, n);
        interrupts();
        assert_int_equal(k.nr_put, n);
        assert_memory_equal(k.put, text, n);
        assert_int_equal(k.calls, (n + 15U) / 16U);
        assert_int_equal(rd(IER), IER_RDI | IER_RLSI);
    }
}

static void linux_loses_nothing_if_characters_come_while_it_sends(void **state)
{
    static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    (void)state;
    for (unsigned every = 1; every <= 5U; every++) {
        linux_sets_up();
        memset(&k, 0, sizeof(k));
        k.ier = IER_RDI | IER_RLSI;
        linux_transmits(text, sizeof(text) - 1U);
        unsigned sent = 0;
        for (unsigned i = 0; vuart_line(&u); i++) {
            assert_true(i < 100U);
            for (unsigned n = 0; i % every == 0U && n < 5U && sent < 40U; n++) {
                vuart_receive(&u, (uint8_t)('!' + sent));
                sent++;
            }
            assert_true(linux_interrupt());
        }
        assert_int_equal(k.nr_put, sizeof(text) - 1U);
        assert_memory_equal(k.put, text, sizeof(text) - 1U);
        assert_int_equal(k.nr_got, sent);
        for (unsigned i = 0; i < sent; i++) {
            assert_int_equal(k.got[i], '!' + i);
        }
    }
}

/* ---- Polling drivers ---- */

static const struct access uboot_sets_up[] = {
    R(LSR, 0x40, 0x40), W(IER, 0x00), W(MCR, 0x03), W(FCR, 0x07), W(LCR, 0x03), W(LCR, 0x83), W(DLL, 0x02),
    W(DLM, 0x00), W(LCR, 0x03),
};
static const struct access opensbi_sets_up[] = {
    W(IER, 0x00), W(LCR, 0x80), W(DLL, 0x02), W(DLM, 0x00), W(LCR, 0x03), W(FCR, 0x01), W(MCR, 0x00),
    R(LSR, 0x60, 0xff), R(RBR, 0x00, 0xff), W(SCR, 0x00),
};

static void polls(void)
{
    for (unsigned round = 0; round < 20U; round++) {
        unsigned n = 0;
        for (unsigned i = 0; i < round % 17U; i++) {
            vuart_receive(&u, (uint8_t)('a' + i));
        }
        for (; n < 100U && (rd(LSR) & 0x01U) != 0U; n++) {
            assert_int_equal(rd(RBR), 'a' + n);
            assert_int_equal(rd(LSR) & 0x20U, 0x20);
            wr(THR, 'a' + n); /* echo */
            assert_int_equal(u.nr_out, 1);
            assert_int_equal(u.out[0], 'a' + n);
        }
        assert_int_equal(n, round % 17U);
        assert_false(vuart_line(&u));
    }
}

static void polling_drivers_hear_and_are_heard_and_no_interrupt_comes(void **state)
{
    (void)state;
    for (unsigned on = 0; on < 2U; on++) {
        (on != 0U ? vuart_reset_on : vuart_reset)(&u);
        PLAY(uboot_sets_up);
        polls();
        (on != 0U ? vuart_reset_on : vuart_reset)(&u);
        PLAY(opensbi_sets_up);
        polls();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linux_takes_it_for_a_16550a_without_a_defect),
        cmocka_unit_test(linux_prints_before_it_has_set_anything_up),
        cmocka_unit_test(linux_gets_each_character_in_one_interrupt_for_what_the_fifo_holds),
        cmocka_unit_test(linux_sends_16_characters_in_one_interrupt),
        cmocka_unit_test(linux_loses_nothing_if_characters_come_while_it_sends),
        cmocka_unit_test(polling_drivers_hear_and_are_heard_and_no_interrupt_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
