# SPDX-License-Identifier: Apache-2.0
"""The guests on plain QEMU, without a hypervisor: what they show under Bulkhead they must show here first."""

import harness

NATIVE = ["-M", "virt,gic-version=%d" % harness.GIC, "-nic", "none", "-display", "none", "-monitor", "none", "-no-reboot"]


def test_real_time_guest_runs_without_a_hypervisor():
    options = [*NATIVE, "-cpu", "cortex-a53", "-m", "64"]
    with harness.Machine(harness.guest("rt.bin"), ["rt"], options=options, name="native-rt") as m:
        harness.RtWatch(m).wait_for(1000)
        m.send("rt", "q")
        m.expect("rt", "powering off")
        assert m.wait_exit() == 0


def test_probe_guest_starts_cpus_sends_sgis_and_keeps_time_without_a_hypervisor():
    options = [*NATIVE, "-cpu", "cortex-a53", "-m", "64", "-smp", "2", "-append", "test=cpuon,sgi,timer,memory cpus=2"]
    with harness.Machine(harness.guest("probe.bin"), ["probe"], options=options, name="native-probe") as m:
        m.expect("probe", "probe: all done")
        text = m.consoles["probe"].text()
        for line in ("cpuon: went off = 1", "sgi: to self = 200", "sgi: answered by the other = 200",
                     "timer: virtual = 50", "timer: physical = 50", "memory: bad = 0"):
            assert "probe: " + line in text, m.report(line)
        assert m.wait_exit() == 0


def test_linux_boots_without_a_hypervisor():
    options = [*NATIVE, "-cpu", "cortex-a53", "-m", "256", "-smp", "2", "-initrd",
               str(harness.guest("initramfs.cpio")), "-append", "console=ttyAMA0 quiet"]
    with harness.Machine(harness.OUT / "debian/Image", ["linux"], options=options, name="native-linux") as m:
        m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        m.send("linux", "poweroff -f\n")
        assert m.wait_exit() == 0
