// SPDX-License-Identifier: GPL-2.0-only
/* Doorbells, both ways. */
#include "bulkhead.h"
#include "hypercall.h"

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/version.h>

/* As the hypervisor answers, but 0. */
#define RING_NO_SUCH -3
#define RING_DENIED -4
#define RING_NOT_RUNNING -10
#define RING_TOO_FAST -12

void bulkhead_wake(struct bulkhead_channel *ch)
{
    atomic64_inc(&ch->rings);
    wake_up_interruptible(&ch->wait);
}

/* An edge: there is nothing to acknowledge. Rings that come while it is pending are one. */
static irqreturn_t rung(int irq, void *data)
{
    struct bulkhead_channel *ch = data;

    bulkhead_wake(ch);
    if (ch->on_ring != NULL) {
        ch->on_ring(ch->context);
    }
    return IRQ_HANDLED;
}

int bulkhead_ring(struct bulkhead_channel *ch, u32 end)
{
    switch (bulkhead_hypercall_ring(ch->info->number, end)) {
    case 0:
        return 0;
    case RING_NO_SUCH:
        return -ENXIO;
    case RING_DENIED:
        return -EPERM;
    case RING_NOT_RUNNING:
        return -ENOTCONN;
    case RING_TOO_FAST:
        return -EAGAIN;
    default:
        return -EIO;
    }
}

/* The time in which the plan lets this VM ring once more. */
static ktime_t patience(const struct bulkhead_channel *ch)
{
    u32 rate = max(ch->info->end[ch->self].rate, 1U);

    return ns_to_ktime(DIV_ROUND_UP(NSEC_PER_SEC, rate));
}

/* The timer runs from the first ring that was refused on: others that come meanwhile do not put it off. */
void bulkhead_kick(struct bulkhead_channel *ch, u32 end)
{
    if (bulkhead_ring(ch, end) == -EAGAIN && !test_and_set_bit(end, &ch->owed)) {
        hrtimer_start(&ch->pay, patience(ch), HRTIMER_MODE_REL);
    }
}

/* Whoever is refused again starts the timer again, as anybody may while this runs. */
static enum hrtimer_restart pay(struct hrtimer *timer)
{
    struct bulkhead_channel *ch = container_of(timer, struct bulkhead_channel, pay);
    u32 end;

    for (end = 0; end < ch->info->nr_ends; end++) {
        if (test_and_clear_bit(end, &ch->owed)) {
            bulkhead_kick(ch, end);
        }
    }
    return HRTIMER_NORESTART;
}

/* Nobody is left who rings: what is owed takes as long as the rate says, and a peer that waits for it is not left waiting. The timer goes
 * first: pay() has nothing owed for a moment while it rings, and may be refused. */
static void stop_paying(void *data)
{
    struct bulkhead_channel *ch = data;
    u32 end;

    hrtimer_cancel(&ch->pay);
    for (end = 0; end < ch->info->nr_ends; end++) {
        while (test_bit(end, &ch->owed) && bulkhead_ring(ch, end) == -EAGAIN) {
            msleep(1);
        }
    }
}

static void init_timer(struct hrtimer *timer)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
    hrtimer_setup(timer, pay, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
    hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
    timer->function = pay;
#endif
}

int bulkhead_doorbell_init(struct bulkhead_channel *ch)
{
    init_waitqueue_head(&ch->wait);
    init_timer(&ch->pay);
    return devm_add_action_or_reset(ch->dev, stop_paying, ch);
}

int bulkhead_doorbell_connect(struct bulkhead_channel *ch, int irq)
{
    return devm_request_irq(ch->dev, irq, rung, 0, dev_name(ch->dev), ch);
}
