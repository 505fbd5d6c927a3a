# SPDX-License-Identifier: Apache-2.0
"""Booted by Debian's U-Boot, which runs at EL2 as the board's firmware, instead of by QEMU's -kernel."""

import pytest

import harness
import uboot

PLANNED = 0x40200000
ELSEWHERE = 0x44000000
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "devices": "/pl011@9040000"}

# What a firmware may leave in the interrupt controller (IHI 0069H 12.9, 12.11; IHI 0048B 4.3, 4.4, 5.3): the distributor
# on in another mode, every interrupt enabled, pending, active, at the highest priority, of another type, routed to the
# last CPU, and a virtual interrupt in a list register.
SPIS_LEFT = ["mw.l 0x08000084 0xffffffff 3", "mw.l 0x08000104 0xffffffff 3", "mw.l 0x08000204 0xffffffff 3",
             "mw.l 0x08000304 0xffffffff 3", "mw.b 0x08000420 0 0x60", "mw.l 0x08000c08 0xaaaaaaaa 6"]
GIC_LEFT = {
    "virt-gicv3": ["mw.l 0x08000000 0x17", *SPIS_LEFT, "mw.q 0x08006100 0x3 0x60", "mw.l 0x080a0014 0",
                   "mw.l 0x080b0080 0xffffffff", "mw.l 0x080b0100 0xffffffff", "mw.l 0x080b0200 0xffff0000",
                   "mw.l 0x080b0300 0xffff0000", "mw.b 0x080b0400 0 0x20"],
    "virt-gicv2": ["mw.l 0x08000000 0x1", *SPIS_LEFT[1:], "mw.b 0x08000820 0x8 0x60", "mw.l 0x08000100 0xffffffff",
                   "mw.l 0x08000200 0xffff0000", "mw.l 0x08000300 0xffff0000", "mw.b 0x08000400 0 0x20",
                   "mw.l 0x08010000 1", "mw.l 0x08030100 0x1000001b", "mw.l 0x08030000 1"],
}


def end_rt(m, hv):
    m.send("rt", "q")
    m.expect(hv, r"\[hv\] vm rt: powered off")
    m.expect(hv, r"\[hv\] all VMs ended; powering off")
    assert m.wait_exit() == 0


def test_uboot_boots_linux_and_the_real_time_guest():
    """Without an environment of its own U-Boot takes QEMU's -kernel from fw_cfg, to an address that is not the planned
    one, and runs booti, which moves the file."""
    linux = {"name": "linux", "vcpus": 2, "memory": "256M", "image": "debian/Image",
             "initrd": "guests/initramfs.cpio", "bootargs": "console=ttyAMA0 quiet", "devices": "/pl011@9000000"}
    image = harness.pack("uboot-demo", [linux, RT])
    with harness.Machine(image, ["linux", "rt"], extra=["-bios", str(uboot.PROGRAM)], name="uboot-demo") as m:
        m.expect("linux", r"U-Boot 20\d\d")
        m.expect("linux", r"Moving Image from 0x40400000 to 0x%x" % PLANNED)
        m.expect("linux", "Starting kernel")
        m.expect("linux", r"\[hv\] Bulkhead ")
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        rt = harness.RtWatch(m)
        rt.goes_on(500)
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        rt.goes_on(500)
        end_rt(m, "linux")


@pytest.mark.parametrize("address, before", [
    (ELSEWHERE, []), (PLANNED, []), (ELSEWHERE, GIC_LEFT[harness.BOARD]),
], ids=["moved", "in-place", "gic-in-use"])
def test_booti_starts_the_real_time_guest(address, before, request):
    name = "uboot-" + request.node.callspec.id
    image = harness.pack("uboot-rt", [RT])
    commands = [*before, "booti 0x%x - 0x%x" % (address, uboot.DTB)]
    with harness.Machine(None, ["hv", "rt"], extra=uboot.options(name, commands, image, address), name=name) as m:
        m.expect("hv", "Starting kernel")
        m.expect("hv", r"\[hv\] Bulkhead ")
        harness.RtWatch(m).wait_for(1000)
        end_rt(m, "hv")
        moved = "Moving Image from 0x%x to 0x%x" % (address, PLANNED) in m.consoles["hv"].text()
        assert moved == (address != PLANNED)


def test_image_left_where_it_was_loaded_is_refused_in_one_line():
    """A loader that does not obey the header is as one that obeys another: text_offset 0, bit 3 (anywhere) set."""
    image = harness.pack("uboot-rt", [RT])
    data = bytearray(image.read_bytes())
    data[8:16] = bytes(8)
    data[24] |= 8
    strayed = image.with_name("uboot-strayed.img")
    strayed.write_bytes(data)
    extra = uboot.options("uboot-strayed", ["booti 0x%x - 0x%x" % (ELSEWHERE, uboot.DTB)], strayed, ELSEWHERE)
    with harness.Machine(None, ["hv", "rt"], extra=extra, name="uboot-strayed") as m:
        m.allow(r"\[hv\] stopped: not where it is linked to run")
        m.expect("hv", "Starting kernel")
        m.expect("hv", r"\[hv\] stopped: not where it is linked to run: load it by its arm64 Linux header[^\r\n]*\r?\n")
        for _ in range(10):  # whatever came of it would come soon
            m.pump(0.2)
        assert m.consoles["hv"].text().count("[hv]") == 1
        assert m.consoles["rt"].text() == ""
