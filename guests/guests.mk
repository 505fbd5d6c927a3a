# SPDX-License-Identifier: Apache-2.0
# The guests: $(OUT)/guests/<name>.bin from guests/<name>/ and guests/lib; Debian's kernel and an initramfs
# for Linux; Debian's U-Boot.
OUT ?= build
CROSS ?= aarch64-linux-gnu-

GUESTS := rt probe hostile again
GUEST_CFLAGS := -std=c11 -O2 -g -Wall -Wextra -Wconversion -Werror -ffreestanding -fno-builtin -nostdlib \
	-mgeneral-regs-only -mstrict-align -mno-outline-atomics -march=armv8-a -fPIE -fvisibility=hidden \
	-fno-stack-protector -fno-asynchronous-unwind-tables -ffile-prefix-map=$(CURDIR)=. -Iguests/lib -MMD -MP
GUEST_LDFLAGS := -nostdlib -static -Wl,-pie,--no-dynamic-linker,-z,text,-z,max-page-size=4096,--build-id=none \
	-Wl,-T,guests/lib/guest.lds,--no-warn-rwx-segments
GUEST_LIB_OBJ := $(patsubst guests/%,$(OUT)/guests/obj/%.o,$(wildcard guests/lib/*.c) guests/lib/start.S)

.PHONY: guests guests-bare guests-linux guests-uboot
guests: guests-bare guests-linux guests-uboot
guests-bare: $(GUESTS:%=$(OUT)/guests/%.bin)
guests-linux: $(OUT)/debian/version $(OUT)/guests/initramfs.cpio
guests-uboot: $(OUT)/uboot/version

$(OUT)/guests/obj/%.c.o: guests/%.c guests/guests.mk
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CROSS)gcc $(GUEST_CFLAGS) -c -o $@ $<

$(OUT)/guests/obj/%.S.o: guests/%.S guests/guests.mk
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CROSS)gcc $(GUEST_CFLAGS) -c -o $@ $<

define guest_rules
$(OUT)/guests/$(1).elf: $(patsubst guests/%,$(OUT)/guests/obj/%.o,$(wildcard guests/$(1)/*.c)) \
		$(GUEST_LIB_OBJ) guests/lib/guest.lds
	@echo "  LD    $$@"
	@$(CROSS)gcc $(GUEST_CFLAGS) $(GUEST_LDFLAGS) -o $$@ $$(filter %.o,$$^) -lgcc
$(OUT)/guests/$(1).bin: $(OUT)/guests/$(1).elf
	@$(CROSS)objcopy -O binary $$< $$@
endef
$(foreach g,$(GUESTS),$(eval $(call guest_rules,$(g))))

# Downloaded once, then kept; fetch.sh itself looks whether anything is missing.
$(OUT)/debian/version:
	@echo "  FETCH Debian's arm64 kernel and busybox"
	@guests/linux/fetch.sh $(@D)

$(OUT)/uboot/version:
	@echo "  FETCH Debian's U-Boot"
	@guests/uboot/fetch.sh $(@D)

$(OUT)/guests/initramfs.cpio: $(OUT)/debian/version guests/linux/init guests/linux/initramfs.sh
	@mkdir -p $(@D)
	@echo "  CPIO  $@"
	@guests/linux/initramfs.sh $(<D)/busybox $@

-include $(wildcard $(OUT)/guests/obj/*/*.d)
