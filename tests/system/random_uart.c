/* SPDX-License-Identifier: Apache-2.0 */
/* The random guest's emulated UART: text of all kinds, and any register at any width. */
#include <stdio.h>
#include <string.h>

#include "core/console.h"
#include "random_acts.h"

#define DR    (RANDOM_UART + 0x00U)
#define FR    (RANDOM_UART + 0x18U)
#define LCR_H (RANDOM_UART + 0x2cU)
#define CR    (RANDOM_UART + 0x30U)
#define IMSC  (RANDOM_UART + 0x38U)
#define MIS   (RANDOM_UART + 0x40U)
#define ICR   (RANDOM_UART + 0x44U)
#define RXFE  0x10U
#define FIFO  16U

static void on(struct sim_guest *g)
{
    act_put(g, LCR_H, 4, 0x70);
    act_put(g, CR, 4, 0x301);
}

static void print(struct sim_guest *g, const char *s, size_t n)
{
    unsigned size = 1U << below(3);
    for (size_t i = 0; i < n; i++) {
        act_put(g, DR, size, (uint8_t)s[i] | (one_in(4) ? below(0x100) << 8 : 0U));
    }
}

/* What a guest that means well prints is shown as it is (core/console_filter.h): the test looks for it on the console. */
static char readable(void)
{
    return (char)(' ' + (int)below(95));
}

/* Readable, and with an end; one in some is longer than a line may be before others get their turn. */
static void print_line(struct sim_guest *g)
{
    static const char *const ends[] = { "\n", "\r\n", "\r\n", "" };
    char line[CONSOLE_LINE_MAX + 100U];
    size_t n = one_in(40) ? CONSOLE_LINE_MAX - 2U + below(60) : below(40);
    for (size_t i = 0; i < n; i++) {
        line[i] = readable();
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
    on(g);
    for (unsigned i = 0; i < CONSOLE_OUT_BYTES + 1000U; i++) {
        (void)sim_guest_write(g, DR, 4, i % line == 63U ? '\n' : 'x');
    }
}

void act_print(struct sim_guest *g, struct random_vm *vm)
{
    if (one_in(2)) {
        on(g);
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

void act_uart(struct sim_guest *g, struct random_vm *vm)
{
    static const uint16_t regs[] = { 0x00, 0x00, 0x04, 0x18, 0x18, 0x20, 0x24, 0x28, 0x2c, 0x2c, 0x30, 0x30, 0x34,
                                     0x38, 0x38, 0x38, 0x3c, 0x3c, 0x40, 0x40, 0x44, 0x48, 0xfe0, 0xff0 };
    static const uint16_t usual[] = { 0x301, 0x301, 0x381, 0x380, 0x300, 0x101, 0x70, 0x60, 0x10, 0x50, 0x20, 0x7ff };
    uint64_t at = regs[below(sizeof(regs) / sizeof(regs[0]))];
    unsigned size = one_in(4) ? 1U << below(4) : 4U;
    if (one_in(8)) {
        at = below(0x1000) & ~(uint64_t)(size - 1U);
    }
    if (one_in(3)) {
        (void)act_get(g, RANDOM_UART + at, size);
    } else if (at == 0U && !vm->hostile) {
        act_put(g, DR, size, (act_value(vm) << 8) | (uint8_t)readable());
    } else {
        act_put(g, RANDOM_UART + at, size, one_in(2) ? act_value(vm) : usual[below(sizeof(usual) / sizeof(usual[0]))]);
    }
}

static void take(struct sim_guest *g)
{
    for (unsigned i = 0; i < FIFO + 4U && (act_get(g, FR, 4) & RXFE) == 0U; i++) {
        (void)act_get(g, DR, one_in(4) ? 1U : 4U);
    }
}

void act_receive(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    if (one_in(2)) {
        on(g);
    }
    act_put(g, IMSC, 4, one_in(2) ? 0x50 : 0x7ff);
    if (one_in(2)) {
        take(g);
    }
}

/* As a driver's: what has come is taken, the rest acknowledged; or it masks the interrupt and looks later. */
void act_uart_handler(struct sim_guest *g, struct random_vm *vm)
{
    (void)vm;
    (void)act_get(g, MIS, 4);
    if (one_in(3)) {
        act_put(g, IMSC, 4, 0);
        return;
    }
    take(g);
    act_put(g, ICR, 4, 0x7ff);
}
