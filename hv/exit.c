/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trap door: every exit of every guest comes in here. Reads the syndrome once, decodes it (pure), and lets one
 * entry of a const table answer. Only this file moves a guest's PC.
 */
#include "hv/exit.h"

#include "core/exits.h"
#include "core/lifecycle.h"
#include "core/log.h"
#include "fw/fw.h"
#include "hv.h"
#include "hv/arch_ops.h"
#include "run.h"
#include "vdev/vconsole.h"
#include "vdev/virqc.h"
#include "vdev/vsysreg.h"

#define ADDRESS_BITS 0x00ffffffffffffffULL /* below a tag */

/* An FIQ: an IRQ is not decoded. */
static enum exit_action on_irq(struct vcpu *v, const struct exit *e)
{
    (void)e;
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

static enum exit_action on_wfx(struct vcpu *v, const struct exit *e)
{
    (void)v;
    (void)e;
    return EXIT_ADVANCE_PC; /* not trapped as configured; skipping one is always allowed (DDI 0487 D1.6) */
}

static enum exit_action on_undef(struct vcpu *v, const struct exit *e)
{
    (void)v;
    (void)e;
    return EXIT_INJECT_UNDEF;
}

static enum exit_action on_serror(struct vcpu *v, const struct exit *e)
{
    (void)e;
    v->fault.pc = v->regs.pc;
    v->fault.address = 0;
    v->fault.cause = "asynchronous external abort";
    return EXIT_STOP_VM; /* imprecise: what the guest lost cannot be told, so it must not go on */
}

typedef enum exit_action (*exit_handler)(struct vcpu *v, const struct exit *e);

static const exit_handler handlers[EXIT_KINDS] = {
    [EXIT_IRQ] = on_irq,          [EXIT_HYPERCALL] = fw_call,      [EXIT_FIRMWARE] = fw_call,
    [EXIT_MMIO] = on_mmio,        [EXIT_FAULT] = on_fault,         [EXIT_SYSREG] = vsysreg_access,
    [EXIT_WFX] = on_wfx,          [EXIT_UNDEF] = on_undef,         [EXIT_SERROR] = on_serror,
};

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

static void act(struct vcpu *v, enum exit_action action, const struct exit *e, uint64_t far)
{
    switch (action) {
    case EXIT_RESUME:
        break;
    case EXIT_ADVANCE_PC:
        vcpu_regs_skip(&v->regs, e->insn_len);
        break;
    case EXIT_INJECT_UNDEF:
        inject_undef(v);
        break;
    case EXIT_INJECT_ABORT:
        inject_abort(v, e, far);
        break;
    case EXIT_STOP_VM:
    default:
        stop_vm(v);
        break;
    }
}

static void decode_and_answer(struct vcpu *v, enum exit_source source)
{
    struct exit_raw raw;
    struct exit e;
    arch_ops.cpu.read_exit(source, &raw);
    exit_decode(&raw, &e);
    counter64_step(&v->exits[e.kind]);
    act(v, handlers[e.kind](v, &e), &e, raw.far);
}

/* What every exit begins with. */
static void note_progress(struct vcpu *v)
{
    if (!at_handler(v)) {
        v->fault.handler_pc = 0; /* the guest got as far as another instruction: the last fault was taken */
    }
}

static __attribute__((noinline)) void leave(struct vcpu *v)
{
    run_left(v);
    (void)run_wait_start(v);
}

/* What every exit ends with. */
static inline void leave_if_asked(struct vcpu *v)
{
    if (vcpu_must_leave(v)) {
        leave(v);
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
    arch_ops.irqc.drop(intid);
    return HV_IRQ_DONE;
}

__attribute__((used)) void hv_irq_taken(struct vcpu_regs *regs, uint32_t intid)
{
    struct vcpu *v = vcpu_of_regs(regs);

    note_progress(v);
    run_acknowledged(v, intid, true);
    leave_if_asked(v);
}

__attribute__((used)) void hv_trap(struct vcpu_regs *regs, enum exit_source source)
{
    struct vcpu *v = vcpu_of_regs(regs);

    if (source == EXIT_SRC_IRQ) {
        uint32_t intid = hv_irq(regs);

        if (intid != HV_IRQ_DONE) {
            hv_irq_taken(regs, intid);
        }
        return;
    }
    note_progress(v);
    decode_and_answer(v, source);
    leave_if_asked(v);
}
