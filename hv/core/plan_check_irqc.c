/* SPDX-License-Identifier: Apache-2.0 */
/* plan_validate(): what depends on the instruction set and the kind of interrupt controller. */
#include "core/plan_check.h"

#define NONE PLAN_NO_INDEX

/* 1020 and up are special INTIDs (IHI 0069H 2.2.1); RISC-V keeps to the same limit. */
#define MAX_INTIDS 1020U

/* RISC-V: source n of the PLIC or APLIC is INTID WIRED + n, and there is no source 0 (PLIC 1.0.0 chapter 3, AIA 1.0 4.5). */
#define WIRED 32U

#define HTIMER_RISCV 5U /* supervisor timer interrupt (privileged architecture 1.13, table 12.3) */

/* PLIC 1.0.0 chapter 3: contexts' thresholds and claims, a page each, end the registers. */
#define PLIC_CONTEXTS      0x200000U
#define PLIC_CONTEXT_BYTES 0x1000U

#define MAX_FILE_IDS   2047U   /* AIA 1.0 3.1 */
#define MAX_HART_INDEX 0x3fffU /* target.Hart Index has 14 bits (AIA 1.0 4.5.16) */

/* Supervisor level's file and PLAN_GUEST_FILE behind it. */
#define FILE_BYTES ((PLAN_GUEST_FILE + 1U) * PAGE_SIZE)

#define NO_FRAME PLAN_IRQC_FRAMES

/* By enum plan_irqc. Frames: what the hypervisor, or a guest, touches of each at least (IHI 0069H 12.8, 12.10; IHI 0048B 4.1.2,
 * 5.2; AIA 1.0 4.5): no VM may be given any of it as a device. 0: there is no such frame. */
static const struct kind {
    uint32_t isa;
    uint32_t least[PLAN_IRQC_FRAMES];
    uint32_t mapped; /* the frame that guests have parts of by stage 2 */
} kinds[PLAN_IRQC_AIA + 1] = {
    [PLAN_IRQC_GICV2] = {PLAN_ISA_ARMV8, {0x1000, 0x2000, 0x1000, 0x2000}, PLAN_GICV},
    [PLAN_IRQC_GICV3] = {PLAN_ISA_ARMV8, {0x10000, 0x20000, 0, 0}, NO_FRAME}, /* GICD, one GICR */
    [PLAN_IRQC_PLIC] = {PLAN_ISA_RISCV, {PLIC_CONTEXTS + PLIC_CONTEXT_BYTES, 0, 0, 0}, NO_FRAME},
    [PLAN_IRQC_AIA] = {PLAN_ISA_RISCV, {0x4000, FILE_BYTES, 0, 0}, 1}, /* APLIC, IMSICs */
};

static bool is_kind(const struct plan *p, enum plan_irqc kind)
{
    return p->irqc_version == (uint32_t)kind;
}

static bool frame_ok(const struct plan *p, unsigned i, uint32_t least)
{
    uint64_t base = p->irqc_base[i];
    uint64_t size = p->irqc_size[i];

    if (least == 0U) {
        return base == 0U && size == 0U;
    }
    if (!range_ok(base, size) || !is_aligned(base | size, PAGE_SIZE) || size < least ||
        ranges_overlap(base, size, p->hv_base, HV_REGION_SIZE)) {
        return false;
    }
    for (unsigned k = 0; k < i; k++) {
        if (ranges_overlap(base, size, p->irqc_base[k], p->irqc_size[k])) {
            return false;
        }
    }
    return true;
}

/* Of what is mapped to guests: what is not a device must not be taken for it. */
static bool mapped_frame_ok(const struct plan *p, unsigned i)
{
    uint64_t base = p->irqc_base[i];
    uint64_t size = p->irqc_size[i];

    return ((base + (size - 1U)) >> p->pa_bits_min) == 0U && plan_check_reachable(base, size) &&
           range_ok(p->ram_base, p->ram_size) && !ranges_overlap(base, size, p->ram_base, p->ram_size);
}

static bool frames_ok(const struct plan *p, const struct kind *k)
{
    for (unsigned i = 0; i < PLAN_IRQC_FRAMES; i++) { /* in order: a frame is compared with those before it */
        if (!frame_ok(p, i, k->least[i])) {
            return false;
        }
    }
    return k->mapped == NO_FRAME || mapped_frame_ok(p, k->mapped);
}

static bool is_ppi(uint32_t intid)
{
    return intid >= 16U && intid <= 31U;
}

static bool armv8_ok(const struct plan *p)
{
    return p->nr_irqs >= 32U && is_ppi(p->maint_irq) && is_ppi(p->vtimer_irq) && is_ppi(p->ptimer_irq) &&
           p->maint_irq != p->vtimer_irq && p->maint_irq != p->ptimer_irq && p->vtimer_irq != p->ptimer_irq &&
           is_ppi(p->htimer_irq) && p->htimer_irq != p->maint_irq && p->htimer_irq != p->vtimer_irq &&
           p->htimer_irq != p->ptimer_irq && p->timebase_hz == 0U && p->irqc_ids == 0U;
}

static bool riscv_ok(const struct plan *p)
{
    bool ids = is_kind(p, PLAN_IRQC_AIA) ? p->irqc_ids >= 1U && p->irqc_ids <= MAX_FILE_IDS : p->irqc_ids == 0U;

    return ids && p->nr_irqs > WIRED + 1U && p->maint_irq == 0U && p->vtimer_irq == 0U && p->ptimer_irq == 0U &&
           p->htimer_irq == HTIMER_RISCV && p->timebase_hz != 0U;
}

bool plan_check_irqc(const struct plan *p)
{
    if (p->irqc_version >= ARRAY_SIZE(kinds) || kinds[p->irqc_version].isa == 0U ||
        kinds[p->irqc_version].isa != p->isa || p->nr_irqs > MAX_INTIDS || p->pa_bits_min >= 64U) {
        return false;
    }
    if (is_kind(p, PLAN_IRQC_GICV2) && p->cpus.count > PLAN_GICV2_CPUS) {
        return false;
    }
    return (p->isa == (uint32_t)PLAN_ISA_RISCV ? riscv_ok(p) : armv8_ok(p)) && frames_ok(p, &kinds[p->irqc_version]);
}

/* What the controller knows a CPU by, and what the CPU has to have. */
static bool cpu_ok(const struct plan *p, const struct plan_cpu *cpu)
{
    if ((cpu->needs & ~(p->isa == (uint32_t)PLAN_ISA_RISCV ? PLAN_NEEDS_ALL : 0U)) != 0U) {
        return false;
    }
    if (is_kind(p, PLAN_IRQC_AIA)) {
        return cpu->irqc_index <= MAX_HART_INDEX && is_aligned(cpu->irqc_pa, PAGE_SIZE) &&
               range_within(cpu->irqc_pa, FILE_BYTES, p->irqc_base[1], p->irqc_size[1]);
    }
    if (is_kind(p, PLAN_IRQC_PLIC)) {
        return cpu->irqc_pa == 0U && p->irqc_size[0] >= PLIC_CONTEXTS &&
               cpu->irqc_index < (p->irqc_size[0] - PLIC_CONTEXTS) / PLIC_CONTEXT_BYTES;
    }
    return cpu->irqc_pa == 0U && cpu->irqc_index == 0U;
}

/* True if both cannot be CPUs of one machine. */
static bool cpus_clash(const struct plan *p, const struct plan_cpu *a, const struct plan_cpu *b)
{
    bool indexed = is_kind(p, PLAN_IRQC_AIA) || is_kind(p, PLAN_IRQC_PLIC);

    return a->hw_id == b->hw_id || (indexed && a->irqc_index == b->irqc_index) ||
           (is_kind(p, PLAN_IRQC_AIA) && range_ok(a->irqc_pa, FILE_BYTES) && range_ok(b->irqc_pa, FILE_BYTES) &&
            ranges_overlap(a->irqc_pa, FILE_BYTES, b->irqc_pa, FILE_BYTES));
}

void plan_check_cpus(const struct plan_check *c)
{
    const struct plan *p = c->p;

    for (uint32_t a = 0; a < p->cpus.count; a++) {
        if (!cpu_ok(p, plan_cpu(p, a))) {
            plan_check_issue(c, PLAN_E_FIELD, NONE, a, NONE);
        }
        for (uint32_t b = a + 1U; b < p->cpus.count; b++) {
            if (cpus_clash(p, plan_cpu(p, a), plan_cpu(p, b))) {
                plan_check_issue(c, PLAN_E_CPU_TWICE, NONE, a, b);
            }
        }
    }
}

bool plan_check_wired(const struct plan *p, uint32_t intid)
{
    uint32_t first = p->isa == (uint32_t)PLAN_ISA_RISCV ? WIRED + 1U : WIRED;

    return intid >= first && intid < p->nr_irqs && intid < MAX_INTIDS;
}

uint64_t plan_check_frame_size(const struct plan *p, const struct plan_vm *vm, unsigned frame)
{
    switch (p->irqc_version) {
    case PLAN_IRQC_GICV2:
        return frame == 0U ? 0x1000U : 0x2000U;
    case PLAN_IRQC_PLIC:
        return frame == 0U ? p->irqc_size[0] : 0U;
    case PLAN_IRQC_AIA:
        return frame == 0U ? p->irqc_size[0] : PAGE_SIZE * vm->nr_vcpus;
    default:
        return frame == 0U ? 0x10000U : (uint64_t)0x20000U * vm->nr_vcpus;
    }
}

/* Files of harts are aligned to all of them, a power of two, so that their bits in an address say which (AIA 1.0 3.6). */
uint64_t plan_check_frame_align(const struct plan *p, const struct plan_vm *vm, unsigned frame)
{
    uint64_t files = 1;

    if (is_kind(p, PLAN_IRQC_AIA) && frame == 1U) {
        while (files < vm->nr_vcpus) { /* bound: 32 */
            files *= 2U;
        }
    }
    return is_kind(p, PLAN_IRQC_GICV3) ? 0x10000U : files * PAGE_SIZE;
}
