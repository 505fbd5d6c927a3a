/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One UART for several VMs. Each VM has a port: a ring for what it prints and a ring for what is typed to it. Guests'
 * paths only touch the rings and never wait; one CPU, which serves the UART, merges the output by lines, each begun with
 * "[name] ", and hands what is typed to the port that has the focus.
 *
 * A line goes out when it is complete, or when it fills half a ring; that of the port with the focus at once (but
 * for a rest, after it has let others wait), so that prompts and echoes are seen. A line that is open is finished first; if nothing has come of it for a while (`hold`) or
 * it is longer than CONSOLE_LINE_MAX, others get their turn and it goes on later behind a new prefix. Ports take turns by
 * lines, and who has sent least is next (core/console_turn.h): each gets its share of the UART whatever others print. A
 * carriage return inside a line is followed by the prefix again, and no other character begins a line or goes back over the
 * prefix (core/console_filter.h). This marks who wrote a line; it does not make a terminal safe against a guest's escape
 * sequences.
 *
 * When a ring is full, all further output of that VM is dropped and counted until the ring has run empty; then a line
 * says how much was lost, where it was lost.
 *
 * The serving CPU is told of output by an IPI. From then on it looks again by itself, every CONSOLE_PERIOD_MS or when
 * the transmitter has room, until it finds nothing to do: however much VMs print, they cost it one IPI and one timer
 * interrupt in that time, each with a bounded number of characters, besides what the UART itself interrupts it for. That timer
 * and the UART come before the IPI: who sends IPIs without end, as the vCPUs of a VM can each other, does not keep them back.
 *
 * Contexts: console_put of one port is serialised by its caller, and so is console_get. console_serve belongs to the
 * serving CPU. console_drain is called under the drain lock, which only console_serve and, once all VMs have ended,
 * console_flush take; no other function takes a lock.
 */
#ifndef HV_CORE_CONSOLE_H
#define HV_CORE_CONSOLE_H

#include "hv/types.h"
#include "lib/atomic.h"

/* Bytes of a ring of output, powers of two: where up to CONSOLE_MANY VMs have a port, and where more have (plan_ring_bytes()). */
#define CONSOLE_OUT_BYTES 16384U
#define CONSOLE_OUT_FEWER 4096U
#define CONSOLE_MANY      8U
#define CONSOLE_IN_BYTES  256U
#define CONSOLE_LINE_MAX  512U
#define CONSOLE_PORTS     (HV_MAX_VMS + 1U)
#define CONSOLE_HV        HV_MAX_VMS /* the console's own messages */
#define CONSOLE_NONE      0xffffffffU
#define CONSOLE_ESCAPE    0x1dU /* Ctrl-] */
#define CONSOLE_DIGITS    9U    /* VMs that a key of their own, a digit, gives the input to */
#define CONSOLE_HOLD_MS   50U   /* an open line is waited for */
#define CONSOLE_PERIOD_MS 1U    /* between two looks of the serving CPU */
#define CONSOLE_KEYS      32U   /* taken from the receiver in one call */

/* A ring with one writer and one reader, each of whom owns its count. */
struct console_port {
    const char *name;     /* NULL: no such port; constant after boot */
    atomic32_t out_put;
    atomic32_t out_taken;
    atomic32_t lines;     /* newlines put and not yet taken */
    atomic32_t lost;      /* characters dropped since the last report; while not 0 nothing is taken */
    atomic32_t dropped;   /* characters dropped ever */
    atomic32_t in_put;
    atomic32_t in_taken;
    atomic32_t in_dropped;
    char *out;            /* constant after boot */
    uint8_t in[CONSOLE_IN_BYTES];
};

extern struct console_port console_ports[CONSOLE_PORTS];

/* Boot CPU, after own_begin: forgets everything. Rings of output, which are taken of the hypervisor's memory, have so many bytes from now on:
 * CONSOLE_OUT_BYTES or CONSOLE_OUT_FEWER. */
void console_init(uint32_t out_bytes);
/* As it said: constant after boot. */
extern uint32_t console_out_bytes;

/* Where character n of all that is put on a port lies. */
static inline char *console_out_at(const struct console_port *p, uint32_t n)
{
    return &p->out[n & (console_out_bytes - 1U)];
}

/* Boot CPU: the VM has a port; the first one attached has the focus. The name stays where it is. */
void console_attach(uint32_t port, const char *name);

/* A character a VM prints. True if the serving CPU must be told (console_tell); false if it will look anyway. */
bool console_put(uint32_t port, char c);

/* A VM has ended: a line that it left open ends too. Serialised with console_put. */
void console_end_line(uint32_t port);

/* Boot CPU, before the first guest: `cpu` serves the UART from now on, and the log goes through it. */
void console_start(uint32_t cpu);
bool console_active(void);
/* The CPU serves the UART. Any context. */
bool console_serves(uint32_t cpu);
/* Makes the serving CPU call console_serve: an IPI, also to itself. Any context. */
void console_tell(void);
/* True once for one or more calls of console_tell. Serving CPU, at an IPI. */
bool console_was_told(void);

/* Serving CPU, at an IPI, the UART's interrupt or, with `alarm`, that of its timer. Takes what was typed and gives the
 * UART what it takes, both bounded, and sees to it that it is called again when there is more to do. The ports that
 * something was typed to, as bits. */
uint32_t console_serve(bool alarm);

/* Any CPU, when all VMs have ended: gives the UART all that is left, for at most CONSOLE_FLUSH_MS. */
#define CONSOLE_FLUSH_MS 5000U
void console_flush(void);

enum console_state {
    CONSOLE_IDLE = 0, /* nothing to do before the next console_put */
    CONSOLE_FULL,     /* the transmitter is full: call again when it has room */
    CONSOLE_MORE,     /* enough for one turn: call again soon */
    CONSOLE_HELD,     /* an open line is waited for: call again at *until at the latest */
};

/* Gives the UART what it takes, a bounded number of characters in one call. now, hold and *until in ticks of
 * arch_ops.timer. */
enum console_state console_drain(uint64_t now, uint64_t hold, uint64_t *until);

/* A character typed. The port that has got it, or CONSOLE_NONE; messages of the console itself are output to drain. */
uint32_t console_input(uint8_t c);

/* The next character typed to a port; false if there is none. */
bool console_get(uint32_t port, uint8_t *c);

/* The port that has the focus, CONSOLE_NONE if there is no port. Any context. */
uint32_t console_focus(void);

#endif
