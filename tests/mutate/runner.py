# SPDX-License-Identifier: Apache-2.0
"""Builds a mutant and runs the tests that link it, nearest first, until one fails."""
import collections
import os
import re
import shutil
import signal
import subprocess
import threading
import time

import mutants

# Where the names of files do not tell which tests know them best.
NEAR = {
    "hv/main.c": ("test_boot", "test_panic"),
    "hv/run.c": ("test_interrupts", "test_smp"),
    "hv/core/machine.c": ("test_boot",),
    "hv/core/vm.c": ("test_boot", "test_lifecycle", "test_isolation"),
    "hv/core/plan_text.c": ("test_hvplan_wrong", "test_plan"),
    "hv/lib/atomic.h": ("test_sim", "test_interrupts"),
    "hv/lib/string.h": ("test_boot", "test_plan"),
    "hv/vdev/vgic_state.h": ("test_vgic_random", "test_vgic"),
}
LEAST_TIMEOUT = 8.0
BASELINE_TIMEOUT = 900.0  # seconds; of a test without a mutant, on a machine with other load


class Mode:
    """One way to build: flags, linker flags, and the archives the tests are linked with, in this order.
    `depends`: path -> sources of this mode to compile when it changes; a path that is not there is not in this build."""

    def __init__(self, name, compile_cmd, link_cmd, libraries, depends):
        self.name, self.compile, self.link, self.libraries, self.depends = name, compile_cmd, link_cmd, libraries, depends


class Test:
    """One program. How long it takes is a guess, of its last run, until it has run without a mutant here."""

    def __init__(self, path, mode, objects, libs, archives=()):
        self.path, self.mode, self.objects, self.libs = path, mode, objects, libs
        self.archives = [*archives, *mode.libraries]  # one of its own stands before the mode's
        self.name = os.path.basename(path)
        self.members = set()
        self.seconds = last_seconds(path)
        self.passes = None
        self.guard = threading.Lock()

    def __str__(self):
        return "%s %s" % (self.mode.name, self.name)

    def command(self, out, extra=()):
        return [*self.mode.link, *self.objects, *extra, *self.archives, *self.libs, "-o", out]

    def look(self):
        """Which sources the program is made of, as its debugging information tells."""
        r = sh(["readelf", "--debug-dump=info", "--dwarf-depth=1", self.path])
        if r.returncode != 0:
            raise Broken("%s cannot be read: %s" % (self.path, r.stderr))
        self.members = {os.path.normpath(m) for m in re.findall(r"DW_AT_name .*: (\S+\.c)$", r.stdout, re.M)}

    def ensure(self):
        """It has to pass without a mutant before it says anything about one; once."""
        with self.guard:
            if self.passes is None:
                start = time.monotonic()
                self.passes = run_limited(self.path, BASELINE_TIMEOUT) == 0
                self.seconds = time.monotonic() - start
        if not self.passes:
            raise Broken("%s fails without any mutant" % self)


def last_seconds(path):
    """As tests/run.sh wrote it down."""
    try:
        with open(path + ".seconds", encoding="utf-8") as f:
            return float(f.read())
    except (OSError, ValueError):
        return 1.0


class Broken(Exception):
    """The harness cannot work: nothing is said about mutants."""


def sh(command, **kw):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **kw)


def run_limited(program, seconds):
    """Exit code, or None if it took longer; nothing of it is left running."""
    with subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as child:
        try:
            return child.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()


class Bench:
    """The tests of one tree and what it takes to put a mutant under them. `folder` is the bench's own."""

    def __init__(self, folder, modes, tests, only=""):
        self.folder, self.modes, self.tests = folder, modes, tests
        self.paths = sorted({path for m in modes for path in m.depends if re.search(only, path)})
        self.original = {}
        self.killers = collections.defaultdict(collections.Counter)
        self.guard = threading.Lock()

    def every(self):
        """All paths, whatever was asked for."""
        return sorted(set().union(*(m.depends for m in self.modes)))

    def prepare(self, pool):
        """Which test links what."""
        list(pool.map(Test.look, self.tests))
        lonely = set().union(*(found for m in self.modes for found in m.depends.values()))
        for mode in self.modes:
            linked = set().union(*(t.members for t in self.tests if t.mode is mode))
            lonely -= {s for found in mode.depends.values() for s in found if s in linked}
        if lonely:
            raise Broken("no test links %s" % ", ".join(sorted(lonely)))

    def _compile(self, mode, source, overlay, out, *more):
        changed = os.path.join(overlay, source) if overlay else source
        where = changed if os.path.exists(changed) else source
        roots = ["-I" + os.path.join(overlay, d) for d in ("hv/include", "hv", "")] if overlay else []
        return sh([*mode.compile[:1], *roots, *mode.compile[1:], "-w", "-g0", *more, "-c", where, "-o", out])

    def _assembly(self, mode, source, overlay, out):
        """What the optimiser makes of a file, without names of files; None if it does not compile."""
        r = self._compile(mode, source, overlay, out, "-fno-sanitize=all", "-O2", "-S")
        if r.returncode != 0:
            return None
        with open(out, encoding="utf-8", errors="replace") as f:
            text = f.read()
        return re.sub(r'^\s*\.(file|ident).*\n', "", text.replace(overlay + "/" if overlay else "\0", ""), flags=re.M)

    def _first(self, path):
        """[(mode, source)]: what is compiled of a changed file, each source with the first mode that has it."""
        found = {}
        for mode in self.modes:
            for source in mode.depends.get(path, ()):
                found.setdefault(source, mode)
        return [(mode, source) for source, mode in found.items()]

    def overlay(self, index, mutant):
        """A folder with the mutated file, or None and why not: does not compile, or is the same program."""
        folder = os.path.join(self.folder, "m%d" % index)
        shutil.rmtree(folder, ignore_errors=True)
        path = os.path.join(folder, mutant.path)
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as f:
            f.write(mutant.text)
        same = True
        for mode, source in self._first(mutant.path):
            known = (mode.name, source)
            if known not in self.original:
                self.original[known] = self._assembly(mode, source, "", os.path.join(folder, "original.s"))
                if self.original[known] is None:
                    raise Broken("%s does not compile" % source)
            now = self._assembly(mode, source, folder, os.path.join(folder, "mutant.s"))
            if now is None:
                shutil.rmtree(folder)
                return None, "does not compile"
            same = same and now == self.original[known]
        if same:
            shutil.rmtree(folder)
            return None, "is equivalent"
        return folder, ""

    def _order(self, mutant):
        """The tests that link the file: those that killed its mutants before, then the nearest by name, then the
        fast ones. A lock is missed by the race detector before anybody else."""
        changed = {m.name: set(m.depends.get(mutant.path, ())) for m in self.modes}
        stem = os.path.splitext(os.path.basename(mutant.path))[0].split("_")
        with self.guard:
            killed = dict(self.killers[mutant.path])

        def key(t):
            words = t.name.replace("test_", "", 1).split("_")
            near = len(os.path.commonprefix([words, stem])) or (t.name in NEAR.get(mutant.path, ()))
            race = t.mode.name.endswith("race")
            return (race != (mutant.kind == "lock"), -killed.get(str(t), 0), -near, t.seconds)

        return sorted((t for t in self.tests if changed[t.mode.name] & t.members), key=key)

    def judge(self, folder, mutant):
        """Name of the test that kills the mutant (and whether by a time-out), or None."""
        built = {}
        begun = time.monotonic()
        patience = float(os.environ.get("MUTATE_PATIENCE") or "inf")  # the nearest tests are asked first
        for t in self._order(mutant):
            if time.monotonic() - begun > patience:
                print("mutate: no test of those asked in %.0f s kills the next one: the rest are not asked" % patience, flush=True)
                return None, False
            if t.mode.name not in built:
                built[t.mode.name] = self._objects(folder, t.mode, mutant)
            t.ensure()
            extra = [o for source, o in built[t.mode.name] if source in t.members]
            program = os.path.join(folder, "test")
            if sh(t.command(program, extra)).returncode != 0:
                # No mutant of a statement keeps a program from being linked: it is the program that cannot take the file.
                print("mutate: %s does not link with %s before its library: not asked" % (t, mutant.path), flush=True)
                continue
            rc = run_limited(program, max(LEAST_TIMEOUT, 10 * t.seconds))
            if rc != 0:
                with self.guard:
                    self.killers[mutant.path][str(t)] += 1
                return str(t), rc is None
        return None, False

    def _objects(self, folder, mode, mutant):
        found = []
        for source in mode.depends[mutant.path]:
            out = os.path.join(folder, "%s-%s" % (mode.name, source.replace("/", "-")[:-2] + ".o"))
            r = self._compile(mode, source, folder, out)
            if r.returncode != 0:
                raise Broken("%s compiles at -O2, but not for %s:\n%s" % (mutant, mode.name, r.stderr))
            found.append((source, out))
        return found


def choose(bench, pool, drawn, number):
    """The first `number` of the draw that compile to another program, with their folders; and counts of the rest."""
    chosen = []
    again = collections.Counter()
    index = 0
    more = True
    while len(chosen) < number and more:
        batch = []
        for _ in range(4 * pool._max_workers):
            m = next(drawn, None)
            if m is None:
                more = False
                break
            batch.append((index, m))
            index += 1
        for (_, m), (folder, why) in zip(batch, pool.map(lambda b: bench.overlay(*b), batch)):
            if folder is None:
                again[why] += 1
            elif len(chosen) < number:
                chosen.append((m, folder))
            else:
                shutil.rmtree(folder)
    return chosen, again


def _depends(sources, objects):
    """Path -> the sources to compile when it changes: each source itself, and the headers that are mutated as well."""
    depends = {s: [s] for s in sources}
    for s in sources:
        with open(os.path.join(objects, s[:-2] + ".d"), encoding="utf-8") as f:
            for header in re.findall(r"\S+\.h(?=\s)", f.read().split(":", 1)[1].split("\n\n")[0]):
                header = os.path.normpath(header)
                if re.match(r"hv/(\w+\.h|(core|vdev|fw|lib)/)", header):
                    depends.setdefault(header, []).append(s)
    return {path: sorted(set(found)) for path, found in depends.items()}


def host_bench(folder, env, only):
    """The bench over the host builds of this tree; the Makefile hands over flags, objects and programs of each."""
    modes = []
    tests = []
    for name in env["MUTATE_MODES"].split():
        def of(what, mode=name.replace("-", "_")):
            return env.get("MUTATE_%s_%s" % (what, mode), "").split()

        mode = Mode(name, [env["HOSTCC"], *of("HV")], [env["HOSTCC"], *of("LD")], of("LIB"), _depends(of("C"), of("OBJ")[0]))
        modes.append(mode)
        for path in of("TESTS"):
            plan = os.path.basename(path).startswith("test_hvplan")
            tests.append(Test(path, mode, [path + ".o"] + (of("HVPLAN") if plan else []),
                              ["-lcmocka"] + (["-lfdt"] if plan else []), of("UNIT") if "/tests/unit/" in path else ()))
    return Bench(folder, modes, tests, only)


def texts_of(paths):
    found = {}
    for path in paths:
        with open(path, encoding="utf-8") as f:
            found[path] = f.read()
    return found


def headers(top):
    for folder, _, names in os.walk(top):
        for name in sorted(names):
            if name.endswith((".h", ".c")):
                yield os.path.join(folder, name)


def enums_of_tree():
    return mutants.enumerators(texts_of(sorted(headers("hv"))).values())
