/* SPDX-License-Identifier: Apache-2.0 */
/* What one can do with the interrupt files of the peers of a channel, and who notices. */
#include "channel.h"
#include "tests.h"

#define JUNK_BYTES 4096U

static void until_key(void)
{
    while (uart_getc() < 0) {
    }
}

/* All that can be stored there: each identity, those that no file has, the big-endian register, and the reserved rest of the page. */
static void store_all(uint64_t page)
{
    for (uint32_t id = 0; id <= 4096U; id++) {
        mmio_write32(page, id);
        mmio_write32(page + 4U, id << 24 | (id << 8 & 0xff0000U)); /* big-endian */
    }
    mmio_write32(page, UINT32_MAX);
    for (uint32_t at = 8; at < JUNK_BYTES; at += 4U) {
        mmio_write32(page + at, UINT32_MAX);
    }
}

void test_bellabuse(void)
{
    struct guest_channel c;

    if (!channel_find(0, &c)) {
        print("probe: bellabuse: no channel\n");
        return;
    }
    uint32_t peer = c.self == 0U ? 1U : 0U;
    uint64_t page = channel_file(&c, peer, 0);
    uint64_t own = c.base + c.info->direct[c.self].offset;

    print("probe: bellabuse: files = %u, of mine = %u\n", page != 0U ? c.info->direct[peer].files : 0U, c.info->direct[c.self].files);
    report("bellabuse", "own file there", try_write(own, 4, 1));
    report("bellabuse", "page before the file", try_write(c.base + c.info->direct[peer].offset - CHANNEL_FILE_SIZE, 4, 1));
    report("bellabuse", "page behind the file", try_write(c.base + c.info->direct[peer].offset + CHANNEL_FILE_SIZE, 4, 1));
    report("bellabuse", "fetch from the file", try_fetch(c.base + c.info->direct[peer].offset));
    if (page == 0U) {
        report("bellabuse", "the file itself", try_write(c.base + c.info->direct[peer].offset, 4, 1));
        return;
    }
    print("probe: bellabuse: ready\n");
    until_key();
    store_all(page);
    print("probe: bellabuse: stored\n");
}

static volatile uint32_t came;

static void on_any(uint32_t irq)
{
    (void)irq;
    came = came + 1U;
}

/* All identities of its file are enabled; a key ends it. */
void test_idwatch(void)
{
    if (!irqc_init() || !irqc_init_cpu()) {
        print("probe: idwatch: no interrupts\n");
        return;
    }
    irq_handler = on_any;
    for (uint32_t id = 1; id <= imsic_last_id(); id++) {
        irq_enable(IRQ_MSI + id);
    }
    irq_on();
    print("probe: idwatch: watching %u\n", imsic_last_id());
    until_key();
    report_number("idwatch", "interrupts", came);
}
