# SPDX-License-Identifier: Apache-2.0
"""What is refused on all boards, and what a RISC-V board may lack: one clear line each, when the plan is made or at boot."""

import pytest

import common
import harness
from test_refusal import (CONSOLES, PROBE, SECOND, image, refused,  # noqa: F401
                          test_board_with_fewer_cpus_is_refused, test_board_with_less_memory_is_refused,
                          test_damaged_guest_image_is_refused_where_the_plan_asks, test_damaged_hypervisor_is_refused,
                          test_damaged_plan_header_is_refused, test_damaged_plan_is_refused, test_intact_file_boots)

MACHINES = {"virt-plic": "virt", "virt-aia": "virt,aia=aplic-imsic,aia-guests=1"}


def test_board_with_another_interrupt_controller_is_refused(image):
    for n, other in enumerate(m for b, m in [*MACHINES.items(), ("", "virt,aia=aplic")] if b != harness.BOARD):
        options = [o if o != MACHINES[harness.BOARD] else other for o in harness.board_options()]
        assert other in options
        refused(image, "irqc%d" % n, "interrupt controller", options=options)


def test_cpu_without_the_hypervisor_extension_is_refused(image):
    """Before there is anything that could tell the board."""
    with harness.Machine(image, **CONSOLES, extra=["-cpu", "rv64,h=off"], name="refusal-h") as m:
        m.allow(r"\[hv\] stopped: ")
        m.expect("hv", r"stopped: this CPU has no hypervisor extension \(H\)\r?\n")
        for _ in range(10):
            m.pump(0.2)
        lines = [line for line in m.consoles["hv"].lines() if line]
        assert len(lines) == 1 and m.consoles["probe"].text() == "", m.report("more than the line")


@pytest.mark.parametrize("planned,there,told,lacks", [("rv64", "rv64,sstc=off", "sstc", "sstc"), ("rv64,v=true", "rv64", "sstc v", "v"),
                                                      ("rv64,v=true", "rv64,sstc=off", "sstc v", "sstc v")])
def test_cpu_without_an_extension_that_guests_are_told_of_is_refused(planned, there, told, lacks):
    """The firmware boots any hart. One that a VM has says what it lacks; one that is nobody's, what the other was to have."""
    image = harness.pack("refusal-lacks", [PROBE, SECOND], extra=["-cpu", planned])
    said = (r"cpu \d (lacks extensions that its guest is told of: %s|"
            r"\(id 0x\w+\) lacks one of the extensions that its guest is told of: %s); run hvplan with this board's tree")
    refused(image, "lacks", said % (lacks, told), extra=["-cpu", there])


def test_cpu_with_more_than_guests_are_told_of_boots():
    image = harness.pack("refusal-more", [PROBE, SECOND], extra=["-cpu", "rv64,sstc=off"])
    with harness.Machine(image, **CONSOLES, extra=["-cpu", "rv64,v=true"], name="refusal-more") as m:
        m.expect("hv", r"all VMs ended; powering off")


if common.AIA:
    NONE = "virt,aia=aplic-imsic,aia-guests=0"

    def test_aia_without_guest_files_is_refused_when_the_plan_is_made():
        with pytest.raises(harness.BootError) as error:
            harness.pack("refusal-guests0", [PROBE], extra=["-M", NONE])
        lines = [line for line in str(error.value).split("\n") if "error" in line]
        assert len(lines) == 1 and "guest" in lines[0], error.value

    def test_aia_without_guest_files_is_refused_at_boot(image):
        refused(image, "guests0", "interrupt controller is not the one planned for", extra=["-M", NONE])
