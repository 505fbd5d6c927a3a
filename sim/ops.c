/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's table of ops, power-on of the machine, and how a run fails. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hv/board.h"
#include "sim/internal.h"

struct sim_config sim_cfg;

static void *mmu_map(paddr_t pa, uint64_t size, enum map_attr attr)
{
    /* A mapping of the hypervisor's own region cannot fail. */
    return sim_op("mmu.map", !sim_own(pa.v, size)) ? NULL : sim_map(pa, size, attr);
}

static void mmu_unmap(const void *p, uint64_t size)
{
    (void)sim_op("mmu.unmap", false);
    sim_unmap(p, size);
}

static void *mmu_window_open(enum mmu_window w, paddr_t pa)
{
    (void)sim_op("mmu.window_open", false);
    return sim_window_open(w, pa);
}

static void mmu_window_close(enum mmu_window w)
{
    (void)sim_op("mmu.window_close", false);
    sim_window_close(w);
}

static void cache_clean(const void *p, uint64_t size)
{
    (void)sim_op("cache.clean", false);
    sim_cache_clean(p, size);
}

static bool cache_report(struct llc_report *out)
{
    (void)sim_op("cache.report", false);
    return sim_isa_cache(out);
}

static bool mmu_probe(paddr_t pa)
{
    return !sim_op("mmu.probe", true) && sim_is_ram(pa.v, 1);
}

static paddr_t mmu_pa_of(const void *p)
{
    (void)sim_op("mmu.pa_of", false);
    return sim_pa_of(p);
}

static void *mmu_own(uint64_t first, uint64_t size)
{
    (void)sim_op("mmu.own", false);
    return sim_own_memory(first, size);
}

static void mmu_stack(unsigned cpu, void *page)
{
    (void)sim_op("mmu.stack", false);
    sim_own_stack(cpu, page);
}

static enum hv_status mmu_move(const struct plan *plan)
{
    if (sim_op("mmu.move", true)) {
        return HV_ERR_NOMEM;
    }
    sim_move(plan);
    return HV_OK;
}

static void mmu_pte_write(uint64_t *slot, uint64_t pte)
{
    (void)sim_op("mmu.pte_write", false);
    sim_pte_write(slot, pte);
}

static void mmu_pte_fill(uint64_t *slot, uint64_t first, uint64_t step, uint64_t n)
{
    (void)sim_op("mmu.pte_fill", false);
    for (uint64_t i = 0; i < n; i++) {
        if ((slot[i] & 1U) != 0U) {
            sim_fail("pte_fill over a valid entry at %p", (void *)&slot[i]);
        }
        sim_pte_write(&slot[i], first + (i * step));
    }
}

static void tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa)
{
    (void)sim_op("tlb.flush_ipa", false);
    sim_tlb_flush_ipa(s2, ipa);
}

static void tlb_flush_vm(const struct s2_hw *s2)
{
    (void)sim_op("tlb.flush_vm", false);
    sim_tlb_flush_vm(s2);
}

static uint64_t timer_now(void)
{
    (void)sim_op("timer.now", false);
    return sim_now();
}

static uint32_t timer_freq(void)
{
    (void)sim_op("timer.freq", false);
    return board.timebase_hz != 0U ? board.timebase_hz : 62500000U;
}

static void timer_stop_guest(void)
{
    (void)sim_op("timer.stop_guest", false);
    sim_isa_timer_off(sim_self());
}

static void timer_alarm(uint64_t when)
{
    (void)sim_op("timer.alarm", false);
    sim_self()->alarm = when;
}

struct arch_ops arch_ops;

void sim_ops_reset(void)
{
    sim_uart_reset();
    arch_ops = (struct arch_ops){
        .cpu = sim_cpu_ops,
        .mmu = { mmu_map, mmu_unmap, mmu_window_open, mmu_window_close, mmu_probe, mmu_pa_of, mmu_own, mmu_stack, mmu_move, mmu_pte_write,
                 mmu_pte_fill },
        .tlb = { tlb_flush_ipa, tlb_flush_vm },
        .cache = { cache_clean, cache_report },
        .irqc = sim_irqc_ops,
        .virq = sim_virq_ops,
        .isa = sim_isa_ops,
        .timer = { timer_now, timer_freq, timer_stop_guest, timer_alarm },
        .power = sim_power_ops,
        .console = sim_console_ops,
    };
}

struct sim_config sim_default(void)
{
    struct sim_config c = {
        .seed = 1,
        .nr_cpus = 4,
        .ram_base = 0x40000000,
        .ram_size = 64ULL << 20,
        .own_base = 0x40200000,
        .own_size = HV_REGION_SIZE,
        .nr_irqs = 288,
        .map_windows = 8,
        .uart_irq = 33,
        .max_steps = 20000000,
    };
    sim_isa_default(&c);
    return c;
}

void sim_init(const struct sim_config *config)
{
    sim_cfg = *config;
    if (sim_cfg.nr_cpus > SIM_MAX_CPUS || sim_cfg.boot_cpu >= sim_cfg.nr_cpus) {
        sim_fail("a machine of %u CPUs, at most %u, that boots on CPU %u", sim_cfg.nr_cpus, SIM_MAX_CPUS, sim_cfg.boot_cpu);
    }
    if (sim_cfg.irqc_version == (unsigned)PLAN_IRQC_GICV2 && sim_cfg.nr_cpus > PLAN_GICV2_CPUS) {
        sim_fail("a GICv2 with %u CPUs (IHI 0048B 2.1)", sim_cfg.nr_cpus);
    }
    bool named = false;
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        named = named || sim_cfg.hw_id[i] != 0U;
    }
    for (unsigned i = 0; !named && i < SIM_MAX_CPUS; i++) {
        sim_cfg.hw_id[i] = i;
    }
    sim_fault_reset();
    sim_sched_reset();
    sim_domain_reset();
    sim_mem_reset();
    sim_llc_reset();
    sim_tlb_reset();
    sim_bbm_reset();
    sim_race_reset();
    sim_core_reset();
    sim_guest_reset();
    sim_isa_reset();
    sim_ops_reset();
}

const struct sim_config *sim_config(void)
{
    return &sim_cfg;
}

/* A unit test that needs no particular machine has the default one before main(). */
__attribute__((constructor)) static void power_on(void)
{
    struct sim_config c = sim_default();
    sim_init(&c);
}

static int report_fd = -1;
extern void __gcov_dump(void) __attribute__((weak));

static _Noreturn void leave_process(int status)
{
    fflush(NULL);
    if (__gcov_dump != NULL) {
        __gcov_dump();
    }
    _exit(status);
}

_Noreturn void sim_fail(const char *fmt, ...)
{
    char text[4096];
    va_list ap;
    va_start(ap, fmt);
    size_t n = (size_t)vsnprintf(text, 1024, fmt, ap);
    va_end(ap);
    n = n < 1024U ? n : 1023U;
    const char *console = sim_console();
    size_t console_len = strlen(console);
    n += (size_t)snprintf(text + n, sizeof(text) - n, "\n  at cpu %u, step %lu, seed %lu\n%s%.2000s", sim_actor(),
                          sim_now(), sim_cfg.seed, console_len != 0U ? "  console:\n" : "",
                          console_len > 2000U ? console + console_len - 2000U : console);
    if (report_fd >= 0) {
        ssize_t done = write(report_fd, text, n < sizeof(text) ? n : sizeof(text) - 1U);
        (void)done;
    } else {
        fprintf(stderr, "sim: FAILED: %s\n", text);
        sim_trace_print();
    }
    leave_process(SIM_FAIL_STATUS);
}

bool sim_outcome(void (*body)(void *), void *arg, char *text, size_t size)
{
    int fd[2];
    text[0] = '\0';
    fflush(NULL);
    if (pipe(fd) != 0) {
        sim_fail("no pipe");
    }
    pid_t child = fork();
    if (child == 0) {
        close(fd[0]);
        report_fd = fd[1];
        (void)dup2(fd[1], STDERR_FILENO); /* what a sanitizer says belongs to it */
        sim_mem_fork();
        body(arg);
        leave_process(0);
    }
    close(fd[1]);
    size_t len = 0;
    char part[512];
    ssize_t n;
    while ((n = read(fd[0], part, sizeof(part))) > 0) {
        size_t fits = (size_t)n < size - 1U - len ? (size_t)n : size - 1U - len;
        memcpy(text + len, part, fits);
        len += fits;
    }
    text[len] = '\0';
    close(fd[0]);
    int status = 0;
    (void)waitpid(child, &status, 0);
    if (!(WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SIM_FAIL_STATUS))) {
        snprintf(text + len, size - len, "%schild ended with status 0x%x", len != 0U ? "; " : "", status);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
