/* SPDX-License-Identifier: Apache-2.0 */
/* Which registers an exit changes, by kinds of exits: every register but SP is filled around one instruction. */
#include "attacks.h"

#define FILL(n) (0x5a5a000000000000U + (uint64_t)(n) * 0x0101U)
#define RINGS   200U
#define SGI     3U
#define EXIT_IRQ 0U /* hv/include/hv/exit.h */

/* uint64_t NAME(uint64_t x[31]): the registers are loaded from x, the instruction runs, they are stored there. Data in X2, address
 * in X1. */
#define AROUND(name, insn)                                                                                   \
    uint64_t name(uint64_t regs);                                                                            \
    __asm__(".text\n"                                                                                        \
            ".global " #name "\n.hidden " #name "\n" #name ":\n"                                             \
            "stp x29, x30, [sp, #-112]!\n"                                                                   \
            "stp x27, x28, [sp, #16]\n"                                                                      \
            "stp x25, x26, [sp, #32]\n"                                                                      \
            "stp x23, x24, [sp, #48]\n"                                                                      \
            "stp x21, x22, [sp, #64]\n"                                                                      \
            "stp x19, x20, [sp, #80]\n"                                                                      \
            "str x0, [sp, #96]\n"                                                                            \
            "mov x30, x0\n"                                                                                  \
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"   \
            "ldr x\\n, [x30, #8 * \\n]\n"                                                                    \
            ".endr\n" insn "\n"                                                                              \
            "str x30, [sp, #104]\n"                                                                          \
            "ldr x30, [sp, #96]\n"                                                                           \
            ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29\n"      \
            "str x\\n, [x30, #8 * \\n]\n"                                                                    \
            ".endr\n"                                                                                        \
            "ldr x0, [sp, #104]\n"                                                                           \
            "str x0, [x30, #240]\n"                                                                          \
            "ldp x27, x28, [sp, #16]\n"                                                                      \
            "ldp x25, x26, [sp, #32]\n"                                                                      \
            "ldp x23, x24, [sp, #48]\n"                                                                      \
            "ldp x21, x22, [sp, #64]\n"                                                                      \
            "ldp x19, x20, [sp, #80]\n"                                                                      \
            "ldp x29, x30, [sp], #112\n"                                                                     \
            "ret\n");

AROUND(gprs_hvc, "hvc #0")
AROUND(gprs_smc, "smc #0")
AROUND(gprs_load, "ldr w2, [x1]")
AROUND(gprs_load_kept, "ldr w15, [x1]")
AROUND(gprs_store, "str w2, [x1]")
AROUND(gprs_sgi, ".inst 0xd518cba2") /* msr ICC_SGI1R_EL1, x2 */
AROUND(gprs_undefined, ".inst 0xd53bf0e2") /* mrs x2, S3_3_C15_C0_7 */
AROUND(gprs_wait, "1: ldr w2, [x1]\ncbz w2, 1b")

static uint64_t x[31];

static void tell(const struct attack *self, const char *what, uint64_t x0, uint64_t x1, uint64_t x2, uint64_t (*around)(uint64_t regs))
{
    uint64_t before[31];
    uint64_t changed = 0;
    for (unsigned n = 0; n < 31U; n++) {
        x[n] = n == 0U ? x0 : n == 1U ? x1 : n == 2U ? x2 : FILL(n);
        before[n] = x[n];
    }
    struct outcome o = try_call(around, (uint64_t)(uintptr_t)x);
    for (unsigned n = 0; n < 31U; n++) {
        changed |= x[n] != before[n] ? (uint64_t)1 << n : 0U;
    }
    o.value = changed;
    o.faulted = false;
    fact(self, what, o.count, o);
}

static volatile uint32_t rung;

static void ring(uint64_t cpu)
{
    for (unsigned i = 0; i < RINGS; i++) {
        gic_sgi(SGI, 1U << cpu);
    }
    rung = 1;
}

/* The other vCPU's SGIs, which this one has masked: each ends what it runs, and leaves no more than a pending interrupt. */
static void interrupts(const struct attack *self)
{
    int64_t before = exit_count(cpu_id(), EXIT_IRQ);
    rung = 0;
    if (other_start(ring, cpu_id())) {
        tell(self, "interrupts", 0, (uint64_t)(uintptr_t)&rung, 0, gprs_wait);
        (void)other_gone();
        fact_number(self, "interrupts taken", exit_count(cpu_id(), EXIT_IRQ) > before ? 1 : 0);
    }
}

void attack_gpr_exits(const struct attack *self)
{
    uint64_t hole = 0;
    uint64_t uart = 0;
    uint64_t size = 0;
    if (!address(self->list, 0, &hole) || !fdt_reg(fdt_compatible("arm,pl011", 0), 0, &uart, &size)) {
        return;
    }
    tell(self, "hvc", 0x8400fff0U, 1, 2, gprs_hvc);
    tell(self, "smc", 0x8400fff0U, 1, 2, gprs_smc);
    tell(self, "affinity", 0xc4000004U, 1, 0, gprs_hvc);
    if (gic_version() == 2U) {
        tell(self, "sgi", 0, gic_dist_base() + 0xf00U, 2U << 16 | SGI, gprs_store);
    } else {
        tell(self, "sgi", 0, 0, (uint64_t)SGI << 24 | 2U, gprs_sgi);
    }
    tell(self, "read", 0, gic_dist_base() + 4U, 0, gprs_load);
    tell(self, "read into x15", 0, gic_dist_base() + 4U, 0, gprs_load_kept);
    tell(self, "enables", 0, gic_dist_base() + 0x104U, 0, gprs_store);
    tell(self, "uart", 0, uart + 0x18U, 0, gprs_load);
    tell(self, "fault", 0, hole, 0, gprs_load);
    tell(self, "fault of a store", 0, hole, 0, gprs_store);
    tell(self, "undefined", 0, 0, 0, gprs_undefined);
    interrupts(self);
}
