/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two VMs on a shared console: accesses of any width at any place of their emulated UARTs, keys, drains, and ends of VMs.
 * After each step each UART's registers, receive FIFO, output and interrupt line are as the reference model has them
 * (tests/unit/vuart_model.h), the virtual interrupt's line follows, and nothing of the other VM has changed. At the end
 * each line has a name, and of every second input the merged output holds what both printed.
 */
#include "fuzz.h"

#include <string.h>

#include "core/console.h"
#include "hv/arch_ops.h"
#include "merged.h"
#include "vdev/vconsole.h"
#include "vdev/vconsole_state.h"
#include "vdev/vgic_state.h"
#include "vgic_fixture.h"
#include "vuart_model.h"

#define VMS    2U
#define UART   0x09000000ULL
#define LCR_H  0x2c
#define CR     0x30
#define SERVER 3U

static const char *const names[VMS + 1U] = { "one", "two", "hv" };
static const uint32_t irqs[VMS] = { 131, 33 }; /* 33 is a physical one of the other VM */

/* What each VM's side of the console has to be. */
static struct side {
    struct vuart_model uart;
    uint8_t keys[CONSOLE_IN_BYTES]; /* typed, and not yet in the UART */
    unsigned nr_keys;
    uint32_t printed;
} sides[VMS];

static struct bytes in;
static struct plan plan;
static struct plan_vm plan_vms[VMS];
static bool readable; /* what VMs print is shown as it is, and looked for at the end */
static bool escaped;
static unsigned focus;

static void reset_model(struct vuart_model *m)
{
    vuart_model_reset(m);
    vuart_model_write(m, LCR_H, 4, 0x70);
    vuart_model_write(m, CR, 4, 0x301);
}

static void set_up(void)
{
    fx_setup(4, 1);
    memset(&plan, 0, sizeof(plan));
    plan.console_irq = 100; /* nobody's */
    plan.console_cpu = SERVER;
    plan.htimer_irq = 26;
    for (unsigned i = 0; i < VMS; i++) {
        plan_vms[i] = *vms[i].plan;
        strcpy(plan_vms[i].name, names[i]);
        plan_vms[i].vuart_ipa = UART;
        plan_vms[i].vuart_irq = irqs[i];
        vms[i].plan = &plan_vms[i];
        vms[i].name = plan_vms[i].name;
        sides[i].nr_keys = 0;
        sides[i].printed = 0;
        reset_model(&sides[i].uart);
    }
    escaped = false;
    focus = 0;
    fx_start_all();
    vconsole_init_all(&plan);
    console_start(SERVER);
}

/* ---- The model's side of each step ---- */

/* As settle() in vconsole.c: the receiver takes what there is room for. */
static void model_take_keys(struct side *s)
{
    while (s->nr_keys != 0U && vuart_model_room(&s->uart) > 0) {
        vuart_model_arrive(&s->uart, s->keys[0]);
        s->nr_keys--;
        memmove(s->keys, s->keys + 1, s->nr_keys);
    }
}

static void model_key(uint8_t c)
{
    bool command = escaped && c != CONSOLE_ESCAPE;
    escaped = !escaped && c == CONSOLE_ESCAPE;
    if (command) {
        focus = c == '1' || c == '2' ? c - (unsigned)'1' : c == 'n' ? 1U - focus : focus;
    } else if (!escaped && sides[focus].nr_keys < CONSOLE_IN_BYTES) {
        sides[focus].keys[sides[focus].nr_keys++] = c;
    }
}

/* The VM's ring ends with these. */
static void expect_printed(unsigned vm, const uint8_t *s, unsigned n)
{
    const struct console_port *p = &console_ports[vm];
    FUZZ_EXPECT(atomic32_load(&p->out_put) == sides[vm].printed + n);
    for (unsigned i = 0; i < n; i++) {
        FUZZ_EXPECT((uint8_t)p->out[(sides[vm].printed + i) % CONSOLE_OUT_BYTES] == s[i]);
    }
    sides[vm].printed += n;
}

static void expect_as_model(unsigned vm)
{
    const struct vuart *u = &vconsoles[vm].uart;
    struct vuart_model *m = &sides[vm].uart;
    const struct vgic_word *w = &vgics[vm].spi[irqs[vm] / 32U];
    bool line = vuart_model_interrupt(m);
    FUZZ_EXPECT(u->rx.count <= VUART_FIFO && u->pl011.tx.count <= VUART_FIFO && u->nr_out <= VUART_FIFO);
    FUZZ_EXPECT(u->rx.first < VUART_FIFO && u->pl011.tx.first < VUART_FIFO);
    FUZZ_EXPECT((int)u->rx.count == m->rxn && (int)u->pl011.tx.count == m->txn);
    for (unsigned i = 0; i < u->rx.count; i++) {
        FUZZ_EXPECT(u->rx.data[(u->rx.first + i) % VUART_FIFO] == m->rxq[i]);
    }
    FUZZ_EXPECT(u->pl011.ris == vuart_model_read(m, 0x3c, 4) && u->pl011.imsc == vuart_model_read(m, 0x38, 4));
    FUZZ_EXPECT(vconsoles[vm].line == line && ((w->line & vgic_bit(irqs[vm])) != 0U) == line);
    FUZZ_EXPECT(atomic32_load(&console_ports[vm].in_put) - atomic32_load(&console_ports[vm].in_taken) == sides[vm].nr_keys);
    FUZZ_EXPECT(atomic32_load(&console_ports[vm].out_put) == sides[vm].printed);
    FUZZ_EXPECT(console_focus() == focus);
}

/* ---- Steps ---- */

/* Text that goes through the console's filter (core/console_filter.h) as it is, ends of lines among it. */
static uint8_t show(uint64_t c)
{
    uint8_t n = (uint8_t)((c & 0xffU) % 97U);
    return n == 95U ? '\n' : n == 96U ? '\r' : (uint8_t)(' ' + n);
}

static void step_access(unsigned vm)
{
    static const uint16_t regs[] = { 0x00, 0x00, 0x00, 0x04, 0x18, 0x20, 0x24, 0x28,
                                     0x2c, 0x30, 0x34, 0x38, 0x3c, 0x40, 0x44, 0xfe0 };
    static const uint16_t usual[] = { 0x301, 0x381, 0x300, 0x70, 0x60, 0x7ff, 0x50, 0x20 };
    struct side *s = &sides[vm];
    uint8_t how = bytes_u8(&in), what = bytes_u8(&in);
    uint32_t off = (how & 0x40U) != 0U ? (uint32_t)bytes_u64(&in, 2) % 0x1010U : regs[what % 16U];
    struct exit_mmio a = { .ipa = UART + off, .size = (uint8_t)(1U << (how & 3U)), .write = (how & 4U) != 0U, .reg64 = true };
    uint64_t val = (how & 0x38U) == 0U ? bytes_u64(&in, 8) : (how & 0x20U) != 0U ? usual[what / 16U % 8U] : what;
    struct vcpu *v = fx_vcpu(vm, vm == 0U ? (how >> 7) : 0U);
    if (readable && a.write && off < 4U) {
        val = (val & ~(uint64_t)0xff) | show(val);
    }
    uint64_t given = val;
    fx_as(v);
    FUZZ_EXPECT(vconsole_mmio(v, &a, &val) == (off < VUART_SIZE));
    if (off >= VUART_SIZE) {
        return;
    }
    if (a.write) {
        vuart_model_write(&s->uart, off, a.size, given);
    } else {
        FUZZ_EXPECT(val == vuart_model_read(&s->uart, off, a.size));
    }
    expect_printed(vm, s->uart.sent, (unsigned)s->uart.nsent);
    model_take_keys(s);
}

static void step_key(void)
{
    static const uint8_t some[] = { CONSOLE_ESCAPE, CONSOLE_ESCAPE, '1', '2', 'n', 'l', '?', '\r' };
    uint8_t c = bytes_u8(&in);
    c = c < 0xc0U ? c : some[c % 8U];
    fx_as(fx_vcpu(1, 0)); /* the serving CPU is that VM's */
    (void)console_input(c);
    model_key(c);
}

static void step_take_keys(unsigned vm)
{
    fx_as(fx_vcpu(vm, 0));
    vconsole_take_keys(fx_vcpu(vm, 0));
    model_take_keys(&sides[vm]);
}

static void step_serve(void)
{
    fx_as(fx_vcpu(1, 0));
    (void)console_serve((bytes_u8(&in) & 1U) != 0U);
}

/* Its line has been lowered, as virqc_vm_stop does. */
static void step_stop(unsigned vm)
{
    const struct console_port *p = &console_ports[vm];
    uint32_t at = sides[vm].printed;
    bool open = at != 0U && p->out[(at - 1U) % CONSOLE_OUT_BYTES] != '\n';
    fx_as(fx_vcpu(vm, 0));
    virqc_set_line(&vms[vm], irqs[vm], false);
    vconsole_vm_stop(&vms[vm]);
    reset_model(&sides[vm].uart);
    sides[vm].nr_keys = 0;
    expect_printed(vm, (const uint8_t *)"\n", open ? 1U : 0U);
}

static void step(void)
{
    static struct vconsole other;
    uint8_t k = bytes_u8(&in);
    unsigned vm = k >> 7;
    other = vconsoles[1U - vm];
    switch (k & 15U) {
    case 0:
        step_serve();
        break;
    case 1:
    case 2:
        step_take_keys(vm);
        break;
    case 3:
    case 4:
    case 5:
        step_key();
        break;
    case 6:
        if ((k & 0x70U) == 0U) {
            step_stop(vm);
        }
        break;
    default:
        step_access(vm);
        break;
    }
    FUZZ_EXPECT(memcmp(&other, &vconsoles[1U - vm], sizeof(other)) == 0);
    expect_as_model(0);
    expect_as_model(1);
}

static void expect_text(void)
{
    uint64_t until;
    for (unsigned vm = 0; vm < VMS; vm++) {
        step_stop(vm);
    }
    fx_as(fx_vcpu(1, 0));
    while (console_drain(sim_now(), 0, &until) != CONSOLE_IDLE) {
    }
    for (unsigned vm = 0; vm < VMS; vm++) {
        const char *const order[] = { names[vm], names[1U - vm], names[2] };
        if (sides[vm].printed < CONSOLE_OUT_BYTES) {
            merged_expect(order, VMS + 1U, readable ? console_ports[vm].out : NULL, sides[vm].printed, false);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4U) {
        return -1; /* no step: not kept */
    }
    in = (struct bytes){ data, size };
    readable = (bytes_u8(&in) & 1U) != 0U;
    set_up();
    while (in.left != 0U) {
        step();
    }
    expect_text();
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    uint64_t x = 1;
    for (unsigned i = 0; i < 16U; i++) {
        uint8_t seed[600];
        for (unsigned k = 0; k < sizeof(seed); k++) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            seed[k] = (uint8_t)(x >> 56);
        }
        emit(seed, sizeof(seed));
    }
}
