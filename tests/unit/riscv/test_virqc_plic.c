/* SPDX-License-Identifier: Apache-2.0 */
/* A board with a PLIC: the virtual PLIC answers. */
#define BOARD_IRQC PLAN_IRQC_PLIC
#define OURS       "vplic"
#define CAPACITY   95
#define CARRIERS   "wired interrupts"
#include "virqc_cases.h"
