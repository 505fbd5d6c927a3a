# SPDX-License-Identifier: Apache-2.0
"""memset(), by which the hypervisor clears memory, at its own level on the CPUs that there are: it takes another way for large zeroes by
what the CPU has. The image with the faults tries it, and fails a CHECK where a byte is wrong (tests/boot/faults)."""

import pytest

import harness
import test_panic
from test_panic import CALL, CLEAR, HV


def clears(m):
    """All was as it should be, and is on the other CPU of that VM; all end."""
    m.expect("probe", r"probe: %s: came back" % CALL)
    m.send("probe", "g")
    m.expect("probe", r"probe: %s: answered = 1\r?\n" % CALL)
    m.send("rt", "q")
    m.expect(HV, r"all VMs ended; powering off")
    assert m.wait_exit() == 0


# Armv8's a64fx has blocks of 256 bytes (DCZID_EL0), the others of 64.
@pytest.mark.parametrize("cpu", [*harness.CPU_KINDS, *(["a64fx"] if harness.ARCH == "armv8" and harness.VIRT else [])])
def test_memory_is_cleared_and_filled_to_the_byte(cpu):
    with test_panic.asked("clear-" + cpu, "faults", CLEAR, qemu=harness.cpu(cpu)) as m:
        clears(m)
