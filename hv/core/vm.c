/* SPDX-License-Identifier: Apache-2.0 */
#include "core/vm.h"

#include "core/own.h"
#include "core/s2_colour.h"
#include "hv/arch_ops.h"
#include "lib/string.h"

struct vm *vms;
uint32_t nr_vms;

_Static_assert(sizeof(struct vm) <= OWN_VM_BYTES_VM, "plan_own_bytes() counts with it");

static struct vcpu *on_cpu[HV_MAX_CPUS];

struct vcpu *vcpu_of_cpu(unsigned cpu)
{
    return cpu < HV_MAX_CPUS ? on_cpu[cpu] : NULL;
}

static enum hv_status map_region(const struct plan *plan, struct s2 *s2, const struct plan_region *r)
{
    if (r->colours != 0U) {
        struct extent e = extent_of_region(plan, r);

        return s2_map_coloured(s2, IPA(r->ipa), &e, r->rights);
    }
    enum s2_mem mem = plan_region_is_memory(r) ? S2_MEM_NORMAL : S2_MEM_DEVICE;
    return s2_map(s2, IPA(r->ipa), PA(r->pa), r->size, mem, r->rights);
}

void vm_first_state(struct vm *vm)
{
    vm->end = VM_END_NONE;
    vm->online = 0;
    vm->inside = 0;
    for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
        struct vcpu *v = &vm->vcpus[i];
        v->regs = (struct vcpu_regs){0};
        v->start_pc = 0;
        v->start_arg = 0;
        mem_zero(v->exits, sizeof(v->exits));
        v->isa = (struct vcpu_isa){0};
        mem_zero(&v->fault, sizeof(v->fault));
        atomic32_store(&v->state, VCPU_OFF);
        (void)atomic32_xchg(&v->request, 0); /* keys may be announced in this moment (vconsole.c) */
    }
    atomic32_store(&vm->state, VM_BUILT);
}

static enum hv_status build(const struct plan *plan, struct pages *pool, uint32_t index)
{
    struct vm *vm = &vms[index];
    mem_zero(vm, sizeof(*vm));
    vm->plan = plan_vm(plan, index);
    vm->binary = plan;
    vm->name = vm->plan->name;
    vm->index = index;
    vm->nr_vcpus = vm->plan->nr_vcpus;
    vm_first_state(vm);
    for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
        struct vcpu *v = &vm->vcpus[i];
        v->vm = vm;
        v->index = i;
        v->cpu = vm->plan->cpus[i];
        on_cpu[v->cpu] = v;
    }
    enum hv_status st = s2_init(&vm->s2, pool, vm->plan->ipa_bits, arch_ops.cpu.pa_bits(),
                                VMID((uint16_t)(index + 1U)));
    struct plan_region r;
    for (uint32_t i = 0; st == HV_OK && plan_mapping(plan, vm->plan, i, &r); i++) { /* bound: plan_mappings_max() */
        st = map_region(plan, &vm->s2, &r);
    }
    return st;
}

enum hv_status vm_build_all(const struct plan *plan, struct pages *pool)
{
    enum hv_status st = HV_OK;
    mem_zero(on_cpu, sizeof(on_cpu));
    vms = own_take(plan->vms.count * sizeof(vms[0]));
    for (uint32_t i = 0; st == HV_OK && i < plan->vms.count; i++) {
        st = build(plan, pool, i);
    }
    nr_vms = st == HV_OK ? plan->vms.count : 0U;
    return st;
}
