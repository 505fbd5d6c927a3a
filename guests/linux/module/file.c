// SPDX-License-Identifier: GPL-2.0-only
/* /dev/bulkhead/LABEL: the channel's memory for mmap, and its doorbell. */
#include "file.h"
#include "bulkhead_uapi.h"

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>

int bulkhead_claim(struct bulkhead_file *f, enum bulkhead_use use)
{
    struct bulkhead_channel *ch = f->ch;
    int err = 0;

    if (READ_ONCE(f->use) == use) {
        return 0;
    }
    mutex_lock(&ch->use_lock);
    if (f->use != BULKHEAD_UNUSED ? f->use != use : ch->use != BULKHEAD_UNUSED && ch->use != use) {
        err = -EBUSY;
    } else if (f->use == BULKHEAD_UNUSED) {
        if (use == BULKHEAD_MESSAGES && !ch->begun) {
            bulkhead_link_begin(ch->link);
            ch->rx_error = 0; /* of the session before; who would hold their locks has claimed this */
            ch->tx_error = 0;
        }
        ch->begun = use == BULKHEAD_MESSAGES;
        ch->use = use;
        ch->users++;
        WRITE_ONCE(f->use, use);
    }
    mutex_unlock(&ch->use_lock);
    return err;
}

static void unclaim(struct bulkhead_file *f)
{
    struct bulkhead_channel *ch = f->ch;

    mutex_lock(&ch->use_lock);
    if (f->use != BULKHEAD_UNUSED) {
        ch->users--;
        ch->use = ch->users != 0U ? ch->use : BULKHEAD_UNUSED;
    }
    mutex_unlock(&ch->use_lock);
}

static int bulkhead_open(struct inode *inode, struct file *file)
{
    struct bulkhead_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

    if (f == NULL) {
        return -ENOMEM;
    }
    f->ch = container_of(file->private_data, struct bulkhead_channel, misc); /* misc_open() put it there */
    file->private_data = f;
    return stream_open(inode, file);
}

static int bulkhead_release(struct inode *inode, struct file *file)
{
    unclaim(file->private_data);
    kfree(file->private_data);
    return 0;
}

static bool may_write(const struct bulkhead_channel *ch, const struct channel_info_section *s)
{
    return s->writer == ch->self || (s->writer == CHANNEL_INFO_ALL && (ch->info->end[ch->self].flags & CHANNEL_END_RO) == 0U);
}

/* What holds from `offset` on: whether it may be written, and up to where; -ENXIO if nothing is there. */
static int rights_at(const struct bulkhead_channel *ch, u64 offset, bool *write, u64 *end)
{
    u32 i;

    *write = false;
    *end = BULKHEAD_INFO_SIZE;
    if (offset < BULKHEAD_INFO_SIZE) {
        return 0;
    }
    for (i = 0; i < ch->info->nr_sections; i++) {
        const struct channel_info_section *s = &ch->info->section[i];

        if (offset >= s->offset && offset - s->offset < s->size) {
            *write = may_write(ch, s);
            *end = s->offset + s->size;
            return 0;
        }
    }
    return -ENXIO;
}

/* Of [start, end): 1 if all of it may be written, 0 if it may be read. */
static int rights(const struct bulkhead_channel *ch, u64 start, u64 end)
{
    bool all = true;
    bool write;
    int err = 0;

    while (err == 0 && start < end) {
        err = rights_at(ch, start, &write, &start);
        all = all && write;
    }
    return err != 0 ? err : all;
}

static bool owns(const struct bulkhead_channel *ch, u64 start, u64 end)
{
    u32 i;

    for (i = 0; i < ch->info->nr_sections; i++) {
        const struct channel_info_section *s = &ch->info->section[i];

        if (s->writer == ch->self && start < s->offset + s->size && s->offset < end) {
            return true;
        }
    }
    return false;
}

/* What a program does not say now mprotect() does not give it later: neither a right that it has not, nor a use that it has not
 * claimed. Stage 2 fetches no instruction from a channel. */
static void keep_from(struct vm_area_struct *vma, unsigned long flags)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
    vm_flags_clear(vma, flags);
#else
    vma->vm_flags &= ~flags;
#endif
}

static int bulkhead_mmap(struct file *file, struct vm_area_struct *vma)
{
    struct bulkhead_file *f = file->private_data;
    const struct bulkhead_channel *ch = f->ch;
    u64 start = (u64)vma->vm_pgoff << PAGE_SHIFT;
    u64 size = vma->vm_end - vma->vm_start;
    int write;
    int err = 0;

    if (!PAGE_ALIGNED(ch->base) || vma->vm_pgoff > ch->size >> PAGE_SHIFT || size > ch->size - start) {
        return -ENXIO;
    }
    write = rights(ch, start, start + size);
    if (write < 0) {
        return write;
    }
    if ((vma->vm_flags & VM_EXEC) != 0 || ((vma->vm_flags & VM_WRITE) != 0 && write == 0)) {
        return -EACCES;
    }
    if ((vma->vm_flags & VM_SHARED) == 0 && (vma->vm_flags & VM_WRITE) != 0) {
        return -EINVAL; /* a copy of one's own of what others write is nothing that anybody wants */
    }
    if ((vma->vm_flags & VM_WRITE) != 0 && owns(ch, start, start + size)) {
        err = bulkhead_claim(f, BULKHEAD_MEMORY); /* until the last mapping and the file are gone */
    }
    if (err != 0) {
        return err;
    }
    keep_from(vma, VM_MAYEXEC | ((vma->vm_flags & VM_WRITE) == 0 ? VM_MAYWRITE : 0));
    return remap_pfn_range(vma, vma->vm_start, PHYS_PFN(ch->base + start), size, vma->vm_page_prot);
}

static __poll_t bulkhead_poll(struct file *file, struct poll_table_struct *table)
{
    struct bulkhead_file *f = file->private_data;

    poll_wait(file, &f->ch->wait, table);
    if (READ_ONCE(f->use) == BULKHEAD_MESSAGES) {
        return bulkhead_message_poll(f);
    }
    return atomic64_read(&f->ch->rings) != READ_ONCE(f->seen) ? EPOLLIN | EPOLLRDNORM : 0;
}

static long self_of(const struct bulkhead_channel *ch, void __user *arg)
{
    struct bulkhead_self self = { .size = ch->size, .end = ch->self, .doorbell = ch->doorbell };

    return copy_to_user(arg, &self, sizeof(self)) != 0 ? -EFAULT : 0;
}

static long ring(struct bulkhead_channel *ch, const void __user *arg)
{
    u32 end;

    return copy_from_user(&end, arg, sizeof(end)) != 0 ? -EFAULT : bulkhead_ring(ch, end);
}

static long wait_for_ring(struct file *file, void __user *arg)
{
    struct bulkhead_file *f = file->private_data;
    struct bulkhead_channel *ch = f->ch;
    u64 rings;
    int err;

    if (copy_from_user(&rings, arg, sizeof(rings)) != 0) {
        return -EFAULT;
    }
    if (!ch->doorbell) {
        return -EOPNOTSUPP;
    }
    if (atomic64_read(&ch->rings) == rings && (file->f_flags & O_NONBLOCK) != 0) {
        return -EAGAIN;
    }
    err = wait_event_interruptible(ch->wait, atomic64_read(&ch->rings) != rings);
    if (err != 0) {
        return err;
    }
    rings = atomic64_read(&ch->rings);
    WRITE_ONCE(f->seen, rings);
    return copy_to_user(arg, &rings, sizeof(rings)) != 0 ? -EFAULT : 0;
}

static long bulkhead_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
    struct bulkhead_file *f = file->private_data;

    switch (command) {
    case BULKHEAD_SELF:
        return self_of(f->ch, (void __user *)arg);
    case BULKHEAD_RING:
        return ring(f->ch, (const void __user *)arg);
    case BULKHEAD_WAIT:
        return wait_for_ring(file, (void __user *)arg);
    default:
        return bulkhead_message_ioctl(f, command, (void __user *)arg);
    }
}

static const struct file_operations bulkhead_fops = {
    .owner = THIS_MODULE,
    .open = bulkhead_open,
    .release = bulkhead_release,
    .read = bulkhead_read,
    .write = bulkhead_write,
    .mmap = bulkhead_mmap,
    .poll = bulkhead_poll,
    .unlocked_ioctl = bulkhead_ioctl,
    .compat_ioctl = compat_ptr_ioctl,
};

static void forget(void *data)
{
    struct bulkhead_channel *ch = data;

    misc_deregister(&ch->misc);
}

int bulkhead_file_init(struct bulkhead_channel *ch)
{
    int err;

    mutex_init(&ch->use_lock);
    mutex_init(&ch->tx_lock);
    mutex_init(&ch->rx_lock);
    ch->misc.minor = MISC_DYNAMIC_MINOR;
    ch->misc.name = devm_kasprintf(ch->dev, GFP_KERNEL, "bulkhead-%s", ch->label);
    ch->misc.nodename = devm_kasprintf(ch->dev, GFP_KERNEL, "bulkhead/%s", ch->label);
    ch->misc.fops = &bulkhead_fops;
    ch->misc.parent = ch->dev;
    if (ch->misc.name == NULL || ch->misc.nodename == NULL) {
        return -ENOMEM;
    }
    err = misc_register(&ch->misc);
    return err != 0 ? err : devm_add_action_or_reset(ch->dev, forget, ch);
}
