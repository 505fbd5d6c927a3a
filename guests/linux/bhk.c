/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a shell needs to use and to try a channel of the driver in module/:
 *   bhk info CHANNEL                 the page of information, and which endpoint this VM is
 *   bhk map CHANNEL                  for the page and each section, how it can be mapped
 *   bhk peek CHANNEL OFFSET          the word of 64 bits there
 *   bhk poke CHANNEL OFFSET VALUE    puts it there
 *   bhk ring CHANNEL ENDPOINT        rings the doorbell of that one, by its index
 *   bhk wait CHANNEL SEEN            polls until there are other rings than SEEN, and says how many; of SEEN -1 at once
 *   bhk recv CHANNEL                 a message, as a line of text
 *   bhk hold CHANNEL                 a message as well, which it does not acknowledge
 *   bhk take CHANNEL                 a message as well, which it acknowledges when it has said it; to do so twice must be an error
 *   bhk send CHANNEL TEXT            sends it
 *   bhk sent CHANNEL                 how many messages are not acknowledged
 *   bhk poll CHANNEL                 what poll says of messages at once, after a first read that does not wait
 * Exit 0; 1 with the name of the error behind that of what failed.
 */
#define _GNU_SOURCE
#include "module/bulkhead_uapi.h"

#include "hv/channel_info.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096U

static int fail(const char *what)
{
    printf("bhk: %s: %s\n", what, strerrorname_np(errno));
    return 1;
}

static const struct channel_info *info_of(int fd)
{
    void *page = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

    return page != MAP_FAILED ? page : NULL;
}

static int show(int fd, const char **args)
{
    const struct channel_info *info = info_of(fd);
    struct bulkhead_self self = {0};

    (void)args;
    if (info == NULL || ioctl(fd, BULKHEAD_SELF, &self) != 0) {
        return fail("info");
    }
    printf("bhk: %s: number %" PRIu32 ", this is %s of %" PRIu32 ", %llu bytes, doorbell %" PRIu32 "\n", info->name, info->number,
           info->end[self.end].name, info->nr_ends, self.size, self.doorbell);
    for (uint32_t i = 0; i < info->nr_ends; i++) {
        const struct channel_info_end *e = &info->end[i];

        printf("bhk: end %" PRIu32 ": %s state %" PRIu32 " life %" PRIu32 " flags %" PRIu32 " rate %" PRIu32 "\n", i, e->name,
               CHANNEL_STATE(e->state), CHANNEL_GENERATION(e->state), e->flags, e->rate);
    }
    for (uint32_t i = 0; i < info->nr_sections; i++) {
        const struct channel_info_section *s = &info->section[i];

        printf("bhk: section %" PRIu32 ": 0x%" PRIx64 " + 0x%" PRIx64 " writer %" PRId32 "\n", i, s->offset, s->size, (int32_t)s->writer);
    }
    return 0;
}

/* One way to map it; what mprotect() may make of it later is tried as well. */
static void try_map(int fd, const char *name, uint64_t offset, uint64_t size, int prot, int flags)
{
    void *at = mmap(NULL, size, prot, flags, fd, (off_t)offset);
    const char *how = prot == PROT_READ ? "read" : (prot & PROT_EXEC) != 0 ? "fetch" : "write";

    if (at == MAP_FAILED) {
        printf("bhk: %s %s%s: %s\n", name, how, flags == MAP_PRIVATE ? " private" : "", strerrorname_np(errno));
        return;
    }
    printf("bhk: %s %s%s: ok", name, how, flags == MAP_PRIVATE ? " private" : "");
    if (prot == PROT_READ) {
        printf(", then write: %s", mprotect(at, size, PROT_READ | PROT_WRITE) == 0 ? "ok" : strerrorname_np(errno));
        printf(", then fetch: %s", mprotect(at, size, PROT_READ | PROT_EXEC) == 0 ? "ok" : strerrorname_np(errno));
    }
    printf("\n");
    munmap(at, size);
}

static void try_all(int fd, const char *name, uint64_t offset, uint64_t size)
{
    try_map(fd, name, offset, size, PROT_READ, MAP_SHARED);
    try_map(fd, name, offset, size, PROT_READ | PROT_WRITE, MAP_SHARED);
    try_map(fd, name, offset, size, PROT_READ | PROT_EXEC, MAP_SHARED);
    try_map(fd, name, offset, size, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

static int map(int fd, const char **args)
{
    const struct channel_info *info = info_of(fd);
    struct bulkhead_self self = {0};

    (void)args;
    if (info == NULL || ioctl(fd, BULKHEAD_SELF, &self) != 0) {
        return fail("map");
    }
    try_all(fd, "info", 0, PAGE);
    for (uint32_t i = 0; i < info->nr_sections; i++) {
        const struct channel_info_section *s = &info->section[i];

        try_all(fd, s->writer == CHANNEL_INFO_ALL ? "common" : info->end[s->writer].name, s->offset, s->size);
    }
    try_map(fd, "all", 0, self.size, PROT_READ, MAP_SHARED);
    try_map(fd, "all", 0, self.size, PROT_READ | PROT_WRITE, MAP_SHARED);
    try_map(fd, "behind", 0, self.size + 1U, PROT_READ, MAP_SHARED);
    try_map(fd, "beyond", self.size, PAGE, PROT_READ, MAP_SHARED);
    return 0;
}

static volatile uint64_t *word(int fd, const char *offset, int prot)
{
    uint64_t at = strtoull(offset, NULL, 0);
    uint8_t *page = mmap(NULL, PAGE, prot, MAP_SHARED, fd, (off_t)(at & ~(uint64_t)(PAGE - 1U)));

    return page != MAP_FAILED ? (volatile uint64_t *)(void *)(page + (at & (PAGE - 8U))) : NULL;
}

static int peek(int fd, const char **args)
{
    volatile uint64_t *w = word(fd, args[0], PROT_READ);

    if (w == NULL) {
        return fail("peek");
    }
    printf("bhk: 0x%" PRIx64 "\n", *w);
    return 0;
}

static int poke(int fd, const char **args)
{
    volatile uint64_t *w = word(fd, args[0], PROT_READ | PROT_WRITE);

    if (w == NULL) {
        return fail("poke");
    }
    *w = strtoull(args[1], NULL, 0);
    return 0;
}

static int ring(int fd, const char **args)
{
    uint32_t end = (uint32_t)strtoul(args[0], NULL, 0);

    return ioctl(fd, BULKHEAD_RING, &end) == 0 ? 0 : fail("ring");
}

/* By poll(), which says at once what came before the file was opened, and then by the count. */
static int wait_for(int fd, const char **args)
{
    __u64 rings = strtoull(args[0], NULL, 0);
    __u64 seen = rings;
    struct pollfd p = {.fd = fd, .events = POLLIN};

    while (rings == seen) {
        if ((seen != ~0ULL && poll(&p, 1, -1) != 1) || ioctl(fd, BULKHEAD_WAIT, &rings) != 0) {
            return fail("wait");
        }
    }
    printf("bhk: %llu rings, poll %s\n", rings, poll(&p, 1, 0) == 0 ? "says no more" : "goes on");
    return 0;
}

static int receive(int fd, const char **args)
{
    char text[PAGE];
    ssize_t n = read(fd, text, sizeof(text));

    (void)args;
    if (n < 0) {
        return fail("recv");
    }
    printf("bhk: got %.*s\n", (int)n, text);
    return 0;
}

static int hold(int fd, const char **args)
{
    __u32 on = 1;

    return ioctl(fd, BULKHEAD_HOLD, &on) == 0 ? receive(fd, args) : fail("hold");
}

static int take(int fd, const char **args)
{
    if (hold(fd, args) != 0 || ioctl(fd, BULKHEAD_RELEASE) != 0) {
        return fail("take");
    }
    return ioctl(fd, BULKHEAD_RELEASE) != 0 && errno == EINVAL ? 0 : fail("take twice");
}

static int sent(int fd, const char **args)
{
    struct bulkhead_sent sent = {0};

    (void)args;
    if (ioctl(fd, BULKHEAD_SENT, &sent) != 0) {
        return fail("sent");
    }
    printf("bhk: %" PRIu32 " unacknowledged\n", sent.unacknowledged);
    return 0;
}

static int transmit(int fd, const char **args)
{
    ssize_t n = write(fd, args[0], strlen(args[0]));

    return n == (ssize_t)strlen(args[0]) ? 0 : fail("send");
}

static int poll_now(int fd, const char **args)
{
    char none;
    struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};

    (void)args;
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || (read(fd, &none, 0) != 0 && errno != EAGAIN && errno != EMSGSIZE)) {
        return fail("poll");
    }
    printf("bhk: poll %d:%s%s\n", poll(&p, 1, 0), (p.revents & POLLIN) != 0 ? " in" : "", (p.revents & POLLOUT) != 0 ? " out" : "");
    return 0;
}

static const struct command {
    const char *name;
    int (*does)(int fd, const char **args);
    int args;
} commands[] = {
    {"info", show, 0},     {"map", map, 0},      {"peek", peek, 1}, {"poke", poke, 2}, {"ring", ring, 1},     {"wait", wait_for, 1},
    {"recv", receive, 0},  {"hold", hold, 0},    {"take", take, 0}, {"sent", sent, 0}, {"send", transmit, 1}, {"poll", poll_now, 0},
};

int main(int argc, char **argv)
{
    for (unsigned i = 0; argc >= 3 && i < sizeof(commands) / sizeof(commands[0]); i++) {
        const struct command *c = &commands[i];

        if (strcmp(argv[1], c->name) == 0 && argc == 3 + c->args) {
            char path[256];
            int fd;

            snprintf(path, sizeof(path), "/dev/bulkhead/%s", argv[2]);
            fd = open(path, O_RDWR);
            return fd >= 0 ? c->does(fd, (const char **)&argv[3]) : fail("open");
        }
    }
    fprintf(stderr, "usage: bhk info|map|recv|hold|take|sent|poll CHANNEL, bhk peek|poke|ring|wait|send CHANNEL ARGUMENT...\n");
    return 2;
}
