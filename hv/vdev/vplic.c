/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual PLIC's life: reset, start and stop of vCPUs and VMs, and what others ask of it. */
#include "vdev/vplic.h"
#include "vdev/vplic_state.h"

#include "core/own.h"
#include "lib/string.h"

struct vplic *vplics;
_Static_assert(sizeof(struct vplic) <= OWN_VM_BYTES_IRQC, "plan_own_bytes() counts with it");

static uint32_t board_sources;

/* The state a guest finds at its start; all of the VM's physical sources are disabled then. The specification leaves
 * most of it to the implementation: all is 0 here. */
static void reset(struct vplic *p)
{
    p->live = false;
    p->on = 0;
    p->lines = 0;
    atomic32_store(&p->asked, 0);
    p->ready = 0;
    p->only = 0;
    mem_zero(p->top, sizeof(p->top));
    mem_zero(p->threshold, sizeof(p->threshold));
    for (uint32_t words = p->words; words != 0U; words &= words - 1U) { /* at most VPLIC_WORDS turns */
        uint8_t *w = (uint8_t *)&p->word[vplic_lowest(words)];

        /* All but what is constant. Routed to nobody, so that what is enabled first is routed as well. */
        mem_zero(&w[offsetof(struct vplic_word, line)], sizeof(struct vplic_word) - offsetof(struct vplic_word, line));
    }
}

static void own(struct vplic *p, uint32_t intid, bool virt)
{
    uint32_t word = intid / 32U - 1U; /* of an INTID below 32: out of range */

    if (word < VPLIC_WORDS && intid != RISCV_WIRED) { /* there is no source 0 */
        p->words |= (uint32_t)1 << word;
        p->word[word].owned |= vplic_bit(intid);
        p->word[word].virt |= virt ? vplic_bit(intid) : 0U;
    }
}

__attribute__((cold)) void vplic_init_all(const struct plan *plan)
{
    vplics = own_take(nr_vms * sizeof(vplics[0]));
    board_sources = plan->nr_irqs > RISCV_WIRED ? plan->nr_irqs - RISCV_WIRED - 1U : 0U; /* source 0 is none */
    for (uint32_t i = 0; i < nr_vms; i++) { /* at most HV_MAX_VMS turns */
        struct vplic *p = &vplics[i];
        const struct plan_vm *vm = vms[i].plan;

        mem_zero(p, sizeof(*p));
        p->vm = &vms[i];
        p->base = vm->irqc_ipa[0];
        p->size = plan->irqc_size[0];
        p->claims = p->base + VPLIC_CONTEXT_BASE + VPLIC_CLAIM;
        p->contexts = vms[i].nr_vcpus;
        vms[i].irqc = p;
        for (uint32_t n = 0; n < vm->nr_irqs; n++) { /* at most PLAN_MAX_IRQS turns */
            own(p, plan_irq(plan, vm->first_irq + n)->intid, false);
        }
    }
}

void vplic_add_virtual(struct vm *vm, uint32_t intid)
{
    own(&vplics[vm->index], intid, true);
}

void vplic_add_doorbell(struct vm *vm, uint32_t intid)
{
    struct vplic *p = &vplics[vm->index];
    uint32_t word = intid / 32U - 1U; /* of an INTID below 32: out of range */

    own(p, intid, true);
    if (word < VPLIC_WORDS) {
        p->word[word].bell |= vplic_bit(intid);
        p->bells |= (uint32_t)1 << word;
    }
}

/* All enables and routes that depend on which vCPUs are on. Lock held. */
static void sync_all(struct vplic *p)
{
    for (uint32_t words = p->words; words != 0U; words &= words - 1U) { /* at most VPLIC_WORDS turns */
        vplic_sync(p, vplic_lowest(words), ~0U);
    }
}

/* VSEIP of the calling vCPU is clear, and nobody has asked it for anything. Lock held. */
static void clear_line(struct vplic *p, uint32_t self)
{
    p->lines &= ~self;
    (void)atomic32_and(&p->asked, ~self);
    arch_ops.virq.clear(HVIP_VSEIP);
}

void vplic_vcpu_start(struct vcpu *v)
{
    struct vplic *p = vplic_of(v);
    uint32_t self = (uint32_t)1 << v->index;

    spin_lock(&p->lock);
    p->live = true;
    p->on |= self;
    clear_line(p, self);
    sync_all(p);
    vplic_take_rings(p); /* what was rung since the last vCPU left */
    vplic_drive(p, v->index);
    spin_unlock(&p->lock);
}

void vplic_vcpu_stop(struct vcpu *v)
{
    struct vplic *p = vplic_of(v);
    uint32_t self = (uint32_t)1 << v->index;

    spin_lock(&p->lock);
    p->on &= ~self;
    clear_line(p, self);
    sync_all(p);
    spin_unlock(&p->lock);
}

void vplic_vm_stop(struct vm *vm)
{
    struct vplic *p = &vplics[vm->index];

    spin_lock(&p->lock);
    vplic_silence(p);
    for (uint32_t bells = p->bells; bells != 0U; bells &= bells - 1U) { /* at most VPLIC_WORDS turns */
        (void)atomic32_xchg(&p->rung[vplic_lowest(bells)], 0);
        atomic32_store(&p->waiting[vplic_lowest(bells)], 0);
    }
    reset(p);
    spin_unlock(&p->lock);
}

bool vplic_asked(const struct vcpu *v)
{
    const struct vplic *p = vplic_of(v);
    bool asked = ((atomic32_load(&p->asked) >> v->index) & 1U) != 0U;

    for (uint32_t bells = p->bells; !asked && bells != 0U; bells &= bells - 1U) { /* at most VPLIC_WORDS turns */
        asked = atomic32_load(&p->rung[vplic_lowest(bells)]) != 0U;
    }
    return asked;
}

void vplic_serve(struct vcpu *v, bool in_guest)
{
    struct vplic *p = vplic_of(v);

    (void)in_guest; /* outside its guest a vCPU is off, and its line is not driven */
    spin_lock(&p->lock);
    (void)atomic32_and(&p->asked, ~((uint32_t)1 << v->index));
    vplic_take_rings(p);
    vplic_drive(p, v->index);
    spin_unlock(&p->lock);
}

bool vplic_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort)
{
    struct vplic *p = vplic_of(v);
    uint64_t offset = a->ipa - p->base;

    *abort = false;
    if (offset >= p->size) { /* an address below its base is far above, too */
        return false;
    }
    bool word = a->size == 4U && offset % 4U == 0U;

    if (a->write) {
        if (word) {
            vplic_write(p, (uint32_t)offset, (uint32_t)*val);
        }
    } else {
        *val = word ? vplic_read(p, (uint32_t)offset) : 0U;
    }
    return true;
}

bool vplic_pending(struct vcpu *v)
{
    vplic_serve(v, true);
    return (arch_ops.virq.pending() & arch_ops.virq.enabled()) != 0U;
}

unsigned vplic_capacity(void)
{
    return board_sources;
}
