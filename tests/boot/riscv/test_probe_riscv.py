# SPDX-License-Identifier: Apache-2.0
"""A guest that tries what it must not, on RISC-V: each attempt is answered as the architecture or SBI says, or that VM alone
stops; the real-time guest beside it runs on. Answers are those of the privileged architecture 1.13, AIA 1.0, the PLIC
specification 1.0.0 and SBI 2.0."""

import re

import pytest

import common
import harness
from test_probe import (HYPERVISOR, end, probe,  # noqa: F401
                        test_busy_guest_with_interrupts_masked_does_not_hold_the_other_up,
                        test_guest_that_cannot_take_its_own_fault_is_stopped_with_a_report,
                        test_system_off_ends_that_vm_alone, test_system_reset_ends_that_vm_alone_with_a_message)

PLIC, APLIC, FILES = 0x0C000000, 0x0D000000, 0x28000000
CONTROLLER = APLIC if common.AIA else PLIC
# As guest addresses: where nothing of the probe's lies (it has 4 MiB at 0x80000000), and something of others does.
WALLS = [
    HYPERVISOR,
    HYPERVISOR + 0x200000,
    0xBFFFF000,                           # the end of the board's RAM
    0x00100000,                           # a write here switches the board off
    0x02004000,                           # the machine level's timers
    0x10001000,                           # a virtio transport
    FILES + 0x2000,                       # another VM's interrupt file, on AIA
    PLIC if common.AIA else APLIC,        # the machine level's APLIC, on AIA
    0x00000000,
    0x20000000000,                        # beyond what Sv39x4 translates
]
NOT_SUPPORTED, INVALID_PARAM, INVALID_ADDRESS, ALREADY_AVAILABLE = -2, -3, -5, -6  # SBI 2.0, table 1


def facts_of(name, tests, vcpus, args, extra=(), keys=""):
    """{test: [(what, answer), ...]} in order, of tests that leave the guest alive."""
    with probe(name, tests, vcpus=vcpus, args=args, extra=extra) as (m, rt):
        if keys:
            m.expect("probe", "type %d characters" % len(keys))
            m.send("probe", keys)
        m.expect("probe", "probe: all done")
        m.expect("hv", r"vm probe: powered off")
        end(m, rt)
        found = {}
        for line in m.consoles["probe"].lines():
            g = re.match(r"probe: (\w+): (.*?) = (.*)$", line)
            if g:
                found.setdefault(g.group(1), []).append((g.group(2), g.group(3)))
    return found


@pytest.fixture(scope="module")
def facts():
    walls = " ".join("a%d=0x%x" % (n, a) for n, a in enumerate(WALLS))
    tests = "walls,sysregs,insns,calls,sbi,cpubad,cpuon,suspend,dbcn,legacy,rfence,memory,ipi,msi,timer,irqc,uart"
    return facts_of("probe-all", tests, 2, "keys=3 " + walls, keys="abc")


def fault(cause, tval):
    return "fault cause 0x%x tval 0x%x" % (cause, tval)


READ, WRITE, FETCH = 5, 7, 1  # access faults (table 4.2)


# WALL-MEM-1
def test_what_is_not_the_guests_is_answered_with_an_access_fault(facts):
    rows = facts["walls"]
    assert len(rows) == 10 * len(WALLS)
    for n, address in enumerate(WALLS):
        assert rows[10 * n] == ("address a%d" % n, "0x%x" % address)
        for what, answer in rows[10 * n + 1:10 * n + 10]:
            cause = {"r": READ, "w": WRITE, "f": FETCH}[what[0]]
            assert answer == fault(cause, address), "%s at 0x%x: %s" % (what, address, answer)


# WALL-MEM-4
def test_accesses_that_cannot_be_emulated_are_answered_with_an_access_fault():
    """Devices have registers: loads and stores of integers reach them, whatever their form, and nothing else does."""
    rows = facts_of("probe-nosyndrome", "nosyndrome", 1, "a0=0x%x a1=0x%x" % (HYPERVISOR, CONTROLLER))["nosyndrome"]
    half = len(rows) // 2
    offsets = {"lw misaligned": 1, "sw misaligned": 2, "ld across pages": -4}
    for n, address in enumerate((HYPERVISOR, CONTROLLER)):
        assert rows[half * n] == ("address a%d" % n, "0x%x" % address)
        for what, answer in rows[half * n + 1:half * (n + 1)]:
            cause = WRITE if what in ("c.sw", "sc.w", "amoor.w", "sw misaligned", "cbo.zero", "cbo.flush") else READ
            expected = [fault(cause, address + offsets.get(what, 0))]
            if what == "sc.w":
                expected.append("0x1")  # without a reservation it may fail before it faults (unprivileged, 14.2)
            if what == "ld across pages":
                expected.append(fault(READ, address))  # its first half may be the guest's
            if n == 1 and what in ("c.lw", "c.ld", "c.sw", "lb", "lw to zero"):
                assert "fault" not in answer, (what, answer)
            else:
                assert answer in expected, "%s at 0x%x: %s" % (what, address, answer)


# WALL-REG-1
def test_registers_that_are_not_the_guests_are_illegal(facts):
    rows = facts["sysregs"]
    assert len(rows) > 100
    for what, answer in rows:
        # stval of an illegal instruction is the instruction or 0.
        kind = "02573" if what.endswith("read") else "51073"
        assert re.fullmatch(r"fault cause 0x2 tval 0x(0|\w{3}%s)" % kind, answer), (what, answer)


# WALL-REG-1
def test_instructions_of_other_levels_are_illegal(facts):
    rows = dict(facts["insns"])
    # Its own translations are the guest's to fence, and waiting on a reservation is bounded by nobody but itself.
    for what in ("sfence.vma", "wrs.sto"):
        assert rows.pop(what) == "0x0", what
    assert len(rows) > 15
    for what, answer in rows.items():
        assert answer.startswith("fault cause 0x2 tval "), (what, answer)


# WALL-FW-1
def test_unknown_calls_are_answered_not_supported(facts):
    extension = None
    assert len(facts["calls"]) > 60
    for what, answer in facts["calls"]:
        if what == "extension":
            extension = int(answer, 16)
        elif extension < 0x10:
            assert answer.startswith("%d value " % NOT_SUPPORTED), (extension, what, answer)  # legacy calls answer in a0 alone
        else:
            assert answer == "%d value 0x0" % NOT_SUPPORTED, (hex(extension), what, answer)


def test_base_tells_what_there_is(facts):
    rows = facts["sbi"]
    told = dict(rows)
    assert told["spec version"] == "0 value 0x2000000"
    assert [told[what] for what in ("mvendorid", "marchid", "mimpid")] == ["0 value 0x0"] * 3
    probed = {what[len("probe of "):]: answer for what, answer in rows[7:]}
    absent = {"PMU", "SUSP", "CPPC", "NACL", "STA", "none"}
    assert probed == {what: "0 value %d" % (what not in absent) for what in probed} and len(probed) == 22


# WALL-CPU-3
def test_harts_that_are_not_there_and_bad_addresses_are_refused(facts):
    rows = dict(facts["cpubad"])
    assert rows["CPU_ON of self"] == str(ALREADY_AVAILABLE)
    for what in ("CPU_ON of 99", "CPU_ON of -1", "CPU_ON of 2^32", "state of 99", "state of -1", "suspend of type 1",
                 "suspend of type 0x80000001", "IPI to 99", "IPI to bits nobody has", "IPI to nobody of 99", "SRST type 3",
                 "SRST type -1", "SRST reason 2"):
        assert rows[what] == str(INVALID_PARAM), (what, rows[what])
    for what in ("at address -4", "at address 0x10", "at an odd address"):
        assert rows["CPU_ON " + what] == str(INVALID_ADDRESS), (what, rows["CPU_ON " + what])
    assert (rows["state of self"], rows["IPI to nobody"], rows["other is off"]) == ("0", "0", "1")
    assert rows["suspend of type 2^32"] == "0"  # the type is a word of 32 bits: this is the retentive one


def test_harts_go_on_and_off_and_on(facts):
    round_trip = [("CPU_ON", "0"), ("came alive", "1"), ("state", "0"), ("CPU_ON again", str(ALREADY_AVAILABLE)),
                  ("went off", "1")]
    assert facts["cpuon"] == [("state before", "1"), *round_trip * 3]


def test_suspend_waits_for_an_interrupt_and_keeps_the_hart(facts):
    assert facts["suspend"] == [("retentive", "0"), ("as long as the timer", "1"), ("interrupts", "1"), ("CPU_ON", "0"),
                                ("other went off", "1"), ("non-retentive", str(NOT_SUPPORTED))]


# WALL-FW-1
def test_console_calls_take_and_give_the_guests_own_memory_alone(facts):
    rows = dict(facts["dbcn"])
    assert rows.pop("write of two pages") == "0 some 1"
    assert {what: answer for what, answer in rows.items() if what[:4] in ("read", "writ") and answer[:2] == "0 "} == {
        "write": "0 value 30", "write nothing": "0 value 0", "write a byte": "0 value 0", "read": "0 value 0",
        "read nothing": "0 value 0"}
    bad = [what for what, answer in rows.items() if answer == "%d value 0" % INVALID_PARAM]
    assert len(bad) == 8 and len(rows) == 13, rows


def test_legacy_calls_work_but_for_masks_in_virtual_memory(facts):
    """A mask is at a virtual address, which is not read; no pointer at all is all harts."""
    rows = dict(facts["legacy"])
    refused = {what: answer for what, answer in rows.items() if answer in (str(NOT_SUPPORTED), "0xfffffffffffffffe")}
    assert sorted(refused) == ["fence_i", "send_ipi", "send_ipi, mask nowhere", "sfence", "sfence, mask nowhere"]
    assert rows["putchar"] == "0" and rows["getchar"] == "-1" and rows["set_timer"] == "0"
    assert rows["timer interrupts"] == "1" and rows["IPIs"] == "1"
    assert rows["sfence with no mask"] == rows["send_ipi with no mask"] == "0x0"


# WALL-CPU-4
def test_fences_reach_the_other_hart_and_are_refused_for_what_is_not_there(facts):
    rows = dict(facts["rfence"])
    for what in ("fence_i at self", "sfence at self", "sfence of an ASID at self", "sfence at nobody", "error"):
        assert rows[what] == "0", (what, rows[what])
    for what in ("fence_i at 99", "sfence at 99", "sfence at bits nobody has"):
        assert rows[what] == str(INVALID_PARAM), (what, rows[what])
    assert [a for w, a in facts["rfence"] if w == "hfence at self"] == [str(NOT_SUPPORTED)] * 4  # the guest has no H
    assert (rows["new page seen"], rows["new code run"], rows["other went off"]) == ("30", "30", "1")


# WALL-MEM-1
def test_guest_memory_is_its_own_and_whole(facts):
    rows = dict(facts["memory"])
    assert rows["base"] == "0x80000000" and rows["size"] == "0x400000"
    assert int(rows["words"]) > 800 and rows["bad"] == "0"


SENT = {"to self": "200", "from strange targets": "0", "CPU_ON": "0", "other ready": "1", "answered by the other": "200",
        "other went off": "1"}
TIMED = [("virtual", "50"), ("too early", "0"), ("firmware", "50"), ("too early", "0"), ("of the past", "1")]


# WALL-IRQ-2
def test_ipis_and_msis_reach_self_and_the_other_hart_and_nobody_else(facts):
    assert dict(facts["ipi"]) == SENT
    assert dict(facts.get("msi", [])) == (SENT if common.AIA else {})


# WALL-TIME-1
def test_timers_wake_a_waiting_hart(facts):
    assert facts["timer"] == [("Sstc", "1"), *TIMED]


# WALL-TIME-1
def test_timers_wake_a_waiting_hart_where_there_is_no_sstc():
    found = facts_of("probe-nosstc", "timer,ipi,sysregs", 2, "", extra=["-cpu", "rv64,sstc=off"])
    assert found["timer"] == [("Sstc", "0"), *TIMED]
    assert dict(found["ipi"]) == SENT
    assert all(answer.startswith("fault cause 0x2 ") for _, answer in found["sysregs"])


def test_emulated_uart_interrupts_when_it_is_empty_and_when_a_key_comes(facts):
    rows = dict(facts["uart"])
    assert (rows["transmitter empty"], rows["characters"], rows["interrupts"]) == ("50", "3", "1")


if common.AIA:
    # WALL-IRQ-1
    def test_aplic_gives_only_what_the_plan_gives(facts):
        rows = dict(facts["irqc"])
        assert rows["sources"] == "96"
        assert int(rows["domaincfg"], 16) == 0x80000104  # MSI delivery and enabled, as the guest wrote; bits 31:24 (4.5.1)
        for what in ("mmsiaddrcfg", "setipnum read", "genmsi", "reserved 0x1000"):
            assert rows[what] == "0x0", (what, rows[what])
        for what in ("domaincfg, 2 bytes off",):
            assert rows[what] == fault(READ, APLIC + 2)
        assert rows["behind"] == fault(READ, APLIC + 0x8000) and rows["fetch"] == fault(FETCH, APLIC)
        assert rows["sources that are delegated"] == "0"  # there is nobody below
        for what in ("targets", "sources that could be enabled", "sources that have a mode"):
            assert rows[what] == "1", (what, rows[what])  # its console

    # WALL-IRQ-1
    def test_interrupt_files_are_the_guests_own_page_and_no_more(facts):
        rows = facts["irqc"]
        told = dict(rows)
        page = FILES
        assert told["file"] == "0x0" and told["file + 0x800"] == "0x0" and told["file, big-endian"] == "0x0"
        assert told["file, 1 byte"] == fault(READ, page) and told["file, fetch"] == fault(FETCH, page)
        assert told["behind the last file"] == fault(READ, page + 0x2000)
        selected = {}
        for n, (what, answer) in enumerate(rows):
            if what == "siselect":
                selected[int(answer, 16)] = rows[n + 1][1]
        # eidelivery, eithreshold, eip0, eie0; odd ones of the arrays do not exist with 64 bits (2.1, 3.8)
        assert (selected[0x70], selected[0x72], selected[0x80], selected[0xc0]) == ("0x1", "0x0", "0x0", "0x0")
        for n in (0x71, 0x73, 0x81, 0xc1, 0x100, 0x1ff):
            assert selected[n].startswith("fault cause 0x2 "), (hex(n), selected[n])
else:
    # WALL-IRQ-1
    def test_plic_gives_only_what_the_plan_gives(facts):
        rows = dict(facts["irqc"])
        assert rows["sources"] == "95"
        for what in ("priority 0", "pending 0", "threshold", "claim of nothing", "completion of nothing",
                     "reserved of the context", "last word", "pending written"):
            assert rows[what] == "0x0", (what, rows[what])
        assert rows["priority 1, 2 bytes off"] == fault(READ, PLIC + 6)
        assert rows["context 15871"] == fault(READ, PLIC + 0x200000 + 0x1000 * 15871)
        assert rows["behind"] == fault(READ, PLIC + 0x600000) and rows["fetch"] == fault(FETCH, PLIC)
        for what in ("sources with a priority", "sources that could be enabled"):
            assert rows[what] == "1", (what, rows[what])  # its console
