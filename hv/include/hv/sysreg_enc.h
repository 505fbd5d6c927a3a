/* SPDX-License-Identifier: Apache-2.0 */
/* Armv8 system register encodings as exits and the identification table name them (ESR_ELx.ISS order, DDI 0487 D24.2.41). */
#ifndef HV_SYSREG_ENC_H
#define HV_SYSREG_ENC_H

#define SYSREG_ENC(op0, op1, crn, crm, op2)                                                                  \
    (((uint32_t)(op0) << 14) | ((uint32_t)(op1) << 11) | ((uint32_t)(crn) << 7) | ((uint32_t)(crm) << 3) |  \
     (uint32_t)(op2))

#endif
