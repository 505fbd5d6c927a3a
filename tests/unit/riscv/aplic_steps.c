/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random accesses by the vCPUs of two VMs to their virtual APLICs, and random levels on the wires, against one
 * reference model for each VM (aplic_model.h); the ops lead to a third instance, the machine's APLIC. After every
 * step: both VMs read what their models read; as many MSIs with each identity have come to each CPU's file as the
 * models have sent; and a source is enabled at the machine's APLIC exactly if the guest wants it. In every op: it
 * concerns sources of the VM that acts, its CPUs, and identities that a file has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "aplic_model.h"
#include "ops_fixture.h"
#include "steps.h"
#include "vdev/vaplic.h"

#define VMS       2U
#define IDS       63U
#define BASE      0x0d000000U
#define SIZE      0x8000U
#define PLANNED   127U /* wires 1 .. PLANNED, and LAST */
#define LAST      1023U
#define NOBODY    (-1)
#define ANYBODY   (-2) /* of the VMs */

static struct aplic_model seen[VMS]; /* what each VM must see */
static struct aplic_model machine;
static int owner[MODEL_SOURCES];     /* of the machine's sources: VM or NOBODY */
static bool virtual[VMS][MODEL_SOURCES];
static unsigned first_cpu[VMS];
static uint32_t want[RV_CPUS][2048];
static uint32_t got[RV_CPUS][2048];
static int acting;                   /* VM for which the hypervisor works */

#define REQUIRE(cond)                                                                                            \
    do {                                                                                                         \
        if (!(cond)) {                                                                                           \
            print_error("%s: %s\n", steps_where, #cond);                                                    \
            fail();                                                                                              \
        }                                                                                                        \
    } while (0)

static uint32_t draw(uint32_t n)
{
    return steps_draw(n);
}

/* The guest's file is a vCPU's, and has the identity. */
static bool names_a_file(const struct aplic_model *m, uint32_t target)
{
    uint32_t id = target & 0x7ffU;
    return target >> 18 < vms[m->user].nr_vcpus && id >= 1U && id <= IDS;
}

static void model_sends(struct aplic_model *m, unsigned source, uint32_t target)
{
    (void)source;
    want[first_cpu[m->user] + (target >> 18)][target & 0x7ffU]++;
}

static bool anywhere(const struct aplic_model *m, uint32_t target)
{
    (void)m;
    (void)target;
    return true;
}

/* Wherever it goes, it goes to a guest file of the VM that has the source. */
static void machine_sends(struct aplic_model *m, unsigned source, uint32_t target)
{
    uint32_t cpu = target >> 18;
    (void)m;
    REQUIRE(owner[source] != NOBODY);
    REQUIRE((target & 0x3f000U) == 0x1000U);
    REQUIRE(cpu >= first_cpu[owner[source]] && cpu - first_cpu[owner[source]] < vms[owner[source]].nr_vcpus);
    got[cpu][target & 0x7ffU]++;
}

static void check_file(unsigned cpu, uint32_t identity)
{
    REQUIRE(acting >= 0);
    REQUIRE(cpu >= first_cpu[acting] && cpu - first_cpu[acting] < vms[acting].nr_vcpus);
    REQUIRE(identity >= 1U && identity <= IDS);
}

static void check_intid(uint32_t intid)
{
    REQUIRE(intid > RISCV_WIRED && intid - RISCV_WIRED < MODEL_SOURCES);
    REQUIRE(acting == ANYBODY ? owner[intid - RISCV_WIRED] != NOBODY : owner[intid - RISCV_WIRED] == acting);
}

static void change(unsigned base, unsigned word, uint32_t mask)
{
    REQUIRE(word >= 1U && word <= 32U);
    for (unsigned b = 0; b < 32; b++) {
        if ((mask >> b & 1U) != 0) {
            check_intid(32U * word + b);
        }
    }
    aplic_model_write(&machine, base + 4U * (word - 1U), 4, mask);
}

static void op_set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    REQUIRE(what != IRQC_ACTIVE);
    change(what == IRQC_ENABLE ? 0x1e00 : 0x1c00, word, mask);
}

static void op_clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    REQUIRE(what != IRQC_ACTIVE);
    change(what == IRQC_ENABLE ? 0x1f00 : 0x1d00, word, mask);
}

static uint32_t op_get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    (void)cpu;
    REQUIRE(what != IRQC_ACTIVE && word >= 1U && word <= 32U);
    return aplic_model_read(&machine, (what == IRQC_ENABLE ? 0x1e00U : 0x1c00U) + 4U * (word - 1U), 4);
}

static uint32_t op_inputs(unsigned word)
{
    REQUIRE(word >= 1U && word <= 32U);
    return aplic_model_read(&machine, 0x1d00U + 4U * (word - 1U), 4);
}

static void op_mode(uint32_t intid, enum aplic_mode mode)
{
    check_intid(intid);
    REQUIRE(mode <= 7 && mode != 2 && mode != 3);
    aplic_model_write(&machine, 4U * (intid - RISCV_WIRED), 4, mode);
}

static void op_target(uint32_t intid, unsigned cpu, uint32_t identity)
{
    check_intid(intid);
    check_file(cpu, identity);
    aplic_model_write(&machine, 0x3000U + 4U * (intid - RISCV_WIRED), 4, cpu << 18 | 1U << 12 | identity);
}

static void op_msi(unsigned cpu, uint32_t identity)
{
    check_file(cpu, identity);
    got[cpu][identity]++;
}

static void op_deactivate(uint32_t intid)
{
    check_intid(intid);
    aplic_model_write(&machine, 0x1cdc, 4, intid - RISCV_WIRED);
}

/* ---- the machine and its VMs, by seed ---- */

static bool wired(unsigned i)
{
    return (i >= 1U && i <= PLANNED) || i == LAST;
}

/* What firmware may have left: modes, and pending bits, but nothing enabled. */
static void build_machine(void)
{
    memset(&machine, 0, sizeof(machine));
    machine.ie = true;
    machine.guest_field = 0x3f000;
    machine.reaches = anywhere;
    machine.msi = machine_sends;
    for (unsigned i = 0; i < MODEL_SOURCES; i++) {
        owner[i] = NOBODY;
        machine.s[i].exists = wired(i);
        machine.s[i].wire = wired(i) && draw(2) != 0;
        machine.s[i].mode = wired(i) ? (unsigned[]){0, 4, 6, 7}[draw(4)] : 0;
        machine.s[i].pending = machine.s[i].mode != 0 && draw(2) != 0;
    }
}

static void build_vm(unsigned n, unsigned nr_vcpus, unsigned cpu)
{
    struct vm *vm = rv_add_vm(nr_vcpus, cpu);
    memset(&seen[n], 0, sizeof(seen[n]));
    seen[n].reaches = names_a_file;
    seen[n].msi = model_sends;
    seen[n].user = n;
    first_cpu[n] = cpu;
    for (unsigned i = 1, left = 10; i < MODEL_SOURCES && left != 0; i++) {
        if (wired(i) && owner[i] == NOBODY && draw(i == LAST ? 2 : 12) == 0) {
            owner[i] = (int)n;
            seen[n].s[i].exists = true;
            seen[n].s[i].wire = machine.s[i].wire;
            rv_add_irq(vm, RISCV_WIRED + i);
            left--;
        }
    }
}

/* Up to three sources of each VM are virtual; the other may have the physical ones. */
static void add_virtual(unsigned n)
{
    for (unsigned k = 0; k < 3; k++) {
        unsigned i = 1U + draw(PLANNED);
        if (owner[i] != (int)n) {
            virtual[n][i] = true;
            seen[n].s[i].exists = true;
            vaplic_add_virtual(&vms[n], RISCV_WIRED + i);
        }
    }
}

static void build(void)
{
    rv_reset();
    rv_plan()->irqc_version = PLAN_IRQC_AIA;
    rv_plan()->irqc_base[0] = BASE;
    rv_plan()->irqc_size[0] = SIZE;
    rv_plan()->irqc_ids = IDS;
    rv_plan()->nr_irqs = RISCV_WIRED + MODEL_SOURCES;
    arch_ops.irqc.set = op_set;
    arch_ops.irqc.clear = op_clear;
    arch_ops.irqc.get = op_get;
    arch_ops.irqc.deactivate = op_deactivate;
    arch_ops.virq.source_mode = op_mode;
    arch_ops.virq.target = op_target;
    arch_ops.virq.send_msi = op_msi;
    arch_ops.virq.inputs = op_inputs;
    memset(virtual, 0, sizeof(virtual));
    memset(want, 0, sizeof(want));
    memset(got, 0, sizeof(got));
    build_machine();
    unsigned of_first = 1U + draw(4);
    build_vm(0, of_first, draw(2));
    build_vm(1, 1U + draw(RV_CPUS - first_cpu[0] - of_first > 4 ? 4 : RV_CPUS - first_cpu[0] - of_first),
             first_cpu[0] + of_first);
}

static void start(void)
{
    acting = ANYBODY;
    vaplic_init_all(rv_plan());
    acting = NOBODY;
    add_virtual(0);
    add_virtual(1);
}

/* ---- steps ---- */

static uint32_t access(unsigned n, uint64_t offset, unsigned size, bool write, uint64_t val)
{
    struct vcpu *v = &vms[n].vcpus[draw(vms[n].nr_vcpus)];
    struct exit_mmio a = {.ipa = BASE + offset, .size = (uint8_t)size, .write = write};
    bool abort = true;
    acting = (int)n;
    rv.cpu = v->cpu;
    bool mine = vaplic_mmio(v, &a, &val, &abort);
    acting = NOBODY;
    REQUIRE(mine == (offset < SIZE));
    REQUIRE(!abort);
    return (uint32_t)val;
}

/* One that the VM has, more often than not. */
static uint32_t any_source(unsigned n)
{
    uint32_t i = draw(3) == 0 ? draw(MODEL_SOURCES) : draw(PLANNED + 1U);
    for (unsigned turns = 0; turns < 40 && !seen[n].s[i].exists && draw(8) != 0; turns++) {
        i = draw(40) == 0 ? LAST : draw(PLANNED + 1U);
    }
    return i;
}

static uint64_t any_offset(unsigned n)
{
    static const uint16_t single[] = {0x0000, 0x1cdc, 0x1ddc, 0x1edc, 0x1fdc, 0x2000, 0x2000, 0x2004, 0x3000,
                                      0x1bc0, 0x1bc4, 0x1bc8, 0x1bcc, 0x4000, 0x401c};
    switch (draw(10)) {
    case 0:
    case 1:
        return 4U * any_source(n);
    case 2:
    case 3:
        return 0x3000U + 4U * any_source(n);
    case 4:
    case 5:
        return 0x1c00U + 0x100U * draw(4) + 4U * (any_source(n) / 32U);
    case 6:
        return draw(4) == 0 ? draw(0) : draw(SIZE);
    default:
        return single[draw(sizeof(single) / sizeof(single[0]))];
    }
}

static uint64_t any_value(unsigned n, uint64_t offset)
{
    uint32_t rubbish = draw(4) == 0 ? draw(0) : 0;
    if (draw(12) == 0) {
        return (uint64_t)draw(0) << 32 | draw(0);
    }
    if (offset == 0) {
        return (rubbish & ~0x100U) | (draw(8) != 0 ? 0x100U : 0);
    }
    if (offset < 0x1000) {
        return draw(8) == 0 ? draw(0) : 4U + draw(4);
    }
    if (offset > 0x3000 && offset < 0x4000) {
        uint32_t id = draw(6) == 0 ? draw(2048) : draw(10) == 0 ? IDS + draw(2) : 1U + draw(IDS);
        return draw(vms[n].nr_vcpus + (draw(6) == 0 ? 2U : 0U)) << 18 | (rubbish & 0x3f800U) | id;
    }
    if (offset == 0x1cdc || offset == 0x1ddc || offset == 0x1edc || offset == 0x1fdc || offset == 0x2000) {
        return any_source(n) | (draw(16) == 0 ? 1U << (10U + draw(22)) : 0U);
    }
    return draw(3) == 0 ? 0xffffffffU : draw(0) | (offset >= 0x1f00 ? 0 : draw(0));
}

static void write(unsigned n, uint64_t offset, unsigned size, uint64_t val)
{
    (void)access(n, offset, size, true, val);
    if (offset < SIZE) {
        aplic_model_write(&seen[n], offset, size, (uint32_t)val);
    }
}

/* As a driver does it. */
static void step_bring_up(void)
{
    unsigned n = draw(VMS);
    uint32_t i = any_source(n);
    write(n, 0, 4, 0x104);
    if (i != 0) {
        write(n, 4U * i, 4, 4U + draw(4));
        write(n, 0x3000U + 4U * i, 4, any_value(n, 0x3004));
        write(n, draw(2) != 0 ? 0x2000 : 0x1cdc, 4, i);
        write(n, 0x1edc, 4, i);
    }
}

static void step_access(void)
{
    unsigned n = draw(VMS);
    unsigned size = draw(10) == 0 ? 1U << draw(4) : 4U;
    uint64_t offset = any_offset(n) + (draw(20) == 0 ? draw(4) : 0U);
    if (draw(4) != 0) {
        write(n, offset, size, any_value(n, offset));
    } else if (offset < SIZE) {
        REQUIRE(access(n, offset, size, false, draw(0)) == aplic_model_read(&seen[n], offset, size));
    } else {
        (void)access(n, offset, size, false, draw(0));
    }
}

static void step_wire(void)
{
    unsigned i = draw(30) == 0 ? LAST : 1U + draw(PLANNED);
    bool high = draw(2) != 0;
    for (unsigned turns = 0; turns < 40 && owner[i] == NOBODY && draw(8) != 0; turns++) {
        i = 1U + draw(PLANNED);
    }
    aplic_model_wire(&machine, i, high);
    if (owner[i] != NOBODY) {
        aplic_model_wire(&seen[owner[i]], i, high);
    }
}

/* A virtual source of the VM's, or any number: then one of the machine's, or none. */
static void step_line(void)
{
    unsigned n = draw(VMS);
    uint32_t intid = draw(4) == 0 ? draw(0) : draw(2 * MODEL_SOURCES);
    bool high = draw(2) != 0;
    for (unsigned i = 1U + draw(PLANNED), turns = 0; turns < PLANNED; turns++, i = i % PLANNED + 1U) {
        if (virtual[n][i] && draw(8) != 0) {
            intid = RISCV_WIRED + i;
            break;
        }
    }
    rv.cpu = draw(RV_CPUS);
    acting = (int)n;
    vaplic_set_line(&vms[n], intid, high);
    acting = NOBODY;
    if (intid >= RISCV_WIRED && intid - RISCV_WIRED < MODEL_SOURCES && virtual[n][intid - RISCV_WIRED]) {
        aplic_model_wire(&seen[n], intid - RISCV_WIRED, high);
    }
}

static void step_other(void)
{
    unsigned n = draw(VMS);
    struct vcpu *v = &vms[n].vcpus[draw(vms[n].nr_vcpus)];
    unsigned resets = rv.file_resets[v->cpu];
    rv.cpu = v->cpu;
    acting = (int)n;
    switch (draw(10)) {
    case 0:
        vaplic_vm_stop(&vms[n]);
        aplic_model_reset(&seen[n]);
        for (unsigned i = 0; i < MODEL_SOURCES; i++) {
            seen[n].s[i].wire = seen[n].s[i].wire && !virtual[n][i];
            REQUIRE(owner[i] != (int)n || (machine.s[i].mode == 0 && !machine.s[i].pending));
        }
        break;
    case 1:
        vaplic_vcpu_start(v);
        REQUIRE(rv.file_resets[v->cpu] == resets + 1U);
        break;
    case 2:
        vaplic_vcpu_stop(v);
        REQUIRE(rv.file_resets[v->cpu] == resets + 1U);
        break;
    case 3:
        vaplic_serve(v, draw(2) != 0);
        break;
    default:
        acting = NOBODY;
        vaplic_take(v, RISCV_WIRED + (draw(20) == 0 ? LAST : 1U + draw(PLANNED)), draw(2) != 0);
        break;
    }
    acting = NOBODY;
}

/* ---- what must hold after each ---- */

static void check_words(unsigned n)
{
    static const unsigned words[] = {0, 1, 2, 3, 31};
    for (unsigned k = 0; k < 5; k++) {
        for (unsigned base = 0x1c00; base <= 0x1f00; base += 0x100) {
            uint64_t offset = base + 4U * words[k];
            REQUIRE(access(n, offset, 4, false, 0) == aplic_model_read(&seen[n], offset, 4));
        }
    }
}

static void check(void)
{
    for (unsigned i = 1; i < MODEL_SOURCES; i++) {
        const struct model_source *p = &machine.s[i];
        if (owner[i] == NOBODY) {
            REQUIRE(!p->enabled);
            continue;
        }
        const struct aplic_model *m = &seen[owner[i]];
        REQUIRE(p->mode == m->s[i].mode);
        REQUIRE(p->enabled == (m->ie && m->s[i].enabled && names_a_file(m, m->s[i].target)));
    }
    REQUIRE(memcmp(want, got, sizeof(want)) == 0);
    check_words(0);
    check_words(1);
}

void aplic_steps_begin(void)
{
    build();
    start();
    check();
}

void aplic_step(void)
{
    uint32_t what = draw(100);
    if (what < 60) {
        step_access();
    } else if (what < 70) {
        step_bring_up();
    } else if (what < 88) {
        step_wire();
    } else if (what < 98) {
        step_line();
    } else {
        step_other();
    }
    check();
}

uint64_t aplic_steps_sent(void)
{
    uint64_t sent = 0;
    for (unsigned c = 0; c < RV_CPUS; c++) {
        for (unsigned id = 0; id < 2048; id++) {
            sent += got[c][id];
        }
    }
    return sent;
}
