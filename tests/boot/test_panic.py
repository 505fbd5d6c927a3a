# SPDX-License-Identifier: Apache-2.0
"""The hypervisor's own faults, in an image that makes them on a guest's command (tests/boot/faults): each ends in one line
that names CPU and cause, and in a halt of that CPU alone. What other CPUs do goes on, that of the same VM included; only
the VM whose vCPU is gone can never end, and with it the board never powers off by itself.

Two limits: a CPU that panics while it holds a lock keeps it, so whoever needs that lock hangs (none of these holds one);
and the line goes to a console that is lent to a VM, whose other vCPUs may print into it (here they are silent)."""

import contextlib
import re
import subprocess

import pytest

import harness
from test_el2_map import PAGE

FAULT_CALL = 0xc600fa00  # tests/boot/faults/faults.h
STACK, NULL, PHYSICAL, TEXT, FETCH, CHECK, CLEAR = range(7)
CPU = 2
BASE = {"armv8": 0x40200000, "riscv": 0x80200000}[harness.ARCH]  # the hypervisor's physical address

PROBE = {"name": "probe", "vcpus": 2, "cpus": "<0 %d>" % CPU, "memory": harness.SMALL, "image": "guests/probe.bin",
         **harness.uart(0)}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}
HV = harness.hv_console("probe")
CALL, NUMBER = {"armv8": ("hvc", "f"), "riscv": ("ecall", "eid")}[harness.ARCH]  # the probe's test, and its argument
LINE = re.compile(r"^\[hv\] panic: cpu (\d+): own fault: (.*): syndrome 0x([0-9a-f]+) pc 0x([0-9a-f]+) "
                  r"address 0x([0-9a-f]+)$")

# The words, what the syndrome must be, and the function that must hold the PC ("": none).
DATA, FETCHED = 0x25, 0x21
TRANSLATION, PERMISSION = 1, 3


def esr(ec, fault, write=None):
    """ESR_EL2: exception class, type of the fault status, write or read (of a fetch: neither)."""
    return lambda s: s >> 26 == ec and (s >> 2 & 0xf) == fault and write in (None, bool(s & 1 << 6))


def scause(number):
    return lambda s: s == number


CAUSES = {"armv8": {
    STACK: ("stack overflow", esr(DATA, TRANSLATION, True), "fault_stack"),
    NULL: ("read of an address that is not mapped", esr(DATA, TRANSLATION, False), "fault_null"),
    PHYSICAL: ("read of an address that is not mapped", esr(DATA, TRANSLATION, False), "fault_physical"),
    TEXT: ("write to what is read-only", esr(DATA, PERMISSION, True), "fault_text"),
    FETCH: ("execution of what is not code", esr(FETCHED, PERMISSION), ""),
}, "riscv": {
    STACK: ("stack overflow", scause(15), "fault_stack"),
    NULL: ("read of an address that is not mapped", scause(13), "fault_null"),
    PHYSICAL: ("read of an address that is not mapped", scause(13), "fault_physical"),
    TEXT: ("write to an address that is not mapped, or is read-only", scause(15), "fault_text"),
    FETCH: ("execution of what is not code", scause(12), ""),
}}[harness.ARCH]


@pytest.fixture(scope="module")
def symbols():
    """{name: (address, size)} of the image with the faults"""
    text = subprocess.run([harness.CROSS + "nm", "-S", harness.hv_elf(build="faults")], check=True,
                          capture_output=True, text=True).stdout
    plain = re.findall(r"^([0-9a-f]+) (?:([0-9a-f]+) )?\w (\S+)$", text, re.M)
    return {name: (int(address, 16), int(size or "0", 16)) for address, size, name in plain}


@contextlib.contextmanager
def asked(name, build, kind, root=None, board=(), qemu=()):
    """vCPU 1 of the probe, on CPU 2, asks for the fault; vCPU 0 waits for a key. `root`: what the system has beside /vms; `board`:
    options of another board, `qemu`: of QEMU alone."""
    system = harness.RUNS / (name + ".dts")
    system.parent.mkdir(parents=True, exist_ok=True)
    system.write_text(harness.system_text([dict(PROBE, bootargs="test=%s cpus=2 %s=0x%x" % (CALL, NUMBER, FAULT_CALL + kind)),
                                           dict(RT, cpus="<1>")], root))
    image = harness.hvplan(system, system.with_suffix(".img"), extra=board, elf=harness.hv_elf(build=build))
    with harness.Machine(image, **harness.consoles("probe", "rt"), extra=[*board, *qemu], name=name) as m:
        if CALL == "ecall":
            m.expect("probe", "probe: ecall: begin")
            m.expect("rt", r"rt: armed [^\n]*\n")  # it has just said so: nobody else writes for a while
            m.send("probe", "c")
        yield m


def panic_line(m):
    """The one line; then the rest of the machine is seen to run on."""
    rt = harness.RtWatch(m)
    m.allow(r"\[hv\] panic: cpu %d: " % CPU)
    m.expect(HV, r"panic: [^\n]*\n")
    rt.goes_on(500)
    m.send("probe", "g")  # the other vCPU of the VM that asked
    m.expect("probe", r"probe: {0}: CPU_ON = 0\r?\nprobe: {0}: answered = 0\r?\n".format(CALL))
    rt.goes_on(500)
    m.send("rt", "q")     # and an end of another VM, with its log line
    m.expect(HV, r"vm rt: powered off")
    # On a shared console a line of the real-time guest may have fallen into it.
    text = re.sub(r"\[rt\] [^\n]*\n", "", next(iter(m.consoles.values())).text())
    lines = [line for line in text.split("\n") if "panic" in line]
    assert len(lines) == 1, m.report("not one line of panic")
    return lines[0]


@pytest.mark.parametrize("kind", CAUSES, ids=["stack", "null", "physical", "text", "fetch"])
def test_fault_of_the_hypervisor_ends_in_one_line_that_names_cpu_and_cause(kind, symbols):
    words, is_syndrome, function = CAUSES[kind]
    with asked("panic-%s" % kind, "faults", kind) as m:
        line = panic_line(m)
        match = LINE.match(line)
        assert match, m.report(line)
        cpu, text = int(match.group(1)), match.group(2)
        syndrome, pc, far = (int(match.group(n), 16) for n in (3, 4, 5))
        assert (cpu, text) == (CPU, words), line
        assert is_syndrome(syndrome), line
        if function:
            start, size = symbols[function]
            assert start <= pc < start + size, line
        where = {STACK: symbols["hv_window"][0] + 2 * CPU * PAGE, NULL: 0, PHYSICAL: BASE,
                 TEXT: symbols["hv_trap"][0], FETCH: symbols["cell"][0]}[kind]
        assert far - where in range(PAGE) if kind == STACK else far == where, line
        assert kind != FETCH or pc == where, line


def test_failed_check_ends_in_one_line_that_names_cpu_condition_and_place():
    source = (harness.ROOT / "tests/boot/faults/faults.c").read_text().split("\n")
    number = 1 + next(n for n, text in enumerate(source) if "CHECK(cell" in text)
    with asked("panic-check", "faults", CHECK) as m:
        assert panic_line(m) == ("[hv] panic: cpu %d: CHECK failed: cell == 0U (tests/boot/faults/faults.c:%d)"
                                 % (CPU, number))


def ends_well(m):
    """The call came back on both CPUs of that VM, the second told when to go on; all end."""
    m.expect("probe", r"probe: %s: came back\r?\n" % CALL)  # whole, or the next line of the other CPU meets its end
    m.send("probe", "g")
    m.expect("probe", r"probe: %s: answered = 1\r?\n" % CALL)
    m.send("rt", "q")
    m.expect(HV, r"all VMs ended; powering off")
    assert m.wait_exit() == 0


def test_image_that_is_shipped_has_no_such_command():
    """The control: the same guest on the image without the faults is told that there is no such call, and all ends well."""
    with asked("panic-none", harness.BUILD, STACK) as m:
        ends_well(m)
    names = subprocess.run([harness.CROSS + "nm", harness.hv_elf()], check=True, capture_output=True, text=True).stdout
    assert "fault_" not in names.replace("own_fault_", "").replace("on_fault", "") and "__wrap" not in names
