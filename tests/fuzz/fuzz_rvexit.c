/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any trap registers of RISC-V through the exit decoder, and through the trap door with everything behind it: an interrupt
 * controller, an emulated UART, SBI. What has to hold is written from the privileged architecture 1.13, bit by bit, not as
 * the decoder has it. After each trap: the PC stands still, behind the instruction or at the guest's vector; no register
 * has changed but that of the load, or a0 and a1 of an ECALL; the other VM and its CPUs' interrupts are as they were.
 */
#include "fuzz.h"

#include <setjmp.h>
#include <string.h>

#include "arch/riscv/inject.h"
#include "core/console.h"
#include "core/lifecycle.h"
#include "hv.h"
#include "hv/exit.h"
#include "ops_fixture.h"
#include "vdev/vconsole_state.h"
#include "vdev/vhart.h"
#include "vdev/virqc.h"

#define MAX_TRAPS 40U
#define UART      0x10000000ULL
#define PLIC      0x0c000000ULL
#define APLIC     0x0d000000ULL
#define UART_IRQ  42U

static struct bytes in;
static struct exit_raw raw;
static struct inject_guest guest; /* what injection reads of the guest */
static unsigned injections;
static jmp_buf left; /* the vCPU's CPU leaves the guest: nothing of that is looked at here */

static uint64_t bits(uint64_t v, unsigned high, unsigned low)
{
    return (v >> low) & ((2ULL << (high - low)) - 1U);
}

/* ---- The decoder ---- */

/* The pseudoinstructions for a walk of the guest's own tables (18.6.3). */
static bool is_walk(uint64_t insn)
{
    return insn == 0x2000U || insn == 0x2020U || insn == 0x3000U || insn == 0x3020U;
}

static void check_mmio(const struct exit *e)
{
    const struct exit_mmio *m = &e->u.mmio;
    FUZZ_EXPECT(raw.esr == (m->write ? 23U : 21U) && raw.hpfar != 0U && !is_walk(raw.insn & ~0x1000ULL));
    FUZZ_EXPECT(m->ipa == (raw.hpfar << 2 | bits(raw.far, 1, 0)));
    FUZZ_EXPECT((m->size == 1U || m->size == 2U || m->size == 4U || m->size == 8U) && m->ipa % m->size == 0U);
    FUZZ_EXPECT(m->reg == EXIT_REG_ZERO || (m->reg >= 1U && m->reg <= 31U));
    FUZZ_EXPECT(e->insn_len == 2U || e->insn_len == 4U);
    if ((raw.insn & EXIT_INSN_RAW) == 0U) { /* transformed: always as if it had 32 bits, but for bit 1 */
        FUZZ_EXPECT(bits(raw.insn, 0, 0) == 1U && bits(raw.insn, 19, 15) == 0U);
        FUZZ_EXPECT(bits(raw.insn, 6, 2) == (m->write ? 8U : 0U));
        FUZZ_EXPECT(m->size == 1U << bits(raw.insn, 13, 12));
        uint64_t reg = m->write ? bits(raw.insn, 24, 20) : bits(raw.insn, 11, 7);
        FUZZ_EXPECT(m->reg == (reg == 0U ? EXIT_REG_ZERO : reg));
        FUZZ_EXPECT(e->insn_len == (bits(raw.insn, 1, 1) == 1U ? 4U : 2U));
    } else {
        FUZZ_EXPECT(e->insn_len == (bits(raw.insn, 1, 0) == 3U ? 4U : 2U));
    }
}

static void check_fault(const struct exit *e)
{
    const struct exit_fault *f = &e->u.fault;
    FUZZ_EXPECT(raw.esr == 20U || raw.esr == 21U || raw.esr == 23U);
    FUZZ_EXPECT(f->fetch == (raw.esr == 20U) && f->va == raw.far && f->ipa_valid == (raw.hpfar != 0U));
    FUZZ_EXPECT(f->table_walk == is_walk(raw.insn));
    FUZZ_EXPECT(f->write == (is_walk(raw.insn) ? bits(raw.insn, 5, 5) != 0U : raw.esr == 23U));
    FUZZ_EXPECT(f->ipa >> 2 == (raw.hpfar & ~0ULL >> 2) && e->insn_len == 0U);
}

static void check_kind(const struct exit *e)
{
    bool csr = raw.esr == 22U && bits(raw.far, 6, 0) == 0x73U && bits(raw.far, 13, 12) != 0U;
    enum exit_kind want = bits(raw.esr, 63, 63) != 0U      ? EXIT_IRQ
                          : raw.esr == 10U                 ? EXIT_HYPERCALL
                          : raw.esr == 19U                 ? EXIT_SERROR
                          : raw.esr == 20U                 ? EXIT_FAULT
                          : raw.esr == 21U || raw.esr == 23U ? (e->kind == EXIT_MMIO ? EXIT_MMIO : EXIT_FAULT)
                          : csr                            ? EXIT_SYSREG
                                                           : EXIT_UNDEF;
    FUZZ_EXPECT(e->kind == want);
    FUZZ_EXPECT(e->kind != EXIT_HYPERCALL || e->insn_len == 4U);
    if (e->kind == EXIT_SYSREG) {
        uint64_t rd = bits(raw.far, 11, 7);
        FUZZ_EXPECT(e->u.sysreg.enc == bits(raw.far, 31, 20) && e->insn_len == 4U);
        FUZZ_EXPECT(e->u.sysreg.reg == (rd == 0U ? EXIT_REG_ZERO : rd));
    }
}

static struct exit decode(void)
{
    struct exit e;
    memset(&e, 0xa5, sizeof(e)); /* nothing of it may be left */
    exit_decode(&raw, &e);
    check_kind(&e);
    if (e.kind == EXIT_MMIO) {
        check_mmio(&e);
    } else if (e.kind == EXIT_FAULT) {
        check_fault(&e);
    }
    return e;
}

/* ---- The trap door ---- */

static uint64_t syndrome(void)
{
    return raw.esr;
}

static void read_exit(enum exit_source source, struct exit_raw *out)
{
    *out = raw;
    out->source = source;
}

static void read_access(struct exit_raw *out)
{
    *out = raw;
    out->source = EXIT_SRC_SYNC;
    out->insn = (raw.insn & EXIT_INSN_RAW) != 0U ? 0U : raw.insn;
}

static void inject(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va)
{
    struct inject_result r;
    memset(&r, 0xa5, sizeof(r));
    inject_exception(regs, kind, va, &guest, &r);
    /* To the base of its vector, from the mode it was in, interrupts off; nothing else of its status moves (12.1.1). */
    FUZZ_EXPECT(r.vsepc == regs->pc && r.pc == (guest.vstvec & ~3ULL) && bits(r.pc, 1, 0) == 0U);
    FUZZ_EXPECT(bits(r.vsstatus, 8, 8) == bits(regs->pstate, 8, 8) && bits(r.vsstatus, 1, 1) == 0U);
    FUZZ_EXPECT(bits(r.vsstatus, 5, 5) == bits(guest.vsstatus, 1, 1));
    FUZZ_EXPECT(((r.vsstatus ^ guest.vsstatus) & ~0x122ULL) == 0U && r.pstate == (regs->pstate | 0x100U));
    FUZZ_EXPECT(r.vscause == (kind == INJECT_INSN_ABORT ? 1U : kind == INJECT_DATA_ABORT ? (guest.store ? 7U : 5U) : 2U));
    FUZZ_EXPECT(r.vstval == (r.vscause == 2U ? 0U : va));
    regs->pc = r.pc;
    regs->pstate = r.pstate;
    guest.vsstatus = r.vsstatus;
    injections++;
}

static uint32_t no_interrupt(void)
{
    return IRQC_NONE;
}

static void no_start(void)
{
}

static void no_events(bool received, bool room)
{
    (void)received;
    (void)room;
}

static void leave(void)
{
    longjmp(left, 1);
}

static void set_up(bool aia)
{
    rv_reset();
    rv.guest_files = aia ? 1U : 0U;
    rv_plan()->console_cpu = 7;
    rv_plan()->irqc_version = aia ? PLAN_IRQC_AIA : PLAN_IRQC_PLIC;
    rv_plan()->irqc_base[0] = aia ? APLIC : PLIC;
    rv_plan()->irqc_size[0] = aia ? 0x8000U : 0x600000U;
    rv_plan()->irqc_ids = 63;
    arch_ops.cpu.syndrome = syndrome;
    arch_ops.cpu.read_exit = read_exit;
    arch_ops.isa.read_access = read_access;
    arch_ops.cpu.inject = inject;
    arch_ops.cpu.leave_guest = leave;
    arch_ops.irqc.ack = no_interrupt;
    arch_ops.console.start = no_start;
    arch_ops.console.events = no_events;
    for (unsigned i = 0; i < 2U; i++) {
        struct vm *vm = rv_add_vm(2, 4U * i);
        struct plan_vm *p = (struct plan_vm *)vm->plan;
        rv_add_irq(vm, 33U + i);
        rv_add_irq(vm, 64U + i);
        p->vuart_ipa = UART;
        p->vuart_irq = UART_IRQ;
    }
    console_init(CONSOLE_OUT_BYTES);
    console_start(7);
    virqc_init_all(rv_plan());
    for (unsigned i = 0; i < 2U; i++) {
        memset(&vconsoles[i], 0, sizeof(vconsoles[i]));
        vuart_reset(&vconsoles[i].uart);
        console_attach(i, i == 0U ? "a" : "b");
        virqc_add_virtual(&vms[i], UART_IRQ);
        for (unsigned n = 0; n < 2U; n++) {
            enum vcpu_state was;
            struct vcpu *v = &vms[i].vcpus[n];
            rv.cpu = v->cpu;
            FUZZ_EXPECT(vcpu_start(v, 0x80000000, 0, &was) == HV_OK && vcpu_take_start(v));
            virqc_vcpu_start(v);
        }
    }
}

static uint64_t any_address(void)
{
    uint8_t k = bytes_u8(&in);
    uint64_t off = bytes_u64(&in, 3);
    return k < 0x60U ? rv_plan()->irqc_base[0] + off % 0x210000U : k < 0xc0U ? UART + off % 0x110U : bytes_u64(&in, 8);
}

/* A load or store, mostly: of 32 bits in htinst or as fetched, or whatever it is. */
static uint64_t any_insn(bool write)
{
    uint8_t k = bytes_u8(&in), reg = bytes_u8(&in) % 32U, f = bytes_u8(&in) % 8U;
    uint64_t insn = (write ? 0x23U : 0x03U) | (uint64_t)f << 12 | (uint64_t)reg << (write ? 20 : 7);
    if (k < 0x80U) {
        return (insn & (k < 0x40U ? ~0ULL : ~2ULL));
    }
    insn = k < 0xa0U ? insn : k < 0xc0U ? 0x2000U | (uint64_t)(f & 1U) << 12 | (uint64_t)(reg & 1U) << 5 : bytes_u64(&in, 4);
    return insn | (k % 2U == 0U ? EXIT_INSN_RAW : 0U);
}

static void any_trap(void)
{
    static const uint8_t often[] = { 21, 23, 21, 23, 21, 23, 10, 22, 20, 19, 2, 24 };
    uint8_t k = bytes_u8(&in);
    raw = (struct exit_raw){ .source = EXIT_SRC_SYNC };
    raw.esr = k < 0xf0U ? often[k % sizeof(often)] : k < 0xf8U ? 1ULL << 63 | (k & 7U) : bytes_u64(&in, 8);
    uint64_t address = any_address();
    raw.hpfar = address >> 2;
    raw.far = raw.esr == 22U ? bytes_u64(&in, 4) : (bytes_u64(&in, 8) & ~3ULL) | (address & 3U);
    raw.insn = raw.esr >= 20U && raw.esr <= 23U ? any_insn(raw.esr == 23U) : 0U;
}

/* Only what is meant for x[]: a load's register, a0 and a1 of a call. */
static void check_registers(const struct vcpu_regs *was, const struct vcpu_regs *is, const struct exit *e)
{
    for (unsigned i = 0; i < 32U; i++) {
        bool may = injections == 0U && ((e->kind == EXIT_MMIO && !e->u.mmio.write && e->u.mmio.reg == i) ||
                                        (e->kind == EXIT_HYPERCALL && (i == 10U || i == 11U)));
        FUZZ_EXPECT(may || was->x[i] == is->x[i]);
    }
}

static void trap(struct vcpu *v)
{
    static struct vm other;
    static struct vconsole console;
    struct exit e = decode();
    uint64_t sp = bytes_u64(&in, 2);
    for (unsigned i = 1; i < 32U; i++) {
        v->regs.x[i] = i >= 16U && e.kind == EXIT_HYPERCALL ? bytes_u8(&in) % 32U : bytes_u8(&in) * 0x0101010101010101ULL;
    }
    if (e.kind == EXIT_HYPERCALL && sp % 2U != 0U) {
        static const uint64_t ids[] = { 0x10, 0x54494d45, 0x735049, 0x52464e43, 0x48534d, 0x53525354, 0x4442434e, 0x0a42484b };
        v->regs.x[17] = ids[sp / 2U % 8U];
    }
    guest.vsstatus = v->regs.x[5];
    guest.vstvec = v->regs.x[6];
    guest.store = raw.esr == 23U;
    other = vms[1];
    console = vconsoles[1];
    rv.cpu = v->cpu;
    struct vcpu_regs was = v->regs;
    struct rv_machine machine = rv;
    injections = 0;
    if (hv_trap(&v->regs, EXIT_SRC_SYNC) == HV_SAVE_ALL) {
        FUZZ_EXPECT(memcmp(&v->regs, &was, sizeof(was)) == 0 && memcmp(&rv, &machine, sizeof(rv)) == 0);
        hv_trap_all(&v->regs);
    }
    FUZZ_EXPECT(injections <= 1U);
    if (injections == 1U) {
        FUZZ_EXPECT(e.kind != EXIT_IRQ && e.kind != EXIT_HYPERCALL && v->regs.pc == (guest.vstvec & ~3ULL));
    } else {
        FUZZ_EXPECT(v->regs.pc == was.pc || v->regs.pc == was.pc + e.insn_len);
        FUZZ_EXPECT(v->regs.pstate == was.pstate);
    }
    check_registers(&was, &v->regs, &e);
    FUZZ_EXPECT(memcmp(&other, &vms[1], sizeof(other)) == 0 && memcmp(&console, &vconsoles[1], sizeof(console)) == 0);
    for (unsigned cpu = 4; cpu < RV_CPUS; cpu++) {
        FUZZ_EXPECT(rv.hvip[cpu] == machine.hvip[cpu] && rv.guest_timer[cpu] == machine.guest_timer[cpu]);
        FUZZ_EXPECT(rv.file_resets[cpu] == machine.file_resets[cpu]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8U) {
        return -1;
    }
    in = (struct bytes){ data, size };
    set_up((bytes_u8(&in) & 1U) != 0U);
    if (setjmp(left) != 0) {
        return 0;
    }
    for (unsigned n = 0; n < MAX_TRAPS && in.left != 0U; n++) {
        any_trap();
        trap(&vms[0].vcpus[n % 2U]);
    }
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    uint64_t x = 1;
    for (unsigned i = 0; i < 24U; i++) {
        uint8_t seed[1600];
        for (unsigned k = 0; k < sizeof(seed); k++) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            seed[k] = (uint8_t)(x >> 56);
        }
        emit(seed, sizeof(seed) * (i + 1U) / 24U);
    }
}
