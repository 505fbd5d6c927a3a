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


class Mode:
    """One way to build: flags, linker flags, and the archive the tests are linked with."""

    def __init__(self, name, compile_cmd, link_cmd, library):
        self.name, self.compile, self.link, self.library = name, compile_cmd, link_cmd, library


class Test:
    def __init__(self, path, mode, objects, libs):
        self.path, self.mode, self.objects, self.libs = path, mode, objects, libs
        self.name = os.path.basename(path)
        self.members = set()
        self.seconds = 0.0

    def __str__(self):
        return "%s %s" % (self.mode.name, self.name)

    def command(self, out, extra=()):
        return [*self.mode.link, *self.objects, *extra, self.mode.library, *self.libs, "-o", out]


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

    def __init__(self, folder, modes, tests, sources, object_of, depends):
        self.folder, self.modes, self.tests = folder, modes, tests
        self.sources = sources          # what may be compiled
        self.object_of = object_of      # source -> name of its archive member
        self.depends = depends          # path -> sources to compile when it changes
        self.original = {}
        self.killers = collections.defaultdict(collections.Counter)
        self.guard = threading.Lock()

    def prepare(self, pool):
        """Which test links what, and how long it takes; all have to pass before anything is mutated."""
        def one(numbered):
            number, t = numbered
            out = os.path.join(self.folder, "baseline%d" % number)
            r = sh([*t.command(out), "-Wl,-t,-t"])
            if r.returncode != 0:
                raise Broken("%s does not link:\n%s" % (t, r.stderr))
            t.members = set(re.findall(re.escape(t.mode.library) + r"\)?\(?([\w.-]+\.o)", r.stdout))
            start = time.monotonic()
            if run_limited(out, 300) != 0:
                raise Broken("%s fails without any mutant" % t)
            t.seconds = time.monotonic() - start
            os.remove(out)

        list(pool.map(one, enumerate(self.tests)))
        linked = set().union(*(t.members for t in self.tests))
        for source, member in self.object_of.items():
            if member not in linked:
                raise Broken("no test links %s" % source)

    def _compile(self, mode, source, overlay, out, *more):
        changed = os.path.join(overlay, source) if overlay else source
        where = changed if os.path.exists(changed) else source
        roots = ["-I" + os.path.join(overlay, d) for d in ("hv/include", "hv", "")] if overlay else []
        return sh([*mode.compile[:1], *roots, *mode.compile[1:], "-w", "-g0", *more, "-c", where, "-o", out])

    def _assembly(self, source, overlay, out):
        """What the optimiser makes of a file, without names of files; None if it does not compile."""
        r = self._compile(self.modes[0], source, overlay, out, "-fno-sanitize=all", "-O2", "-S")
        if r.returncode != 0:
            return None
        with open(out, encoding="utf-8", errors="replace") as f:
            text = f.read()
        return re.sub(r'^\s*\.(file|ident).*\n', "", text.replace(overlay + "/" if overlay else "\0", ""), flags=re.M)

    def overlay(self, index, mutant):
        """A folder with the mutated file, or None and why not: does not compile, or is the same program."""
        folder = os.path.join(self.folder, "m%d" % index)
        shutil.rmtree(folder, ignore_errors=True)
        path = os.path.join(folder, mutant.path)
        os.makedirs(os.path.dirname(path))
        with open(path, "w", encoding="utf-8") as f:
            f.write(mutant.text)
        same = True
        for source in self.depends[mutant.path]:
            if source not in self.original:
                self.original[source] = self._assembly(source, "", os.path.join(folder, "original.s"))
                if self.original[source] is None:
                    raise Broken("%s does not compile" % source)
            now = self._assembly(source, folder, os.path.join(folder, "mutant.s"))
            if now is None:
                shutil.rmtree(folder)
                return None, "does not compile"
            same = same and now == self.original[source]
        if same:
            shutil.rmtree(folder)
            return None, "is equivalent"
        return folder, ""

    def _order(self, mutant):
        """The tests that link the file: those that killed its mutants before, then the nearest by name, then the
        fast ones. A lock is missed by the race detector before anybody else."""
        objects = {self.object_of[s] for s in self.depends[mutant.path]}
        stem = os.path.splitext(os.path.basename(mutant.path))[0].split("_")
        with self.guard:
            killed = dict(self.killers[mutant.path])

        def key(t):
            words = t.name.replace("test_", "", 1).split("_")
            near = len(os.path.commonprefix([words, stem])) or (t.name in NEAR.get(mutant.path, ()))
            race = t.mode.name == "race"
            return (race != (mutant.kind == "lock"), -killed.get(str(t), 0), -near, t.seconds)

        return sorted((t for t in self.tests if objects & t.members), key=key)

    def judge(self, folder, mutant):
        """Name of the test that kills the mutant (and whether by a time-out), or None."""
        built = {}
        for t in self._order(mutant):
            if t.mode.name not in built:
                built[t.mode.name] = self._objects(folder, t.mode, mutant)
            extra = [o for member, o in built[t.mode.name] if member in t.members]
            program = os.path.join(folder, "test")
            if sh(t.command(program, extra)).returncode != 0:
                return "%s (does not link)" % t, False
            rc = run_limited(program, max(LEAST_TIMEOUT, 10 * t.seconds))
            if rc != 0:
                with self.guard:
                    self.killers[mutant.path][str(t)] += 1
                return str(t), rc is None
        return None, False

    def _objects(self, folder, mode, mutant):
        found = []
        for source in self.depends[mutant.path]:
            out = os.path.join(folder, "%s-%s" % (mode.name, self.object_of[source]))
            r = self._compile(mode, source, folder, out)
            if r.returncode != 0:
                raise Broken("%s compiles at -O2, but not for %s:\n%s" % (mutant, mode.name, r.stderr))
            found.append((self.object_of[source], out))
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


def host_bench(folder, env):
    """The bench over the host build of this tree; the Makefile hands over flags, objects and programs."""
    modes = {name: Mode(name, [env["HOSTCC"], *env["MUTATE_HV_" + name].split()],
                        [env["HOSTCC"], *env["MUTATE_LD_" + name].split()], env["MUTATE_LIB_" + name])
             for name in ("asan", "race")}
    tests = []
    for name, mode in modes.items():
        for path in env["MUTATE_TESTS_" + name].split():
            plan = os.path.basename(path).startswith("test_hvplan")
            tests.append(Test(path, mode, [path + ".o"] + (env["MUTATE_HVPLAN"].split() if plan else []),
                              ["-lcmocka"] + (["-lfdt"] if plan else [])))
    sources = env["MUTATE_SOURCES"].split()
    depends = {s: [s] for s in sources}
    for s in sources:
        with open(os.path.join(env["MUTATE_OBJ"], s[:-2] + ".d"), encoding="utf-8") as f:
            for header in re.findall(r"\S+\.h(?=\s)", f.read().split(":", 1)[1].split("\n\n")[0]):
                header = os.path.normpath(header)
                if re.match(r"hv/(\w+\.h|(core|vdev|fw|lib)/)", header):
                    depends.setdefault(header, []).append(s)
    for header in [h for h in depends if h.endswith(".h")]:
        depends[header] = sorted(set(depends[header]))
    object_of = {s: os.path.basename(s)[:-2] + ".o" for s in sources}
    return Bench(folder, list(modes.values()), tests, sources, object_of, depends)


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
