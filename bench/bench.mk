# SPDX-License-Identifier: Apache-2.0
# The instruction counter: a QEMU plugin for all ISAs, and of each the stub on which it is tested.
PLUGIN             := $(OUT)/bench/count.so
PLUGIN_STUB_armv8  := $(OUT)/bench/stub.bin
PLUGIN_STUB_riscv  := $(OUT)/bench/stub_riscv.bin
PLUGIN_FLAGS_riscv := -march=rv64imac_zicsr_zifencei -mabi=lp64 -Wl,--no-relax

.PHONY: plugin
plugin: $(PLUGIN) $(PLUGIN_STUB_$(ARCH)) ## the QEMU plugin that counts the hypervisor's instructions (bench/README.md)
	@:

# Its undefined symbols are QEMU's and GLib's, which the emulator brings.
$(PLUGIN): $(wildcard bench/plugin/*.[ch]) bench/bench.mk
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden -o $@ $(filter %.c,$^)

define plugin_stub_rule
$(PLUGIN_STUB_$(1)): bench/plugin/$(basename $(notdir $(PLUGIN_STUB_$(1)))).S bench/bench.mk
	@mkdir -p $$(@D)
	@echo "  AS    $$@"
	@$(CROSS_$(1))gcc $(PLUGIN_FLAGS_$(1)) -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0 -x assembler-with-cpp \
	    -o $$(@:.bin=.elf) $$<
	@$(CROSS_$(1))objcopy -O binary -j .text $$(@:.bin=.elf) $$@
endef
$(foreach a,armv8 riscv,$(eval $(call plugin_stub_rule,$(a))))

# The initramfs of the Linux that is measured: the guest's, and behind it an archive with what is added, of fixed times and order.
BENCH_INITRD := $(GUEST_OUT_$(ARCH))/bench-initramfs.cpio
.PHONY: bench-guests
bench-guests: guests-bare guests-linux $(BENCH_INITRD)
$(BENCH_INITRD): $(GUEST_OUT_$(ARCH))/initramfs.cpio bench/linux/init bench/linux/mark_$(ARCH).S bench/bench.mk
	@echo "  CPIO  $@"
	@rm -rf $@.tree && mkdir -p $@.tree && cp bench/linux/init $@.tree/bench && chmod 755 $@.tree/bench
	@$(CROSS)gcc $(PLUGIN_FLAGS_$(ARCH)) -nostdlib -static -Wl,--build-id=none -o $@.tree/mark bench/linux/mark_$(ARCH).S
	@for n in gzip gunzip sha256sum; do mkdir -p $@.tree/bin && ln -s busybox $@.tree/bin/$$n; done
	@find $@.tree -exec touch -h -d '2024-01-01 00:00:00 UTC' {} +
	@(cat $< && cd $@.tree && find bench mark bin -type l -o -type f | LC_ALL=C sort | \
	    cpio --quiet --reproducible --owner=0:0 -H newc -o) > $@.new
	@mv $@.new $@ && rm -rf $@.tree
