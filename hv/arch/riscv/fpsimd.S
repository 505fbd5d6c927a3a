/* SPDX-License-Identifier: Apache-2.0 */
/* void fpsimd_clear(void): floating point and vector registers of an earlier life go. sstatus.FS and VS are read-only 0 where
 * there are none (privileged architecture 1.13, 3.1.6.6). */
    .section .text.fpsimd, "ax"
    .global fpsimd_clear
    .option push
    .option arch, +f, +d, +v
fpsimd_clear:
    csrr    t0, sstatus
    srli    t1, t0, 13
    andi    t1, t1, 3
    beqz    t1, 1f
    .irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.d.x f\n, zero
    .endr
    fscsr   zero
1:  srli    t1, t0, 9
    andi    t1, t1, 3
    beqz    t1, 2f
    vsetvli t2, zero, e8, m8, ta, ma
    vmv.v.i v0, 0
    vmv.v.i v8, 0
    vmv.v.i v16, 0
    vmv.v.i v24, 0
    csrw    vcsr, zero
    csrw    vstart, zero
    vsetivli zero, 0, e8, m1, ta, ma
2:  ret
    .option pop
