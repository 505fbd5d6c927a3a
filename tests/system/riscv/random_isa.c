/* SPDX-License-Identifier: Apache-2.0 */
/* The random guest's CSRs, its SBI calls, and exceptions of any syndrome. */
#include <string.h>

#include "random_acts.h"
#include "sbi_calls.h"

void act_register(struct sim_guest *g, struct random_vm *vm)
{
    static const uint32_t some[] = { SIM_CSR_SIE, SIM_CSR_SIP, 0x200, 0x204, 0x240, 0x24d, 0x280, 0x600, 0x602, 0x603, 0x604,
                                     0x605, 0x606, 0x607, 0x608, 0x609, 0x60a, 0x60c, 0x643, 0x644, 0x645, 0x64a, 0x680,
                                     0xe12, 0x300, 0x340, 0x105, 0x14d };
    uint32_t csr = one_in(4) ? (uint32_t)below(1U << 12) : some[below(ARRAY_SIZE(some))];
    uint64_t v = act_value(vm);
    bool read = !one_in(3);
    enum sim_guest_result r = read ? sim_guest_csr_read(g, csr, &v) : sim_guest_csr_write(g, csr, v);
    TRACE("CSR", csr, read, r, v);
}

static void call(struct sim_guest *g, const char *what, uint64_t ext, uint64_t fid, const uint64_t args[5])
{
    struct sim_sbi r = sim_guest_sbi(g, ext, fid, args);
    TRACE(what, ext, fid, args[0], args[1], (uint64_t)r.error, r.value);
}

/* A mask of harts, also of those that it has not. */
static void fences(struct sim_guest *g, const struct random_vm *vm)
{
    uint64_t mask = one_in(4) ? act_value(vm) : below(1ULL << vm->nr_vcpus);
    uint64_t base = one_in(4) ? act_value(vm) : one_in(4) ? ~0ULL : 0U;
    call(g, "fence", SBI_RFENCE, below(8), (const uint64_t[5]){ mask, base, act_value(vm), act_value(vm), act_value(vm) });
}

/* Buffers in its own memory, half out of it, and elsewhere. What a guest that means well prints is readable. */
static void console(struct sim_guest *g, const struct random_vm *vm)
{
    uint64_t at = one_in(3) ? act_ipa(vm) : RANDOM_RAM + below(vm->ram_size);
    uint64_t len = one_in(4) ? act_value(vm) : below(300);
    if (!vm->hostile) {
        char text[8];
        at = RANDOM_RAM + 8U * below(vm->ram_size / 8U);
        len = 1U + below(8);
        for (unsigned i = 0; i < sizeof(text); i++) {
            text[i] = act_readable();
        }
        uint64_t word;
        memcpy(&word, text, sizeof(word));
        act_put(g, at, 8, word);
    }
    uint64_t fid = one_in(4) ? 1U : one_in(3) ? 2U : 0U;
    len = fid == 2U ? (uint64_t)(unsigned char)act_readable() : len;
    call(g, "debug console", SBI_DBCN, fid, (const uint64_t[5]){ len, at, one_in(8) ? act_value(vm) : 0U, 0, 0 });
}

/* v0.1, but those that end the VM. */
static void legacy(struct sim_guest *g, const struct random_vm *vm)
{
    static const uint8_t ids[] = { 0, 2, 3, 4, 5, 6, 7, 9, 10, 15, 1 };
    uint64_t id = ids[below(ARRAY_SIZE(ids))];
    uint64_t a0 = id == 1U ? (uint64_t)(unsigned char)act_readable() : id == 0U ? sim_now() + below(500) : act_value(vm);
    a0 = id > 1U && one_in(2) ? act_ipa(vm) : a0;
    call(g, "legacy", id, act_value(vm), (const uint64_t[5]){ a0, act_value(vm), 0, 0, 0 });
}

void act_firmware(struct sim_guest *g, struct random_vm *vm)
{
    static const uint64_t extensions[] = { SBI_BASE, SBI_TIME, SBI_IPI, SBI_PMU, SBI_BULKHEAD, SBI_STA, SBI_SUSP };
    uint64_t ext = extensions[below(ARRAY_SIZE(extensions))];
    switch (below(8)) {
    case 0:
        fences(g, vm);
        break;
    case 1:
        console(g, vm);
        break;
    case 2:
        legacy(g, vm);
        break;
    case 3: /* how often a hart has left its guest, and why */
        call(g, "exits", SBI_BULKHEAD, 3, (const uint64_t[5]){ below(4), below(12), 0, 0, 0 });
        break;
    case 4: /* an extension that there is not, or hardly */
        call(g, "call", 0x100000000ULL * below(3) + 0x12000000U + below(1000), below(8),
             (const uint64_t[5]){ act_value(vm), act_value(vm), 0, 0, 0 });
        break;
    default:
        call(g, "call", ext, below(9), (const uint64_t[5]){ ext == SBI_TIME ? sim_now() + below(500) : act_value(vm),
                                                           one_in(2) ? 0U : act_value(vm), act_value(vm), 0, 0 });
        break;
    }
}

void act_cpu_on(struct sim_guest *g, uint64_t vcpu, uint64_t pc)
{
    call(g, "hart_start", SBI_HSM, 0, (const uint64_t[5]){ vcpu, pc, sim_random(), 0, 0 });
}

void act_suspend(struct sim_guest *g, struct random_vm *vm)
{
    act_wakeable(g, vm);
    call(g, "suspend", SBI_HSM, 3, (const uint64_t[5]){ one_in(4) ? act_value(vm) : 0U, act_value(vm), 0, 0, 0 });
}

/* Causes that come to HS level, and those that do not; calls (10) and hardware errors (19) have their own. */
void act_trap(struct sim_guest *g, struct random_vm *vm)
{
    static const uint8_t causes[] = { 20, 21, 22, 23, 21, 22, 23, 0, 2, 3, 5, 8, 9, 11, 12, 13, 15, 16, 18, 24, 48, 63 };
    uint64_t cause = causes[below(ARRAY_SIZE(causes))];
    uint64_t ipa = act_ipa(vm);
    uint64_t insn = sim_random() & 0xffffffffU;
    switch (below(4)) {
    case 0:
        insn = 0;
        break;
    case 1:
        insn = one_in(2) ? 0x2000U : 0x2020U; /* a page-table walk */
        break;
    case 2:
        insn |= EXIT_INSN_RAW;
        break;
    default:
        break;
    }
    uint64_t stval = one_in(2) ? ipa : sim_random();
    TRACE("trap", cause, stval, ipa, insn, sim_guest_trap(g, cause, stval, one_in(8) ? 0U : ipa >> 2, insn));
}

/* A hardware error is the next to an asynchronous abort that there is. */
void act_serror(struct sim_guest *g)
{
    TRACE("hardware error", sim_guest_trap(g, 19, 0, 0, 0));
}
