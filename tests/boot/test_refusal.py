# SPDX-License-Identifier: Apache-2.0
"""A damaged file, or a machine that is not the planned one: one clear line, and no guest runs."""

import re
import subprocess

import pytest

import harness

PROBE = {"name": "probe", "vcpus": 1, "memory": harness.SMALL, "image": "guests/probe.bin", "bootargs": "test=none"}
SECOND = dict(PROBE, name="second")
CONSOLES = {"consoles": ["uart"], "shared": ["probe"]}
if harness.ARCH == "armv8":
    PROBE["devices"] = harness.UARTS[1]
    SECOND["devices"] = harness.CLOCK
    CONSOLES = {"consoles": ["hv", "probe"]}


@pytest.fixture(scope="module")
def image():
    return harness.pack("refusal", [PROBE, SECOND])


def symbol(name):
    """File offset of a symbol of the hypervisor, which the packed file begins with."""
    text = subprocess.run([harness.CROSS + "nm", str(harness.hv_elf())], check=True, capture_output=True, text=True)
    at = {line.split()[2]: int(line.split()[0], 16) for line in text.stdout.splitlines() if len(line.split()) == 3}
    entry = int.from_bytes(harness.hv_elf().read_bytes()[24:32], "little")  # e_entry: where the image begins
    return at[name] - entry


def plan_offset(image):
    """It begins on a page; the hypervisor's code may hold the magic number as well."""
    data = image.read_bytes()
    return next(n for n in range(0, len(data), 4096) if data[n:n + 8] == b"BHKPLAN1")


def damaged(image, name, offset):
    data = bytearray(image.read_bytes())
    data[offset] ^= 0x40
    out = image.with_name("refusal-%s.img" % name)
    out.write_bytes(data)
    return out


def refused(image, name, expected, options=None, extra=()):
    with harness.Machine(image, **CONSOLES, options=options, extra=extra, name="refusal-" + name) as m:
        m.allow(r"\[hv\] stopped: ")
        m.expect("hv", r"stopped: [^\r\n]*\r?\n")
        # Whatever came of it would come soon: let it.
        for _ in range(10):
            m.pump(0.2)
        lines = [line for line in m.consoles["hv"].lines() if line]
        assert len(lines) == 2 and re.match(r"(\[hv\] )?Bulkhead ", lines[0]), m.report("more than the banner and one line")
        assert re.search(expected, lines[1]), m.report("not the expected line: " + expected)
        assert m.consoles["probe"].text() == "", m.report("a guest ran")


def test_intact_file_boots(image):
    with harness.Machine(image, **CONSOLES, name="refusal-intact") as m:
        m.expect("probe", "probe: none: no such test")
        m.expect("hv", r"vm probe: powered off")


# WALL-BOOT-1
def test_damaged_plan_is_refused(image):
    offset = plan_offset(image)
    refused(damaged(image, "plan", offset + 0x400), "plan", "checksum|damaged")


def test_damaged_plan_header_is_refused(image):
    offset = plan_offset(image)
    refused(damaged(image, "magic", offset), "magic", "plan")


# WALL-BOOT-1
def test_damaged_hypervisor_is_refused(image):
    refused(damaged(image, "hv", symbol("hv_trap")), "hv", "image is damaged")


def test_damaged_guest_image_is_refused_where_the_plan_asks():
    image = harness.pack("refusal-check", [dict(PROBE, **{"check-image": None})])
    offset = image.read_bytes().index(b"probe: test guest")
    refused(damaged(image, "guest", offset), "guest", "guest image at 0x[0-9a-f]+ is damaged")


@harness.on(harness.GIC == 2 and harness.VIRT)
def test_cpus_with_the_interface_of_another_gic_are_refused(image):
    """QEMU's a64fx says that it has one whatever the board's GIC is (ID_AA64PFR0_EL1.GIC)."""
    refused(image, "a64fx", "interrupt controller is not the one planned for", extra=["-cpu", "a64fx"])


# WALL-BOOT-1
@harness.on(harness.VIRT)  # boards that exist have the CPUs that they have
def test_board_with_fewer_cpus_is_refused(image):
    refused(image, "smp2", "cpu 2 ", extra=["-smp", "2"])


def test_board_with_less_memory_is_refused(image):
    refused(image, "m512", "RAM", extra=["-m", "512"])


@harness.on(harness.VIRT)
def test_board_with_another_interrupt_controller_is_refused(image):
    options = [o.replace("gic-version=%d" % harness.GIC, "gic-version=%d" % (5 - harness.GIC)) for o in harness.board_options()]
    refused(image, "gic", "interrupt controller", options=options)


def says_before_it_has_a_stack(image, name, line, options=None):
    with harness.Machine(image, **CONSOLES, options=options, name="refusal-" + name) as m:
        m.allow(r"\[hv\] stopped: ")
        m.expect("hv", r"^\[hv\] stopped: " + line + r"[^\r\n]*\r?\n")
        assert len(m.consoles["hv"].text().strip().split("\n")) == 1


def test_an_image_that_is_loaded_elsewhere_says_so(image):
    data = bytearray(image.read_bytes())
    data[8:16] = (4 << 20).to_bytes(8, "little")  # text_offset, which QEMU adds to the base of RAM
    out = image.with_name("refusal-elsewhere.img")
    out.write_bytes(data)
    says_before_it_has_a_stack(out, "elsewhere", "not where it is linked to run")


@harness.on("virtualization=on" in " ".join(harness.board_options()))
def test_an_image_that_is_not_started_at_el2_says_so(image):
    options = [o.replace("virtualization=on", "virtualization=off") for o in harness.board_options()]
    says_before_it_has_a_stack(image, "el1", "not started at EL2", options)
