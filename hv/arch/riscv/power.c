/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware below us: SBI 2.0, chapters 4 (base), 9 (hart state management) and 10 (system reset). */
#include "arch/riscv/arch.h"
#include "arch/riscv/sbi_call.h"

#define BASE_SPEC_VERSION 0U
#define BASE_PROBE        3U
#define BASE_MVENDORID    4U
#define HSM_HART_START    0U
#define SRST_RESET        0U

enum hv_status power_cpu_on(unsigned cpu, uint64_t hw_id)
{
    __asm__ volatile("fence rw, rw" : : : "memory"); /* what the new CPU will read is in memory */
    return sbi_call(SBI_HSM, HSM_HART_START, SBI_WITH(hw_id, mmu_loaded(boot_secondary).v, cpu)).error == 0 ? HV_OK
                                                                                                      : HV_ERR_FIRMWARE;
}

/* Shutdown, no reason. */
void power_system_off(void)
{
    (void)sbi_call(SBI_SRST, SRST_RESET, SBI_WITH(0));
}

uint32_t power_version(void)
{
    struct sbi_answer a = sbi_call(SBI_BASE, BASE_SPEC_VERSION, SBI_WITH(0));

    return a.error == 0 ? (uint32_t)a.value : 0U;
}

uint64_t power_machine_id(unsigned which)
{
    struct sbi_answer a = sbi_call(SBI_BASE, BASE_MVENDORID + (uint64_t)which, SBI_WITH(0));

    return which < 3U && a.error == 0 ? a.value : 0U;
}

static bool has_extension(uint64_t extension)
{
    struct sbi_answer a = sbi_call(SBI_BASE, BASE_PROBE, SBI_WITH(extension));

    return a.error == 0 && a.value != 0U;
}

/* SRST is not among them: a board that cannot be powered off is left halted. */
const char *power_lacks(void)
{
    static const struct {
        uint64_t extension;
        const char *name;
    } needed[] = {{SBI_IPI, "SBI IPI"}, {SBI_RFENCE, "SBI RFENCE"}, {SBI_HSM, "SBI HSM"}, {SBI_TIME, "SBI TIME"}};

    if (power_version() < 2U) {
        return "SBI 0.2";
    }
    for (unsigned i = 0; i < ARRAY_SIZE(needed); i++) {
        if (!has_extension(needed[i].extension) && !(needed[i].extension == SBI_TIME && timer_has_sstc())) {
            return needed[i].name;
        }
    }
    return NULL;
}
