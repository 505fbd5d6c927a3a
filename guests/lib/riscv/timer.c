/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor timer: by stimecmp if the hart has Sstc (privileged architecture 1.13), else by SBI TIME. */
#include "guest.h"

#define ISA_STRING_MAX 1024U

static enum { NOT_LOOKED, BY_STIMECMP, BY_SBI } way;

/* Multi-letter extensions of the string stand behind underscores. */
static bool isa_string_has(uint32_t node, const char *extension)
{
    uint32_t len = 0;
    const char *s = fdt_prop(node, "riscv,isa", &len);
    for (uint32_t at = 0; s != NULL && at < len && at < ISA_STRING_MAX && s[at] != '\0'; at++) {
        uint32_t i = 0;
        while (s[at] == '_' && extension[i] != '\0' && s[at + 1U + i] == extension[i]) {
            i++;
        }
        if (s[at] == '_' && extension[i] == '\0' && (s[at + 1U + i] == '_' || s[at + 1U + i] == '\0')) {
            return true;
        }
    }
    return false;
}

bool has_sstc(void)
{
    uint32_t node = hart_node(cpu_id());
    return fdt_has_string(node, "riscv,isa-extensions", "sstc") || isa_string_has(node, "sstc");
}

static bool by_stimecmp(void)
{
    if (way == NOT_LOOKED) {
        way = has_sstc() ? BY_STIMECMP : BY_SBI;
    }
    return way == BY_STIMECMP;
}

const char *timer_name(void)
{
    return by_stimecmp() ? "the supervisor timer" : "the firmware's timer";
}

uint32_t timer_intid(void)
{
    return IRQ_TIMER;
}

uint32_t timer_freq(void)
{
    static uint32_t freq;
    if (freq == 0U) {
        (void)fdt_cell(fdt_path("/cpus"), "timebase-frequency", 0, &freq);
    }
    return freq;
}

uint64_t timer_now(void)
{
    return READ_CSR(time);
}

void timer_set_by_firmware(uint64_t deadline)
{
    (void)sbi(SBI_TIME, 0, deadline, 0, 0);
}

void timer_set(uint64_t deadline)
{
    if (by_stimecmp()) {
        WRITE_CSR(CSR_STIMECMP, deadline);
    } else {
        timer_set_by_firmware(deadline);
    }
}

void timer_off(void)
{
    timer_set(UINT64_MAX);
}
