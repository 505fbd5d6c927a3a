# SPDX-License-Identifier: Apache-2.0
"""What hostile.py has to know of Armv8: the systems, what lies where on `virt`, registers of EL2, and the GIC from outside."""

import devstate
import harness
from attacks_armv8 import OWN_SPI

CONSOLES = ["hostile", "rt"]
RETURN = (0xd65f03c0).to_bytes(4, "little")
GICD, GICR, FRAME = 0x8000000, 0x80a0000, 0x10000
VICTIM_CPU, IDLE_CPU = 2, 3
VICTIM_SPI = 40
ATTACKER = {"name": "hostile", "vcpus": 2, "cpus": "<0 1>", "memory": "2M", "image": "guests/hostile.bin",
            "devices": "/pl011@9000000"}
RT = {"name": "rt", "vcpus": 1, "cpus": "<%d>" % VICTIM_CPU, "memory": "16M", "image": "guests/rt.bin",
      "devices": "/pl011@9040000", "bootargs": "active=%d" % VICTIM_SPI}  # which whoever can ends
NOBODY = [0x7ff00000, 0x60000000]  # RAM that the plan gives to nobody
# What the attacker has no part in. GICv3: the ITS, its doorbell, and the redistributors of the victim's and of nobody's CPU.
# GICv2: behind the distributor and the CPU interface, the MSI frame, the virtual interface control (IHI 0048B 5.3) with its
# list registers, and the virtual CPU interface where the board has it.
NOT_OWN_GIC = {
    3: [0x8080000, 0x8090040, GICR + 2 * VICTIM_CPU * FRAME, GICR + (2 * VICTIM_CPU + 1) * FRAME + 0x180,
        GICR + (2 * IDLE_CPU + 1) * FRAME + 0x100],
    2: [0x8001000, 0x8012000, 0x8020000, 0x8020040, 0x8030000, 0x8030100, 0x8040000, 0x8041000],
}

# Registers of EL2 that stay what they are while guests run; the others belong to the exit at hand.
CONSTANT = ["ACTLR_EL2", "AMAIR_EL2", "CNTHCTL_EL2", "CNTHP_CTL_EL2", "CNTVOFF_EL2", "CPTR_EL2", "HACR_EL2", "HCR_EL2",
            "HSTR_EL2", "MAIR_EL2", "MDCR_EL2", "SCTLR_EL2", "TCR_EL2", "TPIDR_EL2", "TTBR0_EL2", "VBAR_EL2",
            "VMPIDR_EL2", "VPIDR_EL2", "VTCR_EL2", "VTTBR_EL2"]
# The CPU's own OS lock: unlocked, whatever the guest's is (MDCR_EL2.TDOSA).
UNLOCKED = ["OSLSR_EL1", "OSDLR_EL1"]


def vms(arguments, shared):
    """Attacker and victim, each with a UART of its own."""
    assert not shared
    return [dict(ATTACKER, bootargs=arguments), RT]


def lists(layout):
    """The addresses for the guest's boot arguments. As the board lies: every IPA that might be taken for a PA."""
    text = layout.text_end
    return {
        "victim": layout.canaries[:2],
        "hole": NOBODY,
        "hv": [layout.pa("mmu_early_build") & ~15, layout.hv[0] + text, layout.pa("log_ring") & ~15, layout.plan[0] + 0x80,
               layout.pool[0], layout.pool[1] - 16],
        "code": layout.code(),
        "device": [0x9040000, 0x9010000, 0x9020000, 0x9030000, 0xa000000, 0x0],
        "own": [0x9000000],
        "gic": NOT_OWN_GIC[harness.GIC],
        "beyond": [(1 << 32) + GICD + 4, (1 << 33) + layout.hv[0], 1 << 36, 1 << 39, (1 << 40) + layout.victim[0][0],
                   1 << 47],
        "hvva": [layout.symbols["hv_trap"], layout.symbols["vectors"]],
    }


def devices(qmp, scratch):
    """The controller's registers: by the debugger's accesses, or, of a GICv2, by what the device holds."""
    return devstate.DeviceState(qmp, scratch) if harness.GIC == 2 else None


def options(folder):
    return devstate.options(harness.board_ram(), folder) if harness.GIC == 2 else []


def look(seen, outside):
    for thread in outside.stub.threads:
        for name in CONSTANT:
            seen["EL2's registers", name, thread] = outside.stub.read(thread, name)
        for name in UNLOCKED:
            seen["debug registers", name, thread] = outside.stub.read(thread, name)
    if harness.GIC == 3:
        look_at_gicv3(seen, outside.stub.word)
    else:
        look_at_gicv2(seen, outside.devices.device("arm_gic"))


def exits(counts, ticks, _run):
    """How many of the victim's exits its ticks do not explain; on the board with a GICv2 the end of each interrupt traps as
    well (hv/board/virt-gicv2.c)."""
    return sum(counts) - ticks * (1 if harness.GIC == 3 else 2)


def bait(seen):
    """The victim's interrupt is active still."""
    if harness.GIC == 2:
        return seen["interrupts", "active", VICTIM_SPI] != 0
    return seen["interrupts", "active", VICTIM_SPI // 32] >> VICTIM_SPI % 32 & 1 != 0


def look_at_gicv2(seen, gic):
    """Names of fields are those of QEMU's device."""
    def see(what, at, value):
        seen["interrupts", what, at] = value

    virtual = gic["arm_gic_virt_state"]
    see("distributor", 0, gic["ctlr"])
    for cpu in range(4):
        foreign = cpu in (VICTIM_CPU, IDLE_CPU)
        for name in ("cpu_ctlr", "priority_mask", "bpr", "abpr"):
            see("physical " + name + " of cpu", cpu, gic[name][cpu])
            if foreign:
                see("virtual " + name + " of cpu", cpu, virtual[name][cpu])
        # But for EOICount, which counts what its own guest ends without having it (IHI 0048B 5.3.1).
        see("h_hcr of cpu", cpu, virtual["h_hcr"][cpu] & (0xffffffff if foreign else 0x07ffffff))
        own = 0 if foreign else 1 << 27 | 1 << 30
        # What comes and goes by itself: IPIs, the maintenance interrupt, the timers.
        passing = 1 | 1 << 25 | 1 << 27 | 1 << 30
        for name, but in (("enabled", own), ("pending", passing), ("active", passing), ("group", 0)):
            bits = sum((gic["irq_state"][n][name] >> cpu & 1) << n for n in range(32))
            see(name + " of cpu", cpu, bits & ~but)
        for n in range(1, 16):
            see("sources of %d at cpu" % n, cpu, gic["sgi_pending"][8 * n + cpu])
        for n in range(32):
            see("priority of %d of cpu" % n, cpu, gic["priority1"][8 * n + cpu])
    for n in range(32, len(gic["irq_state"])):
        if n != OWN_SPI:
            for name in ("enabled", "pending", "active", "edge_trigger", "group"):
                see(name, n, gic["irq_state"][n][name])
            see("targets", n, gic["irq_target"][n])
            see("priority", n, gic["priority2"][n - 32])


def look_at_gicv3(seen, word):
    for n in range(1, 9):
        own = 1 << OWN_SPI % 32 if n == OWN_SPI // 32 else 0
        for name, bank in (("group", 0x80), ("enable", 0x100), ("pending", 0x200), ("active", 0x300)):
            seen["interrupts", name, n] = word(GICD + bank + 4 * n) & ~own
    for o in range(32, 64, 4):
        seen["interrupts", "priority", o] = word(GICD + 0x400 + o) & ~(0xff00 if o == 32 else 0)
    for o in range(2, 18):
        seen["interrupts", "trigger", o] = word(GICD + 0xc00 + 4 * o) & ~(0xc if o == 2 else 0)
    for o in range(32, 64):
        seen["interrupts", "route", o] = word(GICD + 0x6000 + 8 * o) if o != OWN_SPI else 0
    for cpu in range(4):
        frame = GICR + 2 * cpu * FRAME
        foreign = cpu in (VICTIM_CPU, IDLE_CPU)
        own = 0 if foreign else 1 << 27 | 1 << 30
        seen["interrupts", "sleep", cpu] = word(frame + 0x14)
        seen["interrupts", "enable of cpu", cpu] = word(frame + FRAME + 0x100) & ~own
        # What comes and goes by itself: IPIs, the maintenance interrupt, the timers.
        passing = 1 | 1 << 25 | 1 << 27 | 1 << 30
        seen["interrupts", "pending of cpu", cpu] = word(frame + FRAME + 0x200) & ~passing
        seen["interrupts", "active of cpu", cpu] = word(frame + FRAME + 0x300) & ~passing
        for o in range(0, 32, 4):
            seen["interrupts", "priority of cpu", cpu, o] = word(frame + FRAME + 0x400 + o)
