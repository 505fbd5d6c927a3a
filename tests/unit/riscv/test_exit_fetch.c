/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accesses whose instruction the hardware does not give (htinst 0: privileged architecture 1.13, 18.6.3), so that it is fetched from the
 * guest: guest_memory.c as it is, over CSRs and a guest's memory of the test's own, and the trap door behind it. It is fetched twice if its
 * register is one that the exit did not save, and the guest may have changed it between.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "hv/arch_ops.h"

/* For arch/riscv/arch.h and csr.h. */
#define RISCV_ARCH_H
#define RISCV_CSR_H
uint64_t guest_fetch(void);
bool guest_read(void *to, ipaddr_t from, uint32_t len);
bool guest_write(ipaddr_t to, const void *from, uint32_t len);
#define CSR_SSTATUS  0
#define CSR_HSTATUS  1
#define CSR_SEPC     2
#define CSR_SCAUSE   3
#define CSR_VSATP    4
#define NR_CSRS      5
#define HSTATUS_SPVP 0x100U
static unsigned long csrs[NR_CSRS];
#define CSR_READ(n)     csrs[n]
#define CSR_WRITE(n, v) (csrs[n] = (v))
#define CSR_SET(n, v)   (csrs[n] |= (v))

#include "arch/riscv/guest_memory.c"

#include "core/lifecycle.h"
#include "hv.h"
#include "ops_fixture.h"
#include "vdev/virqc.h"

#define LOAD_FAULT  21U
#define STORE_FAULT 23U
#define PLIC        0xc000000ULL
#define SOURCE      33U /* INTID */
#define CODE        0x80001000ULL /* of the guest: two pages */
#define END         (CODE + 2U * PAGE_SIZE)
#define A0          10U
#define A1          11U
#define S0          8U
#define S1          9U

/* Instructions, base register a1. */
#define LW(rd)    (0x0005a003U | (uint32_t)(rd) << 7)
#define LBU(rd)   (0x0005c003U | (uint32_t)(rd) << 7)
#define SW(rs)    (0x0005a023U | (uint32_t)(rs) << 20)
#define LR_W(rd)  (0x1005a02fU | (uint32_t)(rd) << 7)
#define C_LW(rd)  (0x4180U | ((uint32_t)(rd) - 8U) << 2) /* by two bytes, of a register from 8 to 15 */
#define C_SW(rs)  (0xc180U | ((uint32_t)(rs) - 8U) << 2)

static uint8_t code[2U * PAGE_SIZE];
static unsigned pages;   /* of these that can be fetched from */
static unsigned fetches; /* of 16 bits */
static uint64_t gpa;
static unsigned injections;
static struct vcpu *v;

/* A trap of the hypervisor's own access: what the exit left is overwritten. */
bool guest_fetch16(uint64_t va, uint32_t *out)
{
    fetches++;
    if (va < CODE || va >= CODE + (uint64_t)pages * PAGE_SIZE) {
        memset(csrs, 0xee, CSR_VSATP * sizeof(csrs[0]));
        return false;
    }
    *out = code[va - CODE] | (uint32_t)code[va - CODE + 1U] << 8;
    return true;
}

bool guest_load8(uint64_t addr, uint8_t *out)
{
    (void)addr;
    (void)out;
    return false;
}

bool guest_store8(uint64_t addr, uint8_t value)
{
    (void)addr;
    (void)value;
    return false;
}

static uint64_t syndrome(void)
{
    return csrs[CSR_SCAUSE];
}

/* As arch/riscv/cpu.c, htinst 0. */
static void read_access(struct exit_raw *out)
{
    *out = (struct exit_raw){.source = EXIT_SRC_SYNC, .esr = csrs[CSR_SCAUSE], .far = gpa & 0xfffU, .hpfar = gpa >> 2};
}

static void read_exit(enum exit_source source, struct exit_raw *out)
{
    read_access(out);
    out->source = source;
    out->insn = guest_fetch();
}

static void inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va)
{
    (void)regs;
    (void)va;
    assert_int_equal(kind, INJECT_DATA_ABORT);
    injections++;
}

static int setup(void **state)
{
    enum vcpu_state was;
    (void)state;
    rv_reset();
    rv_plan()->irqc_base[0] = PLIC;
    rv_plan()->irqc_size[0] = 0x600000;
    struct vm *vm = rv_add_vm(1, 0);
    rv_add_irq(vm, SOURCE);
    ((struct plan_vm *)vm->plan)->irqc_ipa[0] = PLIC;
    arch_ops.cpu.syndrome = syndrome;
    arch_ops.cpu.read_exit = read_exit;
    arch_ops.cpu.inject = inject;
    arch_ops.isa.read_access = read_access;
    virqc_init_all(rv_plan());
    v = &vm->vcpus[0];
    rv.cpu = v->cpu;
    assert_true(vcpu_start(v, CODE, 0, &was) == HV_OK && vcpu_take_start(v));
    virqc_vcpu_start(v);
    memset(code, 0, sizeof(code));
    pages = 2;
    injections = 0;
    gpa = PLIC + 4U * (SOURCE - RISCV_WIRED); /* its priority */
    return 0;
}

static void put(uint64_t at, uint32_t insn, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        code[at - CODE + i] = (uint8_t)(insn >> (8U * i));
    }
}

static void trap_at(uint64_t pc, uint32_t cause)
{
    const unsigned long before[NR_CSRS] = {0x11, 0x22, pc, cause, 0x44};
    memcpy(csrs, before, sizeof(csrs));
    v->regs.pc = pc;
    fetches = 0;
}

/* Whatever the fetch did, the vectors find what the exit left. */
static void assert_csrs(uint64_t pc, uint32_t cause)
{
    assert_true(csrs[CSR_SSTATUS] == 0x11 && csrs[CSR_HSTATUS] == 0x22 && csrs[CSR_SEPC] == pc && csrs[CSR_SCAUSE] == cause);
    assert_int_equal(csrs[CSR_VSATP], 0x44);
}

static uint32_t priority(void)
{
    struct exit_mmio a = {.ipa = PLIC + 4U * (SOURCE - RISCV_WIRED), .size = 4};
    uint64_t val = 0;
    bool abort = false;
    assert_true(virqc_mmio(v, &a, &val, &abort));
    return (uint32_t)val;
}

static void an_instruction_of_either_length_is_fetched_and_carried_out(void **state)
{
    (void)state;
    put(CODE, SW(A0), 4);
    v->regs.x[A0] = 5;
    trap_at(CODE, STORE_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(priority(), 5);
    assert_int_equal(v->regs.pc, CODE + 4U);
    assert_int_equal(fetches, 2);
    put(CODE, C_SW(A1), 2);
    v->regs.x[A1] = 3;
    trap_at(CODE, STORE_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(priority(), 3);
    assert_int_equal(v->regs.pc, CODE + 2U);
    assert_int_equal(fetches, 1);
    put(CODE, C_LW(A0), 2);
    trap_at(CODE, LOAD_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(v->regs.x[A0], 3);
    assert_int_equal(v->regs.pc, CODE + 2U);
    assert_csrs(CODE, LOAD_FAULT);
    assert_int_equal(injections, 0);
}

static void its_halves_may_lie_in_two_pages_of_which_both_are_mapped(void **state)
{
    uint64_t pc = CODE + PAGE_SIZE - 2U;
    (void)state;
    put(pc, SW(A0), 4);
    v->regs.x[A0] = 6;
    trap_at(pc, STORE_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(priority(), 6);
    assert_int_equal(v->regs.pc, pc + 4U);
}

static void what_cannot_be_fetched_whole_is_a_fault_of_the_guests(void **state)
{
    uint64_t pc = CODE + PAGE_SIZE - 2U;
    (void)state;
    pages = 1;
    put(pc, SW(A0), 4);
    v->regs.x[A0] = 6;
    trap_at(pc, STORE_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(injections, 1);
    assert_int_equal(priority(), 0);
    assert_csrs(pc, STORE_FAULT);
    put(pc, C_SW(A0), 2); /* the last that fits */
    trap_at(pc, STORE_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(injections, 1);
    assert_int_equal(priority(), 6);
    assert_int_equal(fetches, 1);
    pages = 0;
    trap_at(pc, LOAD_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(injections, 2);
    assert_csrs(pc, LOAD_FAULT);
}

/* The first fetch found a load of a register that is kept; nothing has been done. */
static void first(uint32_t insn, unsigned len)
{
    struct vcpu_regs before;
    put(CODE, insn, len);
    trap_at(CODE, LOAD_FAULT);
    before = v->regs;
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_SAVE_ALL);
    assert_memory_equal(&v->regs, &before, sizeof(before));
    assert_csrs(CODE, LOAD_FAULT);
}

static void a_register_that_was_not_saved_has_it_fetched_again(void **state)
{
    (void)state;
    put(CODE, SW(A0), 4);
    v->regs.x[A0] = 7;
    trap_at(CODE, STORE_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    first(C_LW(S0), 2);
    hv_trap_all(&v->regs);
    assert_int_equal(v->regs.x[S0], 7);
    assert_int_equal(v->regs.pc, CODE + 2U);
    first(LW(S1), 4);
    hv_trap_all(&v->regs);
    assert_int_equal(v->regs.x[S1], 7);
    assert_int_equal(v->regs.pc, CODE + 4U);
    assert_int_equal(fetches, 4);
}

/* What is carried out is what the second fetch finds, as if the guest had executed that, or a fault. */
static void a_guest_that_changes_the_instruction_between_gets_what_it_wrote_or_a_fault(void **state)
{
    static const struct {
        uint32_t insn;
        unsigned len;
        bool fault;
        unsigned reg;
    } second[] = {{LW(A0), 4, false, A0}, {C_LW(S0), 2, false, S0}, {LBU(S1), 4, false, S1}, {SW(S1), 4, true, 0},
                  {C_SW(S0), 2, true, 0}, {LR_W(S1), 4, true, 0},   {0, 2, true, 0},         {0xffffffffU, 4, true, 0}};
    (void)state;
    put(CODE, SW(A0), 4);
    v->regs.x[A0] = 7;
    trap_at(CODE, STORE_FAULT);
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    for (unsigned i = 0; i < ARRAY_SIZE(second); i++) {
        struct vcpu_regs want;
        v->regs.x[A0] = 100;
        v->regs.x[S0] = 100;
        v->regs.x[S1] = 100;
        v->fault.handler_pc = 0;
        injections = 0;
        first(LW(S1), 4);
        want = v->regs;
        put(CODE, second[i].insn, second[i].len);
        hv_trap_all(&v->regs);
        if (!second[i].fault) {
            want.pc = CODE + second[i].len;
            want.x[second[i].reg] = second[i].insn == LBU(S1) ? 0U : 7U; /* a byte of a register is none of the PLIC's */
        }
        assert_int_equal(injections, second[i].fault ? 1 : 0);
        assert_memory_equal(&v->regs, &want, sizeof(want));
        assert_int_equal(priority(), 7);
        assert_csrs(CODE, LOAD_FAULT);
    }
}

static void a_page_that_is_taken_away_between_is_a_fault(void **state)
{
    (void)state;
    first(LW(S1), 4);
    pages = 0;
    hv_trap_all(&v->regs);
    assert_int_equal(injections, 1);
    assert_csrs(CODE, LOAD_FAULT);
}

#define CASE(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_instruction_of_either_length_is_fetched_and_carried_out),
        CASE(its_halves_may_lie_in_two_pages_of_which_both_are_mapped),
        CASE(what_cannot_be_fetched_whole_is_a_fault_of_the_guests),
        CASE(a_register_that_was_not_saved_has_it_fetched_again),
        CASE(a_guest_that_changes_the_instruction_between_gets_what_it_wrote_or_a_fault),
        CASE(a_page_that_is_taken_away_between_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
