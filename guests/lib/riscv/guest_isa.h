/* SPDX-License-Identifier: Apache-2.0 */
/* What RISC-V has of its own in the guests' library: CSRs, exceptions, PLIC or APLIC and IMSIC, SBI. Included by
 * guest.h. */
#ifndef GUEST_ISA_H
#define GUEST_ISA_H

/* The frame start.S saves; x[0] is not used. */
struct frame {
    uint64_t x[32];
    uint64_t pc;
    uint64_t status;
    uint64_t cause;
    uint64_t tval;
};

/* Causes (privileged architecture 1.13, table 4.2). */
#define CAUSE_FETCH_ACCESS 1U
#define CAUSE_ILLEGAL      2U
#define CAUSE_LOAD_ACCESS  5U
#define CAUSE_STORE_ACCESS 7U
#define CAUSE_INTERRUPT    ((uint64_t)1 << 63)

/* Interrupt numbers: a hart's own as in scause, source n of the PLIC or APLIC, and interrupt identity n of the hart's
 * IMSIC, if it is not that of an APLIC source. */
#define IRQ_SOFTWARE 1U
#define IRQ_TIMER    5U
#define IRQ_EXTERNAL 9U
#define IRQ_WIRED    32U
#define IRQ_MSI      0x1000U

static inline uint64_t frame_cause(const struct frame *f)
{
    return f->cause;
}
static inline uint64_t frame_addr(const struct frame *f)
{
    return f->tval;
}
/* Goes on behind the instruction that was stopped, of 2 or 4 bytes (unprivileged architecture, 1.5). */
static inline void frame_skip(struct frame *f)
{
    f->pc += (*(const volatile uint16_t *)(uintptr_t)f->pc & 3U) == 3U ? 4U : 2U;
}
/* Goes on behind the call that went astray. */
static inline void frame_return(struct frame *f)
{
    f->pc = f->x[1];
}

/* SBI 2.0: a call, and what came back. */
struct sbi {
    int64_t error;
    uint64_t value;
};
struct sbi sbi(uint64_t eid, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2);
struct sbi sbi6(uint64_t eid, uint64_t fid, const uint64_t a[6]);

#define SBI_SET_TIMER     0x00U /* legacy, without function number */
#define SBI_PUTCHAR       0x01U
#define SBI_GETCHAR       0x02U
#define SBI_CLEAR_IPI     0x03U
#define SBI_SEND_IPI      0x04U
#define SBI_FENCE_I       0x05U
#define SBI_SFENCE        0x06U
#define SBI_SFENCE_ASID   0x07U
#define SBI_SHUTDOWN      0x08U
#define SBI_BASE          0x10U
#define SBI_TIME          0x54494d45U
#define SBI_IPI           0x735049U
#define SBI_RFENCE        0x52464e43U
#define SBI_HSM           0x48534dU
#define SBI_SRST          0x53525354U
#define SBI_DBCN          0x4442434eU
#define SBI_PMU           0x504d55U
#define SBI_SUSP          0x53555350U
#define SBI_CPPC          0x43505043U
#define SBI_NACL          0x4e41434cU
#define SBI_STA           0x535441U
#define HSM_START         0U
#define HSM_STOP          1U
#define HSM_STATUS        2U
#define HSM_SUSPEND       3U
#define RFENCE_FENCE_I    0U
#define RFENCE_SFENCE     1U
#define RFENCE_SFENCE_ASID 2U

/* A software interrupt (IRQ_SOFTWARE) at harts base + n, n in the mask, by SBI. */
int64_t ipi_send(uint64_t mask, uint64_t base);
/* The timer interrupt by SBI TIME, whether there is Sstc or not. */
void timer_set_by_firmware(uint64_t deadline);
bool has_sstc(void); /* by the tree's ISA string, of the calling hart */

/* The tree's node of a hart; FDT_NONE: there is no such hart. */
uint32_t hart_node(unsigned hart);

/* Which controller irqc_init has found. */
enum irqc_kind { IRQC_NONE = 0, IRQC_PLIC, IRQC_AIA };
enum irqc_kind irqc_kind(void);
uint64_t irqc_base(void);    /* of the PLIC or APLIC */
uint64_t irqc_size(void);
uint32_t irqc_sources(void); /* the last source */
uint32_t irqc_context(unsigned hart); /* PLIC: the context of the hart's S mode; UINT32_MAX if none */
/* IMSIC: the page of a hart's interrupt file, 0 if none; identities 1..last; sends one as a device would. */
uint64_t imsic_page(unsigned hart);
uint32_t imsic_last_id(void);
void msi_send(unsigned hart, uint32_t id);

#define CSR_TEXT_(name) #name
#define CSR_TEXT(name)  CSR_TEXT_(name)
#define READ_CSR(name)                                                                                       \
    ({                                                                                                       \
        uint64_t value_;                                                                                     \
        __asm__ volatile("csrr %0, " CSR_TEXT(name) : "=r"(value_)::"memory");                                        \
        value_;                                                                                              \
    })
#define WRITE_CSR(name, v) __asm__ volatile("csrw " CSR_TEXT(name) ", %0" ::"r"((uint64_t)(v)) : "memory")
#define SET_CSR(name, v)   __asm__ volatile("csrs " CSR_TEXT(name) ", %0" ::"r"((uint64_t)(v)) : "memory")
#define CLEAR_CSR(name, v) __asm__ volatile("csrc " CSR_TEXT(name) ", %0" ::"r"((uint64_t)(v)) : "memory")
/* Those the assembler does not know, or only with an extension. */
#define CSR_STIMECMP 0x14d
#define CSR_SISELECT 0x150
#define CSR_SIREG    0x151
#define CSR_STOPEI   0x15c

#define SSTATUS_SIE ((uint64_t)1 << 1)

/* Does nothing; the counter of bench/plugin writes the number down, 0 to 2047. */
#define MARK(number) __asm__ volatile("slti x0, x0, %0" ::"i"(number) : "memory")

/* The hart's number as the firmware gave it; start.S keeps it in tp. */
static inline unsigned cpu_id(void)
{
    uint64_t v;
    __asm__ volatile("mv %0, tp" : "=r"(v));
    return (unsigned)v;
}
static inline void irq_on(void)
{
    SET_CSR(sstatus, SSTATUS_SIE);
}
static inline void irq_off(void)
{
    CLEAR_CSR(sstatus, SSTATUS_SIE);
}
static inline void barrier(void)
{
    __asm__ volatile("fence iorw, iorw" ::: "memory");
}
static inline void wait_for_irq(void)
{
    barrier();
    __asm__ volatile("wfi" ::: "memory");
}
static inline void fence_i(void)
{
    __asm__ volatile("fence.i" ::: "memory");
}
/* Where a hart that faults at every instruction begins: its vector. */
static inline void set_vectors(uint64_t a)
{
    WRITE_CSR(stvec, a & ~(uint64_t)3);
}
/* Ordinary instructions of 4 bytes, as hypervisors know them best; others are the probe's matter. */
#define GUEST_LOAD(name, type, insn)                                                                         \
    static inline type name(uint64_t a)                                                                      \
    {                                                                                                        \
        uint64_t v;                                                                                          \
        __asm__ volatile(".option push\n\t.option norvc\n\t" insn " %0, 0(%1)\n\t.option pop"                \
                         : "=r"(v)                                                                           \
                         : "r"(a)                                                                            \
                         : "memory");                                                                        \
        return (type)v;                                                                                      \
    }
#define GUEST_STORE(name, type, insn)                                                                        \
    static inline void name(uint64_t a, type v)                                                              \
    {                                                                                                        \
        __asm__ volatile(".option push\n\t.option norvc\n\t" insn " %0, 0(%1)\n\t.option pop" ::"r"(         \
                             (uint64_t)v),                                                                   \
                         "r"(a)                                                                              \
                         : "memory");                                                                        \
    }
GUEST_LOAD(mmio_read8, uint8_t, "lbu")
GUEST_LOAD(mmio_read16, uint16_t, "lhu")
GUEST_LOAD(mmio_read32, uint32_t, "lwu")
GUEST_LOAD(mmio_read64, uint64_t, "ld")
GUEST_STORE(mmio_write8, uint8_t, "sb")
GUEST_STORE(mmio_write16, uint16_t, "sh")
GUEST_STORE(mmio_write32, uint32_t, "sw")
GUEST_STORE(mmio_write64, uint64_t, "sd")
#undef GUEST_LOAD
#undef GUEST_STORE

/* Calls what lies at an address. */
static inline void call_at(uint64_t a)
{
    __asm__ volatile("jalr ra, 0(%0)" ::"r"(a) : "ra", "memory");
}

#endif
