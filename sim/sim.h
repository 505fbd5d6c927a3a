/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated machine, as tests see it: memory, CPUs, and guests that are scripts in C. It is stricter than hardware:
 * what the architecture leaves to chance (a stale TLB entry, an unlucky interleaving) it does on purpose.
 *
 * One machine per process. What the hypervisor does wrong ends the process through sim_fail(), with the seed and the
 * last operations; a test that expects that forks first (sim_outcome). Code outside sim_run(), such as a unit test's
 * body, acts as CPU 0 and is never switched away.
 */
#ifndef SIM_H
#define SIM_H

#include "hv/arch_ops.h"
#include "sim/isa.h"

#define SIM_MAX_CPUS 32U /* of one machine, as of the hypervisor; one with a GICv2 has eight */

struct sim_config {
    uint64_t seed;
    unsigned nr_cpus;              /* CPUs that exist */
    unsigned boot_cpu;
    uint64_t hw_id[SIM_MAX_CPUS];  /* 0 everywhere: CPU n has n */
    uint64_t ram_base, ram_size;   /* page-aligned */
    uint64_t own_base, own_size;   /* the hypervisor's region, always mapped */
    unsigned pa_bits;
    unsigned nr_irqs;              /* INTIDs of the controller */
    unsigned map_windows;          /* temporary mappings that may exist at a time */
    bool coloured;                 /* VMs have colours of the same 2 MiB: a window shows what is another's */
    unsigned irqc_version;         /* enum plan_irqc */
    unsigned htimer_irq, uart_irq;
    unsigned vtimer_irq, maint_irq, nr_lrs; /* Armv8; 1..16 list registers */
    bool sstc;                     /* RISC-V: CPUs have Sstc */
    uint32_t lacks[SIM_MAX_CPUS];  /* RISC-V: PLAN_NEEDS_* that CPU n does not have */
    unsigned nr_ids;               /* RISC-V with AIA: identities of an interrupt file are 1 .. nr_ids */
    unsigned file_pages;           /* RISC-V with AIA: of a hart's interrupt files, the supervisor's and those of guests */
    unsigned uart_rate;            /* operations that sending a character takes; 0: none */
    uint64_t max_steps;            /* operations after which a run counts as hung */
};

/* What the virt board has: 4 CPUs with 40 PA bits (RISC-V: Sv39x4), 4 list registers, 64 MiB of RAM at 1 GiB, region
 * at its
 * start + 2 MiB. */
struct sim_config sim_default(void);

/* A machine after power-on. Ends what was there before. */
void sim_init(const struct sim_config *config);
const struct sim_config *sim_config(void);

/* How a run ended. */
enum sim_end {
    SIM_POWERED_OFF = 1, /* system_off */
    SIM_HALTED,          /* a CPU was halted (panic, or boot refused), and no other can go on */
    SIM_IDLE,            /* every CPU waits and nothing will ever wake one */
};

/* Boots the hypervisor, which lies at load_pa with its plan at plan_pa, and runs all CPUs until the machine stops. */
enum sim_end sim_run(uint64_t plan_pa, uint64_t load_pa);

/* Runs plain functions as CPUs 0..n-1 instead of the hypervisor, until all have returned (then SIM_IDLE). */
enum sim_end sim_run_functions(void (*const fn[])(void), unsigned n);

/* Reports a failure and ends the process with status SIM_FAIL_STATUS. */
#define SIM_FAIL_STATUS 99
_Noreturn void sim_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
#define sim_expect(cond)                                                                                     \
    ((cond) ? (void)0 : sim_fail("%s:%d: expected: %s", __FILE__, __LINE__, #cond))

/* Runs body(arg) in a child process, so that whatever it does to the hypervisor's globals is gone afterwards. Returns
 * true if it returned; else false, with what sim_fail() said in text. */
bool sim_outcome(void (*body)(void *), void *arg, char *text, size_t size);

/* ---- Domains: sets of CPUs of which each runs by itself ---- */
#define SIM_MAX_SHARED 4U
struct sim_domains {
    unsigned of[SIM_MAX_CPUS];         /* domain of each CPU: 0..SIM_MAX_CPUS-1 */
    uint64_t seed[SIM_MAX_CPUS];       /* of each domain */
    uint64_t between;                  /* seed of the choice between domains */
    const void *shared[SIM_MAX_SHARED]; /* locks at which one may wait for another; NULL: none */
    unsigned uart;                     /* domain whose clock the board's UART has */
    uint32_t slow;                     /* domains that seldom go on while others can, as bits */
    const void *aside[SIM_MAX_SHARED]; /* atomics of which an access is left out (sim_domain_aside); NULL: none */
};

/* From now on (in a run) a domain has a clock and a stream of random numbers of its own, and which of its CPUs goes
 * on is
 * drawn from that: all that happens in it is the same whatever the others do, unless they do something to it. While
 * one of
 * its CPUs waits at a shared lock for CPUs of other domains alone, the domain stands still, its clock included. Such a
 * wait at any other lock fails. */
void sim_domains_begin(const struct sim_domains *d);

/* The lock that was taken last, and the atomic that was accessed last, by anybody. */
const void *sim_last_lock(void);
const void *sim_last_word(void);

/* What the calling CPU does from now on (true, until false) is left out of its domain's run: it takes no time, draws no
 * number, and no other CPU of the domain goes on meanwhile; those of others may. For what depends on others by
 * right. */
void sim_domain_aside(bool on);

/* ---- Memory ---- */

/* Bytes of what the hypervisor has taken of its own memory (core/own.h) since the machine was made, from the first to the last. */
uint64_t sim_own_taken(void);

/* The machine's own view of RAM, as loaders, devices and debuggers have it; fails outside RAM. */
void *sim_ram(uint64_t pa, uint64_t size);
uint64_t sim_ram_read(uint64_t pa);              /* aligned 64-bit word */
bool sim_was_cleaned(uint64_t pa);               /* by cache.clean, since power-on */

/* ---- A shared last-level cache (sim/llc.c) ----
 * Goes through it: guests' loads, stores and fetches of RAM, and stage-2 walks, all of which count as the VM's whose VMID they have;
 * of the hypervisor descriptors that it writes one by one, and pages that it cleans out of the caches. In the race build also each of
 * its loads and stores to RAM that it has mapped, its tables and its plan. Never seen: its .bss and stacks, which are the host
 * process's, and its instructions; and caches nearer to a CPU, which would keep part of all this from it. */
#define SIM_LLC_HV     0U
#define SIM_LLC_OWNERS 64U
struct sim_llc_counts {
    uint64_t accesses; /* to lines */
    uint64_t walks;    /* of them, to descriptors by stage-2 walks */
    uint64_t misses;
    uint64_t lost;     /* lines that an access of another owner put out of the cache */
};
/* From now on there is one, and it is empty. The set is chosen by address bits alone, unless sim_llc_hash() comes behind it. */
void sim_llc_begin(uint64_t size, unsigned ways, unsigned line);
/* The bit of the set's number that would be bit `pa_bit` of the PA is the parity of that bit and of the `others`, which are above all
 * of these. Before any access; sets and the bytes of a line have to be powers of two. */
void sim_llc_hash(unsigned pa_bit, uint64_t others);
struct sim_llc_counts sim_llc_counts(unsigned owner); /* SIM_LLC_HV or a VMID; since sim_llc_begin() */

/* ---- Failure injection ---- */

/* The n-th (1..) call from now of an op that can fail does so, once; 0: none. */
void sim_fault_arm(uint64_t n);
bool sim_fault_fired(void);
/* Name of the op that failed. */
const char *sim_fault_op(void);

/* ---- Observation ---- */
const char *sim_console(void);                   /* everything printed so far */
size_t sim_console_length(void);                 /* of it, which may hold NUL characters */
void sim_type(const char *text);                 /* arrive at the console's receiver */
unsigned sim_keys_left(void);                    /* of them, not yet taken by the hypervisor */
uint64_t sim_op_calls(void);
uint64_t sim_now(void);
unsigned sim_cpu(void);                          /* index of the running core */
uint64_t sim_random(void);                       /* from the seed */

/* ---- Guests: scripts, one per physical CPU, that begin anew whenever their vCPU is started ---- */
struct sim_guest {
    unsigned cpu;             /* physical */
    uint64_t pc, arg;         /* what the vCPU was started with */
    uint64_t starts;          /* times it was started, this one included */
    struct vcpu_regs *regs;   /* the frame the vectors would save to */
    void *user;
};
typedef void (*sim_guest_fn)(struct sim_guest *g);

/* Called on the guest's CPU when it has left the guest, and when it is about to enter it (again); NULL: nothing is. */
void sim_guest_watch(void (*fn)(const struct sim_guest *g, bool entering));
void sim_guest_script(unsigned cpu, sim_guest_fn fn, void *user);

/* What the guest sees of an action. */
enum sim_guest_result { SIM_OK = 0, SIM_UNDEF, SIM_DATA_ABORT, SIM_INSN_ABORT };

enum sim_guest_result sim_guest_read(struct sim_guest *g, uint64_t ipa, unsigned size, uint64_t *value);
enum sim_guest_result sim_guest_write(struct sim_guest *g, uint64_t ipa, unsigned size, uint64_t value);
enum sim_guest_result sim_guest_fetch(struct sim_guest *g, uint64_t ipa);
/* A load-pair or the like: the hardware gives no syndrome (ISV = 0); RISC-V: one that is neither of the base ISA nor
 * of C. */
enum sim_guest_result sim_guest_read_pair(struct sim_guest *g, uint64_t ipa);
/* Lets other CPUs run and takes physical interrupts, as any instruction does. */
void sim_guest_step(struct sim_guest *g);
/* WFI (not trapped): returns when a virtual interrupt is pending, or the guest's timer fires. */
void sim_guest_wfi(struct sim_guest *g);
/* Its timer: the line rises at sim_now() + ticks; 0 disarms. Armv8: the virtual timer; RISC-V: vstimecmp, or SBI
 * without Sstc. */
void sim_guest_timer(struct sim_guest *g, uint64_t ticks);
/* What it asks of its firmware, by PSCI or SBI: 0, or an error code of that. */
int64_t sim_guest_start_vcpu(struct sim_guest *g, uint64_t vcpu, uint64_t pc, uint64_t arg);
bool sim_guest_vcpu_is_off(struct sim_guest *g, uint64_t vcpu); /* and not about to start */
/* A standby that keeps all its state. */
int64_t sim_guest_suspend(struct sim_guest *g);
/* Return if they fail, or if the vCPU is started again before it left. */
void sim_guest_stop_vcpu(struct sim_guest *g);  /* itself */
void sim_guest_off(struct sim_guest *g);
void sim_guest_reset_vm(struct sim_guest *g);
/* A device's interrupt line. */
void sim_line(uint32_t intid, bool level);

#endif
