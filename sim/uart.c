/* SPDX-License-Identifier: Apache-2.0 */
/* The board's UART as the console ops see it: FIFOs of 16, a transmitter that takes its time, one interrupt line. */
#include <string.h>

#include "sim/internal.h"

#define FIFO          16U
#define CONSOLE_BYTES 262144U
#define KEY_BYTES     4096U

static char console[CONSOLE_BYTES];
static size_t console_len;
static char keys[KEY_BYTES];
static size_t nr_keys, taken;
static uint64_t busy_until; /* when the transmit FIFO will have run empty */
static bool on, received_event, room_event, was_full;

void sim_uart_reset(void)
{
    console_len = 0;
    console[0] = '\0';
    nr_keys = 0;
    taken = 0;
    busy_until = 0;
    on = false;
    received_event = false;
    room_event = false;
    was_full = false;
}

const char *sim_console(void)
{
    return console;
}

size_t sim_console_length(void)
{
    return console_len;
}

void sim_type(const char *text)
{
    size_t n = strlen(text);
    if (nr_keys + n > KEY_BYTES) {
        sim_fail("more than %u keys typed", KEY_BYTES);
    }
    for (size_t i = 0; i < n; i++) {
        keys[nr_keys++] = text[i];
    }
}

unsigned sim_keys_left(void)
{
    return (unsigned)(nr_keys - taken);
}

static unsigned fill(void)
{
    uint64_t now = sim_uart_now();
    return sim_cfg.uart_rate == 0U || busy_until <= now
               ? 0U
               : (unsigned)((busy_until - now + sim_cfg.uart_rate - 1U) / sim_cfg.uart_rate);
}

bool sim_uart_on(void)
{
    return on;
}

bool sim_uart_line(void)
{
    return (on && received_event && taken != nr_keys) || (room_event && was_full && fill() <= FIFO / 2U);
}

uint64_t sim_uart_next(void)
{
    return room_event && was_full ? busy_until - (uint64_t)FIFO / 2U * sim_cfg.uart_rate : UINT64_MAX;
}

static bool try_putc(char ch)
{
    if (sim_op("console.try_putc", true) || fill() == FIFO) {
        was_full = true;
        return false;
    }
    was_full = false;
    busy_until = (busy_until > sim_uart_now() ? busy_until : sim_uart_now()) + sim_cfg.uart_rate;
    if (console_len + 1U < CONSOLE_BYTES) {
        console[console_len++] = ch;
        console[console_len] = '\0';
    }
    return true;
}

static bool try_getc(uint8_t *ch)
{
    (void)sim_op("console.try_getc", false);
    if (!on || taken == nr_keys) {
        return false;
    }
    *ch = (uint8_t)keys[taken++];
    return true;
}

static void start(void)
{
    (void)sim_op("console.start", false);
    on = true;
    received_event = false;
    room_event = false;
}

static void events(bool received, bool room)
{
    (void)sim_op("console.events", false);
    if (!on) {
        sim_fail("console.events before console.start");
    }
    received_event = received;
    room_event = room;
}

const struct console_ops sim_console_ops = {
    .try_putc = try_putc,
    .try_getc = try_getc,
    .start = start,
    .events = events,
};
