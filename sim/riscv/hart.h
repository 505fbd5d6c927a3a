/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the RISC-V simulator know of each other: a hart's CSRs, the PLIC, APLIC and IMSICs. Stricter
 * than hardware:
 * what the specifications let go by silently, but is an error of the hypervisor or a lost interrupt, ends the process
 * through sim_fail(). Nothing a guest does is such an error. CPUs are core indices, sources the controller's own
 * numbers.
 */
#ifndef SIM_RISCV_HART_H
#define SIM_RISCV_HART_H

#include "sim/internal.h"

#define MAX_SOURCES 1024U
#define FILE_IDS    2048U

/* Privileged architecture 1.13. The guest's comparator, or what the firmware's timer was set to for it, is
 * core.timer. */
struct hart {
    bool on;             /* irqc.init_cpu was called: software and external interrupts are enabled */
    bool ssip;
    bool stie;
    uint64_t hvip, vsie; /* in hvip's bit positions */
    uint64_t vsiselect;
    bool file_reset;     /* since cpu.reset_guest */
};
extern struct hart sim_harts[SIM_MAX_CPUS];

/* hip: what the guest has pending, whatever asserts it. */
uint64_t sim_hip(struct core *c);

/* ---- plic.c: contexts are those of the harts' supervisor modes ---- */
void sim_plic_reset(void);
void sim_plic_line(uint32_t source, bool level);
bool sim_plic_seip(unsigned cpu);
uint32_t sim_plic_claim(unsigned cpu);                    /* 0: nothing */
void sim_plic_complete(uint32_t source);
void sim_plic_route(uint32_t source, unsigned cpu);
void sim_plic_enable(uint32_t source, bool on);
uint32_t sim_plic_get(enum irqc_bit what, unsigned word); /* of the controller's own words */
unsigned sim_plic_route_of(uint32_t source);              /* SIM_MAX_CPUS: nowhere */

/* ---- aia.c: the APLIC in MSI mode, and per hart the supervisor's file and guest file 1 ---- */
void sim_aia_reset(void);
void sim_aia_line(uint32_t source, bool line);
bool sim_aia_seip(unsigned cpu);
uint32_t sim_aia_claim(unsigned cpu);                     /* identity in the supervisor's file; 0: nothing */
void sim_aia_mode(uint32_t source, enum aplic_mode mode);
void sim_aia_target(uint32_t source, unsigned cpu, bool guest, uint32_t identity);
void sim_aia_enable(uint32_t source, bool on);
void sim_aia_set_pending(uint32_t source, bool on);       /* setip, in_clrip */
uint32_t sim_aia_get(enum irqc_bit what, unsigned word);
uint32_t sim_aia_inputs(unsigned word);
uint64_t sim_aia_source(uint32_t source);                 /* sourcecfg and target, packed: to compare */
void sim_aia_file_reset(unsigned cpu);
void sim_aia_msi(unsigned cpu, uint32_t identity);        /* to the guest file */
bool sim_aia_vseip(unsigned cpu);
uint64_t sim_aia_file_read(unsigned cpu, uint64_t select);
void sim_aia_file_write(unsigned cpu, uint64_t select, uint64_t value);
uint64_t sim_aia_topei(unsigned cpu, bool claim);
/* A write to the page of a file, by whom stage 2 lets there; false: pa is in none. */
bool sim_aia_store(uint64_t pa, uint64_t value);
/* Where the machine has the pages: of CPU n the supervisor's file, and the guest file a page on. */
#define SIM_IMSIC_PA(cpu) (0x28000000ULL + (uint64_t)sim_cfg.file_pages * PAGE_SIZE * (cpu))

/* True if the machine has AIA rather than a PLIC. */
bool sim_has_aia(void);
/* Fails unless the machine has such a source; the source of a wired INTID. */
void sim_check_source(const char *op, uint32_t source);
uint32_t sim_source_of(const char *op, uint32_t intid);

#endif
