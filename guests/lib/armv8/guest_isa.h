/* SPDX-License-Identifier: Apache-2.0 */
/* What Armv8 has of its own in the guests' library: registers, exceptions, the GIC, PSCI. Included by guest.h. */
#ifndef GUEST_ISA_H
#define GUEST_ISA_H

enum vector_kind { VECTOR_SYNC = 0, VECTOR_IRQ, VECTOR_FIQ, VECTOR_SERROR };

/* The frame start.S saves. */
struct frame {
    uint64_t x[31];
    uint64_t pc;
    uint64_t pstate;
    uint64_t esr;
    uint64_t far;
    uint64_t kind; /* enum vector_kind */
};

#define ESR_EC_SVC64 0x15U

static inline uint64_t frame_cause(const struct frame *f)
{
    return f->esr;
}
static inline uint64_t frame_addr(const struct frame *f)
{
    return f->far;
}
/* Goes on behind the instruction that was stopped; an SVC is behind it already, an SError stopped none. */
static inline void frame_skip(struct frame *f)
{
    if (f->kind == VECTOR_SYNC && f->esr >> 26 != ESR_EC_SVC64) {
        f->pc += 4U;
    }
}
/* Goes on behind the call that went astray. */
static inline void frame_return(struct frame *f)
{
    if (f->kind == VECTOR_SYNC) {
        f->pc = f->x[30];
    }
}

/* The GIC that the tree names. GICv3 (IHI 0069H): group 1; GICv2 (IHI 0048B): group 0. All at one priority, end of
 * interrupt deactivates. All after irqc_init. */
unsigned gic_version(void);                          /* 2 or 3 */
void gic_sgi(uint32_t intid, uint32_t target_list); /* to the CPUs of affinity 0.0.0.n, n in the list */
uint64_t gic_dist_base(void);
uint64_t gic_redist_base(void); /* the calling CPU's; 0 on a GICv2 */
uint64_t gic_private_base(void); /* where the calling CPU's registers of INTIDs 0..31 lie as those of others in GICD */
void gic_sgi_others(uint32_t intid); /* to all but the calling CPU */
uint64_t gic_cpu_base(void);         /* the CPU interface of a GICv2; 0 on a GICv3 */
/* What the interrupt vector does: the token is what gic_end takes. */
uint32_t gic_acknowledge(void);
bool gic_is_special(uint32_t token); /* nothing pending */
uint32_t gic_intid(uint32_t token);
void gic_end(uint32_t token);

/* SMCCC 64-bit call by HVC or SMC, as the tree's /psci method says, or as named. */
struct smccc {
    uint64_t x[4];
};
struct smccc hvc(uint64_t f, uint64_t a, uint64_t b, uint64_t c);
struct smccc smc(uint64_t f, uint64_t a, uint64_t b, uint64_t c);
int64_t psci(uint64_t f, uint64_t a, uint64_t b, uint64_t c);

#define PSCI_VERSION       0x84000000U
#define PSCI_CPU_OFF       0x84000002U
#define PSCI_CPU_ON        0xc4000003U
#define PSCI_AFFINITY_INFO 0xc4000004U
#define PSCI_SYSTEM_OFF    0x84000008U
#define PSCI_SYSTEM_RESET  0x84000009U
#define PSCI_FEATURES      0x8400000aU

#define READ_SYSREG(name)                                                                                    \
    ({                                                                                                       \
        uint64_t value_;                                                                                     \
        __asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory");                                         \
        value_;                                                                                              \
    })
#define WRITE_SYSREG(name, v) __asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(v)) : "memory")

/* Does nothing; the counter of bench/plugin writes the number down, 0 to 65535. */
#define MARK(number) __asm__ volatile("movz xzr, #%0" ::"i"(number) : "memory")

static inline unsigned cpu_id(void)
{
    return (unsigned)(READ_SYSREG(mpidr_el1) & 0xffU);
}
static inline void irq_on(void)
{
    __asm__ volatile("msr daifclr, #2" ::: "memory");
}
static inline void irq_off(void)
{
    __asm__ volatile("msr daifset, #2" ::: "memory");
}
static inline void wait_for_irq(void)
{
    __asm__ volatile("dsb sy\n\twfi" ::: "memory");
}
static inline void barrier(void)
{
    __asm__ volatile("dsb sy\n\tisb" ::: "memory");
}
/* Where a CPU that faults at every instruction begins: its vectors. */
static inline void set_vectors(uint64_t a)
{
    WRITE_SYSREG(vbar_el1, a & ~0x7ffU);
    barrier();
}
static inline uint8_t mmio_read8(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("ldrb %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return (uint8_t)v;
}
static inline uint16_t mmio_read16(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("ldrh %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return (uint16_t)v;
}
static inline uint32_t mmio_read32(uint64_t a)
{
    uint32_t v;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}
static inline uint64_t mmio_read64(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}
static inline void mmio_write8(uint64_t a, uint8_t v)
{
    __asm__ volatile("strb %w0, [%1]" ::"r"((uint32_t)v), "r"(a) : "memory");
}
static inline void mmio_write16(uint64_t a, uint16_t v)
{
    __asm__ volatile("strh %w0, [%1]" ::"r"((uint32_t)v), "r"(a) : "memory");
}
static inline void mmio_write32(uint64_t a, uint32_t v)
{
    __asm__ volatile("str %w0, [%1]" ::"r"(v), "r"(a) : "memory");
}
static inline void mmio_write64(uint64_t a, uint64_t v)
{
    __asm__ volatile("str %0, [%1]" ::"r"(v), "r"(a) : "memory");
}
/* Calls what lies at an address. */
static inline void call_at(uint64_t a)
{
    __asm__ volatile("blr %0" ::"r"(a) : "x30", "memory");
}

#endif
