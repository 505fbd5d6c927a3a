/* SPDX-License-Identifier: Apache-2.0 */
/* The shared console as firmware calls use it, beside the emulated UART or in its place. */
#include "core/console.h"
#include "vdev/vconsole.h"
#include "vdev/vconsole_state.h"
#include "vdev/virqc.h"

bool vconsole_shared(const struct vm *vm)
{
    return vm->plan->vuart_irq != 0U;
}

uint32_t vconsole_write(struct vcpu *v, const uint8_t *bytes, uint32_t n)
{
    const struct vm *vm = v->vm;
    struct vconsole *c = &vconsoles[vm->index];
    bool tell = false;

    if (!vconsole_shared(vm)) {
        return 0;
    }
    spin_lock(&c->lock);
    for (uint32_t i = 0; i < n; i++) {
        tell = console_put(vm->index, (char)bytes[i]) || tell;
    }
    spin_unlock(&c->lock);
    if (tell) {
        console_tell();
    }
    return n;
}

/* Lock held. What was typed goes into the receiver of the emulated UART first, of which a guest that has firmware calls
 * alone knows nothing: so from there first, since it is the older. */
static bool take(const struct vm *vm, struct vconsole *c, uint8_t *byte)
{
    if (c->uart.rx.count == 0U) {
        return console_get(vm->index, byte);
    }
    *byte = vuart_fifo_take(&c->uart.rx);
    return true;
}

uint32_t vconsole_read(struct vcpu *v, uint8_t *bytes, uint32_t max)
{
    struct vm *vm = v->vm;
    struct vconsole *c = &vconsoles[vm->index];
    uint32_t n = 0;

    if (!vconsole_shared(vm)) {
        return 0;
    }
    spin_lock(&c->lock);
    while (n < max && take(vm, c, &bytes[n])) {
        n++;
    }
    bool line = vuart_line(&c->uart);
    if (line != c->line) {
        c->line = line;
        virqc_set_line(vm, vm->plan->vuart_irq, line);
    }
    spin_unlock(&c->lock);
    return n;
}
