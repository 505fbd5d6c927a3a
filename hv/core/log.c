/* SPDX-License-Identifier: Apache-2.0 */
#include "core/log.h"

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

static void emit(char c, uint32_t *polls)
{
    log_ring.ring[log_ring.written % LOG_RING_BYTES] = c;
    log_ring.written++;
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

static void emit_line(const char *s, uint64_t len)
{
    static const char prefix[] = "[hv] ";
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

void log_line(const char *fmt, ...)
{
    char line[LINE_BYTES];
    va_list ap;
    va_start(ap, fmt);
    size_t len = fmt_string(line, sizeof(line), fmt, ap);
    va_end(ap);
    spin_lock(&lock);
    emit_line(line, len);
    spin_unlock(&lock);
}

void log_text(const char *s, uint64_t len)
{
    spin_lock(&lock);
    uint64_t start = 0;
    for (uint64_t i = 0; i < len; i++) {
        if (s[i] == '\n') {
            emit_line(&s[start], i - start);
            start = i + 1U;
        }
    }
    if (start < len) {
        emit_line(&s[start], len - start);
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
    emit_line(line, len);
}
