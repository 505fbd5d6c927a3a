/* SPDX-License-Identifier: Apache-2.0 */
/* A board with AIA: the virtual APLIC answers. */
#define BOARD_IRQC PLAN_IRQC_AIA
#define OURS       "vaplic"
#define CAPACITY   3
#define CARRIERS   "guest interrupt files"
#include "virqc_cases.h"
