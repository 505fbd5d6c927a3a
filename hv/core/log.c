/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"

#include "core/console.h"
#include "hv/arch_ops.h"
#include "lib/atomic.h"
#include "lib/fmt.h"

#define LINE_BYTES 160U

/* Polls of a full transmitter before the rest of a line is given up: far above one character time of a 115,200 baud
 * UART behind a 16-deep FIFO, and still a bound. */
#define MAX_POLLS 200000U

struct log log_ring;
static struct spinlock lock;

/* A transmitter that took nothing for a whole line's polls is not waited for again until it takes a character by itself:
 * a VM that was lent the UART can stop it, and must not make others wait with the lock held. */
static bool stalled;

static void keep(const char *s, uint64_t len)
{
    for (uint64_t i = 0; i < len; i++) {
        log_ring.ring[log_ring.written % LOG_RING_BYTES] = s[i];
        log_ring.written++;
    }
}

/* A transmitter that is full: whether it took the character within the polls that are left. Apart, since it is rare. `took`: it
 * took the last one at once. */
static __attribute__((noinline, cold)) bool wait_putc(char c, uint32_t *polls, bool took)
{
    stalled = stalled && !took;
    while (!stalled && *polls != 0U) {
        *polls -= 1U;
        arch_ops.cpu.relax();
        if (arch_ops.console.try_putc(c)) {
            stalled = false;
            return true;
        }
    }
    stalled = true;
    log_ring.dropped++;
    return false;
}

/* With the transmitter's op in line: boot is a good deal of characters. */
static __attribute__((flatten)) void emit(const char *s, uint64_t len, uint32_t *polls)
{
    char *to = &log_ring.ring[log_ring.written % LOG_RING_BYTES];
    bool took = false;

    for (uint64_t i = 0; i < len; i++) {
        *to = s[i];
        to = to == &log_ring.ring[LOG_RING_BYTES - 1U] ? log_ring.ring : &to[1];
        took = arch_ops.console.try_putc(s[i]) || wait_putc(s[i], polls, took);
    }
    stalled = stalled && !took;
    log_ring.written += len;
}

static const char prefix[] = "[hv] ";
static const char end_of_line[] = "\r\n"; /* the console is a terminal line; a guest that shares it leaves the column anywhere */

/* The board's console serves several VMs: the line goes its way as theirs do, and nobody waits. */
static void share_line(const char *s, uint64_t len)
{
    bool tell = false;
    keep(prefix, sizeof(prefix) - 1U);
    keep(s, len);
    keep(end_of_line, sizeof(end_of_line) - 1U);
    for (uint64_t i = 0; i < len; i++) {
        tell = console_put(CONSOLE_HV, s[i]) || tell;
    }
    if (console_put(CONSOLE_HV, '\n') || tell) {
        console_tell();
    }
}

static void emit_line(const char *s, uint64_t len)
{
    uint32_t polls = MAX_POLLS;

    emit(prefix, sizeof(prefix) - 1U, &polls);
    emit(s, len, &polls);
    emit(end_of_line, sizeof(end_of_line) - 1U, &polls);
}

/* log.lock held. */
static void put_line(const char *s, uint64_t len)
{
    if (console_active()) {
        share_line(s, len);
    } else {
        emit_line(s, len);
    }
}

void log_line(const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    size_t len = fmt_string(line, sizeof(line), fmt, ap);
    va_end(ap);
    spin_lock(&lock);
    put_line(line, len);
    spin_unlock(&lock);
}

void log_text(const char *s, uint64_t len)
{
    spin_lock(&lock);
    uint64_t start = 0;
    for (uint64_t i = 0; i < len; i++) {
        if (s[i] == '\n') {
            put_line(&s[start], i - start);
            start = i + 1U;
        }
    }
    if (start < len) {
        put_line(&s[start], len - start);
    }
    spin_unlock(&lock);
}

void log_last_words(const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    size_t len = fmt_string(line, sizeof(line), fmt, ap);
    va_end(ap);
    if (console_active()) { /* a line of a VM may be open */
        uint32_t polls = MAX_POLLS;
        emit(end_of_line, sizeof(end_of_line) - 1U, &polls);
    }
    emit_line(line, len);
}
