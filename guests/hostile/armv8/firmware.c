/* SPDX-License-Identifier: Apache-2.0 */
/* Calls of firmware and hypervisor (DEN 0028, DEN 0022): every range, and at random. */
#include "attacks.h"

#define FAST       (1U << 31)
#define CALL64     (1U << 30)
#define OWNERS     64U
#define FUNCTIONS  48U
#define MAX_FACTS  200
#define RANDOM     20000U

typedef struct smccc (*conduit)(uint64_t f, uint64_t a, uint64_t b, uint64_t c);

/* Calls that would end or suspend the guest by right; an attack of its own each. Bits 63..32 are ignored. */
static bool ends(uint64_t f)
{
    switch ((uint32_t)f) {
    case PSCI_CPU_OFF:
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
    case 0x84000001U: /* CPU_SUSPEND */
    case 0xc4000001U:
        return true;
    default:
        return false;
    }
}

/* What is answered with anything but NOT_SUPPORTED is told. */
static int64_t call(const struct attack *self, conduit how, uint64_t f, uint64_t a, uint64_t b, uint64_t c, int64_t told)
{
    struct smccc r = how(f, a, b, c);
    if ((int32_t)r.x[0] == -1) {
        return told;
    }
    if (told < MAX_FACTS) {
        fact(self, "call", f, (struct outcome){.value = r.x[0]});
    }
    return told + 1;
}

static void ranges(const struct attack *self, conduit how)
{
    int64_t told = 0;
    int64_t calls = 0;
    for (uint32_t kind = 0; kind < 4U; kind++) {
        for (uint32_t owner = 0; owner < OWNERS; owner++) {
            for (uint32_t n = 0; n < 2U * FUNCTIONS; n++) {
                uint32_t number = n < FUNCTIONS ? n : 0xff00U + n - FUNCTIONS; /* also the UID and revision at the end */
                uint32_t f = kind << 30 | owner << 24 | (number & 0xffffU);
                if (!ends(f)) {
                    told = call(self, how, f, 0x40200000, 0x40200000, 0x40200000, told);
                    calls++;
                }
            }
        }
    }
    fact_number(self, "answered", told);
    fact_number(self, "calls", calls);
}

void attack_ranges_hvc(const struct attack *self)
{
    ranges(self, hvc);
}

void attack_ranges_smc(const struct attack *self)
{
    ranges(self, smc);
}

/* Half of them near PSCI, with bits that must be zero and arguments that are addresses or affinities. */
static void random_calls(const struct attack *self, conduit how)
{
    int64_t told = 0;
    for (uint64_t i = 0; i < RANDOM; i++) {
        uint64_t f = draw();
        if ((f & 1U) != 0U) {
            f = 0x84000000U | (f >> 8 & ((f & 2U) != 0U ? 0x40fe001fU : 0x4000001fU)) |
                ((f & 4U) != 0U ? f & 0xffff000000000000U : 0U);
        }
        uint64_t a = (draw() & 3U) == 0U ? 2U + (draw() & 7U) : draw(); /* nobody's of its own VM */
        uint64_t b = (draw() & 3U) == 0U ? 0x40200000U + (draw() & 0x1ffffcU) : draw();
        if (!ends(f)) {
            told = call(self, how, f, a, b, draw(), told);
        }
    }
    fact_number(self, "answered", told);
}

void attack_random_hvc(const struct attack *self)
{
    random_calls(self, hvc);
}

void attack_random_smc(const struct attack *self)
{
    random_calls(self, smc);
}

#define IMMEDIATE(name, insn)                                                                                \
    static uint64_t name(uint64_t f)                                                                         \
    {                                                                                                        \
        register uint64_t x0 __asm__("x0") = f;                                                              \
        __asm__ volatile(insn : "+r"(x0)::"x1", "x2", "x3", "memory");                                       \
        return x0;                                                                                           \
    }

IMMEDIATE(hvc_1, "hvc #1")
IMMEDIATE(hvc_4000, "hvc #0x4000")
IMMEDIATE(hvc_ffff, "hvc #0xffff")
IMMEDIATE(smc_1, "smc #1")
IMMEDIATE(smc_ffff, "smc #0xffff")

/* Calls with an immediate belong to nobody (DEN 0028 2.9), also those that would end the guest. */
void attack_immediates(const struct attack *self)
{
    static const uint64_t functions[] = {PSCI_VERSION, PSCI_SYSTEM_OFF, PSCI_SYSTEM_RESET, PSCI_CPU_OFF, 0, 0x18};
    static uint64_t (*const how[])(uint64_t f) = {hvc_1, hvc_4000, hvc_ffff, smc_1, smc_ffff};
    for (unsigned h = 0; h < sizeof(how) / sizeof(how[0]); h++) {
        for (unsigned i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
            fact(self, "call", functions[i], try_call(how[h], functions[i]));
        }
    }
}

/* CPUs that are another VM's, nobody's, or nowhere, by both conduits. */
void attack_cpu_on_foreign(const struct attack *self)
{
    static const uint64_t targets[] = {2, 3, 4, 7, 8, 15, 0x100, 0x10000, 0x100000000, 0x80000002, 0xffffff, UINT64_MAX};
    uint64_t entry = (uint64_t)(uintptr_t)secondary_entry;
    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        fact(self, "hvc", targets[i], (struct outcome){.value = hvc(PSCI_CPU_ON, targets[i], entry, 0).x[0]});
        fact(self, "smc", targets[i], (struct outcome){.value = smc(PSCI_CPU_ON, targets[i], entry, 0).x[0]});
    }
}

/* Its own second CPU, started where it may not be. */
void attack_cpu_on_entry(const struct attack *self)
{
    uint64_t a = 0;
    for (unsigned n = 0; address(self->list, n, &a); n++) {
        fact(self, "entry", a, (struct outcome){.value = hvc(PSCI_CPU_ON, 1, a, 0).x[0]});
    }
    static const uint64_t strange[] = {0, 1, 0x40000002, 0x8000000, 0x9040000, 0x100000000, UINT64_MAX - 3U};
    for (unsigned i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        fact(self, "entry", strange[i], (struct outcome){.value = hvc(PSCI_CPU_ON, 1, strange[i], 0).x[0]});
    }
}

/* Whether others are on is not this guest's business. */
void attack_affinity(const struct attack *self)
{
    static const uint64_t targets[] = {2, 3, 4, 8, 0x100, 0x100000002, UINT64_MAX};
    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        for (uint64_t level = 0; level < 4U; level++) {
            fact(self, "target", targets[i],
                 (struct outcome){.value = hvc(PSCI_AFFINITY_INFO, targets[i], level, 0).x[0]});
        }
    }
}

/* ---- These do not come back. ---- */

static void finish(const struct attack *self, conduit how, uint64_t f)
{
    print("hostile: %s: now\n", self->name);
    struct smccc r = how(f, 0, 0, 0);
    print("hostile: %s: returned 0x%lx\n", self->name, r.x[0]);
}

void attack_off_hvc(const struct attack *self)
{
    finish(self, hvc, PSCI_SYSTEM_OFF);
}

void attack_off_smc(const struct attack *self)
{
    finish(self, smc, PSCI_SYSTEM_OFF);
}

void attack_reset_hvc(const struct attack *self)
{
    finish(self, hvc, PSCI_SYSTEM_RESET);
}

void attack_reset_smc(const struct attack *self)
{
    finish(self, smc, PSCI_SYSTEM_RESET);
}
