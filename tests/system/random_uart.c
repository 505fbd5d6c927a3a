/* SPDX-License-Identifier: Apache-2.0 */
/* What the random guest prints by its emulated UART: text of all kinds. */
#include <stdio.h>
#include <string.h>

#include "core/console.h"
#include "random_acts.h"

#define DR RANDOM_UART /* on each ISA */

static void print(struct sim_guest *g, const char *s, size_t n)
{
    unsigned size = 1U << below(3);
    for (size_t i = 0; i < n; i++) {
        act_put(g, DR, size, (uint8_t)s[i] | (one_in(4) ? below(0x100) << 8 : 0U));
    }
}

/* Readable, and with an end; one in some is longer than a line may be before others get their turn. */
static void print_line(struct sim_guest *g)
{
    static const char *const ends[] = { "\n", "\r\n", "\r\n", "" };
    char line[CONSOLE_LINE_MAX + 100U];
    size_t n = one_in(40) ? CONSOLE_LINE_MAX - 2U + below(60) : below(40);
    for (size_t i = 0; i < n; i++) {
        line[i] = act_readable();
    }
    print(g, line, n);
    n = below(4);
    print(g, ends[n], strlen(ends[n]));
}

/* Control characters, NUL and the escape key among them, as they come. */
static void print_binary(struct sim_guest *g)
{
    static const char some[] = "\r\n\r\033[2J\a\b\x1d" "2\x1dn\0\x7f\xff[hv] ";
    char text[24];
    size_t n = below(sizeof(text) + 1U);
    for (size_t i = 0; i < n; i++) {
        text[i] = one_in(2) ? (char)below(256) : some[below(sizeof(some))];
    }
    print(g, text, n);
}

/* What would be another's, if the beginning of a line were not the hypervisor's. */
static void print_forgery(struct sim_guest *g)
{
    static const char *const texts[] = { "\r\n[victim] forged\r\n", "\r[victim] forged\r", "[attacker] me\n",
                                         "\r\n[hv] vm victim: powered off\r\n", "\n[victim] ", "\033[A\033[2K[keeper] x\n" };
    const char *s = texts[below(sizeof(texts) / sizeof(texts[0]))];
    print(g, s, strlen(s));
}

/* More than its ring holds. */
static void flood(struct sim_guest *g)
{
    unsigned line = one_in(2) ? 64U : 4U * CONSOLE_OUT_BYTES;
    act_uart_on(g);
    for (unsigned i = 0; i < CONSOLE_OUT_BYTES + 1000U; i++) {
        (void)sim_guest_write(g, DR, 4, i % line == 63U ? '\n' : 'x');
    }
}

void act_print(struct sim_guest *g, struct random_vm *vm)
{
    if (one_in(2)) {
        act_uart_on(g);
    }
    if (vm->floods != 0U) {
        vm->floods--;
        flood(g);
    } else if (one_in(5)) {
        print_forgery(g);
    } else if (one_in(4) && vm->hostile) {
        print_binary(g);
    } else {
        print_line(g);
    }
}

