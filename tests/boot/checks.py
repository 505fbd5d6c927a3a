# SPDX-License-Identifier: Apache-2.0
"""Functions from an attack's facts to what is wrong with them, in words: those that both instruction sets have. Nothing yielded is
right."""


def says(*wanted):
    """These facts, and no others."""
    def check(rows):
        yield from ("%s = %s" % r for r in rows if r not in wanted)
        yield from ("%s is not %s" % r for r in wanted if r not in rows)
    return check


def exits_keep(kinds):
    """By kind of exit: the number of faults it ends in, the set of registers that it may change, and those of it that it must."""
    def check(rows):
        left = dict(kinds)
        for what, answer in rows:
            if (what, answer) == ("interrupts taken", "1"):
                continue
            kind, _, faults = what.rpartition(" ")
            expect = left.pop(kind, None)
            if expect is None or int(faults, 16) != expect[0] or int(answer, 16) & ~expect[1] or ~int(answer, 16) & expect[2]:
                yield "%s = %s" % (what, answer)
        yield from ("%s was not tried" % kind for kind in left)
        if ("interrupts taken", "1") not in rows:
            yield "no interrupt was taken"
    return check


def all_of(value, count):
    def check(rows):
        yield from ("%s = %s" % r for r in rows if r[1] != "0x%x" % value)
        if len(rows) != count:
            yield "%d facts, not %d" % (len(rows), count)
    return check


def starts(prefix, count=None):
    def check(rows):
        yield from ("%s = %s" % r for r in rows if not r[1].startswith(prefix))
        if not rows or count and len(rows) != count:
            yield "%d facts" % len(rows)
    return check


def counts_of_others(no_vcpu, no_reason):
    """Ten vCPUs that the VM does not have, by nine reasons and one more; seven reasons that there are not, of its own vCPUs."""
    def check(rows):
        yield from ("%s = %s" % r for r in rows if r[1] != "0x%x" % (no_vcpu if r[0].startswith("vcpu ") else no_reason))
        if len(rows) != 107:
            yield "%d facts, not 107" % len(rows)
    return check


def at_least(what, least):
    def check(rows):
        value = dict(rows).get(what)
        if value is None or int(value) < least:
            yield "%s is %s" % (what, value)
    return check


def nothing(rows):
    return iter(())


class Attack:
    """What must hold. check: facts -> what is wrong with them. last: the line in which an attack that does not come back ends.
    board: the one whose interrupt controller has what it attacks; None: any. shared: it needs the console that VMs share, which
    the others do without."""

    def __init__(self, check, last=None, board=None, shared=False):
        self.check, self.last, self.board, self.shared = check, last, board, shared
