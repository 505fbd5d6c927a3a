/* SPDX-License-Identifier: Apache-2.0 */
/* The output file: hypervisor, plan and the VMs' blocks as they will lie in RAM. */
#include "hvplan.h"

#include "hv/channel_info.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdlib.h>

/* Writes at an offset; what is between stays a hole of zeros. */
static bool put(FILE *f, uint64_t offset, const void *data, uint64_t size)
{
    return size == 0U || (fseeko(f, (off_t)offset, SEEK_SET) == 0 && fwrite(data, 1, size, f) == size);
}

/* Into memory, of which each run lies in the file as in RAM. */
static bool put_into(const struct run *r, FILE *f, const struct extent *e, uint64_t offset, const struct piece *c)
{
    bool ok = true;

    for (uint64_t done = 0, n; ok && done < c->size; done += n) {
        n = extent_run(e, offset + done);
        n = n < c->size - done ? n : c->size - done;
        ok = put(f, extent_pa(e, offset + done).v - r->board.load_base, c->data + done, n);
    }
    return ok;
}

/* The discovery pages: the first piece of each channel. */
static bool put_pages(const struct run *r, FILE *f)
{
    bool ok = true;

    for (unsigned i = 0; ok && i < r->nr_channels; i++) {
        struct channel_info page;

        channel_page(r, &r->channel[i], &page);
        ok = put(f, plan_channel(r->plan, i)->info_pa - r->board.load_base, &page, sizeof(page));
    }
    return ok;
}

static bool write_all(const struct run *r, FILE *f)
{
    uint64_t base = r->board.load_base;
    bool ok =
        put(f, 0, r->hv.data, r->hv.file_size) && put(f, r->plan->plan_pa - base, r->plan, r->plan->length);

    for (unsigned i = 0; i < r->nr_vms; i++) {
        const struct vm *v = &r->vm[i];

        for (unsigned k = 0; k < v->nr_pieces; k++) {
            const struct piece *c = &v->piece[k];
            struct extent block = ram_block(r, &v->ram[c->ram]);
            struct extent copies = ram_pristine(r, v);

            ok = ok && put_into(r, f, &block, ram_piece_offset(v, c), c) &&
                 (v->pristine_size == 0U || put_into(r, f, &copies, ram_pristine_offset(v, k), c));
        }
    }
    ok = ok && put_pages(r, f);
    return ok && fflush(f) == 0 && ftruncate(fileno(f), (off_t)r->file_size) == 0;
}

void pack(struct run *r)
{
    char *temp = arena_printf(&r->arena, "%s.XXXXXX", r->opt.out);
    int fd = mkstemp(temp);
    FILE *f = fd >= 0 ? fdopen(fd, "wb") : NULL;
    bool ok = f != NULL && write_all(r, f);

    /* mkstemp() makes files that only their owner reads; this one is as public as any build product. */
    mode_t mask = umask(0);

    umask(mask);
    ok = ok && fchmod(fd, 0666 & ~mask) == 0;
    if (f != NULL) {
        ok = fclose(f) == 0 && ok;
    }
    if (!ok || rename(temp, r->opt.out) != 0) {
        diag_error(&r->diag, arena_printf(&r->arena, "%s:0", r->opt.out), "/", "cannot be written: %s",
                   strerror(errno));
        if (fd >= 0) {
            unlink(temp);
        }
    }
}
