/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts that may fault; one record for each CPU. */
#include "attempt.h"

#define CPUS 8U

const char *report_guest = "guest";

static volatile struct {
    bool expected;
    bool is_fetch;
    bool hit;
    uint64_t cause;
    uint64_t addr;
    uint64_t count;
} record[CPUS];

static bool on_fault(struct frame *f)
{
    unsigned cpu = cpu_id() % CPUS;
    if (!record[cpu].expected) {
        return false;
    }
    record[cpu].hit = true;
    record[cpu].count++;
    record[cpu].cause = frame_cause(f);
    record[cpu].addr = frame_addr(f);
    if (record[cpu].is_fetch) {
        frame_return(f);
    } else {
        frame_skip(f);
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
                            .cause = record[cpu].cause,
                            .addr = record[cpu].addr,
                            .count = record[cpu].count,
                            .value = value};
}

struct outcome try_read(uint64_t addr, unsigned size)
{
    uint64_t v;
    begin(false);
    switch (size) {
    case 1:
        v = mmio_read8(addr);
        break;
    case 2:
        v = mmio_read16(addr);
        break;
    case 4:
        v = mmio_read32(addr);
        break;
    default:
        v = mmio_read64(addr);
        break;
    }
    struct outcome o = finish(v);
    o.value = o.faulted ? 0U : o.value;
    return o;
}

struct outcome try_write(uint64_t addr, unsigned size, uint64_t value)
{
    begin(false);
    switch (size) {
    case 1:
        mmio_write8(addr, (uint8_t)value);
        break;
    case 2:
        mmio_write16(addr, (uint16_t)value);
        break;
    case 4:
        mmio_write32(addr, (uint32_t)value);
        break;
    default:
        mmio_write64(addr, value);
        break;
    }
    return finish(0);
}

struct outcome try_fetch(uint64_t addr)
{
    begin(true);
    call_at(addr);
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
    print("%s: %s: %s = ", report_guest, test, what);
    if (o.faulted) {
        print_fault(o);
    } else {
        print("0x%lx\n", o.value);
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
