/* SPDX-License-Identifier: Apache-2.0 */
/* Registers of the interrupt controllers of RISC-V guests, where the plan fixture has them. */
#ifndef TESTS_RISCV_GUEST_IRQC_H
#define TESTS_RISCV_GUEST_IRQC_H

#include "hv/board.h"

#define AIA (board.irqc == PLAN_IRQC_AIA)

/* PLIC 1.0.0 */
#define PLIC                0x0c000000ULL
#define PLIC_PRIORITY(s)    (4U * (s))
#define PLIC_PENDING(w)     (0x1000U + 4U * (w))
#define PLIC_ENABLE(ctx, w) (0x2000U + 0x80U * (ctx) + 4U * (w))
#define PLIC_THRESHOLD(ctx) (0x200000U + 0x1000U * (ctx))
#define PLIC_CLAIM(ctx)     (PLIC_THRESHOLD(ctx) + 4U)

/* AIA 1.0 4.5: the APLIC; 3.8: interrupt files, by siselect; a page for each vCPU's, in which it is written from
 * afar. */
#define APLIC         0x0d000000ULL
#define FILES         0x28000000ULL
#define DOMAINCFG     0x0000U
#define DOMAINCFG_IE  0x100U
#define SOURCECFG(s)  (4U * (s))
#define SETIP         0x1c00U
#define SETIPNUM      0x1cdcU
#define IN_CLRIP      0x1d00U
#define CLRIPNUM      0x1ddcU
#define SETIE         0x1e00U
#define SETIENUM      0x1edcU
#define CLRIE         0x1f00U
#define CLRIENUM      0x1fdcU
#define SETIPNUM_LE   0x2000U
#define GENMSI        0x3000U
#define TARGET(s)     (0x3000U + 4U * (s))
#define EIDELIVERY    0x70U
#define EITHRESHOLD   0x72U
#define EIP0          0x80U
#define EIE0          0xc0U

#endif
