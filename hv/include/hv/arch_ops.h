/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only door between the core and a machine: one table of function pointers.
 *
 * Why a table rather than link-time functions: the whole core runs as a host process against the simulator, where a
 * test swaps one op and puts it back, fails the n-th call of any op, traces every call and may switch cores at each.
 * In the image the table is const and in one object, so that with LTO every call becomes direct or inline; `make
 * check` disassembles the release ELF and fails on an indirect branch that is not on its allow-list.
 *
 * An op is a few lines, has no policy and is never NULL. Unless an op says otherwise it acts on the calling CPU,
 * cannot fail, takes no lock and may be called with any lock held. CPU numbers are logical: indices into the plan's
 * CPU table.
 */
#ifndef HV_ARCH_OPS_H
#define HV_ARCH_OPS_H

#include "hv/exit.h"
#include "hv/isa.h"
#include "hv/llc.h"
#include "hv/regs.h"
#include "hv/s2_format.h"
#include "hv/status.h"
#include "hv/types.h"

struct plan;

/* MAP_PAGE: memory, readable and writable, and nothing of the pages around it: what stays mapped while guests run. */
enum map_attr { MAP_RO = 0, MAP_RW, MAP_DEVICE, MAP_PAGE };

/* The two windows each CPU has at run time, for a copy: read-only, and readable and writable. Never executable. */
enum mmu_window { MMU_WINDOW_FROM = 0, MMU_WINDOW_TO };
#define MMU_WINDOW_SIZE SZ_2M

enum inject_kind { INJECT_UNDEF = 0, INJECT_DATA_ABORT, INJECT_INSN_ABORT };

/* State in which a vCPU first runs: everything else is the architecture's reset state. */
struct guest_reset {
    unsigned vcpu;          /* virtual CPU number within the VM: VMPIDR_EL2.Aff0 / hart id */
    struct s2_hw s2;        /* translation to install */
};

struct cpu_ops {
    /* Logical number of the calling CPU. TPIDR_EL2 / tp hold it. */
    unsigned (*id)(void);
    /* Tells this CPU its logical number, once: the boot CPU learns it only from the plan. */
    void (*set_id)(unsigned id);
    /* Waits until an interrupt is pending (may return early). WFI, DDI 0487 D1.6; interrupts stay masked at EL2. */
    void (*wait)(void);
    /* One turn of a bounded busy-wait. YIELD. */
    void (*relax)(void);
    /* What this CPU has written, to memory or a device, is seen by all before anything behind it is read: DSB SY (DDI 0487 B2.3.12);
     * FENCE iorw,iorw. */
    void (*fence)(void);
    /* ESR_EL2 / scause of the synchronous exit just taken: as read_exit has it, for what needs no more of it. */
    uint64_t (*syndrome)(void);
    /* Reads the syndrome of the exit just taken, before anything may fault; of one that is no call, or needs all registers. */
    void (*read_exit)(enum exit_source source, struct exit_raw *out);
    /* Puts all guest-visible system registers, FP/SIMD state and trap controls into their defined first state and
     * installs stage 2; translations and instructions that this CPU has cached of an earlier life of the VM are gone.
     * After it, the guest can be entered. Regs are the caller's. */
    void (*reset_guest)(const struct guest_reset *r);
    /* The guest has left this CPU for good: its stores are complete, so that whoever scrubs its RAM scrubs behind them, and
     * an asynchronous abort of its doing has been taken and dropped, before it could hit another life of the VM. What is left
     * of it in registers is reset_guest's. DSB SY; SError unmasked for a moment (DDI 0487 D1.3). Bounded. */
    void (*leave_guest)(void);
    /* Makes the guest take an exception at its own exception level when it is resumed; va is the faulting address
     * (aborts). Changes regs->pc and regs->pstate and the guest's banked syndrome registers. DDI 0487 D1.3. */
    void (*inject)(struct vcpu_regs *regs, enum inject_kind kind, uint64_t va);
    /* Physical address bits this CPU implements (ID_AA64MMFR0_EL1.PARange). */
    unsigned (*pa_bits)(void);
    /* Those of a set of PLAN_NEEDS_* that the calling CPU does not have. A guest does not run on it yet. */
    uint32_t (*lacks)(uint32_t needs);
    /* MPIDR affinity (Aff3..Aff0 packed as MPIDR_EL1) / hart id of the calling CPU. */
    uint64_t (*hw_id)(void);
    /* Never returns: masks everything and waits for ever. Used by panic alone. */
    void (*halt)(void);
};

struct mmu_ops {
    /* Maps [pa, pa + size) into the hypervisor and returns its address; the only way from a physical address to a
     * pointer. NULL if the window is full. Memory of the hypervisor's own region (image, plan, page-table pool) is
     * always mapped and costs nothing. Boot CPU alone, before the first guest runs. */
    void *(*map)(paddr_t pa, uint64_t size, enum map_attr attr);
    /* Ends a mapping; no-op for the hypervisor's own region. */
    void (*unmap)(const void *p, uint64_t size);
    /* Run time: maps the MMU_WINDOW_SIZE bytes of RAM at pa (a multiple of that, not the hypervisor's own) into a window
     * of the calling CPU, which is closed, and returns its address. No other CPU uses that window: nothing is locked,
     * nobody waits. Tables are there since boot: it cannot fail. */
    void *(*window_open)(enum mmu_window w, paddr_t pa);
    /* Ends it: on return this CPU does not reach that memory through it any more, and no other ever tries; on Armv8 not even
     * speculatively (TLBI VAE2IS, DSB: DDI 0487 D8.14). What was stored must have been cleaned before (cache.clean). */
    void (*window_close)(enum mmu_window w);
    /* True if RAM answers at pa (8-byte aligned): written, read back and restored; an external abort is caught.
     * Boot CPU, before the first guest runs. */
    bool (*probe)(paddr_t pa);
    /* Physical address of an object of the hypervisor's own image. */
    paddr_t (*pa_of)(const void *p);
    /* Bytes [first, first + size) of the hypervisor's region, in a row wherever its pages lie. Any CPU, after move. */
    void *(*own)(uint64_t first, uint64_t size);
    /* The page, of own(), is a CPU's stack from now on, reachable between unmapped pages alone. Once for each CPU of the
     * plan, in their order, before any but the boot CPU starts, and that one has a number. */
    void (*stack)(unsigned cpu, void *page);
    /* Moves the hypervisor's region from where it was loaded to where the plan, which is in it, has its colours: on return
     * everything is there and at the virtual addresses that it had, and nothing of the old memory is mapped. Once, on the boot
     * CPU, before a page of the pool or anything of .noinit or of own() is used and before another CPU starts. HV_ERR_NOMEM: no room to map
     * that memory, and nothing has changed. */
    enum hv_status (*move)(const struct plan *plan);
    /* Stores a stage-2 descriptor with single-copy atomicity and makes it visible to table walks (DSB ISHST). */
    void (*pte_write)(uint64_t *slot, uint64_t pte);
    /* The same of n descriptors side by side, the first and each `step` more than the one before, into entries of which none is valid:
     * in any order, and visible all at the end. */
    void (*pte_fill)(uint64_t *slot, uint64_t first, uint64_t step, uint64_t n);
};

struct tlb_ops {
    /* Completes the invalidation of one page (all levels) of a VM on all CPUs: TLBI IPAS2E1IS + VMALLE1IS under the
     * VM's VMID, DSB, ISB (DDI 0487 D8.14). s2 names the VMID. */
    void (*flush_ipa)(const struct s2_hw *s2, ipaddr_t ipa);
    /* Everything of a VM on all CPUs: TLBI VMALLS12E1IS. */
    void (*flush_vm)(const struct s2_hw *s2);
};

struct cache_ops {
    /* Cleans and invalidates [p, p + size) in the data caches to the point of coherency, and completes it: what was stored
     * is what memory holds, and no line of it is left to be written back later over what a guest with its caches off
     * stores. DC CIVAC by the line size of CTR_EL0.DminLine, DSB SY (DDI 0487 D7.5.9). */
    void (*clean)(const void *p, uint64_t size);
    /* What this CPU reports of the last unified cache up to the level of coherency: CLIDR_EL1, CSSELR_EL1, CCSIDR_EL1 (DDI 0487J.a
     * D19.2.27, .33, .26). False, and nothing written, where the architecture has no such register (RISC-V). */
    bool (*report)(struct llc_report *out);
};

/* Physical interrupt controller. INTIDs are physical; words are bit-sliced: word n holds INTIDs 32n .. 32n+31, and
 * word 0 belongs to `cpu` (GICR), all others are shared (GICD). GIC architecture: IHI 0069H. On a GICv2 (IHI 0048B) word 0
 * is banked: only the calling CPU can reach its own, so there `cpu` must be the calling CPU. */
enum irqc_bit { IRQC_ENABLE = 0, IRQC_PENDING, IRQC_ACTIVE };
#define IRQC_NONE 1023U

struct irqc_ops {
    /* Once, on the boot CPU: distributor on, everything disabled, group 1 (GICv2: the one group there is), affinity routing. */
    enum hv_status (*init)(const struct plan *plan);
    /* On each CPU: redistributor awake, CPU interface on, EOImode 1 (priority drop and deactivation apart). */
    enum hv_status (*init_cpu)(unsigned cpu);
    /* Acknowledges the highest pending interrupt; IRQC_NONE if there is none. ICC_IAR1_EL1, GICC_IAR. The source of an SGI is
     * kept for drop and deactivate: they come before the next ack. */
    uint32_t (*ack)(void);
    /* Priority drop. ICC_EOIR1_EL1, GICC_EOIR under EOImode 1. */
    void (*drop)(uint32_t intid);
    /* Deactivation. ICC_DIR_EL1, GICC_DIR. */
    void (*deactivate)(uint32_t intid);
    /* Sets or clears the bits `mask` of a word. ISENABLER/ICENABLER, ISPENDR/ICPENDR, ISACTIVER/ICACTIVER. Clearing
     * enables waits for the write to take effect (GICD_CTLR.RWP), bounded. */
    void (*set)(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
    void (*clear)(enum irqc_bit what, unsigned cpu, unsigned word, uint32_t mask);
    uint32_t (*get)(enum irqc_bit what, unsigned cpu, unsigned word);
    /* Edge (true) or level trigger of one interrupt. ICFGR. */
    void (*set_edge)(unsigned cpu, uint32_t intid, bool edge);
    /* Routes an SPI to a CPU, which need not have been through init_cpu yet. IROUTER, ITARGETSR. */
    void (*route)(uint32_t intid, unsigned cpu);
    /* Sends the hypervisor's own IPI to a CPU: HV_IPI_INTID arrives there through ack(). */
    void (*send_ipi)(unsigned cpu);
};
#define HV_IPI_INTID 0U

/* struct virq_ops, what carries virtual interrupts to a guest, and struct isa_ops are the ISA's own: hv/isa.h. */

struct timer_ops {
    uint64_t (*now)(void);  /* ticks of the system counter */
    uint32_t (*freq)(void); /* Hz */
    /* The guest's timers of the calling CPU are off and assert no interrupt (CNTV_CTL_EL0, CNTP_CTL_EL0: DDI 0487 D12.2.4).
     * After the guest left for good. */
    void (*stop_guest)(void);
    /* The hypervisor's own timer of the calling CPU: its interrupt, plan.htimer_irq, is asserted from `when` (a value of
     * now()) on, until the next call. TIMER_NO_ALARM: not at all. CNTHP_CVAL_EL2, CNTHP_CTL_EL2 (DDI 0487 D12.2.4). */
    void (*alarm)(uint64_t when);
};
#define TIMER_NO_ALARM UINT64_MAX

struct power_ops {
    /* Starts another CPU at the hypervisor's secondary entry. PSCI CPU_ON (DEN 0022F 5.6) / SBI HSM. */
    enum hv_status (*cpu_on)(unsigned cpu, uint64_t hw_id);
    /* Powers the board off. Returns only if the firmware refuses. */
    void (*system_off)(void);
    /* What the firmware says of itself: PSCI_VERSION / SBI spec version; 0 if it does not answer. */
    uint32_t (*version)(void);
    /* Names what the firmware does not have of that which the hypervisor calls; NULL if it has all. PSCI 0.2 (DEN 0022F
     * 5.2); SBI 0.2 with the extensions used (SBI 2.0 4.4, probe_extension). */
    const char *(*lacks)(void);
};

struct console_ops {
    /* False if the transmitter is full; never waits. */
    bool (*try_putc)(char c);
    /* False if nothing was received; never waits. */
    bool (*try_getc)(uint8_t *c);
    /* Once, before several VMs share the console: transmitter, receiver and FIFOs on, no event asserts its interrupt;
     * speed as the loader left it. Waits, bounded, for what is being sent. PL011: DDI 0183 3.3.7, 3.3.8; Cadence: UG1085
     * UART Controller. */
    void (*start)(void);
    /* What asserts the UART's interrupt (plan.console_irq, level-sensitive) from now on: something to be received; the
     * transmitter, which was full, having room again. PL011: UARTIMSC, DDI 0183 3.3.10; Cadence: Intrpt_en_reg0, UG1087. */
    void (*events)(bool received, bool room);
};

struct arch_ops {
    struct cpu_ops cpu;
    struct mmu_ops mmu;
    struct tlb_ops tlb;
    struct cache_ops cache;
    struct irqc_ops irqc;
    struct virq_ops virq; /* hv/isa.h */
    struct isa_ops isa;   /* hv/isa.h */
    struct timer_ops timer;
    struct power_ops power;
    struct console_ops console;
};

#ifdef HV_SIM
extern struct arch_ops arch_ops; /* writable: a test may swap an op */
#else
#include "hv/ops_table.h" /* const, and the ISA's, as hv/isa.h */
#endif

#endif
