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

/* AIA: of each vCPU's hart the page behind the supervisor's interrupt file. */
unsigned system_irqc_grants(const struct plan *p, const struct plan_vm *v, struct walker_grant *grants)
{
    unsigned n = 0;
    for (; p->irqc_version == (uint32_t)PLAN_IRQC_AIA && n < v->nr_vcpus; n++) {
        grants[n] = (struct walker_grant){ .ipa = v->irqc_ipa[1] + (0x1000U * n),
                                           .pa = plan_cpu(p, v->cpus[n])->irqc_pa + 0x1000U,
                                           .size = 0x1000,
                                           .read = true,
                                           .write = true,
                                           .type = WALKER_DEVICE };
    }
    return n;
}
