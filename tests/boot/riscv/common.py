# SPDX-License-Identifier: Apache-2.0
"""Systems for boards with one UART: the VMs share it, and each has its own console in a harness.Machine."""

import contextlib

import harness

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin"}
LINUX = {"name": "linux", "vcpus": 2, "memory": "256M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
         "bootargs": "quiet"}
AIA = harness.BOARD == "virt-aia"


def probe_vm(tests, vcpus=1, args="", **more):
    return {"name": "probe", "vcpus": vcpus, "memory": harness.SMALL, "image": "guests/probe.bin",
            "bootargs": ("test=%s cpus=%d %s" % (tests, vcpus, args)).strip(), **more}


@contextlib.contextmanager
def machine(name, vms, extra=(), options=None, packed=None):
    """The VMs packed for the board with extra options, and run on it; or `packed` for another, run on this."""
    image = packed or harness.pack(name, vms, extra=extra)
    with harness.Machine(image, ["uart"], options=options, extra=extra, name=name, shared=[vm["name"] for vm in vms]) as m:
        yield m


def ended(m, vm=None):
    """That VM, or all and then the board."""
    if vm is not None:
        m.expect("hv", r"vm %s: powered off" % vm)
        return
    m.expect("hv", r"all VMs ended; powering off")
    assert m.wait_exit() == 0


def quit_rt(m, rt=None, more=300):
    """The real-time guest is seen to run on, then ends, and the board with it."""
    if rt is not None:
        rt.goes_on(more)
    m.send("rt", "q")
    ended(m, "rt")
    ended(m)
