/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things lie in the hypervisor's own address space (37 bits on Armv8, 39 on RISC-V; pages of 4 KiB, three levels). Shared by C,
 * assembly and the linker script. HV_VA_OFFSET is in the layout.h of the ISA.
 *
 * - Image region: linked at HV_VA_OFFSET + load base, one 2 MiB block of pages: image, plan, page-table pool,
 *   what CPUs and VMs take (core/own.h).
 * - Page window: the 2 MiB beside it (bit 21 of the address flipped): stacks between guard pages, the
 * console, and device pages mapped on demand.
 * - Block window: what is left of the same 1 GiB, in blocks of 2 MiB: guest memory while its image is
 * checked at boot; and its last blocks, two to a CPU, while that CPU restarts its VM.
 */
#ifndef HV_ARCH_LAYOUT_COMMON_H
#define HV_ARCH_LAYOUT_COMMON_H

#define LAYOUT_PAGE       4096
#define LAYOUT_PAGE_SHIFT 12
#define LAYOUT_CPUS       32 /* HV_MAX_CPUS */

/* Page window, in pages. CPU n: a guard page, then its stack. Then the boot stack of two pages between
 * guards: the boot CPU does not know its number before it has read the plan. */
#define LAYOUT_STACK_SLOT_SHIFT 13
#define LAYOUT_BOOT_STACK       65
#define LAYOUT_BOOT_STACK_PAGES 2
#define LAYOUT_CONSOLE          68
#define LAYOUT_DEVICES          69
#define LAYOUT_WINDOW_PAGES     512

/* Block window, in blocks: those of CPU n begin at LAYOUT_RUN_WINDOWS + 2 n. hv.lds sees to it that the image lies below. */
#define LAYOUT_RUN_WINDOWS 448

/* The slot at the top of a CPU's stack that holds the frame of its guest (16 bytes: SP stays aligned). */
#define LAYOUT_FRAME_SLOT 16

#endif
