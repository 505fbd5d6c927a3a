# SPDX-License-Identifier: Apache-2.0
# The instruction counter: a QEMU plugin for all ISAs, and of each the stub on which it is tested.
PLUGIN             := $(OUT)/bench/count.so
PLUGIN_CACHE_TEST  := $(OUT)/bench/test_cache
PLUGIN_STUB_armv8  := $(OUT)/bench/stub.bin
PLUGIN_STUB_riscv  := $(OUT)/bench/stub_riscv.bin
PLUGIN_FLAGS_riscv := -march=rv64imac_zicsr_zifencei -mabi=lp64 -Wl,--no-relax

.PHONY: plugin
plugin: $(PLUGIN) $(PLUGIN_STUB_$(ARCH)) $(PLUGIN_CACHE_TEST) ## the QEMU plugin that counts the hypervisor's instructions (bench/README.md)
	@:

# Its undefined symbols are QEMU's and GLib's, which the emulator brings.
PLUGIN_C := $(filter-out bench/plugin/test_%.c,$(wildcard bench/plugin/*.c))
$(PLUGIN): $(PLUGIN_C) $(wildcard bench/plugin/*.h) bench/bench.mk
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden -o $@ $(filter %.c,$^)

$(PLUGIN_CACHE_TEST): bench/plugin/test_cache.c bench/plugin/cache.c bench/plugin/cache.h bench/bench.mk
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(HOSTCC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -fsanitize=address,undefined -o $@ $(filter %.c,$^)

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

# CASE="name name": those alone, of BOARD, and their figures on standard output. What each is: bench/README.md.
BENCH_BOARDS = $(filter virt-%,$(BOARDS))
BENCH_RUN    = $(AFRESH) BUILD=release $(PYTHON) bench/run.py
BENCH_OUT    = $(OUT)/bench/figures
BENCH_THERE  = [ -n "$(BENCH_BOARDS)" ] || { echo "make $@: nothing is measured on $(BOARD)" >&2; exit 2; }
.PHONY: bench bench-build
bench: ## what is measured, in instructions: build/bench/report.json and report.html (CASE="name name": those, on BOARD)
	@$(BENCH_THERE)
	@$(SETUP) unit image boot bench
ifneq ($(CASE),)
	@$(MAKE) --no-print-directory BOARD=$(BOARD) BUILD=release bench-build >&2
	@BOARD=$(BOARD) $(BENCH_RUN) $(CASE:%=--case %)
else
	@for b in $(BENCH_BOARDS); do $(MAKE) --no-print-directory BOARD=$$b BUILD=release bench-build || exit 1; done
	@rm -rf $(BENCH_OUT) && mkdir -p $(BENCH_OUT)
	@for b in $(BENCH_BOARDS); do BOARD=$$b $(BENCH_RUN) --out $(BENCH_OUT)/$$b.json || exit 1; done
	@BOARD=$(firstword $(filter-out virt-gicv2,$(BENCH_BOARDS)) $(BENCH_BOARDS)) $(BENCH_RUN) --case host --case lines --out $(BENCH_OUT)/host.json
	@$(AFRESH) $(PYTHON) bench/report.py $(OUT)/bench $(BENCH_OUT)/*.json
endif
bench-build: image hvplan bench-guests plugin
	@:

# UPDATE="the reason" makes what is measured now the baseline.
.PHONY: bench-check bench-diff
bench-check: ## what bench/baseline.json holds, measured again: nothing may have grown by more than 2 % (UPDATE="reason": it has to)
	@$(BENCH_THERE)
	@$(SETUP) unit image boot
	@for b in $(BENCH_BOARDS); do $(MAKE) --no-print-directory -s BOARD=$$b BUILD=release image hvplan guests-bare plugin || exit 1; done
	@rm -rf $(OUT)/bench/quick && mkdir -p $(OUT)/bench/quick
	@for b in $(BENCH_BOARDS); do BOARD=$$b $(BENCH_RUN) --case quick --out $(OUT)/bench/quick/$$b.json || exit 1; done
	@$(AFRESH) $(PYTHON) bench/baseline.py $(if $(UPDATE),--update "$(UPDATE)") $(OUT)/bench/quick/*.json

bench-diff: ## what a change cost: the same of the revision BASE and of this tree, side by side
	@$(BENCH_THERE)
	@$(SETUP) unit image boot
	@$(AFRESH) bench/diff.sh "$(BASE)" $(BENCH_BOARDS)
