/* SPDX-License-Identifier: Apache-2.0 */
/* What a RISC-V hart has of its own: virtual interrupts, fences at others, memory of its guest. */
#include <string.h>

#include "hv/plan.h"
#include "sim/riscv/hart.h"

struct hart sim_harts[SIM_MAX_CPUS];

void sim_isa_default(struct sim_config *c)
{
    c->pa_bits = 41; /* Sv39x4 alone; 50: Sv48x4 as well */
    c->irqc_version = PLAN_IRQC_PLIC;
    c->htimer_irq = RISCV_INTID_TIMER;
    c->sstc = true;
    c->nr_ids = 255;
    c->file_pages = 2;
}

void sim_isa_reset(void)
{
    memset(sim_harts, 0, sizeof(sim_harts));
    sim_plic_reset();
    sim_aia_reset();
}

uint64_t sim_hip(struct core *c)
{
    uint64_t bits = sim_harts[c->index].hvip;
    if (sim_cfg.sstc && c->timer != 0U && sim_core_now(c) >= c->timer) {
        bits |= HVIP_VSTIP;
    }
    return bits | (sim_has_aia() && sim_aia_vseip(c->index) ? HVIP_VSEIP : 0U);
}

void sim_isa_reset_guest(struct core *c)
{
    struct hart *h = &sim_harts[c->index];
    h->hvip = 0;
    h->vsie = 0;
    h->file_reset = false;
}

void sim_isa_leave_guest(struct core *c)
{
    (void)c;
}

void sim_isa_timer_off(struct core *c)
{
    c->timer = 0;
}

void sim_isa_enter(struct core *c)
{
    if (sim_has_aia() && !sim_harts[c->index].file_reset) {
        sim_fail("CPU %u enters a guest, whose interrupt file is as another left it", c->index);
    }
}

bool sim_isa_device(struct core *c, uint64_t pa, unsigned size, bool write, uint64_t *value)
{
    (void)c;
    if (!sim_has_aia() || !write || size != 4U) { /* reads are zero, other sizes are ignored (3.5) */
        return false;
    }
    return sim_aia_store(pa, *value);
}

static enum hv_status isa_remote_fence(enum riscv_fence what, uint32_t cpus, uint64_t start, uint64_t size, uint64_t asid)
{
    bool refused = sim_op("isa.remote_fence", true);
    (void)what;
    (void)start;
    (void)size;
    (void)asid;
    for (unsigned n = 0; n < 32U; n++) {
        if ((cpus >> n & 1U) != 0U) {
            const struct core *other = &sim_cores[sim_core_of(n)];
            if (other->s2.base != 0U && other->s2.base != sim_self()->s2.base) {
                sim_fail("isa.remote_fence: CPU %u is another VM's than the caller's", n);
            }
        }
    }
    return refused ? HV_ERR_FIRMWARE : HV_OK;
}

bool sim_isa_cache(struct llc_report *out)
{
    (void)out;
    return false;
}

static uint64_t isa_machine_id(unsigned which)
{
    static const uint64_t ids[] = { 0x489, 0x8000000000000007, 0x20240101 };
    (void)sim_op("isa.machine_id", false);
    return which < ARRAY_SIZE(ids) ? ids[which] : 0U;
}

/* Byte by byte, each by the guest's translation. */
static bool copy(uint64_t ipa, uint8_t *bytes, uint32_t len, bool write)
{
    struct core *c = sim_self();
    if (len > PAGE_SIZE) {
        sim_fail("isa.%s_guest of %u bytes", write ? "write" : "read", len);
    }
    for (uint32_t i = 0; i < len; i++) {
        struct sim_translation t = sim_translate(c, ipa + i, write ? SIM_ACC_WRITE : SIM_ACC_READ);
        if (t.fault) {
            return false;
        }
        if (!sim_is_ram(t.pa, 1)) {
            sim_fail("isa.%s_guest at IPA 0x%lx: a device", write ? "write" : "read", ipa + i);
        }
        uint8_t *p = sim_ram(t.pa, 1);
        if (write) {
            *p = bytes[i];
        } else {
            bytes[i] = *p;
        }
    }
    c->unfinished = c->unfinished || write;
    return true;
}

static bool isa_read_guest(void *to, ipaddr_t from, uint32_t len)
{
    return !sim_op("isa.read_guest", true) && copy(from.v, to, len, false);
}

static bool isa_write_guest(ipaddr_t to, const void *from, uint32_t len)
{
    uint8_t bytes[PAGE_SIZE];
    memcpy(bytes, from, len <= sizeof(bytes) ? len : 0U);
    return !sim_op("isa.write_guest", true) && copy(to.v, bytes, len, true);
}

/* An instruction that would have to be fetched is in no register. */
static void isa_read_access(struct exit_raw *out)
{
    (void)sim_op("isa.read_access", false);
    *out = sim_self()->raw;
    out->source = EXIT_SRC_SYNC;
    out->insn = (out->insn & EXIT_INSN_RAW) != 0U ? 0U : out->insn;
}

const struct isa_ops sim_isa_ops = {
    .read_access = isa_read_access,
    .remote_fence = isa_remote_fence,
    .machine_id = isa_machine_id,
    .read_guest = isa_read_guest,
    .write_guest = isa_write_guest,
};
