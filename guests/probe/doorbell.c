/* SPDX-License-Identifier: Apache-2.0 */
/* Doorbells of the first channel of this VM: bellcall rings its peer and waits to be rung back, bellserve rings back. */
#include "channel.h"
#include "probe.h"

#define SECONDS 30U
#define ROUNDS  200U
#define FLOOD   1000U

static struct guest_channel channel;
static uint32_t peer;
static volatile uint64_t *mine;        /* first word of this VM's output, and of its peer's */
static const volatile uint64_t *theirs;
static volatile uint32_t rings;

static void on_irq(uint32_t irq)
{
    if (irq == channel.irq) {
        rings = rings + 1U;
    }
}

static bool set_up(const char *test)
{
    uint64_t size;

    if (!irqc_init() || !irqc_init_cpu() || !channel_find(0, &channel) || channel.irq == 0U) {
        print("probe: %s: no channel, or no interrupts\n", test);
        return false;
    }
    peer = channel.self == 0U ? 1U : 0U;
    mine = (volatile uint64_t *)(uintptr_t)channel_section(&channel, channel.self, &size);
    theirs = (const volatile uint64_t *)(uintptr_t)channel_section(&channel, peer, &size);
    irq_handler = on_irq;
    channel_listen(&channel);
    irq_on();
    return true;
}

static void tell_state(const char *test, uint32_t state)
{
    static const char *const names[] = {"absent", "running", "stopped", "?"};

    print("probe: %s: peer = %s %u\n", test, names[CHANNEL_STATE(state)], CHANNEL_GENERATION(state));
}

/* Waits, in bounded time, to be rung until the peer has answered n. */
static bool answered(uint64_t n)
{
    uint64_t end = timer_now() + (uint64_t)SECONDS * timer_freq();
    uint32_t seen = rings;

    while (*theirs != n && timer_now() < end) {
        while (rings == seen && timer_now() < end) { /* only when it rings is looked again */
        }
        seen = rings;
    }
    return *theirs == n;
}

static void tell_wrong_rings(void)
{
    report_number("bellcall", "no such channel", hypercall_ring(channel.info->number + 1U, peer));
    report_number("bellcall", "no such endpoint", channel_ring(&channel, channel.info->nr_ends));
    report_number("bellcall", "itself", channel_ring(&channel, channel.self));
    report("bellcall", "write to the page", try_write(channel.base, 4, 0));
}

static void flood(void)
{
    uint32_t count[2] = {0, 0}; /* busy, rung */

    for (unsigned i = 0; i < FLOOD; i++) {
        count[channel_ring(&channel, peer) == 0 ? 1 : 0]++;
    }
    print("probe: bellcall: rung = %s, busy = %s\n", count[1] != 0U ? "some" : "none", count[0] != 0U ? "some" : "none");
}

/* Of vCPU 0, the calls that ask included: one for each reason. */
static int64_t exits(void)
{
    int64_t sum = 0;

    for (int64_t n = exit_reasons() - 1; n >= 0; n--) {
        sum += exit_count(0, (uint64_t)n);
    }
    return sum;
}

void test_bellcall(void)
{
    uint64_t end = timer_now() + (uint64_t)SECONDS * timer_freq();
    uint64_t n = 0;
    bool good = true;

    if (!set_up("bellcall")) {
        return;
    }
    while (CHANNEL_STATE(channel_state(&channel, peer)) != CHANNEL_STATE_RUNNING && timer_now() < end) {
    }
    tell_state("bellcall", channel_state(&channel, peer));
    tell_state("bellcall", channel_state(&channel, channel.self)); /* of itself */
    tell_wrong_rings();
    while (channel.direct && channel.info->direct[peer].target == 0U && timer_now() < end) { /* it would be called still */
    }
    int64_t before = exits();
    int64_t asking = exits() - before; /* what asking costs by itself */

    before = exits();
    for (n = 1; good && n <= ROUNDS; n++) {
        int64_t r = RING_BUSY;

        *mine = n;
        while (r == RING_BUSY) {
            r = channel_ring(&channel, peer);
        }
        good = r == 0 && answered(n);
    }
    int64_t after = exits();

    print("probe: bellcall: rounds = %lu\n", good ? n - 1U : n - 2U);
    report_number("bellcall", "exits in them", after - before - asking);
    flood();
}

/* For ever: a key ends it. */
void test_bellserve(void)
{
    uint32_t known = 0;

    if (!set_up("bellserve")) {
        return;
    }
    for (uint32_t seen = rings - 1U;;) {
        while (rings == seen && uart_getc() < 0) {
        }
        if (rings == seen) {
            break;
        }
        seen = rings;
        uint32_t state = channel_state(&channel, peer);

        if (state != known) {
            tell_state("bellserve", state);
            known = state;
        }
        *mine = *theirs;
        (void)channel_ring(&channel, peer);
    }
}
