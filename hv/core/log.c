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

/* A transmitter that is full: waits until it takes the character, for the polls that are left. Apart, since it is rare. `took`: it
 * took the character before at once. */
static __attribute__((noinline, cold)) void wait_putc(char c, uint32_t *polls, bool took)
{
    stalled = stalled && !took;
    while (!stalled && *polls != 0U) {
        *polls -= 1U;
        arch_ops.cpu.relax();
        if (arch_ops.console.try_putc(c)) {
            return;
        }
    }
    stalled = true;
    log_ring.dropped++;
}

/* To a part of the ring, and to the transmitter, with its op in line: boot is a good deal of characters. Up to 0 by one number that tells
 * where and whether there is more. */
static __attribute__((noinline, flatten)) void emit_run(char *ring, const char *s, uint64_t len, uint32_t *polls)
{
    char *to = &ring[len];
    const char *end = &s[len];
    int64_t begin = -(int64_t)len;
    int64_t behind = begin; /* the last character that was not taken at once */

    for (int64_t i = begin; i != 0;) {
        char c = end[i];

        to[i] = c;
        i++;
        if (!arch_ops.console.try_putc(c)) {
            wait_putc(c, polls, i - behind > 1);
            behind = i;
        }
    }
    stalled = stalled && behind == 0;
}

static void emit(const char *s, uint64_t len, uint32_t *polls)
{
    uint64_t n;

    for (uint64_t done = 0; done < len; done += n) { /* bound: the line by rings; one of the plan's text may be longer than one */
        uint64_t at = log_ring.written % LOG_RING_BYTES;

        n = len - done < LOG_RING_BYTES - at ? len - done : LOG_RING_BYTES - at;
        log_ring.written += n; /* before: who writes without the lock, or looks at it meanwhile, goes on behind */
        emit_run(&log_ring.ring[at], &s[done], n, polls);
    }
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

/* Of eight characters one ends a line: it is a byte of 0 in x, and no other borrows while its own highest bit is clear, but for what is
 * above such a byte. */
static bool has_end(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101ULL;
    uint64_t x = word ^ ones * (uint8_t)'\n';

    return ((x - ones) & ~x & ones << 7) != 0U;
}

/* Where the line that begins at `from` ends: at its line's end, or at the text's. */
static uint64_t line_end(const char *s, uint64_t from, uint64_t len)
{
    const uint64_t *words = (const uint64_t *)(const void *)s;
    uint64_t i = from;

    while (i < len && s[i] != '\n') {
        i++;
        while (i % 8U == 0U && len - i >= 8U && !has_end(words[i / 8U])) { /* bound: len */
            i += 8U;
        }
    }
    return i;
}

void log_text(const char *s, uint64_t len)
{
    spin_lock(&lock);
    for (uint64_t start = 0; start < len;) { /* bound: each turn is a character at least */
        uint64_t end = line_end(s, start, len);

        put_line(&s[start], end - start);
        start = end + 1U;
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
