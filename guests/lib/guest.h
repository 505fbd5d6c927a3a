/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The library of our bare-metal guests: EL1, MMU off, no C library. Every address and interrupt number comes
 * from the device tree the guest was started with. Nothing here is shared between CPUs but what says so: with
 * the MMU off exclusive accesses are not guaranteed, so CPUs talk through single words and barriers.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a guest provides. */
void guest_main(void);              /* on the first CPU, console ready if there is one; returning powers the guest off */
void guest_secondary(uint64_t arg); /* on a CPU started with secondary_entry; returning parks it */

/* Where PSCI CPU_ON may start a CPU. */
extern const char secondary_entry[];

/* Exceptions: the frame start.S saves. */
struct frame {
    uint64_t x[31];
    uint64_t pc;
    uint64_t pstate;
    uint64_t esr;
    uint64_t far;
    uint64_t reserved;
};
enum vector_kind { VECTOR_SYNC = 0, VECTOR_IRQ, VECTOR_FIQ, VECTOR_SERROR };

/* Called for each interrupt with its INTID, after acknowledge and before end of interrupt; NULL to ignore. */
extern void (*volatile irq_handler)(uint32_t intid);
/* Called for each synchronous exception or SError: true if it was dealt with (it may change f->pc);
 * otherwise, or when NULL, the exception is reported and the CPU stops. */
extern bool (*volatile fault_handler)(struct frame *f, enum vector_kind kind);

/* Device tree. A node is the offset of its FDT_BEGIN_NODE in the structure block; FDT_NONE is none. */
#define FDT_NONE UINT32_MAX
bool fdt_init(const void *dtb);
uint32_t fdt_path(const char *path);
uint32_t fdt_compatible(const char *compatible, unsigned nth);
const void *fdt_prop(uint32_t node, const char *name, uint32_t *len);
/* Entry n of a node's "reg", by its parent's cell counts; buses in between are taken to map one to one. */
bool fdt_reg(uint32_t node, unsigned n, uint64_t *base, uint64_t *size);
/* INTID of entry n of a node's "interrupts" (GIC binding, 3 cells); 0 if there is none. */
uint32_t fdt_irq(uint32_t node, unsigned n);
/* /chosen bootargs, "" if none. */
const char *fdt_bootargs(void);
/* Value of "key=" in the boot arguments, copied; false if not there. */
bool bootarg(const char *key, char *value, size_t size);
/* The same as a number (decimal or 0x); otherwise what `or_else` says. */
uint64_t bootarg_number(const char *key, uint64_t or_else);
/* First range of /memory. */
bool fdt_memory(uint64_t *base, uint64_t *size);

/* Console: the PL011 that /chosen stdout-path names, else the first one. Polled. */
bool uart_init(void);
void uart_putc(char c);
int uart_getc(void); /* -1: nothing received */

/* %s %c %d %u %x %ld %lu %lx %p %%, with zero padding and width for numbers. Each call is written whole by
 * one CPU. */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The GIC that the tree names. GICv3 (IHI 0069H): group 1; GICv2 (IHI 0048B): group 0. All at one priority, end of interrupt
 * deactivates. */
bool gic_init(void);     /* distributor; first CPU, once */
unsigned gic_version(void); /* 2 or 3; this and all below after gic_init */
bool gic_init_cpu(void); /* the calling CPU's redistributor and CPU interface */
void gic_enable(uint32_t intid);
void gic_disable(uint32_t intid);
void gic_sgi(uint32_t intid, uint32_t target_list); /* to the CPUs of affinity 0.0.0.n, n in the list */
uint64_t gic_dist_base(void);
uint64_t gic_redist_base(void); /* the calling CPU's; 0 on a GICv2 */
uint64_t gic_private_base(void); /* where the calling CPU's registers of INTIDs 0..31 lie as those of others in GICD */
void gic_sgi_others(uint32_t intid); /* to all but the calling CPU */
uint64_t gic_cpu_base(void);    /* the CPU interface of a GICv2; 0 on a GICv3 */
/* What the interrupt vector does: the token is what gic_end takes. */
uint32_t gic_acknowledge(void);
bool gic_is_special(uint32_t token); /* nothing pending */
uint32_t gic_intid(uint32_t token);
void gic_end(uint32_t token);

/* Generic timer, virtual: INTID from the tree. */
uint32_t timer_intid(void);
uint32_t timer_freq(void);
uint64_t timer_now(void);
void timer_set(uint64_t deadline); /* fires when the counter reaches it */
void timer_off(void);

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

/* Small helpers. */
#define READ_SYSREG(name)                                                                                    \
    ({                                                                                                       \
        uint64_t value_;                                                                                     \
        __asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory");                                         \
        value_;                                                                                              \
    })
#define WRITE_SYSREG(name, v) __asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(v)) : "memory")

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
static inline uint32_t mmio_read32(uint64_t a)
{
    uint32_t v;
    __asm__ volatile("ldr %w0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}
static inline void mmio_write32(uint64_t a, uint32_t v)
{
    __asm__ volatile("str %w0, [%1]" ::"r"(v), "r"(a) : "memory");
}
static inline void mmio_write64(uint64_t a, uint64_t v)
{
    __asm__ volatile("str %0, [%1]" ::"r"(v), "r"(a) : "memory");
}
static inline uint64_t mmio_read64(uint64_t a)
{
    uint64_t v;
    __asm__ volatile("ldr %0, [%1]" : "=r"(v) : "r"(a) : "memory");
    return v;
}

bool str_equal(const char *a, const char *b);
size_t str_len(const char *s);
_Noreturn void power_off(void);

#endif
