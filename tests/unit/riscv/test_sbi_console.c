/* SPDX-License-Identifier: Apache-2.0 */
/* The debug console, with buffers in guest-physical memory, and the two console calls of v0.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/console.h"
#include "sbi_fixture.h"
#include "vdev/vconsole_state.h"

#define DBCN 0x4442434eULL

enum { WRITE, READ, WRITE_BYTE };

static struct vcpu *hart(unsigned n)
{
    return &sbi_vm->vcpus[n];
}

static int setup(void **state)
{
    (void)state;
    sbi_reset(2, 2, true);
    sbi_start(hart(0));
    sbi_start(hart(1));
    sbi_start(&sbi_other->vcpus[0]);
    return 0;
}

static struct sbi_answer call(uint64_t fid, uint64_t size, uint64_t lo, uint64_t hi)
{
    return sbi_call(hart(1), DBCN, fid, SBI_ARGS(size, lo, hi));
}

static const char *printed(unsigned vm)
{
    return console_ports[vm].out;
}

static uint32_t nr_printed(unsigned vm)
{
    return atomic32_load(&console_ports[vm].out_put);
}

/* The keys go to the VM, which has the focus, as the serving CPU gives them. */
static void type(const char *keys)
{
    for (const char *k = keys; *k != 0; k++) {
        assert_int_equal(console_input((uint8_t)*k), 0);
    }
}

static uint8_t *memory(uint64_t ipa)
{
    return sbi_memory + (ipa - SBI_RAM);
}

static void a_write_prints_the_bytes_of_the_buffer_to_the_callers_console(void **state)
{
    (void)state;
    memcpy(memory(SBI_RAM + 3), "hello\n", 6);
    assert_answer(call(WRITE, 6, SBI_RAM + 3, 0), 0, 6);
    assert_int_equal(nr_printed(0), 6);
    assert_memory_equal(printed(0), "hello\n", 6);
    assert_int_equal(nr_printed(1), 0);
    assert_true(rv.ipis & (1U << 7)); /* the serving CPU is told */
    memcpy(memory(SBI_THEIRS), "theirs", 6);
    assert_answer(sbi_call(&sbi_other->vcpus[0], DBCN, WRITE, SBI_ARGS(6, SBI_THEIRS, 0)), 0, 6);
    assert_memory_equal(printed(1), "theirs", 6);
    assert_int_equal(nr_printed(0), 6);
}

static void a_long_write_is_done_in_bounded_parts(void **state)
{
    (void)state;
    assert_answer(call(WRITE, 255, SBI_RAM, 0), 0, 255);
    assert_answer(call(WRITE, 256, SBI_RAM, 0), 0, 256);
    assert_answer(call(WRITE, 257, SBI_RAM, 0), 0, 256);
    assert_answer(call(WRITE, SBI_RAM_SIZE, SBI_RAM, 0), 0, 256);
    assert_int_equal(nr_printed(0), 255 + 3 * 256);
    assert_memory_equal(printed(0) + 255 + 256, memory(SBI_RAM), 256);
}

/* [address, address + size) for a read and for a write. */
static const struct {
    uint64_t size, lo, hi;
    bool write, read;
} buffers[] = {
    {1, SBI_RAM, 0, true, true},
    {1, SBI_RAM - 1, 0, false, false},
    {2, SBI_RAM - 1, 0, false, false},
    {1, SBI_RAM, 1, false, false},
    {1, SBI_RAM, ~0ULL, false, false},
    {1, SBI_RAM, 1ULL << 63, false, false},
    {SBI_RAM_SIZE, SBI_RAM, 0, true, true},
    {0x20, SBI_DATA - 0x10, 0, true, true},              /* two regions that adjoin */
    {SBI_RAM_SIZE + SBI_PIECE, SBI_RAM, 0, true, true},
    {SBI_RAM_SIZE + SBI_PIECE + 1, SBI_RAM, 0, false, false}, /* a byte of the other VM's */
    {SBI_TOP - SBI_RAM, SBI_RAM, 0, false, false},
    {1, SBI_DATA + SBI_PIECE - 1, 0, true, true},
    {2, SBI_DATA + SBI_PIECE - 1, 0, false, false},
    {1, SBI_THEIRS, 0, false, false},
    {SBI_PIECE, SBI_THEIRS, 0, false, false},
    {1, SBI_ROM - 1, 0, false, false},
    {1, SBI_ROM, 0, true, false},                        /* may not be written */
    {SBI_PIECE, SBI_ROM, 0, true, false},
    {SBI_PIECE + 1, SBI_ROM, 0, false, false},
    {1, SBI_DEVICE, 0, false, false},
    {1, 0, 0, false, false},
    {~0ULL, SBI_RAM, 0, false, false},
    {~0ULL - SBI_RAM + 1, SBI_RAM, 0, false, false},     /* up to 2^64 */
    {~0ULL - SBI_RAM + 2, SBI_RAM, 0, false, false},     /* wraps */
    {~0ULL, 1, 0, false, false},
    {2, ~0ULL, 0, false, false},
    {(1ULL << 32) | 1, SBI_RAM, 0, false, false},
    {1, SBI_RAM | 1ULL << 63, 0, false, false},
    {0, SBI_RAM, 0, true, true},
    {0, 0, 0, true, true},                               /* no byte of it is wrong */
    {0, SBI_RAM, 1, false, false},
};

static void a_buffer_must_be_ram_of_the_vm_with_the_right_to_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(buffers); i++) {
        uint64_t n = buffers[i].size < 256 ? buffers[i].size : 256;
        setup(NULL);
        assert_answer(call(WRITE, buffers[i].size, buffers[i].lo, buffers[i].hi), buffers[i].write ? 0 : -3,
                      buffers[i].write ? n : 0);
        assert_int_equal(nr_printed(0), buffers[i].write ? n : 0);
        type("x");
        assert_answer(call(READ, buffers[i].size, buffers[i].lo, buffers[i].hi), buffers[i].read ? 0 : -3,
                      buffers[i].read && n != 0);
    }
}

static void a_read_takes_what_was_typed_and_no_more(void **state)
{
    (void)state;
    uint8_t expect[sizeof(sbi_memory)];
    assert_answer(call(READ, 16, SBI_RAM + 8, 0), 0, 0);
    type("abcdefg");
    memcpy(expect, sbi_memory, sizeof(expect));
    memcpy(expect + 8, "abcde", 5);
    assert_answer(call(READ, 5, SBI_RAM + 8, 0), 0, 5);
    assert_memory_equal(expect, sbi_memory, sizeof(expect));
    memcpy(expect + 100, "fg", 2);
    assert_answer(call(READ, 16, SBI_RAM + 100, 0), 0, 2);
    assert_memory_equal(expect, sbi_memory, sizeof(expect));
    assert_answer(call(READ, 16, SBI_RAM, 0), 0, 0);
    assert_memory_equal(expect, sbi_memory, sizeof(expect));
}

static void a_long_read_is_done_in_bounded_parts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CONSOLE_IN_BYTES; i++) {
        type("k");
    }
    vuart_reset_on(&vconsoles[0].uart);
    vuart_receive(&vconsoles[0].uart, 'u');
    assert_answer(call(READ, SBI_RAM_SIZE, SBI_RAM, 0), 0, 256);
    assert_answer(call(READ, SBI_RAM_SIZE, SBI_RAM, 0), 0, 1);
    assert_answer(call(READ, SBI_RAM_SIZE, SBI_RAM, 0), 0, 0);
}

static void what_the_emulated_uart_has_received_already_is_read_first(void **state)
{
    (void)state;
    vuart_reset_on(&vconsoles[0].uart);
    vuart_receive(&vconsoles[0].uart, '1');
    vuart_receive(&vconsoles[0].uart, '2');
    type("345");
    assert_answer(call(READ, 4, SBI_RAM, 0), 0, 4);
    assert_memory_equal(memory(SBI_RAM), "1234", 4);
    assert_answer(sbi_call(hart(0), 2, 0, SBI_ARGS(0)), '5', 0);
    assert_int_equal(vconsoles[0].uart.rx.count, 0);
}

static void reading_lowers_the_interrupt_line_of_the_emulated_uart(void **state)
{
    (void)state;
    struct vconsole *c = &vconsoles[0];
    uint64_t received = 1; /* IER: received data available */
    vuart_reset_on(&c->uart);
    vuart_access(&c->uart, 1, 1, true, &received);
    vuart_receive(&c->uart, '1');
    c->line = vuart_line(&c->uart);
    assert_true(c->line);
    assert_answer(call(READ, 4, SBI_RAM, 0), 0, 1);
    assert_false(vuart_line(&c->uart));
    assert_false(c->line);
}

static void a_full_ring_counts_what_it_drops_and_the_write_is_done(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CONSOLE_OUT_BYTES / 256; i++) {
        assert_answer(call(WRITE, 256, SBI_RAM, 0), 0, 256);
    }
    assert_answer(call(WRITE, 100, SBI_RAM, 0), 0, 100);
    assert_answer(call(WRITE_BYTE, 'x', 0, 0), 0, 0);
    assert_int_equal(nr_printed(0), CONSOLE_OUT_BYTES);
    assert_int_equal(atomic32_load(&console_ports[0].dropped), 101);
}

static void a_byte_is_written_from_the_low_bits_of_its_register(void **state)
{
    (void)state;
    assert_answer(call(WRITE_BYTE, 0xffffffffffffff41ULL, 1, 2), 0, 0);
    assert_answer(sbi_call(hart(0), 1, 0, SBI_ARGS(0xffffffffffffff42ULL, 5)), 0, 5);
    assert_int_equal(nr_printed(0), 2);
    assert_memory_equal(printed(0), "AB", 2);
}

static void memory_that_does_not_answer_fails_the_call(void **state)
{
    (void)state;
    rv.memory_size = 0;
    assert_answer(call(WRITE, 4, SBI_RAM, 0), -1, 0);
    assert_int_equal(nr_printed(0), 0);
    type("x");
    assert_answer(call(READ, 4, SBI_RAM, 0), -1, 0);
}

static void getchar_tells_a_byte_or_that_there_is_none(void **state)
{
    (void)state;
    assert_answer(sbi_call(hart(0), 2, 0, SBI_ARGS(3, 5)), -1, 5);
    assert_int_equal(console_input(0xff), 0);
    assert_answer(sbi_call(hart(0), 2, 0, SBI_ARGS(3, 5)), 0xff, 5);
    assert_answer(sbi_call(hart(0), 2, 0, SBI_ARGS(3, 5)), -1, 5);
}

static void without_a_shared_console_there_is_none(void **state)
{
    (void)state;
    sbi_reset(2, 2, false);
    sbi_start(hart(0));
    sbi_start(hart(1));
    assert_answer(call(WRITE, 4, SBI_RAM, 0), -2, 0);
    assert_answer(call(READ, 4, SBI_RAM, 0), -2, 0);
    assert_answer(call(WRITE_BYTE, 4, SBI_RAM, 0), -2, 0);
    assert_answer(sbi_call(hart(0), 1, 0, SBI_ARGS('x', 5)), -2, 5);
    assert_answer(sbi_call(hart(0), 2, 0, SBI_ARGS('x', 5)), -2, 5);
    assert_int_equal(nr_printed(0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_write_prints_the_bytes_of_the_buffer_to_the_callers_console, setup),
        cmocka_unit_test_setup(a_long_write_is_done_in_bounded_parts, setup),
        cmocka_unit_test_setup(a_buffer_must_be_ram_of_the_vm_with_the_right_to_it, setup),
        cmocka_unit_test_setup(a_read_takes_what_was_typed_and_no_more, setup),
        cmocka_unit_test_setup(a_long_read_is_done_in_bounded_parts, setup),
        cmocka_unit_test_setup(what_the_emulated_uart_has_received_already_is_read_first, setup),
        cmocka_unit_test_setup(reading_lowers_the_interrupt_line_of_the_emulated_uart, setup),
        cmocka_unit_test_setup(a_full_ring_counts_what_it_drops_and_the_write_is_done, setup),
        cmocka_unit_test_setup(a_byte_is_written_from_the_low_bits_of_its_register, setup),
        cmocka_unit_test_setup(memory_that_does_not_answer_fails_the_call, setup),
        cmocka_unit_test_setup(getchar_tells_a_byte_or_that_there_is_none, setup),
        cmocka_unit_test_setup(without_a_shared_console_there_is_none, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
