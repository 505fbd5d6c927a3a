/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exchanges messages that are counted (guests/peer/message.h) over a channel of the driver in module/, with guests/peer on the other side.
 * The ledgers lie in the channel's common memory, which outlives both.
 *   exchange CHANNEL run        one more life: sends and takes, as fast as it can. SIGTERM: sends no more, ends when all is acknowledged
 *   exchange CHANNEL wait N     until N more messages of this life were acknowledged, and N more were taken
 *   exchange CHANNEL show       both ledgers
 *   exchange CHANNEL clear      this side's ledger is of no life
 *   exchange CHANNEL suffer N   of a hostile peer: until each error that the driver tells of such was told N times, and as many messages
 *                               were read and written
 *   exchange CHANNEL drain      takes what is there, whatever it is
 * Exit 0; 1 with the name of the error behind that of what failed.
 */
#define _GNU_SOURCE
#include "module/bulkhead_uapi.h"

#include "../peer/message.h"
#include "hv/channel_info.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096U

static volatile struct ledger *own, *peers;
static volatile sig_atomic_t stop;

static int fail(const char *what)
{
    printf("exchange: %s: %s\n", what, strerrorname_np(errno));
    return 1;
}

/* ---- The ledgers ---- */

static bool map_ledgers(int fd)
{
    const struct channel_info *info = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
    struct bulkhead_self self = {0};

    if (info == MAP_FAILED || ioctl(fd, BULKHEAD_SELF, &self) != 0) {
        return false;
    }
    for (uint32_t i = 0; i < info->nr_sections; i++) {
        const struct channel_info_section *s = &info->section[i];

        if (s->writer == CHANNEL_INFO_ALL && s->size >= 2U * LEDGER_BYTES) {
            uint8_t *at = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)s->offset);

            own = (volatile struct ledger *)(void *)(at + self.end * LEDGER_BYTES);
            peers = (volatile struct ledger *)(void *)(at + (1U - self.end) * LEDGER_BYTES);
            return at != MAP_FAILED;
        }
    }
    errno = ENODATA;
    return false;
}

static void show_one(const char *whose, const volatile struct ledger *l)
{
    printf("exchange: %s life %" PRIu32 " wrong %" PRIu32 " again %" PRIu32 " from %" PRIu32 "\n", whose, l->life, l->wrong, l->again,
           l->from);
    for (uint32_t n = 0; n < LEDGER_LIVES; n++) {
        if ((l->of[n].tried | l->of[n].acknowledged | l->of[n].taken) != 0U) {
            printf("exchange: %s of %" PRIu32 " tried %" PRIu32 " acknowledged %" PRIu32 " taken %" PRIu32 "\n", whose, n, l->of[n].tried,
                   l->of[n].acknowledged, l->of[n].taken);
        }
    }
}

static int show(int fd, uint32_t n)
{
    (void)fd;
    (void)n;
    show_one("own", own);
    show_one("peer's", peers);
    return 0;
}

static int clear(int fd, uint32_t n)
{
    volatile uint8_t *byte = (volatile uint8_t *)own;

    (void)fd;
    (void)n;
    for (uint32_t i = 0; i < sizeof(*own); i++) {
        byte[i] = 0;
    }
    return 0;
}

/* Of the peer's lives, since it may begin another. */
static uint64_t taken(void)
{
    uint64_t sum = 0;

    for (uint32_t n = 0; n < LEDGER_LIVES; n++) {
        sum += own->of[n].taken;
    }
    return sum;
}

static int wait_for(int fd, uint32_t n)
{
    uint32_t life = own->life;
    uint32_t acknowledged = own->of[life].acknowledged;
    uint64_t before = taken();

    (void)fd;
    while (own->life == life && (own->of[life].acknowledged - acknowledged < n || taken() - before < n)) {
        usleep(1000);
    }
    return own->life == life ? 0 : fail("wait");
}

/* ---- A life ---- */

struct run {
    int fd;
    uint32_t sent; /* of this life */
    struct bulkhead_sent told;
    unsigned resets;
};

static void wrong(const char *what)
{
    own->wrong++;
    (void)fail(what);
}

static void take(struct run *r)
{
    static _Alignas(struct message) uint8_t text[PAGE];
    ssize_t n = read(r->fd, text, sizeof(text));

    if (n > 0) {
        ledger_take(own, text, (uint32_t)n);
        if (ioctl(r->fd, BULKHEAD_RELEASE) != 0) {
            wrong("release");
        }
    } else if (errno == ECONNRESET) {
        r->resets++;
    } else if (errno != EAGAIN && errno != EINTR) {
        wrong("read");
    }
}

static void put(struct run *r)
{
    static _Alignas(struct message) uint8_t text[MESSAGE_MAX];
    uint32_t length = message_length(own->life, r->sent);

    own->of[own->life].tried = r->sent + 1U;
    message_write(text, own->life, r->sent);
    if (write(r->fd, text, length) == (ssize_t)length) {
        r->sent++;
    } else if (errno != EAGAIN && errno != EINTR) {
        wrong("write");
    }
}

static void hear(struct run *r)
{
    uint32_t session = r->told.session;

    if (ioctl(r->fd, BULKHEAD_SENT, &r->told) != 0 || (session != 0U && session != r->told.session)) {
        wrong("sent");
    }
    ledger_hear(own, r->sent, r->told.unacknowledged);
}

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* SIGTERM comes while it waits, and not between a look at `stop` and the wait. */
static void step(struct run *r, const sigset_t *waiting)
{
    static const struct timespec soon = {0, 10000000};
    struct pollfd p = {.fd = r->fd, .events = stop ? POLLIN : POLLIN | POLLOUT};

    if (ppoll(&p, 1, stop ? &soon : NULL, waiting) < 0 && errno != EINTR) {
        wrong("poll");
    }
    if ((p.revents & POLLIN) != 0) {
        take(r);
    }
    if ((p.revents & POLLOUT) != 0) {
        put(r);
    }
    hear(r);
}

static int run(int fd, uint32_t n)
{
    struct run r = {.fd = fd};
    struct sigaction action = {.sa_handler = on_signal};
    uint32_t hold = 1;
    sigset_t blocked;
    sigset_t waiting;

    (void)n;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &blocked, &waiting) != 0 || sigaction(SIGTERM, &action, NULL) != 0 || ioctl(fd, BULKHEAD_HOLD, &hold) != 0 ||
        !ledger_begin(own)) {
        return fail("run");
    }
    while (!stop || r.told.unacknowledged != 0U) {
        step(&r, &waiting);
    }
    printf("exchange: life %" PRIu32 ": all %" PRIu32 " are acknowledged; the peer began anew %u times\n", own->life, r.sent, r.resets);
    return 0;
}

/* ---- A hostile peer ---- */

enum told { TOLD_MESSAGE, TOLD_ROOM, TOLD_RESET, TOLD_BAD_LENGTH, TOLD_PROTOCOL, NR_TOLD };
static uint64_t told[NR_TOLD];

static int note(const char *what, ssize_t n, enum told good)
{
    if (n >= 0) {
        told[good]++;
    } else if (errno == ECONNRESET) {
        told[TOLD_RESET]++;
    } else if (errno == EBADMSG) {
        told[TOLD_BAD_LENGTH]++;
    } else if (errno == EPROTO) {
        told[TOLD_PROTOCOL]++;
    } else if (errno != EAGAIN) {
        return fail(what);
    }
    return 0;
}

static bool enough(uint32_t n)
{
    for (unsigned i = 0; i < NR_TOLD; i++) {
        if (told[i] < n) {
            return false;
        }
    }
    return true;
}

static int suffer(int fd, uint32_t n)
{
    static uint8_t text[MESSAGE_MAX];
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
    int bad = 0;

    while (bad == 0 && !enough(n)) {
        (void)poll(&p, 1, 10);
        bad = note("read", read(fd, text, sizeof(text)), TOLD_MESSAGE);
        bad = bad != 0 ? bad : note("write", write(fd, text, 1U + told[TOLD_ROOM] % MESSAGE_MAX), TOLD_ROOM);
    }
    printf("exchange: suffered: messages %" PRIu64 " room %" PRIu64 " anew %" PRIu64 " length %" PRIu64 " protocol %" PRIu64 "\n",
           told[TOLD_MESSAGE], told[TOLD_ROOM], told[TOLD_RESET], told[TOLD_BAD_LENGTH], told[TOLD_PROTOCOL]);
    return bad;
}

static int drain(int fd, uint32_t n)
{
    static uint8_t text[PAGE];
    struct bulkhead_sent sent;

    (void)n;
    while (read(fd, text, sizeof(text)) >= 0 || errno != EAGAIN) {
    }
    (void)ioctl(fd, BULKHEAD_SENT, &sent); /* what there is to be told of is told now */
    return 0;
}

static const struct command {
    const char *name;
    int (*does)(int fd, uint32_t n);
} commands[] = {
    {"run", run}, {"wait", wait_for}, {"show", show}, {"clear", clear}, {"suffer", suffer}, {"drain", drain},
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (unsigned i = 0; argc >= 3 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[2], commands[i].name) == 0) {
            char path[256];
            int fd;

            snprintf(path, sizeof(path), "/dev/bulkhead/%s", argv[1]);
            fd = open(path, O_RDWR | O_NONBLOCK);
            if (fd < 0 || !map_ledgers(fd)) {
                return fail("open");
            }
            return commands[i].does(fd, argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 0) : 1U);
        }
    }
    fprintf(stderr, "usage: exchange CHANNEL run|show|clear|drain, exchange CHANNEL wait|suffer N\n");
    return 2;
}
