/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QUEUE_H
#define QUEUE_H

#include "guest.h"

/* What the two sides have agreed on. In the producer's output: the queue, the port, notes; in the consumer's: the queue, notes.
 * Notes are what a life leaves to the next. */
#define SLOTS      256U
#define SLOT_BYTES 128U
#define PORT_WORDS 8U
#define PORT_AT    0x9000U
#define NOTES_AT   0xa000U /* of the producer */
#define TAKEN_AT   0x100U  /* notes of the consumer */

struct message {
    uint32_t life, number, last;
    uint32_t sum; /* of all bytes behind it, and of what is before it */
    uint8_t bytes[];
};

uint32_t message_sum(const struct message *m, uint32_t length);

#endif
