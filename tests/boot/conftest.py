# SPDX-License-Identifier: Apache-2.0
"""BOARD says whose tests they are: those in tests/boot/riscv are of RISC-V boards, and take from here what holds for both."""

import os

if os.environ.get("BOARD", "").startswith(("virt-plic", "virt-aia")):
    collect_ignore_glob = ["test_*.py"]
else:
    collect_ignore = ["riscv"]
