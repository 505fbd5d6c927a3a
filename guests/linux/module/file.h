/* SPDX-License-Identifier: GPL-2.0-only */
/* An open file of a channel. */
#ifndef BULKHEAD_FILE_H
#define BULKHEAD_FILE_H

#include "link.h"

#include <linux/poll.h>

struct bulkhead_file {
    struct bulkhead_channel *ch;
    enum bulkhead_use use; /* what it has claimed; written under ch->use_lock */
    u64 seen;              /* of ch->rings */
    bool holds;            /* BULKHEAD_HOLD; this and the next under ch->rx_lock */
    u64 given;             /* bulkhead_link_held() of what is held for it; 0: nothing */
};

/* From now on, as long as the file is open, the channel is for this use. -EBUSY: it is for another one. With BULKHEAD_MESSAGES the
 * channel has a link. */
int bulkhead_claim(struct bulkhead_file *f, enum bulkhead_use use);

/* message.c. Of a file in use for messages what poll says. */
__poll_t bulkhead_message_poll(struct bulkhead_file *f);

/* The calls of bulkhead_uapi.h that are about messages, as they answer. */
long bulkhead_message_ioctl(struct bulkhead_file *f, unsigned int command, void __user *arg);

ssize_t bulkhead_read(struct file *file, char __user *to, size_t size, loff_t *pos);
ssize_t bulkhead_write(struct file *file, const char __user *from, size_t size, loff_t *pos);

#endif
