# SPDX-License-Identifier: Apache-2.0
"""VMs whose memory lies among each other's page by page, by the colours of a last-level cache."""

import sys

import pytest

import harness

sys.path.insert(0, str(harness.ROOT / "bench"))
import interference  # noqa: E402

CACHE = {"size": "1M", "ways": 16, "line": 64}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "colours": "8-15"}
PROBE = {"name": "probe", "vcpus": 1, "memory": harness.SMALL, "image": "guests/probe.bin", "colours": "0-7",
         "on-reset": "restart", "bootargs": "test=reset"}


def pack(name, vms, extra=()):
    return harness.pack(name, vms, extra=extra, root={"cache": CACHE})


# WALL-FW-3
def test_two_coloured_vms_among_each_other_run_and_one_restarts():
    image = pack("colours", [PROBE, RT])
    with harness.Machine(image, ["uart"], name="colours", shared=["probe", "rt"]) as m:
        m.allow(r"vm probe: restarted \(\d+\)")
        rt = harness.RtWatch(m)
        m.expect("hv", r"cache 1 MiB, 16 ways, 64 B lines: 16 colours; vm probe: 0-7; vm rt: 8-15; hypervisor: not coloured")
        m.expect("hv", r"vm probe: restarted \(2\)")
        rt.goes_on(300)
        m.kill()


@pytest.mark.skipif(harness.ARCH != "armv8", reason="no register tells of caches")
@pytest.mark.parametrize("size", ["1M", "2M"])
def test_what_the_cpu_reports_of_its_cache_is_told_beside_the_plan(size):
    """These CPUs report 1 MiB in 16 ways, as QEMU has it."""
    image = harness.pack("cache-" + size, [PROBE, RT], root={"cache": dict(CACHE, size=size)})
    says = "" if size == "1M" else r"; warning: not that of the plan"
    with harness.Machine(image, ["uart"], name="cache-" + size, shared=["probe", "rt"]) as m:
        m.allow(r"vm probe: restarted \(\d+\)")
        rt = harness.RtWatch(m)
        m.expect("hv", r"the CPU reports a cache of level 2: 1024 KiB, 16 ways, 64 B lines%s\r?\n" % says)
        rt.goes_on(100)
        m.kill()


# WALL-MEM-6
def test_linux_in_colours_boots_and_powers_off_beside_a_real_time_guest_in_others():
    linux = {"name": "linux", "vcpus": 1, "memory": "192M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
             "colours": "0-7"}
    image = pack("colours-linux", [linux, RT])
    with harness.Machine(image, ["uart"], name="colours-linux", shared=["linux", "rt"]) as m:
        rt = harness.RtWatch(m)
        m.expect("linux", "linux# ")
        rt.goes_on(300)
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"vm linux: powered off")
        m.give_focus("rt")
        m.send("rt", "q")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0


# WALL-MEM-6, WALL-MEM-7
def test_a_hog_takes_no_line_of_a_victim_of_other_colours_and_with_one_wrong_page_it_does():
    """By the plugin's model of that cache, which knows nothing of colours but pages. Without colours the hog takes nearly all; with one page
    of a wrong colour, of which there are 64 lines, it takes some."""
    alone = interference.run("alone")
    assert alone[2] == 0
    assert interference.run("vm_hv") == alone
    accesses, misses, lost = interference.run("none")
    assert accesses == alone[0] and misses > 2 * alone[1] and lost > 1000, (misses, lost)
    accesses, misses, lost = interference.run("miscoloured")
    assert accesses == alone[0] and lost >= 64 and misses > alone[1], (misses, lost)
