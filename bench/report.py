#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Merges what bench/run.py measured into DIR/report.json and DIR/report.html, and prints a summary: report.py DIR FILE.json..."""

import html
import json
import subprocess
import sys
from pathlib import Path

import channels
import phases
import shared_cache
from aims import AIMS, BAO, ELSEWHERE

IN_A_CACHE = "A victim beside a memory hog, in a model of a shared cache: its misses, and its lines that others put out"
A_KIB = "A block from one VM to another through a queue, polling and by doorbell, beside a copy in one of them: instructions per KiB"
BY_PHASE = "Boot by phase, 1 VM of 64 MiB on a board of one CPU: instructions"

STYLE = ("body{font:15px/1.4 sans-serif;max-width:62em;margin:2em auto;padding:0 1em}table{border-collapse:collapse;margin:1em 0}"
         "td,th{border:1px solid #bbb;padding:.15em .6em;text-align:right}td:first-child,th:first-child{text-align:left;"
         "font-family:monospace}.met{background:#dff0d8}.missed{background:#f6e3cf}svg{width:100%;height:auto}")
PLOTS = [("Instructions of the hypervisor: calls and registers, Armv8, GICv3", "armv8.virt-gicv3.",
          ("psci_version", "hypercall_null", "gicd_read", "gicd_isenabler_read", "gicd_isenabler_write")),
         ("Instructions of the hypervisor: interrupts to their end, Armv8, GICv3", "armv8.virt-gicv3.", ("irq_", "ipi.")),
         ("Instructions of the hypervisor: RISC-V, PLIC", "riscv.virt-plic.", ("hypercall_null", "irq_uart", "ipi.")),
         ("Instructions of the boot CPU, from its first to the guest's", "", (".boot_",)),
         ("Bytes of .text and .bss", "", (".size.",))]


def plot(title, rows):
    """Bars by gnuplot: an SVG element. Instructions on a logarithmic scale, on which 0 is no bar."""
    scale = "set yrange [0:*]" if "Bytes" in title else "set logscale y\nset yrange [10:*]"
    data = "".join('"%s" %s %s %s\n' % (key, ours or "NaN", bao or "NaN", aim or "NaN") for key, ours, bao, aim in rows)
    script = """set terminal svg size 900,%d font "sans-serif,12" noenhanced
set title "%s"
set style data histogram
set style fill solid 0.8 border -1
%s
set grid y
set xtics rotate by -25
set key outside top right
$data << EOD
%sEOD
plot $data using 2:xtic(1) title "Bulkhead" lc rgb "#4575b4", '' using 3 title "Bao" lc rgb "#bbbbbb", '' using 4 title "aim" lc rgb "#1a9850"
""" % (420, title, scale, data)
    text = subprocess.run(["gnuplot"], input=script, check=True, capture_output=True, text=True).stdout
    return text[text.index("<svg"):]


def comparison(figures):
    return [(key, figures[key], bao, aim) for key, bao, aim in AIMS if key in figures]


def table(head, rows, mark=lambda row: ""):
    out = ["<table><tr>%s</tr>" % "".join("<th>%s</th>" % html.escape(h) for h in head)]
    for row in rows:
        cells = "".join("<td>%s</td>" % html.escape("" if c is None else "{:,}".format(c) if isinstance(c, (int, float)) else str(c))
                        for c in row)
        out.append("<tr%s>%s</tr>" % (mark(row), cells))
    return "".join([*out, "</table>"])


def verdict(row):
    _, ours, _, aim = row
    return "" if aim is None else ' class="met"' if ours <= aim else ' class="missed"'


def dearest(folder):
    """The dearest kinds of exit of the Linux runs, by board."""
    for path in sorted(folder.glob("*.linux.dearest.json")):
        yield path.name.split(".")[0], json.loads(path.read_text())


def profiles(folder):
    for path in sorted(folder.glob("*.boot-1vm_64m.profile")):
        rows = [line.split() for line in path.read_text().split("\n")[:10] if line]
        yield path.name.split(".")[0], [(name, int(n)) for n, name in rows]


def page(figures, folder):
    rows = comparison(figures)
    parts = ["<!doctype html><meta charset=utf-8><title>Bulkhead: benchmarks</title><style>%s</style>" % STYLE,
             "<h1>Bulkhead: benchmarks</h1>",
             "<p>Instructions under QEMU's -icount, which are the same each time; no times. Beside ours: %s. A green row has reached its"
             " aim.</p>" % html.escape(BAO),
             table(("figure", "Bulkhead", "Bao", "aim"), rows, verdict)]
    for title, prefix, words in PLOTS:
        chosen = [(key[len(prefix):] if prefix else key, *rest) for key, *rest in rows
                  if key.startswith(prefix) and any(w in key for w in words)]
        if chosen:
            parts.append(plot(title, chosen))
    parts.append("<h2>Elsewhere</h2>" + table(("figure", "where it is from, and what keeps it from being compared"), ELSEWHERE))
    for board, found in dearest(folder):
        parts.append("<h2>The dearest exits of a Linux on %s</h2>" % board +
                     table(("exit", "how many", "median", "largest"), found))
    boards, found = phases.rows(figures)
    parts.append("<h2>%s</h2>" % BY_PHASE + table(("phase", *boards), found))
    boards, found = shared_cache.rows(figures)
    parts.append("<h2>%s</h2>" % IN_A_CACHE + table(("case", *(b + w for b in boards for w in (": misses", ": lines lost"))), found))
    boards, found = channels.rows(figures)
    parts.append("<h2>%s</h2>" % A_KIB + table(("block", *(b + ": " + way for b in boards for way in channels.WAYS)), found))
    for board, found in profiles(folder):
        parts.append("<h2>What boot is made of, 1 VM of 64 MiB on %s</h2>" % board + table(("function", "instructions"), found))
    parts.append("<h2>All figures</h2>" + table(("figure", "value"), sorted(figures.items())))
    return "\n".join(parts) + "\n"


def main():
    folder = Path(sys.argv[1])
    figures = {}
    for path in sys.argv[2:]:
        figures.update(json.loads(Path(path).read_text()))
    (folder / "report.json").write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
    (folder / "report.html").write_text(page(figures, folder))
    print("%-52s %12s %12s %12s" % ("", "Bulkhead", "Bao", "aim"))
    for key, *numbers in comparison(figures):
        print("%-52s %12s %12s %12s" % (key, *("-" if n is None else "{:,}".format(n) for n in numbers)))
    boards, found = phases.rows(figures)
    print("\n%s\n%-20s" % (BY_PHASE, "") + "".join("%12s" % board for board in boards))
    for name, *numbers in found:
        print("%-20s" % name + "".join("{:>12,}".format(n) for n in numbers))
    boards, found = shared_cache.rows(figures)
    print("\n%s\n%-24s" % (IN_A_CACHE, "") + "".join("%20s" % board for board in boards))
    for name, *numbers in found:
        print("%-24s" % name.split(":")[0] + "".join("{:>12,}{:>8,}".format(*pair) for pair in zip(numbers[::2], numbers[1::2])))
    boards, found = channels.rows(figures)
    print("\n%s\n%-10s" % (A_KIB, "") + "".join("%27s" % board for board in boards))
    for name, *numbers in [("", *(channels.WAYS * len(boards))), *found]:
        print("%-10s" % name + "".join("{:>9}".format(n) for n in numbers))
    print("bench: %d figures in %s, and in %s" % (len(figures), folder / "report.json", folder / "report.html"))


if __name__ == "__main__":
    main()
