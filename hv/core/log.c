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

static void keep(char c)
{
    log_ring.ring[log_ring.written % LOG_RING_BYTES] = c;
    log_ring.written++;
}

static void emit(char c, uint32_t *polls)
{
    keep(c);
    while (!arch_ops.console.try_putc(c)) {
        if (stalled || *polls == 0U) {
            stalled = true;
            log_ring.dropped++;
            return;
        }
        *polls -= 1U;
        arch_ops.cpu.relax();
    }
    stalled = false;
}

static const char prefix[] = "[hv] ";

/* The board's console serves several VMs: the line goes its way as theirs do, and nobody waits. */
static void share_line(const char *s, uint64_t len)
{
    bool tell = false;
    for (unsigned i = 0; i < sizeof(prefix) - 1U; i++) {
        keep(prefix[i]);
    }
    for (uint64_t i = 0; i < len; i++) {
        keep(s[i]);
        tell = console_put(CONSOLE_HV, s[i]) || tell;
    }
    keep('\r');
    keep('\n');
    if (console_put(CONSOLE_HV, '\n') || tell) {
        console_tell();
    }
}

static void emit_line(const char *s, uint64_t len)
{
    uint32_t polls = MAX_POLLS;
    for (unsigned i = 0; i < sizeof(prefix) - 1U; i++) {
        emit(prefix[i], &polls);
    }
    for (uint64_t i = 0; i < len; i++) {
        emit(s[i], &polls);
    }
    emit('\r', &polls); /* the console is a terminal line; a guest that shares it leaves the column anywhere */
    emit('\n', &polls);
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
        emit('\r', &polls);
        emit('\n', &polls);
    }
    emit_line(line, len);
}
