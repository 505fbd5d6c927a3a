# SPDX-License-Identifier: Apache-2.0
"""The state of QEMU's devices, as it writes it into a migration stream: all that a device holds, also where no debugger
reads (the registers of a GICv2 are banked by the CPU that reads them, and QEMU's debugger is none).

The stream is taken while the machine stands still, and without its RAM, which has to be a file for that: options(). At its
end the stream describes itself in JSON (QEMU, docs/devel/migration/main.rst, "Stream structure")."""

import json
import time

SECTION_FULL, SUBSECTION, VMDESCRIPTION = b"\x04", b"\x05", b"\x06"


def options(size, folder):
    """QEMU options by which RAM, of `size` as -m has it, is a file that is gone when QEMU is."""
    return ["-object", "memory-backend-file,id=ram,size=%s,mem-path=%s,share=on" % (size, folder),
            "-machine", "memory-backend=ram"]


def _word(data, at):
    return int.from_bytes(data[at:at + 4], "big")


class _Reader:
    def __init__(self, data, at):
        self.data, self.at = data, at

    def take(self, size):
        self.at += size
        return self.data[self.at - size:self.at]

    def string(self):
        return self.take(self.take(1)[0])

    def field(self, description):
        if "struct" in description:
            return self.fields(description["struct"])
        return int.from_bytes(self.take(description["size"]), "big")

    def fields(self, description):
        """{name: number, or list of numbers or of such}; subsections are fields too."""
        found = {}
        for f in description.get("fields", []):
            n = f.get("array_len")
            found[f["name"]] = self.field(f) if n is None else [self.field(f) for _ in range(n)]
        for s in description.get("subsections", []):
            assert self.take(1) == SUBSECTION and self.string().decode() == s["vmsd_name"], s["vmsd_name"]
            self.take(4)  # version
            found[s["vmsd_name"]] = self.fields(s)
        return found


def _device(stream, description):
    name, instance = description["name"].encode(), description["instance_id"]
    header = bytes([len(name)]) + name + instance.to_bytes(4, "big") + description["version"].to_bytes(4, "big")
    at = stream.find(header)
    assert at >= 5 and stream[at - 5:at - 4] == SECTION_FULL, description["name"]
    return _Reader(stream, at + len(header)).fields(description)


class DeviceState:
    """qmp: of a machine that has options(); scratch: a file to write to."""

    def __init__(self, qmp, scratch):
        self.qmp, self.scratch = qmp, scratch
        qmp.execute("migrate-set-capabilities", capabilities=[{"capability": "x-ignore-shared", "state": True}])

    def device(self, name, instance=0):
        """Fields of the device that QEMU's stream calls that."""
        return self.devices((name, instance))[0]

    def devices(self, *wanted):
        """The same of several (name, instance), as they are at one time."""
        self.qmp.execute("migrate", uri="file:%s" % self.scratch)
        end = time.monotonic() + 60
        while (status := self.qmp.execute("query-migrate"))["status"] not in ("completed", "failed"):
            assert time.monotonic() < end, status
            time.sleep(0.005)
        assert status["status"] == "completed", status
        stream = self.scratch.read_bytes()
        self.scratch.unlink()
        at = stream.rfind(b'{"configuration"')
        assert stream[at - 5:at - 4] == VMDESCRIPTION and _word(stream, at - 4) == len(stream) - at
        there = {(d["name"], d["instance_id"]): d for d in json.loads(stream[at:])["devices"]}
        missing = [w for w in wanted if w not in there]
        assert not missing, "QEMU's stream has no device %s" % missing
        return [_device(stream, there[w]) for w in wanted]
