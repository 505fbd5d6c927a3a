# SPDX-License-Identifier: Apache-2.0
"""Debian's U-Boot as an unmodified guest: a raw program that the plan loads, with its device tree where it wants it."""

import harness

LINUX = {"name": "linux", "vcpus": 2, "memory": "256M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
         "bootargs": "console=ttyAMA0 quiet", "devices": "/pl011@9040000"}
UBOOT = {"name": "uboot", "vcpus": 1, "memory": "64M", "image": "uboot/u-boot.bin", "load": "<0x40200000>",
         "dtb": "<0x40000000>", "devices": ["/pl011@9000000", "/flash@0"]}
PROBE = {"name": "probe", "vcpus": 1, "memory": "2M", "image": "guests/probe.bin",
         "memory-address": "<0x80000000>", "dtb": "<0x80180000>", "bootargs": "test=smp cpus=1"}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "devices": "/pl011@9040000"}


def reach_prompt(m):
    m.expect("uboot", r"U-Boot 20\d\d")
    m.expect("uboot", "Hit any key to stop autoboot")
    m.send("uboot", " ")
    m.expect("uboot", r"=> $")


def command(m, text):
    """Types a command at the prompt; what it printed. The prompt is there again afterwards."""
    m.send("uboot", text + "\n")
    m.expect("uboot", r"%s\r?\n" % text)
    c = m.consoles["uboot"]
    start = c.position
    m.expect("uboot", r"^=> $")
    return c.data[start:c.position].decode().replace("\r", "")


def test_three_vms_at_once_linux_uboot_and_bare_metal():
    """The third has no UART: it checks its vCPU and its interrupts and powers off; a fault of its own would be a reset."""
    image = harness.pack("uboot-guest", [LINUX, UBOOT, PROBE])
    with harness.Machine(image, ["uboot", "linux"], name="uboot-guest") as m:
        reach_prompt(m)
        assert "U-Boot 20" in command(m, "version")
        info = command(m, "bdinfo")
        assert "-> start    = 0x%016x" % 0x40000000 in info and "-> size     = 0x%016x" % (64 << 20) in info, info
        assert "edfe0dd0" in command(m, "md 0x40000000 1")  # its device tree's magic number, as it reads little-endian
        command(m, "mw 0x41000000 0x600df00d 0x10000")
        assert command(m, "crc32 0x41000000 0x20000").split()[-1] == command(m, "crc32 0x41020000 0x20000").split()[-1]
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        m.send("uboot", "poweroff\n")
        m.expect("uboot", r"\[hv\] vm uboot: powered off")
        assert "vm probe: " in m.consoles["uboot"].text()
        assert m.command_output("linux", "echo still here").strip() == "still here"
        m.send("linux", "poweroff -f\n")
        m.expect("uboot", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


def test_the_system_of_the_documents_boots():
    image = harness.hvplan(harness.ROOT / "guests/systems/uboot.dts", harness.OUT / "boot" / "uboot-system.img")
    with harness.Machine(image, ["uboot", "linux"], name="uboot-system") as m:
        reach_prompt(m)
        m.expect("linux", "linux# ")


def test_uboot_that_reads_what_is_not_its_own_resets_itself_alone():
    """0x30000000 is nobody's; 0x44000000, behind its own 64 MiB, would be the board's RAM."""
    image = harness.pack("uboot-abort", [UBOOT, RT])
    for address in (0x30000000, 0x44000000):
        name = "uboot-abort-%x" % address
        with harness.Machine(image, ["uboot", "rt"], name=name) as m:
            m.allow("vm uboot: reset requested; ended")
            rt = harness.RtWatch(m)
            reach_prompt(m)
            m.send("uboot", "md 0x%x 1\n" % address)
            m.expect("uboot", '"Synchronous Abort" handler, esr 0x96000010')
            m.expect("uboot", r"\[hv\] vm uboot: reset requested; ended")
            rt.goes_on(500)
            m.send("rt", "q")
            m.expect("uboot", r"\[hv\] all VMs ended; powering off")
            assert m.wait_exit() == 0
