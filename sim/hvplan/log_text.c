/* SPDX-License-Identifier: Apache-2.0 */
/* The text that the hypervisor prints at boot, which hvplan renders. */
#include "hvplan.h"

#include "hv/s2_format.h"

#include <inttypes.h>
#include <string.h>

/* "0-1,3" */
static const char *number_list(struct arena *a, const uint32_t *n, uint32_t count)
{
    const char *s = "";

    for (uint32_t i = 0; i < count;) {
        uint32_t k = i;

        while (k + 1U < count && n[k + 1U] == n[k] + 1U) {
            k++;
        }
        s = arena_printf(a, "%s%s%" PRIu32, s, i == 0U ? "" : ",", n[i]);
        if (k > i) {
            s = arena_printf(a, "%s-%" PRIu32, s, n[k]);
        }
        i = k + 1U;
    }
    return s;
}

/* Interrupts by the names that the board's manual has for them. */
static const char *device_list(struct run *r, const struct vm *v)
{
    struct arena *a = &r->arena;
    bool riscv = r->board.isa == PLAN_ISA_RISCV;
    const char *s = v->nr_devices == 0U ? "none" : "";

    for (unsigned i = 0; i < v->nr_devices; i++) {
        const struct device *d = &v->dev[i];

        s = arena_printf(a, "%s%s%s", s, i == 0U ? "" : ", ", d->path);
        for (unsigned q = 0; q < device_irqs(d); q++) {
            s = arena_printf(a, "%s%s%" PRIu32 "%s", s, q > 0U ? " " : riscv ? " (source " : " (irq ",
                             d->irq[q].intid - (riscv ? 32U : 0U), q + 1U == device_irqs(d) ? ")" : "");
        }
    }
    return s;
}

/* With trusted DMA RAM may be in two pieces. */
static const char *second_piece(struct arena *a, const struct vm *v)
{
    const struct ram *m = &v->ram[0];

    if (m->rest_size == 0U || m->rest_ipa == m->ipa + m->block_size) {
        return "";
    }
    return arena_printf(a, " (%s) and 0x%" PRIx64, size_text(a, m->block_size), m->rest_ipa);
}

static const char *regions(struct arena *a, const struct vm *v)
{
    const char *s = (v->ram[0].rights & S2_X) == 0U ? " xn" : "";

    for (unsigned i = 1; i < v->nr_ram; i++) {
        s = arena_printf(a, "%s, %s %s at IPA 0x%" PRIx64, s, ram_text(a, &v->ram[i]), size_text(a, v->ram[i].size), v->ram[i].ipa);
    }
    return s;
}

static const char *vm_line(struct run *r, const struct vm *v)
{
    struct arena *a = &r->arena;
    uint32_t vcpus[HV_MAX_CPUS] = {0};

    for (uint32_t i = 0; i < v->sys->nr_vcpus; i++) {
        vcpus[i] = i;
    }
    bool many = v->sys->nr_vcpus > 1U;

    return arena_printf(a, "vm %s: vcpu%s %s on cpu%s %s, memory %s at IPA 0x%" PRIx64 "%s%s, devices %s%s%s\n",
                        v->sys->name, many ? "s" : "", number_list(a, vcpus, v->sys->nr_vcpus),
                        many ? "s" : "", number_list(a, v->cpus, v->sys->nr_vcpus),
                        size_text(a, v->sys->memory), v->ram[0].ipa, second_piece(a, v), regions(a, v), device_list(r, v),
                        v->shared ? ", console shared" : "",
                        v->sys->trusted_dma ? ", TRUSTED DMA: its devices reach all memory" : "");
}

/* The VMs that share the console, and who serves it. */
static const char *shared_line(struct run *r)
{
    struct arena *a = &r->arena;
    const char *names = "";
    unsigned n = 0;

    for (unsigned i = 0; i < r->nr_vms; i++) {
        if (r->vm[i].shared) {
            names = arena_printf(a, "%s%s%s", names, n == 0U ? "" : ", ", r->vm[i].sys->name);
            n++;
        }
    }
    return arena_printf(a, "console: shared by vm%s %s; served by cpu %" PRIu32 "; Ctrl-] ? tells its keys\n",
                        n == 1U ? "" : "s", names, r->console_cpu);
}

static const char *unused_cpus(struct run *r)
{
    uint32_t free_cpu[HV_MAX_CPUS];
    uint32_t n = 0;

    for (uint32_t cpu = 0; cpu < r->board.nr_cpus; cpu++) {
        bool used = false;

        for (unsigned i = 0; i < r->nr_vms; i++) {
            for (uint32_t k = 0; k < r->vm[i].sys->nr_vcpus; k++) {
                used |= r->vm[i].cpus[k] == cpu;
            }
        }
        if (!used) {
            free_cpu[n++] = cpu;
        }
    }
    return n == 0U ? NULL : number_list(&r->arena, free_cpu, n);
}

const char *log_text_render(struct run *r)
{
    struct arena *a = &r->arena;
    const struct vm *lent = console_owner(r);
    const char *unused = unused_cpus(r);
    const char *s =
        arena_printf(a, "board %s: cpus %" PRIu32 ", RAM %s at 0x%" PRIx64 "\n", r->board.kind->name,
                     r->board.nr_cpus, size_text(a, r->board.ram_size), r->board.ram_base);

    if (r->sys.hv_colours != 0U) {
        s = arena_printf(a, "%shypervisor: moved to colour%s %s of %" PRIu32 ", from 0x%" PRIx64 " on\n", s,
                         (r->sys.hv_colours & (r->sys.hv_colours - 1U)) != 0U ? "s" : "", colours_text(a, r->sys.hv_colours),
                         r->llc.colours, r->hv_home);
    }
    for (unsigned i = 0; i < r->nr_vms; i++) {
        s = arena_printf(a, "%s%s", s, vm_line(r, &r->vm[i]));
    }
    s = arena_printf(a, "%s%s%s%s", s, channels_text(r), colours_line(r), shared_text(r));
    if (unused != NULL) {
        s = arena_printf(a, "%sunused: cpu%s %s\n", s, strpbrk(unused, "-,") != NULL ? "s" : "", unused);
    }
    if (r->shared) {
        s = arena_printf(a, "%s%s", s, shared_line(r));
    } else if (lent != NULL) {
        s = arena_printf(a, "%sconsole: lent to vm %s; only reports from here on\n", s, lent->sys->name);
    }
    return s;
}
