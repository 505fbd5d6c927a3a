/* SPDX-License-Identifier: Apache-2.0 */
/* ESR_EL2 of an exception taken from EL2 to EL2 (DDI 0487 D24.2.41). PURE. */
#include "arch/armv8/own_fault.h"

#define VECTOR_SYNC   4U
#define VECTOR_SERROR 7U

#define EC_UNKNOWN   0x00U
#define EC_IABT_SAME 0x21U
#define EC_PC_ALIGN  0x22U
#define EC_DABT_SAME 0x25U
#define EC_SP_ALIGN  0x26U
#define EC_BRK       0x3cU

#define ISS_WNR         (1U << 6)
#define FSC             0x3fU
#define FSC_TYPE        0x3cU /* the type of a fault that has a level in its two low bits */
#define FSC_TRANSLATION 0x04U
#define FSC_PERMISSION  0x0cU
#define FSC_EXTERNAL    0x10U
#define FSC_ALIGNMENT   0x21U

static const char *fetch_text(uint32_t fsc)
{
    if ((fsc & FSC_TYPE) == FSC_TRANSLATION) {
        return "execution of an address that is not mapped";
    }
    return (fsc & FSC_TYPE) == FSC_PERMISSION ? "execution of what is not code" : "instruction abort";
}

static const char *access_text(uint32_t fsc, bool write, bool guard)
{
    if ((fsc & FSC_TYPE) == FSC_TRANSLATION) {
        if (guard) {
            return "stack overflow";
        }
        return write ? "write to an address that is not mapped" : "read of an address that is not mapped";
    }
    if ((fsc & FSC_TYPE) == FSC_PERMISSION) {
        return write ? "write to what is read-only" : "data abort";
    }
    if (fsc == FSC_ALIGNMENT) {
        return "unaligned access";
    }
    return fsc == FSC_EXTERNAL ? "external abort" : "data abort";
}

const char *own_fault_text(uint64_t vector, uint64_t esr, bool guard)
{
    uint32_t fsc = (uint32_t)esr & FSC;
    if (vector != VECTOR_SYNC) {
        return vector == VECTOR_SERROR ? "SError" : "interrupt while interrupts are masked";
    }
    switch ((esr >> 26) & 0x3fU) {
    case EC_UNKNOWN:
        return "undefined instruction";
    case EC_IABT_SAME:
        return fetch_text(fsc);
    case EC_PC_ALIGN:
        return "unaligned PC";
    case EC_DABT_SAME:
        return access_text(fsc, (esr & ISS_WNR) != 0U, guard);
    case EC_SP_ALIGN:
        return "unaligned stack pointer";
    case EC_BRK:
        return "breakpoint instruction";
    default:
        return "exception";
    }
}
