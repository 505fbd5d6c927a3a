/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "sbi_fixture.h"

#include "core/console.h"
#include "fw/fw.h"
#include "vdev/vconsole_state.h"
#include "vdev/vhart.h"
#include "vdev/virqc.h"

static struct {
    struct plan plan;
    struct plan_cpu cpus[RV_CPUS];
    struct plan_vm vms[2];
    struct plan_region regions[5];
} blob;

unsigned sbi_waits;
uint8_t sbi_memory[SBI_TOP - SBI_RAM];

static const uint32_t cpus[2][4] = {{6, 2, 5, 0}, {1, 7, 3, 4}};

static void count_wait(void)
{
    sbi_waits++;
}

static void no_start(void)
{
}

static void no_events(bool received, bool room)
{
    (void)received;
    (void)room;
}

static void make_plan(void)
{
    memset(&blob, 0, sizeof(blob));
    blob.plan.irqc_version = PLAN_IRQC_PLIC;
    blob.plan.nr_irqs = 32 + 96;
    blob.plan.cpus = (struct plan_table){offsetof(__typeof__(blob), cpus), RV_CPUS};
    blob.plan.vms = (struct plan_table){offsetof(__typeof__(blob), vms), 2};
    blob.plan.regions = (struct plan_table){offsetof(__typeof__(blob), regions), 5};
    blob.vms[0].nr_regions = 4;
    blob.vms[1].first_region = 4;
    blob.vms[1].nr_regions = 1;
    blob.regions[0] = (struct plan_region){
        .ipa = SBI_DEVICE, .size = SBI_PIECE, .kind = PLAN_REGION_DEVICE, .rights = S2_R | S2_W | S2_X};
    blob.regions[1] = (struct plan_region){.ipa = SBI_ROM, .size = SBI_PIECE, .rights = S2_R};
    blob.regions[2] = (struct plan_region){.ipa = SBI_DATA, .size = SBI_PIECE, .rights = S2_R | S2_W};
    blob.regions[3] = (struct plan_region){.ipa = SBI_RAM, .size = SBI_RAM_SIZE, .rights = S2_R | S2_W | S2_X};
    blob.regions[4] = (struct plan_region){.ipa = SBI_THEIRS, .size = SBI_PIECE, .rights = S2_R | S2_W | S2_X};
}

static void make_vm(uint32_t index, unsigned harts, bool console)
{
    struct vm *vm = &vms[index];
    blob.vms[index].nr_vcpus = harts;
    blob.vms[index].vuart_irq = console ? 32U + 10U : 0U;
    vm->plan = &blob.vms[index];
    vm->binary = &blob.plan;
    vm->name = index == 0U ? "a" : "b";
    vm->index = index;
    vm->nr_vcpus = harts;
    for (uint32_t i = 0; i < harts; i++) {
        vm->vcpus[i].vm = vm;
        vm->vcpus[i].index = i;
        vm->vcpus[i].cpu = cpus[index][i];
    }
    vm_first_state(vm);
    for (uint32_t i = 0; i < harts; i++) { /* nothing is left of an earlier test */
        rv.cpu = cpus[index][i];
        vhart_reset(&vm->vcpus[i]);
    }
    memset(&vconsoles[index], 0, sizeof(vconsoles[index]));
    if (console) {
        console_attach(index, vm->name);
    }
}

void sbi_reset(unsigned harts, unsigned others, bool console)
{
    rv_reset();
    arch_ops.cpu.wait = count_wait;
    arch_ops.console.start = no_start;
    arch_ops.console.events = no_events;
    sbi_waits = 0;
    for (size_t i = 0; i < sizeof(sbi_memory); i++) {
        sbi_memory[i] = (uint8_t)(i * 7U + i / 256U);
    }
    rv.memory = sbi_memory;
    rv.memory_ipa = SBI_RAM;
    rv.memory_size = sizeof(sbi_memory);
    console_init(CONSOLE_OUT_BYTES);
    console_start(7);
    make_plan();
    make_vm(0, harts, console);
    make_vm(1, others, console);
    nr_vms = 2;
    virqc_init_all(&blob.plan);
    for (unsigned i = 0; console && i < 2; i++) {
        virqc_add_virtual(&vms[i], vms[i].plan->vuart_irq);
    }
}

void sbi_start(struct vcpu *v)
{
    enum vcpu_state was;
    if (atomic32_load(&v->state) == VCPU_OFF) {
        assert_int_equal(vcpu_start(v, SBI_RAM, 0, &was), HV_OK);
    }
    rv.cpu = v->cpu;
    assert_true(vcpu_take_start(v));
    (void)vcpu_take_requests(v);
    vhart_reset(v);
    rv.ipis = 0;
}

bool sbi_leave(struct vcpu *v)
{
    if (!vcpu_must_leave(v)) {
        return false;
    }
    rv.cpu = v->cpu;
    vhart_reset(v);
    vcpu_left(v);
    return true;
}

static uint32_t cpus_of(const struct vm *vm, bool on)
{
    uint32_t set = 0;
    for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
        if (!on || atomic32_load(&vm->vcpus[i].state) == VCPU_ON) {
            set |= 1U << vm->vcpus[i].cpu;
        }
    }
    return set;
}

/* Nothing of any CPU but the caller's was written; IPIs and fences go to CPUs of the caller's VM alone. */
static void check_machine(const struct vcpu *v, const struct rv_machine *was, uint32_t on)
{
    for (unsigned i = 0; i < RV_CPUS; i++) {
        if (i != v->cpu) {
            assert_int_equal(rv.hvip[i], was->hvip[i]);
            assert_int_equal(rv.guest_timer[i], was->guest_timer[i]);
        }
        assert_int_equal(rv.alarm[i], was->alarm[i]);
        assert_int_equal(rv.file_resets[i], was->file_resets[i]);
        assert_int_equal(rv.vsie[i], was->vsie[i]);
    }
    assert_int_equal((rv.hvip[v->cpu] ^ was->hvip[v->cpu]) & ~(HVIP_VSSIP | HVIP_VSTIP), 0);
    uint32_t serving = v->vm->plan->vuart_irq != 0U ? 1U << 7 : 0U; /* is told of output */
    assert_int_equal(rv.ipis & ~was->ipis & ~(cpus_of(v->vm, false) | serving), 0);
    assert_in_range(rv.fence.calls - was->fence.calls, 0, 1);
    if (rv.fence.calls != was->fence.calls) {
        assert_int_not_equal(rv.fence.cpus, 0);
        assert_int_equal(rv.fence.cpus & ~on, 0);
    }
    size_t wired = offsetof(struct rv_machine, locks) - offsetof(struct rv_machine, enable);
    assert_memory_equal(rv.enable, was->enable, wired);
}

/* Only a console read writes memory, and only to where its caller could have. */
static void check_memory(const uint8_t *was, uint64_t extension)
{
    size_t from = extension == SBI_DBCN ? SBI_THEIRS - SBI_RAM : 0;
    assert_memory_equal(sbi_memory + from, was + from, sizeof(sbi_memory) - from);
}

struct sbi_answer sbi_call(struct vcpu *v, uint64_t extension, uint64_t fid, const uint64_t args[6])
{
    static uint8_t memory[sizeof(sbi_memory)];
    static struct vm theirs;
    static struct rv_machine machine;
    struct vm *other = v->vm == sbi_vm ? sbi_other : sbi_vm;
    struct console_port *port = &console_ports[other->index];
    uint32_t printed = atomic32_load(&port->out_put) + atomic32_load(&port->dropped);
    uint32_t read = atomic32_load(&port->in_taken);
    uint32_t on = cpus_of(v->vm, true);

    rv.cpu = v->cpu;
    for (unsigned i = 1; i < 32; i++) {
        v->regs.x[i] = 0x9e3779b97f4a7c15ULL * (i + 1U);
    }
    memcpy(&v->regs.x[SBI_A0], args, 6U * sizeof(uint64_t));
    v->regs.x[SBI_A6] = fid;
    v->regs.x[SBI_A7] = extension;
    struct vcpu_regs before = v->regs;
    memcpy(memory, sbi_memory, sizeof(memory));
    machine = rv;
    theirs = *other;

    enum exit_action action = fw_constant(v, 0) ? EXIT_ADVANCE_PC : fw_call(v, 0);

    struct sbi_answer a = {
        .back = action == EXIT_ADVANCE_PC, .error = (int64_t)v->regs.x[SBI_A0], .value = v->regs.x[SBI_A1]};
    if (a.back) {
        before.x[SBI_A0] = v->regs.x[SBI_A0];
        if (extension > SBI_LEGACY_LAST) {
            before.x[SBI_A1] = v->regs.x[SBI_A1];
            assert_in_range(-a.error, 0, 6);
            assert_true(a.error == 0 || a.value == 0);
        }
    } else {
        assert_int_equal(action, EXIT_RESUME);
    }
    assert_memory_equal(&before, &v->regs, sizeof(before));
    assert_memory_equal(&theirs, other, sizeof(theirs));
    assert_int_equal(atomic32_load(&port->out_put) + atomic32_load(&port->dropped), printed);
    assert_int_equal(atomic32_load(&port->in_taken), read);
    check_machine(v, &machine, on);
    check_memory(memory, v->vm == sbi_vm ? extension : 0);
    return a;
}
