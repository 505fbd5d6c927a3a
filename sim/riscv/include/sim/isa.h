/* SPDX-License-Identifier: Apache-2.0 */
/* What guests of this ISA can do that others cannot, as tests see it: part of sim/sim.h, chosen by the build's
 * include path. */
#ifndef SIM_ISA_H
#define SIM_ISA_H

#include "hv/types.h"

struct sim_guest;

/* The register that has the argument of a vCPU's start: a1. */
#define SIM_ARG_REG 11U

struct sim_sbi {
    int64_t error;
    uint64_t value;
};

/* ecall with a0 to a4 (a5 is random): error and value as they come back. Identifiers up to 15 are v0.1's: a1 is
 * preserved. */
struct sim_sbi sim_guest_sbi(struct sim_guest *g, uint64_t extension, uint64_t function, const uint64_t args[5]);
/* The same with three arguments. */
struct sim_sbi sim_guest_sbi3(struct sim_guest *g, uint64_t extension, uint64_t function, uint64_t a0, uint64_t a1, uint64_t a2);

/* A CSR read alone (CSRRS with x0) or written (CSRRW): one that VS mode has acts at once, an illegal one is the
 * guest's own
 * exception without an exit, the others are virtual instructions. */
enum sim_guest_result sim_guest_csr_read(struct sim_guest *g, uint32_t csr, uint64_t *value);
enum sim_guest_result sim_guest_csr_write(struct sim_guest *g, uint32_t csr, uint64_t value);
#define SIM_CSR_SIE      0x104U
#define SIM_CSR_SIP      0x144U
#define SIM_CSR_STIMECMP 0x14dU
#define SIM_CSR_SISELECT 0x150U
#define SIM_CSR_SIREG    0x151U
#define SIM_CSR_STOPEI   0x15cU
/* Reads stopei and claims what it names, at once: the identity, or 0. */
uint32_t sim_guest_claim_msi(struct sim_guest *g);
/* Bits of sip and sie. */
#define SIM_SSIP ((uint64_t)1 << 1)
#define SIM_STIP ((uint64_t)1 << 5)
#define SIM_SEIP ((uint64_t)1 << 9)

/* Any synchronous exception to HS mode, raw: scause, stval, htval, htinst (or EXIT_INSN_RAW and an instruction). */
enum sim_guest_result sim_guest_trap(struct sim_guest *g, uint64_t cause, uint64_t stval, uint64_t htval, uint64_t htinst);

#endif
