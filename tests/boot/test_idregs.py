# SPDX-License-Identifier: Apache-2.0
"""Every identification register as a guest reads it, against the one table that says what a guest is told."""

import os
import re
import subprocess

import pytest

import harness
from test_native import NATIVE
from test_probe import probe

CPUS = ["cortex-a53", "cortex-a72", "max"]


@pytest.fixture(scope="module")
def dump():
    """The table as a host program prints it (tests/boot/vidreg_dump.c)."""
    program = harness.RUNS / "vidreg_dump"
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([os.environ.get("HOSTCC", "gcc"), "-std=gnu11", "-Ihv/include", "-Ihv/arch/armv8/include", "-Ihv", "-I.", "-o", str(program),
                    "tests/boot/vidreg_dump.c", "hv/vdev/vidreg.c"], check=True, cwd=harness.ROOT)
    return program


def fields(dump):
    """{(crm, op2): [(shift, width, policy, value, name), ...]}"""
    text = subprocess.run([str(dump)], check=True, capture_output=True, text=True).stdout
    table = {}
    for line in text.splitlines():
        crm, op2, shift, width, policy, value, name = line.split()
        table.setdefault((int(crm), int(op2)), []).append((int(shift), int(width), policy, int(value), name))
    return table


def registers(text):
    """{(op1, crm, op2): value, or None where the read is undefined}"""
    found = {}
    for m in re.finditer(r"^id 3 (\d+) 0 (\d+) (\d+) (?:0x([0-9a-f]+)|undef)", text, re.M):
        found[tuple(int(g) for g in m.groups()[:3])] = None if m.group(4) is None else int(m.group(4), 16)
    return found


@pytest.fixture(scope="module", params=CPUS)
def readings(request):
    """What a guest reads, and what the CPU has."""
    cpu = request.param
    with probe("idregs-" + cpu, "idregs", extra=["-cpu", cpu]) as (m, _):
        m.expect("probe", "probe: all done")
        guest = registers(m.consoles["probe"].text())
    options = [*NATIVE, "-cpu", cpu, "-m", "64", "-append", "test=idregs"]
    with harness.Machine(harness.guest("probe.bin"), ["probe"], options=options, name="idregs-native-" + cpu) as m:
        m.expect("probe", "probe: all done")
        host = registers(m.consoles["probe"].text())
    assert len(guest) == len(host) == 64 + 8
    return guest, host


def test_every_field_a_guest_reads_is_as_the_table_says(readings, dump):
    guest, _ = readings
    table = fields(dump)
    wrong = []
    for crm in range(1, 8):
        for op2 in range(8):
            rest = guest[(0, crm, op2)]
            if rest is None:
                wrong.append("S3_0_C0_C%d_%d is undefined" % (crm, op2))
                continue
            for shift, width, policy, value, name in table.get((crm, op2), []):
                field = rest >> shift & ((1 << width) - 1)
                if policy == "hide" and field != value or policy == "cap" and field > value:
                    wrong.append("%s = %d, the table says %s %d" % (name, field, policy, value))
                rest &= ~(((1 << width) - 1) << shift)
            if rest != 0:
                wrong.append("S3_0_C0_C%d_%d has bits that no field of the table names: 0x%x" % (crm, op2, rest))
    assert wrong == []


# WALL-REG-2
def test_every_register_a_guest_reads_is_what_the_table_makes_of_the_cpus(readings, dump):
    """The CPU's own values come from a run without EL2, which lacks only what the table hides."""
    guest, host = readings
    lines = "".join("%d %d %x\n" % (crm, op2, host[(0, crm, op2)]) for crm in range(1, 8) for op2 in range(8))
    text = subprocess.run([str(dump), "-e"], input=lines, check=True, capture_output=True, text=True).stdout
    wrong = []
    for line in text.splitlines():
        crm, op2, value = line.split()
        if guest[(0, int(crm), int(op2))] != int(value, 16):
            wrong.append("S3_0_C0_C%s_%s: 0x%x, expected 0x%s" % (crm, op2, guest[(0, int(crm), int(op2))], value))
    assert wrong == []


def test_main_identification_is_the_cpus_and_the_vcpus_own(readings):
    guest, host = readings
    assert guest[(0, 0, 0)] == host[(0, 0, 0)]         # MIDR_EL1
    assert guest[(0, 0, 5)] == 0x80000000              # MPIDR_EL1: vCPU 0, multiprocessor
    assert guest[(0, 0, 6)] == host[(0, 0, 6)]         # REVIDR_EL1
    assert guest[(3, 0, 1)] == host[(3, 0, 1)]         # CTR_EL0: Linux' cache maintenance goes by it
    assert guest[(3, 0, 7)] == host[(3, 0, 7)]         # DCZID_EL0
    for op2 in (0, 1):                                 # CCSIDR_EL1, CLIDR_EL1: the CPU's own caches
        assert guest[(1, 0, op2)] == host[(1, 0, op2)], op2
    for reserved in (1, 2, 3, 4, 7):
        assert guest[(0, 0, reserved)] is None or guest[(0, 0, reserved)] == 0, reserved
