# SPDX-License-Identifier: Apache-2.0
"""Debian's U-Boot as an unmodified guest: a raw program that the plan loads, with its device tree where it wants it."""

import re

import harness

LINUX = {"name": "linux", "vcpus": 2, "memory": "256M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
         "bootargs": {"armv8": "console=ttyAMA0 quiet", "riscv": "quiet"}[harness.ARCH]}
UBOOT = {"name": "uboot", "vcpus": 1, "memory": "64M", "image": "uboot/u-boot.bin"}
if harness.ARCH == "armv8":
    RAM, TREE, UART, UART_KIND = 0x40000000, "0x40000000", "/pl011@9000000", "arm,pl011"
    UBOOT.update({"load": "<0x40200000>", "dtb": "<0x40000000>", "devices": "/flash@0"})
else:
    RAM, TREE, UART, UART_KIND = 0x80000000, "${fdtcontroladdr}", "/serial@10000000", "ns16550a"
    UBOOT["load"] = "<0x80200000>"  # the tree is told in a register
PROBE = {"name": "probe", "vcpus": 1, "memory": "2M", "image": "guests/probe.bin",
         "memory-address": "<0x10 0x0>", "dtb": "<0x10 0x180000>", "bootargs": "test=smp cpus=1"}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin"}


class Prompt:
    """U-Boot's command line."""

    def __init__(self, m):
        self.m = m
        self.count = 100
        m.expect("uboot", r"U-Boot 20\d\d")
        m.expect("uboot", harness.broken("Hit any key to stop autoboot"))
        m.send("uboot", " ")
        m.expect("uboot", harness.broken("=> "))
        m.send("uboot", "setenv m mark\n")

    def __call__(self, command):
        """Types a command; what it printed, and the typed line, without any white space."""
        self.count += 1
        console = self.m.consoles["uboot"]
        start = console.position
        self.m.send("uboot", "%s; echo ${m}%d\n" % (command, self.count))
        self.m.expect("uboot", harness.broken("mark%d" % self.count))
        return re.sub(r"\s+", "", console.data[start:console.position].decode("utf-8", "replace"))


def use(uboot, memory):
    """Commands of each kind; the memory and the device tree are those of the plan."""
    assert "U-Boot2023.01" in uboot("version")
    info = uboot("bdinfo")
    assert "->start=0x%016x" % RAM in info and "->size=0x%016x" % memory in info, info
    assert ":edfe0dd0" in uboot("md %s 1" % TREE)  # the tree's magic number, as it reads little-endian
    assert UART_KIND in uboot("fdt addr %s; fdt print %s compatible" % (TREE, UART))
    filled = RAM + 0x1000000
    uboot("mw 0x%x 0x600df00d 0x10000" % filled)
    sums = [re.search(r"==>([0-9a-f]{8})", uboot("crc32 0x%x 0x20000" % (filled + n))).group(1) for n in (0, 0x20000)]
    assert sums[0] == sums[1]


def test_three_vms_share_one_uart_linux_the_real_time_guest_and_uboot():
    """U-Boot has its first words where it knows a UART, and there the plan gives it an emulated one."""
    image = harness.pack("uboot-shared", [UBOOT, LINUX, RT])
    with harness.Machine(image, ["uart"], name="uboot-shared", shared=["uboot", "linux", "rt"]) as m:
        rt = harness.RtWatch(m)
        uboot = Prompt(m)
        use(uboot, 64 << 20)
        m.give_focus("linux")  # its prompt, a line without an end, is shown only then
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        rt.goes_on(500)
        m.send("uboot", "poweroff\n")
        m.expect("hv", "vm uboot: powered off")
        m.send("linux", "poweroff -f\n")
        m.expect("hv", "vm linux: powered off")
        rt.goes_on(500)
        m.send("rt", "q")
        m.expect("hv", "all VMs ended; powering off")
        assert m.wait_exit() == 0


def test_three_vms_with_uarts_of_their_own_or_none():
    """The third has no console: it checks its vCPU and its interrupts and powers off; a fault of its own would be a reset."""
    vms = [dict(LINUX, devices="/pl011@9040000"), dict(UBOOT, devices=["/pl011@9000000", "/flash@0"]), PROBE]
    image = harness.pack("uboot-guest", vms)
    with harness.Machine(image, ["uboot", "linux"], name="uboot-guest") as m:
        use(Prompt(m), 64 << 20)
        m.expect("linux", "linux# ")
        m.send("uboot", "poweroff\n")
        m.expect("uboot", r"\[hv\] vm uboot: powered off")
        assert "vm probe: " in m.consoles["uboot"].text()
        assert m.command_output("linux", "echo still here").strip() == "still here"
        m.send("linux", "poweroff -f\n")
        m.expect("uboot", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0


def test_the_system_of_the_documents_boots():
    image = harness.hvplan(harness.ROOT / "guests/systems/uboot.dts", harness.RUNS / "uboot-system.img")
    with harness.Machine(image, ["uart"], name="uboot-system", shared=["linux", "rt", "uboot"]) as m:
        m.expect("uboot", r"U-Boot 20\d\d")
        m.expect("rt", "rt: armed")
        m.expect("linux", "linux# ")


def test_uboot_that_reads_what_is_not_its_own_resets_and_restarts_alone():
    """0x30000000 is nobody's; 0x44000000, behind its own 64 MiB, would be the board's RAM. U-Boot says where it was, asks
    for a reset, and has its prompt again."""
    vms = [dict(UBOOT, devices=["/pl011@9000000", "/flash@0"], **{"on-reset": "restart"}),
           dict(RT, devices="/pl011@9040000")]
    image = harness.pack("uboot-abort", vms)
    with harness.Machine(image, ["uboot", "rt"], name="uboot-abort") as m:
        m.allow("vm uboot: restarted")
        rt = harness.RtWatch(m)
        for n, address in enumerate((0x30000000, 0x44000000)):
            Prompt(m)
            m.send("uboot", "md 0x%x 1\n" % address)
            m.expect("uboot", '"Synchronous Abort" handler, esr 0x96000010')
            m.expect("uboot", r"\[hv\] vm uboot: restarted \(%d\)" % (n + 1))
            rt.goes_on(500)
        uboot = Prompt(m)
        use(uboot, 64 << 20)
        m.send("uboot", "poweroff\n")
        m.expect("uboot", r"\[hv\] vm uboot: powered off")
        rt.goes_on(500)
        m.send("rt", "q")
        m.expect("uboot", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0
