/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RISC-V: CSRs that trap as virtual instructions (privileged architecture 1.13, 18.6.1). None is emulated: what is given is in hardware,
 * and what is not does not exist for the guest, which sees an illegal instruction.
 */
#include "vdev/vsysreg.h"

enum exit_action vsysreg_access(struct vcpu *v, const struct exit *e)
{
    (void)v;
    (void)e;
    return EXIT_INJECT_UNDEF;
}
