# SPDX-License-Identifier: Apache-2.0
# The guests: $(OUT)/guests/<name>.bin from guests/<name>/ and guests/lib; Debian's kernel and an initramfs
# for Linux; Debian's U-Boot; the tree of a board that has none of its own.
OUT ?= build

GUESTS_armv8 := rt probe hostile again bench queue peer
GUESTS_riscv := rt probe hostile again bench queue peer
GUEST_CROSS_armv8 := aarch64-linux-gnu-
GUEST_CROSS_riscv := riscv64-linux-gnu-
GUEST_OUT_armv8 := $(OUT)/guests
GUEST_OUT_riscv := $(OUT)/riscv/guests
DEBIAN_armv8 := $(OUT)/debian
DEBIAN_riscv := $(OUT)/riscv/debian
DEBIAN_MODULES_armv8 := $(DEBIAN_armv8)/modules/virtio_blk.ko
UBOOT_armv8 := $(OUT)/uboot
UBOOT_riscv := $(OUT)/riscv/uboot
GUEST_CFLAGS_armv8 := -mgeneral-regs-only -mstrict-align -mno-outline-atomics -march=armv8-a
GUEST_CFLAGS_riscv := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mstrict-align -mno-relax
GUEST_LIBS_armv8 := -lgcc
GUEST_CFLAGS := -std=c11 -O2 -g -Wall -Wextra -Wconversion -Werror -ffreestanding -fno-builtin -nostdlib \
	-fPIE -fvisibility=hidden \
	-fno-stack-protector -fno-asynchronous-unwind-tables -ffile-prefix-map=$(CURDIR)=. -Iguests/lib -Ihv/include -MMD -MP
GUEST_LDFLAGS := -nostdlib -static -Wl,-pie,--no-dynamic-linker,-z,text,-z,max-page-size=4096,--build-id=none \
	-Wl,-T,guests/lib/guest.lds,--no-warn-rwx-segments

# The driver of channels for Debian's kernels, and an initramfs with it and programs that use it.
MODULE_armv8 := $(GUEST_OUT_armv8)/bulkhead.ko
MODULE_riscv := $(GUEST_OUT_riscv)/bulkhead.ko
MODULE_ARCH_armv8 := arm64
MODULE_ARCH_riscv := riscv
CHANNEL_armv8 := $(GUEST_OUT_armv8)/initramfs-channel.cpio
CHANNEL_riscv := $(GUEST_OUT_riscv)/initramfs-channel.cpio
CHANNEL_PROGRAMS_armv8 := $(addprefix $(GUEST_OUT_armv8)/,bhk rtstat exchange)
CHANNEL_PROGRAMS_riscv := $(addprefix $(GUEST_OUT_riscv)/,bhk rtstat exchange)
RTSTAT_SOURCES := guests/lib/shm_queue.c guests/lib/shm_port.c guests/lib/shm.h guests/lib/shm_atomic.h guests/rt/telemetry.h \
	guests/linux/module/bulkhead_uapi.h hv/include/hv/channel_info.h
EXCHANGE_HEADERS := guests/linux/module/bulkhead_uapi.h hv/include/hv/channel_info.h

# The tree of a board whose tree comes with Debian's kernel.
TREE_zcu102 := xilinx/zynqmp-zcu102-rev1.0.dtb
BOARD_TREE  := $(patsubst %,$(OUT)/boards/%,$(notdir $(TREE_$(BOARD))))

.PHONY: guests guests-bare guests-linux guests-uboot guests-channel guests-channel-armv8 guests-channel-riscv module
guests: guests-bare guests-linux guests-uboot guests-channel-$(ARCH) $(BOARD_TREE)
guests-bare: $(GUESTS_$(ARCH):%=$(GUEST_OUT_$(ARCH))/%.bin)
guests-linux: $(DEBIAN_$(ARCH))/version $(DEBIAN_MODULES_$(ARCH)) $(GUEST_OUT_$(ARCH))/initramfs.cpio
guests-uboot: $(UBOOT_$(ARCH))/version

guest_cc = $(GUEST_CROSS_$(1))gcc $(GUEST_CFLAGS) $(GUEST_CFLAGS_$(1)) -Iguests/lib/$(1)

# One ISA: objects from files of guests/, in folders of its own.
define guest_isa_rules
$(GUEST_OUT_$(1))/obj/%.c.o: guests/%.c guests/guests.mk
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	@$(call guest_cc,$(1)) -Iguests/$$(firstword $$(subst /, ,$$*)) -c -o $$@ $$<

$(GUEST_OUT_$(1))/obj/%.S.o: guests/%.S guests/guests.mk
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	@$(call guest_cc,$(1)) -Iguests/$$(firstword $$(subst /, ,$$*)) -c -o $$@ $$<
endef

# One guest: what is in its folder and in the library's, and in those of the ISA below them.
# Those that exchange data over a channel have guests/lib/shm.h as well.
GUESTS_SHM := queue rt bench peer
guest_sources = $(filter-out $(if $(filter $(GUESTS_SHM),$(2)),,guests/lib/shm_% guests/lib/$(1)/shm_%),\
                  $(wildcard $(foreach d,$(2),guests/$(d)/*.c guests/$(d)/$(1)/*.[cS])))
guest_objects = $(patsubst guests/%,$(GUEST_OUT_$(1))/obj/%.o,$(guest_sources))
define guest_rules
$(GUEST_OUT_$(1))/$(2).elf: $(call guest_objects,$(1),$(2) lib) guests/lib/guest.lds
	@echo "  LD    $$@"
	@$(call guest_cc,$(1)) $(GUEST_LDFLAGS) -o $$@ $$(filter %.o,$$^) $(GUEST_LIBS_$(1))
$(GUEST_OUT_$(1))/$(2).bin: $(GUEST_OUT_$(1))/$(2).elf
	@$(GUEST_CROSS_$(1))objcopy -O binary $$< $$@
endef
$(foreach a,armv8 riscv,$(eval $(call guest_isa_rules,$(a))))
$(foreach a,armv8 riscv,$(foreach g,$(GUESTS_$(a)),$(eval $(call guest_rules,$(a),$(g)))))

# Downloaded once, then kept; fetch.sh itself looks whether anything is missing.
$(DEBIAN_armv8)/version:
	@echo "  FETCH Debian's arm64 kernel and busybox"
	@guests/linux/fetch.sh $(@D)
$(DEBIAN_MODULES_armv8): | $(DEBIAN_armv8)/version
	@guests/linux/fetch.sh $(DEBIAN_armv8)
$(DEBIAN_riscv)/version:
	@echo "  FETCH Debian's riscv64 kernel and busybox"
	@guests/linux/fetch.sh $(@D) riscv

# kbuild writes beside the sources: it is given a copy of them. It looks itself what has to be compiled again. The compiler is
# this machine's, not the very one that the kernel was built with.
module: $(MODULE_$(ARCH))
MODULE_SOURCES := $(wildcard guests/linux/module/* guests/linux/module/c11/* guests/lib/shm*) hv/include/hv/channel_info.h
define module_rules
$(DEBIAN_$(1))/headers/version: $(DEBIAN_$(1))/version guests/linux/headers.sh
	@echo "  FETCH Debian's headers of the $(1) kernel"
	@guests/linux/headers.sh $(DEBIAN_$(1)) $(1)
	@touch $$@
$(MODULE_$(1)): $(MODULE_SOURCES) $(DEBIAN_$(1))/headers/version
	@mkdir -p $$(@D)/module
	@cp -ru guests/linux/module/. $$(@D)/module/
	@echo "  KO    $$@"
	@$(AFRESH) $(MAKE) -s -C $(DEBIAN_$(1))/headers/kernel M=$$(abspath $$(@D)/module) BULKHEAD=$(CURDIR) \
	    ARCH=$(MODULE_ARCH_$(1)) CROSS_COMPILE=$(GUEST_CROSS_$(1)) CC=$(GUEST_CROSS_$(1))gcc W=1 CONFIG_DEBUG_INFO_BTF_MODULES= modules
	@$(GUEST_CROSS_$(1))strip -g -o $$@ $$(@D)/module/bulkhead.ko
$(GUEST_OUT_$(1))/bhk: guests/linux/bhk.c guests/linux/module/bulkhead_uapi.h hv/include/hv/channel_info.h
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	@$(GUEST_CROSS_$(1))gcc -std=c11 -O2 -Wall -Wextra -Werror -static -s -Ihv/include -o $$@ $$<
$(GUEST_OUT_$(1))/exchange: guests/linux/exchange.c guests/peer/message.c guests/peer/message.h $(EXCHANGE_HEADERS)
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	@$(GUEST_CROSS_$(1))gcc -std=c11 -O2 -Wall -Wextra -Werror -static -s -Ihv/include -o $$@ $$(filter %.c,$$^)
$(GUEST_OUT_$(1))/rtstat: guests/linux/rtstat.c $(RTSTAT_SOURCES)
	@mkdir -p $$(@D)
	@echo "  CC    $$<"
	@$(GUEST_CROSS_$(1))gcc -std=c11 -O2 -Wall -Wextra -Werror -static -s -Ihv/include -o $$@ $$(filter %.c,$$^)
$(CHANNEL_$(1)): $(DEBIAN_$(1))/version guests/linux/init guests/linux/initramfs.sh $(MODULE_$(1)) $(CHANNEL_PROGRAMS_$(1))
	@echo "  CPIO  $$@"
	@guests/linux/initramfs.sh $$(<D)/busybox $$@ $(MODULE_$(1)) $(CHANNEL_PROGRAMS_$(1))
endef
$(foreach a,armv8 riscv,$(eval $(call module_rules,$(a))))

# arm64 headers are in the index that the kernel is in. The riscv64 ones may be out of step: then the initramfs has no driver, boot
# tests of it fail, and no others, and the demo leaves it out.
guests-channel: $(CHANNEL_$(ARCH))
guests-channel-armv8: guests-channel
guests-channel-riscv: $(DEBIAN_riscv)/version
	@$(AFRESH) $(MAKE) --no-print-directory guests-channel || { \
	    echo "  NONE  $(MODULE_riscv): boot tests of the driver will fail, and the demo goes without"; \
	    $(AFRESH) $(MAKE) --no-print-directory $(CHANNEL_PROGRAMS_riscv) && \
	    guests/linux/initramfs.sh $(<D)/busybox $(CHANNEL_riscv) $(CHANNEL_PROGRAMS_riscv); }

$(UBOOT_armv8)/version:
	@echo "  FETCH Debian's U-Boot for arm64"
	@guests/uboot/fetch.sh $(@D)
$(UBOOT_riscv)/version:
	@echo "  FETCH Debian's U-Boot for riscv64"
	@guests/uboot/fetch.sh $(@D) riscv

ifneq ($(BOARD_TREE),)
$(BOARD_TREE):
	@echo "  FETCH the board's tree from Debian's arm64 kernel package"
	@guests/boards/fetch.sh $(@D) $(TREE_$(BOARD))
endif

define initramfs_rule
$(GUEST_OUT_$(1))/initramfs.cpio: $(DEBIAN_$(1))/version guests/linux/init guests/linux/initramfs.sh
	@mkdir -p $$(@D)
	@echo "  CPIO  $$@"
	@guests/linux/initramfs.sh $$(<D)/busybox $$@
endef
$(foreach a,armv8 riscv,$(eval $(call initramfs_rule,$(a))))

-include $(wildcard $(foreach a,armv8 riscv,$(GUEST_OUT_$(a))/obj/*/*.d $(GUEST_OUT_$(a))/obj/*/*/*.d))
