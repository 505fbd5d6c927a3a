/* SPDX-License-Identifier: Apache-2.0 */
/* Guest-physical memory of the VM that runs here, by the hypervisor's loads and stores as the guest (privileged architecture 1.13,
 * 18.3.1): with vsatp Bare an address is translated by stage 2 alone. */
#include "arch/riscv/arch.h"
#include "arch/riscv/csr.h"

bool guest_read(void *to, ipaddr_t from, uint32_t len)
{
    uint64_t vsatp = CSR_READ(CSR_VSATP);
    struct exit_left left;
    uint8_t *bytes = to;
    bool ok = true;

    cpu_exit_left(&left);
    CSR_WRITE(CSR_VSATP, 0);
    CSR_SET(CSR_HSTATUS, HSTATUS_SPVP); /* as supervisor */
    for (uint32_t i = 0; ok && i < len && i < PAGE_SIZE; i++) {
        ok = guest_load8(from.v + i, &bytes[i]);
    }
    CSR_WRITE(CSR_VSATP, vsatp);
    if (!ok) {
        cpu_exit_restore(&left);
    }
    return ok;
}

bool guest_write(ipaddr_t to, const void *from, uint32_t len)
{
    uint64_t vsatp = CSR_READ(CSR_VSATP);
    struct exit_left left;
    const uint8_t *bytes = from;
    bool ok = true;

    cpu_exit_left(&left);
    CSR_WRITE(CSR_VSATP, 0);
    CSR_SET(CSR_HSTATUS, HSTATUS_SPVP);
    for (uint32_t i = 0; ok && i < len && i < PAGE_SIZE; i++) {
        ok = guest_store8(to.v + i, bytes[i]);
    }
    CSR_WRITE(CSR_VSATP, vsatp);
    if (!ok) {
        cpu_exit_restore(&left);
    }
    return ok;
}
