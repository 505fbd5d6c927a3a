/* SPDX-License-Identifier: Apache-2.0 */
/* One UART for two VMs: the whole way of a character, out and in, on many interleavings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "console_guest.h"
#include "core/console.h"
#include "core/vm.h"
#include "vdev/vconsole_state.h"

#define LINES  12U

/* CPUs 0 and 2 run VM one, 1 VM two, 3 nobody. */
static unsigned cpu_of_seed(uint64_t seed)
{
    return (unsigned)(seed % 4U);
}

/* Every line of the console begins with a name; returns the n-th line (from 0) of one name, or NULL. */
static const char *line_of(const char *name, unsigned n)
{
    static char line[4096];
    static const char *const names[] = { "[hv] ", "[one] ", "[two] " };
    const char *found = NULL;
    for (const char *p = sim_console(); *p != '\0';) {
        const char *end = strstr(p, "\r\n");
        sim_expect(end != NULL && (size_t)(end - p) < sizeof(line));
        bool known = false;
        for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
            known = known || strncmp(p, names[i], strlen(names[i])) == 0;
        }
        sim_expect(known);
        if (found == NULL && strncmp(p, name, strlen(name)) == 0 && n-- == 0U) {
            memcpy(line, p + strlen(name), (size_t)(end - p) - strlen(name));
            line[(size_t)(end - p) - strlen(name)] = '\0';
            found = line;
        }
        p = end + 2;
    }
    return found;
}

static void expect_lines(const char *name, const char *what, unsigned first)
{
    for (unsigned i = 0; i < LINES; i++) {
        char want[64];
        const char *got = line_of(name, first + i);
        snprintf(want, sizeof(want), "%s %u of many", what, i);
        if (got == NULL || strcmp(got, want) != 0) {
            sim_fail("line %u of %s: \"%s\", not \"%s\"", first + i, name, got == NULL ? "(none)" : got, want);
        }
    }
}

static void prints(struct sim_guest *g)
{
    char line[64];
    for (unsigned i = 0; i < LINES; i++) {
        snprintf(line, sizeof(line), "line %u of many\r\n", i);
        print(g, line);
    }
    print(g, "and an open end");
    guest_power_off(g);
}

/* WALL-CON-1 */
static void two_print(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), cpu_of_seed(SEED(arg)));
    system_install(&s);
    sim_guest_script(0, prints, NULL);
    sim_guest_script(1, prints, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_lines("[one] ", "line", 0);
    expect_lines("[two] ", "line", 0);
    sim_expect(strcmp(line_of("[one] ", LINES), "and an open end") == 0);
    sim_expect(strcmp(line_of("[two] ", LINES), "and an open end") == 0);
    expect_console("[hv] vm one: powered off\r\n");
    expect_console("[hv] all VMs ended; powering off\r\n");
}

static void lines_of_two_vms_never_mix_and_none_is_lost(void **state)
{
    (void)state;
    run_on_seeds(two_print, 10);
}

static char heard_one[64], heard_two[64];
static unsigned stage;

static void wait_stage(struct sim_guest *g, unsigned n)
{
    while (stage < n) {
        sim_guest_step(g);
    }
}

static void one_listens(struct sim_guest *g)
{
    uart_on(g);
    irq_on(g);
    uart_listen(g);
    read_keys(g, heard_one, "ahead");
    sim_type("uname -a!\x1d" "2q and more than a FIFO holds!\x1dn" "back!");
    read_keys(g, heard_one, "back!");
    stage = 1;
    guest_power_off(g);
}

static void two_listens(struct sim_guest *g)
{
    uart_on(g);
    irq_on(g);
    uart_listen(g);
    read_keys(g, heard_two, "holds!");
    wait_stage(g, 1);
    guest_power_off(g);
}

/* WALL-CON-2 */
static void focus(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), cpu_of_seed(SEED(arg)));
    s.machine.nr_lrs = 1U + (unsigned)(SEED(arg) % 4U);
    system_install(&s);
    sim_type("typed ahead");
    sim_guest_script(0, one_listens, NULL);
    sim_guest_script(1, two_listens, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(sim_keys_left() == 0U);
    sim_expect(strcmp(heard_one, "typed aheaduname -a!back!") == 0);
    sim_expect(strcmp(heard_two, "q and more than a FIFO holds!") == 0);
    expect_console("[hv] input goes to two\r\n");
    expect_console("[hv] input goes to one\r\n");
}

static void what_is_typed_reaches_the_vm_with_the_focus_alone(void **state)
{
    (void)state;
    run_on_seeds(focus, 12);
}

static unsigned ipis_to_two;
static void (*real_send_ipi)(unsigned cpu);

static void counts_ipis(unsigned cpu)
{
    ipis_to_two += cpu == 1U ? 1U : 0U;
    real_send_ipi(cpu);
}

static void one_hears_much(struct sim_guest *g)
{
    uart_on(g);
    irq_on(g);
    uart_listen(g);
    wait_stage(g, 1);
    ipis_to_two = 0;
    sim_type("all of this is for the first!");
    read_keys(g, heard_one, "first!");
    sim_expect(ipis_to_two == 0U);
    stage = 2;
    guest_power_off(g);
}

static void two_minds_its_business(struct sim_guest *g)
{
    stage = 1;
    wait_stage(g, 2);
    guest_power_off(g);
}

/* WALL-CON-2 */
static void undisturbed(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), 3);
    system_install(&s);
    real_send_ipi = arch_ops.irqc.send_ipi;
    arch_ops.irqc.send_ipi = counts_ipis;
    sim_guest_script(0, one_hears_much, NULL);
    sim_guest_script(1, two_minds_its_business, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
}

static void what_is_typed_to_one_vm_interrupts_no_other(void **state)
{
    (void)state;
    run_on_seeds(undisturbed, 8);
}

static struct vuart first_life;

/* Each life finds its UART and its keys as the first did, leaves them otherwise, and asks for a reset; the third
 * ends. */
static void lives_again(struct sim_guest *g)
{
    const struct console_port *p = &console_ports[0];
    if (g->starts == 1U) {
        first_life = vconsoles[0].uart;
    }
    sim_expect(memcmp(&vconsoles[0].uart, &first_life, sizeof(first_life)) == 0);
    sim_expect(!vconsoles[0].line && atomic32_load(&p->in_put) == atomic32_load(&p->in_taken));
    if (g->starts == 3U) {
        guest_power_off(g);
    }
    uart_scribble(g);
    uart_all_interrupts(g);
    print(g, "an unfinished line");
    uart_loop_back(g);
    print(g, "in the receiver");
    sim_type("typed and never read, and more of it than the receiver's FIFO holds");
    while (sim_keys_left() != 0U) { /* what comes later is the next life's */
        sim_guest_step(g);
    }
    sim_expect(memcmp(&vconsoles[0].uart, &first_life, sizeof(first_life)) != 0);
    sim_expect(atomic32_load(&p->in_put) != atomic32_load(&p->in_taken));
    sim_guest_reset_vm(g);
}

/* WALL-FW-3 */
static void restarted(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), 3);
    plan_fixture_restart(&s.plan);
    s.plan.regions[1].size = 0x400000; /* less to clear */
    system_install(&s);
    sim_guest_script(0, lives_again, NULL);
    sim_guest_script(1, guest_power_off, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    sim_expect(vms[0].lives.restarts == 2U);
}

static void a_vm_that_restarts_finds_its_uart_as_its_first_life_did(void **state)
{
    (void)state;
    run_on_seeds(restarted, 6);
}

/* More than a ring holds, and most of it without an end of line. */
static void floods(struct sim_guest *g)
{
    for (unsigned i = 0; i < CONSOLE_OUT_BYTES + CONSOLE_OUT_BYTES / 4U; i++) {
        guest_put32(g, UART_DATA, i % 256U == 255U ? '\n' : 'x');
    }
    stage = 1;
    wait_stage(g, 2);
    guest_power_off(g);
}

static void goes_on(struct sim_guest *g)
{
    char line[64];
    for (unsigned i = 0; i < LINES; i++) {
        snprintf(line, sizeof(line), "beside %u of many\n", i);
        print(g, line);
    }
    wait_stage(g, 1);
    for (unsigned i = 0; i < LINES; i++) {
        snprintf(line, sizeof(line), "after %u of many\n", i);
        print(g, line);
    }
    stage = 2;
    guest_power_off(g);
}

/* WALL-CON-1 */
static void flood(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), SEED(arg) % 2U == 0U ? 3U : 1U);
    s.machine.uart_rate = 1000; /* far slower than the guest */
    system_install(&s);
    sim_guest_script(0, goes_on, NULL);
    sim_guest_script(1, floods, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_lines("[one] ", "beside", 0);
    expect_lines("[one] ", "after", LINES);
    expect_console(" characters lost)\r\n");
    expect_console("characters of its console output were dropped\r\n");
    sim_expect(atomic32_load(&console_ports[1].dropped) != 0U);
    sim_expect(atomic32_load(&console_ports[0].dropped) == 0U);
}

static void a_flood_drops_its_own_output_and_nobody_elses(void **state)
{
    (void)state;
    run_on_seeds(flood, 2);
}

/* Its emulated UART is left in any state; what was typed to a VM that is gone wakes nobody. */
static void dies_listening(struct sim_guest *g)
{
    uart_on(g);
    irq_on(g);
    uart_all_interrupts(g);
    sim_type("waiting");
    if (sim_random() % 2U == 0U) {
        sim_guest_wfi(g);
    }
    guest_power_off(g);
}

static void prints_later(struct sim_guest *g)
{
    for (unsigned i = 0; i < 50U; i++) {
        sim_guest_step(g);
    }
    sim_type("to the dead");
    prints(g);
}

static void dying(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), cpu_of_seed(SEED(arg)));
    system_install(&s);
    sim_guest_script(0, dies_listening, NULL);
    sim_guest_script(1, prints_later, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_lines("[two] ", "line", 0);
}

static void a_vm_may_end_while_its_console_is_in_use(void **state)
{
    (void)state;
    run_on_seeds(dying, 12);
}

/* Registers around and beside the UART: of the guest's own page, and of nobody's. */
static void looks_around(struct sim_guest *g)
{
    uint64_t v;
    sim_expect(uart_is_there(g));
    sim_expect(sim_guest_read(g, UART + 0x1000U, 4, &v) == SIM_DATA_ABORT);
    sim_expect(sim_guest_read(g, UART - 4U, 4, &v) == SIM_DATA_ABORT);
    sim_expect(sim_guest_read_pair(g, UART) == SIM_DATA_ABORT);
    sim_expect(sim_guest_fetch(g, UART) == SIM_INSN_ABORT);
    for (uint64_t a = 0; a < 0x1000U; a += 4U) {
        sim_expect(sim_guest_write(g, UART + a, 4, ~0ULL) == SIM_OK);
        sim_expect(sim_guest_write(g, UART + a + 1U, 1, ~0ULL) == SIM_OK);
        sim_expect(sim_guest_read(g, UART + (a & ~7ULL), 8, &v) == SIM_OK);
    }
    print(g, "\n");
    guest_power_off(g);
}

static void around(void *arg)
{
    struct system s;
    prepare(&s, SEED(arg), 3);
    system_install(&s);
    sim_guest_script(0, looks_around, NULL);
    sim_guest_script(1, prints, NULL);
    sim_expect(system_boot(&s) == SIM_POWERED_OFF);
    expect_lines("[two] ", "line", 0);
}

/* WALL-CON-3 */
static void all_ones_in_every_register_harm_nobody_else(void **state)
{
    (void)state;
    run_on_seeds(around, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_two_vms_never_mix_and_none_is_lost),
        cmocka_unit_test(what_is_typed_reaches_the_vm_with_the_focus_alone),
        cmocka_unit_test(what_is_typed_to_one_vm_interrupts_no_other),
        cmocka_unit_test(a_vm_that_restarts_finds_its_uart_as_its_first_life_did),
        cmocka_unit_test(a_flood_drops_its_own_output_and_nobody_elses),
        cmocka_unit_test(a_vm_may_end_while_its_console_is_in_use),
        cmocka_unit_test(all_ones_in_every_register_harm_nobody_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
