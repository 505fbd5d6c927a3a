# SPDX-License-Identifier: Apache-2.0
"""Who may include whom, where the preprocessor may choose, and that every op has an implementation."""
import os
import re

import tree

# folder or file -> folders it may include from; the longest matching key counts. Calls follow includes, since every
# function has a prototype in a header (-Wmissing-prototypes) and `extern` in a source file is a finding below.
# What an ISA gives the portable code by type (hv/isa.h) is included like hv/include: the build chooses one of them.
_ISA = ["hv/arch/armv8/include/", "hv/arch/riscv/include/"]
# What hv/arch/*.c and *.h, the same for each ISA, have of the ISA they are built for: the build says -Ihv/arch/<isa>.
_BY_ISA = ["layout.h", "own_map.h"]
_BOTH = ["hv/arch/%s/%s" % (isa, name) for isa in ("armv8", "riscv") for name in _BY_ISA]
_GUEST_LIB = ["guests/lib", "guests/lib/armv8", "guests/lib/riscv"]
_SIM_ISA = ["sim/armv8/include", "sim/riscv/include"]
_TOP = ["hv/include/", "hv/lib/", "hv/core/", "hv/vdev/", "hv/fw/", "hv/"] + _ISA
RULES = {
    "hv/": _TOP,
    "hv/include/": ["hv/include/"] + _ISA,
    "hv/arch/armv8/include/": ["hv/include/", "hv/arch/armv8/include/"],
    "hv/arch/riscv/include/": ["hv/include/", "hv/arch/riscv/include/"],
    "hv/lib/": ["hv/include/", "hv/lib/"] + _ISA,
    "hv/core/": ["hv/include/", "hv/lib/", "hv/core/"] + _ISA,
    "hv/vdev/": ["hv/include/", "hv/lib/", "hv/core/", "hv/vdev/"] + _ISA,
    "hv/fw/": ["hv/include/", "hv/lib/", "hv/core/", "hv/fw/"] + _ISA,
    "hv/arch/": ["hv/include/", "hv/lib/", "hv/arch/mmu.h", "hv/arch/mmu_tables.h", "hv/arch/layout_common.h", "hv/hv.h"] + _BOTH,
    "hv/arch/armv8/": ["hv/include/", "hv/lib/", "hv/arch/armv8/", "hv/arch/mmu.h", "hv/arch/layout_common.h", "hv/hv.h"],
    "hv/arch/riscv/": ["hv/include/", "hv/lib/", "hv/arch/riscv/", "hv/arch/mmu.h", "hv/arch/layout_common.h", "hv/hv.h"],
    "hv/board/": ["hv/include/", "hv/lib/", "hv/board/"],
    "sim/": ["hv/include/", "hv/lib/", "hv/hv.h", "sim/"],
    "tests/walker/": ["tests/walker/"],
    "guests/": ["guests/", "hv/include/hv/channel_info.h"],
    "guests/linux/module/": ["guests/linux/module/", "guests/lib/shm.h", "guests/lib/shm_queue.c", "hv/include/hv/channel_info.h"],
}
for _pure in tree.PURE:
    # A PURE file may have a header of its own name.
    RULES[_pure] = ["hv/include/", "hv/lib/", _pure[:-1] + "h"]
    RULES[_pure[:-1] + "h"] = ["hv/include/", "hv/lib/"]
# Of decoding a part is in line where portable code asks for it (hv/exit.c).
for _isa in ("armv8", "riscv"):
    RULES["hv/arch/%s/exit_decode.c" % _isa].append("hv/arch/%s/include/hv/exit_call.h" % _isa)
# The two ends of the hypervisor itself are doors that assembly calls, so their prototypes stand with the other doors.
RULES["hv/core/panic.c"] = RULES["hv/core/"] + ["hv/hv.h"]

# CPU_SUSPEND has to know whether an interrupt waits for the vCPU: firmware asks the interrupt controller, not the reverse.
RULES["hv/fw/psci.c"] = RULES["hv/fw/"] + ["hv/vdev/virqc.h"]
# So do SBI's calls of timer, IPIs and fences, which are the hart's virtual interrupts, and its console calls.
RULES["hv/fw/sbi"] = RULES["hv/fw/"] + ["hv/vdev/virqc.h", "hv/vdev/vhart.h", "hv/vdev/vconsole.h"]
# A doorbell is rung by a call, and comes by the interrupt controller.
RULES["hv/fw/smccc.c"] = RULES["hv/fw/"] + ["hv/vdev/doorbell.h"]
RULES["hv/fw/sbi_bulkhead.c"] = RULES["hv/fw/"] + ["hv/vdev/doorbell.h"]

# hvplan lays out what the hypervisor finds by the same arithmetic.
RULES["sim/hvplan/"] = RULES["sim/"] + ["hv/core/colour.h"]

# Files at the top of hv/ are no folder to include from: only their headers, and only from there.
_FREESTANDING = {"stdint.h", "stdbool.h", "stddef.h", "stdarg.h", "limits.h", "stdnoreturn.h", "stdalign.h"}
_GENERATED = {"asm_offsets.h"}
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)


def _rule(path):
    best = ""
    for key in RULES:
        if path.startswith(key) and len(key) > len(best):
            best = key
    return RULES.get(best)


def _resolve(root, path, name):
    here = os.path.dirname(path)
    isa = sorted(_ISA, key=lambda i: "/riscv/" in i if "/riscv/" not in path else "/armv8/" in i)
    if here == "hv/arch" and name in _BY_ISA:
        both = ["hv/arch/%s/%s" % (i, name) for i in ("armv8", "riscv")]
        return both[0] if all(os.path.isfile(os.path.join(root, b)) for b in both) else None
    above = [os.path.dirname(here)] if path.startswith("guests/") else []  # an ISA's part of a guest
    for folder in (here, *above, "hv/include", *isa, *_SIM_ISA, "hv", "", "tests/unit", "tests/unit/riscv", "tests/system", "tests",
                   *_GUEST_LIB):
        candidate = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(os.path.join(root, candidate)):
            return candidate
    return None


def _allowed(target, rule):
    for r in rule:
        if target == r:
            return True
        if r == "hv/":
            if os.path.dirname(target) == "hv":
                return True
        elif r.endswith("/") and target.startswith(r):
            return True
    return False


def check_includes(root):
    """(a) Includes point down: main, exit -> fw, vdev -> core -> lib; arch and sim see hv/include and lib."""
    out = []
    for path in tree.files(root, ".c", ".h", ".S", ".lds", under=("hv", "sim", "tests", "guests")):
        rule = _rule(path)
        if rule is None:
            continue
        text = tree.code(tree.read(root, path), keep_strings=True)
        for m in _INCLUDE.finditer(text):
            where = "%s:%d" % (path, tree.line_of(text, m.start()))
            if m.group(1) == "<":
                if path.startswith("hv/") and m.group(2) not in _FREESTANDING:
                    out.append("%s: <%s> is not a freestanding header" % (where, m.group(2)))
                continue
            if m.group(2) in _GENERATED and path.startswith("hv/arch/") and path not in tree.PURE:
                continue
            target = _resolve(root, path, m.group(2))
            if target is None:
                out.append('%s: "%s" is not in the tree' % (where, m.group(2)))
            elif not _allowed(target, rule):
                out.append("%s: must not include %s" % (where, target))
        if path.startswith("hv/") and path.endswith(".c") and tree.is_portable(path):
            for m in re.finditer(r"^[ \t]*extern\b", text, re.M):
                out.append("%s:%d: `extern` in a source file goes round the include direction"
                           % (path, tree.line_of(text, m.start())))
    return out


_COND = re.compile(r"^[ \t]*#[ \t]*(if|ifdef|ifndef|elif)\b[ \t]*(.*)$", re.M)
_HV_SIM_FILES = {"hv/include/hv/arch_ops.h", "hv/lib/atomic.h"}


def check_conditionals(root):
    """(b) Portable code has no #if but include guards; HV_SIM stands in arch_ops.h and atomic.h alone."""
    out = []
    for path in tree.files(root, ".c", ".h", ".S", ".lds", under=("hv",)):
        text = tree.code(tree.read(root, path))
        if path not in _HV_SIM_FILES:
            for m in re.finditer(r"\bHV_SIM\b", text):
                out.append("%s:%d: HV_SIM belongs in arch_ops.h and atomic.h only"
                           % (path, tree.line_of(text, m.start())))
        if not tree.is_portable(path):
            continue
        guard = re.match(r"\s*#ifndef\s+(\w+_H_?)\s*\n\s*#define\s+\1\b", text)
        for m in _COND.finditer(text):
            condition = m.group(2).strip()
            if guard and m.group(1) == "ifndef" and condition == guard.group(1):
                continue
            if re.fullmatch(r"(defined\s*\(?)?\s*!?\s*__ASSEMBL(Y|ER)__\s*\)?", condition):
                continue
            if condition == "HV_SIM":
                continue
            out.append("%s:%d: #%s %s: portable code is the same for every machine"
                       % (path, tree.line_of(text, m.start()), m.group(1), condition))
    return out


def _op_groups(root, isa):
    """{group: [slots]} from arch_ops.h and the ISA's isa.h."""
    text = tree.code(tree.read(root, "hv/include/hv/arch_ops.h"))
    own = tree.code(tree.read(root, "hv/arch/%s/include/hv/isa.h" % isa))
    slots = {}
    for name, body in re.findall(r"struct\s+(\w+_ops)\s*\{(.*?)\n\};", text + own, re.S):
        slots[name] = re.findall(r"\(\s*\*\s*(\w+)\s*\)\s*\(", body)
    body = re.search(r"struct\s+arch_ops\s*\{(.*?)\n\};", text, re.S)
    groups = {}
    for kind, member in re.findall(r"struct\s+(\w+_ops)\s+(\w+)\s*;", body.group(1) if body else ""):
        groups[member] = slots.get(kind, [])
    return groups


def _braces(text, start):
    """The text between the brace at `start` and its partner."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] == "{":
            depth += 1
        elif text[i] == "}":
            depth -= 1
            if depth == 0:
                return text[start + 1:i]
    return ""


def _split(text):
    """Entries of an initialiser, split at its own commas."""
    parts, depth, last = [], 0, 0
    for i, c in enumerate(text):
        if c in "({[":
            depth += 1
        elif c in ")}]":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[last:i].strip())
            last = i + 1
    parts.append(text[last:].strip())
    return [p for p in parts if p]


def _values(slots, inner):
    """{slot: value} of one group's initialiser, by name or in order."""
    values = {}
    for n, entry in enumerate(_split(inner)):
        m = re.match(r"\.(\w+)\s*=\s*(.*)$", entry, re.S)
        if m:
            values[m.group(1)] = m.group(2).strip()
        elif n < len(slots):
            values[slots[n]] = entry
    return values


def _group(body, group, all_text):
    """The initialiser of a group in the table's body: written there, or as a table of its own in the same folder."""
    value = _values([], body).get(group, "")
    if value.startswith("{"):
        return _braces(value, 0)
    own = re.search(r"struct\s+\w+?_ops\s+%s\s*=\s*\{" % re.escape(value), all_text) if value else None
    return _braces(all_text, own.end() - 1) if own else ""


def check_ops(root):
    """(c) Every slot of struct arch_ops is set, and not to NULL, on the target and in the simulator."""
    out = []
    for path, isa in (("hv/arch/armv8/include/hv/ops_table.h", "armv8"), ("hv/arch/riscv/include/hv/ops_table.h", "riscv"), ("sim/ops.c", "armv8"),
                      ("sim/ops.c", "riscv")):
        groups = _op_groups(root, isa)
        if not groups or not all(groups.values()):
            out.append("hv/include/hv/arch_ops.h: no ops found: the check does not understand the file")
            continue
        if not os.path.isfile(os.path.join(root, path)):
            out.append("%s: is missing" % path)
            continue
        text = tree.code(tree.read(root, path))
        table = re.search(r"\barch_ops\s*=\s*(\(\s*struct\s+arch_ops\s*\)\s*)?\{", text)
        if not table:
            out.append("%s: sets no arch_ops = {...}" % path)
            continue
        body = _braces(text, table.end() - 1)
        # Groups may stand in files of the same folder, and of the simulator's for the ISA.
        folder = os.path.dirname(path)
        all_text = "\n".join(tree.code(tree.read(root, f)) for f in tree.files(root, ".c", under=(folder,))
                             if os.path.dirname(f) in (folder, os.path.join(folder, isa)))
        for group, slots in groups.items():
            values = _values(slots, _group(body, group, all_text))
            for slot in slots:
                if slot not in values:
                    out.append("%s: op %s.%s is not set" % (path, group, slot))
                elif re.fullmatch(r"\(*\s*(NULL|0|\(\s*void\s*\*\s*\)\s*0)\s*\)*", values[slot]):
                    out.append("%s: op %s.%s is NULL" % (path, group, slot))
    return out
