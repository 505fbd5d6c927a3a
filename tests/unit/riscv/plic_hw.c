/* SPDX-License-Identifier: Apache-2.0 */
#include "plic_hw.h"

#include "steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct plic_hw hw;

void hw_wrong(const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    fail_msg("%s: %s", steps_where, text);
}

static void forward(unsigned source)
{
    if (hw.line[source] && !hw.busy[source]) {
        hw.busy[source] = true;
        hw.ip[source] = true;
    }
}

void hw_line(unsigned source, bool level)
{
    hw.line[source] = level;
    forward(source);
}

static uint32_t ack(void)
{
    for (unsigned s = 1; s < HW_SOURCES; s++) {
        if (hw.ip[s] && hw.enable[rv.cpu][s]) {
            hw.ip[s] = false;
            hw.claimed_by[s] = (int)rv.cpu;
            hw.transit[s] = true;
            return RISCV_WIRED + s;
        }
    }
    return IRQC_NONE;
}

static unsigned source_of(uint32_t intid)
{
    if (intid <= RISCV_WIRED || intid >= RISCV_WIRED + HW_SOURCES) {
        hw_wrong("INTID %u is no source", intid);
    }
    unsigned s = intid - RISCV_WIRED;
    if (hw.owner[s] != HW_NONE && hw.owner[s] != hw.vm_of_cpu[rv.cpu]) {
        hw_wrong("CPU %u touches source %u of VM %d", rv.cpu, s, hw.owner[s]);
    }
    return s;
}

static void deactivate(uint32_t intid)
{
    unsigned s = source_of(intid);
    if (hw.claimed_by[s] == HW_NONE) {
        hw_wrong("source %u is completed, but was not in service", s);
    } else if (!hw.enable[hw.claimed_by[s]][s]) {
        hw_wrong("completion of source %u is lost: it is disabled where it was claimed", s);
    }
    hw.claimed_by[s] = HW_NONE;
    hw.completions[s]++;
    hw.busy[s] = false;
    forward(s);
}

static void route(uint32_t intid, unsigned cpu)
{
    unsigned s = source_of(intid);
    for (unsigned c = 0; c < RV_CPUS; c++) {
        if (hw.enable[c][s]) {
            hw_wrong("source %u is routed while enabled", s);
        }
    }
    if (hw.claimed_by[s] != HW_NONE && !hw.transit[s] && hw.claimed_by[s] != (int)cpu) {
        hw_wrong("source %u is routed away while in service", s);
    }
    if (hw.vm_of_cpu[cpu] != hw.owner[s]) {
        hw_wrong("source %u is routed to a CPU of VM %d", s, hw.vm_of_cpu[cpu]);
    }
    hw.route[s] = cpu;
    hw.routings++;
}

static void clear_source(enum irqc_bit what, unsigned s)
{
    unsigned cpu = hw.route[s];
    if (what == IRQC_PENDING) {
        bool waits = hw.ip[s] && hw.claimed_by[s] == HW_NONE;
        hw.ip[s] = false;
        hw.busy[s] = waits ? false : hw.busy[s];
        forward(s);
    } else {
        if (hw.claimed_by[s] == (int)cpu && !hw.transit[s]) {
            hw_wrong("source %u is disabled while in service", s);
        }
        hw.enable[cpu][s] = false;
    }
}

static void change(enum irqc_bit what, unsigned word, uint32_t mask, bool set)
{
    for (unsigned i = 0; i < 32U; i++) {
        if ((mask & ((uint32_t)1 << i)) != 0U) {
            unsigned s = source_of(32U * word + i);
            if (!set) {
                clear_source(what, s);
            } else if (what == IRQC_ENABLE) {
                hw.enable[hw.route[s]][s] = true;
            } else {
                hw_wrong("source %u: a PLIC cannot be told what is pending", s);
            }
        }
    }
}

static void set(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    change(what, word, mask, true);
}

static void clear(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask)
{
    (void)cpu;
    change(what, word, mask, false);
}

static uint32_t get(enum irqc_bit what, unsigned cpu, unsigned word)
{
    uint32_t val = 0;
    (void)cpu;
    if (what != IRQC_PENDING || word == 0U || word > HW_SOURCES / 32U) {
        hw_wrong("word %u of kind %d is read", word, (int)what);
    }
    for (unsigned i = 0; i < 32U; i++) {
        val |= hw.ip[32U * (word - 1U) + i] ? (uint32_t)1 << i : 0U;
    }
    return val;
}

void hw_reset(void)
{
    memset(&hw, 0, sizeof(hw));
    for (unsigned s = 0; s < HW_SOURCES; s++) {
        hw.claimed_by[s] = HW_NONE;
        hw.owner[s] = HW_NONE;
    }
    for (unsigned c = 0; c < RV_CPUS; c++) {
        hw.vm_of_cpu[c] = HW_NONE;
    }
    arch_ops.irqc.ack = ack;
    arch_ops.irqc.deactivate = deactivate;
    arch_ops.irqc.route = route;
    arch_ops.irqc.set = set;
    arch_ops.irqc.clear = clear;
    arch_ops.irqc.get = get;
}
