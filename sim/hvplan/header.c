/* SPDX-License-Identifier: Apache-2.0 */
/* Image headers by which loaders know a kernel (Linux, Documentation/arch/arm64/booting and
 * Documentation/arch/riscv/boot-image-header). */
#include "hvplan.h"

#include <string.h>

#define MAGIC      48U /* RISC-V alone; deprecated, but what older loaders look at */
#define MAGIC2     56U
#define MAGIC2_LEN 4U

bool header_there(enum plan_isa isa, const uint8_t *data, uint64_t size)
{
    if (size < HEADER_SIZE) {
        return false;
    }
    if (isa == PLAN_ISA_RISCV) {
        return memcmp(data + MAGIC2, "RSC\x05", MAGIC2_LEN) == 0 && memcmp(data + MAGIC, "RISCV", 5) == 0;
    }
    return memcmp(data + MAGIC2, "ARM\x64", MAGIC2_LEN) == 0;
}

const char *header_name(enum plan_isa isa)
{
    return isa == PLAN_ISA_RISCV ? "RISC-V" : "arm64";
}
