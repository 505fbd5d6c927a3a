/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated PL011: its behaviour as drivers rely on it, step by step, and random accesses compared with a reference
 * model. VUART_SEED=n runs that seed alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vdev/vuart.h"
#include "vuart_model.h"

#define DR   0x00
#define RSR  0x04
#define FR   0x18
#define LCRH 0x2c
#define CR   0x30
#define IFLS 0x34
#define IMSC 0x38
#define RIS  0x3c
#define MIS  0x40
#define ICR  0x44

#define ON  0x301 /* UARTEN, TXE, RXE */
#define FEN 0x70
#define RX  0x10
#define TX  0x20
#define RT  0x40
#define OE  0x400

static struct vuart u;

static unsigned rd(uint32_t off)
{
    uint64_t val = 0xdeadbeef;
    vuart_access(&u, off, 4, false, &val);
    return (unsigned)val;
}

static void wr(uint32_t off, uint64_t val)
{
    vuart_access(&u, off, 4, true, &val);
}

static void fresh(unsigned lcr_h, unsigned cr)
{
    vuart_reset(&u);
    wr(LCRH, lcr_h);
    wr(CR, cr);
}

static void reset_values_are_those_of_the_manual(void **state)
{
    static const struct {
        uint32_t off;
        unsigned val;
    } want[] = {
        { DR, 0 },      { RSR, 0 },     { FR, 0x97 },      { 0x20, 0 },     { 0x24, 0 },     { 0x28, 0 },
        { LCRH, 0 },    { CR, 0x300 },  { IFLS, 0x12 },    { IMSC, 0 },     { RIS, 0 },      { MIS, 0 },
        { 0x48, 0 },    { 0xfe0, 0x11 }, { 0xfe4, 0x10 },  { 0xfe8, 0x24 }, { 0xfec, 0 },    { 0xff0, 0x0d },
        { 0xff4, 0xf0 }, { 0xff8, 0x05 }, { 0xffc, 0xb1 },
    };
    (void)state;
    memset(&u, 0xff, sizeof(u));
    vuart_reset(&u);
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        assert_int_equal(rd(want[i].off), want[i].val);
    }
    assert_false(vuart_line(&u));
}

static void a_console_is_on_before_any_driver_came(void **state)
{
    (void)state;
    memset(&u, 0xff, sizeof(u));
    vuart_reset_on(&u);
    assert_int_equal(rd(CR), ON);
    assert_int_equal(rd(LCRH), FEN);
    assert_int_equal(rd(IMSC), 0);
    wr(DR, 'e');
    assert_int_equal(u.nr_out, 1);
    assert_int_equal(u.out[0], 'e');
    assert_int_equal(vuart_room(&u), VUART_FIFO);
}

static void stored_registers_keep_the_bits_they_have_and_no_others(void **state)
{
    static const struct {
        uint32_t off;
        unsigned mask;
    } regs[] = { { 0x20, 0xff },   { 0x24, 0xffff }, { 0x28, 0x3f }, { LCRH, 0xff }, { CR, 0xff87 },
                 { IFLS, 0x3f },   { IMSC, 0x7ff },  { RIS, 0 },     { MIS, 0 },     { 0x48, 0 },
                 { 0xfe0, 0x11 },  { 0x80, 0 },      { 0x08, 0 } };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        vuart_reset(&u);
        wr(regs[i].off, 0xffffffff);
        assert_int_equal(rd(regs[i].off), regs[i].mask);
    }
}

static void every_width_works_at_a_register_and_nothing_between(void **state)
{
    static const struct {
        uint32_t off, size;
        unsigned val;
    } reads[] = { { CR, 1, 0x01 },     { CR, 2, 0x301 },      { CR, 4, 0x301 },  { CR, 8, 0 },      { CR + 1, 1, 0 },
                  { CR + 2, 2, 0 },    { CR + 1, 2, 0 },      { 0xfe0, 2, 0x11 }, { 0xfe1, 1, 0 },  { 0xfe2, 2, 0 } };
    (void)state;
    fresh(FEN, ON);
    for (unsigned i = 0; i < ARRAY_SIZE(reads); i++) {
        uint64_t val = 0xdeadbeef;
        vuart_access(&u, reads[i].off, reads[i].size, false, &val);
        assert_int_equal(val, reads[i].val);
    }
    uint64_t c = 'x';
    for (unsigned size = 1; size <= 4U; size *= 2U) {
        vuart_access(&u, DR, size, true, &c);
        assert_int_equal(u.nr_out, 1);
        assert_int_equal(u.out[0], 'x');
    }
    vuart_access(&u, DR + 1, 1, true, &c);
    assert_int_equal(u.nr_out, 0);
    vuart_access(&u, DR, 8, true, &c);
    assert_int_equal(u.nr_out, 0);
}

/* Linux's earlycon: no set-up at all but what firmware left, polls TXFF and BUSY. */
static void a_polling_driver_never_waits(void **state)
{
    (void)state;
    fresh(FEN, ON);
    for (unsigned i = 0; i < 100U; i++) {
        assert_int_equal(rd(FR) & 0x28U, 0);
        wr(DR, 'a' + i % 26U);
        assert_int_equal(u.nr_out, 1);
        assert_int_equal(u.out[0], 'a' + i % 26U);
    }
    assert_int_equal(rd(FR), 0x97);
}

static void the_transmitter_holds_what_is_written_while_it_is_off(void **state)
{
    static const struct {
        unsigned lcr_h, cr, depth;
    } cases[] = { { FEN, 0x300, 16 }, { FEN, 0x201, 16 }, { 0x60, 0x300, 1 }, { 0x60, 0x201, 1 } };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        fresh(cases[i].lcr_h, cases[i].cr);
        for (unsigned n = 0; n < cases[i].depth; n++) {
            assert_int_equal(rd(FR) & 0xa8U, n == 0U ? 0x80 : 0x08);
            wr(DR, 'A' + n);
            assert_int_equal(u.nr_out, 0);
        }
        assert_int_equal(rd(FR) & 0xa8U, 0x28);
        wr(DR, '!'); /* lost */
        wr(CR, ON);
        assert_int_equal(u.nr_out, cases[i].depth);
        for (unsigned n = 0; n < cases[i].depth; n++) {
            assert_int_equal(u.out[n], 'A' + n);
        }
        assert_int_equal(rd(FR) & 0xa8U, 0x80);
        assert_int_equal(rd(RIS), TX);
    }
}

static void the_transmit_interrupt_tells_of_room_and_goes_when_cleared_or_filled(void **state)
{
    static const unsigned levels[] = { 2, 4, 8, 12, 14, 14, 14, 14 };
    (void)state;
    for (unsigned l = 0; l < 8U; l++) {
        fresh(FEN, ON);
        wr(IFLS, l);
        wr(IMSC, TX);
        assert_int_equal(rd(RIS), 0);
        wr(DR, 'x');
        assert_int_equal(rd(MIS), TX);
        assert_true(vuart_line(&u));
        wr(ICR, TX);
        assert_false(vuart_line(&u));
        wr(DR, 'x');
        wr(CR, ON & ~1U);
        for (unsigned n = 1; n <= 16U; n++) {
            wr(DR, 'x');
            assert_int_equal(rd(RIS), n > levels[l] ? 0 : TX);
        }
    }
    fresh(0x60, ON); /* no FIFO: one place, filled at once */
    wr(DR, 'x');
    wr(CR, ON & ~1U);
    assert_int_equal(rd(RIS), TX);
    wr(DR, 'x');
    assert_int_equal(rd(RIS), 0);
}

static void receive_interrupts_follow_the_fill(void **state)
{
    static const unsigned levels[] = { 2, 4, 8, 12, 14, 14, 14, 14 };
    (void)state;
    for (unsigned l = 0; l < 8U; l++) {
        fresh(FEN, ON);
        wr(IFLS, l << 3);
        for (unsigned n = 1; n <= 16U; n++) {
            assert_int_equal(vuart_room(&u), 17U - n);
            vuart_receive(&u, (uint8_t)(n + 0x80U));
            assert_int_equal(rd(RIS), n >= levels[l] ? RT | RX : RT);
            assert_int_equal(rd(FR) & 0x50U, n == 16U ? 0x40 : 0);
        }
        assert_int_equal(vuart_room(&u), 0);
        for (unsigned n = 1; n <= 16U; n++) {
            assert_int_equal(rd(DR), n + 0x80U);
            unsigned left = 16U - n;
            assert_int_equal(rd(RIS), left == 0U ? 0 : left >= levels[l] ? RT | RX : RT);
        }
        assert_int_equal(rd(FR) & 0x50U, 0x10);
    }
}

static void without_fifo_one_character_fits(void **state)
{
    (void)state;
    fresh(0x60, ON);
    assert_int_equal(vuart_room(&u), 1);
    vuart_receive(&u, 'k');
    assert_int_equal(vuart_room(&u), 0);
    assert_int_equal(rd(FR) & 0x50U, 0x40);
    assert_int_equal(rd(RIS), RX | RT);
    wr(ICR, 0x7ff); /* the time-out comes again while something is there */
    assert_int_equal(rd(RIS), RT);
    assert_int_equal(rd(DR), 'k');
    assert_int_equal(rd(RIS), 0);
    assert_int_equal(rd(FR) & 0x50U, 0x10);
}

static void an_overrun_is_told_and_what_was_there_stays(void **state)
{
    (void)state;
    fresh(0x60, ON);
    wr(IMSC, OE);
    vuart_receive(&u, 'a');
    assert_false(vuart_line(&u));
    vuart_receive(&u, 'b');
    assert_true(vuart_line(&u));
    assert_int_equal(rd(RSR), 8);
    assert_int_equal(rd(DR), 0x800 | 'a');
    assert_int_equal(rd(DR), 0x800); /* until the next one was taken */
    vuart_receive(&u, 'c');
    assert_int_equal(rd(DR), 'c');
    assert_int_equal(rd(RSR), 8);
    wr(RSR, 0);
    assert_int_equal(rd(RSR), 0);
    wr(ICR, OE);
    assert_false(vuart_line(&u));
}

static void a_receiver_that_is_off_hears_nothing(void **state)
{
    static const unsigned off[] = { 0x300, 0x101, 0x381, 0x0 };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(off); i++) {
        fresh(FEN, off[i]);
        assert_int_equal(vuart_room(&u), 0);
        vuart_receive(&u, 'x');
        assert_int_equal(rd(FR) & 0x10U, 0x10);
        assert_int_equal(rd(RIS) & (RX | RT | OE), 0);
    }
}

static void changing_the_fifo_enable_empties_both(void **state)
{
    (void)state;
    fresh(FEN, 0x201);
    wr(DR, 'x');
    for (unsigned i = 0; i < 16U; i++) {
        vuart_receive(&u, 'y');
    }
    wr(LCRH, FEN | 2U);
    assert_int_equal(rd(RIS), RX | RT);
    wr(LCRH, 0x60);
    assert_int_equal(rd(FR), 0x97);
    assert_int_equal(rd(RIS), 0);
    wr(CR, ON);
    assert_int_equal(u.nr_out, 0);
}

static void loopback_turns_output_into_input_and_stays_inside(void **state)
{
    (void)state;
    fresh(FEN, ON | 0x80U);
    assert_int_equal(rd(RIS), 0xe); /* CTS, DCD, DSR fell */
    assert_int_equal(rd(FR) & 0x107U, 0);
    wr(ICR, 0xffff);
    wr(DR, 'l');
    assert_int_equal(u.nr_out, 0);
    assert_int_equal(rd(DR), 'l');
    wr(CR, ON | 0x80U | 0x3c00U); /* DTR, RTS, Out1, Out2 */
    assert_int_equal(rd(FR) & 0x107U, 0x107);
    assert_int_equal(rd(RIS) & 0xfU, 0xf);
}

/* ---- against the model ---- */

static uint64_t rng;

static unsigned rnd(unsigned n)
{
    rng = rng * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(rng >> 33) % n;
}

static uint32_t any_offset(void)
{
    static const uint32_t known[] = { DR, DR, DR, DR, DR, RSR, FR, FR, 0x20, 0x24, 0x28, LCRH, CR, IFLS, IMSC, RIS, RIS,
                                      MIS, ICR, 0x48, 0xfe0, 0xffc };
    switch (rnd(16)) {
    case 0:
        return rnd(0x1000);
    case 1:
        return rnd(0x50);
    default:
        return known[rnd(ARRAY_SIZE(known))];
    }
}

static uint64_t any_value(uint32_t off)
{
    if (off == CR && rnd(4) != 0U) {
        return rnd(3) != 0U ? ON : ON | 0x80U | rnd(0x10000);
    }
    if (off == LCRH) {
        return rnd(4) != 0U ? FEN : rnd(256);
    }
    return ((uint64_t)rnd(0x10000) << 32) | ((uint64_t)rnd(0x10000) << 16) | rnd(0x10000);
}

static void compare_step(struct vuart_model *m, uint64_t seed, unsigned step)
{
    uint32_t off = any_offset();
    unsigned size = 1U << rnd(4);
    uint64_t val = any_value(off);
    unsigned kind = rnd(5);
    if (kind < 2U) {
        vuart_access(&u, off, size, true, &val);
        vuart_model_write(m, off, size, val);
    } else if (kind < 4U) {
        uint64_t want = vuart_model_read(m, off, size);
        vuart_access(&u, off, size, false, &val);
        if (val != want) {
            fail_msg("seed %lu step %u: 0x%x (%u bytes) reads 0x%lx, not 0x%lx", seed, step, off, size, val, want);
        }
    } else {
        vuart_receive(&u, (uint8_t)val);
        vuart_model_arrive(m, (uint8_t)val);
        return;
    }
    if (u.nr_out != (unsigned)m->nsent || memcmp(u.out, m->sent, u.nr_out) != 0) {
        fail_msg("seed %lu step %u: offset 0x%x sent %u characters, not %d", seed, step, off, u.nr_out, m->nsent);
    }
}

static void random_accesses_agree_with_the_reference_model(void **state)
{
    const char *only = getenv("VUART_SEED");
    uint64_t first = only != NULL ? strtoull(only, NULL, 0) : 1U;
    (void)state;
    for (uint64_t seed = first; seed < first + (only != NULL ? 1U : 200U); seed++) {
        struct vuart_model m;
        vuart_reset(&u);
        vuart_model_reset(&m);
        rng = seed;
        for (unsigned step = 0; step < 2000U; step++) {
            compare_step(&m, seed, step);
            if (vuart_line(&u) != vuart_model_interrupt(&m) || (int)vuart_room(&u) != vuart_model_room(&m)) {
                fail_msg("seed %lu step %u: interrupt %d, room %u", seed, step, vuart_line(&u), vuart_room(&u));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_console_is_on_before_any_driver_came),
        cmocka_unit_test(reset_values_are_those_of_the_manual),
        cmocka_unit_test(stored_registers_keep_the_bits_they_have_and_no_others),
        cmocka_unit_test(every_width_works_at_a_register_and_nothing_between),
        cmocka_unit_test(a_polling_driver_never_waits),
        cmocka_unit_test(the_transmitter_holds_what_is_written_while_it_is_off),
        cmocka_unit_test(the_transmit_interrupt_tells_of_room_and_goes_when_cleared_or_filled),
        cmocka_unit_test(receive_interrupts_follow_the_fill),
        cmocka_unit_test(without_fifo_one_character_fits),
        cmocka_unit_test(an_overrun_is_told_and_what_was_there_stays),
        cmocka_unit_test(a_receiver_that_is_off_hears_nothing),
        cmocka_unit_test(changing_the_fifo_enable_empties_both),
        cmocka_unit_test(loopback_turns_output_into_input_and_stays_inside),
        cmocka_unit_test(random_accesses_agree_with_the_reference_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
