/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's exit: the raw syndrome as the hardware gives it, and its decoded form. Decoding is pure and per ISA
 * (hv/arch/<isa>/exit_decode.c); handling is portable (hv/exit.c).
 */
#ifndef HV_EXIT_H
#define HV_EXIT_H

#include "hv/types.h"

/* Which vector was taken; both values come from the vectors, not from the guest. */
enum exit_source {
    EXIT_SRC_SYNC = 0,
    EXIT_SRC_IRQ,
    EXIT_SRC_FIQ,
    EXIT_SRC_SERROR,
};

/* What the vectors and arch_ops.cpu.read_exit collect, once, before anything else. */
struct exit_raw {
    enum exit_source source;
    uint64_t esr;   /* ESR_EL2 / scause */
    uint64_t far;   /* FAR_EL2 / stval */
    uint64_t hpfar; /* HPFAR_EL2 / htval */
    uint64_t insn;  /* RISC-V: htinst, or what was fetched from the guest with EXIT_INSN_RAW set, or 0; else 0 */
};
#define EXIT_INSN_RAW ((uint64_t)1 << 32)

enum exit_kind {
    EXIT_IRQ = 0,   /* a physical interrupt is pending */
    EXIT_HYPERCALL, /* HVC / ecall to the hypervisor */
    EXIT_FIRMWARE,  /* SMC; on RISC-V every SBI call is EXIT_HYPERCALL */
    EXIT_MMIO,      /* data access to an unmapped IPA, with a syndrome that can be emulated */
    EXIT_FAULT,     /* stage-2 fault that cannot be emulated: fetch, no syndrome, rights, table walk */
    EXIT_SYSREG,    /* trapped system register (MRS/MSR) or CSR access */
    EXIT_WFX,       /* WFI/WFE, where trapped */
    EXIT_UNDEF,     /* anything the guest must see as an undefined instruction */
    EXIT_SERROR,    /* asynchronous external abort while the guest ran */
    EXIT_KINDS
};

/* Register number meaning "discard the result / read as zero" (Armv8 XZR, RISC-V x0). */
#define EXIT_REG_ZERO 32U

struct exit_mmio {
    uint64_t ipa;
    uint8_t size;      /* 1, 2, 4 or 8 bytes */
    uint8_t reg;       /* 0..31 or EXIT_REG_ZERO */
    bool write;
    bool sign_extend;
    bool reg64;        /* result register is 64 bits wide (else upper half is zeroed) */
};

/* The most frequent EXIT_MMIO by itself: hv/exit_call.h. */
struct exit_word {
    uint64_t ipa;
    uint64_t reg;      /* in the frame after every exit (hv/regs.h), and not the zero register */
    bool write;
    unsigned insn_len;
};

/* An EXIT_SYSREG by which the guest sends IPIs: hv/exit_call.h. */
struct exit_send {
    uint64_t reg;      /* as above */
    unsigned insn_len;
};

struct exit_sysreg {
    uint32_t enc;      /* SYSREG_ENC(op0, op1, crn, crm, op2) on Armv8, CSR number on RISC-V */
    uint8_t reg;       /* 0..31 or EXIT_REG_ZERO */
    bool write;
};

struct exit_fault {
    uint64_t ipa;      /* of the access; page-granular when the hardware gives no more */
    uint64_t va;       /* guest virtual address as reported */
    bool ipa_valid;
    bool fetch;        /* instruction fetch */
    bool write;
    bool table_walk;   /* the guest's own stage-1 walk hit stage 2 (S1PTW) */
};

struct exit {
    enum exit_kind kind;
    uint8_t insn_len;  /* bytes to skip when the access is emulated; 0 where the PC already points past (HVC) */
    union {
        uint16_t imm;              /* HYPERCALL, FIRMWARE */
        struct exit_mmio mmio;
        struct exit_sysreg sysreg;
        struct exit_fault fault;
        bool wfe;                  /* WFX: WFE rather than WFI */
    } u;
};

/*
 * Decodes a raw exit. Total: every 64-bit pattern yields a kind; what the architecture reserves becomes EXIT_UNDEF.
 * Pure; any context.
 */
void exit_decode(const struct exit_raw *raw, struct exit *out);

/* What a handler answers; only exit.c moves the guest's PC. */
enum exit_action {
    EXIT_RESUME = 0,    /* go on at the saved PC */
    EXIT_ADVANCE_PC,    /* skip the instruction */
    EXIT_INJECT_UNDEF,  /* the guest sees an undefined instruction */
    EXIT_INJECT_ABORT,  /* the guest sees a synchronous external abort at exit.u.fault / exit.u.mmio */
    EXIT_STOP_VM,       /* the VM's own fault policy applies */
};

#endif
