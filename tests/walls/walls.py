# SPDX-License-Identifier: Apache-2.0
"""No attack is a dud: for each of the hostile guest's there is a build of the hypervisor with one wall taken away, in which
the same judge that says SAFE of the shipped image says BREACH, in the words of that breach.

walls.py [--own | NAME...]: on BOARD, all walls; those with an attack at its interrupt controller alone; those named. Each is
a copy of the tree with source text replaced, built, and run; an edit that no longer applies, a copy that does not build, and
an attack that stays SAFE are failures. Prints "walls: N attacks breach M builds, F failed".
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/boot"))

import harness  # noqa: E402
import hostile  # noqa: E402
import test_interference  # noqa: E402
from attacks import ATTACKS, KNOWN  # noqa: E402

OUT = harness.OUT / "walls"
TICKS = 20000  # the longest attack takes some 3,000


class Wall:
    """attacks: those of a GIC that the board does not have are left out, and with them a wall that stops no others.
    edits: (file, regular expression that matches once, replacement). words: what a breach says, by regular expression;
    ticks: of the victim, after which what has not come to an end never will.
    also: what else, of some attacks: that the harm was seen from outside too.
    extra: options of the emulator; with no edits it is the machine's wall that is taken away."""

    def __init__(self, attacks, words, edits=(), extra=(), also=None, ticks=TICKS):
        self.attacks = [a for a in attacks.split() if a in KNOWN]
        self.words, self.edits, self.extra = words, edits, list(extra)
        self.also, self.ticks = also or {}, ticks


RESET, VM, VGIC = "hv/arch/armv8/reset.c", "hv/core/vm.c", "hv/vdev/vgic.c"
PSCI, SMCCC, SYSREG = "hv/fw/psci.c", "hv/fw/smccc.c", "hv/vdev/vsysreg.c"

# Stage 2 maps whatever is not the VM's own one to one: RAM by 2 MiB, devices by page, but not the emulated frames.
EMULATED = """(a >= 0x8000000U && a < 0x8010000U) ||
                        (a >= 0x80a0000U && a < 0x80a0000U + 0x20000U * vm->nr_vcpus)""" if harness.GIC == 3 else "a == 0x8000000U"
EVERYTHING = r"""\1    for (uint64_t a = 0; st == HV_OK && a < 0x80000000U;) {
        uint64_t size = a >= 0x8000000U && a < 0xb000000U ? PAGE_SIZE : SZ_2M;
        bool emulated = EMULATED;
        if (!emulated) {
            bool ram = a >= 0x40000000U;
            enum hv_status own = s2_map(&vm->s2, IPA(a), PA(a), size, ram ? S2_MEM_NORMAL : S2_MEM_DEVICE,
                                        S2_R | S2_W | (ram ? S2_X : 0U));
            (void)own;
        }
        a += size;
    }
    return st;
}
""".replace("EMULATED", EMULATED)

# Whoever leaves a guest makes work for all other CPUs; and what need not leave it, does.
OTHERS = "for (unsigned c = 0; c < v->vm->binary->cpus.count; c++) { if (c != v->cpu) { arch_ops.irqc.send_ipi(c); } }"
SHARED_EXITS = [
    ("hv/exit.c", r"^    v->exits\[e\.kind\]\+\+;$", r"\g<0> if (e.kind != EXIT_IRQ) { %s }" % OTHERS),
    ("hv/run.c", r"^    arch_ops\.irqc\.drop\(intid\);$",
     r"\g<0> if (v != NULL && intid != HV_IPI_INTID) { %s }" % OTHERS),
    (RESET, r"^     HCR_RW\)$", "     HCR_RW | 1ULL << 13 | 1ULL << 14 | 1ULL << 22 | 1ULL << 25)"),
    (RESET, r"= MDCR_TPMCR \| MDCR_TPM ", "= MDCR_TPMCR | MDCR_TPM | 1ULL << 8 | 7ULL << 9 "),
    (SYSREG, r"    default:\n        return EXIT_INJECT_UNDEF;", "    default:\n        return EXIT_ADVANCE_PC;"),
]

WALLS = {
    "stage2": Wall("read-victim read-hv read-device read-gic read-hole fetch-victim fetch-hv fetch-hole walk-victim walk-hv "
                   "walk-hole stage1-victim odd-victim write-victim write-hole write-device write-gic stage1-gic "
                   "rewrite-code write-hv odd-hv stage1-hv",
                   "^(facts|victim's memory|nobody's memory|hypervisor's memory|interrupts|victim stalled|said|no end)",
                   [(VM, r"(static enum hv_status build\((?:.|\n)*?)    return st;\n\}\n", EVERYTHING)],
                   also={"write-victim": "^victim's memory", "write-hole": "^nobody's memory", "write-gic": "^(interrupts|no end)",
                         "write-hv": "^hypervisor's memory", "rewrite-code": "^hypervisor's memory"}),
    "device-fetch": Wall("fetch-device", "facts: fetch",
                         [("hv/arch/armv8/s2_format.c", r"^(#define DEVICE .*) \| ATTR_XN\)", r"\1)")]),
    "address-size": Wall("read-beyond write-beyond", "facts: (read|write) 0x108000004",
                         [("hv/exit.c", r"const struct exit_mmio \*a = &e->u\.mmio;",
                           "struct exit_mmio low = e->u.mmio; low.ipa &= 0xffffffffU; const struct exit_mmio *a = &low;")]),
    "syndrome": Wall("gic-odd", "facts: ldp",
                     [("hv/arch/armv8/exit_decode.c", r"\(iss & ISS_ISV\) == 0U \|\| ", "")]),
    "widths": Wall("gicd-widths gicr-widths", "facts: size",
                   [("hv/vdev/mmio.c", r" \|\| \(r->widths & size\) == 0U \|\| \(offset & \(size - 1U\)\) != 0U", "")]),
    "frames": Wall("gicr-foreign", "facts: (read|write)",
                   [(VGIC, r"redist < GICR_SIZE \* v->vm->nr_vcpus", "redist < GICR_SIZE * HV_MAX_CPUS")]),
    "owned-spi": Wall("gicd-sweep spi-bits spi-route spi-targets spi-priority", "(facts|interrupts): .*",
                      [(VGIC, r"^    reset_words\(g\);\n    reset_spis\(g\);\n\}\n\nvoid virqc_init_all",
                        "    for (unsigned w = 1; w < g->nr_words; w++) { g->spi[w].owned = ~0U; }\n\\g<0>")]),
    "owned-ppi": Wall("gicr-sweep ppi-bits", "facts: ",
                      [(VGIC, r"\.owned = VGIC_SGIS \| ppi_bits\(plan\);", ".owned = ~0U | ppi_bits(plan);")]),
    "sgi-targets": Wall("sgi-sweep sgi-group0 sgi-broadcast sgir-sweep", "rt: unexpected interrupt",
                        [("hv/vdev/vgic_sgi.c", r"^    uint32_t set = named;\n    uint32_t kick = 0;$",
                          r"""\g<0>
    for (unsigned c = 0; c < HV_MAX_CPUS; c++) {
        struct vcpu *t = vcpu_of_cpu(c);
        if (t != NULL && t->vm != v->vm) {
            struct vgic_bank other = vgic_bank(vgic_of(t), t->index, 0);
            vgic_source_set(&other, intid, 1);
            vgic_kick(t);
        }
    }""")]),
    "virtual-interface": Wall("icc-end", "interrupts: active",
                              [(RESET, r"HCR_FMO \| HCR_IMO \| HCR_AMO \| HCR_TID3", "HCR_AMO | HCR_TID3")]),
    "cpu-interface": Wall("gicc-sweep gicc-end", "(facts|interrupts): ",
                          [("hv/core/plan.c", r"plan_gic_cpu_frame\(p, PLAN_GICV\)",
                            "plan_gic_cpu_frame(p, vm == plan_vm(p, 0) ? PLAN_GICC : PLAN_GICV)")]),
    "sgi-sources": Wall("sgi-sources", "facts: sources",
                        [("hv/vdev/vgic_v2.c", r"\(set >> \(8U \* i\)\) & all_vcpus\(b\.g\)", "(set >> (8U * i)) & 0xffU")]),
    "call-targets": Wall("cpu-on-foreign affinity", "facts: (hvc|target) 0x2",
                         [(PSCI, r"&v->vm->vcpus\[affinity\] : NULL;",
                           "&v->vm->vcpus[affinity] : vcpu_of_cpu((unsigned)affinity);")]),
    "call-entry": Wall("cpu-on-entry", "facts: entry|said: .*vm hostile: (stopped|ended after)",
                       [(PSCI, r"(static bool is_entry\((?:.|\n)*?)    return false;\n\}\n\nstatic int64_t cpu_on",
                         r"\1    return true;\n}\n\nstatic int64_t cpu_on")]),
    "call-identifier": Wall("ranges-hvc random-hvc", "facts: call|ended|said",
                            [(SMCCC, r"uint32_t fid = \(uint32_t\)x\[0\];",
                              "uint32_t fid = (uint32_t)x[0] & 0xc600001fU;")]),
    "call-immediate": Wall("immediates", "facts: call|ended|said", [(SMCCC, r"if \(e->u\.imm != 0U\)", "if (e->u.imm != 0U && fid == ~0U)")]),
    "smc": Wall("ranges-smc random-smc off-smc reset-smc", "facts: call|said: .*(unexpected|QEMU ended)|board: it ended",
                [(RESET, r"HCR_TID3 \| HCR_TSC \|", "HCR_TID3 |")]),
    "power": Wall("off-hvc reset-hvc", "board: it ended",
                  [(PSCI, r"vm_stop\(v->vm, VM_END_(OFF|RESET)\);", "arch_ops.power.system_off();")]),
    "identity": Wall("idregs sysreg-read", "facts: S3_0_C0",
                     [(RESET, r"HCR_AMO \| HCR_TID3 \|", "HCR_AMO |")]),
    "unknown-registers": Wall("sysreg-write sysinsn", "facts: S",
                              [(SYSREG, r"return EXIT_INJECT_UNDEF;", "return EXIT_ADVANCE_PC;")]),
    "general-registers": Wall("gpr-leak", "facts: x 0x1[01]",
                              [("hv/arch/armv8/vectors.S", r"^    ldp     x16, x17, \[x0, #REGS_X \+ 8 \* 16\]$",
                                "    adrp    x16, vectors\n    mov     x17, sp")]),
    "vector-registers": Wall("fp-leak", "facts: vector", [(RESET, r"^        fpsimd_clear\(\);$", "        ;")]),
    "el1-registers": Wall("el1-leak", "facts: ", [(RESET, r"^    reset_el1\(\);$", "    ;")]),
    "debug": Wall("debug", "facts: brk|said: .*unexpected",
                  [(RESET, r"= MDCR_TPMCR \| MDCR_TPM ", "= MDCR_TPMCR | MDCR_TPM | 1ULL << 8 | 7ULL << 9 ")]),
    "os-lock": Wall("debug", "facts: osdlr", [(RESET, r" \| MDCR_TDOSA \| MDCR_TDRA;", " | MDCR_TDRA;")],
                    also={"debug": "^debug registers: OSLSR_EL1"}),
    "semihosting": Wall("hlt", "board: it ended|facts|said: .*QEMU ended",
                        extra=["-semihosting-config", "enable=on,target=native"]),
    "vector-length": Wall("sve", "facts: (cntb|smstart)",
                          [(RESET, r"CPTR_RES1 \| CPTR_TZ \| CPTR_TSM \|", "(CPTR_RES1 & ~(CPTR_TZ | CPTR_TSM)) |")],
                          extra=["-cpu", "max"]),
    "exits-of-others": Wall("setway tlbi wfi wfe suspend timer-past timer-toggle hvc-storm fault-storm brk-storm mmio-storm "
                            "recall-storm sgi-storm onoff-storm stack endless", "victim's exits", SHARED_EXITS),
    "fault-for-ever": Wall("no-vectors", "no end",
                           [("hv/exit.c", r"if \(e->u\.fault\.fetch && at_handler\(v\)\)", "if (e->u.fault.fetch && at_handler(v) && false)")], ticks=3000),
}


class Failed(Exception):
    pass


# Runs side by side write the board's tree to one file.
WRITES_TREE = threading.Lock()
board_dtb = harness.board_dtb


def one_board_dtb(*arguments):
    with WRITES_TREE:
        return board_dtb(*arguments)


harness.board_dtb = one_board_dtb


def build(name, wall):
    """The image without the wall."""
    if not wall.edits:
        return None
    tree = OUT / name
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for part in ("Makefile", "hv", "sim", "tests"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, tree / part)
    (tree / "guests").mkdir()
    for part in (ROOT / "guests").glob("*.mk"):
        shutil.copy(part, tree / "guests")
    for file, pattern, text in wall.edits:
        source = (tree / file).read_text()
        changed, n = re.subn(pattern, text, source, flags=re.MULTILINE)
        if n == 0 or changed == source:
            raise Failed("the edit of %s no longer applies: %s" % (file, pattern))
        (tree / file).write_text(changed)
    elf = Path("out") / harness.ARCH / harness.BOARD / "release" / "bulkhead.elf"
    done = subprocess.run(["make", "-C", str(tree), "-j1", "--no-print-directory", "OUT=out", str(elf),
                           str(elf.with_suffix(".bin"))], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed("the copy does not build:\n" + done.stderr[-1500:])
    return tree / elf


def breaches(name, wall, elf):
    """{attack: what the judge says}. What did no damage outside is followed by the next attack; else it is a new boot."""
    verdicts = {}
    left = [a for a in wall.attacks if ATTACKS[a].last is None]
    alone = [[a] for a in wall.attacks if ATTACKS[a].last is not None]
    while left or alone:
        now = left or alone.pop()
        run = hostile.Run("wall-%s" % name, now, elf=elf, extra=wall.extra, bounded=wall.ticks)
        found = run.run(go_on=False)
        if not found:
            raise Failed("%s: nothing was tried" % now)
        verdicts.update(found)
        left = [a for a in left if a not in found]
    return verdicts


def interference(elf):
    """A complaint, if the count of instructions per tick does not notice that exits are others' business."""
    counts = {n: test_interference.per_tick(n, elf, "wall-interference") for n in ("halted", "attacking")}
    print("wall exits-of-others: instructions per tick: %s" % counts, flush=True)
    return [] if len(set(counts.values())) > 1 else ["the ticks count the same without the wall: %s" % counts]


def attempt(name):
    """(name, verdicts, complaints)"""
    wall = WALLS[name]
    try:
        elf = build(name, wall)
        verdicts = breaches(name, wall, elf)
        complaints = interference(elf) if name == "exits-of-others" else []
    except (Failed, harness.BootError, AssertionError, OSError) as e:
        return name, {}, ["%s: %s" % (type(e).__name__, e)]
    for attack in wall.attacks:
        said = verdicts[attack]
        if not said:
            complaints.append("%s is SAFE without the wall: it is a dud" % attack)
        elif not any(re.search(wall.words, s) for s in said):
            complaints.append("%s breaches, but not in these words (%s): %s" % (attack, wall.words, said[:3]))
        elif attack in wall.also and not any(re.search(wall.also[attack], s) for s in said):
            complaints.append("%s is not seen from outside (%s): %s" % (attack, wall.also[attack], said[-3:]))
    if not complaints:
        shutil.rmtree(OUT / name, ignore_errors=True)
    return name, verdicts, complaints


def main(names):
    if names == ["--own"]:
        names = [n for n, w in WALLS.items() if any(ATTACKS[a].gic for a in w.attacks)]
    walls = names or [n for n, w in WALLS.items() if w.attacks]
    without = set(KNOWN) - {a for w in WALLS.values() for a in w.attacks}
    if without:
        print("walls: no build for " + " ".join(sorted(without)), file=sys.stderr)
    failed = 1 if without else 0
    breached = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for name, verdicts, complaints in pool.map(attempt, walls):
            for attack, said in verdicts.items():
                print("wall %s: %s: %s" % (name, attack, "BREACH: " + said[0][:150] if said else "SAFE"), flush=True)
                breached += 1 if said else 0
            for c in complaints:
                print("wall %s: FAILED: %s" % (name, c), file=sys.stderr, flush=True)
                failed += 1
    print("walls: %d attacks breach %d builds, %d failed" % (breached, len(walls), failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
