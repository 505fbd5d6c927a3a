# SPDX-License-Identifier: Apache-2.0
"""Firmware that enters the image with the machine in a bad state (tests/boot/firmware/firmware.S): the real-time system
runs to its end all the same. CPU 0 begins in the firmware; the others come through PSCI, which is QEMU's own.

Not there, since QEMU's `virt` has no such thing: extended PPIs and SPIs, a physical SError that pends, dirty caches, an
external debugger's EDSCR and EDECCR, buffers for profiles and trace (hv/arch/armv8/quiet.c); TCR2_EL2, SCTLR2_EL2 and GCSCR_EL2 (boot.S) before QEMU 10.2.
FIRMWARE_ELF is another hypervisor to try, as the controls do (tests/boot/firmware/controls.py)."""

import os
import re
import subprocess

import pytest

import harness

# It shares the hypervisor's console: what it prints and is sent needs the hypervisor's own timer and UART interrupt. What
# the guest is given would be put in order by the reset of its vCPU too.
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin"}

SOURCE = harness.ROOT / "tests/boot/firmware/firmware.S"
ADDRESS = 0x7f000000  # the image's RAM ends at 0x80000000, and the system needs little from its start
CASES = [(int(n), name, options.split()) for n, name, options in
         re.findall(r"^#(?:el)?if CASE == (\d+) /\* case (\S+) ?(.*?) ?\*/$", SOURCE.read_text(), re.M)]
OF_THIS_GIC = [c for c in CASES if not {"gic2", "gic3"} & set(c[2]) or "gic%d" % harness.GIC in c[2]]


def built(number):
    out = harness.RUNS / ("firmware-%d.elf" % number)
    out.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["aarch64-linux-gnu-gcc", "-nostdlib", "-static", "-Wl,--build-id=none", "-DCASE=%d" % number,
                    "-DGIC=%d" % harness.GIC, "-Wl,-Ttext=0x%x" % ADDRESS, "-o", out, SOURCE], check=True)
    return out


def image(options):
    system = harness.RUNS / "firmware.dts"
    system.parent.mkdir(parents=True, exist_ok=True)
    system.write_text(harness.system_text([RT]))
    elf = os.environ.get("FIRMWARE_ELF")
    return harness.hvplan(system, system.with_suffix(".img"), extra=options, elf=elf)


def test_every_case_is_found():
    assert [n for n, _, _ in CASES] == list(range(len(CASES))) and len(CASES) == len(set(c[1] for c in CASES)) > 15
    assert len(CASES) == len(re.findall(r"CASE == ", SOURCE.read_text()))


# WALL-BOOT-2
@pytest.mark.parametrize("number,name,options", OF_THIS_GIC, ids=[c[1] for c in OF_THIS_GIC])
def test_system_runs_to_its_end_whatever_the_firmware_left(number, name, options):
    options = [o for o in options if o not in ("gic2", "gic3")]
    # The loader device gives CPU 0 its first PC, in place of QEMU's own entry of a kernel.
    firmware = ["-device", "loader,file=%s,cpu-num=0" % built(number)]
    with harness.Machine(image(options), ["uart"], extra=[*options, *firmware], name="firmware-" + name, shared=["rt"]) as m:
        harness.RtWatch(m).wait_for(600)
        m.send("rt", "q")
        m.expect("hv", r"vm rt: powered off")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
