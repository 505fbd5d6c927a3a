/* SPDX-License-Identifier: Apache-2.0 */
/* What the hypervisor takes of its own memory (core/own.h), for tests that do not boot it. */
#ifndef TESTS_UNIT_OWN_FIXTURE_H
#define TESTS_UNIT_OWN_FIXTURE_H

/* All of it is free, and holds no zeros; arch_ops.mmu.own gives it out. */
void own_fixture(void);

/* The same, and vms is HV_MAX_VMS entries of zeros. */
void own_fixture_vms(void);

#endif
