#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing: setup.sh GROUP...   (groups: unit image boot bench lint coverage fuzz model)
# Does nothing, and needs neither network nor root, when all is there. Otherwise it installs Debian packages with apt
# (through sudo if not root). Nothing under /etc/apt is written. Where it cannot, one line says what is missing and why.
# QEMU must be 10 or newer, OpenSBI 1.5 (its debug console): from the distribution, or on Debian 12 from its backports, with
# lists kept under build/.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${OUT:-$here/../../build}
qemu_min=10
opensbi_min=1.5

# group  package  probe  what for; a probe is an executable, a file, or module:NAME for python3.
needs() {
    cat <<'TABLE'
unit      make                   make                     building
unit      gcc                    gcc                      host programs
unit      libc6-dev              /usr/include/stdio.h     host programs
unit      libcmocka-dev          /usr/include/cmocka.h    unit tests
unit      device-tree-compiler   dtc                      board trees of the tests
unit      libfdt-dev             /usr/include/libfdt.h    hvplan
image     gcc-aarch64-linux-gnu  aarch64-linux-gnu-gcc    the hypervisor's image
image     gcc-riscv64-linux-gnu  riscv64-linux-gnu-gcc    the hypervisor's image
image     python3                /usr/bin/python3         checks
boot      python3                /usr/bin/python3         boot tests and demo
boot      python3-pytest         module:pytest            boot tests
boot      cpio                   cpio                     the initramfs of the Linux guest
boot      xz-utils               xz                       unpacking the Linux guest
boot      e2fsprogs              mke2fs                   a disk of the Linux guest
boot      libc6-dev-arm64-cross  /usr/aarch64-linux-gnu/lib/libc.a  programs of the Linux guest
boot      libc6-dev-riscv64-cross  /usr/riscv64-linux-gnu/lib/libc.a  programs of the Linux guest
boot      gdb-multiarch          gdb-multiarch            debugging the image
boot      qemu-system-arm        qemu:aarch64             the board
boot      qemu-system-misc       qemu:riscv64             the board
boot      opensbi                opensbi                  the board's firmware
bench     valgrind               valgrind                 instructions of host programs
bench     cloc                   cloc                     lines of source
bench     gnuplot-nox            gnuplot                  plots of the report
lint      python3                /usr/bin/python3         MISRA rules
lint      cppcheck               cppcheck                 MISRA rules
lint      clang-tidy             clang-tidy               clang-tidy
coverage  gcovr                  gcovr                    coverage report
fuzz      clang-14               clang-14                 fuzz targets
fuzz      libclang-rt-14-dev     libfuzzer                fuzz targets
model     spin                   spin                     models of protocols
TABLE
}

say() { echo "setup: $*"; }
die() { echo "setup: $*" >&2; exit 1; }

qemu_version() { "qemu-system-$1" --version 2>/dev/null | sed -nE '1s/.*version ([0-9]+).*/\1/p'; }

# new_enough PACKAGE VERSION: of those that have to be.
new_enough() {
    local least=$qemu_min
    [ "$1" != opensbi ] || least=$opensbi_min
    [ -n "$2" ] && dpkg --compare-versions "$2" ge "$least"
}

there() {
    case $1 in
    qemu:*) local v; v=$(qemu_version "${1#qemu:}"); [ "${v:-0}" -ge $qemu_min ] ;;
    opensbi) [ -e /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin ] &&
        new_enough opensbi "$(dpkg-query -W -f '${Version}' opensbi 2>/dev/null)" ;;
    module:*) [ -x /usr/bin/python3 ] && /usr/bin/python3 -c "import ${1#module:}" 2>/dev/null ;;
    libfuzzer) compgen -G '/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a' >/dev/null ;;
    /*) [ -e "$1" ] ;;
    *) PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null ;;
    esac
}

[ $# -gt 0 ] || set -- unit image boot
for group in "$@"; do
    needs | grep -q "^$group " || { echo "usage: setup.sh GROUP... (unit image boot bench lint coverage fuzz model)" >&2; exit 2; }
done

# Fills `missing` (packages) and `why` (the same with a reason, for people).
look() {
    missing=()
    why=
    local group package probe what
    while read -r group package probe what; do
        case " $wanted " in *" $group "*) ;; *) continue ;; esac
        case " ${missing[*]-} " in *" $package "*) continue ;; esac
        if ! there "$probe"; then
            missing+=("$package")
            why="$why${why:+, }$package (for $what)"
        fi
    done < <(needs)
}

wanted="$*"
look
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || die "missing: $why. There is no apt-get here to install them with."
sudo=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "missing: $why. Not root and no sudo: install them, or run 'make setup' as root."
    sudo=(sudo)
    if [ ! -t 0 ] && ! sudo -n true 2>/dev/null; then
        die "missing: $why. sudo asks for a password and there is no terminal: run 'make setup' as root."
    fi
fi
apt=("${sudo[@]+${sudo[@]}}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# quietly WHAT COMMAND...: shows the command's output only if it fails.
quietly() {
    local what=$1
    shift
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        die "missing: $why. $what failed (see above)."
    fi
}

# One installation at a time; another may have brought what was missing.
exec 9<"$0"
flock 9
look
[ ${#missing[@]} -gt 0 ] || exit 0
say "installing: ${missing[*]}"
ordinary=()
recent=()
for package in "${missing[@]}"; do
    case $package in qemu-system-* | opensbi) recent+=("$package") ;; *) ordinary+=("$package") ;; esac
done

# A source that does not answer is no reason to give up: the installation tells.
"${apt[@]}" -q update >"$log" 2>&1 </dev/null || { say "apt-get update had errors:"; grep '^[EW]:' "$log" | head -5 >&2 || true; }
if [ ${#ordinary[@]} -gt 0 ]; then
    quietly "apt-get install ${ordinary[*]}" "${apt[@]}" install -y -q --no-install-recommends "${ordinary[@]}"
fi

# The machine's own sources and one line more, in a root of its own: pinning and trust stay the machine's.
from_backports() {
    local h source_line uri key
    mkdir -p "$out/setup/backports/lists/partial" "$out/setup/backports/cache/archives/partial"
    h=$(cd "$out/setup/backports" && pwd)
    source_line=$("$here/mirror.sh" bookworm) || die "missing: $why. The machine's apt sources name no Debian 12 mirror."
    read -r uri key <<<"$source_line"
    cat /etc/apt/sources.list >"$h/sources.list" 2>/dev/null || : >"$h/sources.list"
    echo "deb [signed-by=$key] $uri bookworm-backports main" >>"$h/sources.list"
    local root=(-o Dir::Etc::sourcelist="$h/sources.list" -o Dir::State::lists="$h/lists" -o Dir::Cache="$h/cache"
                -o APT::Get::List-Cleanup=0 -o APT::Sandbox::User=root -o Acquire::Languages=none)
    "${apt[@]}" -q "${root[@]}" update >"$log" 2>&1 </dev/null || true
    quietly "installing ${recent[*]} from bookworm-backports" \
        "${apt[@]}" "${root[@]}" install -y -q --no-install-recommends -t bookworm-backports "${recent[@]}"
    rm -rf "$h/cache"
    [ ${#sudo[@]} -eq 0 ] || "${sudo[@]}" chown -R "$(id -u):$(id -g)" "$h"
}

if [ ${#recent[@]} -gt 0 ]; then
    old=
    for package in "${recent[@]}"; do
        offered=$(LC_ALL=C apt-cache policy "$package" 2>/dev/null |
            sed -nE 's/^ *Candidate: ([0-9]+:)?([0-9][^ ]*).*/\2/p')
        new_enough "$package" "$offered" || old="$old${old:+, }$package ${offered:-not at all}"
    done
    if [ -z "$old" ]; then
        quietly "apt-get install ${recent[*]}" "${apt[@]}" install -y -q --no-install-recommends "${recent[@]}"
    elif grep -q '^VERSION_CODENAME=bookworm' /etc/os-release 2>/dev/null; then
        from_backports
    else
        die "missing: $why. This distribution offers $old; needed are QEMU $qemu_min and OpenSBI $opensbi_min: install them by hand."
    fi
fi

look
[ ${#missing[@]} -eq 0 ] || die "still missing after installation: $why. Is an older one first in PATH?"
say "done"
