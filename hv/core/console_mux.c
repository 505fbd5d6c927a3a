/* SPDX-License-Identifier: Apache-2.0 */
/* Several ports into one UART, line by line. All state is the serving CPU's. */
#include "core/console_mux.h"

#include "core/console.h"
#include "core/console_filter.h"
#include "hv/arch_ops.h"

#define MAX_TURNS   512U /* of one call */

static struct {
    struct console_text stage; /* goes out before anything else */
    uint32_t sent;
    uint32_t port;           /* whose turn it is, or was last */
    uint32_t length;         /* characters of the open line */
    uint64_t last;           /* when the open line last grew */
    bool open;               /* a prefix is out, and no newline yet */
    struct console_filter filter; /* of the open line, behind its prefix */
    bool cr;                 /* the line's last character was a carriage return, which is not out yet */
} mux;

void console_mux_reset(void)
{
    mux.stage.len = 0;
    mux.sent = 0;
    mux.port = 0;
    mux.open = false;
    mux.cr = false;
}

static void stage_new(void)
{
    mux.stage.len = 0;
    mux.sent = 0;
}

static void stage_prefix(const struct console_port *p)
{
    console_text_char(&mux.stage, '[');
    console_text_string(&mux.stage, p->name);
    console_text_string(&mux.stage, "] ");
}

static uint32_t waiting(const struct console_port *p)
{
    return atomic32_load(&p->out_put) - atomic32_load(&p->out_taken);
}

/* Something of a port may begin a line now. */
static bool ready(uint32_t port)
{
    const struct console_port *p = &console_ports[port];
    uint32_t fill = waiting(p);

    if (p->name == NULL) {
        return false;
    }
    if (atomic32_load(&p->lost) != 0U) {
        return true;
    }
    return fill != 0U &&
           (atomic32_load(&p->lines) != 0U || fill >= CONSOLE_OUT_BYTES / 2U || port == console_focus());
}

/* The next port that is ready, beginning behind the one whose turn it was; CONSOLE_NONE if there is none. */
static uint32_t next_ready(void)
{
    for (uint32_t i = 1; i <= CONSOLE_PORTS; i++) {
        uint32_t port = (mux.port + i) % CONSOLE_PORTS;

        if (ready(port)) {
            return port;
        }
    }
    return CONSOLE_NONE;
}

static void break_line(void)
{
    stage_new();
    console_text_string(&mux.stage, "\r\n");
    mux.open = false;
    mux.cr = false;
}

/* Begins a line, or reports what was lost. */
static void begin(uint32_t port)
{
    struct console_port *p = &console_ports[port];

    mux.port = port;
    stage_new();
    stage_prefix(p);
    if (waiting(p) == 0U) {
        console_text_char(&mux.stage, '(');
        console_text_number(&mux.stage, atomic32_xchg(&p->lost, 0U));
        console_text_string(&mux.stage, " characters lost)\r\n");
        return;
    }
    mux.open = true;
    mux.cr = false;
    mux.length = 0;
    console_filter_reset(&mux.filter);
}

/* Takes the next character of the open line and stages what the terminal shall get for it. */
static void advance(uint64_t now)
{
    struct console_port *p = &console_ports[mux.port];
    uint32_t at = atomic32_load(&p->out_taken);
    char c = p->out[at % CONSOLE_OUT_BYTES];

    atomic32_store(&p->out_taken, at + 1U);
    mux.last = now;
    mux.length++;
    if (c == '\n') {
        (void)atomic32_add(&p->lines, ~(uint32_t)0);
        break_line();
    } else if (c == '\r') {
        mux.cr = true;
    } else if (mux.cr) {
        mux.cr = false;
        stage_new();
        console_text_char(&mux.stage, '\r');
        stage_prefix(p);
        console_filter_reset(&mux.filter);
        console_filter(&mux.filter, c, &mux.stage);
    } else {
        stage_new();
        console_filter(&mux.filter, c, &mux.stage);
    }
}

/* With nothing staged: stages the next thing. CONSOLE_MORE if it did. */
static enum console_state choose(uint64_t now, uint64_t hold, uint64_t *until)
{
    const struct console_port *p = &console_ports[mux.port];
    bool more = waiting(p) != 0U; /* looked at once: what comes meanwhile must not look like a line that is too long */
    uint32_t next;

    if (mux.open && more && mux.length < CONSOLE_LINE_MAX) {
        advance(now);
        return CONSOLE_MORE;
    }
    next = next_ready();
    if (mux.open && more && next == mux.port) { /* a long line, but nobody else waits */
        advance(now);
        return CONSOLE_MORE;
    }
    if (next == CONSOLE_NONE) {
        return CONSOLE_IDLE;
    }
    if (!mux.open) {
        begin(next);
        return CONSOLE_MORE;
    }
    if (!more && atomic32_load(&p->lost) == 0U && now - mux.last < hold) {
        *until = mux.last + hold;
        return CONSOLE_HELD;
    }
    break_line();
    return CONSOLE_MORE;
}

enum console_state console_drain(uint64_t now, uint64_t hold, uint64_t *until)
{
    for (uint32_t turn = 0; turn < MAX_TURNS; turn++) { /* each sends or takes one character */
        if (mux.sent < mux.stage.len) {
            if (!arch_ops.console.try_putc(mux.stage.s[mux.sent])) {
                return CONSOLE_FULL;
            }
            mux.sent++;
            continue;
        }
        enum console_state st = choose(now, hold, until);

        if (st != CONSOLE_MORE) {
            return st;
        }
    }
    return CONSOLE_MORE;
}
