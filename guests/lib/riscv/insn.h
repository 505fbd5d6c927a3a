/* SPDX-License-Identifier: Apache-2.0 */
/* Attempts at instructions that no assembler is asked for. */
#ifndef GUEST_INSN_H
#define GUEST_INSN_H

#include "attempt.h"

/* Executes an instruction of 4 bytes with this a0; the outcome's value is a0 after it. It may change a0..a7 and t0..t6
 * only. Each hart may attempt for itself. */
struct outcome try_insn(uint32_t insn, uint64_t a0);

struct outcome try_csr_read(uint32_t csr);             /* csrrs a0, csr, x0 */
struct outcome try_csr_write(uint32_t csr, uint64_t v); /* csrrw x0, csr, a0 */

#endif
