# SPDX-License-Identifier: Apache-2.0
"""A CPU that the firmware starts under a number that it was not given: it has no stack, halts before it would use one, and is missed."""

import pytest

import gdbstub
import harness
from test_refusal import CONSOLES, PROBE, SECOND
from test_restart import physical

NUMBER = {"armv8": "x0", "riscv": "a1"}[harness.ARCH]  # the firmware's word for it (PSCI context; SBI HSM opaque)
HALT = {"armv8": "die", "riscv": "halt_here"}[harness.ARCH]


@pytest.mark.parametrize("number", [harness.CPUS, (1 << 64) - 1], ids=hex)
def test_a_cpu_without_a_stack_halts_and_is_missed(number):
    image = harness.pack("stray", [PROBE, SECOND])
    sym = harness.symbols(harness.hv_elf())
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **CONSOLES, extra=[*sockets, "-S"], name="stray") as m:
            stub, _ = stop()
            entry = physical(sym["boot_secondary"])
            stub.breakpoint(entry, True)
            thread = stub.go()
            stub.set(thread, NUMBER, number)
            stub.breakpoint(entry, False)
            stub.resume()
            m.allow(r"\[hv\] stopped: ")
            m.expect("hv", r"stopped: cpu \d+ \(id 0x\w+\) does not answer as planned \(status 0\)")
            stub.halt()
            assert sym[HALT] <= stub.read(thread, "pc") < sym[HALT] + 48
            assert not any("panic" in c.text() for c in m.consoles.values())
