#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# headers.sh OUT [armv8|riscv]: what builds a module for the kernel that fetch.sh has put into OUT (build/debian, or
# build/riscv/debian): Debian's headers of just that kernel and the programs of kbuild for this machine, unpacked under OUT/headers;
# nothing is installed.
#   OUT/headers/kernel   the folder that `make -C` is told
#   OUT/headers/version  file names of the packages, with their versions
# Packages come as fetch.sh's do: through private apt roots, with signatures checked. Downloads nothing when all of it is there
# and of the kernel in OUT. armv8: from this machine's release, as the kernel. riscv: from trixie, whose installer has the kernel; if
# its kbuild asks for a newer C library than this machine has, that comes as well. Exit 0, or 1 with a line that says what is missing.
set -u

usage() {
    echo "usage: headers.sh OUT [armv8|riscv]" >&2
    exit 2
}
[ $# -eq 1 ] || [ $# -eq 2 ] || usage
isa=${2:-armv8}
case $isa in armv8 | riscv) ;; *) usage ;; esac
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$1" && pwd) || exit 1
log=$out/headers.log
: >"$log"

fail() {
    echo "headers.sh: $1; details in $log" >&2
    exit 1
}

# What the kernel says of itself: Linux version ABI (...) ... Debian VERSION (date)
says=$(grep -aom1 'Linux version [0-9][^ ]* (.* Debian [^ ]* (' "$out/Image" 2>>"$log") || fail "there is no kernel of Debian's in $out"
abi=$(printf %s "$says" | sed -E 's/^Linux version ([^ ]*) .*/\1/')
version=$(printf %s "$says" | sed -E 's/.* Debian ([^ ]*) \($/\1/')
grep -qsF "linux-headers-${abi}_${version}_" "$out/headers/version" && [ -e "$out/headers/kernel/Makefile" ] && exit 0

for tool in apt-get dpkg dpkg-deb; do
    command -v "$tool" >/dev/null 2>&1 || fail "$tool is missing: the headers come as Debian packages"
done
codename=$(. /etc/os-release 2>>"$log" && echo "${VERSION_CODENAME:-}")
[ -n "$codename" ] || fail "/etc/os-release names no release: not a Debian machine"
if [ "$isa" = armv8 ]; then
    debian=arm64
    suite=$codename
else
    debian=riscv64
    suite=trixie
fi
new=$out/headers.new
rm -rf "$new" && mkdir -p "$new/deb" || exit 1

# get ARCHITECTURE PACKAGE...: unpacked.
get() {
    conf=$("$here/../../tests/setup/aptroot.sh" --refresh "$new/apt" "$1" "$suite" 2>>"$log") ||
        fail "the headers of $abi are not in $out, and the mirror cannot be reached (no network?)"
    shift
    (cd "$new/deb" && APT_CONFIG="$conf" apt-get -q download "$@" >>"$log" 2>&1) ||
        fail "downloading $* failed (if the mirror has only another kernel by now: remove $out, and both are fetched again)"
}
# ABI-cloud-arm64 and ABI-riscv64 have what is not of a flavour in packages of ABI, kbuild perhaps of the series alone.
base=${abi%%-cloud-*}
base=${base%-riscv64}
get "$debian" "linux-headers-$abi=$version" "linux-headers-$base-common=$version"
kbuild=linux-kbuild-$base
[ "$isa" = riscv ] || kbuild=linux-kbuild-$(printf %s "$abi" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/')
host=$(dpkg --print-architecture)
get "$host" "$kbuild"
for deb in "$new"/deb/*.deb; do
    dpkg-deb -x "$deb" "$new" 2>>"$log" || fail "$deb is damaged"
done

# modpost starts one that is for the target's order and length of words. It is a script, if that one wants the newer library.
modpost=$(echo "$new"/usr/lib/linux-kbuild-*/scripts/mod/modpost)
if [ -e "$modpost.real-lsb-64" ] && ! "$modpost.real-lsb-64" >>"$log" 2>&1; then
    get "$host" libc6
    dpkg-deb -x "$new"/deb/libc6_*.deb "$new/libc" 2>>"$log" || fail "libc6 is damaged"
    cat >"$modpost" <<'SCRIPT'
#!/bin/sh
libc=$(cd "$(dirname "$0")" && cd "$(pwd -P)/../../../../../libc/usr/lib" && pwd)
ld=$(echo "$libc"/*/ld-linux-*.so.*)
exec "$ld" --library-path "${ld%/*}" "$0.real-lsb-64" "$@"
SCRIPT
fi
# The one absolute path in them.
kernel=usr/src/linux-headers-$abi
sed -i "s|include /usr/src/|include \$(dir \$(lastword \$(MAKEFILE_LIST)))../|" "$new/$kernel/Makefile" &&
    ln -s "$kernel" "$new/kernel" && (cd "$new/deb" && ls) >"$new/version" || exit 1
rm -rf "$new/deb" "$new/apt" "$out/headers"
mv "$new" "$out/headers"
