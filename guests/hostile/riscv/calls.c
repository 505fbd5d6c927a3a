/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of the firmware (SBI 2.0): every range, at random, and about what is not its own. */
#include "attacks.h"

#define RANDOM      20000U
#define MAX_FACTS   400
#define NO_SUCH     (-2) /* SBI_ERR_NOT_SUPPORTED */
#define LEGACY_LAST 0x0fU
#define TYPE_RESET  1U

static const uint64_t known[] = {SBI_BASE, SBI_TIME, SBI_IPI, SBI_RFENCE, SBI_HSM,  SBI_SRST, SBI_DBCN,
                                 SBI_PMU,  SBI_SUSP, SBI_CPPC, SBI_NACL,  SBI_STA,  0x53534528 /* SSE */,
                                 0x46574654 /* FWFT */, 0x44425452 /* DBTR */, 0x4d505859 /* MPXY */};
#define NR_KNOWN (sizeof(known) / sizeof(known[0]))

/* Calls that would end or suspend the guest by right; an attack of its own each. */
static bool ends(uint64_t eid, uint64_t fid)
{
    return eid == SBI_SHUTDOWN || eid == SBI_SRST || (eid == SBI_HSM && (fid == HSM_STOP || fid == HSM_SUSPEND));
}

static int64_t call(const struct attack *self, uint64_t eid, uint64_t fid, const uint64_t a[6], int64_t told)
{
    struct sbi r = sbi6(eid, fid, a);
    if (r.error == NO_SUCH && (eid <= LEGACY_LAST || r.value == 0U)) {
        return told;
    }
    if (told < MAX_FACTS) {
        print("hostile: %s: call 0x%lx 0x%lx = 0x%lx value 0x%lx\n", self->name, eid, fid, (uint64_t)r.error, r.value);
    }
    return told + 1;
}

static int64_t functions(const struct attack *self, uint64_t eid, int64_t told)
{
    static const uint64_t a[6] = {0x80200000, 0x80200000, 0x80200000, 0x80200000, 0x80200000, 0x80200000};
    for (uint64_t n = 0; n < 18U; n++) {
        uint64_t fid = n < 16U ? n : n == 16U ? UINT64_MAX : (uint64_t)1 << 32;
        if (!ends(eid, fid)) {
            told = call(self, eid, fid, a, told);
        }
    }
    return told;
}

void attack_calls(const struct attack *self)
{
    int64_t told = 0;
    for (uint64_t eid = 0; eid < 0x40U; eid++) {
        told = functions(self, eid, told);
    }
    for (unsigned i = 0; i < NR_KNOWN; i++) {
        told = functions(self, known[i], told);
        told = functions(self, known[i] | (uint64_t)1 << 32, told);
        told = functions(self, known[i] | (uint64_t)1 << 63, told);
    }
    for (uint64_t space = 8; space <= 0xaU; space++) { /* experimental, vendor, firmware */
        for (uint64_t n = 0; n < 0x20U; n++) {
            told = functions(self, space << 24 | n, told);
        }
    }
    told = functions(self, 0x0a42484b, told);
    fact_number(self, "answered", told);
    timer_off();
}

/* Half of them near what there is, with bits that must be zero and arguments that are addresses or harts. */
void attack_calls_random(const struct attack *self)
{
    int64_t told = 0;
    for (uint64_t i = 0; i < RANDOM; i++) {
        uint64_t eid = draw();
        uint64_t fid = draw();
        uint64_t a[6];
        if ((eid & 1U) != 0U) {
            eid = known[(eid >> 8) % NR_KNOWN] | ((eid & 2U) != 0U ? eid & 0xffffffff00000000U : 0U);
            fid = (fid & 1U) != 0U ? fid >> 8 & 0xfU : fid;
        }
        for (unsigned n = 0; n < 6U; n++) {
            uint64_t kind = draw() & 3U;
            a[n] = kind == 0U ? draw() & 0xfU : kind == 1U ? 0x80200000U + (draw() & 0x1ffffcU) : draw();
        }
        a[0] |= 4U; /* nobody's of its own VM, as a hart and in a mask */
        if (!ends(eid, fid)) {
            told = call(self, eid, fid, a, told);
        }
    }
    fact_number(self, "answered", told);
    timer_off();
}

static const uint64_t harts[] = {2, 3, 4, 7, 8, 0x100, 0x100000000, 0x100000002, (uint64_t)1 << 63, UINT64_MAX};
#define NR_HARTS (sizeof(harts) / sizeof(harts[0]))

static struct outcome answer(struct sbi r)
{
    return (struct outcome){.value = (uint64_t)r.error};
}

void attack_hart_start(const struct attack *self)
{
    for (unsigned i = 0; i < NR_HARTS; i++) {
        fact(self, "hart", harts[i], answer(sbi(SBI_HSM, HSM_START, harts[i], (uint64_t)(uintptr_t)secondary_entry, 0)));
    }
}

void attack_hart_status(const struct attack *self)
{
    for (unsigned i = 0; i < NR_HARTS; i++) {
        fact(self, "hart", harts[i], answer(sbi(SBI_HSM, HSM_STATUS, harts[i], 0, 0)));
    }
}

/* Its own second hart, started where it may not be. */
void attack_hart_entry(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        fact(self, "entry", a, answer(sbi(SBI_HSM, HSM_START, 1, a, 0)));
    }
    static const uint64_t strange[] = {0, 1, 0x80000000, 0x80200000, 0x10000000, 0x90000001, 0x1000000000, UINT64_MAX - 1U};
    for (unsigned i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        fact(self, "entry", strange[i], answer(sbi(SBI_HSM, HSM_START, 1, strange[i], 0)));
    }
}

/* Harts of others, among its own or alone. */
static const struct {
    uint64_t mask;
    uint64_t base;
} masks[] = {
    {0x4, 0}, {0x8, 0}, {0xc, 0}, {0x7, 0}, {UINT64_MAX, 0}, {0x2, 1}, {0xe, 1}, {0x1, 2}, {0x1, 3}, {0x1, 63},
    {0x1, 64}, {0x1, 0x100000000}, {0x1, UINT64_MAX - 1U}, {(uint64_t)1 << 63, 0}, {(uint64_t)1 << 32, 0},
};
#define NR_MASKS (sizeof(masks) / sizeof(masks[0]))

void attack_ipi_masks(const struct attack *self)
{
    for (unsigned i = 0; i < NR_MASKS; i++) {
        fact(self, "mask", masks[i].mask, answer(sbi(SBI_IPI, 0, masks[i].mask, masks[i].base, 0)));
    }
}

void attack_rfence_masks(const struct attack *self)
{
    for (uint64_t f = 0; f < 3U; f++) {
        for (unsigned i = 0; i < NR_MASKS; i++) {
            const uint64_t a[6] = {masks[i].mask, masks[i].base, 0, UINT64_MAX, 0, 0};
            fact(self, "mask", masks[i].mask, answer(sbi6(SBI_RFENCE, f, a)));
        }
    }
    for (uint64_t f = 3; f < 8U; f++) { /* HFENCE, of whatever VMID */
        for (uint64_t vmid = 0; vmid < 4U; vmid++) {
            const uint64_t a[6] = {1, 0, 0, UINT64_MAX, vmid, 0};
            fact(self, "function", f, answer(sbi6(SBI_RFENCE, f, a)));
        }
    }
}

/* v0.1: the masks are pointers. */
void attack_legacy_masks(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (uint64_t eid = SBI_SEND_IPI; eid <= SBI_SFENCE_ASID; eid++) {
            fact(self, "pointer", a, answer(sbi(eid, 0, a, 0, UINT64_MAX)));
            fact(self, "pointer", a, answer(sbi(eid, 0, (uint64_t)(uintptr_t)&masks[4], 0, UINT64_MAX)));
        }
    }
}

/* Buffers that are not its own, in whole or in part, written out and read into. */
void attack_dbcn_buffers(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        for (uint64_t f = 0; f < 2U; f++) {
            fact(self, "buffer", a, answer(sbi(SBI_DBCN, f, 64, a, 0)));
            fact(self, "buffer", a, answer(sbi(SBI_DBCN, f, UINT64_MAX, a, 0)));
        }
    }
    uint64_t own = (uint64_t)(uintptr_t)known;
    for (uint64_t f = 0; f < 2U; f++) {
        fact(self, "high half", 1, answer(sbi(SBI_DBCN, f, 8, own, 1)));
        fact(self, "too long", 1, answer(sbi(SBI_DBCN, f, 0x40000000, own, 0)));
        fact(self, "wraps", 1, answer(sbi(SBI_DBCN, f, UINT64_MAX - own + 2U, own, 0)));
    }
}

/* More than the UART takes, by each way. */
void attack_dbcn_flood(const struct attack *self)
{
    static uint8_t text[256];
    for (unsigned i = 0; i < sizeof(text); i++) {
        text[i] = i % 64U == 63U ? (uint8_t)'\n' : (uint8_t)'x';
    }
    for (unsigned i = 0; i < 400U; i++) {
        (void)sbi(SBI_DBCN, 0, sizeof(text), (uint64_t)(uintptr_t)text, 0);
        (void)sbi(SBI_DBCN, 1, sizeof(text), (uint64_t)(uintptr_t)text, 0);
        (void)sbi(SBI_DBCN, 2, '\n', 0, 0);
        (void)sbi(SBI_PUTCHAR, 0, '\n', 0, 0);
        (void)sbi(SBI_GETCHAR, 0, 0, 0, 0);
    }
    uint64_t end = timer_now() + timer_freq(); /* what follows is to be heard */
    while (timer_now() < end) {
    }
    fact_number(self, "calls", 2000);
}

/* ---- These do not come back. ---- */

static void finish(const struct attack *self, uint64_t eid, uint64_t type)
{
    print("hostile: %s: now\n", self->name);
    struct sbi r = sbi(eid, 0, type, 0, 0);
    print("hostile: %s: returned 0x%lx\n", self->name, (uint64_t)r.error);
}

void attack_off_srst(const struct attack *self)
{
    finish(self, SBI_SRST, 0);
}

void attack_off_legacy(const struct attack *self)
{
    finish(self, SBI_SHUTDOWN, 0);
}

void attack_reset_srst(const struct attack *self)
{
    finish(self, SBI_SRST, TYPE_RESET);
}
