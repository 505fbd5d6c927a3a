/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What two guests need to exchange data over a channel (guests/systems/README.md, guests/lib/README.md): a queue of messages from
 * one producer to one consumer, and a port, which shows the latest value to any number of readers. Freestanding: no C library, no
 * allocation, no waiting. Every function ends after a number of steps that the caller's own numbers bound, whatever the others
 * write. Nothing here is for two CPUs of one side at a time: of each side, one CPU calls.
 *
 * THE OTHER SIDE IS NOT TRUSTED. Of the memory that others write each word is read once in a call, into private memory, and
 * checked there (the port's number twice: that is what a reader compares). Places are computed from private numbers alone. What a
 * hostile peer can do is to send nonsense, in messages and values, or nothing. A payload that is read in place may change while it
 * is read: take from it what is to be checked once.
 *
 * ---- The queue ----
 * The producer writes a head and the slots, the consumer a tail; each in memory that the other need not write (both in common
 * memory works as well, but then each can spoil the other's part). Truth is private: what is published is a copy.
 *
 *   head = (session, number of messages put)      tail = (session of the producer, number of messages taken)
 *
 * each one word of 64 bits, so that the two halves are of one moment. A session is a life of the producer and a count of its
 * resets in that life (modulo 256). Numbers go up and around modulo 2^32; message n lies in slot n mod slots (a power of two).
 *
 * Why a message is whole. (1) The producer publishes head (release) after the slot is written; the consumer reads it (acquire)
 * before it reads the slot: it finds the slot as it was written. (2) The consumer publishes tail (release) after it has read the
 * slot; the producer reads it (acquire) before it writes there again: nothing is overwritten while it is read. (3) A producer
 * writes no slot before it has read a tail OF ITS OWN SESSION. Between, 0 <= put - taken <= slots holds for the private numbers.
 *
 * Why restarts keep it so.
 * - The producer restarts: it publishes (new session, 0). By (3) it touches no slot until the consumer has answered with a tail
 *   of that session, which the consumer does only when it holds no message: what it reads in place stays as it is, and what it
 *   has already seen of the old session it still gets. By (2) the new life's writes come after its last read. A tail of an earlier
 *   session is no answer, however late it arrives, since no session's number comes twice (but after
 *   256 resets in one life that no consumer has answered). The answer is the head as it was read, whose number is 0 unless the consumer
 *   has lost its tail: then what had been put is lost with it, and not delivered a second time.
 * - The consumer restarts: it goes on from the tail that it has published. A message that it had not released is delivered (again);
 *   one that it had released is not. The producer notices nothing and needs not: its slots from tail to head are untouched.
 * - Both: the consumer finds its tail of a session that has gone, and answers the new one.
 * So what is acknowledged, that is, released by the consumer and seen by the producer as such, is never lost or delivered
 * again; what is put and not released is lost only with the producer's life, and never torn. This asks that the memory survives, which
 * the hypervisor sees to, and that a life's accesses are over before the next life begins.
 *
 * Neither side needs the consumer's life for this. It is published for the producer's information (shm_producer_peer).
 *
 * ---- The port ----
 * N slots, and one word: how many values have been written. Value n lies in slot n mod N. A reader reads the word (acquire), copies
 * the slot, and reads the word again behind an acquire fence. The writer has a release fence between the word of value n and
 * the first store of value n + 1: who has read any of that store sees the word at n or more. So a copy of value n in which anything
 * of value n + N got shows by the word being n + N - 1 or more, and a copy is whole if the word has moved by at most N - 2.
 *
 * What is promised: writing is wait-free, and reading as well: it ends after SHM_TRIES copies, and what it returns is whole, and was
 * the latest value at one moment of the call. What is not: that it returns a value. If the writer completes N - 1 values
 * during each of the copies the reader is told SHM_OVERRUN. Readers that write nothing leave the writer no way to know which slot
 * they are in, and so to spare it. Choose N so that (N - 1) periods of the writer are longer than a reader's copy takes, with all
 * that may interrupt it, and it does not happen.
 */
#ifndef SHM_H
#define SHM_H

#include "shm_atomic.h"

enum shm_status {
    SHM_OK = 0,
    SHM_EMPTY,      /* no message; no value yet */
    SHM_FULL,       /* the consumer has not released any of the messages */
    SHM_NO_PEER,    /* the consumer has not answered this session yet; there is no producer yet */
    SHM_NEW_PEER,   /* told once: the producer has begun a session; what it put before is gone */
    SHM_BAD_PEER,   /* its number of messages cannot be: nothing was changed. As long as it is so, or until a reset */
    SHM_BAD_LENGTH, /* the message says that it is longer than a slot: release it */
    SHM_OVERRUN,    /* the writer was faster than each of the copies */
    SHM_MISUSE,     /* the caller's own mistake: sizes, places, order of calls. Nothing was changed */
};

#define SHM_LINE  64U /* bytes: the two sides' words lie this far apart, so that they do not share a line of a cache */
#define SHM_TRIES 3U

/* ---- The queue ---- */

/* Where a queue lies and what it is like: both sides have to say the same. Places are multiples of 8 (better of SHM_LINE). */
struct shm_queue {
    void *producer;        /* memory that the producer writes, shm_producer_bytes() of it */
    size_t producer_bytes; /* that are there */
    void *consumer;        /* memory that the consumer writes, shm_consumer_bytes() of it */
    size_t consumer_bytes;
    uint32_t slots;      /* how many messages there is room for: a power of two, at most 2^16 */
    uint32_t slot_bytes; /* of each, 8 of them for its length: a multiple of 8 from 16 to 2^20 */
};

struct shm_producer {
    struct shm_queue q;
    uint32_t session;
    uint32_t put;   /* messages of this session */
    uint32_t taken; /* of these, as last seen in the consumer's tail */
    bool answered;  /* the consumer has answered this session */
    bool reserved;
};

struct shm_consumer {
    struct shm_queue q;
    uint32_t session; /* the producer's that it follows; 0: none */
    uint32_t taken;
    uint32_t seen; /* how many the producer has put, as last read */
    uint32_t length;
    enum shm_status held; /* of the message that was peeked at and not released; SHM_EMPTY: there is none */
};

#define SHM_LIFE_MAX 0xffffffU /* lives are 1 to this */

/* Bytes that a side's part takes; 0: slots or slot_bytes are not as they have to be. */
size_t shm_producer_bytes(const struct shm_queue *q);
size_t shm_consumer_bytes(const struct shm_queue *q);
/* Bytes of payload that a message can have at most. */
uint32_t shm_payload_bytes(const struct shm_queue *q);

/* Begins a session. `life` is another in each life of the VM; in a life that it has already begun sessions in it begins one more.
 * SHM_OK or SHM_MISUSE. Either side comes first. */
enum shm_status shm_producer_init(struct shm_producer *p, const struct shm_queue *q, uint32_t life);
/* The life that a side has last begun in this memory, 0 if none: for who is not told his own, and goes on from there. Only
 * where nobody else writes the memory is it to be believed. */
uint32_t shm_producer_life(const struct shm_queue *q);
uint32_t shm_consumer_life(const struct shm_queue *q);
/* A place for a message, shm_payload_bytes() of it. The same one until it is committed. SHM_OK, SHM_FULL, SHM_NO_PEER, SHM_BAD_PEER. */
enum shm_status shm_reserve(struct shm_producer *p, void **payload);
/* Puts what was reserved. SHM_OK or SHM_MISUSE: nothing is reserved, or length is too long. */
enum shm_status shm_commit(struct shm_producer *p, uint32_t length);
/* How many messages of this session are not acknowledged. SHM_OK, SHM_NO_PEER, SHM_BAD_PEER (the count is the last good one). */
enum shm_status shm_unacknowledged(struct shm_producer *p, uint32_t *count);
/* After SHM_BAD_PEER, or to drop all that is not acknowledged: one more session, in this life. */
void shm_producer_reset(struct shm_producer *p);
/* The life that the consumer says it is in, 0 if none. */
uint32_t shm_producer_peer(const struct shm_producer *p);

/* Goes on where this memory says that the consumer has been. SHM_OK or SHM_MISUSE. */
enum shm_status shm_consumer_init(struct shm_consumer *c, const struct shm_queue *q, uint32_t life);
/* The next message, and its length. The same one until it is released. SHM_OK; SHM_BAD_LENGTH (it is held, with no payload);
 * SHM_EMPTY, SHM_NO_PEER, SHM_NEW_PEER, SHM_BAD_PEER. */
enum shm_status shm_peek(struct shm_consumer *c, const void **payload, uint32_t *length);
/* Gives the slot of what was peeked at back. SHM_OK or SHM_MISUSE: there is none. */
enum shm_status shm_release(struct shm_consumer *c);
/* After SHM_BAD_PEER, or to drop all that is in the queue: goes on behind what the producer says it has put. */
void shm_consumer_reset(struct shm_consumer *c);

/* ---- The port ---- */

struct shm_port {
    void *at; /* memory that the writer writes, a multiple of 8, shm_port_bytes() of it */
    size_t bytes;
    uint32_t slots; /* N: a power of two, 4 to 2^16 */
    uint32_t words; /* of 64 bits that a value has: 1 to 2^16 */
};

struct shm_writer {
    struct shm_port port;
    uint64_t written; /* values, over all lives */
};

/* Bytes that it takes; 0: slots or words are not as they have to be. */
size_t shm_port_bytes(const struct shm_port *port);
/* Goes on behind the last value that this memory says was written, which stays the latest. SHM_OK or SHM_MISUSE. */
enum shm_status shm_writer_init(struct shm_writer *w, const struct shm_port *port);
/* Shows port.words words. */
void shm_port_write(struct shm_writer *w, const uint64_t *value);
/* Takes the latest value, port->words words, and, unless NULL, its number, from 1. SHM_OK, SHM_EMPTY, SHM_OVERRUN (value is then
 * anything), SHM_MISUSE. */
enum shm_status shm_port_read(const struct shm_port *port, uint64_t *value, uint64_t *number);

#endif
