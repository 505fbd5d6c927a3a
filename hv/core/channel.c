/* SPDX-License-Identifier: Apache-2.0 */
#include "core/channel.h"

#include "core/own.h"
#include "hv/arch_ops.h"
#include "hv/channel_info.h"
#include "lib/string.h"

uint32_t nr_channels;

/* As many as the plan has; constant after boot, but what the ends' atomics hold. */
static struct channel {
    struct channel_end end[PLAN_MAX_ENDS];
    struct channel_end *of_vm[HV_MAX_VMS]; /* looked up at each ring */
} *channels;
_Static_assert(sizeof(struct channel) <= OWN_CHANNEL_BYTES, "plan_own_bytes() counts with it");

/* When rings of an endpoint without a rate are due: a counter of 64 bits does not get there (DDI 0487 D12.1.2: not within 40 years). */
#define NEVER UINT64_MAX

_Static_assert(CHANNEL_INFO_ENDS == PLAN_MAX_ENDS, "its page has room for all endpoints");
_Static_assert(sizeof(struct channel_info) <= PAGE_SIZE, "one page");

static void init_end(struct channel_end *e, const struct plan_channel *ch, uint32_t i, struct channel_info *info)
{
    const struct plan_endpoint *p = &ch->end[i];
    uint64_t freq = arch_ops.timer.freq();

    e->vm = &vms[p->vm];
    e->intid = p->intid;
    e->state = (atomic32_t *)(void *)&info->end[i].state;
    e->target = (ch->flags & PLAN_CHANNEL_DIRECT) != 0U ? (atomic32_t *)(void *)&info->direct[i].target : NULL;
    e->interval = p->rate != 0U ? (freq + p->rate - 1U) / p->rate : 0U;
    e->tolerance = p->rate != 0U ? (p->burst - 1U) * e->interval : 0U;
    atomic64_store(&e->due, p->rate != 0U ? 0U : NEVER);
    atomic32_store(e->state, CHANNEL_STATE_ABSENT);
    if (e->target != NULL) {
        atomic32_store(e->target, 0);
    }
}

static enum hv_status init(uint32_t channel, const struct plan_channel *p)
{
    struct channel_info *info = arch_ops.mmu.map(PA(p->info_pa), PAGE_SIZE, MAP_PAGE);

    if (info == NULL) {
        return HV_ERR_NOMEM;
    }
    mem_zero(channels[channel].of_vm, sizeof(channels[channel].of_vm));
    for (uint32_t i = 0; i < p->nr_ends; i++) { /* at most PLAN_MAX_ENDS turns */
        struct channel_end *e = &channels[channel].end[i];

        channels[channel].of_vm[p->end[i].vm] = e;
        e->ends = channels[channel].end;
        e->nr_ends = p->nr_ends;
        init_end(e, p, i, info);
    }
    arch_ops.cache.clean(info, sizeof(*info));
    return HV_OK;
}

struct channel_end *channel_end_of(uint32_t channel, const struct vm *vm)
{
    return channels[channel].of_vm[vm->index];
}

const struct channel_end *channel_nth(uint32_t channel, uint32_t n)
{
    const struct channel_end *first = channels[channel].end;

    return n < first->nr_ends ? &first[n] : NULL;
}

__attribute__((cold)) enum hv_status channels_init(const struct plan *plan)
{
    enum hv_status st = HV_OK;

    nr_channels = plan->channels.count;
    channels = own_take(nr_channels * sizeof(channels[0]));
    for (uint32_t i = 0; st == HV_OK && i < nr_channels; i++) { /* at most PLAN_MAX_CHANNELS turns */
        st = init(i, plan_channel(plan, i));
    }
    return st;
}

/* Of the states that there are one alone has this bit. */
_Static_assert(CHANNEL_STATE_RUNNING == 1U && ((CHANNEL_STATE_ABSENT | CHANNEL_STATE_STOPPED) & CHANNEL_STATE_RUNNING) == 0U, "a bit");

static bool runs(const struct channel_end *e)
{
    return (atomic32_load(e->state) & CHANNEL_STATE_RUNNING) != 0U;
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

/* A turn that fails was taken by another vCPU of the VM in that moment. Out of line, since that is rare. */
static __attribute__((noinline)) bool is_busy_still(const struct vm *vm, struct channel_end *e, uint64_t now)
{
    bool busy = true;

    for (uint32_t i = 1; i < vm->nr_vcpus && !take_turn(e, now, &busy); i++) {
        busy = true;
    }
    return busy;
}

static bool is_busy(const struct vm *vm, struct channel_end *e)
{
    uint64_t now = arch_ops.timer.now();
    bool busy;

    return take_turn(e, now, &busy) ? busy : is_busy_still(vm, e, now);
}

/* Of an endpoint that may not ring at all each ring is refused for that, which is not asked where one is carried out. */
static enum channel_ring refused(const struct channel_end *from, enum channel_ring why)
{
    return from->interval == 0U ? CHANNEL_DENIED : why;
}

enum channel_ring channel_ring(const struct vm *vm, uint64_t channel, uint64_t end, const struct channel_end **to)
{
    struct channel_end *from = channel < nr_channels ? channel_end_of((uint32_t)channel, vm) : NULL;

    if (from == NULL || end >= from->nr_ends || &from->ends[end] == from) {
        return CHANNEL_NONE;
    }
    *to = &from->ends[end];
    if ((*to)->intid == 0U) {
        return CHANNEL_DENIED;
    }
    if (!runs(*to)) {
        return refused(from, CHANNEL_STOPPED);
    }
    return is_busy(vm, from) ? refused(from, CHANNEL_BUSY) : CHANNEL_RING;
}

static void set_target(const struct channel_end *e, uint32_t target)
{
    if (e->target != NULL) {
        atomic32_store(e->target, target);
        arch_ops.cache.clean(e->target, sizeof(*e->target));
    }
}

void channel_moved(const struct vm *vm, uint32_t intid, uint32_t vcpu, uint32_t identity)
{
    for (uint32_t i = 0; i < nr_channels; i++) { /* at most PLAN_MAX_CHANNELS turns */
        const struct channel_end *e = channel_end_of(i, vm);

        if (e != NULL && e->intid == intid) {
            set_target(e, identity != 0U ? CHANNEL_TARGET(vcpu, identity) : 0U);
        }
    }
}

static void set_state(const struct vm *vm, uint32_t state)
{
    for (uint32_t i = 0; i < nr_channels; i++) { /* at most PLAN_MAX_CHANNELS turns */
        const struct channel_end *e = channel_end_of(i, vm);

        if (e != NULL) {
            set_target(e, 0);
            atomic32_store(e->state, state | (vm->lives.restarts + 1U) << 2);
            arch_ops.cache.clean(e->state, sizeof(*e->state));
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
