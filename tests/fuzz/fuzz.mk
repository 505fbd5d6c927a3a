# SPDX-License-Identifier: Apache-2.0
# Fuzz targets: libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, by clang 14. hv/ alone is instrumented for
# coverage, so that the fuzzer learns from the hypervisor and not from its tests.

FUZZCC       ?= clang-14
SECONDS      ?= 60
TOTAL        ?=
SEED         ?= 1
FUZZ_TARGETS := exit vgic uart psci plan
FUZZ         := $(OUT)/fuzz
FUZZ_HELP_C  := tests/fuzz/fuzz.c $(wildcard tests/unit/vgic_*.c) tests/unit/fw_fixture.c tests/unit/plan_fixture.c \
                tests/walker/walker.c
# What a target is linked with besides its own file.
FUZZ_plan_C  := tests/fuzz/plan_mutate.c
FUZZ_uart_C  := tests/unit/vuart_model.c tests/system/merged.c

# The simulator knows AddressSanitizer by GCC's name for it. GCC is the compiler whose warnings count.
FUZZ_COMMON := -DHV_SIM -D__SANITIZE_ADDRESS__=1 -g -O1 -fno-omit-frame-pointer -MMD -MP \
               -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_COVER  := -fsanitize=fuzzer-no-link -fno-sanitize-coverage=stack-depth
FUZZ_HV     := $(filter-out -Werror,$(HV_CFLAGS)) $(FUZZ_COMMON) $(FUZZ_COVER)
FUZZ_OTHER  := -std=gnu11 -Wall -Wextra $(INCLUDES) -Isim/armv8/include -Itests/unit -Itests/system -Itests $(FUZZ_COMMON)
FUZZ_LD     := -fsanitize=fuzzer,address,undefined -Wl,--wrap=_exit -ldl
FUZZ_MK     := Makefile hv/hv.mk tests/fuzz/fuzz.mk

fuzz_obj = $(patsubst %.c,$(FUZZ)/obj/%.o,$(1))
FUZZ_LIB_OBJ := $(call fuzz_obj,$(HOST_HV_C) $(SIM_C) $(FUZZ_HELP_C))

$(FUZZ)/obj/hv/%.o: hv/%.c $(FUZZ_MK)
	@mkdir -p $(@D)
	@echo "  CC    fuzz $<"
	@$(FUZZCC) $(FUZZ_HV) -c $< -o $@

$(FUZZ)/obj/%.o: %.c $(FUZZ_MK)
	@mkdir -p $(@D)
	@echo "  CC    fuzz $<"
	@$(FUZZCC) $(FUZZ_OTHER) -c $< -o $@

$(FUZZ)/libfuzz.a: $(FUZZ_LIB_OBJ)
	@rm -f $@
	@ar rcs $@ $^

# $(call fuzz_target,NAME): the program, and the same with a defect in it, which stands before the library's good file.
define fuzz_target
$(FUZZ)/$(1)/fuzz: $(call fuzz_obj,tests/fuzz/fuzz_$(1).c $(FUZZ_$(1)_C)) $(FUZZ)/libfuzz.a
	@mkdir -p $$(@D)
	@$(FUZZCC) $$^ $(FUZZ_LD) -o $$@

$(FUZZ)/selftest/$(1).c: tests/fuzz/defect.sh FORCE
	@mkdir -p $$(@D)
	@tests/fuzz/defect.sh $(1) > $$@
$(FUZZ)/selftest/$(1).o: $(FUZZ)/selftest/$(1).c $(FUZZ_MK)
	@echo "  CC    fuzz $$<"
	@$(FUZZCC) $(FUZZ_HV) -c $$< -o $$@
$(FUZZ)/selftest/$(1)/fuzz: $(FUZZ)/selftest/$(1).o $(call fuzz_obj,tests/fuzz/fuzz_$(1).c $(FUZZ_$(1)_C)) \
  $(FUZZ)/libfuzz.a
	@mkdir -p $$(@D)
	@$(FUZZCC) $$^ $(FUZZ_LD) -o $$@
endef
$(foreach t,$(FUZZ_TARGETS),$(eval $(call fuzz_target,$(t))))
-include $(patsubst %.o,%.d,$(FUZZ_LIB_OBJ) $(call fuzz_obj,$(foreach t,$(FUZZ_TARGETS),tests/fuzz/fuzz_$(t).c \
    $(FUZZ_$(t)_C)))) $(foreach t,$(FUZZ_TARGETS),$(FUZZ)/selftest/$(t).d)

fuzz_chosen := $(or $(TARGET),$(FUZZ_TARGETS))
# TOTAL is shared by the targets, and leaves none without a second.
fuzz_each = $(if $(TOTAL),$(shell echo $$(($(TOTAL) / $(words $(fuzz_chosen)) + ($(TOTAL) < $(words $(fuzz_chosen)))))),$(SECONDS))
ifneq ($(filter fuzz fuzz-replay,$(MAKECMDGOALS)),)
ifneq ($(filter-out $(FUZZ_TARGETS),$(fuzz_chosen)),)
$(error TARGET=$(TARGET) is not known: $(FUZZ_TARGETS) are)
endif
endif

.PHONY: fuzz fuzz-selftest fuzz-replay run-fuzz run-fuzz-selftest
fuzz: ## fuzz targets, one after another (TARGET="exit vgic uart psci plan" SECONDS=60 SEED=1; TOTAL=60 for all together)
	@$(SETUP) unit fuzz
	@$(MAKE) --no-print-directory run-fuzz
run-fuzz: $(foreach t,$(fuzz_chosen),$(FUZZ)/$(t)/fuzz)
	@tests/fuzz/run.sh fuzz $(FUZZ) $(fuzz_each) $(SEED) $(fuzz_chosen)

fuzz-selftest: ## each fuzz target with a defect seeded in hv/, which it must find within 20 s
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
