# SPDX-License-Identifier: Apache-2.0
"""Debian's U-Boot as the board's firmware: its environment, in the second flash, says what it does unattended."""

import zlib

import harness

PROGRAM = harness.OUT / "uboot" / "u-boot.bin"
ENVIRONMENT_BYTES = 0x40000
FLASH_BYTES = 64 << 20
DTB = 0x40000000  # QEMU puts the board's tree at the base of RAM


def environment(name, variables):
    """Writes a second flash with these variables; its path. A little-endian CRC-32, then NAME=VALUE, each with its NUL."""
    text = b"".join(("%s=%s" % v).encode() + b"\0" for v in variables.items())
    body = text.ljust(ENVIRONMENT_BYTES - 4, b"\0")
    path = harness.RUNS / (name + ".flash")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as f:
        f.write(zlib.crc32(body).to_bytes(4, "little") + body)
        f.write(b"\xff" * (FLASH_BYTES - ENVIRONMENT_BYTES))
    return path


def options(name, commands, image, address):
    """QEMU's options for U-Boot to run the commands with the image at the address, as if it had loaded it there."""
    flash = environment(name, {"bootdelay": "0", "bootcmd": "; ".join(commands), "fdt_high": "0xffffffffffffffff"})
    return ["-bios", str(PROGRAM), "-drive", "if=pflash,unit=1,format=raw,readonly=on,file=%s" % flash,
            "-device", "loader,file=%s,addr=0x%x,force-raw=on" % (image, address)]
