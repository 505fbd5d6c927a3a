/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map as a picture. Everything stands at a place computed here, from the top down, in one size of a fixed-width font, so
 * that a text is as wide as its letters count; the same plan gives the same bytes.
 */
#define _GNU_SOURCE
#include "map.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH    1120U
#define MARGIN   24U
#define ROW      22U
#define FONT     13U
#define LETTER   8U /* at least as wide as one of FONT */
#define SWATCH   14U
#define BAR      64U  /* width of the memory bar */
#define THINNEST 3U
#define CPU_STEP 134U
#define CPU_BOX  126U
#define CPU_ROW  ((WIDTH - 2U * MARGIN + CPU_STEP - CPU_BOX) / CPU_STEP) /* beside each other */

#define SOMETHING (-6) /* in the place of an owner: that is not what is shown */

struct svg {
    struct run *r;
    struct map m;
    FILE *f;
    unsigned y; /* top of what comes next */
};

static const char *colour(int owner)
{
    static const char *const vm[] = {"#8ecae6", "#ffb703", "#95d5b2", "#f4978e", "#cdb4db", "#e9c46a", "#a8dadc", "#d4a373"};

    return owner >= 0                ? vm[(unsigned)owner % ARRAY_SIZE(vm)]
           : owner == OWNER_HV       ? "#6c757d"
           : owner == OWNER_FIRMWARE ? "#adb5bd"
           : owner == OWNER_ALL      ? "#dee2e6"
           : owner == OWNER_CHANNEL  ? "#ffd43b"
                                     : "#ffffff";
}

static void box(struct svg *s, unsigned x, unsigned y, unsigned w, unsigned h, int owner)
{
    fprintf(s->f, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"%s\" stroke=\"#343a40\"%s/>\n", x, y, w, h,
            colour(owner), owner == OWNER_NOBODY ? " stroke-dasharray=\"3 3\"" : "");
}

static void line(struct svg *s, unsigned x1, unsigned y1, unsigned x2, unsigned y2)
{
    fprintf(s->f, "<line x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\" stroke=\"#868e96\"/>\n", x1, y1, x2, y2);
}

/* One line of text whose letters stand between y and y + ROW, at most up to x = end: what is longer is cut. */
static void text(struct svg *s, unsigned x, unsigned y, unsigned end, const char *class, const char *words)
{
    size_t room = (end - x) / LETTER;
    size_t n = strlen(words);

    fprintf(s->f, "<text x=\"%u\" y=\"%u\"%s%s%s>", x, y + 16U, class[0] != '\0' ? " class=\"" : "", class, class[0] != '\0' ? "\"" : "");
    for (size_t i = 0; i < n && i < room; i++) {
        bool cut = n > room && i + 2U >= room;
        char c = cut ? '.' : words[i];

        if (c == '<' || c == '&') {
            fputs(c == '<' ? "&lt;" : "&amp;", s->f);
        } else {
            fputc(c >= ' ' && c <= '~' ? c : '?', s->f);
        }
    }
    fputs("</text>\n", s->f);
}

static void heading(struct svg *s, const char *words)
{
    s->y += ROW / 2U;
    text(s, MARGIN, s->y, WIDTH - MARGIN, "h", words);
    s->y += ROW + 4U;
}

static void legend_entry(struct svg *s, unsigned *x, int owner, const char *words)
{
    unsigned width = SWATCH + 8U + (unsigned)strlen(words) * LETTER + 24U;

    if (*x + width > WIDTH - MARGIN) {
        *x = MARGIN;
        s->y += ROW;
    }
    box(s, *x, s->y + 4U, SWATCH, SWATCH, owner);
    text(s, *x + SWATCH + 8U, s->y, WIDTH, "", words);
    *x += width;
}

static void legend(struct svg *s)
{
    unsigned x = MARGIN;

    for (unsigned i = 0; i < s->r->nr_vms; i++) {
        legend_entry(s, &x, (int)i, arena_printf(&s->r->arena, "VM %s", s->r->vm[i].sys->name));
    }
    legend_entry(s, &x, OWNER_HV, "hypervisor");
    if (s->r->board.kind->firmware_below) {
        legend_entry(s, &x, OWNER_FIRMWARE, "firmware");
    }
    if (s->r->board.isa == PLAN_ISA_ARMV8) { /* timers; those of RISC-V have no interrupt of the controller */
        legend_entry(s, &x, OWNER_ALL, "each VM has its own");
    }
    if (s->r->nr_channels != 0U) {
        legend_entry(s, &x, OWNER_CHANNEL, "channels");
    }
    legend_entry(s, &x, OWNER_NOBODY, "nobody");
    s->y += ROW;
}

/* The height of a range in a bar of `height`, to scale but not too thin to be seen. */
static unsigned thickness(const struct svg *s, const struct map_range *t, unsigned height)
{
    uint64_t h = t->size / PAGE_SIZE * height / (s->r->board.ram_size / PAGE_SIZE);

    return h > THINNEST ? (unsigned)h : THINNEST;
}

static void memory_row(struct svg *s, const struct map_range *t, unsigned y)
{
    struct arena *a = &s->r->arena;
    unsigned x = MARGIN + BAR + 60U + (t->inside ? 20U : 0U);

    box(s, x, y + 4U, SWATCH, SWATCH, t->owner);
    text(s, x + SWATCH + 8U, y, 400, "", arena_printf(a, "0x%010" PRIx64 "-0x%010" PRIx64, t->base, t->base + (t->size - 1U)));
    text(s, 408, y, 544, "", size_text(a, t->size));
    text(s, 552, y, WIDTH - MARGIN, "", t->text + (t->inside ? 2 : 0));
}

/* Rows with a text each, and beside them a bar of all RAM, from which a line leads to the row of each piece. */
static void memory(struct svg *s)
{
    struct map *m = &s->m;
    unsigned height = m->nr_memory * ROW;
    unsigned thick = 1; /* not 0: it divides */

    heading(s, "Physical memory (the bar is to scale, but for what would be too thin to see)");
    unsigned at = s->y;

    for (unsigned i = 0; i < m->nr_memory; i++) {
        thick += m->memory[i].inside ? 0U : thickness(s, &m->memory[i], height);
    }
    for (unsigned i = 0; i < m->nr_memory; i++) {
        unsigned y = s->y + i * ROW;

        if (!m->memory[i].inside) {
            /* The thinnest have made the sum too large: all give some of it back. */
            unsigned h = thickness(s, &m->memory[i], height) * height / thick;

            box(s, MARGIN, at, BAR, h > 0U ? h : 1U, m->memory[i].owner);
            line(s, MARGIN + BAR + 1U, at + h / 2U, MARGIN + BAR + 56U, y + ROW / 2U);
            at += h > 0U ? h : 1U;
        }
        memory_row(s, &m->memory[i], y);
    }
    s->y += height;
}

/* A strip for each VM, and one for the hypervisor: a box for each colour, empty if it is another's alone. */
static void colours(struct svg *s)
{
    const struct run *r = s->r;
    unsigned left = MARGIN + 18U * LETTER;
    unsigned width = r->llc.colours != 0U ? (WIDTH - MARGIN - left) / r->llc.colours : 0U;

    if (width == 0U) {
        return;
    }
    heading(s, "Colours of the last-level cache");
    for (unsigned i = 0; i <= r->nr_vms; i++) {
        uint64_t mask = colours_of(r, i < r->nr_vms ? &r->vm[i] : NULL);
        int owner = i < r->nr_vms ? (int)i : OWNER_HV;

        text(s, MARGIN, s->y, left, "", map_owner(r, owner));
        for (uint32_t c = 0; c < r->llc.colours; c++) {
            box(s, left + c * width, s->y + 4U, width, SWATCH, (mask >> c & 1U) != 0U ? owner : OWNER_NOBODY);
        }
        s->y += ROW;
    }
}

static void cpu(struct svg *s, uint32_t i)
{
    const struct map_cpu *c = &s->m.cpu[i];
    struct arena *a = &s->r->arena;
    unsigned x = MARGIN + i % CPU_ROW * CPU_STEP;

    box(s, x, s->y, CPU_BOX, 2U * ROW, SOMETHING);
    text(s, x + 6U, s->y, x + CPU_BOX, "", arena_printf(a, "CPU %" PRIu32, i));
    text(s, x + 6U, s->y + ROW, x + CPU_BOX, "", arena_printf(a, "id 0x%" PRIx64, s->r->board.cpu[i].hw_id));
    if (c->owner >= 0) {
        line(s, x + CPU_BOX / 2U, s->y + 2U * ROW, x + CPU_BOX / 2U, s->y + 3U * ROW);
    }
    box(s, x, s->y + 3U * ROW, CPU_BOX, 2U * ROW, c->owner);
    text(s, x + 6U, s->y + 3U * ROW, x + CPU_BOX, "", map_owner(s->r, c->owner));
    if (c->owner >= 0) {
        text(s, x + 6U, s->y + 4U * ROW, x + CPU_BOX, "", arena_printf(a, "vCPU %" PRIu32, c->vcpu));
    }
    if (c->console) {
        text(s, x + 6U, s->y + 5U * ROW, x + CPU_BOX, "", "serves console");
    }
}

static void cpus(struct svg *s)
{
    heading(s, "CPUs, and the virtual CPU that each runs");
    for (uint32_t i = 0; i < s->r->board.nr_cpus; i++) {
        s->y += i != 0U && i % CPU_ROW == 0U ? 6U * ROW : 0U;
        cpu(s, i);
    }
    s->y += 6U * ROW;
}

static void devices(struct svg *s)
{
    struct arena *a = &s->r->arena;

    heading(s, "Devices");
    for (unsigned i = 0; i < s->m.nr_devices; i++) {
        const struct map_range *t = &s->m.devices[i];

        box(s, MARGIN, s->y + 4U, SWATCH, SWATCH, t->owner);
        text(s, MARGIN + 22U, s->y, 264, "", arena_printf(a, "0x%010" PRIx64 "-0x%010" PRIx64, t->base, t->base + (t->size - 1U)));
        text(s, 272, s->y, 400, "", map_owner(s->r, t->owner));
        if (t->irqs[0] != '\0') {
            text(s, 408, s->y, 544, "", t->irqs);
        }
        text(s, 552, s->y, WIDTH - MARGIN, "", t->text);
        s->y += ROW;
    }
}

static void interrupts(struct svg *s)
{
    heading(s, "Interrupts");
    for (unsigned i = 0; i < s->m.nr_irqs; i++) {
        const struct map_irq *q = &s->m.irqs[i];

        box(s, MARGIN, s->y + 4U, SWATCH, SWATCH, q->owner);
        text(s, MARGIN + 22U, s->y, 264, "", arena_printf(&s->r->arena, "%s %" PRIu32, map_irq_word(s->r), q->number));
        text(s, 272, s->y, 400, "", map_owner(s->r, q->owner));
        text(s, 408, s->y, WIDTH - MARGIN, "", q->text);
        s->y += ROW;
    }
}

static void body(struct svg *s)
{
    struct arena *a = &s->r->arena;
    const char *slash = strrchr(s->r->sys.src.file, '/');

    s->y = MARGIN;
    text(s, MARGIN, s->y, WIDTH - MARGIN, "h",
         arena_printf(a, "%s on %s: who has what", slash != NULL ? slash + 1 : s->r->sys.src.file, s->r->board.kind->name));
    s->y += ROW + 4U;
    text(s, MARGIN, s->y, WIDTH - MARGIN, "",
         arena_printf(a, "RAM %s at 0x%" PRIx64 ", of which %s are left", size_text(a, s->r->board.ram_size), s->r->board.ram_base,
                      size_text(a, s->m.ram_left)));
    s->y += ROW + 4U;
    legend(s);
    memory(s);
    colours(s);
    cpus(s);
    devices(s);
    interrupts(s);
    s->y += MARGIN;
}

void svg(struct run *r, FILE *f)
{
    struct svg s = {.r = r};
    char *bytes = NULL;
    size_t n = 0;

    map_make(r, &s.m);
    s.f = open_memstream(&bytes, &n); /* the height is known at its end */
    if (s.f == NULL) {
        return;
    }
    body(&s);
    fclose(s.f);
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" font-family=\"monospace\" "
               "font-size=\"%u\">\n<style>.h{font-weight:bold}</style>\n<rect width=\"%u\" height=\"%u\" fill=\"#f8f9fa\"/>\n%s</svg>\n",
            WIDTH, s.y, WIDTH, s.y, FONT, WIDTH, s.y, bytes);
    free(bytes);
}
