/* SPDX-License-Identifier: Apache-2.0 */
#include "plic_world.h"

#include <string.h>

#include "core/lifecycle.h"
#include "vdev/vplic.h"

#define PLIC_IPA 0x0c000000ULL

static bool on[HV_MAX_VMS][RV_CPUS];

static void add(unsigned vm, unsigned vcpus, unsigned cpu, const struct world_source *sources, unsigned count)
{
    struct vm *added = rv_add_vm(vcpus, cpu);
    for (unsigned n = 0; n < vcpus; n++) {
        hw.vm_of_cpu[cpu + n] = (int)vm;
    }
    for (unsigned i = 0; i < count; i++) {
        if (sources[i].vm == vm && !sources[i].virt) {
            rv_add_irq(added, RISCV_WIRED + sources[i].source);
            hw.owner[sources[i].source] = (int)vm;
        }
    }
}

void world_reset(unsigned vcpus0, unsigned vcpus1, const struct world_source *sources, unsigned count)
{
    rv_reset();
    hw_reset();
    memset(on, 0, sizeof(on));
    for (unsigned s = 1; s < HW_SOURCES; s++) {
        hw.owner[s] = HW_VIRTUAL; /* but those of the plan */
    }
    add(0, vcpus0, 0, sources, count);
    add(1, vcpus1, 4, sources, count);
    vplic_init_all(rv_plan());
    for (unsigned i = 0; i < count; i++) {
        if (sources[i].virt) {
            vplic_add_virtual(&vms[sources[i].vm], RISCV_WIRED + sources[i].source);
        }
    }
}

bool world_on(const struct vcpu *v)
{
    return on[v->vm->index][v->index];
}

bool world_at_once;

void world_start(struct vcpu *v)
{
    rv.cpu = v->cpu;
    (void)vcpu_take_requests(v);
    vplic_vcpu_start(v);
    on[v->vm->index][v->index] = true;
}

void world_stop(struct vcpu *v)
{
    rv.cpu = v->cpu;
    vplic_vcpu_stop(v);
    on[v->vm->index][v->index] = false;
}

static void access_as(struct vcpu *v, uint32_t offset, unsigned size, bool write, uint64_t *val)
{
    struct exit_mmio a = {.ipa = PLIC_IPA + offset, .size = (uint8_t)size, .write = write};
    uint32_t word = 0;
    bool abort = true;
    rv.cpu = v->cpu;
    if (world_at_once && size == 4U && offset % 4U == 0U) { /* as hv_trap() does */
        if (write && vplic_complete_armed(v, a.ipa, (uint32_t)*val)) {
            return;
        }
        if (!write && vplic_claim_armed(v, a.ipa, &word)) {
            *val = word;
            return;
        }
    }
    if (!vplic_mmio(v, &a, val, &abort) || abort) {
        hw_wrong("offset 0x%x is not the PLIC's, or aborts", offset);
    }
}

uint32_t world_read_as(struct vcpu *v, uint32_t offset, unsigned size)
{
    uint64_t val = 0x5a5a5a5a5a5a5a5aULL;
    access_as(v, offset, size, false, &val);
    if (val > UINT32_MAX) {
        hw_wrong("offset 0x%x reads more than 32 bits", offset);
    }
    return (uint32_t)val;
}

void world_write_as(struct vcpu *v, uint32_t offset, unsigned size, uint32_t val)
{
    uint64_t v64 = 0xdeadbeef00000000ULL | val; /* a register is wider than the access */
    access_as(v, offset, size, true, &v64);
}

uint32_t world_read(struct vcpu *v, uint32_t offset)
{
    return world_read_as(v, offset, 4);
}

void world_write(struct vcpu *v, uint32_t offset, uint32_t val)
{
    world_write_as(v, offset, 4, val);
}

bool world_line(const struct vcpu *v)
{
    return (rv.hvip[v->cpu] & HVIP_VSEIP) != 0U;
}

static struct vcpu *vcpu_at(unsigned cpu)
{
    struct vm *vm = &vms[cpu < 4U ? 0 : 1];
    return cpu % 4U < vm->nr_vcpus ? &vm->vcpus[cpu % 4U] : NULL;
}

bool world_look(unsigned cpu)
{
    struct vcpu *v = vcpu_at(cpu);
    if (v == NULL) {
        return false;
    }
    rv.cpu = cpu;
    uint32_t intid = arch_ops.irqc.ack();
    if (intid != IRQC_NONE) {
        hw.transit[intid - RISCV_WIRED] = false;
        if (!world_at_once || !world_on(v) || !vplic_take_armed(v, intid)) { /* as hv_irq() does */
            vplic_take(v, intid, world_on(v));
        }
        return true;
    }
    if ((rv.ipis & (1U << cpu)) == 0U) {
        return false;
    }
    rv.ipis &= ~(1U << cpu);
    if ((vcpu_take_requests(v) & VCPU_REQ_VIRQ) != 0U) {
        vplic_serve(v, world_on(v));
    }
    return true;
}

void world_settle(void)
{
    bool again = true;
    for (unsigned turns = 0; again; turns++) {
        if (turns > 4U * HW_SOURCES) {
            hw_wrong("interrupts do not cease");
        }
        again = false;
        for (unsigned cpu = 0; cpu < RV_CPUS; cpu++) {
            again = world_look(cpu) || again;
        }
    }
}
