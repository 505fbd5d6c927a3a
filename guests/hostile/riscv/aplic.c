/* SPDX-License-Identifier: Apache-2.0 */
/* APLIC (AIA 1.0 chapter 4): every register, everybody's sources, and where their messages go. */
#include "attacks.h"

#define SOURCES     1024U
#define SOURCECFG   0x0000U
#define MMSIADDRCFG 0x1bc0U
#define SETIP       0x1c00U
#define SETIPNUM    0x1cdcU
#define IN_CLRIP    0x1d00U
#define CLRIPNUM    0x1ddcU
#define SETIE       0x1e00U
#define SETIENUM    0x1edcU
#define CLRIE       0x1f00U
#define CLRIENUM    0x1fdcU
#define SETIPNUM_LE 0x2000U
#define SETIPNUM_BE 0x2004U
#define GENMSI      0x3000U
#define TARGET      0x3000U
#define EDGE        4U
#define LEVEL_HIGH  6U
#define HARTS       4U

static bool ready(const struct attack *self)
{
    return irqc_ready(self) && irqc_kind() == IRQC_AIA && irqc_sources() != 0U;
}

static void put(uint32_t o, uint32_t v)
{
    mmio_write32(irqc_base() + o, v);
}

static uint32_t get(uint32_t o)
{
    return mmio_read32(irqc_base() + o);
}

/* Sources inactive: as the guest found them. */
static void calm(void)
{
    for (uint32_t s = 1; s < SOURCES; s++) {
        put(SOURCECFG + 4U * s, 0);
    }
    (void)irqc_init_cpu();
}

void attack_aplic_sweep(const struct attack *self)
{
    if (ready(self)) {
        irqc_sweep(self, 0, irqc_size());
        calm();
    }
}

/* Everybody's sources, one by one: configured, enabled, pended, by bit and by number. */
void attack_aplic_sources(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    for (uint32_t s = 0; s < SOURCES; s++) {
        if (s != 0U) {
            put(SOURCECFG + 4U * s, 1U << 10); /* delegated, to nobody */
            put(SOURCECFG + 4U * s, EDGE);
        }
        put(SETIENUM, s);
        put(SETIPNUM, s);
        put(SETIPNUM_LE, s);
        put(SETIPNUM_BE, swapped(s));
        put(CLRIPNUM, s);
        put(CLRIENUM, s);
        if (s != 0U && get(SOURCECFG + 4U * s) != 0U) {
            fact(self, "configured", s, (struct outcome){.value = get(SOURCECFG + 4U * s)});
        }
    }
    static const char *const names[] = {"pending word", "input word", "enabled word", "cleared word"};
    static const uint32_t banks[] = {SETIP, IN_CLRIP, SETIE, CLRIE};
    for (uint32_t w = 0; w < SOURCES / 32U; w++) {
        for (unsigned b = 0; b < 4U; b++) {
            put(banks[b] + 4U * w, UINT32_MAX);
            uint32_t v = get(banks[b] + 4U * w);
            if (v != 0U) {
                fact(self, names[b], w, (struct outcome){.value = v});
            }
        }
    }
    fact_number(self, "sources", SOURCES);
    calm();
}

/* Every source to every hart, guest file and identity; and messages without a source. */
void attack_aplic_targets(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    for (uint32_t s = 1; s < SOURCES; s++) {
        put(SOURCECFG + 4U * s, EDGE);
        for (uint32_t hart = 0; hart < 2U * HARTS; hart++) {
            put(TARGET + 4U * s, hart << 18 | (hart & 3U) << 12 | 5U);
            put(SETIENUM, s);
            put(SETIPNUM, s);
        }
        put(TARGET + 4U * s, UINT32_MAX);
        if (get(TARGET + 4U * s) != 0U) {
            fact(self, "target of", s, (struct outcome){.value = get(TARGET + 4U * s)});
        }
    }
    for (uint32_t hart = 0; hart < 2U * HARTS; hart++) {
        for (uint32_t id = 1; id < 64U; id++) {
            put(GENMSI, hart << 18 | id);
            put(GENMSI, hart << 18 | 1U << 12 | id);
        }
    }
    for (uint32_t o = MMSIADDRCFG; o < MMSIADDRCFG + 0x10U; o += 4U) {
        put(o, 0x28000U);
        if (get(o) != 0U) {
            fact(self, "message address", o, (struct outcome){.value = get(o)});
        }
    }
    fact_number(self, "targets", SOURCES);
    calm();
}

/* Its own source, which it may raise, as a message to each hart of the board. */
void attack_aplic_msi(const struct attack *self)
{
    if (!ready(self)) {
        return;
    }
    uint32_t own = (uint32_t)bootarg_number("source", 0);
    int64_t sent = 0;
    put(SOURCECFG + 4U * own, EDGE);
    put(SETIENUM, own);
    for (uint32_t hart = 2; hart < 2U * HARTS; hart++) {
        for (uint32_t guest = 0; guest < 4U; guest++) {
            for (uint32_t id = 1; id < 64U; id++) {
                put(TARGET + 4U * own, hart << 18 | guest << 12 | id);
                put(SETIPNUM, own);
                sent++;
            }
        }
    }
    fact_number(self, "sent", sent);
    calm();
}
