/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot door. Order: is this the planned machine (one clear line if not), build every VM, bring up the other CPUs,
 * say what is in force, then let the guests run. Everything that can fail or allocate is before the first guest.
 */
#include "core/log.h"
#include "core/machine.h"
#include "core/own.h"
#include "hv.h"
#include "hv/arch_ops.h"
#include "hv/board.h"
#include "hv/version.h"
#include "run.h"
#include "vdev/doorbell.h"
#include "vdev/vconsole.h"
#include "vdev/virqc.h"

/* Boot CPU waits this long for another CPU to report: generous, since only a broken machine ever needs it. */
#define CHECK_IN_SECONDS 10U

static struct pages pool;
static const struct plan *the_plan;
static atomic32_t checked_in[HV_MAX_CPUS]; /* 0 = not yet, else 1 + enum hv_status */

static _Noreturn void boot_stop(void)
{
    for (;;) {
        arch_ops.cpu.halt();
    }
}

/* What another CPU reports, or 0 if it does not in time. A function of its own with all that it calls in it, so that the profile can tell
 * waiting from the rest of boot (bench/profile.py). */
static __attribute__((noinline, flatten)) uint32_t wait_for_check_in(unsigned cpu)
{
    uint64_t deadline = arch_ops.timer.now() + (uint64_t)CHECK_IN_SECONDS * arch_ops.timer.freq();
    uint32_t answer = atomic32_load(&checked_in[cpu]);
    while (answer == 0U && arch_ops.timer.now() < deadline) {
        arch_ops.cpu.relax();
        answer = atomic32_load(&checked_in[cpu]);
    }
    return answer;
}

static enum hv_status start_cpu(unsigned cpu)
{
    uint64_t id = plan_cpu(the_plan, cpu)->hw_id;
    if (arch_ops.power.cpu_on(cpu, id) != HV_OK) {
        log_line("stopped: cpu %u (id 0x%lx) of the plan does not exist or does not start", cpu, id);
        return HV_ERR_MACHINE;
    }
    uint32_t answer = wait_for_check_in(cpu);
    if (answer == 1U + (uint32_t)HV_ERR_UNSUPPORTED) {
        log_line("stopped: cpu %u (id 0x%lx) lacks one of the extensions that its guest is told of: %s; run hvplan with this board's tree",
                 cpu, id, plan_needs_text(plan_cpu(the_plan, cpu)->needs));
        return HV_ERR_UNSUPPORTED;
    }
    if (answer != 1U + (uint32_t)HV_OK) {
        log_line("stopped: cpu %u (id 0x%lx) does not answer as planned (status %u)", cpu, id, answer);
        return HV_ERR_MACHINE;
    }
    return HV_OK;
}

static enum hv_status start_other_cpus(unsigned self)
{
    for (unsigned cpu = 0; cpu < the_plan->cpus.count; cpu++) {
        enum hv_status st = cpu == self ? HV_OK : start_cpu(cpu);
        if (st != HV_OK) {
            return st;
        }
    }
    return HV_OK;
}

/* Before anything is allocated, so that it is allocated there. */
static enum hv_status move(void)
{
    enum hv_status st = the_plan->hv_colours == 0U ? HV_OK : arch_ops.mmu.move(the_plan);

    if (st != HV_OK) {
        log_line("stopped: no room to map the memory of the hypervisor's colours (status %u)", (unsigned)st);
    }
    return st;
}

static enum hv_status build(unsigned self)
{
    enum hv_status st = arch_ops.irqc.init(the_plan);
    if (st == HV_OK) {
        st = arch_ops.irqc.init_cpu(self);
    }
    if (st != HV_OK) {
        log_line("stopped: the interrupt controller is not the one planned for (status %u)", (unsigned)st);
        return st;
    }
    pool = pages_of_plan(the_plan);
    st = vm_build_all(the_plan, &pool);
    if (st != HV_OK) {
        log_line("stopped: a VM could not be built (status %u)", (unsigned)st);
        return st;
    }
    virqc_init_all(the_plan);
    vconsole_init_all(the_plan);
    st = doorbell_init_all(the_plan);
    return st == HV_OK ? machine_check_images(the_plan) : st;
}

static void say_what_is_in_force(void)
{
    log_text((const char *)the_plan + the_plan->log.offset, the_plan->log.count);
    machine_say_cache(the_plan);
    const char *carriers = "";
    unsigned n = virqc_capacity(&carriers);
    log_line("%u CPUs, %u VMs, %lu of %lu page-table pages used, %u %s, firmware version 0x%x", the_plan->cpus.count, nr_vms,
             pool.used, pool.total, n, carriers, arch_ops.power.version());
}

static void start_vms(void)
{
    for (uint32_t i = 0; i < nr_vms; i++) {
        run_start(&vms[i]);
    }
}

__attribute__((used)) struct vcpu_regs *hv_main_boot(const void *plan, uint64_t load_pa)
{
    unsigned self = 0;
    log_line("Bulkhead %s on %s", HV_VERSION, board.name);
    the_plan = plan;
    if (machine_check(the_plan, load_pa, &self) != HV_OK) {
        boot_stop();
    }
    if (move() != HV_OK) {
        boot_stop();
    }
    own_begin(the_plan);
    own_stacks(the_plan); /* a fault of a CPU that knows its number is told on its stack */
    arch_ops.cpu.set_id(self);
    if (build(self) != HV_OK || start_other_cpus(self) != HV_OK) {
        boot_stop();
    }
    say_what_is_in_force();
    vconsole_init_cpu(the_plan, self);
    vconsole_start(the_plan);
    start_vms();
    return run_wait_start(vcpu_of_cpu(self));
}

static enum hv_status check_in(unsigned cpu)
{
    enum hv_status st = machine_check_cpu(the_plan, cpu);

    return st == HV_OK ? arch_ops.irqc.init_cpu(cpu) : st;
}

__attribute__((used)) struct vcpu_regs *hv_main_secondary(unsigned cpu)
{
    enum hv_status st;
    if (cpu >= the_plan->cpus.count) {
        boot_stop(); /* nobody asked for it: the image has no stack for it either, and boot.S halts it */
    }
    arch_ops.cpu.set_id(cpu);
    st = check_in(cpu);
    atomic32_store(&checked_in[cpu], 1U + (uint32_t)st);
    if (st != HV_OK) {
        boot_stop();
    }
    vconsole_init_cpu(the_plan, cpu);
    return run_wait_start(vcpu_of_cpu(cpu));
}
