# SPDX-License-Identifier: Apache-2.0
"""A guest that tries what it must not: each attempt is answered as the architecture says, or that VM alone stops; the
real-time guest beside it runs on."""

import contextlib
import re

import pytest

import harness

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}
HV = harness.hv_console("probe")

# As guest addresses: where nothing of the probe's lies (it has 2 MiB at RAM), and something of others does, or nothing.
RAM = 0x40000000
HYPERVISOR = harness.LOAD if harness.ARCH == "armv8" else 0x80400000  # RISC-V: or whatever follows it: here the guest has memory
WALLS = [
    HYPERVISOR,
    HYPERVISOR + 0x1ff000,
    harness.LOAD + 0x200000,  # the VMs' blocks follow the hypervisor in the packed file
    harness.LOAD + 0x400000,
    harness.LOAD + 0x600000,
    0x7ffff000,   # the end of the board's RAM
    harness.UART_AT[1],  # the other VM's console
    harness.GICD + 0x80000,  # the physical interrupt translation service, or on zcu102 nothing
    0x00000000,   # flash, or RAM of nobody's
    0x8000000000, # beyond the VM's address size
]


def probe_vm(tests, vcpus=1, args=""):
    return {"name": "probe", "vcpus": vcpus, "memory": harness.SMALL, "image": "guests/probe.bin", **harness.uart(0),
            **({} if harness.VIRT else {"memory-address": "<0x%x>" % RAM}),
            "bootargs": ("test=%s cpus=%d %s" % (tests, vcpus, args)).strip()}


@contextlib.contextmanager
def probe(name, tests, vcpus=1, args="", extra=()):
    image = harness.pack(name, [probe_vm(tests, vcpus, args), RT], extra=extra)
    with harness.Machine(image, **harness.consoles("probe", "rt"), extra=extra, name=name) as m:
        yield m, harness.RtWatch(m)


def end(m, rt):
    """The probe is gone; the other runs on, then ends the run."""
    rt.goes_on(500)
    m.send("rt", "q")
    m.expect(HV, r"vm rt: powered off")
    m.expect(HV, r"all VMs ended; powering off")
    assert m.wait_exit() == 0


@pytest.fixture(scope="module")
def facts():
    """One run of every test that leaves the guest alive: {test: [(what, answer), ...]} in order."""
    walls = " ".join("a%d=0x%x" % (n, a) for n, a in enumerate(WALLS))
    tests = "walls,nosyndrome,calls,sysregs,setway,memory,psci,cpubad,cpuon,sgi,timer,gic"
    with probe("probe-all", tests, vcpus=2, args=walls + " gicd=0x%x" % harness.GICD) as (m, rt):
        m.expect("probe", "probe: all done")
        m.expect(HV, r"vm probe: powered off")
        end(m, rt)
        found = {}
        for line in m.consoles["probe"].lines():
            g = re.match(r"probe: (\w+): (.*?) = (.*)$", line)
            if g:
                found.setdefault(g.group(1), []).append((g.group(2), g.group(3)))
    return found


def abort(address, fetch=False):
    """Synchronous external abort from the current exception level."""
    return "fault ec 0x%x fsc 0x10 far 0x%x" % (0x21 if fetch else 0x25, address)


UNDEF = re.compile(r"fault ec 0x0 ")
NOT_SUPPORTED = {"0xffffffffffffffff", "0xffffffff"}


# WALL-MEM-1
def test_what_is_not_the_guests_is_answered_with_an_external_abort(facts):
    rows = facts["walls"]
    assert len(rows) == 10 * len(WALLS)
    for n, address in enumerate(WALLS):
        assert rows[10 * n] == ("address a%d" % n, "0x%x" % address)
        for what, answer in rows[10 * n + 1:10 * n + 10]:
            assert answer == abort(address, what == "fetch"), "%s at 0x%x: %s" % (what, address, answer)


# WALL-MEM-4
def test_accesses_that_cannot_be_emulated_are_answered_with_an_external_abort(facts):
    rows = facts["nosyndrome"]
    addresses = [int(answer, 16) for what, answer in rows if what.startswith("address ")]
    assert addresses == [HYPERVISOR, harness.GICD]
    half = len(rows) // 2
    for n, address in enumerate(addresses):
        for what, answer in rows[half * n + 1:half * (n + 1)]:
            # An exclusive load has a syndrome: at the distributor it is a read like another. Cache maintenance that
            # reaches no memory may also be left without effect.
            if what == "ldxr" and n == 1 or what == "dc civac":
                assert "fault" not in answer or answer == abort(address), (what, answer)
            else:
                assert answer == abort(address), "%s at 0x%x: %s" % (what, address, answer)


# WALL-FW-1
def test_unknown_calls_are_answered_not_supported(facts):
    rows = facts["calls"]
    function = None
    for what, answer in rows:
        if what == "function":
            function = int(answer, 16)
        elif what in ("hvc", "smc", "hvc #0x1234", "smc #0x1234"):
            # Bits 63..32 of a function number are ignored (DEN 0028): this one is PSCI_VERSION.
            if function == 0x1234567884000000 and "#" not in what:
                assert answer == "0x10001" or answer in NOT_SUPPORTED, (function, answer)
            else:
                assert answer in NOT_SUPPORTED, "%s of 0x%x: %s" % (what, function, answer)
    assert int(dict(rows)["SMCCC_VERSION"], 16) in range(0x10001, 0x10006)
    assert dict(rows)["SMCCC_ARCH_FEATURES of SMCCC_VERSION"] == "0"
    assert dict(rows)["SMCCC_ARCH_FEATURES of an unknown one"] == "-1"


# WALL-REG-1
def test_registers_that_are_not_the_guests_are_undefined(facts):
    rows = dict(facts["sysregs"])
    if harness.GIC == 3:  # on a GICv2 there is no such register
        assert rows.pop("ICC_SRE_EL1 write") in ("0x1", "0x7")  # SRE stays one: IHI 0069H 12.2.22
    for what in ("ACTLR_EL1 read", "ACTLR_EL1 write"):
        rows.pop(what)  # IMPLEMENTATION DEFINED content: UNDEF, or read as zero and ignore writes
    for what, answer in rows.items():
        assert UNDEF.match(answer), "%s: %s" % (what, answer)


def test_set_way_maintenance_is_answered_in_bounded_time(facts):
    assert ("operations", "1024") in facts["setway"]


# WALL-MEM-1
def test_guest_memory_is_its_own_and_whole(facts):
    rows = dict(facts["memory"])
    assert rows["base"] == "0x%x" % RAM and rows["size"] == "0x200000"
    assert int(rows["words"]) > 300 and rows["bad"] == "0"


def test_psci_says_what_it_has(facts):
    rows = dict(facts["psci"])
    assert rows["version"] in ("0x10000", "0x10001", "0x10002", "0x10003")
    for function in ("84000000", "84000002", "c4000003", "84000003", "c4000004", "84000004", "84000008", "84000009",
                     "8400000a", "80000000"):
        assert rows["features of 0x" + function] == "0", function
    for function in ("84000005", "8400000e", "8400ffff"):
        assert rows["features of 0x" + function] == "-1", function


# WALL-CPU-3
def test_cpu_on_of_what_is_not_there_is_refused(facts):
    rows = dict(facts["cpubad"])
    assert rows["CPU_ON of self"] == "-4"
    for what in ("99", "0.0.1.0", "-1"):
        assert rows["CPU_ON of " + what] == "-2", what
    assert rows["CPU_ON with reserved bits"] == "-2"
    assert rows["CPU_ON at address 0x10"] == "-9"
    assert rows["CPU_ON at address -4"] == "-9"
    assert rows["AFFINITY_INFO of 99"] == "-2"
    assert rows["AFFINITY_INFO at level 7"] == "-2"
    assert rows["AFFINITY_INFO of self"] == "0"


def test_cpus_go_on_and_off_and_on(facts):
    round_trip = [("CPU_ON", "0"), ("came alive", "1"), ("state", "0"), ("CPU_ON again", "-4"), ("went off", "1")]
    assert facts["cpuon"] == [("state before", "1"), *round_trip * 3]


# WALL-IRQ-2
def test_sgis_reach_self_and_the_other_cpu_and_nobody_else(facts):
    rows = dict(facts["sgi"])
    assert rows == {"to self": "200", "from strange targets": "0", "CPU_ON": "0", "other ready": "1",
                    "answered by the other": "200"}


# WALL-TIME-1
def test_both_timers_wake_a_waiting_cpu(facts):
    assert facts["timer"] == [("virtual", "50"), ("physical", "50")]


# WALL-IRQ-1
def test_distributor_gives_only_what_the_plan_gives(facts):
    rows = dict(facts["gic"])
    assert rows["SPIs that could be enabled"] == "1"  # its console
    assert int(rows["GICD_PIDR2"], 16) & 0xf0 == harness.GIC << 4
    if harness.GIC == 3:
        assert int(rows["GICR_TYPER"], 16) & 0x10 == 0  # CPU 1 follows
        assert rows["GICR behind the last"] == abort(harness.GICD + 0xa0000 + 2 * 0x20000)
        assert rows["GICD reserved"] == "0x0"
    else:
        assert int(rows["GICD_TYPER"], 16) >> 5 & 7 == 1  # two CPUs
        assert rows["GICD behind"] == abort(harness.GICD + 0x1000)
        assert rows["GICD_ITARGETSR0"] == "0x1010101"
        # SPIs 32 to 35, of which 33 is the console's on `virt`: to the VM's two CPUs.
        assert rows["GICD_ITARGETSR8 all ones"] == ("0x300" if harness.VIRT else "0x0")
        assert rows["GICD_SPENDSGIR0 all ones"] == "0x3030303" and rows["GICD_CPENDSGIR0"] == "0x0"


# WALL-IRQ-1
def test_cpu_interface_of_a_gicv2_is_two_pages_of_the_guests_own(facts):
    """What stage 2 maps there is the virtual one, whole and alone. A GICv3's is in system registers: nothing is mapped."""
    rows = dict(facts["gic"])
    if harness.GIC == 3:
        assert [what for what in rows if what.startswith("GICC")] == []
        return
    assert rows["GICC_CTLR"] == "0x1"  # as the guest has set it
    assert int(rows["GICC_IIDR"], 16) >> 16 & 0xf == 2
    assert rows["GICC_IAR"] == "0x3ff"
    assert "fault" not in rows["GICC_DIR page"]
    assert rows["GICC behind"] == abort(harness.GICD + 0x12000)
    assert rows["GICC fetch"] == abort(harness.GICD + 0x10000, True)
    assert rows["GICH"] == abort(harness.GICD + 0x30000) and rows["GICV"] == abort(harness.GICD + 0x40000)


# WALL-FW-2
def test_system_off_ends_that_vm_alone():
    with probe("probe-off", "off") as (m, rt):
        m.expect(HV, r"vm probe: powered off")
        assert "returned" not in m.consoles["probe"].text()
        end(m, rt)


# WALL-FW-2
def test_system_reset_ends_that_vm_alone_with_a_message():
    with probe("probe-reset", "reset") as (m, rt):
        m.allow("vm probe: reset requested; ended")
        m.expect(HV, r"vm probe: reset requested; ended")
        assert "returned" not in m.consoles["probe"].text()
        end(m, rt)


# WALL-CPU-2
def test_guest_that_cannot_take_its_own_fault_is_stopped_with_a_report():
    with probe("probe-fetchloop", "fetchloop", args="a0=0x%x" % HYPERVISOR) as (m, rt):
        m.allow("vm probe: (stopped: fault|ended after its fault)")
        line = m.expect(HV, r"vm probe: stopped: fault: vcpu 0 pc 0x[0-9a-f]+ address 0x[0-9a-f]+ cause[^\r\n]*")
        assert re.search(r"pc 0x%x[0-9a-f]{3} " % (HYPERVISOR >> 12), line.group()), line.group()
        m.expect(HV, r"vm probe: vcpu 0 exits: ([a-z]+ \d+ )*fault [1-9]\d*( [a-z]+ \d+)*\r?\n")
        end(m, rt)


# WALL-IRQ-5
def test_busy_guest_with_interrupts_masked_does_not_hold_the_other_up():
    with probe("probe-spin", "spin") as (m, rt):
        m.expect("probe", "probe: spin: now")
        rt.goes_on(2000)
