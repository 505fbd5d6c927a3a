// SPDX-License-Identifier: GPL-2.0-only
/* read() and write() of /dev/bulkhead/LABEL: a call is a message. */
#include "file.h"
#include "bulkhead_uapi.h"

#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

/* Without a doorbell, how often a call that waits looks. */
#define LOOK_AGAIN msecs_to_jiffies(10)

static void release(struct bulkhead_channel *ch)
{
    bulkhead_link_release(ch->link);
    bulkhead_link_released(ch->link);
}

/* A message that is longer than there is room for stays, for the next call; so does one that is to be held, but one of no length, of
 * which no call tells. */
static ssize_t receive(struct bulkhead_file *f, char __user *to, size_t size)
{
    struct bulkhead_channel *ch = f->ch;
    const void *payload;
    u32 length;
    int err = ch->rx_error != 0 ? ch->rx_error : bulkhead_link_peek(ch->link, &payload, &length);

    ch->rx_error = 0;
    if (err != 0) {
        return err;
    }
    if (length > size) {
        return -EMSGSIZE;
    }
    if (copy_to_user(to, payload, length) != 0) {
        return -EFAULT;
    }
    if (f->holds && length != 0U) {
        f->given = bulkhead_link_held(ch->link);
    } else {
        release(ch);
    }
    return length;
}

/* A place for a message; -EAGAIN: none, and the peer is asked to ring when there is one. */
static int place(struct bulkhead_channel *ch, void **payload)
{
    int err = bulkhead_link_reserve(ch->link, payload);

    if (err == -EAGAIN) {
        bulkhead_link_want_room(ch->link, true);
        err = bulkhead_link_reserve(ch->link, payload);
    }
    return err;
}

static ssize_t transmit(struct bulkhead_channel *ch, const char __user *from, size_t size)
{
    void *payload;
    int err = ch->tx_error != 0 ? ch->tx_error : place(ch, &payload);

    ch->tx_error = 0;
    if (err != 0) {
        return err;
    }
    if (copy_from_user(payload, from, size) != 0) {
        return -EFAULT;
    }
    bulkhead_link_send(ch->link, size);
    if (bulkhead_link_wants_room(ch->link)) {
        bulkhead_link_want_room(ch->link, false);
        bulkhead_wake(ch); /* others who wait for room, and would not be rung any more */
    }
    return size;
}

/* -EAGAIN, if nobody wants to wait, or what interrupted it. */
static int wait_after(struct file *file, struct bulkhead_channel *ch, u64 rings)
{
    long left;

    if ((file->f_flags & O_NONBLOCK) != 0) {
        return -EAGAIN;
    }
    if (ch->doorbell) {
        return wait_event_interruptible(ch->wait, atomic64_read(&ch->rings) != rings);
    }
    left = schedule_timeout_interruptible(LOOK_AGAIN);
    return left != 0 && signal_pending(current) ? -ERESTARTSYS : 0;
}

static int start(struct bulkhead_file *f)
{
    int err = f->ch->link != NULL ? bulkhead_claim(f, BULKHEAD_MESSAGES) : -EOPNOTSUPP;

    if (err == 0) {
        bulkhead_link_want_messages(f->ch->link, true);
    }
    return err;
}

ssize_t bulkhead_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
    struct bulkhead_file *f = file->private_data;
    struct bulkhead_channel *ch = f->ch;
    ssize_t done = start(f);

    while (done == 0) {
        u64 rings = atomic64_read(&ch->rings);

        cond_resched(); /* a peer can keep this going: with rings, and with messages of no length */
        if (signal_pending(current) || mutex_lock_interruptible(&ch->rx_lock) != 0) {
            return -ERESTARTSYS;
        }
        done = receive(f, to, size);
        mutex_unlock(&ch->rx_lock);
        WRITE_ONCE(f->seen, rings);
        if (done == -EAGAIN) {
            done = wait_after(file, ch, rings);
        }
    }
    return done;
}

ssize_t bulkhead_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
    struct bulkhead_file *f = file->private_data;
    struct bulkhead_channel *ch = f->ch;
    ssize_t done = start(f);

    if (done == 0 && size > bulkhead_link_payload(ch->link)) {
        done = -EMSGSIZE;
    }
    while (done == 0 && size != 0U) {
        u64 rings = atomic64_read(&ch->rings);

        cond_resched(); /* a peer can keep this going: with rings, and with messages of no length */
        if (signal_pending(current) || mutex_lock_interruptible(&ch->tx_lock) != 0) {
            return -ERESTARTSYS;
        }
        done = transmit(ch, from, size);
        mutex_unlock(&ch->tx_lock);
        if (done == -EAGAIN) {
            done = wait_after(file, ch, rings);
        }
    }
    return done;
}

/* The locks of a channel are held while memory of a program's is read or written, which may take as long as that program likes: who waits
 * for them can be killed. */
static long hold(struct bulkhead_file *f, const void __user *arg)
{
    u32 holds;

    if (copy_from_user(&holds, arg, sizeof(holds)) != 0) {
        return -EFAULT;
    }
    if (mutex_lock_interruptible(&f->ch->rx_lock) != 0) {
        return -ERESTARTSYS;
    }
    f->holds = holds != 0U;
    mutex_unlock(&f->ch->rx_lock);
    return 0;
}

static long release_held(struct bulkhead_file *f)
{
    struct bulkhead_channel *ch = f->ch;
    long err = -EINVAL;

    if (mutex_lock_interruptible(&ch->rx_lock) != 0) {
        return -ERESTARTSYS;
    }
    if (f->given != 0U && f->given == bulkhead_link_held(ch->link)) {
        release(ch);
        err = 0;
    }
    f->given = 0;
    mutex_unlock(&ch->rx_lock);
    return err;
}

static long sent(struct bulkhead_channel *ch, void __user *arg)
{
    struct bulkhead_sent sent;
    int err;

    if (mutex_lock_interruptible(&ch->tx_lock) != 0) {
        return -ERESTARTSYS;
    }
    err = ch->tx_error != 0 ? ch->tx_error : bulkhead_link_sent(ch->link, &sent.session, &sent.unacknowledged);
    ch->tx_error = 0;
    mutex_unlock(&ch->tx_lock);
    if (err != 0) {
        return err;
    }
    return copy_to_user(arg, &sent, sizeof(sent)) != 0 ? -EFAULT : 0;
}

long bulkhead_message_ioctl(struct bulkhead_file *f, unsigned int command, void __user *arg)
{
    int err;

    if (command != BULKHEAD_HOLD && command != BULKHEAD_RELEASE && command != BULKHEAD_SENT) {
        return -ENOTTY;
    }
    err = start(f);
    if (err != 0) {
        return err;
    }
    switch (command) {
    case BULKHEAD_HOLD:
        return hold(f, arg);
    case BULKHEAD_RELEASE:
        return release_held(f);
    default:
        return sent(f->ch, arg);
    }
}

static bool may_read(struct bulkhead_channel *ch)
{
    const void *payload;
    u32 length;
    int err = ch->rx_error != 0 ? ch->rx_error : bulkhead_link_peek(ch->link, &payload, &length);

    ch->rx_error = err != -EAGAIN ? err : 0;
    return err != -EAGAIN;
}

static bool may_write(struct bulkhead_channel *ch)
{
    void *payload;
    int err = ch->tx_error != 0 ? ch->tx_error : place(ch, &payload);

    ch->tx_error = err != -EAGAIN ? err : 0;
    return err != -EAGAIN;
}

__poll_t bulkhead_message_poll(struct bulkhead_file *f)
{
    struct bulkhead_channel *ch = f->ch;
    __poll_t what = 0;

    mutex_lock(&ch->rx_lock);
    what |= may_read(ch) ? EPOLLIN | EPOLLRDNORM : 0;
    mutex_unlock(&ch->rx_lock);
    mutex_lock(&ch->tx_lock);
    what |= may_write(ch) ? EPOLLOUT | EPOLLWRNORM : 0;
    mutex_unlock(&ch->tx_lock);
    return what;
}
