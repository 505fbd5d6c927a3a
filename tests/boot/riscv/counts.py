# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's instructions per exit on RISC-V boards, by bench/plugin under -icount: exact, and no time is measured.

    BOARD=virt-plic /usr/bin/python3 tests/boot/riscv/counts.py [QEMU option ...]

prints the rows of bench/README.md's table."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import exitlog  # noqa: E402
import harness  # noqa: E402

NO_SSTC = ["-cpu", "rv64,sstc=off"]

# guests/probe/riscv/counts.c
ROUNDS = 50
NULL_CALL = (0x0a42484b, 0)
PHASES = {1: "null call", 2: "timer tick", 3: "set timer", 4: "IPI by SBI", 5: "IPI by interrupt file",
          6: "wired interrupt", 7: "controller's register read"}
VM_CPUS = (0, 1)
VM = {"name": "probe", "vcpus": 2, "cpus": "<0 1>", "memory": "4M", "image": "guests/probe.bin",
      "bootargs": "test=counts,off cpus=2", "devices": "/soc/rtc@101000"}

# Causes: scause, and the plugin's own words.
ECALL, LOAD, STORE = 10, 21, 23
SOFTWARE, TIMER, EXTERNAL = (1 << 63 | n for n in (1, 5, 9))
NAMES = {ECALL: "call", LOAD: "load", STORE: "store", SOFTWARE: "software interrupt", TIMER: "timer interrupt",
         EXTERNAL: "external interrupt", "firmware": "M level alone"}

def phases(exits):
    """By phase, the exits of the VM's CPUs between its two marks."""
    found, now = {}, None
    for e in exits:
        mark = e.args[2] if e.cause == ECALL and e.args[:2] == NULL_CALL else None
        if now is None and mark is not None:
            now = PHASES[mark]
            assert now not in found
            found[now] = []
        elif mark == 0:
            now = None
        elif now is not None and e.cpu in VM_CPUS:
            found[now].append(e)
    assert now is None
    return found


def grouped(exits):
    """By cause, on whichever CPU."""
    groups = {}
    for e in exits:
        groups.setdefault(e.cause, []).append(e)
    return groups


def run(name, extra=()):
    """What the probe does, by phase."""
    log = harness.RUNS / (name + ".exits")
    image = harness.pack(name, [VM], extra=extra)
    with harness.Machine(image, ["uart"], extra=[*extra, *exitlog.of_hypervisor(log)], name=name, shared=["probe"]) as m:
        m.expect("probe", "probe: counts: rounds = %d" % ROUNDS)
        m.expect("hv", "vm probe: powered off")
        assert m.wait_exit() == 0
        shown = m.consoles["probe"].text()
    assert "unexpected" not in shown, shown
    return phases(exitlog.read(log))


def wait(m, ready):
    """Until ready() is."""
    end = m.limit(4 * harness.TIMEOUT)
    while not ready():
        m.pump(0.2)
        if m.process.poll() is not None:
            raise m.report("QEMU ended too early")
        if time.monotonic() > end:
            raise m.report("time-out")


def rows(found):
    for phase in PHASES.values():
        groups = grouped(found.get(phase, ()))
        if phase in found and not groups:
            yield "%s | none | 0 | 0 |" % phase
        for cause, exits in groups.items():
            hs, m = ([getattr(e, what) for e in exits] for what in ("hs", "m"))
            yield "%s | %d x %s | %s | %s |" % (phase, len(exits), NAMES[cause], span(hs), span(m))


def span(numbers):
    return "%d" % min(numbers) if min(numbers) == max(numbers) else "%d-%d" % (min(numbers), max(numbers))


if __name__ == "__main__":
    for row in rows(run("counts-table", sys.argv[1:])):
        print("| %s%s | %s" % (harness.BOARD, "".join(" " + a for a in sys.argv[1:] if a != "-cpu"), row))
