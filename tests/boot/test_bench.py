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
import counted  # noqa: E402


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


def test_the_cache_model_counts_what_was_counted_by_hand():
    done = subprocess.run([harness.OUT / "bench" / "test_cache"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


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
