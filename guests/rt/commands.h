/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's side of telemetry.h. It needs guests/lib/shm.h alone; nothing here waits, and each call takes a bounded number of steps. */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "telemetry.h"

struct telemetry {
    struct shm_writer out;
    struct shm_consumer in;
    uint64_t value[TELEMETRY_WORDS]; /* what is shown next */
};

/* `life`, from 1 on, is another in each life of the guest. False: the outputs are too small. */
bool telemetry_begin(struct telemetry *t, const struct shm_port *port, const struct shm_queue *queue, uint32_t life);

void telemetry_show(struct telemetry *t);

/* Looks for one command. True: *c is one that can be done, and the caller does it, updates t->value, and calls telemetry_done. One that
 * is unknown or malformed is counted, told and released here; *told says whether the port has a new value of it. */
bool telemetry_take(struct telemetry *t, struct telemetry_command *c, bool *told);
void telemetry_done(struct telemetry *t, const struct telemetry_command *c);

#endif
