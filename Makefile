# SPDX-License-Identifier: Apache-2.0
# Bulkhead's build. `make help` lists the targets; everything that is built goes under build/ (or OUT=...).

BOARDS_armv8 := zcu102 versal virt-gicv2 virt-gicv3
BOARDS_riscv := virt-plic virt-aia
BOARDS_ALL   := $(BOARDS_armv8) $(BOARDS_riscv)
# Those that are not virt-* are QEMU's models of boards that exist: walls and the night's other CPUs are not theirs.
# Who names a BOARD gets its ISA; who names an ARCH builds for the last of its boards, and runs the boot tests on all of them;
# who names neither builds for virt-gicv3, and runs the boot tests on all there are.
ifeq ($(origin BOARD),undefined)
BOARDS := $(if $(filter undefined,$(origin ARCH)),$(BOARDS_ALL),$(BOARDS_$(ARCH)))
ARCH   ?= armv8
BOARD  := $(lastword $(BOARDS_$(ARCH)))
else
override ARCH := $(strip $(foreach a,armv8 riscv,$(if $(filter $(BOARD),$(BOARDS_$(a))),$(a))))
endif
BOARDS ?= $(BOARD)
BUILD ?= release
OUT   ?= build

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# All cores, unless the caller chose: the targets below run their parts in order by themselves.
ifeq ($(MAKELEVEL)$(filter -j% --jobserver%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif

# These run their parts as makes of their own, which must not build the same file at the same time.
ifneq ($(filter setup demo test unit model system boot check lint coverage canaries walls mutate fuzz fuzz-selftest fuzz-replay firmware-controls bench bench-check bench-diff clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

PYTHON := /usr/bin/python3
SETUP  := OUT=$(OUT) tests/setup/setup.sh
# Scripts that call make again start afresh: this make's job server is not theirs.
AFRESH := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL PYTHONDONTWRITEBYTECODE=1
export ARCH BOARD BOARDS BUILD OUT

ifeq ($(filter $(BOARD),$(BOARDS_ALL)),)
$(error $(if $(BOARD),BOARD=$(BOARD) is not known; there are: $(BOARDS_ALL),ARCH=$(ARCH) is not known: armv8 and riscv are))
endif
ifeq ($(filter release debug,$(BUILD)),)
$(error BUILD=$(BUILD) is not known: release and debug are)
endif

.PHONY: all help setup demo test unit model system boot check lint coverage canaries walls mutate size firmware-controls clean FORCE
all: image hvplan guests plugin

include hv/hv.mk
include tests/host.mk
include guests/guests.mk
include tests/fuzz/fuzz.mk
-include bench/bench.mk # copies of the tree that tests make have none
guests: ## the bare-metal guests, and Debian's kernel with a busybox initramfs and U-Boot (downloaded once)
module: ## the driver of channels for Linux: guests/linux/module against the headers of Debian's kernel (downloaded once)

help: ## this list
	@echo "usage: make TARGET [ARCH=armv8|riscv] [BOARD=$(subst $(eval) ,|,$(BOARDS_ALL))] [BUILD=release|debug] [OUT=build]"
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1|\2/p' $(filter Makefile %.mk,$(MAKEFILE_LIST)) | \
	    while IFS='|' read -r t d; do printf '  %-18s %s\n' "$$t" "$$d"; done

setup: ## install, through apt, what the other targets lack (nothing if all is there)
	@$(SETUP) unit model image boot

demo: ## boot Linux beside the real-time guest in QEMU; interactive on a terminal, scripted otherwise
	@$(SETUP) unit image boot
	@$(MAKE) --no-print-directory all
	@$(AFRESH) $(PYTHON) tests/boot/demo.py

# In order, each ending in its own summary; all run, and one that fails fails the whole. DRAW=commit (.ci/run) has the longest of
# them run what is drawn by it: non-interference of fewer machines, every third boot test of one board, some of the walls.
test: ## everything that has to hold: setup, check, unit, system, canaries, boot, walls
	@$(MAKE) --no-print-directory setup
	@rc=0; for part in check unit system canaries boot walls; do $(MAKE) --no-print-directory $$part || rc=1; done; exit $$rc

boot: ## boot tests: pytest and QEMU, on every board (or on BOARD)
	@$(SETUP) unit image boot
	@for b in $(BOARDS); do $(MAKE) --no-print-directory BOARD=$$b all hvsim || exit 1; done
	@for b in $(filter virt-%,$(BOARDS)); do $(MAKE) --no-print-directory BOARD=$$b BUILD=debug faults || exit 1; done
	@$(AFRESH) PYTHON=$(PYTHON) tests/boot/run.sh $(BOARDS)

# Of an ISA's boards the last has all of them, the others those of their own interrupt controller: `make nightly` runs all on each.
# The hostile guest knows the addresses of `virt` alone.
WALLS_BOARDS = $(filter virt-%,$(BOARDS))
WALLS_ALL = $(foreach a,armv8 riscv,$(lastword $(filter $(BOARDS_$(a)),$(WALLS_BOARDS))))
walls: ## per wall a hypervisor without it, in which the attacks that it stops must succeed (WALL="name name": those)
	@$(SETUP) unit image boot
	@for b in $(WALLS_BOARDS); do $(MAKE) --no-print-directory BOARD=$$b hvplan image guests-bare plugin || exit 1; done
	@rc=0; for b in $(WALLS_BOARDS); do own=--own; case " $(WALLS_ALL) " in *" $$b "*) own= ;; esac; echo "== walls on $$b"; \
	    [ -n "$(DRAW)" ] && [ -n "$$own" ] && continue; \
	    BOARD=$$b $(AFRESH) $(PYTHON) tests/walls/walls.py $(or $(WALL),$$own) || rc=1; done; exit $$rc

firmware-controls: ## the firmware boot tests on hypervisors that each lack one line of their reset, which must fail
	@$(SETUP) unit image boot
	@$(MAKE) --no-print-directory BOARD=virt-gicv3 all
	@$(AFRESH) $(PYTHON) tests/boot/firmware/controls.py

check: ## the rules of the architecture: boundaries, ops table, indirect branches, CHECK count, headers
	@$(SETUP) image
	@for b in virt-gicv3 virt-aia $(BOARDS); do $(MAKE) --no-print-directory BOARD=$$b BUILD=release image || exit 1; done
	@$(AFRESH) $(PYTHON) tests/check/check.py --elf $(foreach b,$(BOARDS),$(OUT)/*/$b/release/bulkhead.elf)
	@$(NIGHTLY) --shard 1/$(NIGHTLY_SHARDS) --seed 1 --dry >/dev/null

lint: ## cppcheck with MISRA rules and clang-tidy against a baseline that may only fall (UPDATE=1 lowers it)
	@$(SETUP) unit image lint
	@for b in virt-gicv3 virt-aia; do $(MAKE) --no-print-directory BOARD=$$b BUILD=release image || exit 1; done
	@$(AFRESH) $(PYTHON) tests/check/lint.py --out $(OUT)/lint $(if $(UPDATE),--update)

size: ## the sections of the image of every board (or of BOARD)
	@for b in $(BOARDS); do $(MAKE) --no-print-directory BOARD=$$b run-size || exit 1; done
.PHONY: run-size
run-size: image
	@$(CROSS)size -A $(IMAGE_ELF)

clean: ## remove what was built
	rm -rf -- $(OUT)

# The long runs. SHARD=i/n is one part of them, NIGHT=word repeats a night, ONLY=regex chooses runs, DRY=1 lists.
NIGHTLY_SHARDS := 12
NIGHTLY = $(AFRESH) $(PYTHON) tests/nightly/nightly.py --values "target=$(FUZZ_TARGETS)" \
          --values "board=$(filter virt-%,$(BOARDS_armv8))" --values "rvboard=$(BOARDS_riscv)" \
          --values "socboard=$(filter-out virt-%,$(BOARDS_armv8))"
.PHONY: nightly
nightly: ## the long runs, part SHARD=i/n (n = 12 in the workflow), below 80 minutes each; DRY=1 lists them
	@[ -n "$(SHARD)" ] || { echo "usage: make nightly SHARD=i/n [NIGHT=word] [ONLY=regex] [DRY=1]" >&2; exit 2; }
	@$(NIGHTLY) --shard "$(SHARD)" --only "$(ONLY)" $(if $(DRY),--dry) \
	    --seed "$(or $(NIGHT),$(shell git rev-parse --short=8 HEAD)-$(shell date -u +%Y%m%d))"
