/* SPDX-License-Identifier: Apache-2.0 */
/* The console of every VM: a device of its own, an emulated UART on the shared one, or none. */
#include "hvplan.h"

#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

static bool is_uart(const void *fdt, int node)
{
    static const char *const kinds[] = {"arm,pl011", "arm,sbsa-uart", "ns16550a", "cdns,uart-r1p12",
                                        "xlnx,xuartps"};

    for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (fdt_node_check_compatible(fdt, node, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

const struct vm *console_owner(const struct run *r)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        for (unsigned k = 0; k < r->vm[i].nr_devices; k++) {
            if (r->vm[i].dev[k].node == r->board.console_node) {
                return &r->vm[i];
            }
        }
    }
    return NULL;
}

/* One of the VM's own devices: the one it names, else its first UART. */
static void find_device(struct run *r, struct vm *v)
{
    int node = v->sys->console != NULL ? find_node(r->board.fdt, v->sys->console) : -1;

    for (unsigned i = 0; i < v->nr_devices && v->console < 0; i++) {
        if (v->sys->console != NULL ? v->dev[i].node == node
                                    : v->dev[i].line_taker == NULL && is_uart(r->board.fdt, v->dev[i].node)) {
            v->console = (int)i;
        }
    }
    if (v->sys->console != NULL && v->console >= 0 && !is_uart(r->board.fdt, node)) {
        vm_error(r, v->sys, "console", "%s is no UART that this version knows; name one of the VM's UARTs, or \"shared\" or \"none\"",
                 v->sys->console);
    }
    if (v->sys->console != NULL && v->console < 0) {
        vm_error(r, v->sys, "console", "%s is not one of the VM's devices; name one of them, or \"shared\" or "
                 "\"none\"", v->sys->console);
    }
}

static bool says(const struct vm *v, const char *word)
{
    return v->sys->console != NULL && strcmp(v->sys->console, word) == 0;
}

static void find_console(struct run *r, struct vm *v)
{
    const struct board_facts *b = &r->board;
    const struct vm *owner = console_owner(r);

    v->console = -1;
    if (says(v, "none")) {
        return;
    }
    if (!says(v, "shared")) {
        find_device(r, v);
        v->shared = v->sys->console == NULL && v->console < 0 && owner == NULL && b->console_unshared == NULL;
    } else if (b->console_unshared != NULL) {
        vm_error(r, v->sys, "console", "the board's console %s cannot be shared: it %s; give the VM a UART of its own",
                 b->console_path, b->console_unshared);
    } else if (owner == v) {
        vm_error(r, v->sys, "console", "the board's console %s is this VM's own by its devices; name it as console, or remove it from "
                 "devices", b->console_path);
    } else if (owner != NULL) {
        vm_error(r, v->sys, "console", "the board's console %s belongs to %s; remove it from that VM's devices",
                 b->console_path, owner->sys->path);
    } else {
        v->shared = true;
    }
    r->shared |= v->shared;
}

static bool cpu_used(const struct run *r, uint32_t cpu)
{
    for (unsigned i = 0; i < r->nr_vms; i++) {
        for (uint32_t k = 0; k < r->vm[i].sys->nr_vcpus; k++) {
            if (r->vm[i].cpus[k] == cpu) {
                return true;
            }
        }
    }
    return false;
}

/* The CPU named; else the first that no VM has; else that of vCPU 0 of the first VM on the shared console. */
static void choose_console_cpu(struct run *r)
{
    uint32_t cpu = 0;
    unsigned first = 0;

    if (r->sys.has_console_cpu) {
        r->console_cpu = r->sys.console_cpu;
        return;
    }
    while (cpu < r->board.nr_cpus && cpu_used(r, cpu)) {
        cpu++;
    }
    while (!r->vm[first].shared) {
        first++;
    }
    r->console_cpu = cpu < r->board.nr_cpus ? cpu : r->vm[first].cpus[0];
}

void resolve_console(struct run *r)
{
    const char *where = source_where(&r->sys.src, "/", "console-cpu");

    for (unsigned i = 0; i < r->nr_vms; i++) {
        find_console(r, &r->vm[i]);
    }
    if (r->sys.has_console_cpu && r->sys.console_cpu >= r->board.nr_cpus) {
        diag_error(&r->diag, where, "/", "CPU %" PRIu32 " does not exist; the board has CPUs 0 to %" PRIu32,
                   r->sys.console_cpu, r->board.nr_cpus - 1U);
    } else if (r->sys.has_console_cpu && !r->shared && r->diag.errors == 0U) {
        diag_error(&r->diag, where, "/", "console-cpu, but no VM is on the shared console; remove it");
    } else if (r->shared) {
        choose_console_cpu(r);
    }
}
