#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The one place that holds each board's QEMU options.
#   qemu-board.sh BOARD           prints them on one line, for $(qemu-system... `qemu-board.sh BOARD` ...)
#   qemu-board.sh BOARD program   prints the name of the emulator
#   qemu-board.sh BOARD dtb OUT   writes the board's device tree to OUT, with the same options as a run has
# The caller adds what belongs to the run: -kernel, and one -serial per UART (as many as "uarts" below: on
# virt the second UART exists only if its -serial does). A later option wins over an earlier one, so tests add
# -smp or -cpu; for "dtb" such options stand in QEMU_EXTRA. BOARD_CPU=name is another CPU for all runs that say none, on boards
# whose CPU is not fixed.
# The tree of zcu102 is not QEMU's, which has none: it is Debian's (guests/boards/fetch.sh), under OUT.
set -eu

usage() {
    echo "usage: qemu-board.sh BOARD [program | dtb OUT]" >&2
    exit 2
}

[ $# -ge 1 ] || usage
case $1 in
virt-gicv2 | virt-gicv3)
    program=qemu-system-aarch64
    machine=virt,virtualization=on,gic-version=${1#virt-gicv}
    options="-cpu ${BOARD_CPU:-cortex-a53} -smp 4 -m 1G"
    dump=,dtb-randomness=off
    uarts=2
    ;;
virt-plic | virt-aia)
    program=qemu-system-riscv64
    machine=virt
    [ "$1" = virt-plic ] || machine=virt,aia=aplic-imsic,aia-guests=1
    options="-cpu ${BOARD_CPU:-rv64} -smp 4 -m 1G"
    dump=
    uarts=1
    ;;
zcu102)
    program=qemu-system-aarch64
    machine=xlnx-zcu102,virtualization=on
    options="-smp 4 -m 2G -audio none"
    tree=zynqmp-zcu102-rev1.0.dtb
    ;;
versal)
    # Four CPUs by default, two of which are Cortex-A72.
    program=qemu-system-aarch64
    machine=xlnx-versal-virt
    options="-m 2G"
    dump=
    uarts=2
    ;;
*)
    echo "qemu-board.sh: board $1 is not known (known: virt-gicv2 virt-gicv3 zcu102 versal virt-plic virt-aia)" >&2
    exit 2
    ;;
esac
# ship TREE OUT [OPTION VALUE]...: a tree that comes with the board. Of CPUs that -smp takes away it says that they are not there.
ship() {
    [ -s "$1" ] || { echo "qemu-board.sh: $1 is not there: run make guests BOARD=zcu102" >&2; exit 1; }
    cp "$1" "$2.new"
    new=$2.new
    shift 2
    while [ $# -gt 1 ]; do
        if [ "$1" = -smp ]; then
            for cpu in 0 1 2 3; do
                [ "$cpu" -lt "$2" ] || fdtput -t s "$new" "/cpus/cpu@$cpu" status disabled
            done
        fi
        shift
    done
}
common="-nic none -display none -monitor none -no-reboot"

case ${2:-options} in
options)
    echo "-M $machine $options $common"
    ;;
program)
    echo "$program"
    ;;
dtb)
    [ $# -eq 3 ] || usage
    if [ -n "${tree:-}" ]; then
        out=${OUT:-build}
        [ "${out#/}" != "$out" ] || out=$(dirname "$0")/../../$out
        # shellcheck disable=SC2086
        ship "$out/boards/$tree" "$3" ${QEMU_EXTRA:-}
        mv "$3.new" "$3"
        exit 0
    fi
    serial=
    while [ "$uarts" -gt 0 ]; do
        serial="$serial -serial null"
        uarts=$((uarts - 1))
    done
    # QEMU says on stderr where it wrote the tree; keep that for the case that it fails. Random seeds are left
    # out, so that the same options give the same bytes.
    # shellcheck disable=SC2086
    if ! text=$("$program" -M "$machine$dump,dumpdtb=$3.new" $options $common $serial ${QEMU_EXTRA:-} 2>&1); then
        echo "qemu-board.sh: $program cannot write the device tree of $1: $text" >&2
        exit 1
    fi
    if fdtget "$3.new" /chosen rng-seed >/dev/null 2>&1; then
        fdtput -d "$3.new" /chosen rng-seed
    fi
    mv "$3.new" "$3"
    ;;
*)
    usage
    ;;
esac
