/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trap door: every exit of every guest comes in here. Reads the syndrome once, decodes it (pure), and lets the handler
 * of its kind answer. Only this file moves a guest's PC.
 */
#include "hv/exit.h"

#include "core/exits.h"
#include "core/lifecycle.h"
#include "core/log.h"
#include "fw/fw.h"
#include "hv.h"
#include "hv/arch_ops.h"
#include "hv/exit_access.h"
#include "hv/exit_call.h"
#include "run.h"
#include "vdev/vconsole.h"
#include "vdev/virqc.h"
#include "vdev/vsysreg.h"

#define ADDRESS_BITS 0x00ffffffffffffffULL /* below a tag */

/* An FIQ: an IRQ is not decoded. */
static enum exit_action on_irq(struct vcpu *v)
{
    run_interrupt(v, true);
    return EXIT_RESUME;
}

/* `val` has no bits above the access's width. */
static uint64_t mmio_result(const struct exit_mmio *a, uint64_t val)
{
    if (!a->sign_extend) {
        return val;
    }
    unsigned unused = 64U - 8U * a->size;
    uint64_t sign = (1ULL << 63) >> unused;
    uint64_t extended = (val ^ sign) - sign;

    return a->reg64 ? extended : extended & 0xffffffffULL;
}

static enum exit_action on_mmio(struct vcpu *v, const struct exit *e)
{
    const struct exit_mmio *a = &e->u.mmio;
    bool abort = false;
    uint64_t val = a->write && a->reg != EXIT_REG_ZERO ? v->regs.x[a->reg] : 0U;
    if ((!virqc_mmio(v, a, &val, &abort) && !vconsole_mmio(v, a, &val)) || abort) {
        return EXIT_INJECT_ABORT;
    }
    if (!a->write && a->reg != EXIT_REG_ZERO) {
        v->regs.x[a->reg] = mmio_result(a, val);
    }
    return EXIT_ADVANCE_PC;
}

/* The guest is at the handler it was sent to. Where top bytes are tags, the hardware drops that of VBAR_EL1 as it branches
 * (DDI 0487, AArch64.BranchAddr): the other bits tell. */
static bool at_handler(const struct vcpu *v)
{
    return v->fault.handler_pc != 0U && ((v->regs.pc ^ v->fault.handler_pc) & ADDRESS_BITS) == 0U;
}

static enum exit_action on_fault(struct vcpu *v, const struct exit *e)
{
    /* The guest cannot fetch its own handler: making it take another exception would loop for ever. */
    if (e->u.fault.fetch && at_handler(v)) {
        return EXIT_STOP_VM;
    }
    return EXIT_INJECT_ABORT;
}

static enum exit_action on_undef(struct vcpu *v, const struct exit *e)
{
    (void)v;
    (void)e;
    return EXIT_INJECT_UNDEF;
}

static enum exit_action on_serror(struct vcpu *v)
{
    v->fault.pc = v->regs.pc;
    v->fault.address = 0;
    v->fault.cause = "asynchronous external abort";
    return EXIT_STOP_VM; /* imprecise: what the guest lost cannot be told, so it must not go on */
}

/* Of all exits but calls. */
static inline enum exit_action answer(struct vcpu *v, const struct exit *e)
{
    switch (e->kind) {
    case EXIT_MMIO:
        return on_mmio(v, e);
    case EXIT_SYSREG:
        return vsysreg_access(v, e);
    case EXIT_IRQ:
        return on_irq(v);
    case EXIT_FAULT:
        return on_fault(v, e);
    case EXIT_WFX:
        return EXIT_ADVANCE_PC; /* not trapped as configured; skipping one is always allowed (DDI 0487 D1.6) */
    case EXIT_SERROR:
        return on_serror(v);
    case EXIT_HYPERCALL:
    case EXIT_FIRMWARE:
    case EXIT_UNDEF:
    case EXIT_KINDS:
    default:
        return on_undef(v, e);
    }
}

static const char *fault_cause(const struct exit *e)
{
    if (e->kind == EXIT_MMIO) {
        return e->u.mmio.write ? "write to what is not its own" : "read of what is not its own";
    }
    if (e->u.fault.fetch) {
        return "fetch from what is not its own";
    }
    if (e->u.fault.table_walk) {
        return "page-table walk through what is not its own";
    }
    return e->u.fault.write ? "write to what is not its own" : "read of what is not its own";
}

/* Guest-physical where the hardware tells it, else the guest's virtual address. */
static uint64_t fault_address(const struct exit *e)
{
    if (e->kind == EXIT_MMIO) {
        return e->u.mmio.ipa;
    }
    return e->u.fault.ipa_valid ? e->u.fault.ipa : e->u.fault.va;
}

static void inject_abort(struct vcpu *v, const struct exit *e, uint64_t far)
{
    bool fetch = e->kind == EXIT_FAULT && e->u.fault.fetch;
    v->fault.pc = v->regs.pc;
    v->fault.address = fault_address(e);
    v->fault.cause = fault_cause(e);
    arch_ops.cpu.inject(&v->regs, fetch ? INJECT_INSN_ABORT : INJECT_DATA_ABORT, far);
    v->fault.handler_pc = v->regs.pc;
}

static void inject_undef(struct vcpu *v)
{
    v->fault.pc = v->regs.pc;
    v->fault.address = 0;
    v->fault.cause = "undefined instruction";
    arch_ops.cpu.inject(&v->regs, INJECT_UNDEF, 0);
    v->fault.handler_pc = v->regs.pc;
}

static void stop_vm(struct vcpu *v)
{
    log_line("vm %s: stopped: fault: vcpu %u pc 0x%lx address 0x%lx cause: %s", v->vm->name, v->index, v->fault.pc,
             v->fault.address, v->fault.cause);
    exits_log(v);
    vm_stop(v->vm, VM_END_FAULT);
}

static __attribute__((noinline)) void leave(struct vcpu *v)
{
    run_left(v);
    (void)run_wait_start(v);
}

/* What every exit ends with after which the vCPU may have to leave: true if it did, and was started anew. */
static inline bool leave_if_asked(struct vcpu *v)
{
    bool left = vcpu_must_leave(v);

    if (left) {
        leave(v);
    }
    return left;
}

/* What is not done: answered by the way, so that what this needs of registers and stack is not saved at each exit. */
static __attribute__((noinline)) enum hv_resume act(struct vcpu *v, enum exit_action action, const struct exit *e, uint64_t far)
{
    switch (action) {
    case EXIT_INJECT_UNDEF:
        inject_undef(v);
        break;
    case EXIT_INJECT_ABORT:
        inject_abort(v, e, far);
        break;
    case EXIT_STOP_VM:
        stop_vm(v);
        break;
    case EXIT_RESUME:
    case EXIT_ADVANCE_PC:
    default:
        break;
    }
    return leave_if_asked(v) ? HV_RESUME_ALL : HV_RESUME_PC;
}

/*
 * An exit that is done, as most are, need not look whether its vCPU must leave: it has not stopped itself or its VM then, and who else
 * asks for it sends an interrupt, which is taken before the guest's next instruction.
 */
static inline enum hv_resume done(struct vcpu *v, unsigned insn_len)
{
    if (insn_len == 0U) {
        return HV_RESUME;
    }
    vcpu_regs_skip(&v->regs, insn_len);
    return HV_RESUME_PC;
}

/* The guest got as far as another instruction: the last fault was taken. */
static inline void note_progress(struct vcpu *v)
{
    if (v->fault.handler_pc != 0U && !at_handler(v)) {
        v->fault.handler_pc = 0;
    }
}

/* A request to leave comes with an interrupt of its own, which is not done here. */
__attribute__((used)) uint32_t hv_irq(struct vcpu_regs *regs)
{
    struct vcpu *v = vcpu_of_regs(regs);
    uint32_t intid = arch_ops.irqc.ack();

    counter64_step(&v->exits[EXIT_IRQ]);
    if (v->fault.handler_pc != 0U || !virqc_take_armed(v, intid)) {
        return intid;
    }
    return HV_IRQ_DONE;
}

__attribute__((used)) enum hv_resume hv_irq_taken(struct vcpu_regs *regs, uint32_t intid)
{
    struct vcpu *v = vcpu_of_regs(regs);

    note_progress(v);
    run_acknowledged(v, intid, true);
    return leave_if_asked(v) ? HV_RESUME_ALL : HV_RESUME;
}

/* What every exit begins with. */
static inline void count(struct vcpu *v, enum exit_kind kind)
{
    note_progress(v);
    counter64_step(&v->exits[kind]);
}

/* The register that the guest's instruction names may be one that is not in the frame yet. */
static bool at_hand(const struct exit *e)
{
    uint8_t reg = e->kind == EXIT_MMIO ? e->u.mmio.reg : e->kind == EXIT_SYSREG ? e->u.sysreg.reg : (uint8_t)EXIT_REG_ZERO;

    return ((VCPU_REGS_KEPT >> reg) & 1U) == 0U;
}

static __attribute__((noinline)) enum hv_resume other(struct vcpu *v, enum exit_source source, bool all)
{
    struct exit_raw raw;
    struct exit e;

    arch_ops.cpu.read_exit(source, &raw);
    exit_decode(&raw, &e);
    if (!all && !at_hand(&e)) {
        return HV_SAVE_ALL;
    }
    count(v, e.kind);
    enum exit_action action = answer(v, &e);

    return action == EXIT_ADVANCE_PC ? done(v, e.insn_len) : act(v, action, &e, raw.far);
}

/* A call that is no constant. */
static EXIT_CALL_APART enum hv_resume answer_call(struct vcpu *v, uint16_t imm, uint8_t insn_len)
{
    return fw_call(v, imm) == EXIT_ADVANCE_PC ? done(v, insn_len) : act(v, EXIT_RESUME, NULL, 0);
}

/* The guest goes on behind its instruction, whatever that reads or writes. */
static inline void behind(struct vcpu *v, enum exit_kind kind, unsigned insn_len)
{
    count(v, kind);
    vcpu_regs_skip(&v->regs, insn_len);
}

/* A word of the virtual interrupt controller, answered without memory but for what its registers need. What is nobody's, or is not
 * found so quickly, goes the way of all others. */
static inline enum hv_resume word(struct vcpu *v)
{
    struct exit_raw raw;
    struct mmio_access a;

    arch_ops.cpu.read_exit(EXIT_SRC_SYNC, &raw);
    struct exit_word w = exit_word_of(&raw);
    const struct mmio_reg *r = virqc_word(v, w.ipa, &a);

    if (r != NULL && w.write && r->write != NULL) {
        void (*write)(const struct mmio_access *, uint64_t) = r->write;

        behind(v, EXIT_MMIO, w.insn_len);
        write(&a, (uint32_t)v->regs.x[w.reg]);
        return HV_RESUME_PC;
    }
    if (r != NULL && !w.write && r->read != NULL) {
        uint64_t (*read)(const struct mmio_access *) = r->read;

        behind(v, EXIT_MMIO, w.insn_len);
        v->regs.x[w.reg] = (uint32_t)read(&a);
        return HV_RESUME_PC;
    }
    return other(v, EXIT_SRC_SYNC, false);
}

/* An IPI to siblings, as quickly. */
static inline enum hv_resume send(struct vcpu *v, uint64_t syndrome)
{
    struct exit_send s = exit_send_of(syndrome);

    if (!virqc_send(v, v->regs.x[s.reg])) {
        return other(v, EXIT_SRC_SYNC, false);
    }
    behind(v, EXIT_SYSREG, s.insn_len);
    return HV_RESUME_PC;
}

/* A word that the virtual interrupt controller can read or write at once, as at each end of an interrupt: true. False, and nothing done,
 * of all else, and while a fault is outstanding, which would have to be noted. */
static inline bool word_at_once(struct vcpu *v)
{
    struct exit_word w;
    uint32_t val = 0;
    bool answered = false;

    if (v->fault.handler_pc != 0U || !exit_word_at_once(&w)) {
        return false;
    }
    if (w.write) {
        answered = virqc_write_armed(v, w.ipa, (uint32_t)v->regs.x[w.reg]);
    } else if (virqc_read_armed(v, w.ipa, &val)) {
        v->regs.x[w.reg] = val;
        answered = true;
    } else {
        /* not at once */
    }
    if (answered) {
        counter64_step(&v->exits[EXIT_MMIO]);
        vcpu_regs_skip(&v->regs, w.insn_len);
    }
    return answered;
}

/* Of what is frequent no more is read and saved than it needs: no stack, unless it goes on to one of the functions above. */
__attribute__((used)) enum hv_resume hv_trap(struct vcpu_regs *regs, enum exit_source source)
{
    struct vcpu *v = vcpu_of_regs(regs);
    struct exit_call c;

    if (source != EXIT_SRC_SYNC) {
        return other(v, source, false);
    }
    uint64_t syndrome = arch_ops.cpu.syndrome();

    if (__builtin_expect(exit_is_call(syndrome, &c) ? 1 : 0, 0) != 0) { /* frequent, but of what it needs nothing is computed for others */
        count(v, c.kind);
        return fw_constant(v, c.imm) ? done(v, c.insn_len) : answer_call(v, c.imm, c.insn_len);
    }
    if (exit_is_word(syndrome)) {
        return word(v);
    }
    if (exit_is_send(syndrome)) {
        return send(v, syndrome);
    }
    if (word_at_once(v)) {
        return HV_RESUME_PC;
    }
    return other(v, EXIT_SRC_SYNC, false);
}

__attribute__((used)) void hv_trap_all(struct vcpu_regs *regs)
{
    (void)other(vcpu_of_regs(regs), EXIT_SRC_SYNC, true);
}
