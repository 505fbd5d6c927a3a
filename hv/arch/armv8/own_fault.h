/* SPDX-License-Identifier: Apache-2.0 */
/* What a fault of the hypervisor's own was, in words. Pure. */
#ifndef HV_ARMV8_OWN_FAULT_H
#define HV_ARMV8_OWN_FAULT_H

#include "hv/types.h"

/*
 * One fixed English phrase. vector: 4 to 7, the entry of EL2's table for "current EL with SP_ELx" (DDI 0487 D1.3.1);
 * esr: ESR_EL2; guard: FAR_EL2 lies in the page below a stack. Total: what the architecture reserves is an "exception".
 */
const char *own_fault_text(uint64_t vector, uint64_t esr, bool guard);

#endif
