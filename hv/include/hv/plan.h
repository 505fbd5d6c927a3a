/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The binary plan, version 1: what hvplan writes and the hypervisor boots from. Little-endian, fixed-width, absolute
 * addresses; reserved fields are zero. All tables follow the header at the offsets it names. The one function that
 * says whether a plan is right, plan_validate(), runs in hvplan, in the tests and again at boot.
 */
#ifndef HV_PLAN_H
#define HV_PLAN_H

#include "hv/llc.h"
#include "hv/status.h"
#include "hv/types.h"

#define PLAN_MAGIC 0x314e414c504b4842ULL /* "BHKPLAN1" in memory order */
#define PLAN_MAJOR 1U
#define PLAN_MINOR 10U

/* The hypervisor's own memory: image, .bss, the plan's slot, the page-table pool, what CPUs and VMs take. One 2 MiB block, so that nothing of
 * a guest shares its translation tables with it. */
#define HV_REGION_SIZE   SZ_2M

#define PLAN_NAME_BYTES  16U
#define PLAN_MAX_REGIONS 128U
#define PLAN_IRQC_FRAMES 4U
#define PLAN_MAX_IRQS    256U
#define PLAN_MAX_IMAGES  96U
#define PLAN_MAX_CHANNELS 16U
#define PLAN_MAX_ENDS    8U /* endpoints of a channel; the guests know it as CHANNEL_INFO_ENDS */
#define PLAN_MAX_BYTES   ((uint64_t)64 * 1024)

#define PLAN_GICV2_CPUS 8U /* of a GICv2: its CPU interfaces (IHI 0048B 2.1) */

/* Interrupt controllers; the numbers of the GICs are their architecture's. */
enum plan_irqc { PLAN_IRQC_GICV2 = 2, PLAN_IRQC_GICV3 = 3, PLAN_IRQC_PLIC = 4, PLAN_IRQC_AIA = 5 };

enum plan_isa { PLAN_ISA_ARMV8 = 1, PLAN_ISA_RISCV = 2 };

/*
 * The sum of little-endian 64-bit words, against damage, not attack. Word n is added to lane n % 8, h = h * K + word modulo 2^64 with
 * an odd K; in the end the number of words and lanes 0, 2, 4, 6 are folded into s0, and again the number and the others into s1. A
 * word takes a load, a multiplication and an addition, the least with which each place counts differently; Armv8 does the last two in
 * one instruction, and lanes do not wait for each other.
 *
 * Every step can be undone, so these are found for sure: any change within one word, or within two that stand side by side; two words
 * of one lane, n steps apart, that change places, or of which one bit each flips, unless all that changes is among the highest
 * 2 + log2(n) bits (K is 5 modulo 8: K^n - 1 has 2 + log2(n) factors of two at most). All else that changes several words, as zeros
 * in their place, other words, more or fewer of them, is missed with the odds of 1 : 2^64 by which two sums are equal by chance; but if
 * no bit below bit b changes, with those of 1 : 2^(64 - b) in each lane that has words that change: flips of bit 63 alone, an even
 * number in each lane, are never found.
 */
#define PLAN_SUM_LANES 8U
struct plan_sum {
    uint64_t s0;
    uint64_t s1;
};

/* One that is being made, of pieces of whole words: the same whatever the pieces. */
struct plan_summing {
    uint64_t lane[PLAN_SUM_LANES];
    uint64_t words;
};

struct plan_table {
    uint32_t offset; /* from the start of the plan; multiple of 8 */
    uint32_t count;  /* entries (bytes for text) */
};

struct plan {
    uint64_t magic;
    uint16_t major;
    uint16_t minor;
    uint32_t length;         /* bytes of the whole plan, multiple of 8 */
    struct plan_sum sum;     /* over the plan with this field zero */
    char board[32];          /* must equal the image's board name */
    uint32_t isa;            /* enum plan_isa */
    uint32_t boot_flags;     /* reserved, 0 */
    /* Where the hypervisor lives: [hv_base, hv_base + hv_size) holds, in this order, the linked image (hv_image_size
     * bytes in the file, hv_mem_size in memory with .bss, page-aligned), this plan at plan_pa = hv_base + hv_mem_size in a
     * slot of PLAN_MAX_BYTES, the page-table pool at plan_pa + PLAN_MAX_BYTES, and behind it what the hypervisor keeps of CPUs, VMs and
     * channels, plan_own_bytes() of it. */
    uint64_t hv_base;
    uint64_t hv_size;        /* HV_REGION_SIZE */
    uint64_t hv_image_size;  /* multiple of 8 */
    uint64_t hv_mem_size;
    struct plan_sum hv_sum;  /* over the hv_image_size bytes at hv_base */
    uint64_t plan_pa;
    uint64_t pool_pa;
    uint64_t pool_pages;
    /* Where the hypervisor lives from boot on: byte n of [hv_base, hv_base + hv_size) at plan_hv_pa(n), in memory of these
     * colours of the cache `llc` from hv_home on, a multiple of its period (core/colour.h). Both 0: it stays where it was loaded. */
    uint64_t hv_colours;
    uint64_t hv_home;
    /* The machine the plan was made for. */
    uint64_t ram_base;
    uint64_t ram_size;
    uint32_t pa_bits_min;    /* smallest physical address width that covers the plan */
    uint32_t nr_irqs;        /* INTIDs the controller has at least: 32 * (ITLinesNumber + 1); RISC-V: 32 + 1 + sources */
    /* GICv3: GICD, GICR; GICv2: GICD, GICC, GICH, GICV; PLIC: its registers; AIA: the supervisor level's APLIC, and all pages of
     * the supervisor level's IMSICs, guest files included. The rest 0. */
    uint64_t irqc_base[PLAN_IRQC_FRAMES];
    uint64_t irqc_size[PLAN_IRQC_FRAMES];
    uint32_t maint_irq;      /* GIC maintenance PPI; 0 on RISC-V, as the next two */
    uint32_t vtimer_irq;     /* virtual timer PPI */
    uint32_t ptimer_irq;     /* physical (EL1 non-secure) timer PPI */
    uint32_t irqc_version;   /* enum plan_irqc */
    uint64_t console_base;   /* the board's console; also the image's: compared */
    /* The console that VMs share; all 0 if no VM has an emulated UART. Then no VM has the board's own. */
    uint64_t console_size;
    uint32_t console_irq;    /* SPI, or wired source, of the board's UART */
    uint32_t console_cpu;    /* entry of the CPU table: the CPU that serves it */
    uint32_t htimer_irq;     /* the hypervisor's own timer PPI; RISC-V: 5, the supervisor timer interrupt */
    uint32_t timebase_hz;    /* RISC-V: of the time CSR; Armv8: 0, CNTFRQ_EL0 tells */
    uint32_t irqc_ids;       /* AIA: interrupt identities of a guest interrupt file are 1 .. irqc_ids; else 0 */
    uint32_t reserved;
    struct plan_llc llc;
    struct plan_table cpus;    /* struct plan_cpu */
    struct plan_table vms;     /* struct plan_vm */
    struct plan_table regions; /* struct plan_region, grouped by VM */
    struct plan_table irqs;    /* struct plan_irq, grouped by VM */
    struct plan_table images;  /* struct plan_image, grouped by VM */
    struct plan_table channels; /* struct plan_channel */
    struct plan_table log;     /* text printed at boot before the first guest runs: fixed, rendered by hvplan */
};

/* What a guest's tree says of a CPU and the CPU may lack (RISC-V; on Armv8 a guest reads its ID registers): its guest would
 * fail in its own way much later, so it is not started (arch_ops.cpu.lacks). */
#define PLAN_NEEDS_SSTC 1U
#define PLAN_NEEDS_V    2U
#define PLAN_NEEDS_ALL  (PLAN_NEEDS_SSTC | PLAN_NEEDS_V)

struct plan_cpu {
    uint64_t hw_id;      /* MPIDR affinity / hart id; entry 0 need not be the boot CPU */
    uint64_t irqc_pa;    /* AIA: the page of its supervisor-level interrupt file, guest file n being n pages on; else 0 */
    uint32_t irqc_index; /* PLIC: context of its supervisor mode; AIA: hart index by which the APLIC knows it; else 0 */
    uint32_t needs;      /* PLAN_NEEDS_*; 0 on Armv8 */
};

/* Of a VM that may restart (on_reset or on_fault says so) the hypervisor maps RAM and pristine copies in blocks of this
 * size, one at a time: they are made of whole ones. The same as a window of the boundary, MMU_WINDOW_SIZE. */
#define PLAN_RESTART_BLOCK SZ_2M

/* NOTIFY is not carried out by this version; a plan that asks for it is refused rather than half obeyed. */
enum plan_policy { PLAN_POLICY_HALT = 0, PLAN_POLICY_RESTART, PLAN_POLICY_NOTIFY };

/* Devices of the VM reach memory by themselves and nothing stands in their way: the plan's author trusts whoever drives them.
 * They know physical addresses only, so the VM's RAM has those; and they do not stop when the VM ends, so it never restarts. */
#define PLAN_VM_TRUSTED_DMA 1U

struct plan_vm {
    char name[PLAN_NAME_BYTES]; /* plan_name_ok(), unique */
    uint32_t nr_vcpus;
    uint32_t cpus[VM_MAX_VCPUS]; /* vCPU n runs on CPU cpus[n] of the CPU table; unused entries 0 */
    uint32_t ipa_bits;       /* bits that cover all of the VM's regions and its interrupt controller */
    uint32_t on_reset;       /* enum plan_policy */
    uint32_t on_fault;
    uint32_t flags;          /* PLAN_VM_* */
    uint64_t entry;          /* IPA of the first instruction */
    uint64_t dtb;            /* IPA of the device tree, 0 = none wanted */
    uint64_t vuart_ipa;      /* emulated UART, one page */
    uint32_t vuart_irq;      /* its virtual SPI or wired source; 0 = the VM has none, and vuart_ipa is 0 */
    uint32_t reserved_vuart;
    /* Virtual GICD and GICR frames (one GICR of 128 KiB per vCPU, contiguous); GICv2: GICD and GICC; PLIC: its registers, and 0;
     * AIA: the APLIC, and one page per vCPU, contiguous, at which it has its guest interrupt file. */
    uint64_t irqc_ipa[2];
    uint32_t first_region;   /* slices of the tables */
    uint32_t nr_regions;
    uint32_t first_irq;
    uint32_t nr_irqs;
    uint32_t first_image;
    uint32_t nr_images;
    /* Pristine copies of its images, in memory that no VM has: whole PLAN_RESTART_BLOCKs; or, if its first region is coloured,
     * whole pages of the same colours, pa being aligned to the period. Both 0 if it never restarts. */
    uint64_t pristine_pa;
    uint64_t pristine_size;
};

/* True if the VM may restart, and so has pristine copies. */
static inline bool plan_vm_restarts(const struct plan_vm *vm)
{
    return vm->on_reset == (uint32_t)PLAN_POLICY_RESTART || vm->on_fault == (uint32_t)PLAN_POLICY_RESTART;
}

/* PLAN_REGION_SHARED: pages of devices in which there is something that is not the VM's. If another VM has it, that VM's region
 * is of this kind as well. PLAN_REGION_CHANNEL: RAM of a channel, never executable, which no restart touches. VMs that have it in
 * common have regions of this kind with the same address, size and colours, each with its own rights. */
enum plan_region_kind { PLAN_REGION_RAM = 0, PLAN_REGION_DEVICE, PLAN_REGION_SHARED, PLAN_REGION_CHANNEL, PLAN_REGION_KINDS };

struct plan_region {
    uint64_t ipa;
    uint64_t pa;
    uint64_t size;
    uint32_t kind;   /* enum plan_region_kind */
    uint32_t rights; /* S2_R | S2_W | S2_X */
    uint64_t colours; /* 0: contiguous from pa on; else memory of these colours, pa being aligned to the cache's period (core/colour.h) */
};

/* True if it is memory of the board, and not registers. */
static inline bool plan_region_is_memory(const struct plan_region *r)
{
    return r->kind == (uint32_t)PLAN_REGION_RAM || r->kind == (uint32_t)PLAN_REGION_CHANNEL;
}

#define PLAN_IRQ_EDGE 1U

struct plan_irq {
    uint32_t intid; /* physical = virtual INTID of an SPI; RISC-V: of a wired source, 32 + its number */
    uint32_t flags; /* PLAN_IRQ_EDGE */
};

#define PLAN_IMAGE_CHECK 1U /* verify the sum at boot (costs instructions by size) */

struct plan_image {
    uint64_t pa;     /* of its first byte: inside RAM of its VM, so it is used in place. In coloured memory the rest lies by colour */
    uint64_t size;   /* bytes, multiple of 8 (zero-padded) */
    struct plan_sum sum;
    uint32_t flags;
    uint32_t reserved;
    uint64_t pristine_pa; /* its copy, among the pristine copies of its VM; 0 if the VM never restarts */
};

/* What the hypervisor does for a channel besides mapping it, which its regions say: it writes who runs into the channel's discovery
 * page (hv/channel_info.h), and carries doorbells. */
struct plan_endpoint {
    uint32_t vm;
    uint32_t intid; /* its doorbell: an interrupt of the VM, PLAN_IRQ_EDGE, that no device drives; 0: it has none */
    uint32_t rate;  /* rings per second that it may make by calls, PLAN_MAX_RATE at most; 0: none. Its start and its end ring besides */
    uint32_t burst; /* rings at once, after a rest: 1 .. PLAN_MAX_BURST; 0 with rate 0 */
};
#define PLAN_MAX_RATE  1000000U
#define PLAN_MAX_BURST 1000U

struct plan_channel {
    uint64_t info_pa;  /* of the discovery page: all of a PLAN_REGION_CHANNEL of every endpoint, and of no other VM, that nobody writes */
    uint32_t nr_ends;  /* 2 .. PLAN_MAX_ENDS */
    uint32_t flags;    /* PLAN_CHANNEL_* */
    struct plan_endpoint end[PLAN_MAX_ENDS]; /* unused entries 0 */
    /* PLAN_CHANNEL_DIRECT: from where on, in guest addresses, each endpoint has the guest interrupt files of the others
     * (plan_file_offset()), as far as they have doorbells; 0: it has none of them, as one without a rate. Unused entries 0. */
    uint64_t files_ipa[PLAN_MAX_ENDS];
};

/* AIA: endpoints have each other's guest interrupt files, and so can raise any interrupt there, unasked and uncounted: their plan's
 * author says that they trust each other. The calls are there as well. */
#define PLAN_CHANNEL_DIRECT 1U

/* Where the file of a vCPU of endpoint `end` lies among those that others have, a page; how many bytes all of them span. */
static inline uint64_t plan_file_offset(uint32_t end, uint32_t vcpu)
{
    return ((uint64_t)end * VM_MAX_VCPUS + vcpu) * PAGE_SIZE;
}

static inline uint64_t plan_files_span(const struct plan_channel *ch)
{
    return plan_file_offset(ch->nr_ends, 0);
}

/* What plan_validate() found. Indices name the entries that clash; PLAN_NO_INDEX where there is none. */
#define PLAN_NO_INDEX 0xffffffffU

enum plan_error {
    PLAN_OK = 0,
    PLAN_E_HEADER,          /* magic, length or table bounds wrong */
    PLAN_E_VERSION,         /* written by an hvplan of another version */
    PLAN_E_CHECKSUM,
    PLAN_E_BOARD,           /* made for another board or ISA */
    PLAN_E_FIELD,           /* reserved field not zero, enumeration out of range, text not terminated */
    PLAN_E_HV_LAYOUT,       /* hypervisor region inconsistent */
    PLAN_E_COUNT,           /* no VM, no CPU, too many of something */
    PLAN_E_VM_NAME,         /* not plan_name_ok(), or twice */
    PLAN_E_CPU_RANGE,       /* a VM names a CPU the board has not */
    PLAN_E_CPU_TWICE,       /* a CPU in two places; a = CPU, b = other VM (or, with no VM, CPU table entries a and b) */
    PLAN_E_TABLE_ORDER,     /* a VM's slice of a table is out of bounds or shared */
    PLAN_E_REGION_ALIGN,    /* not page-aligned, empty, or wraps */
    PLAN_E_REGION_RIGHTS,   /* RAM not readable, device or channel executable, W without R */
    PLAN_E_REGION_OVERLAP,  /* two regions share physical pages, and not as PLAN_REGION_SHARED or as the same PLAN_REGION_CHANNEL of
                             * two VMs, or lie among each other's and have a colour in common; a, b = regions */
    PLAN_E_REGION_IPA_OVERLAP, /* two regions of one VM share guest addresses */
    PLAN_E_REGION_HV,       /* region touches the hypervisor's own memory */
    PLAN_E_REGION_IRQC,     /* region touches the physical interrupt controller, or the virtual one's IPA */
    PLAN_E_REGION_RAM,      /* RAM or channel outside the board's RAM, or device region inside it */
    PLAN_E_REGION_IPA_BITS, /* beyond the VM's IPA size, or the IPA size beyond the machine */
    PLAN_E_IRQ_RANGE,       /* not an SPI, or wired source, of this controller */
    PLAN_E_IRQ_TWICE,       /* a, b = entries of the irq table */
    PLAN_E_ENTRY,           /* entry point or device tree not in executable/readable RAM of the VM */
    PLAN_E_IMAGE,           /* image outside its VM's RAM */
    PLAN_E_POOL,            /* page-table pool smaller than the plan needs */
    PLAN_E_PRISTINE,        /* pristine copies missing, not wanted, or in memory that is somebody's; a = image, region or VM */
    PLAN_E_RESTART_RAM,     /* RAM of a VM that may restart is not in whole blocks; a = region */
    PLAN_E_CONSOLE,         /* shared console: no such CPU, interrupt or registers to serve it with */
    PLAN_E_CONSOLE_GIVEN,   /* shared console: a VM has its registers (a = region) or interrupt (a = PLAN_NO_INDEX) */
    PLAN_E_TRUSTED_DMA,     /* memory of such a VM has other guest addresses than physical ones (a = region), or it restarts */
    PLAN_E_VUART,           /* emulated UART touches something else of its VM, or its interrupt is taken; a = region */
    PLAN_E_LLC,             /* the cache is described as none can be */
    PLAN_E_COLOURS,         /* region of a device, or of colours that the cache has not; a = region */
    PLAN_E_COLOUR_ALIGN,    /* coloured memory that does not begin at a whole period of the cache; a = region, or none: pristine copies */
    PLAN_E_COLOUR_DMA,      /* coloured memory of a VM with trusted DMA; a = region */
    PLAN_E_HV_COLOURS,      /* the hypervisor's colours are none of the cache's, or the cache is not described */
    PLAN_E_HV_HOME,         /* its coloured memory is not aligned, outside RAM, or somebody else's; a = region */
    PLAN_E_CHANNEL,         /* fewer than two endpoints, no such VM, one twice, or rates beyond the limits; a = channel, b = endpoint */
    PLAN_E_CHANNEL_INFO,    /* discovery page: it is another channel's too; an endpoint has it not, or not as a region of its own, or
                             * somebody can write it, or has it
                             * and is none of the endpoints; a = channel, b = region or PLAN_NO_INDEX */
    PLAN_E_DOORBELL,        /* not an edge-triggered interrupt of the VM, or the doorbell of two channels; a = channel, b = endpoint */
    PLAN_E_OWN,             /* behind the page-table pool there is not plan_own_bytes() of memory */
    PLAN_E_HV_ROOT,         /* too few of its colours in a row for the root of stage 2 of a VM; a = pages of the root */
    PLAN_E_DIRECT,          /* direct doorbells: the controller has no guest interrupt files, the endpoint is none that has others', or
                             * its VM has something else where they are; a = channel, b = endpoint or PLAN_NO_INDEX */
    PLAN_ERRORS
};

struct plan_issue {
    enum plan_error error;
    uint32_t vm; /* VM index or PLAN_NO_INDEX */
    uint32_t a;
    uint32_t b;
};

struct plan_report {
    uint32_t count;                /* all issues found, also those beyond the array */
    struct plan_issue issue[32];
};

/*
 * Checks a plan completely. `len` is what may be read at p (8-byte aligned); `board` the image's board name. Pure:
 * reads only the plan, and nothing in it is trusted. Answers HV_OK or HV_ERR_CORRUPT / HV_ERR_UNSUPPORTED /
 * HV_ERR_INVAL with every issue in *report; after header, version, checksum or cache issues nothing else is looked at.
 */
enum hv_status plan_validate(const void *p, uint64_t len, const char *board, enum plan_isa isa,
                             struct plan_report *report) MUST_CHECK;

/* A VM's name, which its lines of the shared console begin with as "[name] ": NUL-terminated, of the characters of a node
 * name (Devicetree Specification 2.2.1: letters, digits and , . _ + -, the first one a letter), and not the "hv" of the
 * hypervisor's own lines. Looks at no more than PLAN_NAME_BYTES. */
bool plan_name_ok(const char *name);

/* Names of the extensions of a set of PLAN_NEEDS_*, as device trees have them, with spaces between. */
const char *plan_needs_text(uint32_t needs);

/* "GICv3" and the like; "unknown controller" for what is none. */
const char *plan_irqc_text(uint32_t irqc);

/* One fixed English line for an error, without a full stop. */
const char *plan_error_text(enum plan_error e);

void plan_sum_start(struct plan_summing *s);
void plan_sum_more(struct plan_summing *s, const void *p, uint64_t bytes);
struct plan_sum plan_sum_end(const struct plan_summing *s);

/* All of it in one piece. */
struct plan_sum plan_sum_words(const void *p, uint64_t bytes);

/* Sum of the plan itself, its own sum field read as zero. */
struct plan_sum plan_sum_self(const struct plan *p);

/* Bytes that the hypervisor takes behind the page-table pool for the CPUs, VMs and channels of a plan whose counts are within the limits,
 * the same in whole pages, and those of one ring of the shared console. */
uint64_t plan_own_bytes(const struct plan *p);
uint64_t plan_own_pages(const struct plan *p);
uint32_t plan_ring_bytes(const struct plan *p);

/* Stage-2 table pages a VM needs for exactly its regions: what hvplan sizes the pool by. */
uint64_t plan_s2_pages(const struct plan *p, uint32_t vm);

/* Where byte n of the hypervisor's region lies once it has booted (n below HV_REGION_SIZE); and the opposite: true, and *n, if
 * [pa, pa + size) is size bytes in a row of it. */
paddr_t plan_hv_pa(const struct plan *p, uint64_t n);
bool plan_hv_offset(const struct plan *p, paddr_t pa, uint64_t size, uint64_t *n);

/* Bytes from hv_home to the end of the memory in which its colours are the hypervisor's; 0 if it does not move. */
uint64_t plan_hv_span(const struct plan *p);

/* Entries of irqc_base and irqc_size on a GICv2. */
#define PLAN_GICC 1U
#define PLAN_GICH 2U
#define PLAN_GICV 3U

/* The CPU interface's frame of two pages, physical (PLAN_GICC) or virtual (PLAN_GICV). Where boards have each of its pages
 * 16 times, so that pages of 64 KiB can hold it (a region of 128 KiB), it is where two different ones meet. */
paddr_t plan_gic_cpu_frame(const struct plan *p, unsigned frame);

/* AIA: the guest interrupt file that a CPU's vCPU has, hstatus.VGEIN. */
#define PLAN_GUEST_FILE 1U

/* What stage 2 of a VM maps, i from 0 on: its regions and, on a GICv2, the virtual CPU interface at the address of the VM's
 * GICC; with AIA for vCPU n the guest interrupt file of its CPU, a page, at irqc_ipa[1] + n pages, then, channel by channel, those of
 * others' vCPUs that it rings directly. False behind the last; there are plan_mappings_max() at most. */
uint32_t plan_mappings_max(const struct plan *p, const struct plan_vm *vm);
bool plan_mapping(const struct plan *p, const struct plan_vm *vm, uint32_t i, struct plan_region *out);

/* Table access: i must be below the count; the plan must have been validated. */
const struct plan_cpu *plan_cpu(const struct plan *p, uint32_t i);
const struct plan_vm *plan_vm(const struct plan *p, uint32_t i);
const struct plan_region *plan_region(const struct plan *p, uint32_t i);
const struct plan_irq *plan_irq(const struct plan *p, uint32_t i);
const struct plan_image *plan_image(const struct plan *p, uint32_t i);
const struct plan_channel *plan_channel(const struct plan *p, uint32_t i);

#endif
