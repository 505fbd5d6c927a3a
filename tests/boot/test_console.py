# SPDX-License-Identifier: Apache-2.0
"""One UART for several VMs: who prints is told by line, and what is typed reaches the VM that has the focus."""

import re

import pytest

import devstate
import gdbstub
import harness

GICD, GICR, FRAME = 0x8000000, 0x80A0000, 0x10000
LINUX = {"name": "linux", "vcpus": min(2, harness.CPUS - 1), "memory": "256M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
         "bootargs": {"armv8": "console=ttyAMA0 quiet", "riscv": "quiet"}[harness.ARCH]}
MACHINE = {"armv8": "aarch64", "riscv": "riscv64"}[harness.ARCH]
UART_LINE = {"armv8": r"GIC\S* +%d Level +uart-pl011" % harness.UART_IRQS[0], "riscv": r"(PLIC|APLIC)\S* +10 +(Level|Edge) .*ttyS0"}[harness.ARCH]
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin"}

NAMED = re.compile(rb"\[(hv|linux|rt|rt2)\] ")


def assert_every_line_has_a_name(machine):
    data = machine.consoles["uart"].data
    for line in data[data.index(b"[hv] "):].replace(b"\r", b"\n").split(b"\n"):  # firmware has said its own before
        if line and not NAMED.match(line):
            raise machine.report("a line without a name: %r" % line)


# WALL-CON-1, WALL-CON-2
def test_linux_and_the_real_time_guest_share_one_uart():
    image = harness.pack("console", [LINUX, RT])
    with harness.Machine(image, ["uart"], name="console", shared=["linux", "rt"]) as m:
        rt = harness.RtWatch(m)
        serves = 3 if harness.CPUS > 3 else 0  # the one that no VM has, if there is one
        m.expect("hv", r"console: shared by vms linux, rt; served by cpu %d; Ctrl-\] \? tells its keys" % serves)
        m.expect("linux", "linux# ")
        m.send("linux", "uname -a; echo mark-$((4+5))\n")
        m.expect("linux", r"^Linux .* %s GNU/Linux" % MACHINE)
        m.expect("linux", r"^mark-9$")
        m.send("linux", "cat /proc/interrupts\n")
        m.expect("linux", UART_LINE)
        # A shell's line editing goes back over what was typed.
        m.send("linux", "echo lane\x7f\x7f\x7fine-$((1+1))\n")
        m.expect("linux", r"^line-2$")
        assert b"\b" in m.consoles["uart"].data
        # The escape key and its help.
        m.consoles["uart"].sock.sendall(b"\x1d?")
        m.expect("hv", r"Ctrl-\] and then: 1-9 input to that VM, n to the next one, l list of VMs")
        m.consoles["uart"].sock.sendall(b"\x1dl")
        m.expect("hv", r"1 linux \(input\): \d+ characters dropped, 0 typed ones dropped")
        m.expect("hv", r"2 rt: \d+ characters dropped, 0 typed ones dropped")
        # A key that would end the real-time guest goes to Linux as long as Linux has the focus.
        m.send("linux", "echo q; echo q-was-$((1+1))-linux\n")
        m.expect("linux", r"^q-was-2-linux$")
        rt.goes_on(500)
        m.send("rt", "q")
        m.expect("hv", r"vm rt: powered off")
        m.expect("rt", r"rt: q received; powering off")
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"vm linux: powered off")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert_every_line_has_a_name(m)


@pytest.mark.parametrize("cpu", [n for n in (0, 2, 3) if n < harness.CPUS])
def test_any_cpu_may_serve_the_console(cpu):
    path = harness.RUNS / ("console-cpu%d.dts" % cpu)
    text = harness.system_text([RT, dict(RT, name="rt2")])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace("  vms {", "  console-cpu = <%d>;\n  vms {" % cpu))
    image = harness.hvplan(path, path.with_suffix(".img"))
    with harness.Machine(image, ["uart"], name="console-cpu%d" % cpu, shared=["rt", "rt2"]) as m:
        watches = [harness.RtWatch(m, "rt"), harness.RtWatch(m, "rt2")]
        m.expect("hv", r"served by cpu %d" % cpu)
        for w in watches:
            w.wait_for(1000)
        m.send("rt2", "q")
        m.expect("hv", r"vm rt2: powered off")
        watches[0].goes_on(500)
        m.send("rt", "q")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert_every_line_has_a_name(m)


def priorities_v3(stub, _qmp):
    """{(cpu or None, intid): priority}; banked interrupts by CPU."""
    def priority(frame, intid):
        return stub.word(frame + 0x400 + (intid & ~3)) >> 8 * (intid % 4) & 0xff

    found = {(None, intid): priority(GICD, intid) for intid in (33, 34)}
    for cpu in range(4):
        found.update({(cpu, intid): priority(GICR + 2 * cpu * FRAME + FRAME, intid) for intid in (0, 26, 27)})
    return found


def priorities_v2(_stub, qmp):
    gic = devstate.DeviceState(qmp, harness.RUNS / "console-priority.state").device("arm_gic")
    found = {(None, intid): gic["priority2"][intid - 32] for intid in (33, 34)}
    found.update({(cpu, intid): gic["priority1"][8 * intid + cpu] for cpu in range(4) for intid in (0, 26, 27)})
    return found


# WALL-IRQ-5
@harness.on(harness.VIRT)
def test_the_consoles_timer_and_uart_come_before_ipis_and_those_before_guests_interrupts():
    image = harness.pack("console-priority", [RT, dict(RT, name="rt2", devices="/pl031@9010000")])  # its interrupt is 34
    with gdbstub.sockets() as (sockets, stop):
        extra = [*sockets, *devstate.options(harness.board_ram(), image.parent)]
        with harness.Machine(image, ["uart"], extra=extra, name="console-priority", shared=["rt", "rt2"]) as m:
            m.expect("rt", "rt: armed")
            found = (priorities_v3 if harness.GIC == 3 else priorities_v2)(*stop())
    timer, ipi, guests = found[0, 26], found[0, 0], found[0, 27]
    assert timer < ipi < guests
    for cpu in range(4):
        assert (found[cpu, 26], found[cpu, 0], found[cpu, 27]) == (timer, ipi, guests)
    assert (found[None, 33], found[None, 34]) == (timer, guests)


def test_linux_says_everything_from_its_first_line_on():
    bootargs = "console=ttyAMA0 earlycon"
    image = harness.pack("console-earlycon", [dict(LINUX, bootargs=bootargs)])
    with harness.Machine(image, ["uart"], name="console-earlycon", shared=["linux"]) as m:
        m.expect("linux", r"Booting Linux on physical CPU")
        m.expect("linux", r"earlycon: pl11 at MMIO 0x%016x" % harness.UART_AT[0])
        m.expect("linux", r"ttyAMA0 at MMIO 0x%x \(irq = \d+, base_baud = 0\) is a PL011" % harness.UART_AT[0])
        m.expect("linux", "linux# ")
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert_every_line_has_a_name(m)


def test_linux_restarts_on_the_shared_console_and_still_hears():
    image = harness.pack("console-restart", [dict(LINUX, **{"on-reset": "restart"}), RT])
    with harness.Machine(image, ["uart"], name="console-restart", shared=["linux", "rt"]) as m:
        m.allow(r"vm linux: restarted")
        for n in range(1, 3):
            m.expect("linux", "linux# ")
            m.send("linux", "cat /proc/interrupts; echo life-$((%d+0))\n" % n)
            m.expect("linux", r"^life-%d$" % n)
            m.expect("linux", "linux# ")
            m.send("linux", "reboot -f\n")
            m.expect("hv", r"vm linux: restarted \(%d\)" % n)
        m.expect("linux", "linux# ")
        harness.RtWatch(m).goes_on(500)
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"vm linux: powered off")
        m.send("rt", "q")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert_every_line_has_a_name(m)


# WALL-CON-1
def test_a_flood_from_one_vm_keeps_neither_the_other_nor_its_lines_back():
    image = harness.pack("console-flood", [LINUX, RT])
    with harness.Machine(image, ["uart"], name="console-flood", shared=["linux", "rt"]) as m:
        rt = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        # One process: of a loop Ctrl-C may end no more than the command at hand, if the shell is between two (busybox's).
        m.send("linux", "echo begin-$((2+2)); seq 100000 99999999\n")
        m.expect("linux", r"^begin-4$")
        m.expect("linux", r"^100\d00$")
        rt.goes_on(2000)
        m.send("rt", "q")
        m.expect("hv", r"vm rt: powered off")
        m.send("linux", "\x03")
        said = ""
        while said != "end-6":  # what comes before the ring has run empty is lost, too
            m.send("linux", "\necho end-$((3+3))\n")
            said = m.expect("linux", r"^(?:end-6|\(\d+ characters lost\))$").group()
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
        assert_every_line_has_a_name(m)
