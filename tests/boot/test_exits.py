# SPDX-License-Identifier: Apache-2.0
"""How often vCPUs left their guest, and why: what a guest reads by hypercall is what it did, and what a debugger sees."""

import re

import gdbstub
import harness
from hostile import board, evaluate, pointed
from test_probe import RT, probe_vm

NOWHERE = {"armv8": 0, "riscv": 0x20000000}[harness.ARCH]
KINDS = ["IRQ", "HYPERCALL", "FIRMWARE", "MMIO", "FAULT", "SYSREG", "WFX", "UNDEF", "SERROR"]  # in the order of hv/core/exits.h
NO_REASON = {"armv8": "-1", "riscv": "-2"}[harness.ARCH]


def by_debugger(qmp, path):
    """{reason: count} of the first VM's vCPU 1, read as a debugger reads variables of the hypervisor."""
    at = evaluate(harness.hv_elf(), *("(long)&((struct vm *)0)->vcpus[1].exits[EXIT_%s].v" % kind for kind in KINDS))
    vms = pointed(lambda a, size: qmp.memory(a, size, path), harness.symbols(harness.hv_elf()), "vms")
    return {n: int.from_bytes(qmp.memory(vms + a, 8, path), "little") for n, a in enumerate(at)}


# WALL-FW-5
def test_counts_of_exits_are_what_the_guest_did_and_what_a_debugger_sees():
    image = harness.pack("exits", [probe_vm("exits", 2, "nowhere=0x%x" % NOWHERE), RT])
    with gdbstub.sockets() as (sockets, stop), \
            harness.Machine(image, **harness.consoles("probe", "rt"), extra=sockets, name="exits") as m:
        m.expect("probe", "probe: exits: waiting")
        stub, qmp = stop()
        seen = by_debugger(qmp, image.with_suffix(".memory"))
        stub.resume()
        m.send("probe", "g")
        m.expect("probe", "probe: exits: end")
        facts = dict(re.findall(r"probe: exits: (.*?) = (\S+)", m.consoles["probe"].text()))
    told = {int(what[7:]): int(count) for what, count in facts.items() if what.startswith("reason ")}
    assert facts["more after 100 null calls and this one"] == "101"
    assert facts["CPU_ON"] == "0" and facts["went off"] == "1"
    assert facts["reasons"] == "9" and facts["no such reason"] == NO_REASON and facts["no such vCPU"] == "-3"
    # vCPU 1 made 100 null calls and the one that ends it, met 7 faults, and is off: nothing more is counted.
    assert told[1] == 101 and told[3] + told[4] == 7
    assert told == seen
