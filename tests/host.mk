# SPDX-License-Identifier: Apache-2.0
# Host programs: unit and system tests, hvplan, hvsim. For each ISA three builds of the same files, each in its own folder:
#   asan  AddressSanitizer and UndefinedBehaviorSanitizer; unit and system tests
#   race  hv/ with the compiler's race hooks (__tsan_*), which sim/race.c answers; system tests
#   cov   gcov; `make coverage`
# and one of its own, tsan: ThreadSanitizer, for what guests share.
# HOST_EXTRA=-D... adds to the flags of all of them (the canaries use it, together with OUT=).

HOSTCC     ?= gcc
HOST_EXTRA ?=

# Both ISAs are built here, whatever ARCH is: Armv8 in $(OUT)/host/asan, race and cov, RISC-V in rv-asan, rv-race and rv-cov.
# Of each the PURE files are compiled, and the constants of one board. A program for another board has that board's object
# before the library, which then does not give its own.
ISAS := armv8 riscv
armv8_HV_C  := $(PORTABLE_armv8) $(wildcard $(PURE_armv8)) hv/board/virt-gicv3.c
riscv_HV_C  := $(PORTABLE_riscv) $(wildcard $(PURE_riscv)) hv/board/virt-plic.c
HOST_HV_C   := $(armv8_HV_C)
sim_c        = $(filter-out sim/hvsim.c,$(wildcard sim/*.c)) $(wildcard sim/$(1)/*.c)
SIM_C       := $(call sim_c,armv8)
system_help  = $(filter-out tests/system/test_%.c tests/system/$(1)/test_%.c,\
                 $(wildcard tests/system/*.c tests/system/$(1)/*.c))
armv8_HELP_C := $(filter-out tests/unit/test_%.c tests/walker/%_riscv.c,$(wildcard tests/unit/*.c tests/walker/*.c)) \
                $(call system_help,armv8)
riscv_HELP_C := tests/unit/plan_fixture.c tests/unit/own_fixture.c tests/unit/memory_fixture.c tests/unit/s2_steps.c \
                $(wildcard tests/walker/*_riscv.c) $(call system_help,riscv)
HVPLAN_C    := $(wildcard sim/hvplan/*.c)
HVPLAN_HV_C := $(wildcard hv/core/plan*.c hv/core/colour.c hv/core/pages_place.c hv/lib/*.c)
UNIT_C      := $(wildcard tests/unit/test_*.c)
armv8_SYSTEM_C := $(wildcard tests/system/test_*.c tests/system/armv8/test_*.c)
riscv_SYSTEM_C := $(wildcard tests/system/test_*.c tests/system/riscv/test_*.c)
BOARD_DTS   := $(wildcard tests/unit/boards/*.dts)

HOST_COMMON   := -DHV_SIM -g -fno-omit-frame-pointer -MMD -MP $(HOST_EXTRA)
# $(call host_hv,ISA), $(call host_other,ISA): flags of hv/ and of all else. hv/isa.h and sim/isa.h are those of the ISA.
host_inc       = $(subst -Ihv/arch/armv8/include,-Ihv/arch/$(1)/include,$(2))
host_hv        = $(call host_inc,$(1),$(HV_CFLAGS)) $(HOST_COMMON)
host_other     = -std=gnu11 -Wall -Wextra -Werror $(call host_inc,$(1),$(INCLUDES)) -Isim/$(1)/include \
                 $(if $(filter riscv,$(1)),-Itests/unit/riscv) -Itests/unit -Itests/system/$(1) -Itests/system -Itests $(HOST_COMMON)
ASAN          := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
asan_HV       := $(ASAN)
asan_OTHER    := $(ASAN)
asan_LD       := -fsanitize=address,undefined
race_HV       := -O1 -fsanitize=thread
# The warning depends on what the optimiser sees; the asan build is where it counts for host code.
race_OTHER    := -O1 -Wno-maybe-uninitialized
race_LD       :=
cov_HV        := -O0 --coverage
cov_OTHER     := -O0
# The simulator's children leave by _exit and write their counts themselves, if this function is there.
cov_LD        := --coverage -Wl,-u,__gcov_dump

HOST_MK  := Makefile hv/hv.mk tests/host.mk
host_obj  = $(patsubst %.c,$(OUT)/host/$(1)/%.o,$(2))

# $(call host_build,FOLDER,MODE,ISA): objects, library and system tests of one build; the same tests for the other board.
armv8_OTHER_BOARD := virt-gicv2
riscv_OTHER_BOARD := virt-aia
define host_build
$(OUT)/host/$(1)/hv/%.o: hv/%.c $(HOST_MK)
	@mkdir -p $$(@D)
	@echo "  CC    $(1) $$<"
	@$(HOSTCC) $(call host_hv,$(3)) $($(2)_HV) -c $$< -o $$@

$(OUT)/host/$(1)/%.o: %.c $(HOST_MK)
	@mkdir -p $$(@D)
	@echo "  CC    $(1) $$<"
	@$(HOSTCC) $(call host_other,$(3)) $($(2)_OTHER) -c $$< -o $$@

$(1)_LIB := $(OUT)/host/$(1)/libbulkhead.a
$(1)_LIB_C := $($(3)_HV_C) $(call sim_c,$(3)) $($(3)_HELP_C)
$(1)_LIB_OBJ := $$(patsubst %.c,$(OUT)/host/$(1)/%.o,$$($(1)_LIB_C))
$$($(1)_LIB): $$($(1)_LIB_OBJ) $(OUT)/host/$(1)/lib.list
	@rm -f $$@
	@ar rcs $$@ $$($(1)_LIB_OBJ)
# A file that appears or goes changes the list, and so the library.
$(OUT)/host/$(1)/lib.list: FORCE
	@mkdir -p $$(@D)
	@echo '$$($(1)_LIB_C)' | cmp -s - $$@ || echo '$$($(1)_LIB_C)' > $$@

$(1)_SYSTEM := $(patsubst %.c,$(OUT)/host/$(1)/%,$($(3)_SYSTEM_C))
$$($(1)_SYSTEM): %: %.o $$($(1)_LIB)
	@$(HOSTCC) $($(2)_LD) $$^ -lcmocka -o $$@
$(1)_OTHER_BOARD := $$($(1)_SYSTEM:%=%.$($(3)_OTHER_BOARD))
$$($(1)_OTHER_BOARD): %.$($(3)_OTHER_BOARD): %.o $(OUT)/host/$(1)/hv/board/$($(3)_OTHER_BOARD).o $$($(1)_LIB)
	@$(HOSTCC) $($(2)_LD) $$^ -lcmocka -o $$@

-include $$($(1)_LIB_OBJ:.o=.d) $$($(1)_SYSTEM:=.d)
endef
$(foreach m,asan race cov,$(eval $(call host_build,$(m),$(m),armv8))$(eval $(call host_build,rv-$(m),$(m),riscv)))

# $(call unit_build,MODE): the unit tests of Armv8, and those of hvplan.
define unit_build
$(1)_HVPLAN_OBJ := $(call host_obj,$(1),$(filter-out sim/hvplan/main.c,$(HVPLAN_C)))
$(1)_UNIT       := $(patsubst %.c,$(OUT)/host/$(1)/%,$(UNIT_C))

$(patsubst %.c,$(OUT)/host/$(1)/%,$(filter tests/unit/test_hvplan%,$(UNIT_C))): \
  $(OUT)/host/$(1)/%: $(OUT)/host/$(1)/%.o $$($(1)_HVPLAN_OBJ) $$($(1)_LIB)
	@$(HOSTCC) $($(1)_LD) $$^ -lcmocka -lfdt -o $$@

$(patsubst %.c,$(OUT)/host/$(1)/%,$(filter-out tests/unit/test_hvplan%,$(UNIT_C))): \
  $(OUT)/host/$(1)/%: $(OUT)/host/$(1)/%.o $$($(1)_LIB)
	@$(HOSTCC) $($(1)_LD) $$^ -lcmocka -o $$@

-include $(addsuffix .d,$(basename $(call host_obj,$(1),$(HVPLAN_C) $(UNIT_C))))
endef
$(foreach m,asan race cov,$(eval $(call unit_build,$(m))))

# What guests exchange data by, guests/lib/shm.h. The model tests include it, over a memory of their own (tests/unit/shm_model.h).
SHM_C := guests/lib/shm_queue.c guests/lib/shm_port.c
SHM_H := $(wildcard guests/lib/shm*.h)
$(foreach m,asan cov,$(OUT)/host/$(m)/tests/unit/test_shm): %/tests/unit/test_shm: %/guests/lib/shm_queue.o
$(foreach m,asan cov,$(OUT)/host/$(m)/tests/unit/test_shm_hostile): %/tests/unit/test_shm_hostile: %/guests/lib/shm_queue.o
$(foreach m,asan cov,$(OUT)/host/$(m)/tests/unit/test_shm_port): %/tests/unit/test_shm_port: %/guests/lib/shm_port.o
$(foreach m,asan cov,$(OUT)/host/$(m)/tests/unit/test_shm_telemetry): %/tests/unit/test_shm_telemetry: %/guests/rt/commands.o \
  %/guests/lib/shm_queue.o %/guests/lib/shm_port.o
$(foreach m,asan cov,$(OUT)/host/$(m)/tests/unit/test_shm_ledger): %/tests/unit/test_shm_ledger: %/guests/peer/message.o \
  %/guests/lib/shm_queue.o
-include $(foreach m,asan cov,$(patsubst %.c,$(OUT)/host/$(m)/%.d,$(SHM_C) guests/rt/commands.c guests/peer/message.c))
# Between threads, under ThreadSanitizer, which does not know fences (those of the port; its data are atomics). `relaxed` is the
# same without its orders: the test runs it, and it has to fail.
TSAN_BUILD = $(HOSTCC) -std=gnu11 -Wall -Wextra -Werror -Wno-tsan -I. -O1 -g -fsanitize=thread $(HOST_EXTRA)
TSAN_TEST := $(OUT)/host/tsan/test_shm_threads
$(TSAN_TEST) $(OUT)/host/tsan/relaxed: $(OUT)/host/tsan/%: tests/threads/test_shm_threads.c $(SHM_C) $(SHM_H) \
  tests/threads/relaxed.h $(HOST_MK)
	@mkdir -p $(@D)
	@echo "  CC    tsan $@"
	@$(TSAN_BUILD) $(if $(filter relaxed,$*),-DSHM_ATOMIC_OTHER='"tests/threads/relaxed.h"') $(filter %.c,$^) -lcmocka -o $@
$(TSAN_TEST): $(OUT)/host/tsan/relaxed

# The unit tests of RISC-V: the same portable code, with that ISA's devices, firmware interface and PURE files, over ops that
# a test sets (tests/unit/riscv/ops_fixture.c), which stand before the simulator's in the library; test_sim* are of that one.
RISCV_UNIT_HELP_C := $(filter-out tests/unit/riscv/test_%.c,$(wildcard tests/unit/riscv/*.c)) tests/unit/hvplan_fixture.c
# Tests of neutral code that need no machine run over it as it is compiled for this ISA, too.
RISCV_NEUTRAL_C   := $(patsubst %,tests/unit/test_%.c,colour s2_colour s2_steps console console_fair console_serve fmt lifecycle log mmio pages panic \
                       plan_console plan_names plan_hv plan_pages restart)
RISCV_UNIT_C      := $(wildcard tests/unit/riscv/test_*.c) $(RISCV_NEUTRAL_C)
define riscv_unit_build
rv-$(1)_UNIT_OBJ := $(patsubst %.c,$(OUT)/host/rv-$(1)/%.o,$(RISCV_UNIT_HELP_C))
$(OUT)/host/rv-$(1)/libunit.a: $$(rv-$(1)_UNIT_OBJ)
	@rm -f $$@
	@ar rcs $$@ $$^
rv-$(1)_UNIT := $(patsubst %.c,$(OUT)/host/rv-$(1)/%,$(RISCV_UNIT_C))
rv-$(1)_HVPLAN_OBJ := $(patsubst %.c,$(OUT)/host/rv-$(1)/%.o,$(filter-out sim/hvplan/main.c,$(HVPLAN_C)))
$$(filter $(OUT)/host/rv-$(1)/tests/unit/riscv/test_sim%,$$(rv-$(1)_UNIT)): %: %.o $$(rv-$(1)_LIB)
	@$(HOSTCC) $($(1)_LD) $$^ -lcmocka -o $$@
$$(filter-out $(patsubst %,$(OUT)/host/rv-$(1)/tests/unit/riscv/test_%,hvplan% sim%),$$(rv-$(1)_UNIT)): \
  %: %.o $(OUT)/host/rv-$(1)/libunit.a $$(rv-$(1)_LIB)
	@$(HOSTCC) $($(1)_LD) $$^ -lcmocka -o $$@
$$(filter $(OUT)/host/rv-$(1)/tests/unit/riscv/test_hvplan%,$$(rv-$(1)_UNIT)): \
  %: %.o $$(rv-$(1)_HVPLAN_OBJ) $(OUT)/host/rv-$(1)/libunit.a $$(rv-$(1)_LIB)
	@$(HOSTCC) $($(1)_LD) $$^ -lcmocka -lfdt -o $$@
-include $$(rv-$(1)_UNIT_OBJ:.o=.d) $$(rv-$(1)_HVPLAN_OBJ:.o=.d) $$(rv-$(1)_UNIT:=.d)
endef
$(foreach m,asan cov,$(eval $(call riscv_unit_build,$(m))))
# Unit tests that run cores side by side belong under the race detector as well.
race_PARALLEL := $(OUT)/host/race/tests/unit/test_vgic_parallel

# The tools themselves: hvplan without sanitizers and without the simulator's hooks. It has all of itself twice, once with
# each instruction set's stage-2 format, so that either is checked by exactly the code that its image has; sim/hvplan/main.c
# chooses. All but the doors named is local to each copy.
HVPLAN_ISAS  := armv8 riscv
HVPLAN_DOORS := hvplan_run hvplan_isa
TOOL_OBJ     := $(patsubst %.c,$(OUT)/host/tool/%.o,$(filter-out %/main.c,$(HVPLAN_C)) $(HVPLAN_HV_C))
TOOL_PARTS   := $(HVPLAN_ISAS:%=$(OUT)/host/tool/hvplan-%.o)
$(OUT)/host/tool/hv/%.o: hv/%.c $(HOST_MK)
	@mkdir -p $(@D)
	@echo "  CC    tool $<"
	@$(HOSTCC) $(HV_CFLAGS) -O2 -g -MMD -MP -c $< -o $@
$(OUT)/host/tool/%.o: %.c $(HOST_MK)
	@mkdir -p $(@D)
	@echo "  CC    tool $<"
	@$(HOSTCC) -std=gnu11 -Wall -Wextra -Werror $(INCLUDES) -O2 -g -MMD -MP -c $< -o $@
$(TOOL_PARTS): $(OUT)/host/tool/hvplan-%.o: $(TOOL_OBJ) $(OUT)/host/tool/hv/arch/%/s2_format.o
	@$(HOSTCC) -r -nostdlib $^ -o $@.all
	@objcopy $(foreach d,$(HVPLAN_DOORS),--keep-global-symbol=$(d)) $@.all
	@objcopy $(foreach d,$(HVPLAN_DOORS),--redefine-sym $(d)=$(d)_$*) $@.all $@
$(OUT)/hvplan: $(OUT)/host/tool/sim/hvplan/main.o $(TOOL_PARTS)
	@echo "  LD    $@"
	@$(HOSTCC) $^ -lfdt -o $@
# The simulator knows its board as an image does: one hvsim for each.
define hvsim_build
$(BOARDS_$(2):%=$(OUT)/hvsim-%): $(OUT)/hvsim-%: $(OUT)/host/$(1)/sim/hvsim.o $(OUT)/host/$(1)/hv/board/%.o $($(1)_LIB)
	@echo "  LD    $$@"
	@$(HOSTCC) $(asan_LD) $$^ -o $$@
-include $(OUT)/host/$(1)/sim/hvsim.d
endef
$(eval $(call hvsim_build,asan,armv8))
$(eval $(call hvsim_build,rv-asan,riscv))
-include $(TOOL_OBJ:.o=.d) $(OUT)/host/tool/sim/hvplan/main.d $(HVPLAN_ISAS:%=$(OUT)/host/tool/hv/arch/%/s2_format.d)

BOARD_DTB := $(patsubst tests/unit/boards/%.dts,$(OUT)/host/boards/%.dtb,$(BOARD_DTS))
$(OUT)/host/boards/%.dtb: tests/unit/boards/%.dts
	@mkdir -p $(@D)
	@dtc -q -I dts -O dtb -o $@ $<

.PHONY: hvplan hvsim run-unit run-system run-coverage
hvplan: $(OUT)/hvplan ## the plan tool: build, check or show a system (build/hvplan)
	@:
hvsim: $(OUT)/hvsim-$(BOARD) ## boots a packed file in the simulator, on BOARD (build/hvsim-BOARD)
	@:

unit: ## unit tests on the host, with ASan and UBSan, and the models; seconds, no cross compiler, no QEMU
	@$(SETUP) unit model
	@rc=0; for part in run-unit run-model; do $(MAKE) --no-print-directory $$part || rc=1; done; exit $$rc
model: ## Spin on models of protocols (tests/model), each with defects that it must find; seconds
	@$(SETUP) unit model
	@$(MAKE) --no-print-directory run-model
.PHONY: model run-model
run-model:
	@tests/model/run.sh $(OUT)/model
run-unit: $(asan_UNIT) $(rv-asan_UNIT) $(TSAN_TEST) $(BOARD_DTB)
	@tests/run.sh unit $(asan_UNIT) $(rv-asan_UNIT) $(TSAN_TEST)

system: ## the whole hypervisor in the simulator: sanitizer build, then race-detector build
	@$(SETUP) unit
	@$(MAKE) --no-print-directory run-system
SYSTEM_ASAN = $(asan_SYSTEM) $(asan_OTHER_BOARD) $(rv-asan_SYSTEM) $(rv-asan_OTHER_BOARD)
SYSTEM_RACE = $(race_PARALLEL) $(race_SYSTEM) $(rv-race_SYSTEM) $(if $(DRAW),,$(race_OTHER_BOARD) $(rv-race_OTHER_BOARD))
run-system: $(SYSTEM_ASAN) $(SYSTEM_RACE) $(BOARD_DTB)
	@rc=0; $(if $(DRAW),NONINTERFERENCE_RUNS=10) tests/run.sh system $(SYSTEM_ASAN) || rc=1; \
	    NONINTERFERENCE_RUNS=$${NONINTERFERENCE_RUNS:-$(if $(DRAW),6,20)} tests/run.sh system-race $(SYSTEM_RACE) || rc=1; exit $$rc

canaries: ## per detector of the tests a build with that defect seeded, which must fail
	@$(SETUP) unit
	@$(MAKE) --no-print-directory $(asan_LIB) $(race_LIB) $(rv-asan_LIB) $(rv-race_LIB) $(OUT)/host/rv-asan/libunit.a
	@$(AFRESH) tests/canaries/run.sh

coverage: ## lines of portable code that unit and system tests reach (95 % at least)
	@$(SETUP) unit coverage
	@$(MAKE) --no-print-directory run-coverage
COVERAGE_TESTS = $(cov_UNIT) $(rv-cov_UNIT) $(cov_SYSTEM) $(cov_OTHER_BOARD) $(rv-cov_SYSTEM) $(rv-cov_OTHER_BOARD)
# Lines are reached by the first runs of a random test: unit and system have run all of them.
FEW_RUNS := VGIC_RUNS=20 VPLIC_RUNS=40 VAPLIC_RUNS=8 SBI_RUNS=4 RISCV_S2_RUNS=6 VUART_16550_RUNS=40 NONINTERFERENCE_RUNS=20 SYSTEM_RUNS=4
# A line of what both ISAs share counts once, if either has reached it; PURE files and one ISA's own files with that ISA.
run-coverage: $(COVERAGE_TESTS) $(BOARD_DTB)
	@find $(OUT)/host/cov $(OUT)/host/rv-cov \( -name '*.gcda' -o -name failed \) -delete
	@$(FEW_RUNS) tests/run.sh coverage $(COVERAGE_TESTS) || touch $(OUT)/host/cov/failed
	@PURE_FILES='$(wildcard $(PURE_armv8) $(PURE_riscv))' tests/check/coverage.sh $(OUT)/host/cov $(OUT)/host/rv-cov
	@if [ -e $(OUT)/host/cov/failed ]; then rm $(OUT)/host/cov/failed; echo "coverage: a test failed" >&2; exit 1; fi

# tests/mutate/mutate.py compiles one file and links one test at a time; it gets flags, objects and programs from here.
# $(call mutate_mode,FOLDER,MODE,ISA,TESTS): a build that mutants are tried in.
MUTATE_MODES := asan race rv-asan rv-race
define mutate_mode
run-mutate: export MUTATE_HV_$(subst -,_,$(1)) := $(filter-out -MMD -MP -Werror,$(call host_hv,$(3)) $($(2)_HV))
run-mutate: export MUTATE_LD_$(subst -,_,$(1)) := $($(2)_LD)
run-mutate: export MUTATE_C_$(subst -,_,$(1)) := $(filter-out hv/board/%,$($(3)_HV_C))
run-mutate: export MUTATE_OBJ_$(subst -,_,$(1)) := $(OUT)/host/$(1)
run-mutate: export MUTATE_LIB_$(subst -,_,$(1)) := $($(1)_LIB)
run-mutate: export MUTATE_UNIT_$(subst -,_,$(1)) := $(if $(filter rv-asan,$(1)),$(OUT)/host/rv-asan/libunit.a)
run-mutate: export MUTATE_HVPLAN_$(subst -,_,$(1)) := $($(1)_HVPLAN_OBJ)
run-mutate: export MUTATE_TESTS_$(subst -,_,$(1)) := $(4)
run-mutate: $(4)
endef
# Those of the guests' queue and port know nothing of hv/.
$(eval $(call mutate_mode,asan,asan,armv8,$(filter-out $(OUT)/host/asan/tests/unit/test_shm%,$(asan_UNIT)) $(asan_SYSTEM)))
$(eval $(call mutate_mode,race,race,armv8,$(race_PARALLEL) $(race_SYSTEM)))
$(eval $(call mutate_mode,rv-asan,asan,riscv,$(rv-asan_UNIT) $(rv-asan_SYSTEM)))
$(eval $(call mutate_mode,rv-race,race,riscv,$(rv-race_SYSTEM)))
.PHONY: run-mutate
mutate: ## do the tests notice? SEED=s N=100 mutants of hv/ drawn by seed; fails below THRESHOLD=90 percent killed
	@[ -n "$(SEED)" ] || { echo "usage: make mutate SEED=s [N=100] [THRESHOLD=90] [ONLY=regex]" >&2; exit 2; }
	@$(SETUP) unit
	@$(MAKE) --no-print-directory run-mutate
run-mutate: export HOSTCC := $(HOSTCC)
run-mutate: export MUTATE_MODES := $(MUTATE_MODES)
run-mutate: export MUTATE_PATIENCE := $(PATIENCE)
run-mutate: $(BOARD_DTB)
	@$(AFRESH) NONINTERFERENCE_RUNS=10 $(PYTHON) tests/mutate/mutate.py --seed "$(SEED)" --number "$(or $(N),100)" \
	    --threshold "$(or $(THRESHOLD),90)" --only "$(ONLY)"
