# SPDX-License-Identifier: Apache-2.0
"""Memory besides a VM's `memory`, and what the plan forbids there: tried from inside, and as Linux is told of it."""

import re

import harness

ROM, DATA, MORE = 0x20000000, 0x30000000, 0x100000000
REGIONS = {
    "rom": {"memory": "2M", "memory-address": "<0x%x>" % ROM, "ro": None},
    "data": {"memory": "2M", "memory-address": "<0x%x>" % DATA, "xn": None},
    "more": {"memory": "64M", "memory-address": "<1 0>"},
}
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin"}


def faults(kind, address):
    """The answers to an access that stage 2 forbids: the abort of a machine on which nothing is there."""
    if harness.ARCH == "riscv":  # access faults (privileged architecture 1.13, table 4.2)
        return ["fault cause 0x%x tval 0x%x" % ({"write": 7, "fetch": 1}[kind], address)]
    return ["fault ec 0x%x fsc 0x10 far 0x%x" % ({"write": 0x25, "fetch": 0x21}[kind], address)]


# WALL-MEM-1
def test_a_region_gives_the_rights_that_the_plan_gives_it_and_no_others():
    """Twice: a restart zeroes what the first life wrote, and leaves the rights as they are."""
    probe = {"name": "probe", "vcpus": 1, "memory": harness.SMALL, "image": "guests/probe.bin", "on-reset": "restart",
             "bootargs": "test=walls,reset a0=0x%x a1=0x%x a2=0x%x" % (ROM + 0x1000, DATA + 0x1ff000, MORE),
             "regions": REGIONS}
    image = harness.pack("regions", [probe, RT])
    with harness.Machine(image, ["uart"], name="regions", shared=["probe", "rt"]) as m:
        m.allow(r"vm probe: restarted \(\d+\)")
        rt = harness.RtWatch(m)
        m.expect("hv", r"vm probe: .*, region rom ro 2 MiB at IPA 0x20000000, region data xn 2 MiB at IPA 0x30000000, "
                       r"region more 64 MiB at IPA 0x100000000, devices none")
        for _ in range(2):
            m.expect("probe", "probe: walls: end")
        m.expect("hv", r"vm probe: restarted \(2\)")
        rt.goes_on(300)
        m.kill()
        rows = re.findall(r"probe: walls: (.*?) = (.*)", m.consoles["probe"].text())
    assert len(rows) >= 60, rows
    for life in (rows[:30], rows[30:60]):
        for n, address in enumerate((ROM + 0x1000, DATA + 0x1ff000, MORE)):
            assert life[10 * n] == ("address a%d" % n, "0x%x" % address)
            read_before_writing = life[10 * n + 1]
            assert read_before_writing == ("read 1", "0x0")  # also in the second life
            for what, answer in life[10 * n + 1:10 * n + 10]:
                kind = what.split()[0]
                refused = (n == 0 and kind == "write") or (n == 1 and kind == "fetch")
                if refused:
                    assert answer in faults(kind, address), (what, hex(address), answer)
                elif kind == "fetch":  # what is there is no instruction: that was fetched
                    assert answer.startswith("fault cause 0x2 " if harness.ARCH == "riscv" else "fault ec 0x0 "), answer
                else:
                    assert "fault" not in answer, (what, hex(address), answer)


def test_linux_uses_memory_of_two_pieces_and_leaves_the_other_regions_alone():
    linux = {"name": "linux", "vcpus": 1, "memory": "192M", "image": "debian/Image", "initrd": "guests/initramfs.cpio",
             "bootargs": "ignore_loglevel", "regions": REGIONS}
    image = harness.pack("regions-linux", [linux, RT])
    with harness.Machine(image, ["uart"], name="regions-linux", shared=["linux", "rt"]) as m:
        m.expect("linux", "linux# ")
        assert re.search(r"Memory: \d+K/262144K available", m.command_output("linux", "dmesg"))  # 192 MiB and 64
        iomem = m.command_output("linux", "cat /proc/iomem")
        assert re.search(r"100000000-103ffffff : System RAM", iomem), iomem
        assert not re.search(r"(20000000|30000000)-.*System RAM", iomem), iomem
        log = m.command_output("linux", "dmesg | grep -iE 'fail|error|warn' | grep -iE 'mem|reserved|rom|fdt'").strip()
        assert log == "", log
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"vm linux: powered off")
        m.give_focus("rt")
        m.send("rt", "q")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
