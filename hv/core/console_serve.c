/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU that serves the shared console's UART: when it looks, and what makes it look again. */
#include "core/console.h"
#include "core/console_mux.h"
#include "hv/arch_ops.h"

static struct spinlock drain_lock;
static atomic32_t serving; /* CPU + 1; 0 = no console is shared; constant once guests run */
static atomic32_t told;

void console_start(uint32_t cpu)
{
    arch_ops.console.start();
    arch_ops.console.events(true, false);
    atomic32_store(&serving, cpu + 1U);
}

bool console_active(void)
{
    return atomic32_load(&serving) != 0U;
}

bool console_serves(uint32_t cpu)
{
    return atomic32_load(&serving) == cpu + 1U;
}

void console_tell(void)
{
    atomic32_store(&told, 1U);
    arch_ops.irqc.send_ipi(atomic32_load(&serving) - 1U);
}

bool console_was_told(void)
{
    return atomic32_load(&told) != 0U && atomic32_xchg(&told, 0U) != 0U;
}

static uint64_t ticks(uint32_t ms)
{
    return (uint64_t)arch_ops.timer.freq() * ms / 1000U;
}

static enum console_state drain(uint64_t now, uint64_t hold, uint64_t *until)
{
    spin_lock(&drain_lock);
    enum console_state st = console_drain(now, hold, until);

    spin_unlock(&drain_lock);
    return st;
}

static uint32_t take_keys(void)
{
    uint32_t ports = 0;
    uint8_t c;

    for (uint32_t i = 0; i < CONSOLE_KEYS && arch_ops.console.try_getc(&c); i++) {
        uint32_t port = console_input(c);

        ports |= port == CONSOLE_NONE ? 0U : (uint32_t)1 << port;
    }
    return ports;
}

uint32_t console_serve(bool alarm)
{
    uint32_t ports = take_keys();
    uint64_t now = arch_ops.timer.now();
    uint64_t next = now + ticks(CONSOLE_PERIOD_MS);
    uint64_t until = next;

    /* After a period in which nothing was left to do, whoever puts something tells again; before it, nobody does. What
     * was put before this store is seen by the drain behind it. */
    console_looks(!alarm);
    enum console_state st = drain(now, ticks(CONSOLE_HOLD_MS), &until);

    if (st != CONSOLE_IDLE) {
        console_looks(true);
    }
    arch_ops.console.events(true, st == CONSOLE_FULL);
    if (st == CONSOLE_FULL || (st == CONSOLE_IDLE && alarm)) {
        arch_ops.timer.alarm(TIMER_NO_ALARM);
    } else {
        arch_ops.timer.alarm(next);
    }
    return ports;
}

void console_flush(void)
{
    uint64_t now = arch_ops.timer.now();
    uint64_t deadline = now + ticks(CONSOLE_FLUSH_MS);
    uint64_t until;

    while (console_active() && now < deadline && drain(now, 0, &until) != CONSOLE_IDLE) {
        arch_ops.cpu.relax();
        now = arch_ops.timer.now();
    }
}
