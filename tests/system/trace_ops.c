/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recorder before every op. What is recorded is all that goes through the door, with two exceptions: of a word of the
 * interrupt controller that several VMs share (irqc.get), the bits of the traced VM alone, since a register is read
 * whole and the others' bits in it are the others' to change; whatever came of them would be in the entries that
 * follow.
 * And an IPI to the CPU that serves the shared console, which is sent or not as that CPU is busy with others' output or
 * not: it takes no time of the sender's domain either (sim_domain_aside). Pointers are not recorded, but what they
 * point to.
 */
#include "trace_op.h"

#include <string.h>

#include "sim/sim.h"

struct arch_ops trace_real;
static void (*before_op)(void);
static uint32_t (*own_bits)(unsigned word);
static unsigned aside_cpu;

void trace_before(void)
{
    before_op();
}

uint32_t trace_own(unsigned word)
{
    return own_bits(word);
}

VALUE_OP(unsigned, cpu, id, (void), (), 0)
VOID_OP(cpu, set_id, (unsigned id), (id), id)
VOID_OP(cpu, wait, (void), (), 0)
VOID_OP(cpu, relax, (void), (), 0)
VOID_OP(cpu, fence, (void), (), 0)
VALUE_OP(uint64_t, cpu, syndrome, (void), (), 0)
VOID_OP(cpu, read_exit, (enum exit_source source, struct exit_raw *out), (source, out), source, out->esr, out->far,
        out->hpfar)
VOID_OP(cpu, reset_guest, (const struct guest_reset *r), (r), r->vcpu, r->s2.base, r->s2.ctrl)
VOID_OP(cpu, leave_guest, (void), (), 0)
VOID_OP(cpu, inject, (struct vcpu_regs *regs, enum inject_kind kind, uint64_t va), (regs, kind, va), kind, va, regs->pc,
        regs->pstate)
VALUE_OP(unsigned, cpu, pa_bits, (void), (), 0)
VALUE_OP(uint32_t, cpu, lacks, (uint32_t needs), (needs), needs)
VALUE_OP(uint64_t, cpu, hw_id, (void), (), 0)

static void cpu_halt(void)
{
    TRACE(NAME(cpu, halt), 0);
    trace_real.cpu.halt();
}

static void *mmu_map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    trace_before();
    void *p = trace_real.mmu.map(pa, size, attr);
    TRACE(NAME(mmu, map), p != NULL, pa.v, size, attr);
    return p;
}

static void mmu_unmap(const void *p, uint64_t size)
{
    trace_before();
    trace_real.mmu.unmap(p, size);
    TRACE(NAME(mmu, unmap), size);
}

static void *mmu_window_open(enum mmu_window w, paddr_t pa)
{
    trace_before();
    void *p = trace_real.mmu.window_open(w, pa);
    TRACE(NAME(mmu, window_open), w, pa.v);
    return p;
}

static void *mmu_own(uint64_t first, uint64_t size)
{
    trace_before();
    void *p = trace_real.mmu.own(first, size);
    TRACE(NAME(mmu, own), first, size);
    return p;
}

VOID_OP(mmu, stack, (unsigned cpu, void *page), (cpu, page), cpu)
VALUE_OP(enum hv_status, mmu, move, (const struct plan *plan), (plan), 0)
VOID_OP(mmu, window_close, (enum mmu_window w), (w), w)
VOID_OP(cache, clean, (const void *p, uint64_t size), (p, size), size)

static bool cache_report(struct llc_report *out)
{
    trace_before();
    bool told = trace_real.cache.report(out);
    TRACE(NAME(cache, report), told, told ? out->size : 0U);
    return told;
}

static paddr_t mmu_pa_of(const void *p)
{
    trace_before();
    paddr_t pa = trace_real.mmu.pa_of(p);
    TRACE(NAME(mmu, pa_of), pa.v);
    return pa;
}

VALUE_OP(bool, mmu, probe, (paddr_t pa), (pa), pa.v)
VOID_OP(mmu, pte_write, (uint64_t *slot, uint64_t pte), (slot, pte), pte)
VOID_OP(mmu, pte_fill, (uint64_t *slot, uint64_t first, uint64_t step, uint64_t n), (slot, first, step, n), first, step, n)
VOID_OP(tlb, flush_ipa, (const struct s2_hw *s2, ipaddr_t ipa), (s2, ipa), s2->base, s2->ctrl, ipa.v)
VOID_OP(tlb, flush_vm, (const struct s2_hw *s2), (s2), s2->base, s2->ctrl)

VALUE_OP(enum hv_status, irqc, init, (const struct plan *plan), (plan), 0)
VALUE_OP(enum hv_status, irqc, init_cpu, (unsigned cpu), (cpu), cpu)
VALUE_OP(uint32_t, irqc, ack, (void), (), 0)
VOID_OP(irqc, drop, (uint32_t intid), (intid), intid)
VOID_OP(irqc, deactivate, (uint32_t intid), (intid), intid)
VOID_OP(irqc, set, (enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask), (what, cpu, word, mask), what, cpu,
        word, mask)
VOID_OP(irqc, clear, (enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask), (what, cpu, word, mask), what, cpu,
        word, mask)

static uint32_t irqc_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    trace_before();
    uint32_t val = trace_real.irqc.get(what, cpu, word);
    TRACE(NAME(irqc, get), val & trace_own(word), what, cpu, word);
    return val;
}

VOID_OP(irqc, set_edge, (unsigned cpu, uint32_t intid, bool edge), (cpu, intid, edge), cpu, intid, edge)
VOID_OP(irqc, route, (uint32_t intid, unsigned cpu), (intid, cpu), intid, cpu)

static void irqc_send_ipi(unsigned cpu)
{
    if (cpu == aside_cpu) {
        sim_domain_aside(true);
        trace_real.irqc.send_ipi(cpu);
        sim_domain_aside(false);
        return;
    }
    trace_before();
    trace_real.irqc.send_ipi(cpu);
    TRACE(NAME(irqc, send_ipi), cpu);
}

VALUE_OP(uint64_t, timer, now, (void), (), 0)
VALUE_OP(uint32_t, timer, freq, (void), (), 0)
VOID_OP(timer, stop_guest, (void), (), 0)
VOID_OP(timer, alarm, (uint64_t when), (when), when)

VALUE_OP(enum hv_status, power, cpu_on, (unsigned cpu, uint64_t hw_id), (cpu, hw_id), cpu, hw_id)

static void power_system_off(void)
{
    TRACE(NAME(power, system_off), 0);
    trace_real.power.system_off();
}

VALUE_OP(uint32_t, power, version, (void), (), 0)
VALUE_OP(const char *, power, lacks, (void), (), 0)
VALUE_OP(bool, console, try_putc, (char c), (c), (uint64_t)(unsigned char)c)
VALUE_OP(bool, console, try_getc, (uint8_t *c), (c), 0)

static void console_start_uart(void)
{
    trace_before();
    trace_real.console.start();
    TRACE(NAME(console, start), 0);
}

VOID_OP(console, events, (bool received, bool room), (received, room), received, room)

/* An op that is new has to be recorded as well. */
static void expect_all_replaced(void)
{
    const unsigned char *now = (const unsigned char *)&arch_ops, *was = (const unsigned char *)&trace_real;
    for (size_t i = 0; i < sizeof(arch_ops); i += sizeof(void (*)(void))) {
        if (memcmp(now + i, was + i, sizeof(void (*)(void))) == 0) {
            sim_fail("op %zu of struct arch_ops is not traced: add it to tests/system/trace_ops.c",
                     i / sizeof(void (*)(void)));
        }
    }
}

void trace_ops(void (*before)(void), uint32_t (*own)(unsigned word), unsigned aside)
{
    before_op = before;
    own_bits = own;
    aside_cpu = aside;
    trace_real = arch_ops;
    arch_ops = (struct arch_ops){
        .cpu = { .id = cpu_id, .set_id = cpu_set_id, .wait = cpu_wait, .relax = cpu_relax, .fence = cpu_fence, .syndrome = cpu_syndrome, .read_exit = cpu_read_exit,
                 .reset_guest = cpu_reset_guest, .leave_guest = cpu_leave_guest, .inject = cpu_inject, .pa_bits = cpu_pa_bits, .lacks = cpu_lacks,
                 .hw_id = cpu_hw_id, .halt = cpu_halt },
        .mmu = { .map = mmu_map, .unmap = mmu_unmap, .window_open = mmu_window_open, .window_close = mmu_window_close,
                 .own = mmu_own, .stack = mmu_stack,
                 .probe = mmu_probe, .pa_of = mmu_pa_of, .move = mmu_move, .pte_write = mmu_pte_write,
                 .pte_fill = mmu_pte_fill },
        .tlb = { .flush_ipa = tlb_flush_ipa, .flush_vm = tlb_flush_vm },
        .cache = { .clean = cache_clean, .report = cache_report },
        .irqc = { .init = irqc_init, .init_cpu = irqc_init_cpu, .ack = irqc_ack, .drop = irqc_drop,
                  .deactivate = irqc_deactivate, .set = irqc_set, .clear = irqc_clear, .get = irqc_get,
                  .set_edge = irqc_set_edge, .route = irqc_route, .send_ipi = irqc_send_ipi },
        .timer = { .now = timer_now, .freq = timer_freq, .stop_guest = timer_stop_guest, .alarm = timer_alarm },
        .power = { .cpu_on = power_cpu_on, .system_off = power_system_off, .version = power_version, .lacks = power_lacks },
        .console = { .try_putc = console_try_putc, .try_getc = console_try_getc, .start = console_start_uart,
                     .events = console_events },
    };
    trace_isa_ops(&arch_ops);
    expect_all_replaced();
}
