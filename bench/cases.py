# SPDX-License-Identifier: Apache-2.0
"""The cases of the bare-metal guest: each a function that returns {"case.metric": number} for BOARD."""

import functools
import statistics

import counted
import phases
import profile
from counted import ARMV8, harness

STORM_CPUS = (0, 1)
ECALL, LOAD, STORE = 10, 21, 23  # scause
EC_HVC, EC_SYSREG, EC_DATA_ABORT = 0x16, 0x18, 0x24  # DDI 0487, ESR_EL2.EC
GICD_SGIR = 0xf00
CALLS = {counted.HYPERCALL: "hypercall_null", counted.FIRMWARE: "psci_version" if ARMV8 else "sbi_base",
         counted.IRQC_READ: {"armv8": "gicd_read"}.get(harness.ARCH, harness.BOARD[5:].replace("aia", "aplic") + "_read"),
         counted.ENABLE_READ: "gicd_isenabler_read" if ARMV8 else "enable_read",
         counted.ENABLE_WRITE: "gicd_isenabler_write" if ARMV8 else "enable_write"}
WIRED = "irq_spi" if ARMV8 else "irq_uart"
INTERRUPTS = "timer,wired,ipi"


@functools.cache
def at_rest():
    """One run, for both cases below: nobody else is there."""
    return counted.run("at-rest", [counted.vm("hypercall,registers," + INTERRUPTS)], accesses=True)[0]


def exits():
    """Calls and registers: one exit each."""
    events = at_rest()
    out = {}
    for number, name in CALLS.items():
        out.update(counted.call(name, counted.segments(events, number)))
    return out


def sends(e):
    """An exit by which an IPI is sent."""
    if not ARMV8:
        return e.cause == ECALL
    if isinstance(e.cause, str):
        return False
    ec = e.cause >> 26
    return ec == EC_SYSREG or (ec == EC_DATA_ABORT and e.address & 0xfff == GICD_SGIR)


def received(entries):
    """By IPI, the exits with which it is taken: the first of each is for an interrupt."""
    groups = []
    for e in entries:
        if e.cause == "irq" or (isinstance(e.cause, int) and e.cause >> 63) or not groups:
            groups.append([])
        groups[-1].append(e)
    return groups


def ipi(name, events, number):
    found = counted.segments(events, number)
    own = {}
    for segment in found:
        for e in counted.exits(segment):
            own.setdefault(e.cpu, []).append(e)
    sent = [e.hs for exits_ in own.values() for e in exits_ if sends(e)]
    taken = [g for exits_ in own.values() for g in received(e for e in exits_ if not sends(e))]
    if not sent and not taken:
        return {name + ".hv_insns_total": 0, name + ".exits": 0}
    cost = [sum(e.hs for e in g) for g in taken]
    out = {**counted.spread(name + ".hv_insns_sender", sent), **counted.spread(name + ".hv_insns_receiver", cost)}
    out[name + ".exits"] = 1 + statistics.median_low([len(g) for g in taken])
    out[name + ".hv_insns_total"] = out[name + ".hv_insns_sender_median"] + out[name + ".hv_insns_receiver_median"]
    out[name + ".fw_insns_total"] = sum(e.m for s in found for e in s) // len(sent)
    return out


def of_interrupts(events, label=""):
    out = counted.rounds("irq_timer" + label, counted.segments(events, counted.TIMER))
    wired = counted.segments(events, counted.WIRED)
    out.update(counted.rounds(WIRED + label, wired))
    if ARMV8 or harness.BOARD == "virt-plic":
        out.update(ipi("ipi" + label, events, counted.IPI))
    else:  # as Linux sends them, and by SBI
        out.update(ipi("ipi" + label, events, counted.FILE_IPI))
        out.update(ipi("ipi_sbi" + label, events, counted.IPI))
    if not ARMV8 and not label:
        kind, cause = {"virt-plic": ("plic_claim", LOAD), "virt-aia": ("aplic_setipnum", STORE)}[harness.BOARD]
        out["%s.hv_insns" % kind] = statistics.median_low([e.hs for r in wired for e in r if e.cause == cause])
    return out


def rings(e):
    """The exit by which a doorbell is rung."""
    return e.cause == ECALL if not ARMV8 else not isinstance(e.cause, str) and e.cause >> 26 == EC_HVC


def run_doorbell(name, doorbells):
    """Two VMs that ring each other in turn, the property of their channel given: of each round what its CPU did."""
    ends = {"bench": {"output": "4K", "rate": 1000000, "burst": 1000}, "peer": {"output": "4K", "rate": 1000000, "burst": 1000}}
    first = counted.vm("doorbell", vcpus=1, cpus="<2>", memory="16M")  # the guest's case
    second = dict(first, name="peer", cpus="<3>", console="none")
    del second["devices"]
    events, _ = counted.run(name, [first, second], root={"channels": {"c": {"doorbells": doorbells, "endpoints": ends}}}, accesses=True)
    found = counted.segments(events, counted.DOORBELL)
    if len(found) != 2 * counted.ROUNDS:
        raise harness.BootError("%s: %d rounds are in the log, not %d" % (name, len(found), 2 * counted.ROUNDS))
    return found


def doorbell_direct():
    """By a store to the receiver's interrupt file: neither side has an exit to be told apart, so what the hypervisor does is a round's."""
    found = run_doorbell("doorbell-direct", "direct")
    sent = [sum(e.hs for e in counted.exits(s) if rings(e)) for s in found]
    taken = [sum(e.hs for e in counted.exits(s) if not rings(e)) for s in found]
    return {"doorbell_direct.hv_insns_sender": max(sent), "doorbell_direct.hv_insns_receiver": max(taken),
            "doorbell_direct.fw_insns": max(sum(e.m for e in s) for s in found)}


def doorbell():
    """From one VM to another and back: the call of the sender, and what the receiver's CPU does up to its end of interrupt."""
    found = run_doorbell("doorbell", None)
    sent = [e for s in found for e in counted.exits(s) if rings(e)]
    taken = [sum(e.hs for e in counted.exits(s) if not rings(e)) for s in found]
    if len(sent) != len(found):
        raise harness.BootError("doorbell: %d rounds and %d rings are in the log, not %d" % (len(found), len(sent), 2 * counted.ROUNDS))
    out = {**counted.spread("doorbell.hv_insns_sender", [e.hs for e in sent]), **counted.spread("doorbell.hv_insns_receiver", taken)}
    for side in ("sender", "receiver"):
        out["doorbell.hv_insns_" + side] = out.pop("doorbell.hv_insns_%s_median" % side)
    out["doorbell.fw_insns"] = statistics.median_low([sum(e.m for e in s) for s in found])
    return {**out, **doorbell_direct()} if harness.BOARD == "virt-aia" else out


def interrupts():
    """Every exit up to and including the end of an interrupt."""
    return of_interrupts(at_rest())


def neighbour():
    """One that does whatever makes the hypervisor work, and never ends."""
    if ARMV8:
        import hostile
        return dict(hostile.ATTACKER, bootargs="attack=endless")
    return {"name": "probe", "vcpus": 2, "cpus": "<0 1>", "memory": harness.SMALL, "image": "guests/probe.bin",
            "bootargs": "test=busy cpus=2", "console": "none"}


def storm():
    """The same beside a neighbour that storms."""
    events = counted.run_beside("storm", [counted.vm(INTERRUPTS, delay=20), neighbour()], STORM_CPUS, accesses=True, firmware=False)
    return {key: value for key, value in of_interrupts(events, "_storm").items() if ".fw_" not in key}  # those were not counted


def boot_of(name, vms, cpus, root=None, options=()):
    """Of the boot CPU, which is the one that does most, up to the first guest or to its waiting for one: all instructions, and
    those with which it waits for the other CPUs to come. How long that is, is the emulator's, which gives a CPU long turns. On a board
    of one CPU also by phase."""
    events, _ = counted.run("boot-" + name, vms, extra=[*harness.smp(cpus), *options], profile=True, root=root)
    total = max(e.hs for e in counted.entries(events) if e.cause == "boot")
    where = profile.of_boot(harness.RUNS / ("bench-boot-%s.exits" % name))
    profile.write("boot-" + name, where)
    parts = phases.of_boot(where, total, phases.functions(harness.ARCH)) if cpus == 1 else []
    return {"boot_%s.hv_insns" % name: total, "boot_%s.hv_insns_without_waiting" % name: total - profile.waited(where),
            **{"boot_%s." % name + phases.KEY % phase: n for phase, n in parts}}


def padded(size):
    """The guest's image, of that size."""
    path = harness.OUT / "bench" / ("image-%s-%d.bin" % (harness.ARCH, size))
    path.parent.mkdir(parents=True, exist_ok=True)
    image = harness.guest("bench.bin").read_bytes()
    path.write_bytes(image + b"\xa5" * (size - len(image)))
    return str(path)


def channels_of(names, count):
    """For a system's root: so many channels between VMs of these names, each with a page of output of either and doorbells."""
    ends = {name: {"output": "4K"} for name in names}
    return {"channels": {"c%d" % n: {"doorbells": None, "endpoints": ends} for n in range(count)}} if count else None


def lone(**more):
    return dict(counted.VM, vcpus=1, cpus="<0>", **more)


CACHE = {"cache": {"size": "1M", "ways": 16, "line": 64}}


def boot_by_ram():
    """Contiguous, and in half of the colours of a cache of 1 MiB: pages of 4 KiB then, eight in a row."""
    coloured = {"1vm_64m_coloured": lone(colours="0-7"), "1vm_512m_coloured": lone(memory="512M", colours="0-7")}
    out = {**boot_of("1vm_64m", [lone()], 1), **boot_of("1vm_512m", [lone(memory="512M")], 1)}
    for name, vm in coloured.items():
        out.update(boot_of(name, [vm], 1, CACHE, ["-m", "2G"]))  # they lie among twice as much
    return out


def move():
    """What it adds to that that the hypervisor moves into its colours: 4 of 16, of a page each."""
    there = boot_of("1vm_64m_moved", [lone()], 1, harness.in_colours("0-3"))
    here = boot_of("1vm_64m", [lone()], 1)
    return {**there, "move.hv_insns": there["boot_1vm_64m_moved.hv_insns"] - here["boot_1vm_64m.hv_insns"]}


def boot():
    """Reset to guest: by RAM and by the image's size on a board of one CPU; then on one of four."""
    others = [{"name": "vm%d" % n, "vcpus": 1, "cpus": "<%d>" % n, "memory": "16M", "image": "guests/bench.bin", "console": "none"}
              for n in (1, 2, 3)]
    systems = {"1vm_64m_image_1m": ([lone(image=padded(1 << 20))], 1), "1vm_64m_image_32m": ([lone(image=padded(32 << 20))], 1),
               "1vm_64m_4cpus": ([lone()], 4), "4vm_64m_4cpus": ([lone(), *others], 4)}
    out = boot_by_ram()
    for name, system in systems.items():
        out.update(boot_of(name, *system))
    return {**out, **boot_by_channels()}


def boot_by_channels():
    """Two VMs without a channel and with some between them, on a board of two CPUs."""
    vms = [lone(), {"name": "vm1", "vcpus": 1, "cpus": "<1>", "memory": "16M", "image": "guests/bench.bin", "console": "none"}]
    out = {}
    for count in (0, 1, 4, 16):
        out.update(boot_of("2vm_%dchannels" % count, vms, 2, channels_of(("bench", "vm1"), count)))
    return out


def kernels():
    """The hypervisor's share of what a kernel beside a timer of 1 kHz takes, and all of it against bare metal."""
    cases, turns = {"cpu_bound": counted.CPU_BOUND, "memory_bound": counted.MEMORY_BOUND}, 8
    words = ",".join(cases).replace("_", "-")
    virtual, _ = counted.run("kernels", [counted.vm(words, turns)], guests=True)
    native, _ = counted.run_native("kernels", words, turns)
    out = {}
    for name, number in cases.items():
        out.update(counted.overhead("overhead_" + name, counted.between(virtual, number), counted.between(native, number)))
    return out
