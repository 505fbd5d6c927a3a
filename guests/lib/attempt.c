/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts that may fault; one record for each CPU. */
#include "attempt.h"

#define CPUS     8U
#define EC_SVC64 0x15U

const char *report_guest = "guest";

static volatile struct {
    bool expected;
    bool is_fetch;
    bool hit;
    uint64_t esr;
    uint64_t far;
    uint64_t count;
} record[CPUS];

static bool on_fault(struct frame *f, enum vector_kind kind)
{
    unsigned cpu = cpu_id() % CPUS;
    if (!record[cpu].expected || (kind != VECTOR_SYNC && kind != VECTOR_SERROR)) {
        return false;
    }
    record[cpu].hit = true;
    record[cpu].count++;
    record[cpu].esr = f->esr;
    record[cpu].far = f->far;
    if (kind == VECTOR_SYNC) {
        /* A call that went astray returns to its caller; anything else is skipped (an SVC has been already). */
        f->pc = record[cpu].is_fetch ? f->x[30] : f->pc + (f->esr >> 26 == EC_SVC64 ? 0U : 4U);
    }
    return true;
}

static void begin(bool fetch)
{
    unsigned cpu = cpu_id() % CPUS;
    record[cpu].hit = false;
    record[cpu].count = 0;
    record[cpu].is_fetch = fetch;
    fault_handler = on_fault;
    barrier();
    record[cpu].expected = true;
    barrier();
}

static struct outcome finish(uint64_t value)
{
    unsigned cpu = cpu_id() % CPUS;
    barrier();
    record[cpu].expected = false;
    return (struct outcome){.faulted = record[cpu].hit,
                            .esr = record[cpu].esr,
                            .far = record[cpu].far,
                            .count = record[cpu].count,
                            .value = value};
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
        print("%s: %s: %s = fault ec 0x%lx fsc 0x%lx far 0x%lx\n", report_guest, test, what, o.esr >> 26 & 0x3fU,
              o.esr & 0x3fU, o.far);
    } else {
        print("%s: %s: %s = 0x%lx\n", report_guest, test, what, o.value);
    }
}

void report_number(const char *test, const char *what, int64_t value)
{
    print("%s: %s: %s = %ld\n", report_guest, test, what, value);
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
