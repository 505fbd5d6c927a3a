/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's log: lines to the board's console and to a ring readable from a debugger (`log_ring`). While VMs share
 * that console (core/console.h) its lines are merged with theirs; else they go to the transmitter directly.
 */
#ifndef HV_CORE_LOG_H
#define HV_CORE_LOG_H

#include "hv/types.h"

#define LOG_RING_BYTES 4096U

struct log {
    char ring[LOG_RING_BYTES];
    uint64_t written; /* characters ever logged; the next one goes to ring[written % LOG_RING_BYTES] */
    uint64_t dropped; /* characters the console did not take */
};
extern struct log log_ring;

/*
 * One line; formats as lib/fmt.h, cut at 160 characters. Lines of two CPUs do not mix, and each begins "[hv] ".
 * Bounded: what the transmitter does not take within a bounded number of polls is dropped from the console (not from
 * the ring) and counted. Takes log.lock.
 */
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Fixed text of several lines, each prefixed; at a multiple of 8. Takes log.lock. */
void log_text(const char *s, uint64_t len);

/* A line without the lock, for a CPU that may have stopped while holding it; to the transmitter directly, always. */
void log_last_words(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
