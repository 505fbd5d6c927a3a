# SPDX-License-Identifier: Apache-2.0
"""Two VMs and a channel: a message there and back, blocks of memory by the queue of guests/lib/shm.h, polling and by doorbell."""

import statistics

import counted
from counted import exitlog, harness

FIRST, SECOND = 2, 3  # the CPUs of the two
SIZES = {"1k": 1, "64k": 64, "1m": 1024, "8m": 8192}  # KiB: guests/bench/stream.c
DOORBELL = len(SIZES) + 1  # the first transfer by doorbell that counts
OF = ("guest", "hs", "m")  # an instruction's owner, as exitlog.Mark has them
NAMES = {"guest": "guest", "hs": "hv", "m": "fw"}


def run(case, first_output, second_output, memory, **words):
    """Events of the bench guest in two VMs on a CPU each, with a channel that has doorbells."""
    first = counted.vm(case, vcpus=1, cpus="<%d>" % FIRST, memory=memory)
    second = dict(first, name="peer", cpus="<%d>" % SECOND, console="none")
    del second["devices"]
    ends = {name: {"output": output, "rate": 1000000, "burst": 1000} for name, output in (("bench", first_output), ("peer", second_output))}
    return counted.run(case, [first, second], root={"channels": {"c": {"doorbells": None, "endpoints": ends}}}, guests=True, **words)[0]


def marks(events, cpu):
    return [e for e in events if isinstance(e, exitlog.Mark) and e.cpu == cpu]


def by_all(events, begin, end):
    """What all CPUs executed from one mark to another, by owner; the marks themselves are not the guests' work."""
    inside = events[events.index(begin) + 1:events.index(end) + 1]
    found = {of: getattr(end, "all_" + of) - getattr(begin, "all_" + of) for of in OF}
    found["guest"] -= sum(1 for e in inside if isinstance(e, exitlog.Mark))
    return found


def round_trip():
    """A message of 64 bytes there and back: what all CPUs execute from one to the next."""
    events = run("round-trip", "8K", "8K", "16M")
    own = marks(events, FIRST)
    rounds = [by_all(events, a, b) for a, b in zip(own, own[1:]) if a.number == counted.ROUND_TRIP]
    if len(rounds) != counted.ROUNDS:
        raise harness.BootError("round trip: %d rounds are in the log, not %d" % (len(rounds), counted.ROUNDS))
    out = {"doorbell.round_trip.%s_insns" % NAMES[of]: statistics.median_low([r[of] for r in rounds]) for of in OF}
    for name, f in (("min", min), ("median", statistics.median_low), ("max", max)):
        out["doorbell.round_trip.all_insns_" + name] = f(sum(r.values()) for r in rounds)
    out["doorbell.round_trip.all_insns"] = out.pop("doorbell.round_trip.all_insns_median")
    return out


def transfers(own, number):
    """Of a CPU's marks those of each transfer, its END included."""
    found, now = [], []
    for m in own:
        if m.number == number or (now and m.number in (counted.WAIT, counted.END)):
            now.append(m)
        if m.number == counted.END and now:
            found.append(now)
            now = []
    return found


def between(own, waiting):
    """What a CPU executed in a transfer. Without waiting: from each look up to the next mark, unless that says that it was in vain."""
    pairs = [(a, b) for a, b in zip(own, own[1:]) if waiting or counted.WAIT not in (a.number, b.number)]
    found = {of: sum(getattr(b, of) - getattr(a, of) for a, b in pairs) for of in OF}
    found["guest"] -= len(pairs)
    return found


def per_kib(key, found, kib):
    """All, and each owner's."""
    out = {"%s.%s_insns_per_kib" % (key, NAMES[of]): round(found[of] / kib, 1) for of in OF}
    return {key + ".insns_per_kib": round(sum(found.values()) / kib, 1), **out}


def channel():
    """A block of each size from the one to the other; and copied by the one alone, with the same routine to the same memory."""
    events = run("stream", "1032K", "4K", "32M")
    first, second = marks(events, FIRST), marks(events, SECOND)
    alone, sent, got = transfers(first, counted.MEMCPY), transfers(first, counted.CHANNEL), transfers(second, counted.CHANNEL)
    if [len(found) for found in (alone, sent, got)] != [len(SIZES), DOORBELL + len(SIZES), DOORBELL + len(SIZES)]:
        raise harness.BootError("channel: %d copies, %d sent and %d received are in the log" % (len(alone), len(sent), len(got)))
    out = {}
    for n, (name, kib) in enumerate(SIZES.items()):
        out["memcpy_%s.insns_per_kib" % name] = round(between(alone[n], False)["guest"] / kib, 1)
        for way, first_of_it in (("polling", 0), ("doorbell", DOORBELL)):
            both = [between(own[first_of_it + n], way == "doorbell") for own in (sent, got)]
            out.update(per_kib("channel_%s.%s" % (name, way), {of: sum(w[of] for w in both) for of in OF}, kib))
    return out


METRICS = ("memcpy_%s.insns_per_kib", "channel_%s.polling.insns_per_kib", "channel_%s.doorbell.insns_per_kib")
WAYS = ("memcpy", "polling", "doorbell")


def rows(figures):
    """The boards that have them, and (size, their figures): a table of the report. Whole or not at all."""
    end = "." + METRICS[-1] % "1k"
    boards = sorted(key[:-len(end)] for key in figures if key.endswith(end))
    found = [(size, *(figures["%s.%s" % (board, metric % size)] for board in boards for metric in METRICS)) for size in SIZES]
    return [board.split(".")[1] for board in boards], found if boards else []
