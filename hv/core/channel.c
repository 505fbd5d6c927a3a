/* SPDX-License-Identifier: Apache-2.0 */
#include "core/channel.h"

#include "hv/arch_ops.h"
#include "hv/channel_info.h"

struct channel channels[PLAN_MAX_CHANNELS];
uint32_t nr_channels;

_Static_assert(CHANNEL_INFO_ENDS == HV_MAX_VMS, "each VM can be an endpoint");
_Static_assert(sizeof(struct channel_info) <= PAGE_SIZE, "one page");

static void init_end(struct channel_end *e, const struct plan_endpoint *p, struct channel_info_end *info)
{
    uint64_t freq = arch_ops.timer.freq();

    e->vm = &vms[p->vm];
    e->intid = p->intid;
    e->state = (atomic32_t *)(void *)&info->state;
    e->interval = p->rate != 0U ? (freq + p->rate - 1U) / p->rate : 0U;
    e->tolerance = p->rate != 0U ? (p->burst - 1U) * e->interval : 0U;
    atomic64_store(&e->due, 0);
    atomic32_store(e->state, CHANNEL_STATE_ABSENT);
}

static enum hv_status init(struct channel *c, const struct plan_channel *p)
{
    struct channel_info *info = arch_ops.mmu.map(PA(p->info_pa), PAGE_SIZE, MAP_PAGE);

    if (info == NULL) {
        return HV_ERR_NOMEM;
    }
    c->nr_ends = p->nr_ends;
    for (uint32_t i = 0; i < HV_MAX_VMS; i++) {
        c->end_of_vm[i] = HV_MAX_VMS;
    }
    for (uint32_t i = 0; i < p->nr_ends; i++) { /* at most HV_MAX_VMS turns */
        c->end_of_vm[p->end[i].vm] = i;
        init_end(&c->end[i], &p->end[i], &info->end[i]);
    }
    arch_ops.cache.clean(info, sizeof(*info));
    return HV_OK;
}

enum hv_status channels_init(const struct plan *plan)
{
    enum hv_status st = HV_OK;

    nr_channels = plan->channels.count;
    for (uint32_t i = 0; st == HV_OK && i < nr_channels; i++) { /* at most PLAN_MAX_CHANNELS turns */
        st = init(&channels[i], plan_channel(plan, i));
    }
    return st;
}

static bool runs(const struct channel_end *e)
{
    return CHANNEL_STATE(atomic32_load(e->state)) == CHANNEL_STATE_RUNNING;
}

/* The generic cell rate algorithm (ITU-T I.371, annex A), with time as it is now: a ring is due one interval after the last, and may be
 * early by the tolerance. */
static bool take_turn(struct channel_end *e, uint64_t now, bool *busy)
{
    uint64_t due = atomic64_load(&e->due);
    uint64_t from = due > now ? due : now;

    *busy = from - now > e->tolerance;
    return *busy || atomic64_cas(&e->due, due, from + e->interval);
}

/* A turn that fails was taken by another vCPU of the VM in that moment. */
static bool is_busy(const struct vm *vm, struct channel_end *e)
{
    uint64_t now = arch_ops.timer.now();
    bool busy = true;

    for (uint32_t i = 0; i < vm->nr_vcpus && !take_turn(e, now, &busy); i++) {
        busy = true;
    }
    return busy;
}

enum channel_ring channel_ring(const struct vm *vm, uint64_t channel, uint64_t end, const struct channel_end **to)
{
    if (channel >= nr_channels) {
        return CHANNEL_NONE;
    }
    struct channel *c = &channels[channel];
    uint32_t self = c->end_of_vm[vm->index];

    if (self == HV_MAX_VMS || end >= c->nr_ends || end == self) {
        return CHANNEL_NONE;
    }
    struct channel_end *from = &c->end[self];

    *to = &c->end[end];
    if (from->interval == 0U || (*to)->intid == 0U) {
        return CHANNEL_DENIED;
    }
    if (!runs(*to)) {
        return CHANNEL_STOPPED;
    }
    return is_busy(vm, from) ? CHANNEL_BUSY : CHANNEL_RING;
}

static void set_state(const struct vm *vm, uint32_t state)
{
    for (uint32_t i = 0; i < nr_channels; i++) { /* at most PLAN_MAX_CHANNELS turns */
        uint32_t end = channels[i].end_of_vm[vm->index];

        if (end != HV_MAX_VMS) {
            atomic32_t *s = channels[i].end[end].state;

            atomic32_store(s, state | (vm->lives.restarts + 1U) << 2);
            arch_ops.cache.clean(s, sizeof(*s));
        }
    }
}

void channels_vm_runs(const struct vm *vm)
{
    set_state(vm, CHANNEL_STATE_RUNNING);
}

void channels_vm_stopped(const struct vm *vm)
{
    set_state(vm, CHANNEL_STATE_STOPPED);
}

bool channel_tells(const struct channel_end *e, const struct vm *vm)
{
    return e->vm != vm && e->intid != 0U && runs(e);
}
