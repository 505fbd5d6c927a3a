/* SPDX-License-Identifier: Apache-2.0 */
/* Trapped system registers. Armv8: identification registers by table, SGI generation; RISC-V: none. Everything else UNDEF. */
#ifndef HV_VDEV_VSYSREG_H
#define HV_VDEV_VSYSREG_H

#include "core/vcpu.h"

/* EXIT_SYSREG. Answers ADVANCE_PC with the result in v->regs, or INJECT_UNDEF. */
enum exit_action vsysreg_access(struct vcpu *v, const struct exit *e);

#endif
