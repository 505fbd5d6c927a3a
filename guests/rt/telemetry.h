/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the real-time guest and whoever watches it have agreed on. Over a channel of two endpoints, both with an output: the guest's
 * holds a port of guests/lib/shm.h with its statistics from its start on, and the consumer's part of a queue of commands; the
 * watcher's holds the producer's part. A command that is done or refused is released after the port tells of it: a watcher that sees
 * its command acknowledged finds the answer there.
 */
#ifndef TELEMETRY_H
#define TELEMETRY_H

#include "../lib/shm.h"

#define TELEMETRY_LABEL      "telemetry" /* of the channel */
#define TELEMETRY_CONSUMER   0x800U      /* in the guest's output */
#define TELEMETRY_PORT_SLOTS 8U
#define TELEMETRY_SLOTS      16U
#define TELEMETRY_SLOT_BYTES 32U

/* A value of the port. Times are of microseconds. */
enum telemetry_word {
    TELEMETRY_LIFE,     /* of the guest, from 1 on */
    TELEMETRY_PERIOD,   /* of its tick */
    TELEMETRY_TICKS,    /* that were delivered, since its start */
    TELEMETRY_PASSED,   /* deadlines that had passed when the one before was served, since its start */
    TELEMETRY_MIN,      /* how late ticks were, since the last report: the least */
    TELEMETRY_MEAN,
    TELEMETRY_MAX,
    TELEMETRY_WORST,    /* how late one was, since the start or the last reset */
    TELEMETRY_COMMANDS, /* that were done, in this life */
    TELEMETRY_REFUSED,  /* that were unknown or malformed */
    TELEMETRY_ID,       /* of the last command, done or refused; 0: it had none */
    TELEMETRY_ANSWER,   /* to that: 1 done, 0 refused */
    TELEMETRY_WORDS,
};

enum telemetry_code {
    TELEMETRY_RESET = 1,      /* begins TELEMETRY_WORST anew; the argument is 0 */
    TELEMETRY_SET_PERIOD = 2, /* the argument is the period, of TELEMETRY_PERIOD_MIN to _MAX */
};
#define TELEMETRY_PERIOD_MIN 250U
#define TELEMETRY_PERIOD_MAX 100000U

/* A message is this and nothing more. */
struct telemetry_command {
    uint64_t code;
    uint64_t argument;
    uint64_t id; /* the watcher's choice */
};

static inline struct shm_port telemetry_port(void *from_rt, size_t bytes)
{
    return (struct shm_port){from_rt, bytes < TELEMETRY_CONSUMER ? bytes : TELEMETRY_CONSUMER, TELEMETRY_PORT_SLOTS, TELEMETRY_WORDS};
}

static inline struct shm_queue telemetry_queue(void *from_watcher, size_t watcher_bytes, void *from_rt, size_t rt_bytes)
{
    size_t rest = rt_bytes > TELEMETRY_CONSUMER ? rt_bytes - TELEMETRY_CONSUMER : 0U;

    return (struct shm_queue){from_watcher, watcher_bytes, (uint8_t *)from_rt + TELEMETRY_CONSUMER, rest,
                              TELEMETRY_SLOTS, TELEMETRY_SLOT_BYTES};
}

#endif
