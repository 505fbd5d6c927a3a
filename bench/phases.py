# SPDX-License-Identifier: Apache-2.0
"""Boot by phase, from a run with the plugin's profile."""

# In their order: the phase, and the function with whose first instruction it begins; those of boot.S by ISA, then main.c's.
PHASES = (("reset", {"armv8": "_start", "riscv": "_start"}), ("clear_memory", {"armv8": "discard_lines", "riscv": "clear_bss"}),
          ("own_map", "mmu_early_build"), ("cpu", {"armv8": "quiet_cpu", "riscv": "cpu_set_hart"}), ("first_line", "hv_main_boot"),
          ("plan", "machine_check"), ("hv_checksum", "check_image"), ("machine", "check_machine"), ("move", "move"), ("irqc", "build"),
          ("stage2", "vm_build_all"), ("virtual_irqc", "virqc_init_all"), ("images_other_cpus", "machine_check_images"),
          ("log", "say_what_is_in_force"), ("enter_guest", "vconsole_init_cpu"))
NAMES = [name for name, _ in PHASES]
KEY = "phase_%s.hv_insns"


def functions(isa):
    return [f if isinstance(f, str) else f[isa] for _, f in PHASES]


def of_boot(where, total, wanted):
    """(phase, instructions) of a boot on one CPU that took `total`: a profile.Profile of it, and functions(isa). A phase begins as
    the CPU executes the first instruction that by the debug information belongs to its function, be it called or in line: the image
    has nothing for it. The compiler may have put single instructions on the other side of that line; if it put more, the order tells.
    ValueError: they do not begin one after another, or are not all that was executed."""
    begins = [min((n for offset, n in where.firsts.items() if function in where.chain_of[offset]), default=None) for function in wanted]
    missing = [function for function, n in zip(wanted, begins) if n is None]
    if missing:
        raise ValueError("boot does not go through %s" % ", ".join(missing))
    if begins[0] != 1 or any(a >= b for a, b in zip(begins, begins[1:])):
        raise ValueError("the phases of boot do not begin one after another: %s" % list(zip(wanted, begins)))
    executed = sum(where.counts.values())
    if executed != total:
        raise ValueError("the profile of boot has %d instructions, and boot took %d" % (executed, total))
    return [(name, after - n) for name, n, after in zip(NAMES, begins, [*begins[1:], total + 1])]


def rows(figures, case="boot_1vm_64m"):
    """Of measured figures the boards, and by phase what each executed; last what that sums up to."""
    boards = sorted({(isa, board) for isa, board, name, *rest in (key.split(".") for key in figures)
                     if name == case and rest[0].startswith("phase_")})
    found = [(name, *(figures["%s.%s.%s." % (*b, case) + KEY % name] for b in boards)) for name in NAMES]
    sums = [sum(row[n + 1] for row in found) for n in range(len(boards))]
    wrong = [b for b, n in zip(boards, sums) if n != figures["%s.%s.%s.hv_insns" % (*b, case)]]
    if wrong:
        raise ValueError("the phases of boot are not all of it: %s" % wrong)
    return [board for _, board in boards], [*found, ("all", *sums)]
