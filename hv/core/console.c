/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of the shared console, and what is typed. The merge of the output is in console_mux.c. */
#include "core/console.h"

#include "core/console_mux.h"
#include "core/log.h"
#include "core/own.h"
#include "lib/string.h"

/* Not cleared before the start: console_init() does it, where the console is shared. */
__attribute__((section(".noinit"))) struct console_port console_ports[CONSOLE_PORTS];
uint32_t console_out_bytes;

static atomic32_t focus;  /* port + 1; 0 = there is none */
static atomic32_t looks;  /* the serving CPU has been told, or will look by itself */
static bool escaped;      /* the escape key was the last one; serving CPU */

void console_init(uint32_t out_bytes)
{
    console_out_bytes = out_bytes;
    mem_zero(console_ports, sizeof(console_ports));
    atomic32_store(&focus, 0);
    atomic32_store(&looks, 0);
    escaped = false;
    console_ports[CONSOLE_HV].name = "hv";
    console_ports[CONSOLE_HV].out = own_take(out_bytes);
    console_mux_reset();
}

void console_attach(uint32_t port, const char *name)
{
    console_ports[port].name = name;
    console_ports[port].out = own_take(console_out_bytes);
    (void)atomic32_cas(&focus, 0, port + 1U);
}

uint32_t console_focus(void)
{
    return atomic32_load(&focus) - 1U;
}

void console_looks(bool by_itself)
{
    (void)atomic32_xchg(&looks, by_itself ? 1U : 0U);
}

static void put(struct console_port *p, char c)
{
    uint32_t at = atomic32_load(&p->out_put);

    if (atomic32_load(&p->lost) != 0U || at - atomic32_load(&p->out_taken) == console_out_bytes) {
        (void)atomic32_add(&p->lost, 1U);
        (void)atomic32_add(&p->dropped, 1U);
        return;
    }
    *console_out_at(p, at) = c;
    if (c == '\n') {
        (void)atomic32_add(&p->lines, 1U); /* before the reader can take it away again */
    }
    atomic32_store(&p->out_put, at + 1U);
}

bool console_put(uint32_t port, char c)
{
    put(&console_ports[port], c);
    /* Exchanges on both sides (console_looks): either we see that nobody looks, or who stops looking sees what we put. */
    return atomic32_xchg(&looks, 1U) == 0U;
}

void console_end_line(uint32_t port)
{
    struct console_port *p = &console_ports[port];
    uint32_t at = atomic32_load(&p->out_put);

    if (at != 0U && *console_out_at(p, at - 1U) != '\n' && console_put(port, '\n')) {
        console_tell();
    }
}

bool console_get(uint32_t port, uint8_t *c)
{
    struct console_port *p = &console_ports[port];
    uint32_t at = atomic32_load(&p->in_taken);

    if (at == atomic32_load(&p->in_put)) {
        return false;
    }
    *c = p->in[at % CONSOLE_IN_BYTES];
    atomic32_store(&p->in_taken, at + 1U);
    return true;
}

static uint32_t type(uint32_t port, uint8_t c)
{
    if (port == CONSOLE_NONE) {
        return CONSOLE_NONE;
    }

    struct console_port *p = &console_ports[port];
    uint32_t at = atomic32_load(&p->in_put);

    if (at - atomic32_load(&p->in_taken) == CONSOLE_IN_BYTES) {
        (void)atomic32_add(&p->in_dropped, 1U);
        return port; /* the VM may have been slow to take what is there */
    }
    p->in[at % CONSOLE_IN_BYTES] = c;
    atomic32_store(&p->in_put, at + 1U);
    return port;
}

static void say_list(void)
{
    for (uint32_t i = 0; i < HV_MAX_VMS; i++) {
        const struct console_port *p = &console_ports[i];

        if (p->name != NULL) {
            log_line("%u %s%s: %u characters dropped, %u typed ones dropped", i + 1U, p->name,
                     i == console_focus() ? " (input)" : "", atomic32_load(&p->dropped),
                     atomic32_load(&p->in_dropped));
        }
    }
}

static void say_help(void)
{
    log_line("Ctrl-] and then: 1-%u input to that VM, n to the next one, l list of VMs, Ctrl-] the key itself, "
             "? this help",
             CONSOLE_DIGITS);
}

static void set_focus(uint32_t port)
{
    atomic32_store(&focus, port + 1U);
    log_line("input goes to %s", console_ports[port].name);
}

static void next_focus(void)
{
    uint32_t from = console_focus();

    for (uint32_t i = 1; from != CONSOLE_NONE && i <= HV_MAX_VMS; i++) {
        uint32_t port = (from + i) % HV_MAX_VMS;

        if (console_ports[port].name != NULL) {
            set_focus(port);
            return;
        }
    }
    log_line("no VM uses this console");
}

/* The key behind the escape key. */
static uint32_t command(uint8_t c)
{
    if (c == CONSOLE_ESCAPE) {
        return type(console_focus(), c);
    }
    if (c >= '1' && c < '1' + CONSOLE_DIGITS && console_ports[c - (unsigned)'1'].name != NULL) {
        set_focus(c - (uint32_t)'1');
    } else if (c == 'n') {
        next_focus();
    } else if (c == 'l') {
        say_list();
    } else {
        say_help();
    }
    return CONSOLE_NONE;
}

uint32_t console_input(uint8_t c)
{
    if (escaped) {
        escaped = false;
        return command(c);
    }
    if (c == CONSOLE_ESCAPE) {
        escaped = true;
        return CONSOLE_NONE;
    }
    return type(console_focus(), c);
}
