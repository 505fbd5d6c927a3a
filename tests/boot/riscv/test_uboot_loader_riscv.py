# SPDX-License-Identifier: Apache-2.0
"""Booted by Debian's U-Boot, which runs at supervisor level above OpenSBI, instead of by OpenSBI itself."""

import contextlib

import common
import harness
from common import LINUX, RT

PLANNED, ELSEWHERE = 0x80200000, 0x84000000
PLIC, APLIC = 0x0C000000, 0x0D000000

# What a loader may leave in the interrupt controller.
if common.AIA:
    # The domain on, and each source of the first 32 active, pending, enabled, and sent to the last hart as identity 10.
    LEFT = ["mw.l 0x%x 0x80000104" % APLIC, "mw.l 0x%x 6 0x1f" % (APLIC + 4), "mw.l 0x%x 0xc000a 0x1f" % (APLIC + 0x3004),
            "mw.l 0x%x 0xffffffff" % (APLIC + 0x1c00), "mw.l 0x%x 0xffffffff" % (APLIC + 0x1e00)]
else:
    # The UART's interrupt claimed at hart 1's context and never completed: it gives no other before it is. All sources enabled
    # at all contexts at the highest priority, none let through at the first.
    LEFT = ["mw.l 0x%x 7 0x5f" % (PLIC + 4), "mw.l 0x%x 0xffffffff" % (PLIC + 0x2000 + 0x80 * 3),
            "mw.b 0x10000001 2", "md.l 0x%x 1" % (PLIC + 0x200004 + 0x1000 * 3),
            *("mw.l 0x%x 0xffffffff 3" % (PLIC + 0x2000 + 0x80 * c) for c in range(8)), "mw.l 0x%x 7" % (PLIC + 0x200000)]


@contextlib.contextmanager
def booted(name, image, vms, commands):
    """U-Boot's command line runs these, with the file where a loader may have put it."""
    extra = ["-device", "loader,file=%s,addr=0x%x,force-raw=on" % (image, ELSEWHERE)]
    program = harness.IMAGES / "uboot" / "u-boot.bin"
    with harness.Machine(program, ["uart"], extra=extra, name=name, shared=[vm["name"] for vm in vms]) as m:
        m.expect("uart", "Hit any key to stop autoboot")
        m.send("uart", " ")
        for command in [*commands, "booti 0x%x - ${fdtcontroladdr}" % ELSEWHERE]:
            m.expect("uart", "=> ")
            m.send("uart", command + "\n")
        m.expect("uart", "Starting kernel")
        yield m


def test_booti_starts_linux_and_the_real_time_guest():
    vms = [LINUX, RT]
    with booted("uboot-linux", harness.pack("uboot-linux", vms), vms, []) as m:
        rt = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        assert "Moving Image from 0x%x to 0x%x" % (ELSEWHERE, PLANNED) in m.consoles["uart"].text()
        rt.goes_on(500)
        m.send("linux", "poweroff -f\n")
        common.ended(m, "linux")
        common.quit_rt(m, rt)


def test_interrupt_controller_that_is_in_use_is_taken_over():
    """The guest has the UART itself, and hears of a key by its interrupt alone."""
    vms = [dict(RT, devices="/soc/serial@10000000")]
    with booted("uboot-in-use", harness.pack("uboot-in-use", vms), vms, LEFT) as m:
        m.expect("uart", r"rt: armed 1\d\d\d ")
        m.send("uart", "q")
        common.ended(m, "rt")
        common.ended(m)


def test_image_that_is_not_where_it_was_planned_is_refused_in_one_line():
    """text_offset of another header: U-Boot moves it there."""
    image = harness.pack("uboot-strayed", [RT])
    data = bytearray(image.read_bytes())
    data[8:16] = (0x400000).to_bytes(8, "little")
    image.write_bytes(data)
    with booted("uboot-strayed", image, [RT], []) as m:
        m.allow(r"\[hv\] stopped: not where it is linked to run")
        m.expect("hv", r"stopped: not where it is linked to run: load it by its RISC-V Linux header[^\r\n]*\r?\n")
        for _ in range(10):  # whatever came of it would come soon
            m.pump(0.2)
        assert m.consoles["uart"].text().count("[hv]") == 1 and m.consoles["rt"].text() == ""
