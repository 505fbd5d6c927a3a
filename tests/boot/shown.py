# SPDX-License-Identifier: Apache-2.0
"""What `hvplan show` says of a system, and where things lie by it."""

import re
import subprocess

import harness


def show(system, elf=None):
    """Of a system's file, with the board's tree and the hypervisor's program."""
    command = [harness.OUT / "hvplan", "show", "--board", harness.board_dtb(), "--hv", elf or harness.hv_elf(), "--images",
               harness.IMAGES, system]
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def stacks(text):
    """Where the first CPU's stack lies in physical memory, if the hypervisor does not move; those of the others follow."""
    (first,) = re.findall(r"^  (0x\w+)-0x\w+  stacks of CPUs, ", text, re.M)
    return int(first, 16)
