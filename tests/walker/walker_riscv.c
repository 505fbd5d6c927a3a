/* SPDX-License-Identifier: Apache-2.0 */
#include "walker_riscv.h"

#define wrong(w, ...) walker_wrong((w)->error, __VA_ARGS__)
#define field         walker_field

/* Bits of an entry (12.4.1, figure of Sv39; the same in Sv48). */
#define V 0
#define R 1
#define W 2
#define X 3
#define U 4
#define G 5
#define A 6
#define D 7

static bool bit(uint64_t pte, unsigned n)
{
    return ((pte >> n) & 1U) != 0U;
}

/* hgatp: MODE [63:60], 0 [59:58], VMID [57:44], PPN [43:0], of which the two low bits are 0. levels as the manual's
 * LEVELS. */
static bool control(struct walker_riscv *w, unsigned *levels)
{
    uint64_t mode = field(w->hgatp, 63, 60);
    if (mode != 8U && mode != 9U) {
        return wrong(w, "hgatp 0x%lx: neither Sv39x4 nor Sv48x4", w->hgatp);
    }
    *levels = mode == 8U ? 3U : 4U;
    if (w->ipa_bits != 9U * *levels + 14U) {
        return wrong(w, "hgatp 0x%lx: does not translate %u bits", w->hgatp, w->ipa_bits);
    }
    if (field(w->hgatp, 59, 58) != 0U || field(w->hgatp, 57, 44) != w->vmid) {
        return wrong(w, "hgatp 0x%lx: reserved bits, or VMID", w->hgatp);
    }
    if (field(w->hgatp, 1, 0) != 0U) {
        return wrong(w, "hgatp 0x%lx: the root is not aligned to 16 KiB", w->hgatp);
    }
    return true;
}

static bool read_entry(struct walker_riscv *w, uint64_t pa, uint64_t *pte)
{
    if (pa < w->tables_base || pa - w->tables_base + 8U > w->tables_size) {
        return wrong(w, "a table at 0x%lx, where none may be", pa);
    }
    return w->read(w->ctx, pa, pte) || wrong(w, "a table at 0x%lx: no memory", pa);
}

/* An entry with V that a hart takes without a page fault, and that says nothing that is reserved or that nobody
 * wants. i: the manual's level, 0 is the last. */
static bool entry_ok(struct walker_riscv *w, uint64_t pte, unsigned i, uint64_t ipa)
{
    if (field(pte, 63, 54) != 0U) {
        return wrong(w, "entry 0x%lx for IPA 0x%lx: N, PBMT or a reserved bit is set", pte, ipa);
    }
    if (bit(pte, G)) {
        return wrong(w, "entry 0x%lx for IPA 0x%lx: G has no meaning here", pte, ipa);
    }
    if (bit(pte, W) && !bit(pte, R)) {
        return wrong(w, "entry 0x%lx for IPA 0x%lx: write without read is reserved", pte, ipa);
    }
    if (!bit(pte, R) && !bit(pte, X)) { /* points to a table */
        if (i == 0U || bit(pte, D) || bit(pte, A) || bit(pte, U)) {
            return wrong(w, "entry 0x%lx for IPA 0x%lx: no table may be here, or D, A, U are set", pte, ipa);
        }
        return true;
    }
    if (!bit(pte, U)) {
        return wrong(w, "leaf 0x%lx for IPA 0x%lx: not for user mode, as which every access counts", pte, ipa);
    }
    if (!bit(pte, A) || (bit(pte, W) && !bit(pte, D))) {
        return wrong(w, "leaf 0x%lx for IPA 0x%lx: A or D is clear, so it may fault", pte, ipa);
    }
    if (i != 0U && field(pte, 9U + 9U * i, 10) != 0U) {
        return wrong(w, "leaf 0x%lx for IPA 0x%lx: a misaligned superpage", pte, ipa);
    }
    return true;
}

static uint64_t ppn(uint64_t pte)
{
    return field(pte, 53, 10);
}

struct audit {
    struct walker_riscv *w;
    struct walker_cover cover;
};

static bool table(struct audit *a, uint64_t pa, unsigned entries, unsigned i, uint64_t ipa)
{
    uint64_t size = 4096ULL << (9U * i);
    a->w->tables += entries / 512U;
    for (unsigned n = 0; n < entries; n++, ipa += size) {
        uint64_t pte;
        if (!read_entry(a->w, pa + n * 8U, &pte)) {
            return false;
        }
        if (!bit(pte, V)) {
            continue; /* everything else in it is for software */
        }
        if (!entry_ok(a->w, pte, i, ipa)) {
            return false;
        }
        bool ok;
        if (bit(pte, R) || bit(pte, X)) {
            struct walker_grant have = {.read = bit(pte, R), .write = bit(pte, W), .execute = bit(pte, X)};
            ok = walker_cover_leaf(&a->cover, ipa, ppn(pte) * 4096U, size, &have);
        } else {
            ok = table(a, ppn(pte) * 4096U, 512, i - 1U, ipa);
        }
        if (!ok) {
            return false;
        }
    }
    return true;
}

bool walker_riscv_audit(struct walker_riscv *w, const struct walker_grant *grants, unsigned n)
{
    struct walker_grant untyped[WALKER_MAX_GRANTS];
    struct audit a = {.w = w, .cover = {.grants = untyped, .n = n, .error = w->error}};
    unsigned levels = 0;

    w->tables = 0;
    w->error[0] = '\0';
    if (n > WALKER_MAX_GRANTS) {
        return wrong(w, "more than %u grants", WALKER_MAX_GRANTS);
    }
    for (unsigned k = 0; k < n; k++) {
        untyped[k] = grants[k];
        untyped[k].type = WALKER_NORMAL_WB;
    }
    return control(w, &levels) && table(&a, field(w->hgatp, 43, 0) * 4096U, 2048, levels - 1U, 0) &&
           walker_cover_all(&a.cover);
}

bool walker_riscv_translate(struct walker_riscv *w, uint64_t ipa, struct walker_riscv_leaf *out)
{
    unsigned levels = 0;

    if (!control(w, &levels) || ipa >> w->ipa_bits != 0U) {
        return false;
    }
    uint64_t base = field(w->hgatp, 43, 0) * 4096U;
    for (unsigned i = levels; i-- > 0U;) {
        unsigned low = 12U + 9U * i;
        uint64_t vpn = field(ipa, i == levels - 1U ? low + 10U : low + 8U, low);
        uint64_t pte;
        if (!read_entry(w, base + vpn * 8U, &pte) || !bit(pte, V) || !entry_ok(w, pte, i, ipa)) {
            return false;
        }
        if (bit(pte, R) || bit(pte, X)) {
            *out = (struct walker_riscv_leaf){
                ipa >> low << low, ppn(pte) * 4096U, 1ULL << low, bit(pte, R), bit(pte, W), bit(pte, X)};
            return true;
        }
        base = ppn(pte) * 4096U;
    }
    return false;
}
