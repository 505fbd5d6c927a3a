/* SPDX-License-Identifier: Apache-2.0 */
#include "vdev/doorbell.h"

#include "core/log.h"
#include "hv/arch_ops.h"
#include "vdev/virqc.h"

static enum hv_status init(uint32_t channel)
{
    const struct channel_end *e = channel_nth(channel, 0);

    for (uint32_t n = 1; e != NULL; n++) { /* at most PLAN_MAX_ENDS turns */
        bool rings = e->intid == 0U;

        if (!rings) {
            rings = virqc_add_doorbell(e->vm, e->intid);
        }
        if (!rings) {
            log_line("stopped: interrupt %u, a doorbell of vm %s, cannot be made pending: is it the firmware's?", e->intid, e->vm->name);
            return HV_ERR_MACHINE;
        }
        e = channel_nth(channel, n);
    }
    return HV_OK;
}

__attribute__((cold)) enum hv_status doorbell_init_all(const struct plan *plan)
{
    enum hv_status st = channels_init(plan);

    if (st != HV_OK) {
        log_line("stopped: no room to map the discovery pages of the channels (status %u)", (unsigned)st);
        return st;
    }
    for (uint32_t i = 0; st == HV_OK && i < nr_channels; i++) { /* at most PLAN_MAX_CHANNELS turns */
        st = init(i);
    }
    return st;
}

enum channel_ring doorbell_ring(const struct vm *vm, uint64_t channel, uint64_t end)
{
    const struct channel_end *to = NULL;
    enum channel_ring r = channel_ring(vm, channel, end, &to);

    if (r == CHANNEL_RING) {
        arch_ops.cpu.fence();
        virqc_ring(to->vm, to->intid);
    }
    return r;
}

static void tell(const struct vm *vm)
{
    arch_ops.cpu.fence();
    for (uint32_t i = 0; i < nr_channels; i++) { /* at most PLAN_MAX_CHANNELS turns */
        const struct channel_end *self = channel_end_of(i, vm);

        for (uint32_t k = 0; self != NULL && k < self->nr_ends; k++) { /* at most PLAN_MAX_ENDS turns */
            if (channel_tells(&self->ends[k], vm)) {
                virqc_ring(self->ends[k].vm, self->ends[k].intid);
            }
        }
    }
}

void doorbell_vm_runs(const struct vm *vm)
{
    channels_vm_runs(vm);
    tell(vm);
}

void doorbell_vm_stopped(const struct vm *vm)
{
    channels_vm_stopped(vm);
    tell(vm);
}
