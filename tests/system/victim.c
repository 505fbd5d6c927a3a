/* SPDX-License-Identifier: Apache-2.0 */
#include "victim.h"

#include <string.h>

#include "core/console.h"
#include "core/vm.h"
#include "merged.h"
#include "three_vms.h"
#include "trace.h"
#include "vdev/vconsole_state.h"

static const struct three_role *const me = &three_roles[VICTIM];

uint32_t victim_bits(unsigned word)
{
    uint32_t bits = word == 0U ? 0xffffffffU : 0U; /* a CPU's own */
    for (unsigned i = 0; i < THREE_SPIS; i++) {
        uint32_t intid = three_spis[VICTIM][i];
        bits |= word != 0U && intid / 32U == word ? 1U << (intid % 32U) : 0U;
    }
    return bits;
}

static uint64_t power_sum(void)
{
    const struct vm *vm = &vms[me->index];
    const uint32_t words[] = { vm->state.v,     vm->end,           vm->online,        vm->inside,
                               vm->lock.next.v, vm->lock.owner.v,  vm->nr_vcpus,      vm->index };
    return trace_sum(words, sizeof(words)) ^ trace_sum(vm->vcpus, vm->nr_vcpus * sizeof(vm->vcpus[0]));
}

static uint64_t ram_sum(void)
{
    const struct plan_region *r = &three_plan.regions[3U * me->index];
    return trace_sum(sim_ram(r[0].pa, r[0].size), r[0].size) ^ trace_sum(sim_ram(r[1].pa, r[1].size), r[1].size);
}

static const struct console_port *port(void)
{
    return &console_ports[me->index];
}

uint32_t victim_printed(void)
{
    return port()->out_put.v;
}

static uint64_t uart_sum(void)
{
    return trace_sum(&vconsoles[me->index], sizeof(vconsoles[0]));
}

/* Its side of the port: all but what the serving CPU has taken of its output (out_taken, lines). */
static uint64_t port_sum(void)
{
    const struct console_port *p = port();
    const uint32_t words[] = { p->out_put.v, p->lost.v, p->dropped.v, p->in_put.v, p->in_taken.v, p->in_dropped.v };
    return trace_sum(words, sizeof(words)) ^ trace_sum(p->in, sizeof(p->in));
}

static uint64_t text_sum(void)
{
    return trace_sum(port()->out, victim_printed() < CONSOLE_OUT_BYTES ? victim_printed() : CONSOLE_OUT_BYTES);
}

void victim_watch(const struct sim_guest *g, bool entering)
{
    static unsigned turn;
    if (!trace_is_on()) {
        return;
    }
    if (!entering) {
        TRACE("leaves the guest", trace_sum(g->regs, sizeof(*g->regs)), g->regs->pc, g->regs->pstate);
        return;
    }
    bool all = turn++ % 8U == 0U;
    TRACE("enters the guest: registers, pc, virtual, physical interrupt controller, power states, RAM",
          trace_sum(g->regs, sizeof(*g->regs)), g->regs->pc, victim_virtual_sum(), victim_physical_sum(), power_sum(),
          all ? ram_sum() : 0U);
    TRACE("enters the guest: UART, port, characters printed, text", uart_sum(), port_sum(), victim_printed(),
          all ? text_sum() : 0U);
}

/* It printed less than its ring holds, so the ring has all of it still, and nothing may be missing. */
static void text_is_on_the_console(void)
{
    sim_expect(victim_printed() < CONSOLE_OUT_BYTES && port()->dropped.v == 0U);
    sim_expect(console_ports[CONSOLE_HV].dropped.v == 0U);
    merged_expect(three_names, THREE_NAMES, port()->out, victim_printed(), three_focus != VICTIM);
}

void victim_at_the_end(void)
{
    trace_put_last("at the end: virtual, physical interrupt controller, power states, RAM",
                   (const uint64_t[TRACE_VALUES]){ victim_virtual_sum(), victim_physical_sum(), power_sum(), ram_sum() });
    trace_put_last("at the end: UART, port, characters printed, text",
                   (const uint64_t[TRACE_VALUES]){ uart_sum(), port_sum(), victim_printed(), text_sum() });
    if (three_server != SERVER_NONE) {
        text_is_on_the_console();
    }
}
