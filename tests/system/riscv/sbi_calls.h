/* SPDX-License-Identifier: Apache-2.0 */
/* SBI 2.0 as guests call it. */
#ifndef TESTS_SBI_CALLS_H
#define TESTS_SBI_CALLS_H

#define SBI_BASE     0x10U
#define SBI_TIME     0x54494d45U
#define SBI_IPI      0x735049U
#define SBI_RFENCE   0x52464e43U
#define SBI_HSM      0x48534dU
#define SBI_SRST     0x53525354U
#define SBI_DBCN     0x4442434eU
#define SBI_PMU      0x504d55U
#define SBI_STA      0x535441U
#define SBI_SUSP     0x53555350U
#define SBI_BULKHEAD 0x0a42484bU

#define SBI_ERR_FAILED            (-1)
#define SBI_ERR_NOT_SUPPORTED     (-2)
#define SBI_ERR_INVALID_PARAM     (-3)
#define SBI_ERR_INVALID_ADDRESS   (-5)
#define SBI_ERR_ALREADY_AVAILABLE (-6)

#endif
