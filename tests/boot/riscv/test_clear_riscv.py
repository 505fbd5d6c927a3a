# SPDX-License-Identifier: Apache-2.0
"""memset() on RISC-V harts with CBO.ZERO, of blocks of this size and that, and without it."""

import pytest

import gdbstub
import harness
import test_panic
from common import RT, ended
from test_panic import symbols  # noqa: F401
from test_restart import AGAIN, physical

CBZE = 1 << 7  # menvcfg (privileged architecture 1.13, 3.1.18)


def block(stub, where):
    """What memset() goes by."""
    return stub.word(physical(where)) | stub.word(physical(where) + 4) << 32


@pytest.mark.parametrize("cpu,size", [("rv64", 64), ("rv64,zicboz=off", 0), *(("rv64,cboz_blocksize=%d" % n, n if 32 <= n <= 1024 else 0)
                                                                               for n in (16, 32, 128, 256, 512, 1024, 2048))])
def test_memory_is_cleared_and_filled_to_the_byte(cpu, size, symbols):  # noqa: F811
    """Blocks of 16 bytes gain nothing, and larger ones than 1 KiB are taken for none."""
    name = "clear-" + cpu.replace(",", "-").replace("=", "-")
    with gdbstub.sockets() as (sockets, stop):
        with test_panic.asked(name, "faults", test_panic.CLEAR, board=["-cpu", cpu], qemu=sockets) as m:
            m.expect("probe", r"probe: ecall: came back\r?\n")
            m.consoles["probe"].position = 0
            stub, _ = stop()
            assert block(stub, symbols["memset_block"][0]) == size
            stub.resume()
            test_panic.ends_well(m)


def test_no_hart_clears_by_blocks_that_one_has_not():
    """One of them comes with the instruction forbidden by its firmware."""
    image = harness.pack("clear-one-not", [AGAIN, RT])
    where = harness.symbols(harness.hv_elf())
    with gdbstub.sockets() as (sockets, stop):
        with harness.Machine(image, **harness.consoles("again", "rt"), extra=[*sockets, "-S"], name="clear-one-not") as m:
            stub, _ = stop()
            stub.breakpoint(physical(where["boot_secondary"]), True)
            found = []
            for n in range(harness.CPUS - 1):
                thread = stub.go()
                found.append(block(stub, where["memset_block"]))
                if n == 1:
                    value = stub.read(thread, "menvcfg")
                    assert value & CBZE
                    stub.set(thread, "menvcfg", value & ~CBZE)
                stub.breakpoint(physical(where["boot_secondary"]), False)
                stub.step(thread)
                stub.breakpoint(physical(where["boot_secondary"]), True)
            stub.resume()
            m.expect("again", "again: alive")
            m.send("again", "r")
            m.expect("hv", r"vm again: restarted \(1\)")
            m.expect("again", "again: alive")
            stub.halt()
            assert [*found, block(stub, where["memset_block"])] == [64, 64, 0, 0]
            stub.resume()
            m.send("again", "q")
            ended(m, "again")
            m.send("rt", "q")
            ended(m)
