/* SPDX-License-Identifier: Apache-2.0 */
#include "insn.h"

#define HARTS     8U
#define INSN_RET  0x00008067U
#define INSN_CSRR 0x00002573U /* csrrs a0, 0, x0 */
#define INSN_CSRW 0x00051073U /* csrrw x0, 0, a0 */
#define CSR_SHIFT 20U

/* With the MMU off data is as executable as anything else. */
static struct {
    uint32_t insn[2];
} stub[HARTS];

struct outcome try_insn(uint32_t insn, uint64_t a0)
{
    volatile uint32_t *code = stub[cpu_id() % HARTS].insn;
    code[0] = insn;
    code[1] = INSN_RET;
    barrier();
    fence_i();
    return try_call((uint64_t(*)(uint64_t))(uintptr_t)code, a0);
}

struct outcome try_csr_read(uint32_t csr)
{
    return try_insn(INSN_CSRR | csr << CSR_SHIFT, 0);
}

struct outcome try_csr_write(uint32_t csr, uint64_t v)
{
    return try_insn(INSN_CSRW | csr << CSR_SHIFT, v);
}
