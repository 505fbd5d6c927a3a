/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts that may fault. First CPU only: the record is one. */
#include "probe.h"

static volatile bool expected;
static volatile bool is_fetch;
static volatile bool hit;
static volatile uint64_t hit_esr;
static volatile uint64_t hit_far;

static bool on_fault(struct frame *f, enum vector_kind kind)
{
    if (!expected || (kind != VECTOR_SYNC && kind != VECTOR_SERROR)) {
        return false;
    }
    hit = true;
    hit_esr = f->esr;
    hit_far = f->far;
    if (kind == VECTOR_SYNC) {
        /* A call that went astray returns to its caller; anything else is skipped. */
        f->pc = is_fetch ? f->x[30] : f->pc + 4U;
    }
    return true;
}

static void begin(bool fetch)
{
    hit = false;
    is_fetch = fetch;
    fault_handler = on_fault;
    barrier();
    expected = true;
    barrier();
}

static struct outcome finish(uint64_t value)
{
    barrier();
    expected = false;
    return (struct outcome){.faulted = hit, .esr = hit_esr, .far = hit_far, .value = value};
}

struct outcome try_read(uint64_t addr, unsigned size)
{
    uint64_t v = 0;
    begin(false);
    switch (size) {
    case 1:
        __asm__ volatile("ldrb %w0, [%1]" : "+r"(v) : "r"(addr) : "memory");
        break;
    case 2:
        __asm__ volatile("ldrh %w0, [%1]" : "+r"(v) : "r"(addr) : "memory");
        break;
    case 4:
        __asm__ volatile("ldr %w0, [%1]" : "+r"(v) : "r"(addr) : "memory");
        break;
    default:
        __asm__ volatile("ldr %0, [%1]" : "+r"(v) : "r"(addr) : "memory");
        break;
    }
    return finish(v);
}

struct outcome try_write(uint64_t addr, unsigned size, uint64_t value)
{
    begin(false);
    switch (size) {
    case 1:
        __asm__ volatile("strb %w0, [%1]" ::"r"(value), "r"(addr) : "memory");
        break;
    case 2:
        __asm__ volatile("strh %w0, [%1]" ::"r"(value), "r"(addr) : "memory");
        break;
    case 4:
        __asm__ volatile("str %w0, [%1]" ::"r"(value), "r"(addr) : "memory");
        break;
    default:
        __asm__ volatile("str %0, [%1]" ::"r"(value), "r"(addr) : "memory");
        break;
    }
    return finish(0);
}

struct outcome try_fetch(uint64_t addr)
{
    begin(true);
    __asm__ volatile("blr %0" ::"r"(addr) : "x30", "memory");
    return finish(0);
}

struct outcome try_call(uint64_t (*fn)(uint64_t arg), uint64_t arg)
{
    begin(false);
    uint64_t v = fn(arg);
    return finish(v);
}

void report(const char *test, const char *what, struct outcome o)
{
    if (o.faulted) {
        print("probe: %s: %s = fault ec 0x%lx fsc 0x%lx far 0x%lx\n", test, what, o.esr >> 26 & 0x3fU,
              o.esr & 0x3fU, o.far);
    } else {
        print("probe: %s: %s = 0x%lx\n", test, what, o.value);
    }
}

void report_number(const char *test, const char *what, int64_t value)
{
    print("probe: %s: %s = %ld\n", test, what, value);
}

bool wait_for(const volatile uint64_t *word, uint64_t value)
{
    uint64_t end = timer_now() + 20U * (uint64_t)timer_freq();
    while (*word != value) {
        if (timer_now() > end) {
            return false;
        }
    }
    return true;
}
