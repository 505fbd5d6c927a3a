# SPDX-License-Identifier: Apache-2.0
"""memset(), by which the hypervisor clears memory, at its own level on the CPUs that there are: it takes another way for large zeroes by
what the CPU has. The image with the faults tries it, and fails a CHECK where a byte is wrong (tests/boot/faults)."""

import pytest

import harness
import test_panic
from test_panic import CLEAR


# Armv8's a64fx has blocks of 256 bytes (DCZID_EL0), the others of 64; it has the interface of a GICv3 (test_refusal.py).
@pytest.mark.parametrize("cpu", [*harness.CPU_KINDS, *(["a64fx"] if harness.GIC == 3 and harness.VIRT else [])])
def test_memory_is_cleared_and_filled_to_the_byte(cpu):
    with test_panic.asked("clear-" + cpu, "faults", CLEAR, qemu=harness.cpu(cpu)) as m:
        test_panic.ends_well(m)
