/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PEER_H
#define PEER_H

#include "link.h"

/* hostile.c: writes over all of these channels that it may write, and rings, as the seed says, until a key is pressed. */
void be_hostile(struct link **links, unsigned nr, uint64_t seed);

/* net.c: answers a frame of `in`, by one to `out`, of as many bytes: ARP for any address, and echo requests. False: no answer. */
bool net_answer(uint8_t *out, const uint8_t *in, uint32_t length);

#endif
