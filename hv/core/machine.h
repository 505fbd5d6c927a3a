/* SPDX-License-Identifier: Apache-2.0 */
/* Is this the machine, and this the image, that the plan was made for? Boot CPU, before anything is built. */
#ifndef HV_CORE_MACHINE_H
#define HV_CORE_MACHINE_H

#include "hv/plan.h"

/*
 * Checks, in this order, and logs one line for the first thing wrong: the plan itself, the load address, the
 * hypervisor's checksum, the console, the interrupt controller's kind, the time base, what the firmware offers, the counter's
 * frequency, the physical address width, RAM's last page, this CPU's place in the plan,
 * its extensions.
 * On HV_OK *cpu is the logical number of the calling CPU.
 */
enum hv_status machine_check(const struct plan *plan, uint64_t load_pa, unsigned *cpu) MUST_CHECK;

/* The calling CPU is the one that the plan has by this number, and has what the plan needs: HV_OK, HV_ERR_MACHINE, or
 * HV_ERR_UNSUPPORTED if it lacks an extension that its guest is told of. Logs nothing: any CPU, before its guest runs. */
enum hv_status machine_check_cpu(const struct plan *plan, unsigned cpu) MUST_CHECK;

/* Verifies the images whose VMs ask for it, and their pristine copies, through a temporary mapping. Logs the first that is damaged. */
enum hv_status machine_check_images(const struct plan *plan) MUST_CHECK;

/* If the plan describes a cache: logs what this CPU reports of it, with a warning where the two contradict each other. Not an
 * error: what is reported need not be true (struct llc_report). Says nothing where nothing is reported. */
void machine_say_cache(const struct plan *plan);

#endif
