/* SPDX-License-Identifier: GPL-2.0-only */
/* What the driver's files share: one channel, as this VM has it. */
#ifndef BULKHEAD_H
#define BULKHEAD_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "hv/channel_info.h"

#define BULKHEAD_INFO_SIZE 4096U

struct bulkhead_link;

/* What this VM's output, of which there is one, is used for at a time. */
enum bulkhead_use { BULKHEAD_UNUSED, BULKHEAD_MEMORY, BULKHEAD_MESSAGES, BULKHEAD_NET };

struct bulkhead_channel {
    struct device *dev;
    const char *label;
    phys_addr_t base;                /* of the page of information, which is the first */
    u64 size;                        /* bytes from there to the end of the last section */
    const struct channel_info *info; /* nobody but the hypervisor writes it, and of it but states and targets */
    u32 self;                        /* the endpoint that this VM is */
    bool doorbell;
    atomic64_t rings;                /* of this VM's doorbell */
    wait_queue_head_t wait;          /* for rings */
    unsigned long owed;              /* endpoints to be rung as soon as the rate allows */
    struct hrtimer pay;
    void (*on_ring)(void *context);  /* called by the interrupt, if set */
    void *context;
    struct miscdevice misc;
    struct bulkhead_link *link;      /* NULL: the channel is none for messages */
    struct mutex use_lock;           /* of the next three; taken before the other two locks */
    enum bulkhead_use use;
    unsigned int users;
    bool begun;                      /* the link's sessions, and no program has spoilt them since */
    struct mutex tx_lock;            /* of the link's two sides, when it is used for messages */
    struct mutex rx_lock;
    int tx_error;                    /* for the next write(), of what poll() has come across; under tx_lock */
    int rx_error;                    /* for the next read(), likewise; under rx_lock */
};

/* doorbell.c. Others can be rung from then on, and this VM's can be waited for; 0 or a negative errno. */
int bulkhead_doorbell_init(struct bulkhead_channel *ch);

/* This VM's rings from now on, until the device goes, the last of all. */
int bulkhead_doorbell_connect(struct bulkhead_channel *ch, int irq);

/* Rings an endpoint now; errors as BULKHEAD_RING's, negative. Any context. */
int bulkhead_ring(struct bulkhead_channel *ch, u32 end);

/* Rings it now, or later if the rate does not allow it now; who is not running is not rung. Any context. */
void bulkhead_kick(struct bulkhead_channel *ch, u32 end);

/* Who waits for this VM's doorbell looks again, as if it had been rung. Any context. */
void bulkhead_wake(struct bulkhead_channel *ch);

/* net.c: the channel is a network interface from now on, if the module's parameter says so. With a doorbell that is not connected yet. */
int bulkhead_net_init(struct bulkhead_channel *ch);

/* file.c: /dev/bulkhead/LABEL, until the device goes. */
int bulkhead_file_init(struct bulkhead_channel *ch);

#endif
