/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's APLIC in MSI delivery mode with DOMAINCFG.IE set, and of each hart's IMSIC the supervisor's
 * interrupt file, in
 * which all identities are enabled, and guest file 1 (AIA 1.0 chapters 3 and 4).
 */
#include <string.h>

#include "sim/riscv/hart.h"

#define EIDELIVERY  0x70U
#define EITHRESHOLD 0x72U
#define EIP0        0x80U
#define EIE0        0xc0U
#define ARRAY       0x40U /* registers of eip, and of eie */

static struct source {
    enum aplic_mode mode;
    bool line, pending, enable;
    bool guest;          /* target: guest file 1, else the supervisor's */
    bool targeted;
    unsigned cpu;
    uint32_t identity;
} sources[MAX_SOURCES];

struct file {
    uint64_t delivery, threshold;
    uint64_t eip[FILE_IDS / 64U], eie[FILE_IDS / 64U];
};
static struct file supervisor[SIM_MAX_CPUS], guest[SIM_MAX_CPUS];

void sim_aia_reset(void)
{
    memset(sources, 0, sizeof(sources));
    memset(supervisor, 0, sizeof(supervisor));
    memset(guest, 0, sizeof(guest));
}

static void set_bit(uint64_t *bits, uint32_t n)
{
    bits[n / 64U] |= 1ULL << (n % 64U);
}

/* A message to a file; identities that it has not are ignored (3.5). */
static void message(struct file *f, uint64_t identity)
{
    if (identity >= 1U && identity <= sim_cfg.nr_ids) {
        set_bit(f->eip, (uint32_t)identity);
    }
}

static bool active(const struct source *s)
{
    return s->mode != APLIC_INACTIVE;
}

static bool level(const struct source *s)
{
    return s->mode == APLIC_LEVEL_HIGH || s->mode == APLIC_LEVEL_LOW;
}

/* The rectified input (4.5.2): of detached and inactive sources zero. */
static bool input(const struct source *s)
{
    bool inverted = s->mode == APLIC_EDGE_FALL || s->mode == APLIC_LEVEL_LOW;
    return active(s) && s->mode != APLIC_DETACHED && s->line != inverted;
}

static void forward(struct source *s)
{
    if (s->pending && s->enable) {
        s->pending = false;
        message(s->guest ? &guest[s->cpu] : &supervisor[s->cpu], s->identity);
    }
}

/* The input was `before`, and something has changed (4.7): it rose, or a level-sensitive one fell. */
static void changed(struct source *s, bool before)
{
    bool now = input(s);
    s->pending = (s->pending && (now || !level(s))) || (now && !before);
    forward(s);
}

void sim_aia_line(uint32_t source, bool line)
{
    sim_check_source("line", source);
    struct source *s = &sources[source];
    bool before = input(s);
    s->line = line;
    changed(s, before);
}

void sim_aia_mode(uint32_t source, enum aplic_mode mode)
{
    sim_check_source("sourcecfg", source);
    struct source *s = &sources[source];
    bool before = input(s);
    s->mode = mode;
    if (mode == APLIC_INACTIVE) {
        s->enable = false;
        s->pending = false;
        return;
    }
    changed(s, before);
}

void sim_aia_target(uint32_t source, unsigned cpu, bool to_guest, uint32_t identity)
{
    sim_check_source("target", source);
    if (identity == 0U || identity > sim_cfg.nr_ids) {
        sim_fail("aplic: source %u has identity %u, which the files have not", source, identity);
    }
    struct source *s = &sources[source];
    s->targeted = true;
    s->guest = to_guest;
    s->cpu = cpu;
    s->identity = identity;
}

void sim_aia_enable(uint32_t source, bool on)
{
    sim_check_source("setie", source);
    struct source *s = &sources[source];
    if (on && (!active(s) || !s->targeted)) {
        sim_fail("aplic: source %u is enabled, but is inactive or has no target", source);
    }
    s->enable = on;
    forward(s);
}

void sim_aia_set_pending(uint32_t source, bool on)
{
    sim_check_source("setip", source);
    struct source *s = &sources[source];
    if (!on) {
        s->pending = false;
    } else if (active(s) && (!level(s) || input(s))) {
        s->pending = true;
        forward(s);
    }
}

uint32_t sim_aia_get(enum irqc_bit what, unsigned word)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 32U && what != IRQC_ACTIVE; i++) {
        const struct source *s = &sources[32U * word + i];
        bits |= (what == IRQC_ENABLE ? s->enable : s->pending) ? 1U << i : 0U;
    }
    return bits;
}

uint32_t sim_aia_inputs(unsigned word)
{
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 32U; i++) {
        bits |= input(&sources[32U * word + i]) ? 1U << i : 0U;
    }
    return bits;
}

uint64_t sim_aia_source(uint32_t source)
{
    const struct source *s = &sources[source];
    uint64_t file = (uint64_t)s->targeted << 41 | (uint64_t)s->guest << 40 | (uint64_t)s->cpu << 32;
    return (uint64_t)s->mode << 48 | file | s->identity;
}

/* ---- Interrupt files ---- */

static uint32_t top(const struct file *f, bool all)
{
    for (uint32_t w = 0; w <= sim_cfg.nr_ids / 64U; w++) { /* bit 0 of the first, and those behind nr_ids, are never set */
        uint64_t bits = f->eip[w] & (all ? ~0ULL : f->eie[w]);
        if (bits != 0U) {
            uint32_t n = 64U * w + (uint32_t)__builtin_ctzll(bits);
            return all || f->threshold == 0U || n < f->threshold ? n : 0U;
        }
    }
    return 0;
}

bool sim_aia_seip(unsigned cpu)
{
    return top(&supervisor[cpu], true) != 0U;
}

uint32_t sim_aia_claim(unsigned cpu)
{
    uint32_t n = top(&supervisor[cpu], true);
    supervisor[cpu].eip[n / 64U] &= ~(1ULL << (n % 64U));
    return n;
}

void sim_aia_msi(unsigned cpu, uint32_t identity)
{
    if (identity == 0U || identity > sim_cfg.nr_ids) {
        sim_fail("imsic: the hypervisor sends identity %u, which the files have not", identity);
    }
    message(&guest[cpu], identity);
}

void sim_aia_file_reset(unsigned cpu)
{
    memset(&guest[cpu], 0, sizeof(guest[cpu]));
}

bool sim_aia_vseip(unsigned cpu)
{
    return guest[cpu].delivery == 1U && top(&guest[cpu], false) != 0U;
}

uint64_t sim_aia_topei(unsigned cpu, bool claim)
{
    uint64_t n = top(&guest[cpu], false);
    if (claim && n != 0U) {
        guest[cpu].eip[n / 64U] &= ~(1ULL << (n % 64U));
    }
    return n << 16 | n;
}

/* Register of an array; NULL: there is none (odd ones are 32 bits wide machines'). */
static uint64_t *array_reg(unsigned cpu, uint64_t select)
{
    uint64_t n = (select - EIP0) % ARRAY;
    if (select < EIP0 || select >= EIE0 + ARRAY || n % 2U != 0U || 32U * n > sim_cfg.nr_ids) {
        return NULL;
    }
    return select < EIE0 ? &guest[cpu].eip[n / 2U] : &guest[cpu].eie[n / 2U];
}

uint64_t sim_aia_file_read(unsigned cpu, uint64_t select)
{
    const uint64_t *reg = array_reg(cpu, select);
    if (reg != NULL) {
        return *reg;
    }
    return select == EIDELIVERY ? guest[cpu].delivery : select == EITHRESHOLD ? guest[cpu].threshold : 0U;
}

void sim_aia_file_write(unsigned cpu, uint64_t select, uint64_t value)
{
    uint64_t *reg = array_reg(cpu, select);
    if (reg != NULL) {
        uint64_t first = 32U * ((select - EIP0) % ARRAY);
        uint64_t have = sim_cfg.nr_ids - first >= 63U ? ~0ULL : (2ULL << (sim_cfg.nr_ids - first)) - 1U;
        *reg = value & have & (first == 0U ? ~1ULL : ~0ULL);
    } else if (select == EIDELIVERY) {
        guest[cpu].delivery = value <= 1U ? value : guest[cpu].delivery;
    } else if (select == EITHRESHOLD) {
        guest[cpu].threshold = value <= sim_cfg.nr_ids ? value : guest[cpu].threshold;
    } else {
        /* there is none */
    }
}

/* seteipnum_le is the first word of the page (3.5). */
bool sim_aia_store(uint64_t pa, uint64_t value)
{
    for (unsigned i = 0; i < sim_cfg.nr_cpus; i++) {
        if (pa - SIM_IMSIC_PA(i) < 2U * PAGE_SIZE) {
            struct file *f = pa - SIM_IMSIC_PA(i) < PAGE_SIZE ? &supervisor[i] : &guest[i];
            if (pa % PAGE_SIZE == 0U) {
                message(f, (uint32_t)value);
            }
            return true;
        }
    }
    return false;
}
