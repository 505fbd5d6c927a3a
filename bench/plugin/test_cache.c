/* SPDX-License-Identifier: Apache-2.0 */
/* The cache model against what was counted by hand. Says nothing and ends with 0, or says what is wrong. */
#include "cache.h"

#include <stdio.h>

static unsigned wrong;

#define EXPECT(what, value)                                                                                  \
    do {                                                                                                     \
        if ((what) != (value)) {                                                                             \
            printf("test_cache: line %d: %s is %lu, not %lu\n", __LINE__, #what, (unsigned long)(what),      \
                   (unsigned long)(value));                                                                  \
            wrong++;                                                                                         \
        }                                                                                                    \
    } while (false)

/* Two ways, two sets of 64 bytes: addresses 128 apart fall into one set. */
static void small(void)
{
    EXPECT(cache_open("256:2:64"), true);
    EXPECT(cache_owners("0x1000:0x1000/0x8000:0x1000+0x2000:0x1000"), true);
    EXPECT(cache_nr_owners(), 3U);
    cache_access(0x1000); /* miss */
    cache_access(0x103f); /* the same line */
    cache_access(0x8000); /* miss, the other way; the same owner */
    cache_access(0x1000);
    cache_access(0x2000); /* miss: 0x8000 goes, which is the older */
    cache_access(0x1000); /* still there */
    cache_access(0x8000); /* miss: 0x2000 goes */
    cache_access(0x1040); /* miss, in the other set */
    cache_access(0x0);    /* miss, of nobody that was named: 0x1000 goes */
    EXPECT(cache_of(0).accesses, 7U);
    EXPECT(cache_of(0).misses, 4U);
    EXPECT(cache_of(0).lost, 2U);
    EXPECT(cache_of(1).accesses, 1U);
    EXPECT(cache_of(1).misses, 1U);
    EXPECT(cache_of(1).lost, 1U);
    EXPECT(cache_of(2).accesses, 1U);
    EXPECT(cache_of(2).misses, 1U);
    EXPECT(cache_of(2).lost, 0U);
    cache_close();
}

/* What fits stays, whatever the order; one line more of a set, read round, never hits. */
static void fits(void)
{
    EXPECT(cache_open("0x10000:4:64"), true);
    EXPECT(cache_owners("0:0x100000"), true);
    for (unsigned turn = 0; turn < 3U; turn++) {
        for (uint64_t pa = 0; pa < 0x10000U; pa += 64U) {
            cache_access(pa);
        }
    }
    EXPECT(cache_of(0).accesses, 3U * 1024U);
    EXPECT(cache_of(0).misses, 1024U);
    cache_close();
    EXPECT(cache_open("0x10000:4:64"), true);
    EXPECT(cache_owners("0:0x100000"), true);
    for (unsigned turn = 0; turn < 3U; turn++) {
        for (uint64_t pa = 0; pa < 5U * 0x4000U; pa += 0x4000U) {
            cache_access(pa);
        }
    }
    EXPECT(cache_of(0).misses, 15U);
    EXPECT(cache_of(0).lost, 0U);
    cache_close();
}

/* Two colours: pages of two owners that take turns, in a way of two pages. */
static void coloured(void)
{
    EXPECT(cache_open("0x4000:2:64"), true);
    EXPECT(cache_owners("0x10000:0x10000:0x1+0x10000:0x10000:2"), true);
    cache_access(0x10000);
    cache_access(0x12fff);
    cache_access(0x11000);
    cache_access(0x20000);
    EXPECT(cache_of(0).accesses, 2U);
    EXPECT(cache_of(1).accesses, 1U);
    EXPECT(cache_of(2).accesses, 1U);
    cache_close();
}

static void refused(void)
{
    EXPECT(cache_open("1000:2:64"), false);
    EXPECT(cache_open("1024:3:64"), false);
    EXPECT(cache_open("64:2:64"), false);
    EXPECT(cache_open("1024:2"), false);
    EXPECT(cache_open("1024:2:64:1"), false);
    EXPECT(cache_open("1024:2:64"), true);
    EXPECT(cache_owners("0x1000"), false);
    EXPECT(cache_owners("0x1000:0x1000,"), false);
    cache_close();
}

int main(void)
{
    small();
    fits();
    coloured();
    refused();
    return wrong == 0U ? 0 : 1;
}
