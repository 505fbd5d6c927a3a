/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two-run non-interference: a VM (the victim) runs a seeded script of all that a guest can do; once beside a VM that sits
 * in WFI, then beside the same VM doing at random whatever a guest can (the attacker), a few attackers for each victim.
 * Everything of the victim has to be the same in each run: the registers at each exit and entry, its RAM, its virtual
 * interrupt controller, its interrupts at the physical one, its emulated UART and its side of the shared console's rings,
 * its power states, the result of each access, and every operation of its CPUs on the machine with arguments and results,
 * in one order and at the same time by its own clock. And in each run the merged output of the console has what the
 * victim printed, line by line, complete and in order, under its name; and no line without a name.
 *
 * That is a fair question since each VM's CPUs are a domain of the simulator (sim_domains_begin), and so is the CPU that
 * serves the console, with the board's UART; in some machines that is the keeper's or the attacker's. What the runs may
 * differ in is left out here, all of it:
 *   - how long the victim waits for one of the locks that all VMs share, which hv/README.md names: the victim's clock
 *     stands still meanwhile. A wait at any other lock for a CPU of another VM is a failure;
 *   - other VMs' bits in a word that the hypervisor reads from the interrupt controller (trace_ops.c);
 *   - whether a character that the victim prints, or a line of the log that is about it, has to wake the serving CPU
 *     (console_tell: two atomics and an IPI), since that CPU may be awake for others. The victim's clock stands still;
 *   - when the serving CPU takes what the victim printed (console_port.out_taken, lines), and so when its lines come out
 *     among others'. As the victim prints less than its ring holds, nothing of it may be lost. What a VM loses that
 *     prints more depends on how fast the UART, which is shared, takes it;
 *   - where a line is broken that is longer than CONSOLE_LINE_MAX, or any that the victim leaves open while it has the
 *     focus: others get their turn then, if they have something to say.
 * What is typed to the victim arrives before the runs part, since a person is not a part of either; it reads that later,
 * from FIFO and ring. Afterwards keys go to the attacker and to the keeper alone. That the serving CPU's own VM pays for
 * serving is why no victim's CPU serves.
 * A third VM ("keeper") never ends, so that the end of the machine, which is nobody's, does not belong to the victim's
 * run.
 *
 * NONINTERFERENCE_SEED and NONINTERFERENCE_RUNS choose other victims (tests/unit/seeds.h); a failure tells its seed.
 * WALL-MEM-1, WALL-IRQ-1, WALL-IRQ-2, WALL-IRQ-3, WALL-CPU-2, WALL-CPU-3, WALL-TIME-1, WALL-FW-1, WALL-FW-2, WALL-CON-1,
 * WALL-CON-2, WALL-CON-3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "core/console.h"
#include "core/log.h"
#include "defects.h"
#include "seeds.h"
#include "system.h"
#include "three_vms.h"
#include "trace.h"
#include "victim.h"

#define VICTIMS   80U /* unless the environment says otherwise */
#define ATTACKERS 3U  /* for each victim */
#define ACTIONS   120U /* of each vCPU */
#define MAX_KINDS 40U
#define KEYS      200U /* typed to the attacker, at most */

/* What is shared with the parent. */
static struct counts {
    uint32_t kind[THREE_VMS][MAX_KINDS];
    uint64_t entries, printed;
    uint32_t whole;  /* victims that came to the end of their script */
    uint32_t heard;  /* victims that read something typed */
    uint32_t floods; /* attackers that lost output */
    uint32_t typed;  /* to attackers */
} *counts;

static struct run {
    uint64_t seed;    /* of the machine and the victim */
    unsigned attacker; /* 0: sits in WFI */
    bool console;     /* one is shared in any case */
    const struct defect *defect;
} run;

static struct trace *trace; /* shared with the parent, as counts */
static uint32_t arrived;
static bool begun, defect_done;
static const void *shared_locks[2], *aside_words[2];

static bool on_cpu_of(enum role role)
{
    return ((three_roles[role].cpus >> sim_cpu()) & 1U) != 0U;
}

/* ---- The runs ---- */

/* Somebody types to the attacker or the keeper, and asks the console for what it knows. */
static void type(void)
{
    static unsigned typed;
    char keys[16];
    char to = (char)('1' + (int)three_roles[ATTACKER + sim_random() % 2U].index);

    if (three_server == SERVER_NONE || three_focus == VICTIM || typed >= KEYS || sim_random() % 128U != 0U) {
        return;
    }
    switch (sim_random() % 8U) {
    case 0:
        snprintf(keys, sizeof(keys), "%c%c", CONSOLE_ESCAPE, "?l"[sim_random() % 2U]);
        break;
    case 1:
        snprintf(keys, sizeof(keys), "%c%c", CONSOLE_ESCAPE, to);
        break;
    default:
        snprintf(keys, sizeof(keys), "%lx\r", sim_random() & 0xffffffffffffU);
        break;
    }
    typed += (unsigned)strlen(keys);
    counts->typed += (unsigned)strlen(keys);
    sim_type(keys);
}

static void before_op(void)
{
    if (!begun) {
        return;
    }
    if (on_cpu_of(VICTIM)) {
        random_device(&three_roles[VICTIM].guest);
    } else if (run.attacker != 0U && on_cpu_of(ATTACKER)) {
        random_device(&three_roles[ATTACKER].guest);
        type();
        if (run.defect != NULL && !defect_done && sim_random() % 128U == 0U) {
            defect_done = run.defect->act();
        }
    }
}

/* What is printed stays in the rings for long. */
static bool slow_server(void)
{
    return run.attacker == ATTACKERS || run.defect != NULL;
}

static void part(void)
{
    struct sim_domains d = { .between = run.seed * 1000003U + run.attacker };
    three_domains(&d);
    for (unsigned i = 0; i < SIM_MAX_CPUS; i++) {
        d.seed[i] = (run.seed << 8) + i;
    }
    d.seed[ATTACKER] += (uint64_t)run.attacker << 40;
    d.slow = slow_server() ? 1U << d.uart : 0U;
    memcpy(d.shared, shared_locks, sizeof(shared_locks));
    memcpy(d.aside, aside_words, sizeof(aside_words));
    begun = true;
    trace_begin(trace, three_roles[VICTIM].cpus);
    sim_domains_begin(&d);
}

/* Somebody types to the victim, and when that has arrived chooses who has the focus. True when the serving CPU has
 * obeyed:
 * it has asked the victim's vCPUs for the last time then, and who has no focus has none from its first line on. */
static bool all_is_typed(void)
{
    static unsigned step;
    const struct console_port *port = &console_ports[three_roles[VICTIM].index];
    char keys[CONSOLE_KEYS]; /* no more than one turn takes */
    if (three_server == SERVER_NONE) {
        return true;
    }
    if (step == 0U) {
        step = 1;
        snprintf(keys, sizeof(keys), "%c%utyped ahead to the vm", CONSOLE_ESCAPE, three_roles[VICTIM].index + 1U);
        sim_type(keys);
    } else if (step == 1U && port->in_taken.v != 0U) {
        step = 2;
        snprintf(keys, sizeof(keys), "%c%u", CONSOLE_ESCAPE, three_roles[three_focus].index + 1U);
        sim_type(keys);
    }
    return step == 2U && sim_keys_left() == 0U && console_focus() == three_roles[three_focus].index;
}

/* The last VM that is up parts them. */
static void meet(struct sim_guest *g, enum role role)
{
    arrived |= 1U << role;
    if (arrived != (1U << THREE_VMS) - 1U) {
        while (!begun) {
            sim_guest_step(g);
        }
        return;
    }
    while (!all_is_typed()) {
        sim_guest_step(g);
    }
    part();
}

static void victim(struct sim_guest *g)
{
    if (!begun) {
        meet(g, VICTIM);
    }
    random_guest(g);
    counts->whole++;
}

static void attacker(struct sim_guest *g)
{
    if (!begun) {
        meet(g, ATTACKER);
    }
    if (run.attacker != 0U) {
        random_guest(g);
    }
    sim_guest_wfi(g);
}

static void keeper(struct sim_guest *g)
{
    meet(g, KEEPER);
    sim_guest_wfi(g);
}

/* What hv/README.md names as shared by all VMs, and the words that console_tell accesses: found by use. */
static void find_shared(void)
{
    log_line("which lock?");
    shared_locks[0] = sim_last_lock();
    shared_locks[1] = victim_shared_lock();
    sim_expect(shared_locks[0] != shared_locks[1] && shared_locks[0] != NULL);
    (void)console_active();
    aside_words[0] = sim_last_word();
    (void)console_was_told();
    aside_words[1] = sim_last_word();
    sim_expect(aside_words[0] != aside_words[1] && aside_words[1] != NULL);
}

static void count_console_use(void)
{
    const struct console_port *port = &console_ports[three_roles[VICTIM].index];
    if (three_server != SERVER_NONE) {
        counts->printed += victim_printed();
        counts->heard += port->in_taken.v > 16U ? 1U : 0U; /* more than its FIFO held when it began */
        counts->floods += console_ports[three_roles[ATTACKER].index].dropped.v != 0U ? 1U : 0U;
    }
}

/* One run: recorded, or held against the record. */
static void body(void *arg)
{
    static const sim_guest_fn scripts[THREE_VMS] = { victim, attacker, keeper };
    run = *(struct run *)arg;
    find_shared();
    three_install(run.seed, run.console);
    trace_ops(before_op, victim_bits, three_server != SERVER_NONE ? three_plan.p.console_cpu : TRACE_NO_CPU);
    sim_guest_watch(victim_watch);
    for (unsigned role = 0; role < THREE_VMS; role++) {
        struct random_vm *g = &three_roles[role].guest;
        g->actions = ACTIONS;
        g->count = counts->kind[role];
        for (unsigned i = 0; i < g->nr_vcpus; i++) {
            sim_guest_script(g->cpus[i], scripts[role], g);
        }
    }
    three_roles[ATTACKER].guest.floods = slow_server() && run.defect == NULL && run.seed % 8U == 0U ? 1U : 0U;
    enum sim_end end = sim_run(three_plan.p.plan_pa, three_plan.p.hv_base);
    sim_expect(begun && end == SIM_IDLE && count_console("panic") == 0U);
    sim_expect(run.defect == NULL || defect_done);
    victim_at_the_end();
    counts->entries += trace_end();
    count_console_use();
}

/* What guards against a test that looks at little: it has seen all kinds of actions on both sides. */
static void expect_busy(uint64_t runs)
{
    for (unsigned i = 0; i < random_kinds(); i++) {
        if (counts->kind[VICTIM][i] == 0U || counts->kind[ATTACKER][i] == 0U) {
            fail_msg("no victim, or no attacker, did \"%s\"", random_kind(i));
        }
    }
    assert_true(counts->entries > runs * 500U);
    assert_true(counts->whole > runs / 4U);
    assert_true(counts->printed > runs * 100U);
    assert_true(counts->heard > runs / 8U);
    assert_true(counts->typed > runs * 10U);
    assert_true(counts->floods > 0U);
}

static void a_vm_runs_the_same_whatever_its_neighbour_does(void **state)
{
    struct seeds s = seeds_of("NONINTERFERENCE", VICTIMS);
    (void)state;
    memset(counts, 0, sizeof(*counts));
    for (uint64_t seed = s.first; seed < s.first + s.count; seed++) {
        trace_clear(trace);
        for (unsigned n = 0; n <= ATTACKERS; n++) {
            char text[8192];
            struct run r = { .seed = seed, .attacker = n };
            if (!sim_outcome(body, &r, text, sizeof(text))) {
                fail_msg("NONINTERFERENCE_SEED=%lu (attacker %u): %s", seed, n, text);
            }
        }
    }
    printf("noninterference: victims of seeds %lu to %lu, %u attackers each: %lu entries, %lu characters printed, %u "
           "attackers lost output, %u characters typed to them\n",
           s.first, s.first + s.count - 1U, ATTACKERS, counts->entries, counts->printed, counts->floods, counts->typed);
    if (s.count >= VICTIMS) {
        expect_busy(s.count * (ATTACKERS + 1U));
    }
}

/* ---- What the test is for, done on purpose ---- */

#define SEEDS_PER_DEFECT 6U
#define MAX_DEFECTS      32U

static bool finds(const struct defect *defect, uint64_t seed)
{
    char text[8192];
    struct run loud = { .seed = seed, .attacker = 1, .console = true, .defect = defect };
    return !sim_outcome(body, &loud, text, sizeof(text)) &&
           (strstr(text, "interference: ") != NULL || strstr(text, "shares with nobody") != NULL);
}

static void interference_of_each_kind_is_found(void **state)
{
    unsigned found[MAX_DEFECTS] = { 0 };
    (void)state;
    assert_true(defects() <= MAX_DEFECTS);
    for (uint64_t seed = 1; seed <= SEEDS_PER_DEFECT; seed++) {
        char text[8192];
        struct run quiet = { .seed = seed, .console = true };
        trace_clear(trace);
        if (!sim_outcome(body, &quiet, text, sizeof(text))) {
            fail_msg("%s", text);
        }
        for (unsigned i = 0; i < defects(); i++) {
            found[i] += finds(defect(i), seed) ? 1U : 0U;
        }
    }
    for (unsigned i = 0; i < defects(); i++) {
        printf("noninterference: %s: found in %u of %u runs\n", defect(i)->name, found[i], SEEDS_PER_DEFECT);
        assert_true(found[i] >= SEEDS_PER_DEFECT / 2U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vm_runs_the_same_whatever_its_neighbour_does),
        cmocka_unit_test(interference_of_each_kind_is_found),
    };
    trace = trace_new();
    counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
