/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of the counter: what each CPU executed, by owner, and of the hypervisor's each instruction under one entry of a
 * log. Nothing here knows QEMU. The log's lines are, numbers in decimal but for those said to be hex:
 *
 *   CPU CAUSE N M D ADDRESS ARG ARG ARG
 *       An entry is closed: N instructions of the hypervisor's, M of the firmware's that it called meanwhile, D data accesses
 *       of the hypervisor's. CAUSE, hex, is that of an exit: scause or ESR_EL2 as at the vector, on Armv8 the words irq, fiq,
 *       serror for these vectors. ADDRESS and the arguments (x0, x1, x2; a7, a6, a0) are hex, as at the vector.
 *       Other words for CAUSE: "boot", what came before the first guest or the first WFI of a CPU; "idle", from a WFI of the
 *       hypervisor's, with which a CPU waits to be given a guest, until it enters one; "other", code of the hypervisor's that
 *       came by no vector; "firmware", what the firmware did while a guest ran, from its own trap to its MRET; "reset", what
 *       it did before the hypervisor; "unfinished", an entry of any kind that was open when the run ended.
 *   CPU mark NUMBER HV FW GUEST ALL-HV ALL-FW ALL-GUEST
 *       A guest's mark: instructions so far of this CPU and of all, the mark's own included.
 *   CPU total HV FW GUEST ACCESSES-HV ACCESSES-FW ACCESSES-GUEST
 *       At the run's end. HV is the sum of all N, and FW of all M, of that CPU's lines: they are counted apart.
 *   STATE profile OFFSET N FIRST
 *       At the run's end, if asked for: instructions at an offset of the hypervisor's code while it boots, answers an exit or
 *       is idle (all CPUs), and the how manieth of its entry was the first of them, from 1.
 *   OWNER cache ACCESSES MISSES LOST
 *       Behind each mark and at the end, if there is a cache: its counts so far, of each owner's RAM (cache.h).
 */
#ifndef BOOKS_H
#define BOOKS_H

#include "isa.h"

#include <stddef.h>
#include <stdio.h>

#define MAX_CPUS 16U

enum owner { OWNER_HV = 0, OWNER_FW, OWNER_GUEST, NR_OWNERS };

/* How a register of the CPU that runs is read. */
typedef uint64_t (*reg_reader)(enum reg r);

/* log: may be NULL; only: the one CPU that is written down, or MAX_CPUS; profiled: bytes of code, 0 for no profile. */
bool books_open(const struct isa *isa, reg_reader read, FILE *log, uint64_t only, uint64_t profiled);
/* The hypervisor has run on that CPU; at its linked address. */
bool books_begun(unsigned cpu);
bool books_mapped(unsigned cpu);
void books_set_mapped(unsigned cpu);

/* One instruction; offset: in the hypervisor's code. */
void books_hv(unsigned cpu, enum role role, uint64_t offset);
void books_firmware(unsigned cpu, enum role role);
void books_guest(unsigned cpu);
void books_mark(unsigned cpu, unsigned number);
/* One data access. */
void books_access(unsigned cpu, enum owner owner);
void books_close(void);

#endif
