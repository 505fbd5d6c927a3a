# SPDX-License-Identifier: Apache-2.0
# The image: bulkhead.elf and bulkhead.bin for one ARCH, BOARD and BUILD. New files are found by wildcard.

# Portable code, and of it what models devices and firmware of one ISA alone.
ALL_PORTABLE_C := $(wildcard hv/*.c hv/core/*.c hv/vdev/*.c hv/fw/*.c hv/lib/*.c)
ONLY_armv8 := $(wildcard hv/vdev/vgic*.c hv/vdev/virqc_gic.c hv/vdev/vsysreg.c hv/vdev/vid*.c hv/vdev/vuart_pl011.c \
                         hv/fw/psci.c hv/fw/smccc.c)
ONLY_riscv := $(wildcard hv/vdev/vplic*.c hv/vdev/vaplic*.c hv/vdev/virqc_riscv.c hv/vdev/vhart.c hv/vdev/vcsr.c \
                         hv/vdev/vuart_16550.c hv/vdev/vconsole_sbi.c hv/fw/sbi*.c)
PORTABLE_armv8 := $(filter-out $(ONLY_riscv),$(ALL_PORTABLE_C))
PORTABLE_riscv := $(filter-out $(ONLY_armv8),$(ALL_PORTABLE_C))
# Host programs are Armv8's whatever ARCH is, but where they say otherwise (tests/host.mk).
PORTABLE_C     := $(PORTABLE_armv8)
PURE_armv8 := $(addprefix hv/arch/armv8/,s2_format.c exit_decode.c inject.c own_fault.c vcpu_regs.c gicv2_lr.c cache_id.c)
PURE_riscv := $(addprefix hv/arch/riscv/,s2_format.c exit_decode.c inject.c own_fault.c vcpu_regs.c)
PURE_C     := $(wildcard $(PURE_$(ARCH)))
# The board's interrupt controller: of the files GIC*.c that define its ops an image contains those of one alone.
GIC_virt-gicv2 := gicv2
GIC_virt-gicv3 := gicv3
GIC_virt-plic := plic
GIC_virt-aia := aia
GIC_zcu102 := gicv2
GIC_versal := gicv3
# And its UART: <uart>.c is the console's ops, <uart>_boot.S what boot.S needs of it. Boards of RISC-V have one in common.
UART_virt-gicv2 := pl011
UART_virt-gicv3 := pl011
UART_zcu102 := cadence
UART_versal := pl011
OTHER_UARTS := $(addprefix hv/arch/armv8/,$(foreach u,$(filter-out $(UART_$(BOARD)),pl011 cadence),$(u).c $(u)_boot.S))
OTHER_GICS := $(addprefix hv/arch/armv8/,$(foreach g,$(filter-out $(GIC_$(BOARD)),gicv2 gicv3),$(g).c $(g)_virq.c)) \
              $(addprefix hv/arch/riscv/,$(foreach g,$(filter-out $(GIC_$(BOARD)),plic aia),$(g).c))
EFFECT_C   := $(filter-out $(PURE_$(ARCH)) $(OTHER_GICS) $(OTHER_UARTS) hv/arch/$(ARCH)/asm_offsets.c,$(wildcard hv/arch/$(ARCH)/*.c)) \
              $(wildcard hv/arch/*.c) $(wildcard hv/board/$(BOARD).c)
EFFECT_S   := $(filter-out $(OTHER_UARTS),$(wildcard hv/arch/$(ARCH)/*.S))

CROSS_armv8 := aarch64-linux-gnu-
CROSS_riscv := riscv64-linux-gnu-
CROSS       := $(CROSS_$(ARCH))

INCLUDES := -Ihv/include -Ihv/arch/armv8/include -Ihv -I.
to_isa    = $(subst -Ihv/arch/armv8/include,-Ihv/arch/$(ARCH)/include,$(1))
# What every file of hv/ is compiled with, for the target and for the host alike.
HV_CFLAGS := -std=c11 -Wall -Wextra -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror -ffreestanding \
             $(INCLUDES)

# No position independence: the code is linked where the MMU puts it, and what runs before uses ADR alone, which -mcmodel=tiny
# guarantees: relative, in one instruction, up to 1 MiB away (hv.lds: ASSERT). No stack protector: its guard would need a libc; stacks have
# guard pages.
# No jump tables, no outlined atomics, no FP: DDI 0487 state that belongs to the guest stays the guest's.
# What is to be put in line says so, or is small, or has one caller; and nothing but the vectors is aligned: 4 KB less, in as many instructions.
CFLAGS_armv8   := -march=armv8-a -mgeneral-regs-only -mno-outline-atomics -fno-jump-tables -mstrict-align \
                  -mcmodel=tiny -fno-inline-functions -falign-functions=4 -falign-jumps=1 -falign-loops=1 -falign-labels=1
# No compressed code is needed, but it halves the size; no floating point or vectors: these registers are the guest's.
CFLAGS_riscv   := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mstrict-align -fno-jump-tables -msmall-data-limit=0
CFLAGS_release := -Os -flto -fomit-frame-pointer
# What a call may change is saved and loaded at each exit, so calls change less than the ABI lets them: vectors.S, VCPU_REGS_KEPT.
CFLAGS_armv8   += -ffixed-x18 $(addprefix -fcall-saved-x,10 11 12 13 14 15)
CFLAGS_riscv   += $(addprefix -fcall-saved-t,3 4 5 6)
CFLAGS_debug   := -Og -fno-omit-frame-pointer
IMAGE_CFLAGS   := $(call to_isa,$(HV_CFLAGS)) $(CFLAGS_$(ARCH)) $(CFLAGS_$(BUILD)) -g -fno-pic -fno-pie -fno-stack-protector \
                  -fno-common -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
IMAGE_LDFLAGS  := -static -no-pie -nostdlib -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,-z,noexecstack \
                  -Wl,--gc-sections -Wl,--fatal-warnings -flto-partition=one

IMAGE     := $(OUT)/$(ARCH)/$(BOARD)/$(BUILD)
IMAGE_ELF := $(IMAGE)/bulkhead.elf
IMAGE_BIN := $(IMAGE)/bulkhead.bin
IMAGE_OBJ := $(addprefix $(IMAGE)/obj/,$(patsubst %.c,%.o,$(PORTABLE_$(ARCH)) $(PURE_C) $(EFFECT_C)) \
                                        $(patsubst %.S,%.S.o,$(EFFECT_S)))
IMAGE_LDS := $(IMAGE)/hv.lds
OFFSETS_C := $(wildcard hv/arch/$(ARCH)/asm_offsets.c)
OFFSETS_H := $(if $(OFFSETS_C),$(IMAGE)/gen/asm_offsets.h)
IMAGE_INC := -Ihv/arch/$(ARCH) -I$(IMAGE)/gen
IMAGE_MK  := Makefile hv/hv.mk

.PHONY: image
image: $(IMAGE_ELF) $(IMAGE_BIN) ## the hypervisor alone: bulkhead.elf and bulkhead.bin
	@:

$(IMAGE)/obj/%.o: %.c $(IMAGE_MK)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CROSS)gcc $(IMAGE_CFLAGS) $(IMAGE_INC) -MMD -MP -c $< -o $@

# Small, but for what an exit or interrupt that a guest can have often goes through, each character of the log, and each entry of a table:
# that is fast. Which they are was tried, file by file (make bench, tests/boot/riscv/counts.py): of others -O2 makes nothing shorter that is counted.
HOT_gicv2 := $(addprefix hv/vdev/,vgic vgic_lr vgic_again vgic_v2 vgic_source) hv/arch/armv8/gicv2 hv/arch/armv8/gicv2_virq
HOT_gicv3 := hv/arch/armv8/gicv3
HOT_plic  := $(addprefix hv/vdev/,vplic vplic_armed vplic_line vplic_regs) hv/arch/riscv/plic
HOT_aia   := $(addprefix hv/vdev/,vaplic vaplic_regs vaplic_source) hv/arch/riscv/aia
HOT_armv8 := hv/fw/smccc $(addprefix hv/vdev/,vgic_word vgic_sgi vgic_armed vgic_bits vgic_dist vgic_line)
HOT_riscv := $(addprefix hv/fw/,sbi sbi_bulkhead sbi_ipi sbi_time) hv/vdev/virqc_riscv hv/vdev/vhart $(addprefix hv/arch/riscv/,exit_decode local timer)
HOT := hv/exit $(addprefix hv/core/,lifecycle channel log s2_colour plan) hv/lib/fmt hv/vdev/doorbell $(HOT_$(ARCH)) $(HOT_$(GIC_$(BOARD)))
ifeq ($(BUILD),release)
$(HOT:%=$(IMAGE)/obj/%.o): IMAGE_CFLAGS += -O2
# Each interrupt goes through it where ends trap.
$(IMAGE)/obj/hv/vdev/vgic_lr.o: IMAGE_CFLAGS += -finline-functions
# Words are loaded where the source does it, so that Armv8 loads two at a time.
$(IMAGE)/obj/hv/core/plan_sum.o: IMAGE_CFLAGS += -fno-tree-ter
# Eight entries of a table at a time are more than RISC-V's registers, if they are all computed before one is stored.
ifeq ($(ARCH),riscv)
$(IMAGE)/obj/hv/core/s2_colour.o: IMAGE_CFLAGS += -fno-schedule-insns
endif
endif

# GCC calls memcpy and memset by itself, also late in link-time optimisation: these functions stay out of it, and must
# not be turned into calls of themselves.
$(IMAGE)/obj/hv/arch/builtins.o: IMAGE_CFLAGS += -fno-lto -fno-builtin -fno-tree-loop-distribute-patterns

$(IMAGE)/obj/%.S.o: %.S $(OFFSETS_H) $(IMAGE_MK)
	@mkdir -p $(@D)
	@echo "  AS    $<"
	@$(CROSS)gcc $(filter-out -flto -std=c11,$(IMAGE_CFLAGS)) $(IMAGE_INC) -D__ASSEMBLY__ -MMD -MP -c $< -o $@

# Lines `->NAME value` in the assembly output become #defines.
$(IMAGE)/gen/asm_offsets.h: $(OFFSETS_C) $(IMAGE_MK)
	@mkdir -p $(@D)
	@$(CROSS)gcc $(filter-out -flto -g,$(IMAGE_CFLAGS)) -MMD -MP -MT $@ -MF $(@:.h=.d) -S $< -o $(@:.h=.s)
	@{ echo "/* Generated from $<. */"; echo "#ifndef ASM_OFFSETS_H"; echo "#define ASM_OFFSETS_H"; \
	   sed -nE 's/^.*->([A-Za-z_][A-Za-z0-9_]*) [#$$]?(-?[0-9]+).*/#define \1 \2/p' $(@:.h=.s); echo "#endif"; } > $@
	@grep -q '^#define [A-Z0-9a-z_]* ' $@ || { echo "$<: no ->NAME value line found" >&2; exit 1; }

$(IMAGE_LDS): hv/arch/$(ARCH)/hv.lds $(OFFSETS_H) $(IMAGE_MK)
	@mkdir -p $(@D)
	@$(CROSS)gcc -E -P -x c -D__ASSEMBLY__ -DLINKER_SCRIPT -DBOARD_H='"hv/board/$(BOARD).h"' $(call to_isa,$(INCLUDES)) $(IMAGE_INC) -MMD -MP -MT $@ -MF $@.d $< -o $@

$(IMAGE_ELF): $(IMAGE_OBJ) $(IMAGE_LDS)
	@echo "  LD    $@"
	@$(CROSS)gcc $(IMAGE_CFLAGS) $(IMAGE_LDFLAGS) -Wl,-T,$(IMAGE_LDS) -Wl,-Map,$(IMAGE)/bulkhead.map \
	    $(IMAGE_OBJ) -o $@

$(IMAGE_BIN): $(IMAGE_ELF)
	@$(CROSS)objcopy -O binary $< $@

# The debug image once more, with faults of its own on a guest's command (tests/boot/faults/faults.h). The linker alone
# puts them in: every object of hv/ is the debug image's.
FAULTS     := $(OUT)/$(ARCH)/$(BOARD)/faults
FAULTS_ELF := $(FAULTS)/bulkhead.elf
FAULTS_OBJ := $(FAULTS)/obj/faults.o

.PHONY: faults
faults: $(if $(filter debug,$(BUILD)),$(FAULTS_ELF))
	@[ $(BUILD) = debug ] || { echo "make faults: needs BUILD=debug" >&2; exit 2; }

$(FAULTS_OBJ): tests/boot/faults/faults.c $(IMAGE_MK)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CROSS)gcc $(IMAGE_CFLAGS) $(IMAGE_INC) -MMD -MP -c $< -o $@

$(FAULTS_ELF): $(IMAGE_OBJ) $(FAULTS_OBJ) $(IMAGE_LDS)
	@echo "  LD    $@"
	@$(CROSS)gcc $(IMAGE_CFLAGS) $(IMAGE_LDFLAGS) -Wl,--wrap=fw_call -Wl,-T,$(IMAGE_LDS) $(IMAGE_OBJ) $(FAULTS_OBJ) -o $@

-include $(addsuffix .d,$(basename $(IMAGE_OBJ) $(FAULTS_OBJ))) $(IMAGE)/gen/asm_offsets.d $(IMAGE_LDS).d
