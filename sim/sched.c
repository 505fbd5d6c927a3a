/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cores as coroutines under a seeded scheduler: at every op, lock and atomic another core may go on. The same seed
 * gives the same run. Which core that is, domain.c chooses.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "hv/plan.h"
#include "sim/internal.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#define STACK_BYTES ((size_t)256 * 1024)

struct core sim_cores[SIM_MAX_CPUS];

static ucontext_t host_ctx;
static struct core *running; /* NULL: the host */
static bool in_run, halted;
static enum sim_end ended;
static const void *host_stack;
static size_t host_stack_size;

void sim_tick(void)
{
    if (sim_domain_tick() > sim_cfg.max_steps && in_run) {
        sim_fail("hung: no end after %lu operations", sim_cfg.max_steps);
    }
}

struct core *sim_self(void)
{
    return running != NULL ? running : &sim_cores[sim_cfg.boot_cpu];
}

unsigned sim_actor(void)
{
    return running != NULL ? running->index : SIM_HOST;
}

unsigned sim_cpu(void)
{
    return sim_self()->index;
}

bool sim_on_stack(uintptr_t addr)
{
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        uintptr_t s = (uintptr_t)sim_cores[i].stack;
        if (s != 0U && addr - s < STACK_BYTES) {
            return true;
        }
    }
    return false;
}

void sim_sched_reset(void)
{
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        free(sim_cores[i].stack);
        sim_cores[i] = (struct core){ .index = i, .id = i, .alarm = UINT64_MAX };
    }
    running = NULL;
    in_run = false;
    halted = false;
    ended = (enum sim_end)0;
}

/* AddressSanitizer's own swapcontext warns once per process; libc's, with the announcements around it, is all it
 * needs. */
static int switch_context(ucontext_t *from, const ucontext_t *to)
{
#if defined(__SANITIZE_ADDRESS__)
    static int (*real)(ucontext_t *, const ucontext_t *);
    if (real == NULL) {
        void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
        void *symbol = libc != NULL ? dlsym(libc, "swapcontext") : NULL;
        memcpy(&real, &symbol, sizeof(real));
    }
    if (real != NULL) {
        return real(from, to);
    }
#endif
    return swapcontext(from, to);
}

/* From the host into a core. */
static void enter(struct core *c)
{
    running = c;
#if defined(__SANITIZE_ADDRESS__)
    void *fake;
    __sanitizer_start_switch_fiber(&fake, c->stack, STACK_BYTES);
    switch_context(&host_ctx, &c->ctx);
    __sanitizer_finish_switch_fiber(fake, NULL, NULL);
#else
    switch_context(&host_ctx, &c->ctx);
#endif
    running = NULL;
}

/* From a core back to the host. */
static void leave(struct core *c)
{
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&c->fake_stack, host_stack, host_stack_size);
    switch_context(&c->ctx, &host_ctx);
    __sanitizer_finish_switch_fiber(c->fake_stack, NULL, NULL);
#else
    switch_context(&c->ctx, &host_ctx);
#endif
}

static void trampoline(void)
{
    struct core *c = running;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(NULL, &host_stack, &host_stack_size);
#else
    (void)host_stack;
    (void)host_stack_size;
#endif
    if (c->fn != NULL) {
        c->fn();
    } else {
        sim_core_main(c);
    }
    c->state = CORE_DONE;
    for (;;) {
        leave(c);
    }
}

void sim_core_start(struct core *c)
{
    if (c->stack == NULL) {
        c->stack = malloc(STACK_BYTES);
    }
    getcontext(&c->ctx);
    c->ctx.uc_stack.ss_sp = c->stack;
    c->ctx.uc_stack.ss_size = STACK_BYTES;
    c->ctx.uc_link = NULL;
    makecontext(&c->ctx, trampoline, 0);
    c->state = CORE_READY;
}

void sim_yield(void)
{
    sim_tick();
    if (running != NULL && sim_random() % 4U == 0U) {
        leave(running);
    }
}

void sim_yield_to_others(void)
{
    sim_tick();
    if (running != NULL) {
        leave(running);
    }
}

void sim_leave(void)
{
    leave(running);
}

void sim_sleep(bool (*wake)(struct core *))
{
    sim_tick();
    if (running == NULL) {
        return;
    }
    running->wake = wake;
    running->state = CORE_WAITING;
    leave(running);
}

_Noreturn void sim_stop(enum sim_end end)
{
    if (running == NULL) {
        sim_fail("the machine stopped (%d) outside a run", (int)end);
    }
    ended = end;
    running->state = CORE_DONE;
    for (;;) {
        leave(running);
    }
}

_Noreturn void sim_halt(void)
{
    halted = true;
    if (running == NULL) {
        sim_fail("halted outside a run");
    }
    running->state = CORE_DONE;
    for (;;) {
        leave(running);
    }
}

static enum sim_end run(void)
{
    in_run = true;
    ended = (enum sim_end)0;
    while (ended == 0) {
        struct core *c = sim_domain_pick();
        if (c != NULL) {
            enter(c);
        } else {
            ended = halted ? SIM_HALTED : SIM_IDLE;
        }
    }
    in_run = false;
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        sim_race_edge(i, SIM_HOST);
    }
    return ended;
}

static uint64_t boot_plan_pa;
static uint64_t boot_load_pa;

enum sim_end sim_run(uint64_t plan_pa, uint64_t load_pa)
{
    struct core *c = &sim_cores[sim_cfg.boot_cpu];
    boot_plan_pa = plan_pa;
    boot_load_pa = load_pa;
    c->fn = NULL;
    sim_race_edge(SIM_HOST, c->index);
    sim_core_start(c);
    return run();
}

enum sim_end sim_run_functions(void (*const fn[])(void), unsigned n)
{
    if (n > sim_cfg.nr_cpus) {
        sim_fail("%u functions on a machine of %u CPUs", n, sim_cfg.nr_cpus);
    }
    for (unsigned i = 0; i < n; i++) {
        sim_cores[i].fn = fn[i];
        sim_race_edge(SIM_HOST, i);
        sim_core_start(&sim_cores[i]);
    }
    return run();
}

void sim_boot_arguments(const void **plan, uint64_t *load_pa)
{
    *plan = sim_map(PA(boot_plan_pa), PLAN_MAX_BYTES, MAP_RO);
    *load_pa = boot_load_pa;
}
