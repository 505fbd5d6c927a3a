# SPDX-License-Identifier: Apache-2.0
"""The tool is no dud: what has to be killed is, what nobody tests survives, what is no mutant is drawn again, and the
generator makes every kind. Runs before each measurement; takes a second or two."""
import os

import interval
import mutants
import runner

_HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "selftest")

# line of sample.c, replacement, what has to become of it
_EXPECTED = [
    ("a + b", "a - b", "killed"),
    ("kind == SAMPLE_SUM", "kind == SAMPLE_SHIFT", "killed"),
    ("n -= 1", "n -= 0", "time-out"),
    ("a * b", "a / b", "survived"),
    ("a * b", "a * b + 0", "is equivalent"),
    ("n > 0", "0 < n", "is equivalent"),
    ("a * b", "a + nothing", "does not compile"),
]

# killed, drawn, and the ends of the interval in per mille, from published tables
_INTERVALS = [(0, 10, 0, 308), (5, 10, 187, 813), (36, 40, 763, 972), (100, 100, 964, 1000)]

_KINDS = """
#define BIT 0x4U
static struct spinlock lock;
enum colour { RED, GREEN };
int f(int a)
{
    CHECK(a < 77);
    int n = 1;
    spin_lock(&lock);
    if (a < 3 && a + 1 != 7) {
        n += BIT & 5;
        g(n);
    }
    spin_unlock(&lock);
    return h(true, RED) ? n : 0;
}
"""

_MADE = [
    ("relation", "a <= 3"), ("logic", "a < 3 || "), ("arithmetic", "a - 1 != 7"), ("assign", "n -= BIT"),
    ("bits", "BIT | 5"), ("constant", "0x5U"), ("constant", "a < 2"), ("bool", "h(false, RED)"),
    ("enum", "h(true, GREEN)"), ("condition", "if (!(a < 3 && a + 1 != 7))"), ("condition", "|| true ? n : 0"),
    ("drop", "n += BIT & 5; => ;"), ("drop", "g(n); => ;"), ("lock", "spin_lock(&lock); => (void)0;"),
]


def _generator():
    following = mutants.enumerators([_KINDS])
    every = [mutants.Mutant("k.c", kind, _KINDS, edits) for kind, edits in mutants.of_file("k.c", _KINDS, following)]
    for kind, words in _MADE:
        if not any(m.kind == kind and words in m.change for m in every):
            raise runner.Broken("self-test: no mutant of kind %s makes `%s`" % (kind, words))
    for m in every:
        if "77" not in m.text or "RED, GREEN" not in m.text or m.text.count("\n") != _KINDS.count("\n"):
            raise runner.Broken("self-test: must not be made: %s" % m)
        if m.kind == "lock" and ("spin_lock(" in m.text or "spin_unlock(" in m.text):
            raise runner.Broken("self-test: half a critical section is left: %s" % m)
    first = [str(m) for m in mutants.draw("1", {"k.c": _KINDS}, following)]
    if first != [str(m) for m in mutants.draw("1", {"k.c": _KINDS}, following)]:
        raise runner.Broken("self-test: the same seed draws differently")
    if first == [str(m) for m in mutants.draw("2", {"k.c": _KINDS}, following)]:
        raise runner.Broken("self-test: another seed draws the same")


def _interval():
    for k, n, low, high in _INTERVALS:
        got = tuple(round(1000 * x) for x in interval.exact(k, n))
        if got != (low, high):
            raise runner.Broken("self-test: the interval of %d of %d is %s, not %s" % (k, n, got, (low, high)))


def _bench(folder, pool):
    cc = os.environ["HOSTCC"]
    os.makedirs(folder)
    source = os.path.relpath(os.path.join(_HERE, "sample.c"))
    flags = ["-std=c11", "-O1", "-g", "-I" + os.path.dirname(source)]
    library = os.path.join(folder, "libsample.a")
    test = os.path.join(folder, "test_sample")
    for command in ([cc, *flags, "-c", source, "-o", folder + "/sample.o"],
                    [cc, *flags, "-c", os.path.join(_HERE, "test_sample.c"), "-o", test + ".o"],
                    ["ar", "rcs", library, folder + "/sample.o"], [cc, test + ".o", library, "-o", test]):
        r = runner.sh(command)
        if r.returncode != 0:
            raise runner.Broken("self-test: %s\n%s" % (" ".join(command), r.stderr))
    mode = runner.Mode("asan", [cc, *flags], [cc], [library], {source: [source]})
    bench = runner.Bench(folder, [mode], [runner.Test(test, mode, [test + ".o"], [])])
    bench.prepare(pool)
    return bench, source


def run(folder, pool):
    _generator()
    _interval()
    bench, source = _bench(folder, pool)
    with open(source, encoding="utf-8") as f:
        text = f.read()

    def one(item):
        index, (old, new, expected) = item
        at = text.index(old)
        m = mutants.Mutant(source, "seeded", text, [(at, at + len(old), new)])
        place, got = bench.overlay(index, m)
        if place is not None:
            killer, late = bench.judge(place, m)
            got = "survived" if killer is None else "time-out" if late else "killed"
        return "" if got == expected else "self-test: %s: %s, but expected: %s" % (m, got, expected)

    least, runner.LEAST_TIMEOUT = runner.LEAST_TIMEOUT, 1.0
    wrong = [w for w in pool.map(one, enumerate(_EXPECTED)) if w]
    runner.LEAST_TIMEOUT = least
    if wrong:
        raise runner.Broken("\n".join(wrong))
    print("== mutate: self-test: %d kinds of mutants made, %d seeded mutants judged as they should" % (
        len(mutants.WEIGHT), len(_EXPECTED)), flush=True)
