/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue and the port of guests/lib/shm.h beside a hostile peer. Every word that they load is drawn by the input, in the middle of
 * a call as well: nonsense, or what is nearly right. No access is out of bounds or in memory that is not the side's own to
 * write; no call makes more of them than its own numbers say; what is returned is as shm.h says.
 */
#define SHM_ATOMIC_OTHER "tests/fuzz/shm_hostile.h"
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "guests/lib/shm.h"

static struct bytes in;
static uint8_t *out, *back, *shown; /* the producer's, the consumer's and the writer's part: of exactly the size needed */
static struct shm_queue queue;
static struct shm_port port;
static struct shm_producer p;
static struct shm_consumer c;
static struct shm_writer w;
static uint8_t *own; /* whose memory the call may write */
static size_t own_bytes;
static unsigned accesses;

static bool within(const void *at, size_t bytes, const uint8_t *memory, size_t size)
{
    return (const uint8_t *)at >= memory && (size_t)((const uint8_t *)at - memory) + bytes <= size && (uintptr_t)at % 8U == 0U;
}

static uint64_t near(uint64_t v)
{
    uint8_t how = bytes_u8(&in);
    uint32_t number = (uint32_t)v + (how & 15U) - 7U;
    uint32_t session = (uint32_t)(v >> 32) + ((how >> 4) & 3U) % 3U;
    return (uint64_t)session << 32 | number;
}

uint64_t hostile_load(const shm_word *at)
{
    static const uint64_t some[] = { 0, 1, UINT32_MAX, UINT64_MAX, 1ULL << 32, 1ULL << 63, 24, 25 };
    FUZZ_EXPECT(within(at, sizeof(*at), out, queue.producer_bytes) || within(at, sizeof(*at), back, queue.consumer_bytes) ||
                within(at, sizeof(*at), shown, port.bytes));
    accesses++;
    if (in.left == 0U) {
        return *at;
    }
    uint8_t how = bytes_u8(&in);
    switch (how & 7U) {
    case 0:
        return bytes_u64(&in, 8);
    case 1:
        return some[how >> 5];
    case 2:
        return near((uint64_t)p.session << 32 | p.put);
    case 3:
        return near((uint64_t)c.session << 32 | c.taken);
    case 4:
        return near(w.written);
    default:
        return *at;
    }
}

void hostile_store(shm_word *at, uint64_t v)
{
    FUZZ_EXPECT(own != NULL && within(at, sizeof(*at), own, own_bytes));
    accesses++;
    *at = v;
}

static void side(uint8_t *memory, size_t bytes)
{
    own = memory;
    own_bytes = bytes;
    accesses = 0;
}

static uint8_t *payload_slot(const void *at)
{
    size_t offset = (size_t)((const uint8_t *)at - out);
    FUZZ_EXPECT(within(at, shm_payload_bytes(&queue), out, queue.producer_bytes));
    FUZZ_EXPECT((offset - SHM_LINE) % queue.slot_bytes == 8U);
    return out + offset;
}

static void step_producer(uint8_t how)
{
    void *at = NULL;
    uint32_t n = 0;
    side(out, queue.producer_bytes);
    switch (how & 7U) {
    case 0:
        FUZZ_EXPECT(shm_producer_init(&p, &queue, 1U + how / 64U) == SHM_OK);
        break;
    case 1:
        shm_producer_reset(&p);
        break;
    case 2:
        (void)shm_unacknowledged(&p, &n);
        FUZZ_EXPECT(n == p.put - p.taken);
        break;
    case 3:
    case 4:
        n = bytes_u8(&in);
        FUZZ_EXPECT(shm_commit(&p, n) != SHM_OK || n <= shm_payload_bytes(&queue));
        break;
    default:
        if (shm_reserve(&p, &at) == SHM_OK) {
            memset(payload_slot(at), how, shm_payload_bytes(&queue));
            FUZZ_EXPECT(p.put - p.taken < queue.slots);
        }
        break;
    }
    FUZZ_EXPECT(p.put - p.taken <= queue.slots && accesses <= 2U);
    (void)shm_producer_peer(&p);
}

static void look(void)
{
    static volatile uint8_t sum;
    const void *at = NULL;
    uint32_t length = UINT32_MAX;
    enum shm_status s = shm_peek(&c, &at, &length);
    if (s == SHM_OK || s == SHM_BAD_LENGTH) {
        const uint8_t *bytes = payload_slot(at);
        FUZZ_EXPECT(length <= shm_payload_bytes(&queue) && (s == SHM_OK || length == 0U));
        for (uint32_t i = 0; i < length; i++) {
            sum = (uint8_t)(sum + bytes[i]);
        }
    }
}

static void step_consumer(uint8_t how)
{
    side(back, queue.consumer_bytes);
    switch (how & 7U) {
    case 0:
        FUZZ_EXPECT(shm_consumer_init(&c, &queue, 1U + how / 64U) == SHM_OK);
        break;
    case 1:
        shm_consumer_reset(&c);
        break;
    case 2:
    case 3:
    case 4:
        (void)shm_release(&c);
        break;
    default:
        look();
        break;
    }
    FUZZ_EXPECT(c.seen - c.taken <= queue.slots && accesses <= 2U);
}

static void step_port(uint8_t how)
{
    uint64_t *value = malloc(port.words * sizeof(*value)), n = 0;
    memset(value, how, port.words * sizeof(*value));
    if (how % 4U == 0U) {
        side(shown, port.bytes);
        FUZZ_EXPECT(shm_writer_init(&w, &port) == SHM_OK);
    } else if (how % 4U == 1U) {
        side(shown, port.bytes);
        shm_port_write(&w, value);
    } else {
        side(NULL, 0);
        (void)shm_port_read(&port, value, &n);
    }
    FUZZ_EXPECT(accesses <= SHM_TRIES * (port.words + 2U));
    free(value);
}

static void set_up(void)
{
    queue = (struct shm_queue){ .slots = 1U << bytes_u8(&in) % 4U, .slot_bytes = 16U + 8U * (bytes_u8(&in) % 4U) };
    port = (struct shm_port){ .slots = 4U << bytes_u8(&in) % 2U, .words = 1U + bytes_u8(&in) % 4U };
    queue.producer_bytes = shm_producer_bytes(&queue);
    queue.consumer_bytes = shm_consumer_bytes(&queue);
    port.bytes = shm_port_bytes(&port);
    queue.producer = out = calloc(1, queue.producer_bytes);
    queue.consumer = back = calloc(1, queue.consumer_bytes);
    port.at = shown = calloc(1, port.bytes);
    memset(&p, 0, sizeof(p));
    step_producer(0);
    step_consumer(0);
    step_port(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8U) {
        return -1;
    }
    in = (struct bytes){ data, size };
    set_up();
    while (in.left != 0U) {
        uint8_t how = bytes_u8(&in);
        if (how % 8U < 3U) {
            step_producer(how / 8U);
        } else if (how % 8U < 6U) {
            step_consumer(how / 8U);
        } else {
            step_port(how / 8U);
        }
    }
    free(out);
    free(back);
    free(shown);
    return 0;
}

void fuzz_seeds(void (*emit)(const void *data, size_t size))
{
    uint64_t x = 1;
    for (unsigned i = 0; i < 8U; i++) {
        uint8_t seed[300];
        for (unsigned k = 0; k < sizeof(seed); k++) {
            x = x * 6364136223846793005ULL + 1442695040888963407ULL;
            seed[k] = (uint8_t)(x >> 56);
        }
        emit(seed, sizeof(seed));
    }
}
