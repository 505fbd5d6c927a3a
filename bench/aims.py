# SPDX-License-Identifier: Apache-2.0
"""What the figures are held against: Bao's, and what is aimed at.

Bao is 738e3dc, on the same QEMU 10.0.2 and the same boards, its instructions counted in the same way: from the vector to the ERET or
SRET, all exits up to the end of an interrupt. Its systems are its own: one guest, a UART passed through."""

BAO = "Bao 738e3dc on QEMU 10.0.2, counted in the same way"

# (key, Bao's, aim); None: there is none.
AIMS = [
    ("armv8.virt-gicv3.irq_timer.hv_insns_median", 199, 80),
    ("armv8.virt-gicv3.irq_spi.hv_insns_median", 204, 80),
    ("armv8.virt-gicv3.ipi.hv_insns_total", 385 + 414, 220),
    ("armv8.virt-gicv3.psci_version.hv_insns", 188, 80),
    ("armv8.virt-gicv3.hypercall_null.hv_insns", 188, 80),
    ("armv8.virt-gicv3.gicd_read.hv_insns", 232, 110),
    ("armv8.virt-gicv3.gicd_isenabler_read.hv_insns", 1290, 130),
    ("armv8.virt-gicv3.gicd_isenabler_write.hv_insns", 3565, 200),
    ("armv8.virt-gicv3.boot_1vm_64m.hv_insns", 444955, 40000),
    ("armv8.virt-gicv3.boot_1vm_512m.hv_insns", 590348, 40000),
    ("armv8.virt-gicv3.size.text_bytes", 65304, 40960),
    ("armv8.virt-gicv3.size.bss_bytes", 181104, 65536),
    ("riscv.virt-plic.hypercall_null.hv_insns", 235, 80),
    ("riscv.virt-plic.irq_uart.hv_insns_median", 54530, 500),
    ("riscv.virt-plic.ipi.hv_insns_total", 814 + 267, 350),
    ("riscv.virt-plic.boot_1vm_64m.hv_insns", 766509, 50000),
    ("riscv.virt-plic.size.text_bytes", 36500, 32768),
    ("riscv.virt-aia.hypercall_null.hv_insns", 235, 80),
    ("riscv.virt-aia.irq_uart.hv_insns_median", 0, None),
    ("riscv.virt-aia.ipi_sbi.hv_insns_total", 808 + 243, None),
    ("riscv.virt-aia.size.text_bytes", 36500, 32768),
]

# Others' figures of other machines: to know what is usual, not to compare.
ELSEWHERE = [
    ("EL2 instructions per device interrupt: Bao 188 (119 memory accesses), Jailhouse 225, Xen 1,418, seL4 about 7,700; direct injection 0",
     "raw data of RTAS 2023, on a ZCU104: real hardware, other versions"),
    ("EL2 instructions per guest IPI: Jailhouse 236, Bao 592, Xen 915, seL4 2,343", "the same"),
    ("Linux MiBench slow-down: Bao 0.36 %, Xen 0.53 %", "the same; time, which an emulator does not show"),
    ("Bao's RISC-V .text is given as 36 to 37 KB without guest, its GICv3 UART interrupt as an SPI's; its AIA delivers a UART's interrupt"
     " as an MSI without an exit, where our guest ends a level by one store", "counted here, in other systems than ours"),
]
