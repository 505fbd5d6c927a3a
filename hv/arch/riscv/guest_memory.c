/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's memory, by the hypervisor's loads and stores as the guest (privileged architecture 1.13, 18.3.1). Each may trap, and a
 * trap changes what the guest's exit left and the vectors yet go by. So each goes through attempt(), and they are declared here
 * alone, that nobody makes one without. */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"

/* vectors.S. An access that traps is an answer: false. The 16 bits of code at a virtual address of the guest, as it would fetch them
 * (HLVX.HU). */
bool guest_fetch16(uint64_t va, uint32_t *out);
/* A byte of the guest's memory by its current translation (HLV.BU, HSV.B). */
bool guest_load8(uint64_t addr, uint8_t *out);
bool guest_store8(uint64_t addr, uint8_t value);

struct access {
    uint64_t at;
    uint8_t *to;
    const uint8_t *from;
    uint32_t len;
    uint32_t *half; /* of an instruction: the low one and the high one */
};

/* Makes an access; if it traps, the exit's registers are as before. In line, so that no branch is indirect. */
static inline __attribute__((always_inline)) bool attempt(bool (*make)(struct access *a), struct access *a)
{
    uint64_t sstatus = CSR_READ(CSR_SSTATUS);
    uint64_t hstatus = CSR_READ(CSR_HSTATUS);
    uint64_t sepc = CSR_READ(CSR_SEPC);
    uint64_t scause = CSR_READ(CSR_SCAUSE);

    if (make(a)) {
        return true;
    }
    CSR_WRITE(CSR_SSTATUS, sstatus);
    CSR_WRITE(CSR_HSTATUS, hstatus);
    CSR_WRITE(CSR_SEPC, sepc);
    CSR_WRITE(CSR_SCAUSE, scause);
    return false;
}

/* A page may end between the halves. */
static bool fetch(struct access *a)
{
    return guest_fetch16(a->at, &a->half[0]) && ((a->half[0] & 3U) != 3U || guest_fetch16(a->at + 2U, &a->half[1]));
}

__attribute__((noinline)) uint64_t guest_fetch(void)
{
    uint32_t half[2] = {0, 0};
    struct access a = {.at = CSR_READ(CSR_SEPC), .half = half};

    return attempt(fetch, &a) ? EXIT_INSN_RAW | (uint64_t)half[1] << 16 | half[0] : 0U;
}

/* With vsatp Bare an address is translated by stage 2 alone. Returns what vsatp was. */
static uint64_t as_supervisor(void)
{
    uint64_t vsatp = CSR_READ(CSR_VSATP);

    CSR_WRITE(CSR_VSATP, 0);
    CSR_SET(CSR_HSTATUS, HSTATUS_SPVP);
    return vsatp;
}

static bool load(struct access *a)
{
    uint64_t vsatp = as_supervisor();
    bool ok = true;

    for (uint32_t i = 0; ok && i < a->len && i < PAGE_SIZE; i++) {
        ok = guest_load8(a->at + i, &a->to[i]);
    }
    CSR_WRITE(CSR_VSATP, vsatp);
    return ok;
}

static bool store(struct access *a)
{
    uint64_t vsatp = as_supervisor();
    bool ok = true;

    for (uint32_t i = 0; ok && i < a->len && i < PAGE_SIZE; i++) {
        ok = guest_store8(a->at + i, a->from[i]);
    }
    CSR_WRITE(CSR_VSATP, vsatp);
    return ok;
}

bool guest_read(void *to, ipaddr_t from, uint32_t len)
{
    struct access a = {.at = from.v, .to = to, .len = len};

    return attempt(load, &a);
}

bool guest_write(ipaddr_t to, const void *from, uint32_t len)
{
    struct access a = {.at = to.v, .from = from, .len = len};

    return attempt(store, &a);
}
