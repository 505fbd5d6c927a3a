/* SPDX-License-Identifier: Apache-2.0 */
/* A VM prints while the serving CPU drains, on many interleavings: what comes between two looks of one turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "core/console.h"
#include "hv/arch_ops.h"
#include "own_fixture.h"
#include "sim/sim.h"

#define LINES 20U
#define HOLD  1000000000U /* never over */

static unsigned printing;

static void print_lines(uint32_t port)
{
    for (unsigned i = 0; i < LINES; i++) {
        for (const char *s = "a line\r\n"; *s != '\0'; s++) {
            (void)console_put(port, *s);
        }
    }
    printing--;
}

/* It has the focus: what it prints goes out at once, and its line is open then. */
static void port_0(void)
{
    print_lines(0);
}

/* Others always wait for their turn. */
static void port_1(void)
{
    print_lines(1);
}

static void serves(void)
{
    uint64_t until;
    while (printing != 0U || console_drain(sim_now(), HOLD, &until) != CONSOLE_IDLE) {
        (void)console_drain(sim_now(), HOLD, &until);
        arch_ops.cpu.relax();
    }
}

static void body(void *arg)
{
    static void (*const fn[])(void) = { port_0, port_1, serves };
    struct sim_config c = sim_default();
    unsigned whole = 0;
    c.seed = (uintptr_t)arg;
    sim_init(&c);
    own_fixture();
    console_init(CONSOLE_OUT_BYTES);
    console_attach(0, "one");
    console_attach(1, "two");
    printing = 2;
    sim_expect(sim_run_functions(fn, 3) == SIM_IDLE);
    for (const char *p = sim_console(); *p != '\0'; whole++) {
        const char *end = strstr(p, "\r\n");
        sim_expect(end != NULL);
        if (strncmp(p, "[one] a line\r\n", 14) != 0 && strncmp(p, "[two] a line\r\n", 14) != 0) {
            sim_fail("a line is broken: \"%.*s\"", (int)(end - p), p);
        }
        p = end + 2;
    }
    sim_expect(whole == 2U * LINES);
}

/* WALL-CON-1 */
static void an_open_line_that_goes_on_is_never_broken(void **state)
{
    (void)state;
    for (uintptr_t seed = 1; seed <= 100U; seed++) {
        char text[8192];
        if (!sim_outcome(body, (void *)seed, text, sizeof(text))) {
            fail_msg("%s", text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_open_line_that_goes_on_is_never_broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
