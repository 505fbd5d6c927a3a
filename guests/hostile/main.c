/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

static void (*volatile other_work)(uint64_t arg);
static uint64_t sequence;

bool address(const char *key, unsigned n, uint64_t *a)
{
    char list[256];
    if (!bootarg(key, list, sizeof(list))) {
        return false;
    }
    const char *s = list;
    for (unsigned i = 0; i < n; i++) {
        while (*s != ':' && *s != '\0') {
            s++;
        }
        if (*s++ == '\0') {
            return false;
        }
    }
    *a = 0;
    for (; *s != ':' && *s != '\0'; s++) {
        *a = *a << 4 | ((uint64_t)(*s <= '9' ? *s - '0' : *s - 'a' + 10) & 0xfU);
    }
    return true;
}

/* xorshift64: nothing but varied, and the same for the same seed. */
uint64_t draw(void)
{
    sequence ^= sequence << 13;
    sequence ^= sequence >> 7;
    sequence ^= sequence << 17;
    return sequence;
}

void fact(const struct attack *self, const char *what, uint64_t number, struct outcome o)
{
    fact_of(self, "", what, number, o);
}

void fact_of(const struct attack *self, const char *whose, const char *what, uint64_t number, struct outcome o)
{
    print("hostile: %s: %s%s 0x%lx = ", self->name, whose, what, number);
    if (o.faulted) {
        print_fault(o);
    } else {
        print("0x%lx\n", o.value);
    }
}

void fact_number(const struct attack *self, const char *what, int64_t value)
{
    report_number(self->name, what, value);
}

bool other_start(void (*work)(uint64_t arg), uint64_t arg)
{
    other_work = work;
    barrier();
    return cpu_start(1, arg) == 0;
}

bool other_gone(void)
{
    uint64_t end = timer_now() + 60U * (uint64_t)timer_freq();
    while (cpu_state(1) != CPU_STATE_OFF) {
        if (timer_now() > end) {
            return false;
        }
    }
    return true;
}

void guest_secondary(uint64_t arg)
{
    other_work(arg);
    (void)cpu_stop();
    print("hostile: a CPU that stopped goes on\n");
}

static void nothing(uint64_t arg)
{
    (void)arg;
}

static void wait_key(void)
{
    while (uart_getc() < 0) {
        barrier();
    }
}

static void run(const struct attack *a, bool step)
{
    if (step) {
        wait_key();
    }
    print("hostile: %s: begin\n", a->name);
    a->run(a);
    print("hostile: %s: end\n", a->name);
}

static bool one_of(const char *list, const char *name)
{
    size_t n = str_len(name);
    for (const char *s = list; *s != '\0';) {
        size_t i = 0;
        while (s[i] != '\0' && s[i] != ',') {
            i++;
        }
        bool same = i == n;
        for (size_t k = 0; same && k < n; k++) {
            same = s[k] == name[k];
        }
        if (same) {
            return true;
        }
        s += s[i] == ',' ? i + 1U : i;
    }
    return false;
}

void guest_main(void)
{
    static char list[1536];
    report_guest = "hostile";
    print("hostile: attacking guest: %s\n", fdt_bootargs());
    if (!bootarg("attack", list, sizeof(list))) {
        print("hostile: no attack= in the boot arguments\n");
        return;
    }
    sequence = bootarg_number("seed", 1) * 0x9e3779b97f4a7c15U | 1U;
    /* All its CPUs have been on once, so that what the harness sees of them is what they have for good. */
    if (!other_start(nothing, 0) || !other_gone()) {
        print("hostile: vCPU 1 does not come and go\n");
    }
    if (!irqc_init() || !irqc_init_cpu()) {
        print("hostile: no usable interrupt controller\n");
    }
    bool step = bootarg_number("step", 0) != 0U;
    print("hostile: ready\n");
    for (unsigned i = 0; i < nr_attacks; i++) {
        const struct attack *a = &attacks[i];
        if (one_of(list, a->name) || (str_equal(list, "all") && !a->ends)) {
            run(a, step);
        }
    }
    print("hostile: all done\n");
    if (step) {
        wait_key();
    }
}
