/* SPDX-License-Identifier: Apache-2.0 */
#include "core/machine.h"

#include "core/log.h"
#include "hv/arch_ops.h"
#include "hv/board.h"
#include "hv/extent.h"

static bool sum_equal(struct plan_sum a, struct plan_sum b)
{
    return a.s0 == b.s0 && a.s1 == b.s1;
}

static enum hv_status check_plan(const struct plan *plan)
{
    struct plan_report report;
    report.count = 0; /* as plan_validate() begins: the linter does not see it there */
    enum hv_status st = plan_validate(plan, PLAN_MAX_BYTES, board.name, board.isa, &report);
    if (st != HV_OK) {
        const struct plan_issue *i = &report.issue[0];
        log_line("stopped: the plan is wrong: %s (vm %x, entries %x %x; %u found): run hvplan again",
                 plan_error_text(i->error), i->vm, i->a, i->b, report.count);
    }
    return st;
}

static enum hv_status check_image(const struct plan *plan, uint64_t load_pa)
{
    if (load_pa != plan->hv_base) {
        log_line("stopped: loaded at 0x%lx, but planned for 0x%lx: load the image there", load_pa, plan->hv_base);
        return HV_ERR_MACHINE;
    }
    if (arch_ops.mmu.pa_of(plan).v != plan->plan_pa) {
        log_line("stopped: this image has its plan at 0x%lx, not at 0x%lx: packed with another hypervisor",
                 arch_ops.mmu.pa_of(plan).v, plan->plan_pa);
        return HV_ERR_MACHINE;
    }
    const void *image = arch_ops.mmu.map(PA(plan->hv_base), plan->hv_image_size, MAP_RO);
    if (image == NULL || !sum_equal(plan_sum_words(image, plan->hv_image_size), plan->hv_sum)) {
        log_line("stopped: the hypervisor's image is damaged (checksum): load it again");
        return HV_ERR_CORRUPT;
    }
    return HV_OK;
}

static enum hv_status check_machine(const struct plan *plan)
{
    uint64_t last = plan->ram_base + plan->ram_size - PAGE_SIZE;
    if (plan->console_base != board.console_base) {
        log_line("stopped: the plan's console is at 0x%lx, this image's at 0x%lx", plan->console_base,
                 board.console_base);
        return HV_ERR_MACHINE;
    }
    if (plan->irqc_version != (uint32_t)board.irqc) {
        log_line("stopped: the plan is for a %s, this image for a %s", plan_irqc_text(plan->irqc_version),
                 plan_irqc_text((uint32_t)board.irqc));
        return HV_ERR_MACHINE;
    }
    if (plan->timebase_hz != board.timebase_hz) {
        log_line("stopped: the plan's time base is %u Hz, this image's %u Hz", plan->timebase_hz, board.timebase_hz);
        return HV_ERR_MACHINE;
    }
    const char *lacks = arch_ops.power.lacks();

    if (lacks != NULL) {
        log_line("stopped: the firmware has no %s, which the hypervisor calls", lacks);
        return HV_ERR_MACHINE;
    }
    if (arch_ops.timer.freq() == 0U) {
        log_line("stopped: the firmware has not set the counter's frequency (CNTFRQ_EL0, timebase)");
        return HV_ERR_MACHINE;
    }
    if (arch_ops.cpu.pa_bits() < plan->pa_bits_min) {
        log_line("stopped: this CPU has %u physical address bits, the plan needs %u", arch_ops.cpu.pa_bits(),
                 plan->pa_bits_min);
        return HV_ERR_MACHINE;
    }
    if (!arch_ops.mmu.probe(PA(last))) {
        log_line("stopped: no RAM answers at 0x%lx, where the plan has its last page", last);
        return HV_ERR_MACHINE;
    }
    return HV_OK;
}

static enum hv_status find_cpu(const struct plan *plan, unsigned *cpu)
{
    uint64_t id = arch_ops.cpu.hw_id();
    for (uint32_t i = 0; i < plan->cpus.count; i++) {
        if (plan_cpu(plan, i)->hw_id == id) {
            *cpu = i;
            return HV_OK;
        }
    }
    log_line("stopped: the boot CPU (id 0x%lx) is not in the plan", id);
    return HV_ERR_MACHINE;
}

enum hv_status machine_check_cpu(const struct plan *plan, unsigned cpu)
{
    const struct plan_cpu *p = plan_cpu(plan, cpu);

    if (arch_ops.cpu.hw_id() != p->hw_id || arch_ops.cpu.pa_bits() < plan->pa_bits_min) {
        return HV_ERR_MACHINE;
    }
    return arch_ops.cpu.lacks(p->needs) == 0U ? HV_OK : HV_ERR_UNSUPPORTED;
}

static enum hv_status check_extensions(const struct plan *plan, unsigned cpu)
{
    uint32_t lacks = arch_ops.cpu.lacks(plan_cpu(plan, cpu)->needs);

    if (lacks != 0U) {
        log_line("stopped: cpu %u lacks extensions that its guest is told of: %s; run hvplan with this board's tree", cpu,
                 plan_needs_text(lacks));
        return HV_ERR_UNSUPPORTED;
    }
    return HV_OK;
}

enum hv_status machine_check(const struct plan *plan, uint64_t load_pa, unsigned *cpu)
{
    enum hv_status st = check_plan(plan);
    if (st == HV_OK) {
        st = check_image(plan, load_pa);
    }
    if (st == HV_OK) {
        st = check_machine(plan);
    }
    if (st == HV_OK) {
        st = find_cpu(plan, cpu);
    }
    if (st == HV_OK) {
        st = check_extensions(plan, *cpu);
    }
    return st;
}

void machine_say_cache(const struct plan *plan)
{
    const struct plan_llc *l = &plan->llc;
    struct llc_report r;

    if (l->size == 0U || !arch_ops.cache.report(&r)) {
        return;
    }
    bool same = r.size == l->size && r.ways == l->ways && r.line == l->line;
    if (r.level == 0U) { /* the plan's may be one that CPUs do not know of */
        log_line("the CPU reports no unified cache");
    } else {
        log_line("the CPU reports a cache of level %u: %lu KiB, %u ways, %u B lines%s", r.level, r.size / 1024U, r.ways, r.line,
                 same ? "" : "; warning: not that of the plan");
    }
}

/* One of an image's copies, which begins at an offset of some memory: coloured, it is in many pieces. */
static enum hv_status check_copy(const struct plan_image *image, const struct extent *e, uint64_t offset)
{
    struct plan_summing sum;
    paddr_t start = extent_pa(e, offset);
    uint64_t n;

    plan_sum_start(&sum);
    for (uint64_t done = 0; done < image->size; done += n) {
        paddr_t pa = extent_pa(e, offset + done);

        n = extent_run(e, offset + done);
        n = n < image->size - done ? n : image->size - done;
        const void *p = arch_ops.mmu.map(pa, n, MAP_RO);
        if (p == NULL) {
            log_line("stopped: no room to map the guest image at 0x%lx", start.v);
            return HV_ERR_NOMEM;
        }
        plan_sum_more(&sum, p, n); /* pieces are of whole words */
        arch_ops.mmu.unmap(p, n);
    }
    if (!sum_equal(plan_sum_end(&sum), image->sum)) {
        log_line("stopped: the guest image at 0x%lx is damaged (checksum)", start.v);
        return HV_ERR_CORRUPT;
    }
    return HV_OK;
}

static enum hv_status check_guest_image(const struct plan *plan, const struct plan_vm *vm, const struct plan_image *image)
{
    uint64_t offset = 0;
    const struct plan_region *r = extent_of_image(plan, vm, image, &offset);

    enum hv_status st = HV_ERR_CORRUPT;
    struct extent e;

    if (r != NULL) { /* plan_validate() has found it */
        e = extent_of_region(plan, r);
        st = check_copy(image, &e, offset);
    }
    e = extent_of_pristine(plan, vm);
    if (st == HV_OK && image->pristine_pa != 0U && extent_offset(&e, PA(image->pristine_pa), &offset)) {
        st = check_copy(image, &e, offset);
    }
    return st;
}

enum hv_status machine_check_images(const struct plan *plan)
{
    enum hv_status st = HV_OK;

    for (uint32_t vm = 0; vm < plan->vms.count; vm++) {
        const struct plan_vm *v = plan_vm(plan, vm);

        for (uint32_t i = 0; st == HV_OK && i < v->nr_images; i++) { /* at most VM_MAX_IMAGES turns */
            const struct plan_image *image = plan_image(plan, v->first_image + i);

            if ((image->flags & PLAN_IMAGE_CHECK) != 0U) {
                st = check_guest_image(plan, v, image);
            }
        }
    }
    return st;
}
