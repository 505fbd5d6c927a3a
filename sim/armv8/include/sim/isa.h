/* SPDX-License-Identifier: Apache-2.0 */
/* What guests of this ISA can do that others cannot, as tests see it: part of sim/sim.h, chosen by the build's
 * include path. */
#ifndef SIM_ISA_H
#define SIM_ISA_H

#include "hv/types.h"

struct sim_guest;

/* The register that has the argument of a vCPU's start. */
#define SIM_ARG_REG 0U

void sim_set_id_reg(uint32_t enc, uint64_t value);

enum sim_guest_result sim_guest_mrs(struct sim_guest *g, uint32_t enc, uint64_t *value);
enum sim_guest_result sim_guest_msr(struct sim_guest *g, uint32_t enc, uint64_t value);
uint64_t sim_guest_hvc(struct sim_guest *g, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3);
uint64_t sim_guest_smc(struct sim_guest *g, uint64_t fid, uint64_t a1, uint64_t a2, uint64_t a3);
/* Any synchronous exception to EL2, raw. */
enum sim_guest_result sim_guest_trap(struct sim_guest *g, uint64_t esr, uint64_t far, uint64_t hpfar);
/* The guest's CPU interface: enables group 1 (GICv2: group 0), acknowledges (1023: none; GICv2: an SGI's source from
 * bit 10
 * on), ends what was acknowledged (EOImode 0). */
void sim_guest_gic_enable(struct sim_guest *g);
uint32_t sim_guest_ack(struct sim_guest *g);
void sim_guest_eoi(struct sim_guest *g, uint32_t intid);

#endif
