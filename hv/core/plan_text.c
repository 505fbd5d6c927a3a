/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a plan, in words. */
#include "hv/plan.h"

static const char *const plan_texts[PLAN_ERRORS] = {
    [PLAN_OK] = "the plan is good",
    [PLAN_E_HEADER] = "magic, length or table bounds are wrong",
    [PLAN_E_VERSION] = "written for another version of the plan format",
    [PLAN_E_CHECKSUM] = "checksum is wrong: the plan is damaged",
    [PLAN_E_BOARD] = "made for another board or instruction set",
    [PLAN_E_FIELD] = "a field has a value that is not defined",
    [PLAN_E_HV_LAYOUT] = "the hypervisor's own memory is laid out inconsistently",
    [PLAN_E_COUNT] = "none, or too many, of something",
    [PLAN_E_VM_NAME] = "VM name is empty, not of letters, digits and ,._+-, used twice, or hv",
    [PLAN_E_CPU_RANGE] = "VM names a CPU that the board does not have",
    [PLAN_E_CPU_TWICE] = "CPU is used twice",
    [PLAN_E_TABLE_ORDER] = "VM's slice of a table is out of bounds or shared",
    [PLAN_E_REGION_ALIGN] = "region is empty, not page-aligned, or wraps",
    [PLAN_E_REGION_RIGHTS] = "region has rights that its kind may not have",
    [PLAN_E_REGION_OVERLAP] = "two regions share physical memory, or colours of it",
    [PLAN_E_REGION_IPA_OVERLAP] = "two regions of one VM share guest addresses",
    [PLAN_E_REGION_HV] = "region touches the hypervisor's own memory",
    [PLAN_E_REGION_IRQC] = "region touches an interrupt controller",
    [PLAN_E_REGION_RAM] = "RAM or channel outside the board's RAM, or device region inside it",
    [PLAN_E_REGION_IPA_BITS] = "address beyond the VM's or the machine's address size",
    [PLAN_E_IRQ_RANGE] = "interrupt is not a shared one of this controller",
    [PLAN_E_IRQ_TWICE] = "interrupt is used twice",
    [PLAN_E_ENTRY] = "entry point or device tree is not in the VM's RAM",
    [PLAN_E_IMAGE] = "image is not in its VM's RAM",
    [PLAN_E_CONSOLE] = "shared console has no CPU, interrupt or registers to be served with",
    [PLAN_E_CONSOLE_GIVEN] = "shared console's UART or its interrupt is given to a VM",
    [PLAN_E_VUART] = "emulated UART lies on something else of its VM, or its interrupt is used",
    [PLAN_E_LLC] = "the cache to be coloured is described as none can be",
    [PLAN_E_COLOURS] = "colours of a device, or that the cache does not have",
    [PLAN_E_COLOUR_ALIGN] = "coloured memory does not begin at a whole period of the cache",
    [PLAN_E_COLOUR_DMA] = "VM with trusted DMA has coloured memory",
    [PLAN_E_TRUSTED_DMA] = "VM with trusted DMA has memory at other than physical addresses, or restarts",
    [PLAN_E_POOL] = "page-table pool is too small for the plan",
    [PLAN_E_OWN] = "the hypervisor's memory has no room for what it keeps of so many CPUs, VMs and channels",
    [PLAN_E_HV_COLOURS] = "the hypervisor's colours are not colours of the cache, or it is not described",
    [PLAN_E_HV_HOME] = "the hypervisor's coloured memory is not aligned to the cache, outside RAM, or somebody's",
    [PLAN_E_CHANNEL] = "channel has an endpoint that is no VM, or too few, or rates that none can have",
    [PLAN_E_CHANNEL_INFO] = "discovery page of a channel is not each endpoint's, to be read alone, and nobody else's",
    [PLAN_E_DOORBELL] = "doorbell is not an edge-triggered interrupt of its VM, or is used twice",
    [PLAN_E_DIRECT] = "direct doorbells without guest interrupt files, of who may not ring, or at guest addresses of something else",
    [PLAN_E_HV_ROOT] = "the hypervisor needs more colours in a row, for the root of stage 2",
    [PLAN_E_PRISTINE] = "pristine copies are missing, not wanted, or in memory that is somebody's",
    [PLAN_E_RESTART_RAM] = "RAM of a VM that may restart is not in whole blocks of 2 MiB",
};

const char *plan_irqc_text(uint32_t irqc)
{
    static const char *const names[PLAN_IRQC_AIA + 1] = {
        [PLAN_IRQC_GICV2] = "GICv2", [PLAN_IRQC_GICV3] = "GICv3", [PLAN_IRQC_PLIC] = "PLIC", [PLAN_IRQC_AIA] = "AIA"};

    return irqc < ARRAY_SIZE(names) && names[irqc] != NULL ? names[irqc] : "unknown controller";
}

const char *plan_needs_text(uint32_t needs)
{
    static const char *const names[PLAN_NEEDS_ALL + 1U] = {
        [PLAN_NEEDS_SSTC] = "sstc", [PLAN_NEEDS_V] = "v", [PLAN_NEEDS_ALL] = "sstc v"};

    return needs < ARRAY_SIZE(names) && names[needs] != NULL ? names[needs] : "unknown extensions";
}

const char *plan_error_text(enum plan_error e)
{
    return (unsigned)e < PLAN_ERRORS ? plan_texts[e] : "unknown error";
}
