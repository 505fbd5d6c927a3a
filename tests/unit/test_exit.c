/* SPDX-License-Identifier: Apache-2.0 */
/* The trap door by itself: what the guest's PC, registers and VM become after each kind of answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "core/lifecycle.h"
#include "hv.h"
#include "hv/arch_ops.h"
#include "own_fixture.h"
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

#define DATA_ABORT(write, size_log2, srt)                                                                    \
    ((0x24ULL << 26) | (1ULL << 25) | (1ULL << 24) | ((uint64_t)(size_log2) << 22) | ((uint64_t)(srt) << 16) | \
     ((write) ? 1ULL << 6 : 0ULL) | 0x07ULL)
#define DATA_ABORT_NO_SYNDROME ((0x24ULL << 26) | (1ULL << 25) | 0x07ULL)
#define INSN_ABORT             ((0x20ULL << 26) | (1ULL << 25) | 0x07ULL)
#define HVC                    ((0x16ULL << 26) | (1ULL << 25))
#define SMC                    ((0x17ULL << 26) | (1ULL << 25))

static struct plan_vm plan_vm0 = {.name = "a", .nr_vcpus = 1, .irqc_ipa = {0x8000000, 0x80a0000}};
static struct plan the_plan = {.maint_irq = 25, .vtimer_irq = 27, .ptimer_irq = 30, .nr_irqs = 64, .cpus = {0, 2}};
static struct vm *vm;
static struct vcpu *v;
static struct exit_raw raw;
static unsigned injected;
static uint64_t handler; /* where the guest is sent */
static enum inject_kind inject_kind;
static char console[4096];
static jmp_buf idle;
static unsigned powered_off;

static uint64_t fake_syndrome(void)
{
    return raw.esr;
}

static void fake_read_exit(enum exit_source source, struct exit_raw *out)
{
    *out = raw;
    out->source = source;
}

static void fake_inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va)
{
    (void)va;
    injected++;
    inject_kind = kind;
    regs->pc = handler;
}

static bool take(char c)
{
    size_t n = strlen(console);
    if (n + 1U < sizeof(console)) {
        console[n] = c;
        console[n + 1U] = '\0';
    }
    return true;
}

static bool start_again;

/* Its sibling starts it anew, or nobody does. */
static void fake_wait(void)
{
    enum vcpu_state was;
    if (!start_again) {
        longjmp(idle, 1);
    }
    start_again = false;
    assert_int_equal(vcpu_start(v, 0x40002000, 0, &was), HV_OK);
}

static void fake_reset_guest(const struct guest_reset *r)
{
    (void)r;
}

static void fake_off(void)
{
    powered_off++;
}

static void fake_ipi(unsigned cpu)
{
    (void)cpu;
}

static uint32_t no_irq(void)
{
    return IRQC_NONE;
}

static uint32_t words_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    (void)what;
    (void)cpu;
    (void)word;
    return 0;
}

static void words_change(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)what;
    (void)cpu;
    (void)word;
    (void)mask;
}

static uint32_t all_empty(void)
{
    return 0xf;
}

static uint64_t lr_zero(unsigned n)
{
    (void)n;
    return 0;
}

static void lr_write(unsigned n, uint64_t lr)
{
    (void)n;
    (void)lr;
}

static unsigned four(void)
{
    return 4;
}

static unsigned five(void)
{
    return 5;
}

static void nop(void)
{
}

static int setup(void **state)
{
    (void)state;
    arch_ops.cpu.syndrome = fake_syndrome;
    arch_ops.cpu.read_exit = fake_read_exit;
    arch_ops.cpu.inject = fake_inject;
    arch_ops.cpu.wait = fake_wait;
    arch_ops.cpu.reset_guest = fake_reset_guest;
    start_again = false;
    arch_ops.console.try_putc = take;
    arch_ops.power.system_off = fake_off;
    arch_ops.irqc.send_ipi = fake_ipi;
    arch_ops.irqc.ack = no_irq;
    arch_ops.irqc.get = words_get;
    arch_ops.irqc.set = words_change;
    arch_ops.irqc.clear = words_change;
    arch_ops.virq.empty = all_empty;
    arch_ops.virq.read_lr = lr_zero;
    arch_ops.virq.write_lr = lr_write;
    arch_ops.virq.nr_lrs = four;
    arch_ops.virq.reset = nop;
    arch_ops.virq.priority_bits = five;
    own_fixture_vms();
    vm = &vms[0];
    v = &vm->vcpus[0];
    vm->plan = &plan_vm0;
    vm->binary = &the_plan;
    vm->name = plan_vm0.name;
    vm->nr_vcpus = 1;
    vm->online = 1;
    vm->inside = 1;
    vm->state.v = VM_RUNNING;
    v->vm = vm;
    v->state.v = VCPU_ON;
    v->regs.pc = 0x40001000;
    nr_vms = 1;
    raw = (struct exit_raw){0};
    virqc_init_all(&the_plan);
    injected = 0;
    handler = 0x200;
    powered_off = 0;
    console[0] = '\0';
    return 0;
}

static void trap(uint64_t esr, uint64_t far, uint64_t hpfar)
{
    raw.esr = esr;
    raw.far = far;
    raw.hpfar = hpfar;
    if (hv_trap(&v->regs, EXIT_SRC_SYNC) == HV_SAVE_ALL) {
        hv_trap_all(&v->regs);
    }
}

/* The vCPU does not come back: it waits to be started again. */
static void trap_and_leave(uint64_t esr, uint64_t far, uint64_t hpfar)
{
    if (setjmp(idle) == 0) {
        trap(esr, far, hpfar);
        fail_msg("the vCPU went on");
    }
}

static void a_read_of_what_is_not_its_own_is_an_external_abort(void **state)
{
    (void)state;
    v->regs.x[3] = 0x1234;
    trap(DATA_ABORT(false, 2, 3), 0x9040018, 0x90400);
    assert_int_equal(injected, 1);
    assert_int_equal(inject_kind, INJECT_DATA_ABORT);
    assert_int_equal(v->regs.x[3], 0x1234);
    assert_int_equal(v->fault.address, 0x9040018);
    assert_int_equal(v->fault.pc, 0x40001000);
    assert_string_equal(v->fault.cause, "read of what is not its own");
    assert_int_equal(v->exits[EXIT_MMIO].v, 1);
}

static void a_write_without_a_syndrome_is_an_external_abort(void **state)
{
    (void)state;
    trap(DATA_ABORT_NO_SYNDROME | (1ULL << 6), 0x9040018, 0x90400);
    assert_int_equal(injected, 1);
    assert_int_equal(inject_kind, INJECT_DATA_ABORT);
    assert_string_equal(v->fault.cause, "write to what is not its own");
    assert_int_equal(v->exits[EXIT_FAULT].v, 1);
}

static void a_fetch_fault_is_an_instruction_abort_and_at_its_own_handler_stops_the_vm(void **state)
{
    (void)state;
    v->regs.pc = 0xdead000;
    trap(INSN_ABORT, 0xdead000, 0xdead0);
    assert_int_equal(inject_kind, INJECT_INSN_ABORT);
    assert_int_equal(v->regs.pc, 0x200);
    trap_and_leave(INSN_ABORT, 0x200, 0);
    assert_int_equal(injected, 1);
    assert_int_equal(vm->state.v, VM_STOPPED);
    assert_non_null(strstr(console, "[hv] vm a: stopped: fault: vcpu 0 pc 0xdead000 address 0xdead000 cause: fetch from "
                                    "what is not its own\r\n"));
    assert_non_null(strstr(console, "[hv] vm a: vcpu 0 exits: fault 2\r\n"));
    assert_non_null(strstr(console, "all VMs ended; powering off"));
    assert_int_equal(powered_off, 1);
}

/* What becomes of v's counts, behind "exits:" of its report. */
static const char *report_of(const uint64_t counts[EXIT_KINDS])
{
    static const char before[] = "[hv] vm a: vcpu 0 exits:";
    (void)setup(NULL);
    for (unsigned i = 0; i < EXIT_KINDS; i++) {
        v->exits[i].v = counts[i];
    }
    if (setjmp(idle) == 0) {
        (void)hv_trap(&v->regs, EXIT_SRC_SERROR);
        fail();
    }
    char *line = strstr(console, before);
    assert_non_null(line);
    char *end = strchr(line, '\r');
    assert_non_null(end);
    *end = '\0';
    assert_null(strstr(end + 1, "exits:")); /* once */
    return line + sizeof(before) - 1U;
}

static void a_report_tells_the_exits_of_that_vcpu_that_there_were(void **state)
{
    (void)state;
    assert_string_equal(report_of((const uint64_t[EXIT_KINDS]){0}), " serror 1");
    assert_string_equal(report_of((const uint64_t[EXIT_KINDS]){[EXIT_IRQ] = 1234, [EXIT_MMIO] = 56, [EXIT_SERROR] = 6}),
                        " irq 1234 mmio 56 serror 7");
    assert_string_equal(report_of((const uint64_t[EXIT_KINDS]){1, 2, 3, 4, 5, 6, 7, 8, 8}),
                        " irq 1 hypercall 2 firmware 3 mmio 4 fault 5 sysreg 6 wfx 7 undef 8 serror 9");
}

static void a_report_is_one_line_of_whole_numbers_however_many_exits_there_were(void **state)
{
    (void)state;
    const uint64_t most = UINT64_MAX;
    static char longest[] = "a-vm-of-15-char";
    assert_string_equal(report_of((const uint64_t[EXIT_KINDS]){most, most, most, most, most, most, most, most, most - 1U}),
                        " irq 18446744073709551615 hypercall 18446744073709551615 firmware 18446744073709551615 mmio "
                        "18446744073709551615 ...");
    (void)setup(NULL);
    vm->name = longest;
    for (unsigned i = 0; i < EXIT_KINDS; i++) {
        v->exits[i].v = 999999U; /* as many digits as the longest line has room for */
    }
    v->exits[EXIT_SERROR].v = 999998U;
    if (setjmp(idle) == 0) {
        (void)hv_trap(&v->regs, EXIT_SRC_SERROR);
        fail();
    }
    vm->name = "a";
    assert_non_null(strstr(console, "vm a-vm-of-15-char: vcpu 0 exits: irq 999999 hypercall 999999 firmware 999999 mmio 999999 "
                                    "fault 999999 sysreg 999999 wfx 999999 undef 999999 serror 999999\r\n"));
}

/* WALL-CPU-2: the tag is in VBAR_EL1, and gone from the PC at which the guest faults; or the other way round. */
static void a_tag_in_the_address_of_a_handler_does_not_hide_that_it_cannot_be_fetched(void **state)
{
    static const uint64_t tagged[][2] = {
        { 0x5a00000000000200, 0x200 },
        { 0x5a80000000000200, 0xff80000000000200 },
        { 0xff80000000000200, 0x5a80000000000200 },
    };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(tagged); i++) {
        (void)setup(NULL);
        v->regs.pc = 0xdead000;
        handler = tagged[i][0];
        trap(INSN_ABORT, 0xdead000, 0xdead0);
        v->regs.pc = tagged[i][1];
        trap_and_leave(INSN_ABORT, 0x200, 0);
        assert_int_equal(vm->state.v, VM_STOPPED);
    }
}

static void a_fetch_fault_elsewhere_than_at_the_handler_is_a_fault_of_its_own(void **state)
{
    static const uint64_t elsewhere[] = { 0x80000000000200, 0x204, 0x1000000000200 };
    (void)state;
    for (unsigned i = 0; i < ARRAY_SIZE(elsewhere); i++) {
        trap(INSN_ABORT, 0xdead000, 0xdead0);
        v->regs.pc = elsewhere[i];
        trap(INSN_ABORT, 0x200, 0);
        assert_int_equal(vm->state.v, VM_RUNNING);
        v->regs.pc = 0x40002000;
        trap(HVC, 0, 0);
    }
}

static void a_fetch_fault_at_a_handler_that_did_run_is_a_fault_of_its_own(void **state)
{
    (void)state;
    trap(0x3fULL << 26, 0, 0);
    assert_int_equal(v->regs.pc, 0x200);
    v->regs.pc = 0x40002000; /* the handler ran, and long after */
    trap(HVC, 0, 0);
    v->regs.pc = 0x200;
    trap(INSN_ABORT, 0x200, 0);
    assert_int_equal(vm->state.v, VM_RUNNING);
    assert_int_equal(injected, 2);
    assert_string_equal(v->fault.cause, "fetch from what is not its own");
}

static void a_page_table_walk_outside_is_named(void **state)
{
    (void)state;
    trap(DATA_ABORT_NO_SYNDROME | (1ULL << 7), 0x1000, 0xdead0);
    assert_string_equal(v->fault.cause, "page-table walk through what is not its own");
    assert_int_equal(injected, 1);
}

static void an_unknown_exception_class_is_undefined_to_the_guest(void **state)
{
    (void)state;
    trap(0x3fULL << 26, 0, 0);
    assert_int_equal(inject_kind, INJECT_UNDEF);
    assert_int_equal(injected, 1);
    assert_int_equal(v->exits[EXIT_UNDEF].v, 1);
    assert_int_equal(v->fault.pc, 0x40001000);
    assert_int_equal(v->fault.address, 0);
    assert_string_equal(v->fault.cause, "undefined instruction");
}

static void a_wfi_that_traps_is_skipped(void **state)
{
    (void)state;
    trap((0x01ULL << 26) | (1ULL << 25), 0, 0);
    assert_int_equal(v->regs.pc, 0x40001004);
}

static void a_skipped_instruction_counts_as_executed_for_single_step_and_branch_type(void **state)
{
    (void)state;
    v->regs.pstate = 0x3c5 | (1ULL << 21) | (3ULL << 10);
    trap((0x01ULL << 26) | (1ULL << 25), 0, 0);
    assert_int_equal(v->regs.pstate, 0x3c5);
    /* AArch32: an IT block moves on instead. IT = 0b1000_1101: three more, then two, then one, then none. */
    static const uint64_t it[] = {0x8d, 0x9a, 0x94, 0x88, 0x00};
    for (unsigned i = 0; i + 1U < sizeof(it) / sizeof(it[0]); i++) {
        v->regs.pstate = 0x10 | (it[i] >> 2) << 10 | (it[i] & 3U) << 25 | (1ULL << 21);
        trap((0x01ULL << 26) | (1ULL << 25), 0, 0);
        assert_int_equal(v->regs.pstate, 0x10 | (it[i + 1U] >> 2) << 10 | (it[i + 1U] & 3U) << 25);
    }
}

static void an_smc_is_skipped_and_an_hvc_is_not(void **state)
{
    (void)state;
    v->regs.x[0] = 0xffffffffU;
    trap(SMC, 0, 0);
    assert_int_equal(v->regs.pc, 0x40001004);
    assert_int_equal(v->regs.x[0], ~0ULL);
    v->regs.x[0] = 0xfffffffeU;
    v->regs.pstate = 0x3c5 | (1ULL << 21) | (3ULL << 10);
    trap(HVC, 0, 0);
    assert_int_equal(v->regs.pc, 0x40001004);
    assert_int_equal(v->regs.pstate, 0x3c5 | (1ULL << 21) | (3ULL << 10)); /* as the hardware left it */
    assert_int_equal(v->regs.x[0], ~0ULL);
}

static void an_exit_that_names_a_register_a_call_keeps_is_not_begun_without_all_of_them(void **state)
{
    (void)state;
    for (unsigned reg = 0; reg < 31U; reg++) {
        (void)setup(NULL);
        v->regs.x[reg] = 0x1234;
        raw.esr = DATA_ABORT(false, 2, reg);
        raw.far = 0x9040018; /* nobody's */
        raw.hpfar = 0x90400;
        bool kept = (reg >= 10U && reg <= 15U) || (reg >= 18U && reg <= 29U);
        struct vcpu before = *v;
        enum hv_resume how = hv_trap(&v->regs, EXIT_SRC_SYNC);
        assert_int_equal(how, kept ? HV_SAVE_ALL : HV_RESUME_PC);
        if (kept) {
            assert_memory_equal(v, &before, sizeof(before));
            assert_int_equal(injected, 0);
            hv_trap_all(&v->regs);
        }
        assert_int_equal(injected, 1);
        assert_int_equal(v->exits[EXIT_MMIO].v, 1);
    }
}

/* GICD_IGROUPR1 by each register that an exit saves, and by those it does not: where the guest goes on, and what is counted. */
static void a_word_of_the_gic_is_written_and_read_by_any_register(void **state)
{
    (void)state;
    for (unsigned reg = 0; reg < 31U; reg++) {
        (void)setup(NULL);
        vgics[0].spi[1].owned = ~0U;
        v->regs.pstate = 0x3c5 | (1ULL << 21) | (3ULL << 10);
        v->regs.x[reg] = 0x9876543200000000ULL + reg + 1U;
        trap(DATA_ABORT(true, 2, reg), 0x8000084, 0x80000);
        assert_int_equal(v->regs.pc, 0x40001004);
        assert_int_equal(v->regs.pstate, 0x3c5);
        v->regs.x[reg] = ~0ULL;
        struct vcpu before = *v;
        trap(DATA_ABORT(false, 2, reg), 0x8000084, 0x80000);
        before.regs.x[reg] = reg + 1U;
        before.regs.pc += 4U;
        before.exits[EXIT_MMIO].v++;
        assert_memory_equal(v, &before, sizeof(before));
        assert_int_equal(v->exits[EXIT_MMIO].v, 2);
        assert_int_equal(injected, 0);
    }
}

#define MSR_SGI1R(rt) ((0x18ULL << 26) | (1ULL << 25) | (3ULL << 20) | (5ULL << 17) | (12ULL << 10) | ((uint64_t)(rt) << 5) | (11ULL << 1))

static unsigned told;

static void count_told(unsigned cpu)
{
    (void)cpu;
    told++;
}

/* ICC_SGI1R_EL1 by each register, of a VM of two: to the other one, and to itself as well. */
static void an_sgi_is_sent_by_any_register(void **state)
{
    (void)state;
    for (unsigned reg = 0; reg < 31U; reg++) {
        for (unsigned self = 0; self < 2U; self++) {
            (void)setup(NULL);
            vm->nr_vcpus = 2;
            vm->vcpus[1].vm = vm;
            vm->vcpus[1].index = 1;
            vm->vcpus[1].cpu = 1;
            virqc_init_all(&the_plan);
            arch_ops.virq.tell = count_told;
            told = 0;
            v->regs.pstate = 0x3c5 | (1ULL << 21) | (3ULL << 10);
            v->regs.x[reg] = 5ULL << 24 | 2U | self;
            trap(MSR_SGI1R(reg), 0, 0);
            assert_int_equal(told, 1);
            assert_int_equal(vgics[0].vcpu[1].w.pend.v, 1U << 5);
            assert_int_equal(vgics[0].vcpu[0].w.pend.v, self << 5);
            assert_int_equal(v->regs.pc, 0x40001004);
            assert_int_equal(v->regs.pstate, 0x3c5);
            assert_int_equal(v->exits[EXIT_SYSREG].v, 1);
            assert_int_equal(injected, 0);
        }
    }
    (void)setup(NULL);
    the_plan.irqc_version = 2; /* which has no such register */
    virqc_init_all(&the_plan);
    v->regs.x[3] = 5ULL << 24 | 1U;
    trap(MSR_SGI1R(3), 0, 0);
    the_plan.irqc_version = 0;
    assert_int_equal(inject_kind, INJECT_UNDEF);
    assert_int_equal(vgics[0].vcpu[0].w.pend.v, 0);
}

/* What is read-only, write-only or nobody's among the registers of the first 4 KiB. */
static void a_word_of_the_gic_that_has_no_answer_of_its_own_is_zero_and_ignores_writes(void **state)
{
    (void)state;
    static const uint64_t none[] = {0x800000c, 0x8000040, 0x8000800, 0x8000d00, 0x8000ffc};
    for (unsigned i = 0; i < ARRAY_SIZE(none); i++) {
        v->regs.x[7] = ~0ULL;
        trap(DATA_ABORT(true, 2, 7), none[i], 0x80000);
        trap(DATA_ABORT(false, 2, 7), none[i], 0x80000);
        assert_int_equal(v->regs.x[7], 0);
    }
    assert_int_equal(injected, 0);
    assert_int_equal(v->exits[EXIT_MMIO].v, 2U * ARRAY_SIZE(none));
}

static void the_first_word_of_the_gic_after_a_fault_forgets_the_fault(void **state)
{
    (void)state;
    trap(DATA_ABORT_NO_SYNDROME, 0x1000, 0x10);
    assert_int_equal(v->fault.handler_pc, 0x200);
    trap(DATA_ABORT(false, 2, 7), 0x8000000, 0x80000);
    assert_int_equal(v->fault.handler_pc, 0x200); /* its own first instruction */
    trap(DATA_ABORT(false, 2, 7), 0x8000000, 0x80000);
    assert_int_equal(v->fault.handler_pc, 0);
}

static void how_a_guest_goes_on_is_told_by_whether_its_pc_has_moved(void **state)
{
    (void)state;
    v->regs.x[0] = 0x84000000U;
    raw.esr = HVC;
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME);
    assert_int_equal(v->regs.x[0], 0x10001);
    v->regs.x[0] = 0x84000000U;
    raw.esr = SMC;
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    raw.esr = 0x3fULL << 26;
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_PC);
    assert_int_equal(injected, 1);
}

static void a_vcpu_that_left_and_was_started_anew_goes_on_with_all_registers(void **state)
{
    (void)state;
    raw.esr = HVC;
    v->regs.x[0] = 0x84000002U; /* CPU_OFF */
    v->regs.x[19] = 0x5ec4e7;
    vm->online = 2; /* with a sibling */
    vm->inside = 2;
    start_again = true;
    assert_int_equal(hv_trap(&v->regs, EXIT_SRC_SYNC), HV_RESUME_ALL);
    assert_int_equal(v->regs.x[19], 0);
    assert_int_equal(v->regs.pc, 0x40002000);
}

static void an_serror_stops_the_vm_with_a_report(void **state)
{
    (void)state;
    if (setjmp(idle) == 0) {
        (void)hv_trap(&v->regs, EXIT_SRC_SERROR);
        fail();
    }
    assert_non_null(strstr(console, "vm a: stopped: fault: vcpu 0 pc 0x40001000 address 0x0 cause: asynchronous "
                                    "external abort"));
    assert_int_equal(vm->state.v, VM_STOPPED);
}

static void an_interrupt_exit_without_an_interrupt_resumes(void **state)
{
    (void)state;
    assert_int_equal(hv_irq_taken(&v->regs, hv_irq(&v->regs)), HV_RESUME);
    assert_int_equal(v->regs.pc, 0x40001000);
    assert_int_equal(v->exits[EXIT_IRQ].v, 1);
}

static void a_stop_request_is_carried_out_at_the_end_of_any_exit(void **state)
{
    (void)state;
    vm_stop(vm, VM_END_OFF);
    if (setjmp(idle) == 0) {
        (void)hv_irq_taken(&v->regs, hv_irq(&v->regs));
        fail();
    }
    assert_int_equal(v->state.v, VCPU_OFF);
    assert_non_null(strstr(console, "[hv] vm a: powered off\r\n"));
}

static void psci_system_off_and_reset_end_the_vm_with_their_own_lines(void **state)
{
    (void)state;
    static const struct {
        uint64_t fn;
        const char *line;
    } cases[] = {
        {0x84000008, "[hv] vm a: powered off\r\n"},
        {0x84000009, "[hv] vm a: reset requested; ended\r\n"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)setup(NULL);
        v->regs.x[0] = cases[i].fn;
        trap_and_leave(HVC, 0, 0);
        assert_non_null(strstr(console, cases[i].line));
    }
}

static void gic_reads_give_the_value_in_the_width_the_guest_asked_for(void **state)
{
    (void)state;
    v->regs.x[5] = ~0ULL;
    trap(DATA_ABORT(false, 2, 5), 0x800ffe8, 0x80000 | (0xfULL << 4)); /* GICD_PIDR2 */
    assert_int_equal(injected, 0);
    assert_int_equal(v->regs.x[5] & 0xf0U, 0x30);
    assert_int_equal(v->regs.x[5] >> 32, 0);
    assert_int_equal(v->regs.pc, 0x40001004);
}

/* The priority of SGI 0 is 0xf8: as LDRB and LDRSB to a W and to an X register, as a word, and as LDRSW (SSE and SF of
 * the syndrome, DDI 0487 ESR_EL2). */
static void a_signed_load_from_the_gic_is_extended_to_the_register_it_goes_to(void **state)
{
    (void)state;
    static const struct {
        unsigned size_log2;
        bool sse, sf;
        uint64_t want;
    } cases[] = {
        {0, false, false, 0xf8},
        {0, true, false, 0xfffffff8},
        {0, true, true, 0xfffffffffffffff8},
        {0, false, true, 0xf8},
        {2, false, false, 0xf8f8f8f8},
        {2, true, true, 0xfffffffff8f8f8f8},
        {2, false, true, 0xf8f8f8f8},
    };
    const uint64_t far = 0x80b0400, hpfar = 0x80b00;
    v->regs.x[1] = ~0ULL;
    trap(DATA_ABORT(true, 2, 1), far, hpfar);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        v->regs.x[5] = 0x1234;
        uint64_t how = (cases[i].sse ? 1ULL << 21 : 0U) | (cases[i].sf ? 1ULL << 15 : 0U);
        trap(DATA_ABORT(false, cases[i].size_log2, 5) | how, far, hpfar);
        assert_int_equal(v->regs.x[5], cases[i].want);
    }
    assert_int_equal(injected, 0);
}

static void a_doubleword_of_the_gic_is_its_two_words(void **state)
{
    (void)state;
    trap(DATA_ABORT(false, 2, 1), 0x80a0008, 0x80a00); /* GICR_TYPER: Last, in the low word */
    trap(DATA_ABORT(false, 2, 2), 0x80a000c, 0x80a00);
    trap(DATA_ABORT(false, 3, 3) | (1ULL << 15), 0x80a0008, 0x80a00);
    assert_int_not_equal(v->regs.x[1], 0);
    assert_int_equal(v->regs.x[3], v->regs.x[2] << 32 | v->regs.x[1]);
    assert_int_equal(injected, 0);
}

static void a_read_into_the_zero_register_changes_no_register(void **state)
{
    (void)state;
    struct vcpu_regs before = v->regs;
    trap(DATA_ABORT(false, 2, 31), 0x800ffe8, 0x80000 | (0xfULL << 4));
    assert_int_equal(injected, 0);
    before.pc += 4;
    assert_memory_equal(&v->regs, &before, sizeof(before));
}

static void the_address_of_a_fault_is_the_guest_physical_one(void **state)
{
    (void)state;
    trap(DATA_ABORT_NO_SYNDROME, 0xffff000012345678, 0x90400);
    assert_int_equal(v->fault.address, 0x9040678);
    trap(DATA_ABORT(true, 2, 3), 0xffff000012345abc, 0x90400);
    assert_int_equal(v->fault.address, 0x9040abc);
    /* A permission fault: HPFAR_EL2 is not valid, only the virtual address is known. */
    trap((DATA_ABORT_NO_SYNDROME & ~0x3fULL) | 0x0f, 0xffff000012345678, 0x90400);
    assert_int_equal(v->fault.address, 0xffff000012345678);
}

static void a_data_fault_at_the_first_instruction_of_a_handler_does_not_stop_the_vm(void **state)
{
    (void)state;
    trap(DATA_ABORT_NO_SYNDROME, 0x1000, 0x10);
    assert_int_equal(v->regs.pc, 0x200);
    trap(DATA_ABORT_NO_SYNDROME, 0x1000, 0x10);
    assert_int_equal(injected, 2);
    assert_int_equal(vm->state.v, VM_RUNNING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_read_of_what_is_not_its_own_is_an_external_abort, setup),
        cmocka_unit_test_setup(a_write_without_a_syndrome_is_an_external_abort, setup),
        cmocka_unit_test_setup(a_fetch_fault_is_an_instruction_abort_and_at_its_own_handler_stops_the_vm, setup),
        cmocka_unit_test_setup(a_report_tells_the_exits_of_that_vcpu_that_there_were, setup),
        cmocka_unit_test_setup(a_report_is_one_line_of_whole_numbers_however_many_exits_there_were, setup),
        cmocka_unit_test_setup(a_tag_in_the_address_of_a_handler_does_not_hide_that_it_cannot_be_fetched, setup),
        cmocka_unit_test_setup(a_fetch_fault_elsewhere_than_at_the_handler_is_a_fault_of_its_own, setup),
        cmocka_unit_test_setup(a_fetch_fault_at_a_handler_that_did_run_is_a_fault_of_its_own, setup),
        cmocka_unit_test_setup(a_page_table_walk_outside_is_named, setup),
        cmocka_unit_test_setup(an_unknown_exception_class_is_undefined_to_the_guest, setup),
        cmocka_unit_test_setup(a_wfi_that_traps_is_skipped, setup),
        cmocka_unit_test_setup(a_skipped_instruction_counts_as_executed_for_single_step_and_branch_type, setup),
        cmocka_unit_test_setup(an_smc_is_skipped_and_an_hvc_is_not, setup),
        cmocka_unit_test_setup(an_exit_that_names_a_register_a_call_keeps_is_not_begun_without_all_of_them, setup),
        cmocka_unit_test_setup(a_word_of_the_gic_is_written_and_read_by_any_register, setup),
        cmocka_unit_test_setup(an_sgi_is_sent_by_any_register, setup),
        cmocka_unit_test_setup(a_word_of_the_gic_that_has_no_answer_of_its_own_is_zero_and_ignores_writes, setup),
        cmocka_unit_test_setup(the_first_word_of_the_gic_after_a_fault_forgets_the_fault, setup),
        cmocka_unit_test_setup(how_a_guest_goes_on_is_told_by_whether_its_pc_has_moved, setup),
        cmocka_unit_test_setup(a_vcpu_that_left_and_was_started_anew_goes_on_with_all_registers, setup),
        cmocka_unit_test_setup(an_serror_stops_the_vm_with_a_report, setup),
        cmocka_unit_test_setup(an_interrupt_exit_without_an_interrupt_resumes, setup),
        cmocka_unit_test_setup(a_stop_request_is_carried_out_at_the_end_of_any_exit, setup),
        cmocka_unit_test_setup(psci_system_off_and_reset_end_the_vm_with_their_own_lines, setup),
        cmocka_unit_test_setup(a_signed_load_from_the_gic_is_extended_to_the_register_it_goes_to, setup),
        cmocka_unit_test_setup(a_doubleword_of_the_gic_is_its_two_words, setup),
        cmocka_unit_test_setup(a_read_into_the_zero_register_changes_no_register, setup),
        cmocka_unit_test_setup(the_address_of_a_fault_is_the_guest_physical_one, setup),
        cmocka_unit_test_setup(a_data_fault_at_the_first_instruction_of_a_handler_does_not_stop_the_vm, setup),
        cmocka_unit_test_setup(gic_reads_give_the_value_in_the_width_the_guest_asked_for, setup),
    };
    return cmocka_run_group_tests_name("exit", tests, NULL, NULL);
}
