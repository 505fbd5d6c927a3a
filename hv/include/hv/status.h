/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What functions inside the hypervisor answer. PSCI and SBI codes appear only at the edge (hv/fw).
 */
#ifndef HV_STATUS_H
#define HV_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))

enum hv_status {
    HV_OK = 0,
    HV_ERR_INVAL,       /* an argument that no caller may pass */
    HV_ERR_RANGE,       /* an address or number outside what the object covers */
    HV_ERR_ALIGN,       /* not aligned as required */
    HV_ERR_OVERLAP,     /* clashes with something that is there already */
    HV_ERR_NOMEM,       /* the page pool is exhausted */
    HV_ERR_NOENT,       /* nothing there */
    HV_ERR_PERM,        /* not the caller's */
    HV_ERR_STATE,       /* not possible in the present state */
    HV_ERR_UNSUPPORTED, /* this machine or version cannot */
    HV_ERR_CORRUPT,     /* checksum, magic or structure damaged */
    HV_ERR_MACHINE,     /* the machine is not the one planned for */
    HV_ERR_FIRMWARE,    /* the firmware refused */
};

#endif
