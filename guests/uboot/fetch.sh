#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fetch.sh OUT [riscv]: fetches Debian's unmodified U-Boot for QEMU's arm64 or riscv64 `virt` into OUT (build/uboot,
# build/riscv/uboot):
#   OUT/u-boot.bin   the raw program: on Armv8 it runs at EL1 or EL2 wherever it is put (on a page), on RISC-V at S level
#   OUT/version      file name of the package, with its version
# Downloads nothing when both are there. The package (u-boot-qemu, which needs not be installed) comes through a private
# apt root under OUT, with the mirror the machine's own apt sources name; signatures are checked, and nothing under
# /etc/apt is written. Needs no root. Exit 0, or 1 with a line that says what is missing.
set -u

case $#,${2:-} in
1,) config=qemu_arm64 ;;
2,riscv) config=qemu-riscv64_smode ;;
*)
    echo "usage: fetch.sh OUT [riscv]" >&2
    exit 2
    ;;
esac
out=$1
if [ -s "$out/u-boot.bin" ] && [ -s "$out/version" ]; then
    exit 0
fi

here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd) || exit 1
log=$out/fetch.log
: >"$log"

fail() {
    echo "fetch.sh: $1; details in $log" >&2
    exit 1
}

for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing: U-Boot comes as a Debian package"
done
codename=$(. /etc/os-release 2>>"$log" && echo "${VERSION_CODENAME:-}")
[ -n "$codename" ] || fail "/etc/os-release names no release: not a Debian machine"
conf=$("$here/../../tests/setup/aptroot.sh" --refresh "$out/apt" arm64 "$codename" 2>>"$log") ||
    fail "Debian's U-Boot is not in $out, and the mirror cannot be reached (no network?)"
export APT_CONFIG="$conf"

tmp=$out/tmp
rm -rf "$tmp" && mkdir -p "$tmp/deb" "$tmp/x" || exit 1
(cd "$tmp/deb" && apt-get -q download u-boot-qemu >>"$log" 2>&1) || fail "downloading u-boot-qemu failed"
for deb in "$tmp"/deb/*.deb; do
    dpkg-deb -x "$deb" "$tmp/x" 2>>"$log" || fail "$deb is damaged"
done
cp "$tmp/x/usr/lib/u-boot/$config/u-boot.bin" "$out/u-boot.bin.new" 2>>"$log" ||
    fail "u-boot-qemu holds no $config/u-boot.bin"
(cd "$tmp/deb" && ls) >"$out/version.new" || exit 1
mv "$out/u-boot.bin.new" "$out/u-boot.bin" && mv "$out/version.new" "$out/version" || exit 1
rm -rf "$tmp" "$out/apt"
