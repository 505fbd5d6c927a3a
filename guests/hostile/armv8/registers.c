/* SPDX-License-Identifier: Apache-2.0 */
/* System registers and instructions, all encodings; what registers hold that is not this guest's. */
#include "attacks.h"

#define STUBS  128U /* CRm x op2 */
#define RET    0xd65f03c0U
#define READ   (1U << 21) /* the L bit of MRS, MSR, SYS and SYSL */

/* Instructions made while running: a page of its own, since on an emulator each write to code costs. */
static uint32_t stubs[2U * STUBS] __attribute__((aligned(4096)));
static uint8_t scratch[4096] __attribute__((aligned(4096)));

static uint32_t encoding(uint32_t op0, uint32_t op1, uint32_t crn, uint32_t n)
{
    return 0xd5000000U | op0 << 19 | op1 << 16 | crn << 12 | (n / 8U) << 8 | (n % 8U) << 5;
}

static void make_stubs(uint32_t op0, uint32_t op1, uint32_t crn, uint32_t read)
{
    for (uint32_t n = 0; n < STUBS; n++) {
        stubs[2U * n] = encoding(op0, op1, crn, n) | read;
        stubs[2U * n + 1U] = RET;
    }
    for (uint64_t a = (uint64_t)(uintptr_t)stubs; a < (uint64_t)(uintptr_t)(stubs + 2U * STUBS); a += 16U) {
        __asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0" ::"r"(a) : "memory");
    }
    barrier();
}

static struct outcome run_stub(uint32_t n, uint64_t x0)
{
    return try_call((uint64_t(*)(uint64_t))(uintptr_t)&stubs[2U * n], x0);
}

static void tell(const struct attack *self, uint32_t op0, uint32_t op1, uint32_t crn, uint32_t n, struct outcome o)
{
    print("hostile: %s: S%u_%u_C%u_C%u_%u = ", self->name, op0, op1, crn, n / 8U, n % 8U);
    if (o.faulted) {
        print("fault ec 0x%lx\n", o.cause >> 26 & 0x3fU);
    } else {
        print("0x%lx\n", o.value);
    }
}

/* Undefined ones are counted; all else is told. */
static int64_t read_block(const struct attack *self, uint32_t op0, uint32_t op1, uint32_t crn)
{
    int64_t undefined = 0;
    make_stubs(op0, op1, crn, READ);
    for (uint32_t n = 0; n < STUBS; n++) {
        struct outcome o = run_stub(n, 0);
        if (o.faulted && o.cause >> 26 == 0U) {
            undefined++;
        } else {
            tell(self, op0, op1, crn, n, o);
        }
    }
    return undefined;
}

/* Its own traps out of the way (CPACR_EL1: ZEN, FPEN, SMEN), so that EL2's are met. */
static void open_all(void)
{
    WRITE_SYSREG(cpacr_el1, 3U << 16 | 3U << 20 | 3U << 24);
    barrier();
}

void attack_sysreg_read(const struct attack *self)
{
    open_all();
    int64_t undefined = 0;
    for (uint32_t op0 = 2; op0 < 4U; op0++) {
        for (uint32_t i = 0; i < 8U * 16U; i++) {
            undefined += read_block(self, op0, i / 16U, i % 16U);
        }
    }
    fact_number(self, "undefined", undefined);
}

/* The identification registers alone. */
void attack_idregs(const struct attack *self)
{
    fact_number(self, "undefined", read_block(self, 3, 0, 0));
}

/* Those without which this guest could not go on: only written with what they hold. SCTLR_EL1, VBAR_EL1, SPSel, DAIF. */
static bool own(uint32_t insn)
{
    switch (insn & 0x1fffe0U) {
    case 0x181000U:
    case 0x18c000U:
    case 0x184200U:
    case 0x1b4220U:
        return true;
    default:
        return false;
    }
}

/* Ones, zeros, and what was there. */
static int64_t write_block(const struct attack *self, uint32_t op0, uint32_t op1, uint32_t crn)
{
    static struct outcome before[STUBS];
    int64_t undefined = 0;
    make_stubs(op0, op1, crn, READ);
    for (uint32_t n = 0; n < STUBS; n++) {
        before[n] = run_stub(n, 0);
    }
    make_stubs(op0, op1, crn, 0);
    for (uint32_t n = 0; n < STUBS; n++) {
        uint64_t was = before[n].faulted ? 0 : before[n].value;
        struct outcome o = run_stub(n, own(stubs[2U * n]) ? was : UINT64_MAX);
        (void)run_stub(n, own(stubs[2U * n]) ? was : 0);
        (void)run_stub(n, was);
        if (o.faulted && o.cause >> 26 == 0U) {
            undefined++;
        } else {
            tell(self, op0, op1, crn, n, o);
        }
    }
    return undefined;
}

void attack_sysreg_write(const struct attack *self)
{
    open_all();
    int64_t undefined = 0;
    for (uint32_t op0 = 2; op0 < 4U; op0++) {
        for (uint32_t i = 0; i < 8U * 16U; i++) {
            undefined += write_block(self, op0, i / 16U, i % 16U);
        }
    }
    fact_number(self, "undefined", undefined);
}

/* Instructions of the system space (maintenance, translation) with an address of its own; SYS, then SYSL. */
void attack_sysinsn(const struct attack *self)
{
    int64_t undefined = 0;
    for (uint32_t i = 0; i < 8U * 16U; i++) {
        for (uint32_t read = 0; read <= READ; read += READ) {
            make_stubs(1, i / 16U, i % 16U, read);
            for (uint32_t n = 0; n < STUBS; n++) {
                struct outcome o = run_stub(n, (uint64_t)(uintptr_t)scratch);
                if (o.faulted && o.cause >> 26 == 0U) {
                    undefined++;
                } else {
                    tell(self, 1, i / 16U, i % 16U, n, o);
                }
            }
        }
    }
    fact_number(self, "undefined", undefined);
}

/* gpr_call(after, x0, x1): every register but SP filled, one HVC, one load at x1, one SMC; all stored at `after`. */
void gpr_call(uint64_t *after, uint64_t function, uint64_t mmio);
__asm__(".text\n"
        "gpr_call:\n"
        "stp x29, x30, [sp, #-16]!\n"
        "stp x27, x28, [sp, #-16]!\n"
        "stp x25, x26, [sp, #-16]!\n"
        "stp x23, x24, [sp, #-16]!\n"
        "stp x21, x22, [sp, #-16]!\n"
        "stp x19, x20, [sp, #-16]!\n"
        "stp x0, x2, [sp, #-16]!\n"
        "mov x0, x1\n"
        "mov x1, x2\n"
        ".irp n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30\n"
        "movz x\\n, #0x5a00 + \\n\n"
        ".endr\n"
        "hvc #0\n"
        "ldr w0, [x1]\n"
        "movn x0, #0\n"
        "smc #0\n"
        "sub sp, sp, #256\n"
        ".irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28\n"
        "stp x\\n, x29, [sp, #8 * \\n]\n"
        ".endr\n"
        ".irp n, 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29\n"
        "str x\\n, [sp, #8 * \\n]\n"
        ".endr\n"
        "str x30, [sp, #240]\n"
        "ldr x0, [sp, #256]\n"
        ".irp n, 0,2,4,6,8,10,12,14,16,18,20,22,24,26,28,30\n"
        "ldp x2, x3, [sp, #8 * \\n]\n"
        "stp x2, x3, [x0, #8 * \\n]\n"
        ".endr\n"
        "add sp, sp, #272\n"
        "ldp x19, x20, [sp], #16\n"
        "ldp x21, x22, [sp], #16\n"
        "ldp x23, x24, [sp], #16\n"
        "ldp x25, x26, [sp], #16\n"
        "ldp x27, x28, [sp], #16\n"
        "ldp x29, x30, [sp], #16\n"
        "ret\n");

void attack_gpr_leak(const struct attack *self)
{
    static uint64_t after[32];
    gpr_call(after, 0x8400fff0U, gic_dist_base() + 4U);
    for (unsigned n = 0; n < 31U; n++) {
        fact(self, "x", n, (struct outcome){.value = after[n]});
    }
}

/* ---- What a second life of vCPU 1 finds of the first ---- */

static volatile uint64_t found[32];

#define V_ALL "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31"

static void fp_life(uint64_t life)
{
    static uint64_t v[64] __attribute__((aligned(16)));
    uint64_t status = 0;
    uint64_t control = 0;
    __asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\t"
                     "mov x9, %0\n\t"
                     ".irp n, " V_ALL "\n\tstr q\\n, [x9], #16\n\t.endr" ::"r"(v)
                     : "x9", "memory");
    __asm__ volatile("mrs %0, fpsr\n\tmrs %1, fpcr" : "=r"(status), "=r"(control));
    uint64_t left = 0;
    for (unsigned i = 0; i < 64U; i++) {
        left += v[i] != 0U ? 1U : 0U;
    }
    found[2U * life] = left;
    found[2U * life + 1U] = status | control;
    __asm__ volatile(".arch_extension fp\n\t.arch_extension simd\n\t"
                     ".irp n, " V_ALL "\n\tmovi v\\n\\().16b, #0x5a\n\t.endr" ::
                         : "memory");
    __asm__ volatile("msr fpsr, %0\n\tmsr fpcr, %1" ::"r"(0x8000001fULL), "r"(0x3000000ULL));
}

static void lives(const struct attack *self, void (*life)(uint64_t n))
{
    for (uint64_t n = 0; n < 3U; n++) {
        if (!other_start(life, n) || !other_gone()) {
            print("hostile: %s: life %lu did not come to its end\n", self->name, n);
            return;
        }
    }
}

void attack_fp_leak(const struct attack *self)
{
    lives(self, fp_life);
    for (unsigned n = 0; n < 6U; n++) {
        fact(self, n % 2U == 0U ? "vector words in life" : "status in life", n / 2U,
             (struct outcome){.value = found[n]});
    }
}

#define EL1_STATE(X)                                                                                         \
    X(tpidr_el1) X(tpidr_el0) X(tpidrro_el0) X(contextidr_el1) X(mair_el1) X(ttbr0_el1) X(ttbr1_el1)          \
    X(tcr_el1) X(par_el1) X(far_el1) X(elr_el1) X(spsr_el1) X(esr_el1) X(sp_el0) X(csselr_el1)                \
    X(cntkctl_el1) X(cntv_cval_el0) X(cntp_cval_el0) X(mdscr_el1) X(dbgbvr0_el1) X(dbgwvr0_el1)

#define TAKE(name)                                                                                           \
    found[n++] |= READ_SYSREG(name);                                                                         \
    WRITE_SYSREG(name, 0x2a8U);

static void el1_life(uint64_t life)
{
    unsigned n = 0;
    if (life == 0U) {
        for (unsigned i = 0; i < 32U; i++) {
            found[i] = 0;
        }
    }
    EL1_STATE(TAKE)
}

#define TEXT(name) #name,

void attack_el1_leak(const struct attack *self)
{
    static const char *const names[] = {EL1_STATE(TEXT)};
    lives(self, el1_life);
    for (unsigned n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        fact(self, names[n], 0, (struct outcome){.value = found[n]});
    }
}

/* ---- Vectors and counters ---- */

INSN(sve_cntb, 0x0420e3e0)   /* cntb x0 */
INSN(sve_rdvl, 0x04bf5020)   /* rdvl x0, #1 */
INSN(sve_dup, 0x2538c020)    /* mov z0.b, #1 */
INSN(sme_start, 0xd503477f)  /* smstart */
INSN(sme_rdsvl, 0x04bf5820)  /* rdsvl x0, #1 */
INSN(zcr, 0xd5381200)        /* mrs x0, zcr_el1 */
INSN(smcr, 0xd53812c0)       /* mrs x0, smcr_el1 */
INSN(pmccntr, 0xd53b9d00)    /* mrs x0, pmccntr_el0 */
INSN(amcntr, 0xd53bd400)     /* mrs x0, amevcntr00_el0 */
INSN(ldapur8, 0xf83fd000)    /* ld64b x0, [x0] */

/* Vector lengths, streaming mode, counters: state that a CPU would have to keep for each guest, and does not. */
void attack_vectors_length(const struct attack *self)
{
    open_all();
    fact(self, "cntb", 0, try_call(sve_cntb, 0));
    fact(self, "rdvl", 0, try_call(sve_rdvl, 0));
    fact(self, "dup", 0, try_call(sve_dup, 0));
    fact(self, "smstart", 0, try_call(sme_start, 0));
    fact(self, "rdsvl", 0, try_call(sme_rdsvl, 0));
    fact(self, "zcr_el1", 0, try_call(zcr, 0));
    fact(self, "smcr_el1", 0, try_call(smcr, 0));
    fact(self, "pmccntr_el0", 0, try_call(pmccntr, 0));
    fact(self, "amevcntr00_el0", 0, try_call(amcntr, 0));
    fact(self, "ld64b", 0, try_call(ldapur8, (uint64_t)(uintptr_t)scratch));
}
