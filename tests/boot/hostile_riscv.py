# SPDX-License-Identifier: Apache-2.0
"""What hostile.py has to know of RISC-V: the systems, what lies where on `virt`, the CSRs of HS and M level, and PLIC, APLIC and
IMSICs from outside. The board has one UART: the attacker owns it, and the victim is heard by nobody but the harness; or both
share it."""

import devstate
import harness
from attacks_riscv import OWN_SOURCE

CONSOLES = ["hostile"]
RETURN = (0x8082).to_bytes(2, "little")  # c.jr ra
AIA = harness.BOARD == "virt-aia"
VICTIM_CPU, IDLE_CPU, HARTS = 2, 3, 4
VICTIM_SOURCE = 11  # of the RTC, which is claimed for good (guests/rt/riscv/prepare.c)
# Where no RAM of the board's begins, so that none of it is at an IPA that is the attacker's own.
RAM, RAM_SIZE = 0x90000000, 0x400000
UART, FLASH, FLASH_END = 0x10000000, 0x20000000, 0x24000000
ATTACKER = {"name": "hostile", "vcpus": 2, "cpus": "<0 1>", "memory": "4M", "memory-address": "<%#x>" % RAM,
            "image": "guests/hostile.bin", "devices": ["/soc/serial@10000000", "/flash@20000000"]}
RT = {"name": "rt", "vcpus": 1, "cpus": "<%d>" % VICTIM_CPU, "memory": "16M", "image": "guests/rt.bin",
      "devices": "/soc/rtc@101000"}
NOBODY = [0xbff00000, 0xa0000000]  # RAM that the plan gives to nobody
FIRMWARE = (0x80000000, 0x40000)   # OpenSBI's code

# CSRs of HS and M level that stay what they are while guests run; a CPU has those of its extensions.
CONSTANT = ["hedeleg", "hideleg", "hgeie", "hcounteren", "henvcfg", "htimedelta", "hgatp", "hvien", "hvictl", "hstateen0",
            "medeleg", "mideleg", "mtvec", "mcounteren", "menvcfg", "mstateen0", "pmpcfg0", "pmpcfg2",
            *("pmpaddr%d" % n for n in range(16))]
# hstatus tells of the last trap in GVA, SPV and SPVP; of what stays there are VGEIN, HU, VTVM, VTW, VTSR and VSXL.
HSTATUS_TRAP = 7 << 6
EXIT_MMIO = 3  # hv/include/hv/exit.h

# The others are the controller's frame as a whole, and what no VM has.
NOT_OWN_IRQC = [0xc000000, 0xc000028, 0xc003028, 0x24000000, 0x24002000, 0x28002000, 0x28003000, 0x28004000, 0x28005000,
                0x28006000, 0x28007000]


def vms(arguments, shared):
    more = {"devices": "/flash@20000000"} if shared else {}
    return [dict(ATTACKER, bootargs=arguments, **more), RT]


def lists(layout):
    """The addresses for the guest's boot arguments. As the board lies: every IPA that might be taken for a PA."""
    hv = [layout.pa("hv_trap") & ~15, layout.hv[0] + layout.text_end, layout.pa("log_ring") & ~15, layout.plan[0] + 0x80,
          layout.pool[0], layout.pool[1] - 16, FIRMWARE[0], FIRMWARE[0] + FIRMWARE[1]]
    return {
        "victim": layout.canaries[:2],
        "hole": NOBODY,
        "hv": hv,
        "code": layout.code(),
        # RTC, test device, virtio, fw_cfg, PCIe, CLINT, platform bus, boot ROM.
        "device": [0x101000, 0x100000, 0x10001000, 0x10008000, 0x10100000, 0x30000000, 0x3000000, 0x40000000, 0x2000000,
                   0x200bff8, 0x4000000, 0x1000, 0x0],
        "own": [UART, FLASH],
        "irqc": NOT_OWN_IRQC,
        "file": [a for a in NOT_OWN_IRQC if a >= 0x28000000] + [0x28008000, 0x24004000],
        "beyond": [(1 << 33) + (0xd000000 if AIA else 0xc000028), 1 << 41, (1 << 48) + layout.hv[0], 1 << 50,
                   (1 << 55) + layout.victim[0][0], (1 << 63) + layout.hv[0], (1 << 64) - 4096],
        "edge": [RAM + RAM_SIZE, FLASH_END],
        "foreign": [*layout.canaries, *hv, UART, RAM + RAM_SIZE - 8, RAM - 8],
        "source": [OWN_SOURCE],
    }


def devices(qmp, scratch):
    return devstate.DeviceState(qmp, scratch)


def options(folder):
    return devstate.options(harness.board_ram(), folder)


def look(seen, outside):
    seen["firmware's memory", "code"] = outside.memory(*FIRMWARE)
    stub = outside.stub
    for thread in stub.threads:
        for name in CONSTANT:
            if name in stub.numbers:
                seen["CSRs", name, thread] = stub.read(thread, name)
        seen["CSRs", "hstatus", thread] = stub.read(thread, "hstatus") & ~HSTATUS_TRAP
    if AIA:
        files = [("riscv_imsic", n) for n in range(2 * HARTS)]
        aplic_m, aplic_s, *files = outside.devices.devices(("riscv_aplic", 0), ("riscv_aplic", 1), *files)
        look_at_aplic(seen, "of M level", aplic_m, ())
        look_at_aplic(seen, "", aplic_s, (OWN_SOURCE,))
        look_at_files(seen, files)
    else:
        look_at_plic(seen, *outside.devices.devices(("riscv_sifive_plic", 0)))


def look_at_plic(seen, plic):
    """Names of fields are those of QEMU's device: enable has the words of all contexts, one behind the other."""
    words = len(plic["pending"])
    for name in ("pending", "claimed", "enable"):
        for n, value in enumerate(plic[name]):
            seen["interrupts", name, n] = value & ~(1 << OWN_SOURCE if n % words == 0 else 0)
    for name in ("source_priority", "target_priority"):
        for n, value in enumerate(plic[name]):
            seen["interrupts", name, n] = value


def look_at_aplic(seen, whose, aplic, own):
    for name in ("domaincfg", "mmsicfgaddr", "mmsicfgaddrH", "smsicfgaddr", "smsicfgaddrH"):
        seen["interrupts", "aplic " + name, whose] = aplic[name]
    for name in ("sourcecfg", "state", "target"):
        for n, value in enumerate(aplic[name]):
            if n not in own:
                seen["interrupts", "aplic " + name + whose, n] = value


def look_at_files(seen, files):
    """QEMU numbers M level's files first, then of each hart S level's with its guests' behind it."""
    for n, file in enumerate(files):
        hart, supervisor = n % HARTS, n >= HARTS
        for name in ("eidelivery", "eithreshold", "eistate"):
            values = file[name] if isinstance(file[name], list) else [file[name]]
            if supervisor and hart not in (VICTIM_CPU, IDLE_CPU):
                values = values[:len(values) // 2]  # the attacker's own guest files
            for at, value in enumerate(values):
                if name == "eistate" and not supervisor and at <= 1:
                    continue  # the firmware's IPIs, which come and go
                seen["interrupts", "%s of %s file of hart" % (name, "S" if supervisor else "M"), hart, at] = value


def exits(counts, ticks, run):
    """The victim's timer is its own, and none of its ticks leaves it (Sstc); without, each is a call and, unless it was late, the
    firmware's interrupt. On the shared console its lines do as well, by accesses to the emulated UART."""
    more = sum(n for kind, n in enumerate(counts) if not run.shared or kind != EXIT_MMIO)
    if any("sstc=off" in e for e in run.extra):
        return max(more - 2 * ticks, min(more - ticks, 0))
    return more


def bait(seen):
    """The victim's interrupt is in service still."""
    if AIA:
        return seen["interrupts", "aplic state", VICTIM_SOURCE] != 0
    return seen["interrupts", "claimed", 0] >> VICTIM_SOURCE & 1 != 0
