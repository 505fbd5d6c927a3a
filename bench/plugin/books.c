/* SPDX-License-Identifier: Apache-2.0 */
#include "books.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum state { NOTHING_YET = 0, BOOT, EXIT, IDLE, GUEST, NR_STATES };

static const char *const state_names[NR_STATES] = {"nothing", "boot", "exit", "idle", "guest"};

static struct cpu {
    enum state state;
    bool own_trap;           /* in BOOT, EXIT or IDLE: what is returned from first */
    bool mapped;
    char cause[20];          /* of the open entry */
    uint64_t address, args[3];
    uint64_t n, m, d;        /* of the open entry */
    uint64_t firmware;       /* its instructions in GUEST and NOTHING_YET */
    uint64_t insns[NR_OWNERS], accesses[NR_OWNERS];
} cpus[MAX_CPUS];

static const struct isa *isa;
static reg_reader read_reg;
static FILE *log_file;
static uint64_t only_cpu = MAX_CPUS;
static struct {
    uint64_t n;     /* how often the instruction was executed */
    uint64_t first; /* the how manieth of its entry it was the first time, from 1 */
} *profile[NR_STATES];
static uint64_t profile_bytes;

bool books_open(const struct isa *the_isa, reg_reader read, FILE *log, uint64_t only, uint64_t profiled)
{
    isa = the_isa;
    read_reg = read;
    log_file = log;
    only_cpu = only;
    profile_bytes = profiled;
    for (unsigned s = BOOT; s <= IDLE && profiled != 0U; s++) {
        profile[s] = calloc(profiled / 2U + 1U, sizeof(*profile[s]));
        if (profile[s] == NULL) {
            return false;
        }
    }
    return true;
}

bool books_begun(unsigned cpu)
{
    return cpus[cpu].state != NOTHING_YET;
}

bool books_mapped(unsigned cpu)
{
    return cpus[cpu].mapped;
}

void books_set_mapped(unsigned cpu)
{
    cpus[cpu].mapped = true;
}

static bool written(unsigned cpu)
{
    return log_file != NULL && (only_cpu == MAX_CPUS || only_cpu == cpu);
}

/* Closes the entry under another word than its own, if there is one. */
static void close_entry(unsigned cpu, const char *word)
{
    struct cpu *c = &cpus[cpu];
    if (written(cpu)) {
        fprintf(log_file, "%u %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", cpu,
                word != NULL ? word : c->cause, c->n, c->m, c->d, c->address, c->args[0], c->args[1], c->args[2]);
    }
    c->n = 0;
    c->m = 0;
    c->d = 0;
}

static void close_firmware(unsigned cpu, const char *word)
{
    struct cpu *c = &cpus[cpu];
    if (written(cpu) && c->firmware != 0U) {
        fprintf(log_file, "%u %s 0 %" PRIu64 " 0 0 0 0 0\n", cpu, word, c->firmware);
    }
    c->firmware = 0;
}

static void open_entry(struct cpu *c, enum state state, const char *cause)
{
    c->state = state;
    c->own_trap = false;
    c->address = 0;
    memset(c->args, 0, sizeof(c->args));
    (void)snprintf(c->cause, sizeof(c->cause), "%s", cause);
}

static void open_exit(struct cpu *c, enum role role)
{
    static const char *const words[] = {[ROLE_IRQ] = "irq", [ROLE_FIQ] = "fiq", [ROLE_SERROR] = "serror"};
    char cause[sizeof(c->cause)];
    if (role == ROLE_IRQ || role == ROLE_FIQ || role == ROLE_SERROR) {
        open_entry(c, EXIT, words[role]);
    } else {
        (void)snprintf(cause, sizeof(cause), "%" PRIx64, read_reg(REG_CAUSE));
        open_entry(c, EXIT, cause);
    }
    c->address = (read_reg(REG_PAGE) << isa->page_shift & ~isa->va_mask) | (read_reg(REG_VA) & isa->va_mask);
    for (unsigned i = 0; i < 3U; i++) {
        c->args[i] = read_reg(REG_ARG0 + i);
    }
}

static bool in_hypervisor(const struct cpu *c)
{
    return c->state == BOOT || c->state == EXIT || c->state == IDLE;
}

static bool is_vector(enum role role)
{
    return (role >= ROLE_SYNC && role <= ROLE_SERROR) || role == ROLE_VECTOR;
}

void books_hv(unsigned cpu, enum role role, uint64_t offset)
{
    struct cpu *c = &cpus[cpu];
    c->insns[OWNER_HV]++;
    if (in_hypervisor(c)) {
        c->own_trap = c->own_trap || role == ROLE_OWN || role == ROLE_VECTOR;
    } else if (is_vector(role)) {
        open_exit(c, role);
    } else if (c->state == NOTHING_YET) {
        close_firmware(cpu, "reset");
        open_entry(c, BOOT, "boot");
    } else {
        open_entry(c, EXIT, "other");
    }
    c->n++;
    if (profile[c->state] != NULL && offset < profile_bytes) {
        if (profile[c->state][offset / 2U].n == 0U) {
            profile[c->state][offset / 2U].first = c->n;
        }
        profile[c->state][offset / 2U].n++;
    }
    if (role == ROLE_RETURN && c->own_trap) {
        c->own_trap = false;
    } else if (role == ROLE_RETURN) {
        close_entry(cpu, NULL);
        c->state = GUEST;
    } else if (role == ROLE_WAIT && c->state != IDLE) {
        close_entry(cpu, NULL);
        open_entry(c, IDLE, "idle");
    }
}

void books_firmware(unsigned cpu, enum role role)
{
    struct cpu *c = &cpus[cpu];
    c->insns[OWNER_FW]++;
    if (in_hypervisor(c)) {
        c->m++;
        return;
    }
    c->firmware++;
    if (role == ROLE_MRET && c->state == GUEST) {
        close_firmware(cpu, "firmware");
    }
}

void books_guest(unsigned cpu)
{
    cpus[cpu].insns[OWNER_GUEST]++;
}

void books_access(unsigned cpu, enum owner owner)
{
    struct cpu *c = &cpus[cpu];
    c->accesses[owner]++;
    c->d += owner == OWNER_HV ? 1U : 0U;
}

void books_mark(unsigned cpu, unsigned number)
{
    uint64_t all[NR_OWNERS] = {0};
    if (log_file == NULL) {
        return;
    }
    for (unsigned i = 0; i < MAX_CPUS; i++) {
        for (unsigned o = 0; o < NR_OWNERS; o++) {
            all[o] += cpus[i].insns[o];
        }
    }
    const uint64_t *own = cpus[cpu].insns;
    fprintf(log_file, "%u mark %u", cpu, number);
    for (unsigned o = 0; o < NR_OWNERS; o++) {
        fprintf(log_file, " %" PRIu64, own[o]);
    }
    for (unsigned o = 0; o < NR_OWNERS; o++) {
        fprintf(log_file, " %" PRIu64, all[o]);
    }
    fputc('\n', log_file);
}

static void close_cpu(unsigned cpu)
{
    struct cpu *c = &cpus[cpu];
    if (in_hypervisor(c)) {
        close_entry(cpu, "unfinished");
    } else {
        close_firmware(cpu, c->state == NOTHING_YET ? "reset" : "unfinished");
    }
    if (written(cpu)) {
        const uint64_t *n = c->insns;
        const uint64_t *d = c->accesses;
        fprintf(log_file, "%u total %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", cpu, n[0], n[1],
                n[2], d[0], d[1], d[2]);
    }
}

void books_close(void)
{
    for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
        const struct cpu *c = &cpus[cpu];
        if (c->insns[OWNER_HV] + c->insns[OWNER_FW] + c->insns[OWNER_GUEST] != 0U) {
            close_cpu(cpu);
        }
    }
    for (unsigned s = BOOT; s <= IDLE && log_file != NULL; s++) {
        for (uint64_t i = 0; profile[s] != NULL && i <= profile_bytes / 2U; i++) {
            if (profile[s][i].n != 0U) {
                fprintf(log_file, "%s profile %" PRIx64 " %" PRIu64 " %" PRIu64 "\n", state_names[s], 2U * i, profile[s][i].n,
                        profile[s][i].first);
            }
        }
    }
    if (log_file != NULL) {
        (void)fflush(log_file);
    }
}
