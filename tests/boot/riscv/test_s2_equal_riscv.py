# SPDX-License-Identifier: Apache-2.0
"""Stage 2 as a running RISC-V machine has it: hgatp and all tables are those of the simulator, and lead to what the plan
gives and, with AIA, to the guest interrupt file of each vCPU's hart."""

import struct

import common
from test_s2_equal import (PAGE, audit, machine, reached, s2audit,  # noqa: F401
                           test_a_flipped_bit_of_tables_or_registers_is_seen,
                           test_nothing_is_reached_twice_and_nothing_of_the_hypervisors,
                           test_of_devices_and_the_interrupt_controller_a_vm_reaches_its_own_alone,
                           test_tables_and_control_registers_are_those_of_the_simulator,
                           test_vcpus_of_one_vm_share_their_tables_and_vms_do_not,
                           test_walker_finds_the_grants_of_the_plan_and_nothing_else)


def entry(pa):
    """The leaf of a page that is read and written (privileged architecture 1.13, 12.4.1): V, R, W, U, A, D and the PPN."""
    return struct.pack("<Q", pa >> 12 << 10 | 0xD7)


if common.AIA:
    def test_a_leaf_that_leads_to_another_interrupt_file_is_seen(machine, s2audit):
        """Another vCPU's, another VM's, and the supervisor's own."""
        image, _, found = machine
        files = [pa for regions in found.irqc.values() for _, pa, _ in regions]
        assert len(files) == len(set(files)) == len(found.vcpus)
        wrong = image.with_suffix(".wrong")
        for vm, regions in found.irqc.items():
            for _, pa, _ in regions:
                assert found.pool.count(entry(pa)) == 1
                for other in {*files, pa - PAGE} - {pa}:
                    wrong.write_bytes(found.pool.replace(entry(pa), entry(other)))
                    assert audit(s2audit, image, wrong, vm, found.roots()[vm]).returncode == 1, "%#x" % other
