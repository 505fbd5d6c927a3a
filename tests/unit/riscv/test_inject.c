/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions made in VS mode (hv/arch/riscv/inject.c) against the privileged architecture 1.13, 12.1 and 18.6.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "arch/riscv/inject.h"

#define SIE  (1ULL << 1)
#define SPIE (1ULL << 5)
#define SPP  (1ULL << 8)

#define PC 0xffffffff80201234ULL
#define VA 0xdead0000beefULL

static struct inject_result inject(enum inject_kind kind, uint64_t sstatus, struct inject_guest g)
{
    struct vcpu_regs regs = {.pc = PC, .pstate = sstatus};
    struct inject_result r;
    memset(&r, 0xa5, sizeof(r));
    inject_exception(&regs, kind, VA, &g, &r);
    return r;
}

static void the_cause_is_an_access_fault_of_the_access_or_an_illegal_instruction(void **state)
{
    static const struct {
        enum inject_kind kind;
        bool store;
        unsigned cause;
        uint64_t stval;
    } cases[] = {
        {INJECT_INSN_ABORT, false, 1, VA}, {INJECT_INSN_ABORT, true, 1, VA}, {INJECT_DATA_ABORT, false, 5, VA},
        {INJECT_DATA_ABORT, true, 7, VA},  {INJECT_UNDEF, false, 2, 0},      {INJECT_UNDEF, true, 2, 0},
        {(enum inject_kind)99, true, 2, 0},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct inject_result r = inject(cases[i].kind, 0, (struct inject_guest){.store = cases[i].store});
        assert_int_equal(r.vscause, cases[i].cause);
        assert_int_equal(r.vstval, cases[i].stval);
        assert_int_equal(r.vsepc, PC);
    }
}

/* 12.1.2: vectored or not, an exception goes to BASE; MODE is not part of the address. */
static void the_guest_goes_on_at_the_base_of_its_vector(void **state)
{
    (void)state;
    for (uint64_t mode = 0; mode < 4U; mode++) {
        for (unsigned kind = 0; kind < 3U; kind++) {
            struct inject_guest g = {.vstvec = 0xffffffff8000a5a4ULL | mode};
            assert_int_equal(inject((enum inject_kind)kind, SPP, g).pc, 0xffffffff8000a5a4ULL);
        }
    }
    assert_int_equal(inject(INJECT_UNDEF, 0, (struct inject_guest){.vstvec = ~0ULL}).pc, ~3ULL);
}

/* 12.1.1: SPIE := SIE, SIE := 0, SPP := the mode before, which sstatus.SPP tells; the guest then runs in VS mode. */
static void the_interrupt_enable_and_the_mode_are_banked(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 16U; n++) {
        uint64_t vsstatus = ((n & 1U) != 0U ? SIE : 0U) | ((n & 2U) != 0U ? SPIE : 0U) | ((n & 4U) != 0U ? SPP : 0U);
        uint64_t sstatus = (n & 8U) != 0U ? SPP : 0U;
        struct inject_result r = inject(INJECT_DATA_ABORT, sstatus, (struct inject_guest){.vsstatus = vsstatus});
        assert_int_equal(r.vsstatus, ((n & 1U) != 0U ? SPIE : 0U) | ((n & 8U) != 0U ? SPP : 0U));
        assert_int_equal(r.pstate, SPP);
    }
}

static void every_other_bit_of_the_status_stays(void **state)
{
    const uint64_t changed = SIE | SPIE | SPP;
    (void)state;
    for (unsigned bit = 0; bit < 64U; bit++) {
        uint64_t b = 1ULL << bit;
        if ((b & changed) == 0U) {
            struct inject_result r = inject(INJECT_UNDEF, 0, (struct inject_guest){.vsstatus = b});
            assert_int_equal(r.vsstatus, b);
        }
        /* What HS level returns with is the same but for the mode; its own SPIE and SIE are its own. */
        struct inject_result r = inject(INJECT_UNDEF, b, (struct inject_guest){0});
        assert_int_equal(r.pstate, b | SPP);
        assert_int_equal(r.vsstatus, b & SPP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cause_is_an_access_fault_of_the_access_or_an_illegal_instruction),
        cmocka_unit_test(the_guest_goes_on_at_the_base_of_its_vector),
        cmocka_unit_test(the_interrupt_enable_and_the_mode_are_banked),
        cmocka_unit_test(every_other_bit_of_the_status_stays),
    };
    return cmocka_run_group_tests_name("riscv inject", tests, NULL, NULL);
}
