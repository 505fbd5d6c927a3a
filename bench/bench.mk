# SPDX-License-Identifier: Apache-2.0
# The instruction counter: a QEMU plugin, and the stub on which it is tested.
PLUGIN      := $(OUT)/bench/count.so
PLUGIN_STUB := $(OUT)/bench/stub.bin

.PHONY: plugin
plugin: $(PLUGIN) $(PLUGIN_STUB) ## the QEMU plugin that counts the hypervisor's instructions (bench/README.md)
	@:

# Its undefined symbols are QEMU's and GLib's, which the emulator brings.
$(PLUGIN): bench/plugin/count.c bench/plugin/qemu_plugin.h bench/bench.mk
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(HOSTCC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -fPIC -shared -fvisibility=hidden -o $@ $<

$(PLUGIN_STUB): bench/plugin/stub.S bench/bench.mk
	@mkdir -p $(@D)
	@echo "  AS    $@"
	@$(CROSS)gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0 -x assembler-with-cpp -o $(@:.bin=.elf) $<
	@$(CROSS)objcopy -O binary -j .text $(@:.bin=.elf) $@
