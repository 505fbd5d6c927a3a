/* SPDX-License-Identifier: Apache-2.0 */
#include "system_walk.h"

#include <string.h>

#include "walker/walker_riscv.h"

bool system_walk(struct system_tree *t, const struct walker_grant *grants, unsigned n)
{
    struct walker_riscv w = { .read = t->read,
                              .ctx = t->ctx,
                              .hgatp = t->hw.base,
                              .ipa_bits = t->ipa_bits <= 41U ? 41U : 50U,
                              .vmid = t->vmid,
                              .tables_base = t->tables_base,
                              .tables_size = t->tables_size };
    bool ok = walker_riscv_audit(&w, grants, n);
    t->tables = w.tables;
    memcpy(t->error, w.error, sizeof(t->error));
    return ok;
}

/* AIA: of each of a VM's harts the page behind the supervisor's interrupt file, from ipa on. */
static unsigned files_of(const struct plan *p, const struct plan_vm *v, uint64_t ipa, struct walker_grant *grants)
{
    for (unsigned n = 0; n < v->nr_vcpus; n++) {
        grants[n] = (struct walker_grant){ .ipa = ipa + (0x1000U * n),
                                           .pa = plan_cpu(p, v->cpus[n])->irqc_pa + 0x1000U,
                                           .size = 0x1000,
                                           .read = true,
                                           .write = true,
                                           .type = WALKER_DEVICE };
    }
    return v->nr_vcpus;
}

/* WALL-IRQ-8: the only pages that two VMs both may have, of devices. */
static unsigned direct_grants(const struct plan *p, const struct plan_vm *v, const struct plan_channel *ch, struct walker_grant *grants)
{
    unsigned n = 0;
    for (unsigned self = 0; self < ch->nr_ends; self++) {
        bool mine = strcmp(plan_vm(p, ch->end[self].vm)->name, v->name) == 0 && ch->end[self].rate != 0U && ch->files_ipa[self] != 0U;
        for (unsigned k = 0; mine && k < ch->nr_ends; k++) {
            if (k != self && ch->end[k].intid != 0U) {
                n += files_of(p, plan_vm(p, ch->end[k].vm), ch->files_ipa[self] + (0x8000U * k), &grants[n]);
            }
        }
    }
    return n;
}

unsigned system_irqc_grants(const struct plan *p, const struct plan_vm *v, struct walker_grant *grants)
{
    if (p->irqc_version != (uint32_t)PLAN_IRQC_AIA) {
        return 0;
    }
    unsigned n = files_of(p, v, v->irqc_ipa[1], grants);
    for (unsigned i = 0; i < p->channels.count; i++) {
        if (plan_channel(p, i)->flags == PLAN_CHANNEL_DIRECT) {
            n += direct_grants(p, v, plan_channel(p, i), &grants[n]);
        }
    }
    return n;
}
