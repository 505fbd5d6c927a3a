# SPDX-License-Identifier: Apache-2.0
"""Every attack of the hostile guest on RISC-V, beside the real-time guest: SAFE each, by what the guest met and by what the
machine looks like from outside. That none of them is a dud is shown by tests/walls, where each breaches a build with one wall
taken away."""

import re

import pytest

import harness
import hostile
from attacks import ATTACKS, ENDING, SHARED, SURVIVED

# What depends on what the CPU has: extensions that rv64 lacks, and one that it has.
EXTENSIONS = [name for name in ("read-beyond", "odd-victim", "satp", "ptes", "irqc-odd", "file-sweep", "csr-read", "csr-write",
                                "system", "hlv", "custom", "gpr-leak", "gpr-exits", "fp-leak", "vector-leak", "vs-leak", "timer-past",
                                "timer-toggle", "file-storm") if name in SURVIVED]
CPUS = ["max", "rv64,v=true,vlen=256", "rv64,smstateen=on", "rv64,sstc=off"]


@pytest.fixture(scope="module")
def survived():
    return hostile.Run("hostile", SURVIVED).run()


@pytest.fixture(scope="module")
def shared():
    return hostile.Run("hostile-shared", SHARED).run()


@pytest.fixture(scope="module", params=CPUS)
def on_cpu(request):
    return hostile.Run("hostile-" + re.sub(r"\W+", "-", request.param), EXTENSIONS, extra=["-cpu", request.param]).run()


@pytest.mark.parametrize("attack", SURVIVED)
def test_attack_is_safe(survived, attack):
    assert survived.get(attack, "was not tried, since one before it did not end") == []


# WALL-CON-1, WALL-CON-3
@pytest.mark.parametrize("attack", SHARED)
def test_attack_at_the_shared_console_is_safe(shared, attack):
    assert shared.get(attack, "was not tried, since one before it did not end") == []


@pytest.mark.parametrize("attack", EXTENSIONS)
def test_attack_is_safe_on_other_cpus(on_cpu, attack):
    assert on_cpu.get(attack, "was not tried, since one before it did not end") == []


@pytest.mark.parametrize("attack", ENDING)
def test_attack_that_does_not_come_back_is_safe(attack):
    assert hostile.Run("hostile-" + attack, [attack]).run() == {attack: []}


def test_guest_and_table_know_the_same_attacks():
    source = (harness.ROOT / "guests/hostile/riscv/attacks.c").read_text()
    listed = re.findall(r'^    \{"([a-z0-9-]+)", attack_\w+, [^}]*, (true|false)\},$', source, re.M)
    assert sorted(name for name, _ in listed) == sorted(ATTACKS)
    assert {name for name, ends in listed if ends == "true"} == {name for name, a in ATTACKS.items() if a.last}
    assert len(SURVIVED) + len(ENDING) >= 40
