# SPDX-License-Identifier: Apache-2.0
"""The README's way to debug with gdb: stop at the boot door, and in a trap with guests running beside, and read what is counted."""

import re
import socket
import subprocess

import harness

RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin", **harness.uart(1)}
CONSOLES = {"consoles": ["hv", "rt"]} if harness.ARCH == "armv8" else {"consoles": ["uart"], "shared": ["rt"]}
FIRST, SECOND = {"armv8": ("$x0", "$x1"), "riscv": ("$a0", "$a1")}[harness.ARCH]  # arguments of a C function
GUEST = harness.LOAD - (2 << 20)  # where its RAM begins, of which it has 16 MiB
COMMANDS = [
    "set pagination off",
    "set confirm off",
    "hbreak *hv_main_boot",
    "continue",
    'printf "at the door: load 0x%lx\\n", ' + SECOND,
    "delete",
    "hbreak *hv_trap",
    "continue",
    'printf "in a trap: board %%s, frame pc 0x%%lx\\n", board.name, ((struct vcpu_regs *)%s)->pc' % FIRST,
    "backtrace",
    "print vms[0].vcpus[0].exits",
    'printf "interrupts %lu\\n", vms[0].vcpus[0].exits[EXIT_IRQ].v',
    'printf "%s", log_ring.ring',
    "delete",
    "detach",
]


def test_gdb_stops_at_the_boot_door_and_in_a_trap():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    image = harness.pack("debug", [RT])
    with harness.Machine(image, **CONSOLES, extra=["-gdb", "tcp:127.0.0.1:%d" % port, "-S"], name="debug") as m:
        command = ["gdb-multiarch", "-nx", "-q", "-batch", "-ex", "target remote 127.0.0.1:%d" % port]
        for c in COMMANDS:
            command += ["-ex", c]
        try:
            text = subprocess.run([*command, str(harness.hv_elf())], stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=harness.TIMEOUT).stdout
        except subprocess.TimeoutExpired as e:
            raise m.report("gdb did not end:\n" + (e.stdout or b"").decode(errors="replace"))
        assert "at the door: load 0x%x\n" % harness.LOAD in text, m.report(text)
        trap = re.search(r"in a trap: board %s, frame pc (0x[0-9a-f]+)" % harness.BOARD, text)
        assert trap and GUEST <= int(trap.group(1), 16) < GUEST + (16 << 20), m.report(text)
        # Its first instruction may be of a function that the compiler has put into it.
        assert re.search(r"^#[01] .*hv_trap \(.*\n#[12] .*", text, re.M), m.report(text)
        # By a debugger's script as the README has it; what they count tests/boot/test_exits.py looks at.
        assert re.search(r"^\$1 = \{\{?v = \d+.*\}$", text, re.M) and re.search(r"^interrupts \d+$", text, re.M), m.report(text)
        assert "[hv] vm rt: vcpu 0 on cpu 0" in text, m.report(text)
        harness.RtWatch(m).wait_for(500)  # the system runs on when gdb has gone
