/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the simulator know of each other. */
#ifndef SIM_INTERNAL_H
#define SIM_INTERNAL_H

#include <setjmp.h>
#include <ucontext.h>

#include "lib/atomic.h"
#include "sim/sim.h"

/* No CPU: the test's own thread of control. */
#define SIM_HOST SIM_MAX_CPUS

enum core_state { CORE_OFF = 0, CORE_READY, CORE_WAITING, CORE_DONE };

struct core {
    enum core_state state;
    unsigned index;
    unsigned id;                /* what cpu.set_id() said */
    uint64_t hw_id;
    ucontext_t ctx;
    char *stack;
    void *fake_stack;           /* ASan's */
    void (*fn)(void);           /* what it runs; NULL: the hypervisor */
    bool (*wake)(struct core *);
    /* The guest's side. */
    struct s2_hw s2;
    uint64_t resets;            /* calls of cpu.reset_guest */
    bool injected;
    enum inject_kind inject;
    struct exit_raw raw;
    struct sim_guest guest;
    sim_guest_fn script;
    jmp_buf restart;
    bool unfinished;            /* the guest stored to RAM, and nothing has completed that since */
    uint64_t timer;             /* deadline, 0 = none */
    uint64_t alarm;             /* the hypervisor's own, UINT64_MAX = none */
};

extern struct core sim_cores[SIM_MAX_CPUS];
extern struct sim_config sim_cfg;

/* ---- sched.c ---- */
struct core *sim_self(void);                 /* core 0 outside a run */
unsigned sim_actor(void);                    /* core index, or SIM_HOST outside a run */
void sim_sched_reset(void);
void sim_yield(void);                        /* a possible switch */
void sim_yield_to_others(void);              /* a switch, if another core can run */
void sim_sleep(bool (*wake)(struct core *)); /* until wake(self) is true */
void sim_leave(void);                        /* a switch, as if no time passed */
void sim_core_start(struct core *c);
_Noreturn void sim_stop(enum sim_end end);
_Noreturn void sim_halt(void);               /* this core alone */
void sim_tick(void);
bool sim_on_stack(uintptr_t addr);
void sim_boot_arguments(const void **plan, uint64_t *load_pa);

/* ---- domain.c ---- */
void sim_domain_reset(void);
uint64_t sim_domain_tick(void);                 /* one step of the running core; steps of all so far */
uint64_t sim_core_now(const struct core *c);    /* sim_now() as that core has it */
uint64_t sim_uart_now(void);                    /* as the board's UART has it */
bool sim_domain_access(const void *addr);       /* of an atomic; true: it is left out, as by sim_domain_aside */
struct core *sim_domain_pick(void);             /* who goes on; NULL: nobody ever */
void sim_domain_locked(const void *addr);       /* the running core has taken a lock */
void sim_domain_unlocked(const void *addr);
void sim_domain_wait(const void *addr);         /* the running core has a ticket for it, and others come before */

/* ---- core.c ---- */
void sim_core_reset(void);
void sim_core_main(struct core *c);
void sim_core_plan(const struct plan *plan); /* which core a logical CPU is, as the image knows it from the plan */
unsigned sim_core_of(unsigned cpu);          /* fails if it is not on this board */
extern const struct cpu_ops sim_cpu_ops;
extern const struct power_ops sim_power_ops;

/* ---- mem.c ---- */
void sim_mem_reset(void);
void sim_mem_fork(void);
bool sim_is_ram(uint64_t pa, uint64_t size);
void *sim_map(paddr_t pa, uint64_t size, enum map_attr attr);
/* mem_page.c: a page that stays mapped, at the hypervisor's view of it; true if what is cleaned is of one. */
void sim_pages_reset(void);
void *sim_page_map(paddr_t pa, uint64_t size, uint8_t *hv_view);
bool sim_page_clean(const void *p, uint64_t pa, uint64_t size);
void sim_unmap(const void *p, uint64_t size);
void *sim_window_open(enum mmu_window w, paddr_t pa);
void sim_window_close(enum mmu_window w);
void sim_cache_clean(const void *p, uint64_t size);
bool sim_own(uint64_t pa, uint64_t size);
void *sim_own_memory(uint64_t first, uint64_t size);
void sim_own_stack(unsigned cpu, const void *page);
void sim_own_reset(void); /* mem_own.c */
paddr_t sim_pa_of(const void *p);
void sim_move(const struct plan *plan);
bool sim_arena_pa(uintptr_t addr, uint64_t *pa); /* false: not in the hypervisor's view of RAM */

/* ---- llc.c: no-ops unless a cache is modelled ---- */
void sim_llc_reset(void);
void sim_llc_access(unsigned owner, uint64_t pa, uint64_t size);
void sim_llc_walk(unsigned owner, uint64_t slot);
void sim_llc_invalidate(uint64_t pa, uint64_t size); /* the lines that have a byte of it, whole; none of no bytes */

/* ---- tlb.c: what a CPU makes of an IPA ---- */
enum sim_access { SIM_ACC_READ, SIM_ACC_WRITE, SIM_ACC_FETCH };
struct sim_translation {
    bool fault;
    unsigned fsc;      /* Armv8: fault status code as ESR_ELx.DFSC has it */
    uint64_t pa;
};
/* What a TLB keeps. */
struct sim_leaf {
    uint64_t ipa, size;
    uint64_t desc;     /* the leaf descriptor as it was */
    unsigned level;
    bool cached;       /* may be kept */
};
void sim_tlb_reset(void);
struct sim_translation sim_translate(struct core *c, uint64_t ipa, enum sim_access access);
void sim_tlb_flush_ipa(const struct s2_hw *s2, ipaddr_t ipa);
void sim_tlb_flush_vm(const struct s2_hw *s2);

/* ---- bbm.c ---- */
void sim_bbm_reset(void);
void sim_pte_write(uint64_t *slot, uint64_t pte);
void sim_bbm_flushed(const struct s2_hw *s2, bool all, uint64_t ipa);

/* ---- race.c ---- */
void sim_race_reset(void);
void sim_race_edge(unsigned from, unsigned to); /* all that `from` did happens before what `to` does next */

void sim_race_touch(uintptr_t addr, size_t size, bool write, uintptr_t pc);

/* ---- fault.c ---- */
bool sim_op(const char *name, bool can_fail); /* every op begins here: trace, yield; true: fail */
void sim_fault_reset(void);
void sim_trace_print(void);

/* ---- ops.c ---- */
void sim_ops_reset(void);

/* ---- uart.c: the board's UART, with a FIFO of 16 each way ---- */
extern const struct console_ops sim_console_ops;
void sim_uart_reset(void);
bool sim_uart_on(void);                 /* console.start was called */
bool sim_uart_line(void);
uint64_t sim_uart_next(void);           /* when its line may next rise by itself; UINT64_MAX: never */

/* ---- guest.c ---- */
void sim_guest_reset(void);
_Noreturn void sim_guest_main(struct core *c);
/* What registers that the architecture leaves UNKNOWN hold. */
#define SIM_UNKNOWN 0xbad0bad0bad0bad0ULL
/* The guest's core, which has to be the running one. */
struct core *sim_guest_core(const struct sim_guest *g);
/* A synchronous exit of the instruction at PC. */
struct sim_exit {
    struct exit_raw raw;
    unsigned len;          /* of the instruction, in bytes */
    bool past;             /* the preferred return address is behind it */
    uint64_t may_change;   /* registers that may come back changed, as bits */
};
/* True if the PC has moved on, or an exception was injected (whose handler skips the instruction): false, the guest
 * executes
 * it again. */
bool sim_guest_exit(struct core *c, const struct sim_exit *e);
enum sim_guest_result sim_guest_result(const struct core *c);

/* ---- What each ISA has of its own: sim/<isa>/ ---- */
void sim_isa_default(struct sim_config *c);
bool sim_isa_cache(struct llc_report *out);       /* cache.report */
void sim_isa_reset(void);                        /* power-on */
void sim_isa_reset_guest(struct core *c);        /* part of cpu.reset_guest */
void sim_isa_leave_guest(struct core *c);        /* part of cpu.leave_guest */
void sim_isa_timer_off(struct core *c);          /* part of timer.stop_guest */
void sim_isa_enter(struct core *c);              /* at each entry of the guest */
/* One access that stage 2 refused: the exit, with the syndrome that the hardware gives; `known`: of an instruction
 * that it
 * describes. True: done or answered. */
bool sim_isa_data_fault(struct core *c, const struct sim_translation *t, uint64_t ipa, unsigned size, bool write, bool known,
                        uint64_t *value);
bool sim_isa_fetch_fault(struct core *c, const struct sim_translation *t, uint64_t ipa);
/* An access that stage 2 lets through to what is no RAM; true: it was a device of the ISA's own. */
bool sim_isa_device(struct core *c, uint64_t pa, unsigned size, bool write, uint64_t *value);
extern const struct irqc_ops sim_irqc_ops;
extern const struct virq_ops sim_virq_ops;
extern const struct isa_ops sim_isa_ops;
bool sim_irq_line(struct core *c);      /* a physical interrupt is asserted to this CPU */
bool sim_irq_is_ipi(struct core *c);    /* and the next one is the hypervisor's IPI */
bool sim_virq_line(struct core *c);     /* a virtual one, to its guest */

/* sim/<isa>/s2.c: the translation of stage 2. */
extern const uint64_t sim_s2_harmless;                    /* bits of a descriptor that may change in place */
bool sim_s2_on(const struct s2_hw *s2);
uint16_t sim_s2_vmid(const struct s2_hw *s2);
uint64_t sim_s2_root(const struct s2_hw *s2);
unsigned sim_s2_level(const struct s2_hw *s2);            /* of the root: 0 to 3, 3 being that of pages */
uint64_t sim_s2_table(uint64_t desc);                     /* the table that it refers to, if it does; else 0 */
bool sim_s2_walk(const struct s2_hw *s2, uint64_t ipa, struct sim_leaf *leaf, struct sim_translation *bad);
struct sim_translation sim_s2_check(const struct sim_leaf *e, uint64_t ipa, enum sim_access access);

#endif
