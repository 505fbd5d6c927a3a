# SPDX-License-Identifier: Apache-2.0
"""The benchmarks of bench/: that what they count is the same each time, and that no instruction is missing or counted twice."""

import subprocess
import sys

import pytest

import exitlog
import harness

sys.path.insert(0, str(harness.ROOT / "bench"))
import baseline  # noqa: E402
import cases  # noqa: E402
import channels  # noqa: E402
import counted  # noqa: E402
import phases  # noqa: E402
import profile  # noqa: E402
import report  # noqa: E402
import shared_cache  # noqa: E402


def run(name):
    events, totals = counted.run(name, [counted.vm("hypercall,registers," + cases.INTERRUPTS, rounds=counted.ROUNDS)], guests=True,
                                 accesses=True)
    log = exitlog.lines(harness.RUNS / ("bench-%s.exits" % name))
    # Up to the last mark: as the board goes off, the emulator's other thread says how far a CPU still comes.
    last = max(n for n, words in enumerate(log) if words[1] == "mark")
    return events, totals, log[:last + 1]


@pytest.fixture(scope="module")
def twice():
    return run("test-once"), run("test-again")


def test_two_runs_of_the_same_are_the_same_in_every_exit_and_every_figure(twice):
    """Line by line of the logs: each exit of each CPU with its cause, instructions and data accesses, in the same order."""
    (events, totals, log), (_, _, again) = twice
    assert log == again
    assert len(counted.exits(events)) > 8 * counted.ROUNDS


def test_books_balance_on_every_cpu(twice):
    """What each CPU executed of the hypervisor is its exits, its boot and its idling, to the instruction."""
    (events, totals, _), _ = twice
    assert set(totals) == {0, 1, 2, 3}
    assert exitlog.imbalance(events, totals) == []
    for cpu, total in totals.items():
        kinds = {e.cause for e in counted.entries(events) if e.cpu == cpu}
        assert "boot" in kinds and total.hs > 0
        assert (total.guest > 0) == (cpu in (2, 3))
    # And they would not, if an exit were missing or one instruction were counted twice.
    lost = counted.exits(events)[7]
    assert exitlog.imbalance([e for e in events if e is not lost], totals) != []
    assert exitlog.imbalance([e._replace(hs=e.hs + 1) if e is lost else e for e in events], totals) != []


def boot_of_four():
    """A boot of ten instructions: reset, a loop of two turns, then code of `second` that is called and then in line."""
    where = profile.Profile({0: 1, 4: 2, 8: 2, 12: 3, 16: 2}, {0: 1, 4: 2, 8: 3, 12: 6, 16: 8},
                            {0: ["start"], 4: ["loop", "first"], 8: ["loop", "first"], 12: ["helper"], 16: ["helper", "second"]})
    return where, 10


def test_phases_are_told_by_the_first_instruction_of_their_functions():
    where, total = boot_of_four()
    found = phases.of_boot(where, total, ["start", "first", "helper"])
    assert [n for _, n in found] == [1, 4, 5]


@pytest.mark.parametrize("wanted, total, why", [(["start", "gone"], 10, "does not go through gone"), (["first", "helper"], 10, "one after another"),
                                                (["start", "helper", "first"], 10, "one after another"),
                                                (["start", "first"], 11, "10 instructions, and boot took 11")])
def test_phases_that_are_not_all_of_boot_in_its_order_are_no_figures(wanted, total, why):
    with pytest.raises(ValueError, match=why):
        phases.of_boot(boot_of_four()[0], total, wanted)


def test_a_report_whose_phases_are_not_all_of_boot_is_none():
    figures = {"armv8.virt-gicv3.boot_1vm_64m." + phases.KEY % name: 3 for name in phases.NAMES}
    whole = 3 * len(phases.NAMES)
    boards, rows = phases.rows({**figures, "armv8.virt-gicv3.boot_1vm_64m.hv_insns": whole})
    assert boards == ["virt-gicv3"] and rows[0] == ("reset", 3) and rows[-1] == ("all", whole)
    with pytest.raises(ValueError):
        phases.rows({**figures, "armv8.virt-gicv3.boot_1vm_64m.hv_insns": whole + 1})


def test_boot_is_the_sum_of_its_phases():
    """Each of them, on this board, in what was built; and the checksum of the image is where it has to be: a word takes an instruction."""
    figures = cases.boot_of("1vm_64m", [cases.lone()], 1)
    parts = {name: figures["boot_1vm_64m." + phases.KEY % name] for name in phases.NAMES}
    assert min(parts.values()) > 0
    assert sum(parts.values()) == figures["boot_1vm_64m.hv_insns"]
    image = harness.symbols(harness.hv_elf())
    assert parts["hv_checksum"] > (image["hv_rodata_end"] - image["hv_text_start"]) // 8


def test_the_cache_model_counts_what_was_counted_by_hand():
    done = subprocess.run([harness.OUT / "bench" / "test_cache"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_the_report_has_the_table_of_the_shared_cache_whole_or_not_at_all():
    names = ("alone", "none", "vm", "vm_hv", "miscoloured")
    figures = {"%s.interference_%s.%s" % (board, name, metric): 100 * b + 10 * n + m
               for b, board in enumerate(("armv8.virt-gicv3", "riscv.virt-aia"), 1) for n, name in enumerate(names)
               for m, metric in enumerate(("victim_misses", "cross_evictions"))}
    boards, found = shared_cache.rows(dict(figures, **{"armv8.virt-gicv3.interference.accesses": 1, "host.lines.hv": 2}))
    assert boards == ["virt-gicv3", "virt-aia"]
    assert [row[0].split(":")[0] for row in found] == ["interference_" + name for name in names]
    assert [list(row[1:]) for row in found] == [[100 + 10 * n, 101 + 10 * n, 200 + 10 * n, 201 + 10 * n] for n in range(5)]
    page = report.page(figures, harness.RUNS / "none")
    assert "<td>interference_vm_hv: " in page and "virt-aia: lines lost" in page and "<td>231</td>" in page
    assert shared_cache.rows({"host.lines.hv": 2}) == ([], [])
    del figures["riscv.virt-aia.interference_vm.cross_evictions"]
    with pytest.raises(KeyError):
        shared_cache.rows(figures)


def of_cpu_two(*rows):
    """Marks: (number, the hypervisor's instructions and the guest's by then), on a board where another CPU executes twice as many."""
    return [exitlog.Mark(2, number, hs, 0, guest, 3 * hs, 0, 3 * guest) for number, hs, guest in rows]


def test_what_is_done_while_one_waits_for_a_channel_is_no_work_and_marks_are_none():
    """Two looks with work behind them, of 10 and 30 instructions and the mark, and between them one in vain and a wait."""
    own = of_cpu_two((counted.CHANNEL, 0, 0), (counted.CHANNEL, 0, 11), (counted.WAIT, 0, 16), (counted.CHANNEL, 70, 516),
                     (counted.END, 75, 547))
    assert channels.between(own, False) == {"guest": 10 + 30, "hs": 5, "m": 0}
    assert channels.between(own, True) == {"guest": 547 - 4, "hs": 75, "m": 0}
    assert channels.by_all(own, own[0], own[-1]) == {"guest": 3 * 547 - 4, "hs": 3 * 75, "m": 0}


def test_a_transfer_is_from_its_first_look_to_its_end():
    own = of_cpu_two(*((n, 0, 0) for n in (counted.MEMCPY, counted.END, counted.CHANNEL, counted.WAIT, counted.CHANNEL, counted.END,
                                           counted.END, counted.CHANNEL, counted.END)))
    assert [len(t) for t in channels.transfers(own, counted.MEMCPY)] == [2]
    assert [len(t) for t in channels.transfers(own, counted.CHANNEL)] == [4, 2]


def test_a_block_goes_through_a_channel_as_the_same_each_time():
    """Two copies and the queue's own work; polling without the hypervisor. The guest compares each byte that has arrived."""
    figures = channels.channel()
    assert figures == channels.channel()
    for size in channels.SIZES:
        alone, polling, doorbell = (figures[metric % size] for metric in channels.METRICS)
        assert 2 * alone < polling < doorbell
        assert figures["channel_%s.polling.hv_insns_per_kib" % size] == 0 < figures["channel_%s.doorbell.hv_insns_per_kib" % size]


def test_a_round_trip_is_the_same_each_time():
    figures = channels.round_trip()
    assert figures == channels.round_trip()
    assert min(figures["doorbell.round_trip.%s_insns" % of] for of in ("guest", "hv")) > 0


def test_the_report_has_the_table_of_channels_whole_or_not_at_all():
    figures = {"%s.%s" % (board, metric % size): 100 * b + 10 * n + m for b, board in enumerate(("armv8.virt-gicv3", "riscv.virt-aia"), 1)
               for n, size in enumerate(channels.SIZES) for m, metric in enumerate(channels.METRICS)}
    boards, found = channels.rows(dict(figures, **{"host.lines.hv": 2}))
    assert boards == ["virt-gicv3", "virt-aia"]
    assert found[3] == ("8m", 130, 131, 132, 230, 231, 232) and len(found) == 4
    page = report.page(figures, harness.RUNS / "none")
    assert "virt-aia: doorbell" in page and "<td>232</td>" in page
    assert channels.rows({"host.lines.hv": 2}) == ([], [])
    del figures["armv8.virt-gicv3.channel_8m.polling.insns_per_kib"]
    with pytest.raises(KeyError):
        channels.rows(figures)


def test_a_figure_that_grows_by_more_than_two_hundredths_is_told():
    base = {"a.b.c": 1000, "a.b.d": 0, "a.b.e": 5}
    assert baseline.judge(base, base) == ([], [])
    assert baseline.judge(base, dict(base, **{"a.b.c": 1020})) == ([], [])
    assert baseline.judge(base, dict(base, **{"a.b.c": 1021})) == (["a.b.c: 1000, now 1021"], [])
    assert baseline.judge(base, dict(base, **{"a.b.d": 1})) == (["a.b.d: 0, now 1"], [])
    assert baseline.judge(base, dict(base, **{"a.b.c": 900})) == ([], ["a.b.c: 1000, now 900"])
    assert [len(part) for part in baseline.judge(base, {"a.b.c": 1000, "a.b.d": 0, "a.b.f": 5})] == [2, 0]


def test_a_baseline_that_changes_needs_a_reason_of_its_own():
    old = {"reason": "first", "figures": {"a.b.c": 1}}
    assert not baseline.unexplained(old, None) and not baseline.unexplained(old, old)
    assert baseline.unexplained({"reason": "first", "figures": {"a.b.c": 2}}, old)
    assert not baseline.unexplained({"reason": "second", "figures": {"a.b.c": 2}}, old)
