/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches the real-time guest over the channel "telemetry" (guests/rt/telemetry.h), by the driver in module/:
 *   rtstat [-n COUNT]                  a line for each of its reports, and after each command; COUNT of them, or for ever
 *   rtstat reset                       the worst lateness is counted anew
 *   rtstat period MICROSECONDS         of its tick
 *   rtstat raw CODE ARGUMENT BYTES     a message of so many bytes, to see it refused
 * Exit 0; 1 if the guest has refused the command, or what is wanted is not there, with a line that says so; 2: usage.
 */
#define _GNU_SOURCE
#include "module/bulkhead_uapi.h"

#include "../rt/telemetry.h"
#include "hv/channel_info.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE        4096U
#define DEVICE      "/dev/bulkhead/" TELEMETRY_LABEL
#define SILENCE_MS  30000  /* without a report, that is: the guest makes two in a second */
#define ANSWER_MS   30000U /* the guest looks once in a tick */

struct link {
    int fd;
    const volatile struct channel_info *info;
    uint32_t self;
    uint32_t rt; /* its endpoint */
    void *own;   /* this VM's output; NULL: only watching */
    size_t own_bytes;
    void *theirs;
    size_t their_bytes;
};

static int fail(const char *what)
{
    printf("rtstat: %s\n", what);
    return 1;
}

/* What an endpoint writes, mapped. */
static void *section(const struct link *l, uint32_t end, int prot, size_t *bytes)
{
    for (uint32_t i = 0; i < l->info->nr_sections && i < CHANNEL_INFO_SECTIONS; i++) {
        const volatile struct channel_info_section *s = &l->info->section[i];

        if (s->writer == end) {
            void *at = mmap(NULL, s->size, prot, MAP_SHARED, l->fd, (off_t)s->offset);

            *bytes = s->size;
            return at != MAP_FAILED ? at : NULL;
        }
    }
    return NULL;
}

static int find(struct link *l)
{
    struct bulkhead_self self;
    void *page;

    l->fd = open(DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (l->fd < 0) {
        return fail(errno == ENOENT ? "there is no " DEVICE ": insmod /lib/bulkhead.ko?" : strerror(errno));
    }
    page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, l->fd, 0);
    if (page == MAP_FAILED || ioctl(l->fd, BULKHEAD_SELF, &self) != 0) {
        return fail(strerror(errno));
    }
    l->info = page;
    l->self = self.end;
    l->rt = self.end == 0U ? 1U : 0U;
    l->theirs = section(l, l->rt, PROT_READ, &l->their_bytes);
    return l->theirs != NULL ? 0 : fail("the other end has no output");
}

/* ---- Watching ---- */

static void show(const uint64_t *v)
{
    printf("rtstat: life %" PRIu64 " period %" PRIu64 " us ticks %" PRIu64 " passed-over %" PRIu64 " late %" PRIu64 "/%" PRIu64 "/%" PRIu64
           " worst %" PRIu64 " us commands %" PRIu64 " refused %" PRIu64 "\n",
           v[TELEMETRY_LIFE], v[TELEMETRY_PERIOD], v[TELEMETRY_TICKS], v[TELEMETRY_PASSED], v[TELEMETRY_MIN], v[TELEMETRY_MEAN],
           v[TELEMETRY_MAX], v[TELEMETRY_WORST], v[TELEMETRY_COMMANDS], v[TELEMETRY_REFUSED]);
    fflush(stdout);
}

/* Until the doorbell has rung, or it was silent for too long. */
static bool rung(const struct link *l, __u64 *rings)
{
    struct pollfd p = {.fd = l->fd, .events = POLLIN};

    return poll(&p, 1, SILENCE_MS) == 1 && ioctl(l->fd, BULKHEAD_WAIT, rings) == 0;
}

static bool runs(const struct link *l)
{
    return CHANNEL_STATE(l->info->end[l->rt].state) == CHANNEL_STATE_RUNNING;
}

static int silent(const struct link *l)
{
    static const char *const states[] = {"has not started", "runs, but says nothing", "has ended", "is unknown"};

    printf("rtstat: %.15s %s\n", (const char *)l->info->end[l->rt].name, states[CHANNEL_STATE(l->info->end[l->rt].state)]);
    return 1;
}

static int watch(const struct link *l, unsigned long count)
{
    struct shm_port port = telemetry_port(l->theirs, l->their_bytes);
    uint64_t value[TELEMETRY_WORDS];
    uint64_t number = 0;
    uint64_t seen = 0;
    __u64 rings = 0;

    for (unsigned long lines = 0; count == 0UL || lines < count;) {
        bool more = runs(l); /* first: what it said before its end is still shown */
        enum shm_status s = shm_port_read(&port, value, &number);

        if (s == SHM_OK && number != seen) {
            seen = number;
            lines++;
            show(value);
        } else if (s != SHM_OK && s != SHM_EMPTY && s != SHM_OVERRUN) {
            return fail("the output is too small for what was agreed on");
        } else if (!more || !rung(l, &rings)) {
            return silent(l);
        }
    }
    return 0;
}

/* ---- Commands ---- */

/* False: that was the last of them. */
static bool wait_ms(unsigned *left)
{
    const struct timespec ms = {.tv_nsec = 1000000};

    (void)nanosleep(&ms, NULL);
    return (*left)-- != 0U;
}

/* One command, answered. Each call is a life of the producer: it begins a session that the guest has to answer first. */
static int deliver(const struct link *l, const struct shm_queue *q, const struct telemetry_command *c, uint32_t bytes)
{
    unsigned ms = ANSWER_MS;
    void *payload = NULL;
    uint32_t left = 1;
    struct shm_producer p;

    if (shm_producer_init(&p, q, c->id != 0U ? (uint32_t)c->id : 1U) != SHM_OK) {
        return fail("the outputs are too small for what was agreed on");
    }
    while (shm_reserve(&p, &payload) != SHM_OK) {
        if (!runs(l) || !wait_ms(&ms)) {
            return silent(l);
        }
    }
    memcpy(payload, c, bytes);
    (void)shm_commit(&p, bytes);
    while (shm_unacknowledged(&p, &left) != SHM_OK || left != 0U) {
        if (!runs(l) || !wait_ms(&ms)) {
            return silent(l);
        }
    }
    return 0;
}

/* The port tells of a command before it is acknowledged. */
static int answered(const struct link *l, const struct telemetry_command *c, uint32_t bytes)
{
    struct shm_port port = telemetry_port(l->theirs, l->their_bytes);
    uint64_t v[TELEMETRY_WORDS];

    if (shm_port_read(&port, v, NULL) != SHM_OK || v[TELEMETRY_ID] != (bytes == sizeof(*c) ? c->id : 0U)) {
        return fail("the guest took the command and does not tell of it");
    }
    if (v[TELEMETRY_ANSWER] != 1U) {
        return fail("refused");
    }
    show(v);
    return 0;
}

static int command(struct link *l, uint64_t code, uint64_t argument, uint32_t bytes)
{
    struct shm_queue q;
    struct telemetry_command c = {code, argument, 0};
    int err = 0;

    if (flock(l->fd, LOCK_EX) != 0) { /* one command at a time */
        return fail(strerror(errno));
    }
    l->own = section(l, l->self, PROT_READ | PROT_WRITE, &l->own_bytes);
    if (l->own == NULL) {
        return fail(errno == EBUSY ? "the channel is in use for messages or as a network interface" : "this end has no output");
    }
    q = telemetry_queue(l->own, l->own_bytes, l->theirs, l->their_bytes);
    c.id = shm_producer_life(&q) % SHM_LIFE_MAX + 1U;
    err = deliver(l, &q, &c, bytes);
    return err != 0 ? err : answered(l, &c, bytes);
}

static int usage(void)
{
    fprintf(stderr, "usage: rtstat [-n COUNT] | rtstat reset | rtstat period MICROSECONDS | rtstat raw CODE ARGUMENT BYTES\n");
    return 2;
}

static bool number(const char *text, uint64_t max, uint64_t *n)
{
    char *end = NULL;

    errno = 0;
    *n = strtoull(text, &end, 0);
    return end != text && *end == '\0' && errno == 0 && *n <= max && text[0] != '-';
}

int main(int argc, char **argv)
{
    uint64_t n[3] = {0, 0, sizeof(struct telemetry_command)};
    bool watches = argc == 1 || (argc == 3 && strcmp(argv[1], "-n") == 0 && number(argv[2], UINT32_MAX, &n[0]) && n[0] != 0U);
    bool asks = argc == 2 && strcmp(argv[1], "reset") == 0;
    struct link l = {0};

    n[0] = asks ? TELEMETRY_RESET : n[0];
    if (argc == 3 && strcmp(argv[1], "period") == 0) {
        n[0] = TELEMETRY_SET_PERIOD;
        asks = number(argv[2], UINT64_MAX, &n[1]);
    }
    if (argc == 5 && strcmp(argv[1], "raw") == 0) {
        asks = number(argv[2], UINT64_MAX, &n[0]) && number(argv[3], UINT64_MAX, &n[1]) &&
               number(argv[4], sizeof(struct telemetry_command), &n[2]);
    }
    if (!watches && !asks) {
        return usage();
    }
    if (find(&l) != 0) {
        return 1;
    }
    return watches ? watch(&l, (unsigned long)n[0]) : command(&l, n[0], n[1], (uint32_t)n[2]);
}
