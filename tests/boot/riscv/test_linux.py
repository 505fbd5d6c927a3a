# SPDX-License-Identifier: Apache-2.0
"""Debian's unmodified riscv64 Linux under Bulkhead, beside the real-time guest; on CPUs with more and with less."""

import re

import pytest

import common
import harness
from common import LINUX, RT


def counts(text, line):
    """Interrupts by CPU, of the line of /proc/interrupts that ends as said; nothing if there is none."""
    found = re.search(r"^\s*\w+:((?:\s+\d+)+)\s+%s" % line, text, re.M)
    return [int(n) for n in found.group(1).split()] if found else []


def use(m, vcpus=2):
    """Every CPU runs something of its own, and is interrupted by its timer and by the others."""
    m.expect("linux", "linux# ")
    assert m.command_output("linux", "nproc").strip() == str(vcpus)
    for cpu in range(vcpus):
        assert m.command_output("linux", "taskset -c %d sh -c 'seq 2000 | wc -l'" % cpu).strip() == "2000"
    interrupts = m.command_output("linux", "cat /proc/interrupts")
    timer = counts(interrupts, r"RISC-V INTC\s+5\s+Edge\s+riscv-timer")
    assert len(timer) == vcpus and all(timer), interrupts
    assert vcpus == 1 or sum(sum(counts(interrupts, what)) for what in ("Rescheduling", "Function call")), interrupts
    return interrupts


def run_pair(name, extra, vcpus=2):
    with common.machine(name, [dict(LINUX, vcpus=vcpus), RT], extra=extra) as m:
        rt = harness.RtWatch(m)
        interrupts = use(m, vcpus)
        isa = m.command_output("linux", "grep isa /proc/cpuinfo")
        rt.goes_on(300)
        m.send("linux", "poweroff -f\n")
        common.ended(m, "linux")
        common.quit_rt(m, rt, 500)
        return interrupts, isa


@pytest.mark.parametrize("cpu", ["rv64", "max", "rv64,svpbmt=on", "rv64,smstateen=on", "rv64,v=true,vlen=256"])
def test_linux_boots_on_two_cpus_beside_the_real_time_guest(cpu):
    interrupts, isa = run_pair("linux-" + re.sub(r"\W+", "-", cpu), ["-cpu", cpu])
    assert re.search(r"(APLIC-MSI\S*|riscv-aplic|APLIC)" if common.AIA else r"SiFive PLIC", interrupts), interrupts
    # Told to the guest is what it may use, and neither the level below it nor the machine's.
    assert "sstc" in isa and not re.search(r"isa\s*: rv64[a-z]*h", isa) and "_sm" not in isa, isa
    assert ("ssaia" in isa) == common.AIA, isa


# WALL-TIME-1
def test_linux_runs_by_the_firmwares_timer_where_there_is_no_sstc():
    _, isa = run_pair("linux-nosstc", ["-cpu", "rv64,sstc=off"])
    assert "sstc" not in isa


@pytest.mark.parametrize("smp", [2, 4])
def test_linux_gets_all_cpus_but_one(smp):
    run_pair("linux-smp%d" % smp, ["-smp", str(smp)], smp - 1)
