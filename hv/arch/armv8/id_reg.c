/* SPDX-License-Identifier: Apache-2.0 */
/* Identification registers of this CPU: op0 = 3, op1 = 0, CRn = 0 (DDI 0487 D18.3.1). CRm 1 to 7 is readable
 * without exception: what no architecture version has allocated reads as zero. */
#include "arch/armv8/arch.h"
#include "arch/armv8/sysreg.h"
#include "hv/sysreg_enc.h"

#define ID(crm, op2)                                                                                         \
    case SYSREG_ENC(3, 0, 0, crm, op2):                                                                      \
        return SYSREG_READ(s3_0_c0_c##crm##_##op2)

#define ID_ROW(crm)                                                                                          \
    ID(crm, 0);                                                                                              \
    ID(crm, 1);                                                                                              \
    ID(crm, 2);                                                                                              \
    ID(crm, 3);                                                                                              \
    ID(crm, 4);                                                                                              \
    ID(crm, 5);                                                                                              \
    ID(crm, 6);                                                                                              \
    ID(crm, 7)

uint64_t id_reg_read(uint32_t enc)
{
    switch (enc) {
        ID(0, 0); /* MIDR_EL1 */
        ID(0, 5); /* MPIDR_EL1 */
        ID(0, 6); /* REVIDR_EL1 */
        ID_ROW(1);
        ID_ROW(2);
        ID_ROW(3);
        ID_ROW(4);
        ID_ROW(5);
        ID_ROW(6);
        ID_ROW(7);
    default:
        return 0;
    }
}
