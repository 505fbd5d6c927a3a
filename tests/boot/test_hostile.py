# SPDX-License-Identifier: Apache-2.0
"""Every attack of the hostile guest, beside the real-time guest: SAFE each, by what the guest met and by what the machine
looks like from outside. That none of them is a dud is shown by tests/walls, where each breaches a build with one wall
taken away."""

import re

import pytest

import harness
import hostile
from attacks import ATTACKS, ENDING, SURVIVED

# What depends on what the CPU has: the extensions that "max" has too many of, and a cortex-a53 none.
EXTENSIONS = [name for name in ("idregs", "sysreg-read", "sysreg-write", "sysinsn", "gpr-leak", "gpr-exits", "fp-leak", "el1-leak", "debug",
                                "hlt", "sve", "read-beyond", "gic-odd") if name in SURVIVED]


@pytest.fixture(scope="module")
def survived():
    return hostile.Run("hostile", SURVIVED).run()


@pytest.fixture(scope="module")
def on_max():
    return hostile.Run("hostile-max", EXTENSIONS, extra=["-cpu", "max"]).run()


@pytest.mark.parametrize("attack", SURVIVED)
def test_attack_is_safe(survived, attack):
    assert survived.get(attack, "was not tried, since one before it did not end") == []


@pytest.mark.parametrize("attack", EXTENSIONS)
def test_attack_is_safe_on_a_cpu_with_every_extension(on_max, attack):
    assert on_max.get(attack, "was not tried, since one before it did not end") == []


@pytest.mark.parametrize("attack", ENDING)
def test_attack_that_does_not_come_back_is_safe(attack):
    assert hostile.Run("hostile-" + attack, [attack]).run() == {attack: []}


def test_guest_and_table_know_the_same_attacks():
    source = (harness.ROOT / "guests/hostile/armv8/attacks.c").read_text()
    listed = re.findall(r'^    \{"([a-z0-9-]+)", attack_\w+, [^}]*, (true|false)\},$', source, re.M)
    assert [name for name, _ in listed] == list(ATTACKS)
    assert [name for name, ends in listed if ends == "true"] == ENDING
    assert len(ATTACKS) >= 40
