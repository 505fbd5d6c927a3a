/* SPDX-License-Identifier: Apache-2.0 */
/* Why the hypervisor itself trapped, in words, from scause (privileged architecture 1.13, 12.1.8). Pure. */
#ifndef RISCV_OWN_FAULT_H
#define RISCV_OWN_FAULT_H

#include "hv/types.h"

/* guard: stval lies in one of the pages that guard the stacks. */
const char *own_fault_text(uint64_t scause, bool guard);

#endif
