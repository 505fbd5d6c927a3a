# SPDX-License-Identifier: Apache-2.0
# Fuzz targets: libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, by clang 14. hv/, hvplan and the guests' shm.h
# alone are instrumented for coverage, so that the fuzzer learns from what it tries and not from its tests.

FUZZCC       ?= clang-14
SECONDS      ?= 60
TOTAL        ?=
SEED         ?= 1
FUZZ_TARGETS_armv8 := exit vgic uart psci plan front shm
FUZZ_TARGETS_riscv := rvexit sbi plic aplic uart16550 rvfront
FUZZ_TARGETS       := $(FUZZ_TARGETS_armv8) $(FUZZ_TARGETS_riscv)
FUZZ               := $(OUT)/fuzz
# What the targets of an ISA are linked with: its portable and PURE files, and tests' fixtures. Those of Armv8 have the
# simulator below them, those of RISC-V the ops of its unit tests.
FUZZ_HVPLAN_C := $(filter-out sim/hvplan/main.c,$(wildcard sim/hvplan/*.c))
FUZZ_armv8_C := $(armv8_HV_C) $(call sim_c,armv8) tests/fuzz/fuzz.c $(wildcard tests/unit/vgic_*.c) tests/unit/fw_fixture.c \
                tests/unit/plan_fixture.c tests/unit/own_fixture.c tests/walker/walker.c $(FUZZ_HVPLAN_C) $(SHM_C)
FUZZ_riscv_C := $(riscv_HV_C) tests/fuzz/fuzz.c tests/fuzz/fuzz_steps.c tests/fuzz/fuzz_assert.c tests/unit/own_fixture.c \
                $(filter-out tests/unit/riscv/test_%.c,$(wildcard tests/unit/riscv/*.c)) $(FUZZ_HVPLAN_C)
# What a target is linked with besides its own file.
FUZZ_plan_C  := tests/fuzz/plan_mutate.c
FUZZ_uart_C  := tests/unit/vuart_model.c tests/system/merged.c

# Its loads are the input's.
FUZZ_SHM     := -DSHM_ATOMIC_OTHER='"tests/fuzz/shm_hostile.h"'

# The simulator knows AddressSanitizer by GCC's name for it. GCC is the compiler whose warnings count.
FUZZ_COMMON := -DHV_SIM -D__SANITIZE_ADDRESS__=1 -g -O1 -fno-omit-frame-pointer -MMD -MP \
               -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_COVER  := -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth
fuzz_hv      = $(filter-out -Werror,$(call host_inc,$(1),$(HV_CFLAGS))) $(FUZZ_COMMON) $(FUZZ_COVER)
fuzz_other   = $(filter-out -Werror $(HOST_COMMON),$(call host_other,$(1))) $(FUZZ_COMMON)
FUZZ_LD     := -fsanitize=fuzzer,address,undefined -Wl,--wrap=_exit -ldl -lfdt
FUZZ_MK     := Makefile hv/hv.mk tests/host.mk tests/fuzz/fuzz.mk
# $(call fuzz_obj,ISA,SOURCES)
fuzz_obj     = $(patsubst %.c,$(FUZZ)/obj-$(1)/%.o,$(2))

define fuzz_isa
# What is fuzzed is instrumented: hvplan as well.
$(FUZZ)/obj-$(1)/sim/hvplan/%.o: sim/hvplan/%.c $(FUZZ_MK)
	@mkdir -p $$(@D)
	@echo "  CC    fuzz $(1) $$<"
	@$(FUZZCC) $(call fuzz_other,$(1)) $(FUZZ_COVER) -c $$< -o $$@

$(FUZZ)/obj-$(1)/guests/%.o: guests/%.c $(FUZZ_MK)
	@mkdir -p $$(@D)
	@echo "  CC    fuzz $(1) $$<"
	@$(FUZZCC) $(call fuzz_other,$(1)) $(FUZZ_COVER) $(FUZZ_SHM) -c $$< -o $$@

$(FUZZ)/obj-$(1)/hv/%.o: hv/%.c $(FUZZ_MK)
	@mkdir -p $$(@D)
	@echo "  CC    fuzz $(1) $$<"
	@$(FUZZCC) $(call fuzz_hv,$(1)) -c $$< -o $$@

$(FUZZ)/obj-$(1)/%.o: %.c $(FUZZ_MK)
	@mkdir -p $$(@D)
	@echo "  CC    fuzz $(1) $$<"
	@$(FUZZCC) $(call fuzz_other,$(1)) -c $$< -o $$@

$(FUZZ)/libfuzz-$(1).a: $(call fuzz_obj,$(1),$(FUZZ_$(1)_C))
	@rm -f $$@
	@ar rcs $$@ $$^
-include $(patsubst %.o,%.d,$(call fuzz_obj,$(1),$(FUZZ_$(1)_C)))
endef
$(foreach i,$(ISAS),$(eval $(call fuzz_isa,$(i))))

# $(call fuzz_target,NAME,ISA): the program, and the same with a defect in it, which stands before the library's good file.
define fuzz_target
$(FUZZ)/$(1)/fuzz: $(call fuzz_obj,$(2),tests/fuzz/fuzz_$(1).c $(FUZZ_$(1)_C)) $(FUZZ)/libfuzz-$(2).a
	@mkdir -p $$(@D)
	@$(FUZZCC) $$^ $(FUZZ_LD) -o $$@

$(FUZZ)/selftest/$(1).c: tests/fuzz/defect.sh FORCE
	@mkdir -p $$(@D)
	@tests/fuzz/defect.sh $(1) > $$@
$(FUZZ)/selftest/$(1).o: $(FUZZ)/selftest/$(1).c $(FUZZ_MK)
	@echo "  CC    fuzz $$<"
	@$(FUZZCC) $(call fuzz_hv,$(2)) $(if $(filter front rvfront,$(1)),-D_GNU_SOURCE -Isim/hvplan) \
	    $(if $(filter shm,$(1)),$(FUZZ_SHM) -Iguests/lib) -c $$< -o $$@
$(FUZZ)/selftest/$(1)/fuzz: $(FUZZ)/selftest/$(1).o $(call fuzz_obj,$(2),tests/fuzz/fuzz_$(1).c $(FUZZ_$(1)_C)) \
  $(FUZZ)/libfuzz-$(2).a
	@mkdir -p $$(@D)
	@$(FUZZCC) $$^ $(FUZZ_LD) -o $$@
-include $(patsubst %.o,%.d,$(call fuzz_obj,$(2),tests/fuzz/fuzz_$(1).c $(FUZZ_$(1)_C))) $(FUZZ)/selftest/$(1).d
endef
$(foreach i,$(ISAS),$(foreach t,$(FUZZ_TARGETS_$(i)),$(eval $(call fuzz_target,$(t),$(i)))))

fuzz_chosen := $(or $(TARGET),$(FUZZ_TARGETS))
# TOTAL is shared by the targets, and leaves none without a second.
fuzz_each = $(if $(TOTAL),$(shell echo $$(($(TOTAL) / $(words $(fuzz_chosen)) + ($(TOTAL) < $(words $(fuzz_chosen)))))),$(SECONDS))
ifneq ($(filter fuzz fuzz-replay,$(MAKECMDGOALS)),)
ifneq ($(filter-out $(FUZZ_TARGETS),$(fuzz_chosen)),)
$(error TARGET=$(TARGET) is not known: $(FUZZ_TARGETS) are)
endif
endif

.PHONY: fuzz fuzz-selftest fuzz-replay run-fuzz run-fuzz-selftest
fuzz: ## fuzz targets, one after another (TARGET="plan sbi ..." SECONDS=60 SEED=1; TOTAL=60 for all together)
	@$(SETUP) unit fuzz
	@$(MAKE) --no-print-directory run-fuzz
run-fuzz: $(foreach t,$(fuzz_chosen),$(FUZZ)/$(t)/fuzz)
	@tests/fuzz/run.sh fuzz $(FUZZ) $(fuzz_each) $(SEED) $(fuzz_chosen)

fuzz-selftest: ## each fuzz target with a defect seeded in what it tries, which it must find within 20 s
	@$(SETUP) unit fuzz
	@$(MAKE) --no-print-directory run-fuzz-selftest
run-fuzz-selftest: $(foreach t,$(FUZZ_TARGETS),$(FUZZ)/selftest/$(t)/fuzz)
	@tests/fuzz/run.sh selftest $(FUZZ)/selftest 20 $(SEED) $(FUZZ_TARGETS)

fuzz-replay: ## one input again: FILE=build/fuzz/TARGET/crash-... (TARGET=... if the path does not say it)
	@$(SETUP) unit fuzz
	@[ -r "$(FILE)" ] || { echo "usage: make fuzz-replay FILE=... [TARGET=...]" >&2; exit 2; }
	@target=$(TARGET); for t in $(FUZZ_TARGETS); do case "/$(FILE)" in */$$t/*) target=$${target:-$$t} ;; esac; done; \
	 [ -n "$$target" ] || { echo "fuzz-replay: say TARGET=, one of $(FUZZ_TARGETS)" >&2; exit 2; }; \
	 $(MAKE) --no-print-directory $(FUZZ)/$$target/fuzz && $(FUZZ)/$$target/fuzz -detect_leaks=0 "$(FILE)"
