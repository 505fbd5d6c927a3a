/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doorbells of channels: an interrupt of the receiver's VM that no device drives, made pending by another VM's call, or since another
 * VM started or ended. A GIC's or an APLIC's is made pending at the physical controller, and takes the way of any interrupt from there:
 * no lock of the receiver's is taken, and its CPU is interrupted only if the interrupt is enabled. It coalesces with what is pending;
 * one that comes after the receiver's acknowledgement, also before its end of interrupt, comes again. One that was on its way as the
 * receiver's VM ended may come to the next life, which finds nothing new then.
 */
#ifndef HV_VDEV_DOORBELL_H
#define HV_VDEV_DOORBELL_H

#include "core/channel.h"

/* Boot CPU, after virqc_init_all: all channels, and their doorbells. The log tells of errors: those of channels_init(), and HV_ERR_MACHINE,
 * if the controller does not let a doorbell be rung. */
enum hv_status doorbell_init_all(const struct plan *plan) MUST_CHECK;

/* A call of a guest: channel_ring(), and the ring itself. What the caller stored before is visible to whoever takes the interrupt. */
enum channel_ring doorbell_ring(const struct vm *vm, uint64_t channel, uint64_t end);

/* The VM starts, or has ended: it stands in its discovery pages, and then all who run and have a channel with it are rung. By the CPU that
 * starts it, before it does / for which vm_reap() was true. */
void doorbell_vm_runs(const struct vm *vm);
void doorbell_vm_stopped(const struct vm *vm);

#endif
