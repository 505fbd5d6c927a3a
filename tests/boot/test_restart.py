# SPDX-License-Identifier: Apache-2.0
"""Restart of one VM beside another."""

import harness

LINUX = {"name": "linux", "vcpus": 2, "memory": "128M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
         "bootargs": "console=ttyAMA0 quiet", "devices": "/pl011@9000000", "on-reset": "restart"}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "devices": "/pl011@9040000"}


# WALL-FW-3
def test_linux_reboots_while_the_real_time_guest_goes_on():
    image = harness.pack("restart-linux", [LINUX, RT])
    with harness.Machine(image, ["linux", "rt"], name="restart-linux") as m:
        rt = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        for n in range(1, 21):
            m.send("linux", "reboot -f\n")
            m.expect("linux", r"\[hv\] vm linux: restarted \(%d\)" % n)
            m.expect("linux", "linux# ")
        assert m.command_output("linux", "nproc").strip() == "2"
        rt.goes_on(500)
        m.send("linux", "poweroff -f\n")
        m.expect("linux", r"\[hv\] vm linux: powered off")
        rt.goes_on(500)
        m.send("rt", "q")
        m.expect("linux", r"\[hv\] all VMs ended; powering off")
        assert m.wait_exit() == 0
