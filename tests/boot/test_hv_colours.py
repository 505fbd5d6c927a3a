# SPDX-License-Identifier: Apache-2.0
"""A hypervisor that moves to its own colours of the cache as it boots: guests on several CPUs, restarts, its own faults; and of the
memory that it left nothing is used any more. Where it is then, and what is mapped, is test_el2_map.py's."""

import pytest

import gdbstub
import harness
import test_panic
from test_panic import symbols  # noqa: F401
from test_el2_map import BLOCK
from test_restart import AGAIN, HV, RT


def restarts(m, rt, lives):
    """By vCPU 0, by vCPU 1, by both at once; the real-time guest goes on."""
    for n in lives:
        m.send("again", "rsb"[n % 3])
        m.expect(HV, r"vm again: restarted \(%d\)" % n)
        m.expect("again", "again: alive")
        rt.goes_on(100)


def all_end(m, rt):
    m.send("again", "q")
    m.expect(HV, r"vm again: powered off")
    rt.goes_on(300)
    m.send("rt", "q")
    m.expect(HV, r"all VMs ended; powering off")
    assert m.wait_exit() == 0


@pytest.mark.parametrize("colours", ["0-3", "8-15", "2,4-7,13"])
def test_guests_run_and_restart_on_a_moved_hypervisor(colours):
    name = "hv-colours-" + colours.replace(",", "_")
    image = harness.pack(name, [AGAIN, RT], root=harness.in_colours(colours))
    with harness.Machine(image, **harness.consoles("again", "rt"), name=name) as m:
        m.expect(HV, r"hypervisor: moved to colours %s of 16, from 0x" % colours)
        m.expect(HV, r"%d CPUs, 2 VMs, " % harness.CPUS)
        rt = harness.RtWatch(m)
        m.expect("again", "again: alive")
        restarts(m, rt, range(1, 7))
        all_end(m, rt)


def regions(first):
    """Seven, with names that make the plan's text long."""
    return {"region-%d-of-a-long-name-%s" % (n, "x" * 8): {"memory": "2M", "memory-address": "<0x%x>" % (first + n * 0x400000)}
            for n in range(7)}


def test_a_plan_of_more_than_a_page_moves_whole():
    """The text of the boot log is its end, and is printed from where it is then."""
    third = {"name": "third", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", "console": "none"}
    vms = [dict(vm, regions=regions(0xa0000000 + n * 0x8000000)) for n, vm in enumerate((AGAIN, RT, third))]
    image = harness.pack("hv-colours-plan", vms, root=harness.in_colours("0-3"))
    packed = image.read_bytes()
    length = int.from_bytes(packed[packed.index(b"BHKPLAN1") + 12:][:4], "little")
    assert length > 4096
    with harness.Machine(image, **harness.consoles("again", "rt"), name="hv-colours-plan") as m:
        m.expect(HV, r"vm third: vcpu 0 on cpu 3, memory 16 MiB [^\n]* region region-6-of-a-long-name-x{8} 2 MiB at IPA 0x\w+, devices none")
        m.expect(HV, r"%d CPUs, 3 VMs, " % harness.CPUS)
        m.expect("again", "again: alive")
        harness.RtWatch(m).goes_on(100)


# WALL-MEM-7
def test_nothing_of_the_memory_it_left_is_read_or_written():
    """All of it is spoilt while the machine stands still, and then is as it was spoilt."""
    vms = [dict(AGAIN, colours="8-11"), dict(RT, colours="12-15")]  # whose tables are most of stage 2
    image = harness.pack("hv-colours-left", vms, root=harness.in_colours("4-7"))
    spoilt = bytes(0xA5 ^ n % 251 for n in range(BLOCK))
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **harness.consoles("again", "rt"), extra=sockets, name="hv-colours-left") as m:
            rt = harness.RtWatch(m)
            m.expect("again", "again: alive")
            rt.wait_for(1)
            stub, qmp = stop()
            before = qmp.memory(harness.LOAD, BLOCK, harness.RUNS / "hv-colours-left.mem")
            assert before[:4] == image.read_bytes()[:4]  # it was there
            stub.write(harness.LOAD, spoilt)
            stub.resume()
            restarts(m, rt, range(1, 7))
            rt.goes_on(500)
            stub.halt()
            assert qmp.memory(harness.LOAD, BLOCK, harness.RUNS / "hv-colours-left.mem") == spoilt
            stub.resume()
            all_end(m, rt)


def test_a_hypervisor_that_has_not_moved_does_not_live_without_that_memory():
    """The control: spoilt like this it says and does nothing more."""
    image = harness.pack("hv-colours-not", [AGAIN, RT])
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **harness.consoles("again", "rt"), extra=sockets, name="hv-colours-not") as m:
            m.expect("again", "again: alive")
            stub, _ = stop()
            stub.write(harness.LOAD, bytes(BLOCK))
            stub.resume()
            m.send("again", "r")
            with pytest.raises(harness.BootError, match="time-out"):
                m.expect(HV, r"vm again: restarted \(1\)", timeout=5)


@pytest.mark.parametrize("kind", [test_panic.STACK, test_panic.TEXT], ids=["stack", "text"])
def test_a_fault_of_a_moved_hypervisor_is_reported_and_others_run_on(kind, symbols):  # noqa: F811
    with test_panic.asked("hv-colours-panic-%d" % kind, "faults", kind, harness.in_colours("0-3")) as m:
        words, is_syndrome, function = test_panic.CAUSES[kind]
        match = test_panic.LINE.match(test_panic.panic_line(m))
        assert match and int(match.group(1)) == test_panic.CPU and match.group(2) == words
        assert is_syndrome(int(match.group(3), 16))
        start, size = symbols[function]
        assert start <= int(match.group(4), 16) < start + size
