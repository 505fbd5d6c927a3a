/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * How the driver exchanges messages over a channel of two endpoints that both have an output: what another guest has to do to talk with
 * it. Each direction is a queue of guests/lib/shm.h. An endpoint's output holds, from its start on,
 *
 *   LINK_WANTS     three words: when it is to be rung, and whether its network interface is up
 *   LINK_CONSUMER  its part of the queue in which it is the consumer
 *   LINK_PRODUCER  its part of the queue in which it is the producer, of slots of LINK_SLOT_BYTES, as many as there is room for,
 *                  rounded down to a power of two (of 64 KiB: 32)
 *
 * Who waits says so, makes sure that the other sees it (a full fence), looks once more, and then waits. Who has put a message, or
 * released one or answered a new session, makes sure that this is seen (a full fence), and rings if the other waits for it: of the two
 * at least one sees what the other did. To ring too often does no harm, and who polls says nothing.
 */
#ifndef BULKHEAD_LINK_LAYOUT_H
#define BULKHEAD_LINK_LAYOUT_H

#define LINK_WANTS      0U
#define LINK_CONSUMER   64U
#define LINK_PRODUCER   128U
#define LINK_SLOT_BYTES 1984U /* 31 lines of a cache: a frame of 1514 bytes, and outputs of 2^n bytes are well used */

/* Words of 64 bits, 0 or another value. */
#define LINK_WANTS_MESSAGES 0U /* index: rings when there is a message, or a new session */
#define LINK_WANTS_ROOM     1U /* index: rings when messages have been released, or its session has been answered */

/* Of a channel that is a network: index of the word that is this VM's generation (hv/channel_info.h) while it takes frames, and 0 when
 * it does not. Who changes it rings the other. What a life that has ended has left there is another generation. */
#define LINK_UP 2U

#endif
