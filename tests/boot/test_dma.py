# SPDX-License-Identifier: Apache-2.0
"""A device that reads and writes memory by itself, given to a VM that the plan trusts with that (trusted-dma): the VM's RAM has
its physical addresses, which are what the device knows."""

import re
import subprocess

import harness

# The transports of QEMU's virt are 0x200 apart, so that eight share a page. The first disk is at the last of them.
TRANSPORTS = ["/virtio_mmio@%x" % (0xa003000 + 0x200 * n) for n in range(8)]
MODULES = ["virtio", "virtio_ring", "virtio_mmio", "virtio_blk"]
RT = {"name": "rt", "vcpus": 1, "memory": "16M", "image": "guests/rt.bin"}
GREETING = "written by the host\n" * 5000
MIB = 1 << 20


def initrd_with_modules():
    """The initramfs, and behind it another archive with the disk's drivers: Linux unpacks one after the other."""
    tree = harness.RUNS / "dma-modules"
    (tree / "modules").mkdir(parents=True, exist_ok=True)
    names = ["modules"]
    for name in MODULES:
        data = (harness.OUT / "debian/modules" / (name + ".ko")).read_bytes()
        (tree / "modules" / (name + ".ko")).write_bytes(data)
        names.append("modules/%s.ko" % name)
    archive = subprocess.run(["cpio", "--quiet", "-H", "newc", "-o"], cwd=tree, input="\n".join(names).encode(), check=True,
                             capture_output=True).stdout
    out = harness.RUNS / "dma-initrd.cpio"
    out.write_bytes((harness.OUT / "guests/initramfs.cpio").read_bytes() + archive)
    return out


def disk(name="dma-disk", greeting=GREETING):
    """An ext4 file system that holds one file."""
    tree = harness.RUNS / name
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "greeting").write_text(greeting)
    image = harness.RUNS / (name + ".img")
    image.write_bytes(b"")
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", "-d", tree, image, "32M"], check=True)
    return image


def file_on(image, name):
    """What the file system holds, as the host reads it."""
    return subprocess.run(["/sbin/debugfs", "-R", "cat /" + name, image], check=True, capture_output=True).stdout


def mount(m, vm):
    """The disk's drivers, then the disk itself, at /mnt."""
    for name in MODULES:
        assert m.command_output(vm, "busybox insmod /modules/%s.ko" % name).strip() == ""
    m.command_output(vm, "mkdir /mnt; mount -t ext4 /dev/vda /mnt")


def test_linux_owns_a_disk_by_trusted_dma_and_mounts_it():
    linux = {"name": "linux", "vcpus": 2, "memory": "256M", "image": "debian/Image", "initrd": str(initrd_with_modules()),
             "bootargs": "quiet", "trusted-dma": None, "devices": TRANSPORTS}
    drive = disk()
    extra = ["-drive", "file=%s,format=raw,if=none,id=disk" % drive, "-device", "virtio-blk-device,drive=disk"]
    image = harness.pack("dma", [linux, RT], extra=extra)
    with harness.Machine(image, ["uart"], extra=extra, name="dma", shared=["linux", "rt"]) as m:
        rt = harness.RtWatch(m)
        m.expect("hv", r"vm linux: .* TRUSTED DMA: its devices reach all memory")
        m.expect("linux", "linux# ")
        mount(m, "linux")
        assert m.command_output("linux", "wc -c < /mnt/greeting; grep -c host /mnt/greeting").split() == [str(len(GREETING)), "5000"]
        # Back and forth: what was written is read from the disk again.
        m.command_output("linux", "seq 200000 > /mnt/numbers; sync; echo 3 > /proc/sys/vm/drop_caches")
        assert m.command_output("linux", "wc -l < /mnt/numbers; tail -1 /mnt/numbers").split() == ["200000", "200000"]
        m.command_output("linux", "umount /mnt")
        rt.goes_on(500)
        m.send("linux", "poweroff -f\n")
        m.expect("hv", r"vm linux: powered off")
        m.give_focus("rt")
        m.send("rt", "q")
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
    assert file_on(drive, "numbers").endswith(b"\n200000\n") and len(file_on(drive, "numbers")) > MIB


def test_two_vms_that_share_a_page_have_a_disk_each():
    """The page of the transports is in both VMs, since both plans say `shared`; each has the interrupt of its own."""
    initrd = str(initrd_with_modules())
    vms, drives = [], []
    for n, transport in enumerate((TRANSPORTS[7], TRANSPORTS[6])):
        vms.append({"name": "linux%d" % n, "vcpus": 1, "memory": "160M", "image": "debian/Image", "initrd": initrd,
                    "bootargs": "quiet", "trusted-dma": None, "devices": transport, "shared": transport})
        drives.append(disk("dma-shared%d" % n, "disk %d\n" % n))
    extra = []
    for n, drive in enumerate(drives):
        extra += ["-drive", "file=%s,format=raw,if=none,id=disk%d" % (drive, n), "-device", "virtio-blk-device,drive=disk%d" % n]
    image = harness.pack("dma-shared", vms, extra=extra)
    with harness.Machine(image, ["uart"], extra=extra, name="dma-shared", shared=["linux0", "linux1"]) as m:
        m.expect("hv", r"vm linux0: SHARED PAGE: by /virtio_mmio@a003e00 it reaches .*/virtio_mmio@a003c00 of vm linux1")
        m.expect("hv", r"vm linux1: SHARED PAGE: by /virtio_mmio@a003c00 it reaches .*/virtio_mmio@a003e00 of vm linux0")
        for n in range(2):
            vm = "linux%d" % n
            m.give_focus(vm)
            m.send(vm, "\n")
            m.expect(vm, "linux# ")
            mount(m, vm)
            assert m.command_output(vm, "cat /mnt/greeting").strip() == "disk %d" % n
            m.command_output(vm, "seq %d000 > /mnt/numbers; sync; umount /mnt" % (n + 1))
            interrupts = m.command_output(vm, "grep virtio /proc/interrupts")
            assert [int(c) for c in re.findall(r":\s+(\d+)\s", interrupts)] > [0], interrupts
            m.send(vm, "poweroff -f\n")
            m.expect("hv", r"vm %s: powered off" % vm)
        m.expect("hv", r"all VMs ended; powering off")
        assert m.wait_exit() == 0
    for n, drive in enumerate(drives):
        assert file_on(drive, "numbers").endswith(b"\n%d000\n" % (n + 1))
