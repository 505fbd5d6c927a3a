/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VM's next life begins with: whether there is one, and its memory. All by the CPU for which vm_reap() was true,
 * with none of the VM's vCPUs inside; no lock is taken, so nobody waits for it, however long memory takes.
 */
#ifndef HV_CORE_RESTART_H
#define HV_CORE_RESTART_H

#include "core/vm.h"

/* A VM that faults again within RESTART_QUICK_SECONDS of its start, for more than RESTART_QUICK_FAULTS times in a row, is
 * not helped by another restart. */
#define RESTART_QUICK_SECONDS 1U
#define RESTART_QUICK_FAULTS  5U

/* Restarts of one VM that are told in the log within a second. The others are counted, which the next line shows. */
#define RESTART_LINES 5U

enum restart_verdict { RESTART_NO = 0, RESTART_GO, RESTART_GIVEN_UP };

/* What the plan's policy makes of an end. RESTART_GIVEN_UP: it would restart, but keeps faulting. */
enum restart_verdict restart_decide(struct vm *vm, enum vm_end why);

/* Notes that the VM starts now, for restart_decide(). */
void restart_note_start(struct vm *vm);

/* Counts a restart; true if it is to be told in the log. */
bool restart_count(struct vm *vm);

/* Progress through the RAM of a VM; restart_begin() is the start. */
struct restart {
    const struct vm *vm;
    uint32_t region; /* of the VM's slice */
    uint64_t done;   /* bytes of it */
};

struct restart restart_begin(const struct vm *vm);

/* Zeroes the next block of RAM, puts the parts of the images that lie in it back, and cleans it out of the caches. False
 * if there was none left. Bound of one call: PLAN_RESTART_BLOCK bytes. */
bool restart_step(struct restart *r);

#endif
