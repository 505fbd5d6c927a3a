/* SPDX-License-Identifier: Apache-2.0 */
#include "system_walk.h"

#include <string.h>

#include "walker/walker.h"

bool system_walk(struct system_tree *t, const struct walker_grant *grants, unsigned n)
{
    struct walker w = { .read = t->read,
                        .ctx = t->ctx,
                        .vtcr = t->hw.ctrl,
                        .vttbr = t->hw.base,
                        .ipa_bits = t->ipa_bits < 32U ? 32U : t->ipa_bits,
                        .vmid = t->vmid,
                        .tables_base = t->tables_base,
                        .tables_size = t->tables_size };
    bool ok = walker_audit(&w, grants, n);
    t->tables = w.tables;
    memcpy(t->error, w.error, sizeof(t->error));
    return ok;
}

/* GICv2: the virtual CPU interface, where the guest has its GICC. In 128 KiB each of its two pages is there 16 times, one sort
 * behind the other: the last of the first sort and the first of the second are neighbours. */
unsigned system_irqc_grants(const struct plan *p, const struct plan_vm *v, struct walker_grant *grants)
{
    uint64_t repeated = p->irqc_size[3] == 0x20000U ? 15U * 0x1000U : 0U;

    if (p->irqc_version != 2U) {
        return 0;
    }
    grants[0] = (struct walker_grant){.ipa = v->irqc_ipa[1], .pa = p->irqc_base[3] + repeated, .size = 0x2000, .read = true,
                                      .write = true, .type = WALKER_DEVICE};
    return 1;
}
