/* SPDX-License-Identifier: Apache-2.0 */
/* Identification registers as guests read them; the table with every field and reason is vidreg_fields.h. */
#ifndef HV_VDEV_VIDREG_H
#define HV_VDEV_VIDREG_H

#include "hv/sysreg_enc.h"
#include "hv/types.h"

/* CRm 1..7 x op2 0..7. */
#define VIDREG_COUNT           56U
#define VIDREG_INDEX(crm, op2) ((((crm)-1U) * 8U) + (op2))

/* True for op0 3, op1 0, CRn 0, CRm 1 to 7: what HCR_EL2.TID3 traps, reserved registers included. */
bool vidreg_is(uint32_t enc);

/* What a guest reads from register `enc` on a CPU whose own value is `host`. A field that is not listed, a
 * register that is not listed or no identification register at all: zero. Pure. */
uint64_t vidreg_value(uint32_t enc, uint64_t host);

#endif
