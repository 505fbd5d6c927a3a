/* SPDX-License-Identifier: Apache-2.0 */
/* PSCI as guests call it (DEN 0022F 5). */
#ifndef TESTS_PSCI_CALLS_H
#define TESTS_PSCI_CALLS_H

#define PSCI_VERSION       0x84000000U
#define PSCI_CPU_SUSPEND   0xc4000001U
#define PSCI_CPU_OFF       0x84000002U
#define PSCI_CPU_ON        0xc4000003U
#define PSCI_AFFINITY_INFO 0xc4000004U
#define PSCI_SYSTEM_OFF    0x84000008U
#define PSCI_SYSTEM_RESET  0x84000009U
#define PSCI_FEATURES      0x8400000aU
#define PSCI_INVALID_PARAM (-2)
#define PSCI_ALREADY_ON    (-4)
#define PSCI_ON_PENDING    (-5)

#endif
