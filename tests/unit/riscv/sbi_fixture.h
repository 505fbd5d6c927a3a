/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two VMs with a few harts each, on CPUs that are not in order, for tests of SBI. Every call goes through sbi_call(), which
 * checks what holds for all of them: registers, the other VM, and whose CPUs and memory were touched.
 */
#ifndef TESTS_UNIT_RISCV_SBI_FIXTURE_H
#define TESTS_UNIT_RISCV_SBI_FIXTURE_H

#include "core/lifecycle.h"
#include "fw/sbi.h"
#include "ops_fixture.h"

/* Guest-physical memory. The ops reach all of it; which VM has what is the plan's. */
#define SBI_RAM      0x80000000ULL /* RWX, of sbi_vm */
#define SBI_RAM_SIZE 0x400ULL
#define SBI_DATA     0x80000400ULL /* RW, adjoins it */
#define SBI_THEIRS   0x80000800ULL /* RWX, of sbi_other alone */
#define SBI_ROM      0x80000c00ULL /* RAM that can only be read */
#define SBI_TOP      0x80001000ULL
#define SBI_PIECE    0x400ULL      /* size of the last three */
#define SBI_DEVICE   0x10000000ULL /* not RAM */

#define sbi_vm    (&vms[0])
#define sbi_other (&vms[1])
extern unsigned sbi_waits;    /* calls of cpu.wait */
extern uint8_t sbi_memory[SBI_TOP - SBI_RAM];

/* All harts off. With `console` both VMs have a shared console, which CPU 7 serves. Each has 4 harts at most. */
void sbi_reset(unsigned harts, unsigned others, bool console);

/* As boot code or a sibling starts it and its CPU takes that, up to its first instruction. */
void sbi_start(struct vcpu *v);

/* As its CPU leaves the guest behind the last exit, if it must. */
bool sbi_leave(struct vcpu *v);

struct sbi_answer {
    bool back; /* the caller goes on */
    int64_t error;
    uint64_t value;
};

/* One ECALL with the arguments a0 to a5, and junk in all other registers. */
struct sbi_answer sbi_call(struct vcpu *v, uint64_t extension, uint64_t fid, const uint64_t args[6]);

#define SBI_ARGS(...) ((const uint64_t[6]){__VA_ARGS__})

/* The call is answered with this error and value. */
#define assert_answer(a, e, val)              \
    do {                                      \
        struct sbi_answer got_ = (a);         \
        assert_true(got_.back);               \
        assert_int_equal(got_.error, (e));    \
        assert_int_equal(got_.value, (val));  \
    } while (0)

#endif
