/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State of the virtual GIC, shared by vgic*.c alone.
 *
 * Where the truth is. For an SPI or PPI ("hardware interrupt") pending and active live in the physical controller.
 * Once acknowledged it is physically active and *in hand* of one CPU: in a list register, or held there for want of
 * one. So "physically active and not an orphan" tells exactly, at any moment, that some CPU has it in hand. An orphan
 * is active (by ISACTIVER, or because its vCPU stopped) and in nobody's hand. Folding gives a pending interrupt back
 * to the physical controller, which raises it again when and where its configuration allows; an active one is set
 * aside and returns to its list register, unless it was deactivated meanwhile.
 *
 * A virtual interrupt (an SGI, or an SPI that virqc_add_virtual made) has nothing at the physical controller. In no list
 * register it is pending in `pend` or by `line`, active in `orphan`. A virtual SPI in a list register always traps its
 * end (it is "soft"), so that a line that is still high is seen; one whose line fell is taken back.
 *
 * The physical enable of an interrupt is: enabled, its group forwarded by GICD_CTLR, and routed to a vCPU that is on.
 */
#ifndef HV_VDEV_VGIC_STATE_H
#define HV_VDEV_VGIC_STATE_H

#include "core/vm.h"
#include "lib/atomic.h"
#include "vdev/mmio.h"

#define VGIC_MAX_INTIDS 1020U /* 1020..1023 are special, IHI 0069H 2.2 */
#define VGIC_WORDS      32U
#define VGIC_MAX_LRS    16U
#define VGIC_SGIS       0x0000ffffU /* bits of word 0 */

/* ICH_LR<n>_EL2, IHI 0069H 12.4.6. */
#define LR_PENDING     ((uint64_t)1 << 62)
#define LR_ACTIVE      ((uint64_t)1 << 63)
#define LR_STATE       (LR_PENDING | LR_ACTIVE)
#define LR_HW          ((uint64_t)1 << 61)
#define LR_GROUP1      ((uint64_t)1 << 60)
#define LR_PRIO_SHIFT  48U
#define LR_EOI         ((uint64_t)1 << 41) /* HW = 0: maintenance interrupt at deactivation */
#define LR_PINTID_SHIFT 32U
#define LR_SOURCE(lr)  ((uint32_t)((lr) >> LR_SOURCE_SHIFT) & 7U)
#define LR_SOURCE_SHIFT 10U /* GICv2: the vCPU that sent an SGI, above its INTID */

/* One word of 32 interrupts. Under vgic.lock, but `owned` and `virt`, constant. */
struct vgic_word {
    uint32_t owned;   /* interrupts that exist for the guest */
    uint32_t virt;    /* of those, the virtual ones; constant */
    uint32_t line;    /* virtual SPIs: what virqc_set_line said last */
    atomic32_t pend;  /* virtual ones pending in no list register, lines apart; changed under the lock, but SGIs of a GICv3: vgic_sgi.c */
    uint32_t listed;  /* virtual ones in a list register (may have been ended by the guest meanwhile) */
    uint32_t vactive; /* after a fold, until the owner goes on: virtual ones active in its list registers */
    atomic32_t enabled; /* read without the lock, as the next */
    atomic32_t group; /* 1 = group 1 */
    uint32_t edge;
    uint32_t latch;   /* level-sensitive, made pending by software at the physical controller */
    uint32_t taken;   /* of those, and of virtual SPIs in `pend`, the ones in hand and not yet acknowledged by the guest */
    uint32_t orphan;  /* active in nobody's hand */
    uint32_t phys_en; /* enabled at the physical controller */
};

/* What a redistributor holds. Under vgic.lock. */
struct vgic_vcpu {
    struct vgic_word w;      /* INTIDs 0..31 */
    uint32_t drop_word;      /* after a fold: interrupts deactivated by ICACTIVER meanwhile, whoever has them now */
    uint32_t drop_mask;
    atomic32_t sleep;        /* GICR_WAKER.ProcessorSleep; not under the lock */
    uint8_t prio[32];
    uint8_t source[16];      /* GICv2: the vCPUs that made each SGI of w.pend pending; 0 where that bit is 0 */
    uint32_t cpu;            /* constant */
};

struct vgic {
    struct spinlock lock;
    struct vm *vm;
    atomic32_t ctlr;         /* GICD_CTLR.EnableGrp0, EnableGrp1; read without the lock */
    bool v2;                 /* the guest sees a GICv2; constant */
    bool ends_trap;          /* no list register has HW = 1; constant, board.ends_trap */
    uint32_t unsilenced;     /* GICv2: vCPUs whose private interrupts are as the VM left them when it ended */
    uint32_t nr_words;       /* constant */
    uint32_t prio_mask;      /* implemented priority bits, in each byte; constant */
    uint32_t on;             /* vCPUs that take interrupts */
    uint32_t armed;          /* vCPUs whose CPU may have an interrupt armed */
    uint32_t orphan_words;   /* SPI words that may hold an orphan */
    uint32_t virt_words;     /* SPI words that hold a virtual interrupt; constant */
    struct vgic_word spi[VGIC_WORDS]; /* entry 0 is not used */
    uint32_t routed[VM_MAX_VCPUS][VGIC_WORDS]; /* SPIs routed to each vCPU */
    struct vgic_vcpu vcpu[VM_MAX_VCPUS];
    /* Recall, vgic_recall.c. */
    atomic32_t ticket;       /* vCPU index + 1 of who holds it, 0 = free */
    atomic32_t asked;        /* vCPUs that have yet to fold */
    atomic32_t epoch;        /* counts recalls that ended */
    /* Large, and last: each start of the VM clears them. */
    uint32_t route[VGIC_MAX_INTIDS]; /* Aff3.Aff2.Aff1.Aff0 as the guest wrote it; GICv2: vCPUs it named in ITARGETSR */
    uint8_t prio[VGIC_MAX_INTIDS + 4U];
};

/* What an interrupt that comes again goes by without the lock (vgic_armed.c). */
struct vgic_armed {
    atomic32_t key; /* its INTID + 1, 0 = none: set by the CPU itself, cleared by whoever changes something, under the lock */
    uint32_t lr;    /* that CPU only, as the next */
    uint64_t value;
};
#define VGIC_ARMED 4U /* entry by the lowest bits of the INTID: of a hardware interrupt; as many behind them of an SGI */

/* List registers of one CPU: that CPU only, but for the keys. Aligned, so that they are found by a shift. */
struct __attribute__((aligned(512))) vgic_cpu {
    struct vgic_armed armed[2U * VGIC_ARMED];
    uint32_t used;                  /* list registers we filled and have not seen empty since */
    uint32_t soft;                  /* of those: with EOI set (and HW clear), because others wait for room */
    uint32_t folded;                /* of those: holding active interrupts, emptied by a fold until vgic_fold_end */
    uint16_t intid[VGIC_MAX_LRS];
    uint32_t held_words;            /* words of `held` that are not 0 */
    uint32_t held[VGIC_WORDS];      /* hardware interrupts taken, pending, in no list register */
    uint32_t mine[VGIC_WORDS];      /* interrupts in this CPU's hand: listed or held */
};

extern struct vgic *vgics;         /* by VM, as many as the plan has; constant after boot, as the next */
extern struct vgic_cpu *vgic_cpus; /* by CPU */

/* One word of one VM, with what is needed to reach its physical bits. */
struct vgic_bank {
    struct vgic *g;
    struct vgic_word *w;
    struct vgic_vcpu *r; /* redistributor of word 0, else NULL */
    unsigned cpu;        /* physical CPU of word 0, else 0 */
    unsigned vcpu;       /* vCPU of word 0, else 0 */
    unsigned word;
};

static inline struct vgic *vgic_of(const struct vcpu *v)
{
    return v->vm->irqc;
}

static inline uint32_t vgic_bit(uint32_t intid)
{
    return (uint32_t)1 << (intid % 32U);
}

/* Number of the lowest bit; `set` is not 0. */
static inline uint32_t vgic_lowest(uint32_t set)
{
    return (uint32_t)__builtin_ctz(set);
}

/* Bank of word 0 of vCPU `vcpu`, or of an SPI word (then `vcpu` is ignored). */
struct vgic_bank vgic_bank(struct vgic *g, unsigned vcpu, unsigned word);

/* Interrupts of a word that GICD_CTLR forwards. Lock held. */
uint32_t vgic_forwarded(const struct vgic *g, const struct vgic_word *w);

/* Brings the physical enables of a word in line with the guest's. Lock held. On a GICv2 those of word 0 are banked: of
 * another CPU's nothing happens, it has to be asked (vgic_kick) and does it itself. */
void vgic_sync_enable(const struct vgic_bank *b);

/* The same for a vCPU's private interrupts, on its own CPU: what another could not do for it on a GICv2. Lock held. */
void vgic_sync_private(const struct vcpu *v);

/* Asks a vCPU to look at its state (vgic_serve). Any context. */
void vgic_kick(struct vcpu *v);

/* Virtual ones of a word that are pending in no list register, whatever else holds them back. Lock held. */
static inline uint32_t vgic_virt_pending(const struct vgic_word *w)
{
    return (atomic32_load(&w->pend) | (w->line & ~w->edge)) & w->virt;
}

/* Asks the vCPUs other than v that virtual interrupts of `mask` go to (v may be NULL). Lock held. */
void vgic_kick_virtual(const struct vcpu *v, const struct vgic_bank *b, uint32_t mask);
/* The same for one that has just ended on v: it may be pending again, and routed elsewhere by now. Lock held. */
void vgic_kick_ended(const struct vcpu *v, const struct vgic_bank *b, uint32_t intid);

/* ---- vgic_lr.c: own CPU, lock held ---- */

/* Notices list registers that the guest has ended. True if that took back a maintenance interrupt, which would have made
 * vgic_lr_fill run: it has to before the guest goes on. */
bool vgic_lr_reap(struct vcpu *v);
/* Takes a hardware interrupt in hand: lists it, or holds it until there is room. */
void vgic_lr_add(struct vcpu *v, uint32_t intid);
/* Lists what waits: highest priority first. */
void vgic_lr_fill(struct vcpu *v);
/* A list register no longer holds its interrupt: it has been written with 0, or the guest has ended it. */
void vgic_lr_release(const struct vcpu *v, uint32_t n);
/* Interrupts of a word no longer wait for a list register. */
void vgic_lr_unhold(const struct vcpu *v, uint32_t word, uint32_t mask);

/* ---- vgic_armed.c ---- */

/* Nothing is armed in the VM. Lock held; before anything changes that an armed interrupt goes by, which is all but `pend` and
 * `line` of virtual interrupts, and list registers that were free. */
void vgic_disarm_all(struct vgic *g);
static inline void vgic_disarm(struct vgic *g)
{
    if (g->armed != 0U) {
        vgic_disarm_all(g);
    }
}

/* The lock, for who may change that. */
static inline void vgic_lock(struct vgic *g)
{
    spin_lock(&g->lock);
    vgic_disarm(g);
}

/* Own CPU, lock held: while nothing changes, the interrupt is taken by writing `value` into list register `lr` once it is empty. */
void vgic_arm(struct vgic *g, const struct vcpu *v, uint32_t intid, uint32_t lr, uint64_t value);

/* ---- vgic_again.c: own CPU, lock held ---- */

/* What vgic_lr_fill does, where no more than one SGI waits, and that has a list register or gets a new one: true. False, and nothing
 * done, else. The vCPU is on. */
bool vgic_fill_again(const struct vcpu *v);

/* ---- vgic_sgi.c ---- */

/* Of a vCPU: vgic_view.plain_sgir. Boot CPU. */
uint64_t vgic_plain_sgir(const struct vcpu *v);

/* ---- vgic_fold.c: own CPU, lock held ---- */

/* Gives pending interrupts of one word back. Active ones are set aside and, if virtual, noted in vactive. List
 * registers must have been reaped; vgic_fold_end has to follow before the guest goes on. */
void vgic_fold_word(struct vcpu *v, unsigned word, uint32_t mask);
/* The same for all words; reaps first. */
void vgic_fold_all(struct vcpu *v);
/* What is still active goes back into its list register. */
void vgic_fold_end(struct vcpu *v);
/* Instead of it, when the vCPU is off from now on: what is active becomes an orphan. */
void vgic_fold_orphan(struct vcpu *v);
/* Gives one hardware interrupt in this CPU's hand back to the physical controller, pending. */
void vgic_fold_give_back(const struct vgic_bank *b, uint32_t intid);
/* A virtual one leaves its list register, which held `lr`, while pending: what made it pending stays. */
void vgic_virt_give_back(const struct vgic_bank *b, uint32_t intid, uint64_t lr);

/* ---- vgic_source.c: SGIs, of a GICv2 pending by source; lock held ---- */

/* Makes an SGI pending from the vCPUs of `sources` (a GICv3 does not keep them), or no longer. */
void vgic_source_set(const struct vgic_bank *b, uint32_t intid, uint32_t sources);
void vgic_source_clear(const struct vgic_bank *b, uint32_t intid, uint32_t sources);
/* An SGI goes to a list register: takes one of its sources, the lowest, away from those pending, and answers with it as the
 * list register has it. Others keep it pending. */
uint64_t vgic_source_take(const struct vgic_bank *b, uint32_t intid);
/* An SGI is pending though a list register has it, with state `lr`: pending from the same source is pending once. True if
 * it is pending from another still, or is active: it waits for the end, which must trap. */
bool vgic_source_waits(const struct vgic_bank *b, uint32_t intid, uint64_t lr);

/* ---- vgic_recall.c: no lock held ---- */

/* Becomes the only one in the VM to change what all vCPUs have in hand; serves others' recalls meanwhile. */
void vgic_recall_enter(struct vcpu *v);
/* With the ticket: the vCPUs of `who` that are on, and the caller, fold; returns when all have and wait. */
void vgic_recall(struct vcpu *v, uint32_t who);
/* Lets the others go on and gives the ticket back. */
void vgic_recall_leave(struct vcpu *v);
/* Folds and waits if asked to. vgic_lr_fill has to follow before the guest goes on, and so after vgic_recall_enter. */
void vgic_recall_serve(struct vcpu *v);

/* ---- vgic_word.c: register semantics of one word; no lock held ---- */

enum vgic_op { VGIC_RD_PEND = 0, VGIC_RD_ACT, VGIC_SET_PEND, VGIC_CLR_PEND, VGIC_SET_ACT, VGIC_CLR_ACT };

uint32_t vgic_word_state(struct vcpu *v, const struct vgic_bank *b, enum vgic_op op, uint32_t mask);
void vgic_word_enable(struct vcpu *v, const struct vgic_bank *b, uint32_t mask);
void vgic_word_disable(struct vcpu *v, const struct vgic_bank *b, uint32_t mask);
void vgic_word_group(struct vcpu *v, const struct vgic_bank *b, uint32_t val);
/* Lock held on entry, not on return: configuration of `mask` has changed so that pending ones may no longer be where
 * they are. Gives them back, wherever they are. */
void vgic_word_resettle(struct vcpu *v, const struct vgic_bank *b, uint32_t mask);

/* ---- vgic_bits.c: registers that hold a bit or a byte per interrupt, alike in both kinds of frame ---- */

/* What an access's `dev` points to. */
struct vgic_frame {
    struct vgic *g;
    struct vgic_vcpu *r; /* NULL: the distributor of a GICv3; that of a GICv2 has banked registers, of word 0 */
    unsigned vcpu;       /* whose redistributor, or banked registers */
};

/* What vcpu.irqc points to: the distributor as a vCPU sees it, its redistributor, its CPU's list registers. Constant after boot. */
struct vgic_view {
    struct vgic_frame frame;
    uint64_t ipa;
    struct mmio_table table;
    struct vgic_vcpu *own;
    struct vgic_cpu *cpu;
    uint64_t plain_sgir; /* bits of ICC_SGI1R_EL1 with which it names siblings that take the short way (vgic_sgi.c) */
};

static inline const struct vgic_view *vgic_view_of(const struct vcpu *v)
{
    return v->irqc;
}

static inline const struct vgic_frame *vgic_frame_of(const struct mmio_access *a)
{
    return a->dev;
}

/* Bank of an interrupt that an access covers. Word 0 of the distributor, where it is not banked, is spi[0], in which nobody owns anything:
 * RAZ/WI without a special case. */
struct vgic_bank vgic_frame_bank(const struct mmio_access *a, uint32_t intid);

uint64_t vgic_bits_read_group(const struct mmio_access *a);
void vgic_bits_write_group(const struct mmio_access *a, uint64_t val);
uint64_t vgic_bits_read_enable(const struct mmio_access *a);
void vgic_bits_set_enable(const struct mmio_access *a, uint64_t val);
void vgic_bits_clear_enable(const struct mmio_access *a, uint64_t val);
uint64_t vgic_bits_read_pending(const struct mmio_access *a);
void vgic_bits_set_pending(const struct mmio_access *a, uint64_t val);
void vgic_bits_clear_pending(const struct mmio_access *a, uint64_t val);
uint64_t vgic_bits_read_active(const struct mmio_access *a);
void vgic_bits_set_active(const struct mmio_access *a, uint64_t val);
void vgic_bits_clear_active(const struct mmio_access *a, uint64_t val);
uint64_t vgic_bits_read_priority(const struct mmio_access *a);
void vgic_bits_write_priority(const struct mmio_access *a, uint64_t val);

/* ---- vgic_dist.c, vgic_redist.c: register frames; vgic_conf.c: trigger and route of SPIs ---- */

/* Trigger of one interrupt at the physical controller, whose register other VMs share. Takes trigger_lock. */
void vgic_conf_set_trigger(unsigned cpu, uint32_t intid, bool edge);
uint64_t vgic_conf_read_trigger(const struct mmio_access *a);
void vgic_conf_write_trigger(const struct mmio_access *a, uint64_t val);
uint64_t vgic_conf_read_route(const struct mmio_access *a);
void vgic_conf_write_route(const struct mmio_access *a, uint64_t val);

extern const struct mmio_table vgic_dist_table;
extern const struct mmio_table vgic_redist_table;
extern const struct mmio_table vgic_v2_table;
void vgic_v2_access(struct vcpu *v, uint32_t offset, uint32_t size, bool write, uint64_t *val);
/* GICD_CTLR.EnableGrp0 and 1 alike for both. */
void vgic_dist_write_ctlr(const struct mmio_access *a, uint64_t val);
void vgic_dist_access(struct vcpu *v, uint32_t offset, uint32_t size, bool write, uint64_t *val);
void vgic_redist_access(struct vcpu *v, unsigned target, uint32_t offset, uint32_t size, bool write, uint64_t *val);

#define VGIC_IIDR  0x42000000U /* ProductID 'B'; no JEP106 implementer of our own */
#define VGIC_PIDR2 0x30U       /* ArchRev = GICv3 */
#define VGIC_V2_PIDR2 0x20U    /* ArchRev = GICv2 */

#endif
