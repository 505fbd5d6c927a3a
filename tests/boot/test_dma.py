# SPDX-License-Identifier: Apache-2.0
"""A device that reads and writes memory by itself, given to a VM that the plan trusts with that (trusted-dma): the VM's RAM has
its physical addresses, which are what the device knows."""

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


def disk():
    """An ext4 file system that holds one file."""
    tree = harness.RUNS / "dma-disk"
    tree.mkdir(parents=True, exist_ok=True)
    (tree / "greeting").write_text(GREETING)
    image = harness.RUNS / "dma-disk.img"
    image.write_bytes(b"")
    subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext4", "-d", tree, image, "32M"], check=True)
    return image


def file_on(image, name):
    """What the file system holds, as the host reads it."""
    return subprocess.run(["/sbin/debugfs", "-R", "cat /" + name, image], check=True, capture_output=True).stdout


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
        for name in MODULES:
            assert m.command_output("linux", "busybox insmod /modules/%s.ko" % name).strip() == ""
        m.command_output("linux", "mkdir /mnt; mount -t ext4 /dev/vda /mnt")
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
