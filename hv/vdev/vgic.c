/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual GIC's life: reset, start and stop of vCPUs and VMs, interrupts taken, and which frame an access hits. */
#include "vdev/vgic.h"
#include "vdev/vgic_state.h"

#include "core/own.h"
#include "hv/arch_ops.h"
#include "hv/board.h"
#include "lib/string.h"

#define GICD_SIZE      0x10000ULL
#define GICR_SIZE      0x20000ULL
#define GICD_V2_SIZE   0x1000ULL
#define PRIO_BITS_FULL 8U

/* Cleared by init_vm(): of the CPUs those that VMs have. */
struct vgic *vgics;
struct vgic_cpu *vgic_cpus;
_Static_assert(sizeof(struct vgic) <= OWN_VM_BYTES_IRQC && sizeof(struct vgic_cpu) <= OWN_CPU_BYTES_LRS, "plan_own_bytes() counts with it");
_Static_assert(_Alignof(struct vgic_cpu) <= OWN_ALIGN, "own_take() aligns it");
/* By the CPU of the vCPU; init_view() writes all of one. */
static __attribute__((section(".noinit.views"))) struct vgic_view views[HV_MAX_CPUS];

static uint32_t ppi_bits(const struct plan *plan)
{
    return (vgic_bit(plan->vtimer_irq) | vgic_bit(plan->ptimer_irq)) & ~VGIC_SGIS;
}

/* The state a guest finds at its start; the physical controller has all of the VM's interrupts disabled then. */
static void reset_words(struct vgic *g)
{
    atomic32_store(&g->ctlr, 0);
    for (unsigned w = 1; w < g->nr_words; w++) {
        uint32_t owned = g->spi[w].owned;
        uint32_t virt = g->spi[w].virt;

        g->spi[w] = (struct vgic_word){.owned = owned, .virt = virt};
        for (unsigned i = 0; i < g->vm->nr_vcpus; i++) {
            g->routed[i][w] = i == 0U ? owned : 0U;
        }
    }
    mem_zero(g->route, sizeof(g->route));
    for (unsigned i = 0; g->v2 && i < VGIC_MAX_INTIDS; i++) {
        g->route[i] = 1U; /* vCPU 0, which the number 0 is where they are not bits */
    }
    mem_zero(g->prio, sizeof(g->prio));
    for (unsigned i = 0; i < g->vm->nr_vcpus; i++) {
        struct vgic_vcpu *r = &g->vcpu[i];
        uint32_t owned = r->w.owned;

        r->w = (struct vgic_word){.owned = owned, .virt = VGIC_SGIS, .edge = VGIC_SGIS};
        r->drop_word = 0;
        r->drop_mask = 0;
        atomic32_store(&r->sleep, 2U);
        mem_zero(r->prio, sizeof(r->prio));
        mem_zero(r->source, sizeof(r->source));
    }
}

/* Trigger and route of the SPIs, as the plan has them. */
static void reset_spis(struct vgic *g)
{
    const struct vm *vm = g->vm;

    for (uint32_t i = 0; i < vm->plan->nr_irqs; i++) { /* at most PLAN_MAX_IRQS turns */
        const struct plan_irq *irq = plan_irq(vm->binary, vm->plan->first_irq + i);
        struct vgic_word *w = &g->spi[irq->intid / 32U];
        bool edge = (irq->flags & PLAN_IRQ_EDGE) != 0U;

        w->edge |= edge ? vgic_bit(irq->intid) : 0U;
        vgic_conf_set_trigger(0, irq->intid, edge);
        arch_ops.irqc.route(irq->intid, vm->vcpus[0].cpu);
    }
}

static __attribute__((cold)) void init_view(struct vgic *g, struct vcpu *v)
{
    struct vgic_view *view = &views[v->cpu];

    view->frame.g = g;
    view->frame.r = g->v2 ? &g->vcpu[v->index] : NULL;
    view->frame.vcpu = g->v2 ? v->index : 0U;
    view->ipa = v->vm->plan->irqc_ipa[0];
    view->table = g->v2 ? vgic_v2_table : vgic_dist_table;
    view->own = &g->vcpu[v->index];
    view->cpu = &vgic_cpus[v->cpu];
    view->plain_sgir = vgic_plain_sgir(v);
    view->own->cpu = v->cpu;
    v->irqc = view;
    mem_zero(view->cpu, sizeof(*view->cpu)); /* an SPI may come before the vCPU starts: vgic_conf_write_route sends it, then disables it */
}

static __attribute__((cold)) void init_vm(struct vm *vm, const struct plan *plan)
{
    struct vgic *g = &vgics[vm->index];
    uint32_t bits = arch_ops.virq.priority_bits();
    uint32_t irqs = plan->nr_irqs < VGIC_MAX_INTIDS ? plan->nr_irqs : VGIC_MAX_INTIDS;

    mem_zero(g, offsetof(struct vgic, route)); /* the rest: reset_words() */
    g->vm = vm;
    vm->irqc = g;
    g->v2 = plan->irqc_version == 2U;
    g->ends_trap = board.ends_trap;
    g->nr_words = (irqs + 31U) / 32U;
    g->prio_mask = ((0xffU << (PRIO_BITS_FULL - bits)) & 0xffU) * 0x01010101U;
    for (uint32_t i = 0; i < vm->plan->nr_irqs; i++) { /* at most PLAN_MAX_IRQS turns */
        uint32_t intid = plan_irq(plan, vm->plan->first_irq + i)->intid;

        g->spi[intid / 32U].owned |= vgic_bit(intid);
    }
    for (uint32_t i = 0; i < vm->nr_vcpus; i++) {
        g->vcpu[i].w.owned = VGIC_SGIS | ppi_bits(plan);
        init_view(g, &vm->vcpus[i]);
    }
    reset_words(g);
    reset_spis(g);
}

void virqc_init_all(const struct plan *plan)
{
    vgic_cpus = own_take(plan->cpus.count * sizeof(vgic_cpus[0]));
    vgics = own_take(nr_vms * sizeof(vgics[0]));
    for (uint32_t i = 0; i < nr_vms; i++) {
        init_vm(&vms[i], plan);
    }
}

void virqc_add_virtual(struct vm *vm, uint32_t intid)
{
    struct vgic *g = &vgics[vm->index];
    uint32_t word = intid / 32U;

    g->spi[word].owned |= vgic_bit(intid);
    g->spi[word].virt |= vgic_bit(intid);
    g->routed[0][word] |= vgic_bit(intid);
    g->virt_words |= (uint32_t)1 << word;
}

static void silence(const struct vgic_bank *b, uint32_t mask)
{
    if (mask != 0U) {
        arch_ops.irqc.clear(IRQC_ENABLE, b->cpu, b->word, mask);
        arch_ops.irqc.clear(IRQC_PENDING, b->cpu, b->word, mask);
        arch_ops.irqc.clear(IRQC_ACTIVE, b->cpu, b->word, mask);
    }
}

/* On a GICv2 only its own CPU can silence what a vCPU had when its VM ended: it is asked to, and does it at the latest when it
 * starts again. Nothing there is enabled meanwhile. */
static void silence_late(struct vgic *g, const struct vcpu *v)
{
    uint32_t self = (uint32_t)1 << v->index;

    if ((g->unsilenced & self) != 0U) {
        struct vgic_bank b = vgic_bank(g, v->index, 0);

        silence(&b, b.w->owned & ~b.w->virt);
        g->unsilenced &= ~self;
    }
}

/* All enables that depend on whether this vCPU is on. Lock held. */
static void sync_vcpu(struct vgic *g, const struct vcpu *v)
{
    for (unsigned w = 0; w < g->nr_words; w++) { /* at most 32 turns */
        if (w == 0U || g->routed[v->index][w] != 0U) {
            struct vgic_bank b = vgic_bank(g, v->index, w);

            vgic_sync_enable(&b);
        }
    }
}

void virqc_vcpu_start(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);

    vgic_recall_enter(v);
    vgic_lock(g);
    mem_zero(&vgic_cpus[v->cpu], sizeof(vgic_cpus[v->cpu]));
    arch_ops.virq.reset();
    silence_late(g, v);
    g->on |= (uint32_t)1 << v->index;
    sync_vcpu(g, v);
    vgic_lr_fill(v);
    spin_unlock(&g->lock);
    vgic_recall_leave(v);
}

void virqc_vcpu_stop(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    uint32_t self = (uint32_t)1 << v->index;

    vgic_recall_enter(v);
    vgic_lock(g);
    if ((g->on & self) != 0U) {
        g->on &= ~self;
        sync_vcpu(g, v);
        vgic_fold_all(v);
        vgic_fold_orphan(v);
        arch_ops.virq.reset();
    }
    spin_unlock(&g->lock);
    vgic_recall_leave(v);
}

void virqc_vm_stop(struct vm *vm)
{
    struct vgic *g = &vgics[vm->index];

    vgic_lock(g);
    for (unsigned w = 1; w < g->nr_words; w++) { /* at most 31 turns */
        struct vgic_bank b = vgic_bank(g, 0, w);

        silence(&b, b.w->owned & ~b.w->virt);
    }
    for (unsigned i = 0; i < vm->nr_vcpus; i++) {
        struct vgic_bank b = vgic_bank(g, i, 0);

        if (g->v2 && b.cpu != arch_ops.cpu.id()) {
            g->unsilenced |= (uint32_t)1 << i;
            vgic_kick(&vm->vcpus[i]);
        } else {
            silence(&b, b.w->owned & ~b.w->virt);
        }
        mem_zero(&vgic_cpus[vm->vcpus[i].cpu], sizeof(vgic_cpus[0])); /* its CPU is outside the guest, and idle */
    }
    g->on = 0;
    g->orphan_words = 0;
    atomic32_store(&g->asked, 0);
    atomic32_store(&g->epoch, 0);
    reset_words(g);
    reset_spis(g);
    spin_unlock(&g->lock);
}

/* The VM has the interrupt, and from the physical controller. Lock held. */
static bool backed(struct vgic *g, const struct vcpu *v, uint32_t intid)
{
    const struct vgic_word *w;

    if (intid / 32U >= g->nr_words) {
        return false;
    }
    w = vgic_bank(g, v->index, intid / 32U).w;
    return (w->owned & ~w->virt & vgic_bit(intid)) != 0U;
}

void vgic_take(struct vcpu *v, uint32_t intid)
{
    struct vgic *g = vgic_of(v);
    uint32_t word = intid / 32U;
    uint32_t bit = vgic_bit(intid);

    vgic_lock(g); /* the VM may just be ending, on another CPU */
    if (!backed(g, v, intid)) {
        spin_unlock(&g->lock);
        arch_ops.irqc.clear(IRQC_ENABLE, v->cpu, word, bit);
        arch_ops.irqc.deactivate(intid);
        return;
    }

    struct vgic_bank b = vgic_bank(g, v->index, word);
    bool freed = vgic_lr_reap(v);

    b.w->taken = (b.w->taken & ~bit) | (b.w->latch & bit); /* whoever had it before has ended it */
    b.w->latch &= ~bit;
    /* Disabled or routed elsewhere while it was on its way: back it goes, and comes again when and where it may. */
    if ((b.w->phys_en & bit) == 0U || (word != 0U && (g->routed[v->index][word] & bit) == 0U)) {
        vgic_fold_give_back(&b, intid);
    } else {
        vgic_lr_add(v, intid);
    }
    if (freed) {
        vgic_lr_fill(v);
    }
    spin_unlock(&g->lock);
}

void vgic_sync_private(const struct vcpu *v)
{
    struct vgic_bank b = vgic_bank(vgic_of(v), v->index, 0);

    vgic_sync_enable(&b);
}

void vgic_maintenance(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);

    vgic_lock(g);
    vgic_lr_fill(v);
    spin_unlock(&g->lock);
}

void vgic_serve(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);

    vgic_recall_serve(v);
    spin_lock(&g->lock);
    if (g->v2) { /* what is banked others could not do for it; what is armed and disabled by it does not come */
        vgic_sync_private(v);
    }
    if (!vgic_fill_again(v)) {
        vgic_disarm(g);
        vgic_lr_fill(v);
    }
    spin_unlock(&g->lock);
}

void vgic_serve_idle(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);

    vgic_lock(g);
    silence_late(g, v);
    spin_unlock(&g->lock);
}

const struct mmio_reg *virqc_word(struct vcpu *v, uint64_t ipa, struct mmio_access *a)
{
    struct vgic_view *view = v->irqc;

    return mmio_word(&view->table, v, &view->frame, ipa - view->ipa, a);
}

bool virqc_mmio(struct vcpu *v, const struct exit_mmio *a, uint64_t *val, bool *abort)
{
    const struct plan_vm *p = v->vm->plan;
    uint64_t dist = a->ipa - p->irqc_ipa[0];
    uint64_t redist = a->ipa - p->irqc_ipa[1];

    *abort = false;
    if (vgic_of(v)->v2) { /* the CPU interface is mapped, and never comes here */
        if (a->ipa >= p->irqc_ipa[0] && dist < GICD_V2_SIZE) {
            vgic_v2_access(v, (uint32_t)dist, a->size, a->write, val);
            return true;
        }
        return false;
    }
    if (a->ipa >= p->irqc_ipa[0] && dist < GICD_SIZE) {
        vgic_dist_access(v, (uint32_t)dist, a->size, a->write, val);
        return true;
    }
    if (a->ipa >= p->irqc_ipa[1] && redist < GICR_SIZE * v->vm->nr_vcpus) {
        vgic_redist_access(v, (unsigned)(redist / GICR_SIZE), (uint32_t)(redist % GICR_SIZE), a->size, a->write, val);
        return true;
    }
    return false;
}

bool virqc_pending(struct vcpu *v)
{
    struct vgic *g = vgic_of(v);
    bool pending = false;

    vgic_lock(g);
    vgic_lr_fill(v); /* what may be listed is: if nothing listed is pending, then nothing is */
    for (unsigned n = 0; n < arch_ops.virq.nr_lrs(); n++) { /* at most 16 turns */
        pending = pending || (arch_ops.virq.read_lr(n) & LR_PENDING) != 0U;
    }
    spin_unlock(&g->lock);
    return pending;
}
