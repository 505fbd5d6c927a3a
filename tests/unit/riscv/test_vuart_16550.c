/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated 16550A: its registers and interrupts rule by rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vdev/vuart.h"

enum { RBR, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define THR  RBR
#define FCR  IIR
#define DLL  RBR
#define DLM  IER
#define DLAB 0x80
#define LOOP 0x10
#define FIFOS 0x01

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

static void fresh(unsigned fcr, unsigned ier)
{
    vuart_reset(&u);
    wr(FCR, fcr);
    wr(IER, ier);
}

static void receive(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        vuart_receive(&u, (uint8_t)('a' + i));
    }
}

static void reset_values_are_those_of_the_data_sheet(void **state)
{
    static const unsigned want[] = { 0, 0, 0x01, 0, 0, 0x60, 0xb0, 0 };
    (void)state;
    memset(&u, 0xff, sizeof(u));
    vuart_reset(&u);
    assert_false(vuart_line(&u));
    assert_int_equal(vuart_room(&u), 1);
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        assert_int_equal(rd(i), want[i]);
    }
}

static void a_console_is_on_before_any_driver_came(void **state)
{
    static const unsigned want[] = { 0, 0, 0xc1, 0x03, 0x03, 0x60, 0xb0, 0 };
    (void)state;
    memset(&u, 0xff, sizeof(u));
    vuart_reset_on(&u);
    assert_false(vuart_line(&u));
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++) {
        assert_int_equal(rd(i), want[i]);
    }
    wr(THR, 'e');
    assert_int_equal(u.nr_out, 1);
    assert_int_equal(u.out[0], 'e');
    assert_int_equal(vuart_room(&u), VUART_FIFO);
    wr(LCR, DLAB);
    assert_int_equal(rd(DLL), 2); /* a driver divides by it */
    assert_int_equal(rd(DLM), 0);
}

static void stored_registers_keep_the_bits_they_have_and_no_others(void **state)
{
    static const struct {
        uint32_t off;
        unsigned lcr, ones, zeroes;
    } regs[] = { { IER, 0, 0x0f, 0 },       { LCR, 0, 0xff, 0 },    { MCR, 0, 0x1f, 0 },    { LSR, 0, 0x60, 0x60 },
                 { MSR, 0, 0xb0, 0xb0 },    { SCR, 0, 0xff, 0 },    { DLL, DLAB, 0xff, 0 }, { DLM, DLAB, 0xff, 0 },
                 { SCR, DLAB, 0xff, 0 } };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(regs); i++) {
        vuart_reset(&u);
        wr(LCR, regs[i].lcr);
        wr(regs[i].off, 0xff);
        assert_int_equal(rd(regs[i].off), regs[i].ones);
        wr(regs[i].off, 0);
        assert_int_equal(rd(regs[i].off), regs[i].zeroes);
    }
}

static void the_divisor_latch_hides_data_and_interrupt_enables_and_nothing_else(void **state)
{
    (void)state;
    fresh(FIFOS, 0x05);
    receive(1);
    wr(SCR, 0x77);
    wr(LCR, DLAB | 0x03);
    wr(DLL, 0x34);
    wr(DLM, 0x12);
    assert_int_equal(u.nr_out, 0);
    assert_int_equal(rd(DLL), 0x34);
    assert_int_equal(rd(DLM), 0x12);
    assert_int_equal(rd(IIR), 0xc4);
    assert_int_equal(rd(SCR), 0x77);
    assert_int_equal(rd(LSR), 0x61);
    assert_true(vuart_line(&u));
    wr(LCR, 0x03);
    assert_int_equal(rd(IER), 0x05);
    assert_int_equal(rd(RBR), 'a');
    assert_int_equal(rd(LSR), 0x60);
}

static void any_width_is_one_byte_at_its_address_and_a_misaligned_access_is_none(void **state)
{
    /* DLL, DLM, -, LCR, MCR, -, -, SCR: what they read after this was written, and all others as they are */
    static const uint64_t written = 0xa5a5a5a5a5a5a597U;
    static const unsigned after[] = { 0x97, 0x97, 0xc1, 0x97, 0x17, 0x60, 0xb0, 0x97 };
    static const unsigned before[] = { 0, 0, 0x01, DLAB, 0, 0x60, 0xb0, 0 };
    (void)state;
    for (unsigned size = 1; size <= 8U; size *= 2U) {
        for (uint32_t off = 0; off < 8U; off++) {
            bool aligned = off % size == 0U;
            uint64_t val = written;
            vuart_reset(&u);
            wr(LCR, DLAB);
            vuart_access(&u, off, size, true, &val);
            for (uint32_t o = 0; o < 8U && off != MCR; o++) { /* MCR loops back here, and so changes MSR */
                assert_int_equal(rd(o), o == off && aligned ? after[o] : before[o]);
            }
            val = 0xdeadbeefdeadbeefU;
            vuart_access(&u, off, size, false, &val);
            assert_int_equal(val, !aligned ? 0U : after[off]);
        }
    }
}

static void the_rest_of_its_page_reads_as_zero_and_ignores_writes(void **state)
{
    (void)state;
    vuart_reset_on(&u);
    struct vuart before = u;
    for (uint32_t off = 8; off < VUART_SIZE; off++) {
        wr(off, 0xff);
        assert_int_equal(rd(off), 0);
        assert_int_equal(u.nr_out, 0);
    }
    assert_memory_equal(&before, &u, sizeof(u));
}

static void a_polling_driver_never_waits(void **state)
{
    (void)state;
    vuart_reset_on(&u);
    for (unsigned i = 0; i < 100U; i++) {
        assert_int_equal(rd(LSR) & 0x60U, 0x60);
        assert_int_equal(u.nr_out, 0);
        wr(THR, 'a' + i % 26U);
        assert_int_equal(u.nr_out, 1);
        assert_int_equal(u.out[0], 'a' + i % 26U);
    }
}

static void receive_interrupts_follow_the_fill(void **state)
{
    static const unsigned levels[] = { 1, 4, 8, 14 };
    (void)state;
    for (unsigned l = 0; l < 4U; l++) {
        fresh(FIFOS | l << 6, 0x01);
        for (unsigned n = 1; n <= 16U; n++) {
            assert_int_equal(vuart_room(&u), 17U - n);
            vuart_receive(&u, (uint8_t)(n + 0x80U));
            assert_int_equal(rd(IIR), n >= levels[l] ? 0xc4 : 0xcc);
            assert_true(vuart_line(&u));
            assert_int_equal(rd(LSR), 0x61);
        }
        assert_int_equal(vuart_room(&u), 0);
        for (unsigned left = 16; left > 0U; left--) {
            assert_int_equal(rd(IIR), left >= levels[l] ? 0xc4 : 0xcc);
            assert_int_equal(rd(RBR), 17U - left + 0x80U);
        }
        assert_int_equal(rd(IIR), 0xc1);
        assert_false(vuart_line(&u));
        assert_int_equal(rd(LSR), 0x60);
        assert_int_equal(rd(RBR), 0);
    }
}

static void without_fifos_one_character_fits_and_an_overrun_replaces_it(void **state)
{
    (void)state;
    fresh(0, 0x05);
    assert_int_equal(vuart_room(&u), 1);
    vuart_receive(&u, 'a');
    assert_int_equal(rd(IIR), 0x04);
    assert_int_equal(vuart_room(&u), 0);
    vuart_receive(&u, 'b');
    assert_int_equal(rd(IIR), 0x06);
    assert_int_equal(rd(LSR), 0x63);
    assert_int_equal(rd(IIR), 0x04);
    assert_int_equal(rd(RBR), 'b');
    assert_int_equal(rd(IIR), 0x01);
    assert_int_equal(rd(LSR), 0x60);
}

static void with_fifos_an_overrun_is_told_once_and_what_was_there_stays(void **state)
{
    (void)state;
    fresh(FIFOS, 0x04);
    receive(16);
    assert_false(vuart_line(&u));
    receive(1);
    assert_true(vuart_line(&u));
    assert_int_equal(rd(IIR), 0xc6);
    assert_int_equal(rd(IIR), 0xc6); /* reading IIR does not clear it */
    assert_int_equal(rd(LSR), 0x63);
    assert_int_equal(rd(LSR), 0x61);
    assert_false(vuart_line(&u));
    for (unsigned i = 0; i < 16U; i++) {
        assert_int_equal(rd(RBR), 'a' + i);
    }
    assert_int_equal(rd(LSR), 0x60);
}

static void the_fifo_control_empties_the_receiver_when_told_or_when_the_mode_changes(void **state)
{
    static const struct {
        unsigned before, fcr, left, level;
    } cases[] = {
        { 0x01, 0x01, 3, 1 }, { 0x01, 0x05, 3, 1 }, { 0x01, 0x03, 0, 1 }, { 0x01, 0x07, 0, 1 }, { 0x01, 0x00, 0, 1 },
        { 0x01, 0xc0, 0, 1 }, { 0x01, 0xc1, 3, 14 }, { 0x81, 0x41, 3, 4 }, { 0x01, 0x3d, 3, 1 },
        { 0x00, 0x02, 1, 1 }, { 0x00, 0xc2, 1, 1 }, { 0x00, 0x01, 0, 1 }, { 0x00, 0x81, 0, 8 },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        fresh(cases[i].before, 0x01);
        receive((cases[i].before & 1U) != 0U ? 3U : 1U);
        wr(FCR, cases[i].fcr);
        bool on = (cases[i].fcr & 1U) != 0U;
        assert_int_equal(vuart_room(&u), (on ? 16U : 1U) - cases[i].left);
        assert_int_equal(rd(LSR), cases[i].left != 0U ? 0x61 : 0x60);
        wr(FCR, cases[i].fcr | 0x02U);
        (void)rd(RBR);
        for (unsigned n = 1; n <= (on ? 16U : 1U); n++) {
            receive(1);
            assert_int_equal(rd(IIR), (on ? 0xc0U : 0U) + (n >= cases[i].level ? 0x4U : 0xcU));
        }
    }
}

static void the_transmitter_interrupts_when_it_is_enabled_and_after_each_character_until_iir_tells(void **state)
{
    (void)state;
    fresh(FIFOS, 0);
    wr(THR, 'x');
    assert_int_equal(rd(IIR), 0xc1); /* not enabled */
    wr(IER, 0x02);
    assert_true(vuart_line(&u));
    assert_int_equal(rd(IIR), 0xc2);
    assert_false(vuart_line(&u));
    assert_int_equal(rd(IIR), 0xc1);
    wr(IER, 0x02); /* was enabled: nothing new */
    wr(IER, 0x03);
    assert_int_equal(rd(IIR), 0xc1);
    assert_int_equal(rd(LSR), 0x60); /* tells of an empty THR, and does not reset the interrupt */
    wr(THR, 'y');
    assert_int_equal(rd(LSR), 0x60);
    assert_true(vuart_line(&u));
    wr(IER, 0x00);
    assert_false(vuart_line(&u));
    assert_int_equal(rd(IIR), 0xc1);
    wr(IER, 0x02);
    assert_int_equal(rd(IIR), 0xc2);
    wr(IER, 0x00);
    wr(IER, 0x02); /* anew, although it was told */
    assert_int_equal(rd(IIR), 0xc2);
}

static void sources_are_told_in_the_order_of_their_priority(void **state)
{
    (void)state;
    fresh(FIFOS | 0x40U, 0x0f);
    wr(MCR, LOOP); /* CTS, DSR and DCD fall */
    wr(MCR, 0);    /* and rise */
    receive(17);
    assert_int_equal(rd(IIR), 0xc6);
    assert_int_equal(rd(LSR), 0x63);
    for (unsigned left = 16; left > 0U; left--) {
        assert_int_equal(rd(IIR), left >= 4U ? 0xc4 : 0xcc); /* and the transmitter's stays, not having been told */
        (void)rd(RBR);
    }
    assert_int_equal(rd(IIR), 0xc2);
    assert_int_equal(rd(IIR), 0xc0);
    assert_int_equal(rd(IIR), 0xc0); /* reading IIR does not clear it */
    assert_int_equal(rd(MSR), 0xbb);
    assert_int_equal(rd(IIR), 0xc1);
    assert_false(vuart_line(&u));
}

static void each_source_interrupts_if_its_own_enable_is_set_alone(void **state)
{
    static const unsigned id[] = { 0xc4, 0xc2, 0xc6, 0xc0 };
    (void)state;
    for (unsigned ier = 0; ier < 16U; ier++) {
        for (unsigned s = 0; s < 4U; s++) {
            fresh(FIFOS, 0);
            if (s == 0U) {
                receive(1);
            } else if (s == 2U) {
                receive(17);
                for (unsigned i = 0; i < 16U; i++) {
                    (void)rd(RBR);
                }
            } else if (s == 3U) {
                wr(MCR, LOOP);
            }
            wr(IER, s == 1U ? ier : ier & ~2U);
            assert_int_equal(vuart_line(&u), (ier >> s) & 1U);
            assert_int_equal(rd(IIR), ((ier >> s) & 1U) != 0U ? id[s] : 0xc1);
        }
    }
}

static void loop_back_turns_output_into_input_and_cuts_the_line(void **state)
{
    (void)state;
    fresh(FIFOS, 0x01);
    wr(MCR, LOOP);
    wr(THR, 'l');
    assert_int_equal(u.nr_out, 0);
    assert_int_equal(vuart_room(&u), 0);
    vuart_receive(&u, 'x');
    assert_int_equal(rd(IIR), 0xc4);
    assert_int_equal(rd(RBR), 'l');
    assert_int_equal(rd(LSR), 0x60);
    wr(MCR, 0);
    assert_int_equal(vuart_room(&u), 16);
}

static void modem_inputs_are_the_outputs_while_looped_and_changes_are_told_once(void **state)
{
    static const unsigned input[] = { 0x20, 0x10, 0x40, 0x80 }; /* DTR: DSR, RTS: CTS, OUT1: RI, OUT2: DCD */
    static const unsigned on[] = { 0x02, 0x01, 0x00, 0x08 };    /* the end of a ring alone is told */
    static const unsigned off[] = { 0x02, 0x01, 0x04, 0x08 };
    (void)state;
    fresh(FIFOS, 0);
    wr(MCR, LOOP);
    assert_int_equal(rd(MSR), 0x0b);
    assert_int_equal(rd(MSR), 0x00);
    for (unsigned i = 0; i < 4U; i++) {
        wr(MCR, LOOP | 1U << i);
        assert_int_equal(rd(MSR), input[i] | on[i]);
        assert_int_equal(rd(MSR), input[i]);
        wr(MCR, LOOP);
        assert_int_equal(rd(MSR), off[i]);
    }
    wr(MCR, 0x0f);
    assert_int_equal(rd(MSR), 0xbb);
    wr(MCR, 0x00);
    assert_int_equal(rd(MSR), 0xb0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values_are_those_of_the_data_sheet),
        cmocka_unit_test(a_console_is_on_before_any_driver_came),
        cmocka_unit_test(stored_registers_keep_the_bits_they_have_and_no_others),
        cmocka_unit_test(the_divisor_latch_hides_data_and_interrupt_enables_and_nothing_else),
        cmocka_unit_test(any_width_is_one_byte_at_its_address_and_a_misaligned_access_is_none),
        cmocka_unit_test(the_rest_of_its_page_reads_as_zero_and_ignores_writes),
        cmocka_unit_test(a_polling_driver_never_waits),
        cmocka_unit_test(receive_interrupts_follow_the_fill),
        cmocka_unit_test(without_fifos_one_character_fits_and_an_overrun_replaces_it),
        cmocka_unit_test(with_fifos_an_overrun_is_told_once_and_what_was_there_stays),
        cmocka_unit_test(the_fifo_control_empties_the_receiver_when_told_or_when_the_mode_changes),
        cmocka_unit_test(the_transmitter_interrupts_when_it_is_enabled_and_after_each_character_until_iir_tells),
        cmocka_unit_test(sources_are_told_in_the_order_of_their_priority),
        cmocka_unit_test(each_source_interrupts_if_its_own_enable_is_set_alone),
        cmocka_unit_test(loop_back_turns_output_into_input_and_cuts_the_line),
        cmocka_unit_test(modem_inputs_are_the_outputs_while_looped_and_changes_are_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
