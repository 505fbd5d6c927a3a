/* SPDX-License-Identifier: Apache-2.0 */
/* Several ports into one UART, line by line. All state is the serving CPU's. */
#include "core/console_mux.h"

#include "core/console.h"
#include "core/console_filter.h"
#include "core/console_turn.h"
#include "hv/arch_ops.h"

#define MAX_TURNS   512U /* of one call */

static struct {
    struct console_text stage; /* goes out before anything else */
    uint32_t sent;
    uint32_t port;           /* whose turn it is, or was last */
    uint32_t length;         /* characters of the open line that are out, its name too */
    uint64_t last;           /* when the open line last grew */
    uint64_t silent;         /* when somebody was first seen to wait while the open line did not grow */
    uint64_t kept;           /* so long others have waited in such silences of it */
    bool waited;             /* one of them lasts */
    bool patient;            /* it may have any */
    bool open;               /* a prefix is out, and no newline yet */
    struct console_filter filter; /* of the open line, behind its prefix */
    bool cr;                 /* the line's last character was a carriage return, which is not out yet */
} mux;

void console_mux_reset(void)
{
    mux.stage.len = 0;
    mux.sent = 0;
    mux.port = 0;
    mux.waited = false;
    console_turn_reset();
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

/* The port with the focus has something to show at once. */
static bool eager(uint32_t port)
{
    return port == console_focus() && waiting(&console_ports[port]) != 0U;
}

/* Something of a port may begin a line now. One that has let others wait of late does not begin what it might not end. */
static bool ready(uint32_t port, uint64_t now)
{
    const struct console_port *p = &console_ports[port];
    uint32_t fill = waiting(p);

    if (p->name == NULL) {
        return false;
    }
    if (atomic32_load(&p->lost) != 0U) {
        return true;
    }
    return fill != 0U && (atomic32_load(&p->lines) != 0U || fill >= console_out_bytes / 2U ||
                          (eager(port) && now >= console_turn_rest(port)));
}

/* The next port that is ready; CONSOLE_NONE if there is none. Who let others wait comes behind all who did not, until it has
 * rested: it would have its time and its characters too. */
static uint32_t next_ready(uint64_t now)
{
    uint64_t set = 0;
    uint64_t rested = 0;

    for (uint32_t port = 0; port < CONSOLE_PORTS; port++) {
        uint64_t bit = ready(port, now) ? (uint64_t)1 << port : 0U;

        set |= bit;
        rested |= now >= console_turn_rest(port) ? bit : 0U;
    }
    return console_turn_next(rested != 0U ? rested : set, mux.port);
}

/* Nobody is ready: nothing is to be done before something is put, or before the focus has rested. */
static enum console_state rest(uint64_t *until)
{
    uint32_t port = console_focus();

    if (port == CONSOLE_NONE || !eager(port)) {
        return CONSOLE_IDLE;
    }
    *until = console_turn_rest(port);
    return CONSOLE_HELD;
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
    console_turn_begin(port);
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
    char c = *console_out_at(p, at);

    atomic32_store(&p->out_taken, at + 1U);
    mux.last = now;
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

/* A silence of the open line has ended, by a character or by the end of patience. If the serving CPU comes late, that is no
 * doing of the port's: no silence counts for more than the hold. */
static void end_silence(uint64_t now, uint64_t hold)
{
    if (mux.waited) {
        uint64_t silence = now - mux.silent < hold ? now - mux.silent : hold;

        mux.waited = false;
        mux.kept += silence;
        console_turn_kept(mux.port, now, silence);
    }
}

/* Others wait, and the open line does not grow: whether it is waited for, and until when. Each silence is waited for, but all of
 * them together no longer than `hold`, so that a line which grows now and then keeps nobody out either. */
static bool hold_on(uint64_t now, uint64_t hold, uint64_t *until)
{
    if (!mux.waited) {
        mux.waited = true;
        mux.silent = now;
    }
    uint64_t grew = mux.last + hold;
    uint64_t left = hold > mux.kept ? hold - mux.kept : 0U;
    uint64_t end = mux.silent + left < grew ? mux.silent + left : grew;

    *until = end;
    return mux.patient && now < end;
}

/* Something has gone out for the port whose turn it is, or has been taken from it. */
static void count_one(void)
{
    mux.length++;
    console_turn_sent(mux.port);
}

/* The open line goes on. What sends nothing is counted too: else a line of it would never be long. */
static void go_on(uint64_t now, uint64_t hold)
{
    end_silence(now, hold);
    advance(now);
    if (mux.sent == mux.stage.len) {
        count_one();
    }
}

/* With nothing staged: stages the next thing. CONSOLE_MORE if it did. */
static enum console_state choose(uint64_t now, uint64_t hold, uint64_t *until)
{
    const struct console_port *p = &console_ports[mux.port];
    bool more = waiting(p) != 0U; /* looked at once: what comes meanwhile must not look like a line that is too long */
    uint32_t next;

    if (mux.open && more && mux.length < CONSOLE_LINE_MAX) {
        go_on(now, hold);
        return CONSOLE_MORE;
    }
    next = next_ready(now);
    if (mux.open && next == mux.port && !more && atomic32_load(&p->lost) == 0U) {
        return CONSOLE_MORE; /* its next character has come meanwhile: looked at again */
    }
    if (mux.open && more && next == mux.port) { /* a long line, but nobody else waits, or has sent more */
        console_turn_begin(mux.port); /* as if another began: who comes later has no credit for this one's length */
        go_on(now, hold);
        return CONSOLE_MORE;
    }
    if (next == CONSOLE_NONE) {
        return rest(until);
    }
    if (!mux.open) {
        mux.patient = now >= console_turn_rest(next);
        mux.kept = 0;
        begin(next);
        return CONSOLE_MORE;
    }
    if (!more && atomic32_load(&p->lost) == 0U && hold_on(now, hold, until)) {
        return CONSOLE_HELD;
    }
    end_silence(now, hold);
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
            count_one();
            continue;
        }
        enum console_state st = choose(now, hold, until);

        if (st != CONSOLE_MORE) {
            return st;
        }
    }
    return CONSOLE_MORE;
}
