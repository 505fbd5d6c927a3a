/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers of an interrupt domain (AIA 1.0 4.5). What is not in the table is read-only zero, as reserved bytes are:
 * mmsiaddrcfg and smsiaddrcfg, since the domain is not at machine level (4.5.3, 4.5.4); setipnum_be, since BE is
 * always zero (4.5.14); genmsi, which would send without a source; the IDC structures of direct delivery (4.8).
 */
#include "vdev/vaplic_state.h"

#define DOMAINCFG_FIXED 0x80000004U /* bits 31:24, and DM: MSI delivery (4.5.1) */
#define DOMAINCFG_IE    ((uint32_t)1 << 8)
#define SOURCECFG_D     ((uint32_t)1 << 10)
#define SOURCECFG_SM    7U

static struct vaplic *vaplic_of(const struct mmio_access *a)
{
    return a->dev;
}

/* The number that the access is about, of a block of one register per source from source 1 on. */
static uint32_t source_of(const struct mmio_access *a)
{
    return a->first + 1U;
}

static bool owned(const struct vaplic *g, uint64_t source)
{
    return source < VAPLIC_SOURCES && (g->w[source / 32U].owned & vaplic_bit((uint32_t)source)) != 0U;
}

static uint64_t read_domaincfg(const struct mmio_access *a)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    uint32_t val = DOMAINCFG_FIXED | (g->ie ? DOMAINCFG_IE : 0U);

    spin_unlock(&g->lock);
    return val;
}

static void write_domaincfg(const struct mmio_access *a, uint64_t val)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    vaplic_set_ie(g, (val & DOMAINCFG_IE) != 0U);
    spin_unlock(&g->lock);
}

static uint64_t read_sourcecfg(const struct mmio_access *a)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    uint32_t val = g->mode[source_of(a)];

    spin_unlock(&g->lock);
    return val;
}

/* There is no child to delegate to: D makes all of the register zero. The reserved modes 2 and 3 become Inactive
 * (WARL). */
static enum aplic_mode mode_of(uint64_t sourcecfg)
{
    enum aplic_mode mode = (enum aplic_mode)(sourcecfg & SOURCECFG_SM);

    if ((sourcecfg & SOURCECFG_D) != 0U || (mode > APLIC_DETACHED && mode < APLIC_EDGE_RISE)) {
        mode = APLIC_INACTIVE;
    }
    return mode;
}

static void write_sourcecfg(const struct mmio_access *a, uint64_t val)
{
    struct vaplic *g = vaplic_of(a);

    if (owned(g, source_of(a))) {
        spin_lock(&g->lock);
        vaplic_set_mode(g, source_of(a), mode_of(val));
        spin_unlock(&g->lock);
    }
}

static uint64_t read_target(const struct mmio_access *a)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    uint32_t val = g->target[source_of(a)];

    spin_unlock(&g->lock);
    return val;
}

static void write_target(const struct mmio_access *a, uint64_t val)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    vaplic_set_target(g, source_of(a), (uint32_t)val);
    spin_unlock(&g->lock);
}

static uint64_t read_setip(const struct mmio_access *a)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    uint32_t val = vaplic_read_pending(g, a->first / 32U);

    spin_unlock(&g->lock);
    return val;
}

static void write_setip(const struct mmio_access *a, uint64_t val)
{
    vaplic_set_pending(vaplic_of(a), a->first / 32U, (uint32_t)val);
}

static void write_setipnum(const struct mmio_access *a, uint64_t val)
{
    if (owned(vaplic_of(a), val)) {
        vaplic_set_pending(vaplic_of(a), (unsigned)val / 32U, vaplic_bit((uint32_t)val));
    }
}

static uint64_t read_in_clrip(const struct mmio_access *a)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    uint32_t val = vaplic_read_inputs(g, a->first / 32U);

    spin_unlock(&g->lock);
    return val;
}

static void write_in_clrip(const struct mmio_access *a, uint64_t val)
{
    vaplic_clear_pending(vaplic_of(a), a->first / 32U, (uint32_t)val);
}

static void write_clripnum(const struct mmio_access *a, uint64_t val)
{
    if (owned(vaplic_of(a), val)) {
        vaplic_clear_pending(vaplic_of(a), (unsigned)val / 32U, vaplic_bit((uint32_t)val));
    }
}

static uint64_t read_setie(const struct mmio_access *a)
{
    struct vaplic *g = vaplic_of(a);

    spin_lock(&g->lock);
    uint32_t val = g->w[a->first / 32U].enable;

    spin_unlock(&g->lock);
    return val;
}

static void change_enable(struct vaplic *g, unsigned k, uint32_t mask, bool on)
{
    spin_lock(&g->lock);
    if (on) {
        vaplic_set_enable(g, k, mask);
    } else {
        vaplic_clear_enable(g, k, mask);
    }
    spin_unlock(&g->lock);
}

static void write_setie(const struct mmio_access *a, uint64_t val)
{
    change_enable(vaplic_of(a), a->first / 32U, (uint32_t)val, true);
}

static void write_clrie(const struct mmio_access *a, uint64_t val)
{
    change_enable(vaplic_of(a), a->first / 32U, (uint32_t)val, false);
}

static void write_setienum(const struct mmio_access *a, uint64_t val)
{
    if (owned(vaplic_of(a), val)) {
        change_enable(vaplic_of(a), (unsigned)val / 32U, vaplic_bit((uint32_t)val), true);
    }
}

static void write_clrienum(const struct mmio_access *a, uint64_t val)
{
    if (owned(vaplic_of(a), val)) {
        change_enable(vaplic_of(a), (unsigned)val / 32U, vaplic_bit((uint32_t)val), false);
    }
}

static const struct mmio_reg regs[] = {
    {"domaincfg", 0x0000, 4, MMIO_W32, 0, read_domaincfg, write_domaincfg},
    {"sourcecfg", 0x0004, 4U * (VAPLIC_SOURCES - 1U), MMIO_W32, 32, read_sourcecfg, write_sourcecfg},
    {"setip", 0x1c00, 4U * VAPLIC_WORDS, MMIO_W32, 1, read_setip, write_setip},
    {"setipnum", 0x1cdc, 4, MMIO_W32, 0, NULL, write_setipnum},
    {"in_clrip", 0x1d00, 4U * VAPLIC_WORDS, MMIO_W32, 1, read_in_clrip, write_in_clrip},
    {"clripnum", 0x1ddc, 4, MMIO_W32, 0, NULL, write_clripnum},
    {"setie", 0x1e00, 4U * VAPLIC_WORDS, MMIO_W32, 1, read_setie, write_setie},
    {"setienum", 0x1edc, 4, MMIO_W32, 0, NULL, write_setienum},
    {"clrie", 0x1f00, 4U * VAPLIC_WORDS, MMIO_W32, 1, NULL, write_clrie},
    {"clrienum", 0x1fdc, 4, MMIO_W32, 0, NULL, write_clrienum},
    {"setipnum_le", VAPLIC_SETIPNUM_LE, 4, MMIO_W32, 0, NULL, write_setipnum},
    {"target", 0x3004, 4U * (VAPLIC_SOURCES - 1U), MMIO_W32, 32, read_target, write_target},
};

const struct mmio_table vaplic_table = {.regs = regs, .count = ARRAY_SIZE(regs)};
