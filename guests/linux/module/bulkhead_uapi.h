/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * /dev/bulkhead/CHANNEL, as a program sees it. mmap: file offset 0 is the read-only page of struct channel_info
 * (hv/include/hv/channel_info.h), behind it the channel's sections at the offsets that this page names.
 */
#ifndef BULKHEAD_UAPI_H
#define BULKHEAD_UAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct bulkhead_self {
    __u64 size;     /* bytes that can be mapped, from offset 0 on */
    __u32 end;      /* which of struct channel_info's endpoints this VM is */
    __u32 doorbell; /* 1: it has one, so that poll, BULKHEAD_WAIT and a read that waits are of use */
};

/* Fills in what the page does not say. */
#define BULKHEAD_SELF _IOR('K', 0x40, struct bulkhead_self)

/*
 * Rings the doorbell of the endpoint whose index is given. ENXIO: there is no such endpoint, or it is this VM itself; EPERM: the plan
 * gives this VM no right to ring; ENOTCONN: that VM is not running; EAGAIN: rings come faster than the plan allows: try again.
 */
#define BULKHEAD_RING _IOW('K', 0x41, __u32)

/*
 * In: a number of rings, as an earlier call gave it; 0 at first. Waits until there have been others, and gives their number as it is now;
 * the rings counted are those that came since the driver was loaded, some of which are of a peer's change of state, and several may be
 * counted as one. With O_NONBLOCK it waits for nothing: EAGAIN. What it gives is seen: poll says POLLIN again at the next ring.
 */
#define BULKHEAD_WAIT _IOWR('K', 0x42, __u64)

/*
 * Of messages. In: 1: what this file's read() gives stays in the channel until BULKHEAD_RELEASE, and so is not acknowledged before the
 * program has dealt with it; until then read() gives it again, to whoever reads. 0, as it is at first: read() acknowledges what it gives.
 */
#define BULKHEAD_HOLD _IOW('K', 0x43, __u32)

/* Acknowledges what this file's last read() gave. EINVAL: there is nothing, or another file has had it since and acknowledged it, or the
 * peer has spoilt the queue. */
#define BULKHEAD_RELEASE _IO('K', 0x44)

struct bulkhead_sent {
    __u32 session;        /* another one: what was not acknowledged of the one before is gone */
    __u32 unacknowledged; /* messages of this session that the peer has not acknowledged, whoever has written them */
};

/* How far the peer is with what was written: messages are acknowledged in their order. EPROTO as from write(). */
#define BULKHEAD_SENT _IOR('K', 0x45, struct bulkhead_sent)

#endif
