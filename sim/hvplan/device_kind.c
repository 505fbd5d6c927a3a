/* SPDX-License-Identifier: Apache-2.0 */
/* Which kinds of devices a VM may have: none that is every VM's or the hypervisor's, and none that could reach memory by itself. */
#include "hvplan.h"

#include <libfdt.h>
#include <string.h>

static bool compatible_in(const void *fdt, int node, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (fdt_node_check_compatible(fdt, node, *list) == 0) {
            return true;
        }
    }
    return false;
}

/* Why a kind of device is not watertight without an IOMMU. */
static const char *refuse_dma(const void *fdt, int node)
{
    static const char *const masters[] = {"virtio,mmio", "qemu,fw-cfg-mmio", NULL};
    /* Known to be slaves on the bus: what they cannot do is write to memory. */
    static const char *const slaves[] = {
        "arm,pl011",    "arm,sbsa-uart",   "arm,pl031", "arm,pl061",           "arm,sp804",
        "arm,sp805",    "arm,pl050",       "ns16550a",  "cdns,uart-r1p8",      "cdns,uart-r1p12",
        "xlnx,xuartps", "xlnx,zynqmp-rtc", "cdns,ttc",  "google,goldfish-rtc", "cfi-flash",
        NULL};

    if (compatible_in(fdt, node, masters) || fdt_getprop(fdt, node, "iommus", NULL) != NULL) {
        return "reads and writes memory by itself (DMA), which could reach other VMs; this version drives no "
               "IOMMU";
    }
    if (!compatible_in(fdt, node, slaves)) {
        return "is of a kind not known to be free of DMA; the list is in sim/hvplan/device_kind.c";
    }
    return NULL;
}

/* Addresses that the device's buses pass on are the physical ones: no dma-ranges, or one to one (Devicetree Specification
 * 2.3.9). */
static bool dma_one_to_one(const void *fdt, int node)
{
    for (int bus = fdt_parent_offset(fdt, node), depth = 0; bus >= 0 && depth < MAX_BUS_DEPTH;
         bus = fdt_parent_offset(fdt, bus), depth++) {
        int len = 0;

        if (fdt_getprop(fdt, bus, "dma-ranges", &len) != NULL && len != 0) {
            return false;
        }
    }
    return true;
}

/* Why a kind of device stays with the hypervisor, whomever one trusts. */
static const char *refuse_kind(const struct board_facts *b, int node)
{
    static const char *const irqcs[] = {"riscv,aplic", "riscv,imsics", "riscv,plic0", "sifive,plic-1.0.0",
                                        "riscv,cpu-intc", NULL};
    static const char *const firmwares[] = {"arm,psci", "arm,psci-1.0", "arm,psci-0.2", NULL};
    static const char *const clints[] = {"riscv,clint0", "sifive,clint0", NULL};
    static const char *const timers[] = {"arm,armv8-timer", "riscv,timer", NULL};
    const void *fdt = b->fdt;
    int parent = fdt_parent_offset(fdt, node);

    if (node == b->irqc_node || parent == b->irqc_node ||
        fdt_getprop(fdt, node, "msi-controller", NULL) != NULL || compatible_in(fdt, node, irqcs)) {
        return "is the interrupt controller, of which every VM gets a virtual one";
    }
    if (parent == fdt_path_offset(fdt, "/reserved-memory") && parent >= 0) {
        return "is memory that the board's tree reserves, which nobody has";
    }
    if (compatible_in(fdt, node, clints)) {
        return "is the firmware's, which keeps it";
    }
    if (compatible_in(fdt, node, timers)) {
        return "is the CPUs' timer, which every VM has anyway";
    }
    const char *type = fdt_getprop(fdt, node, "device_type", NULL);

    if (type != NULL && (strcmp(type, "memory") == 0 || strcmp(type, "cpu") == 0)) {
        return "is memory or a CPU; use the properties memory and cpus";
    }
    if (compatible_in(fdt, node, firmwares)) {
        return "is the firmware interface, of which every VM gets a virtual one";
    }
    if (type != NULL && strcmp(type, "pci") == 0) {
        return "reads and writes memory by itself (DMA), and has a bus of its own (PCI), which this version cannot pass on";
    }
    return NULL;
}

const char *device_refused(const struct board_facts *b, int node, bool dma)
{
    const char *why = node == 0 ? "is the whole board" : refuse_kind(b, node);

    if (why == NULL && !dma) {
        why = refuse_dma(b->fdt, node);
    }
    if (why == NULL && dma && !dma_one_to_one(b->fdt, node)) {
        why = "is on a bus that gives memory other addresses than the CPUs' (dma-ranges)";
    }
    return why;
}
