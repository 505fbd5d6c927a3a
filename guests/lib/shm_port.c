/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* The port: see shm.h, which says why it is right. */
#include "shm.h"

#define SLOTS_MIN 4U
#define SLOTS_MAX 0x10000U
#define WORDS_MAX 0x10000U

static bool shape_is_good(const struct shm_port *port)
{
    return port->slots >= SLOTS_MIN && port->slots <= SLOTS_MAX && (port->slots & (port->slots - 1U)) == 0U && port->words != 0U &&
           port->words <= WORDS_MAX;
}

size_t shm_port_bytes(const struct shm_port *port)
{
    return shape_is_good(port) ? SHM_LINE + (size_t)port->slots * port->words * sizeof(shm_word) : 0U;
}

static bool port_is_good(const struct shm_port *port)
{
    size_t needed = shm_port_bytes(port);

    return port->at != NULL && (uintptr_t)port->at % 8U == 0U && needed != 0U && port->bytes >= needed;
}

static shm_word *written_of(const struct shm_port *port)
{
    return port->at;
}

static shm_word *slot_of(const struct shm_port *port, uint64_t number)
{
    return (shm_word *)(void *)((uint8_t *)port->at + SHM_LINE) + (size_t)(number & (port->slots - 1U)) * port->words;
}

enum shm_status shm_writer_init(struct shm_writer *w, const struct shm_port *port)
{
    if (!port_is_good(port)) {
        return SHM_MISUSE;
    }
    w->port = *port;
    w->written = shm_read(written_of(port));
    return SHM_OK;
}

void shm_port_write(struct shm_writer *w, const uint64_t *value)
{
    shm_word *slot = slot_of(&w->port, w->written + 1U);

    shm_fence_release(); /* who reads any of what follows sees at least `written` as it is now */
    for (uint32_t i = 0; i < w->port.words; i++) {
        shm_write(&slot[i], value[i]);
    }
    w->written++;
    shm_publish(written_of(&w->port), w->written);
}

enum shm_status shm_port_read(const struct shm_port *port, uint64_t *value, uint64_t *number)
{
    if (!port_is_good(port)) {
        return SHM_MISUSE;
    }
    for (uint32_t k = 0; k < SHM_TRIES; k++) {
        uint64_t n = shm_acquire(written_of(port));
        const shm_word *slot = slot_of(port, n);

        if (n == 0U) {
            return SHM_EMPTY;
        }
        for (uint32_t i = 0; i < port->words; i++) {
            value[i] = shm_read(&slot[i]);
        }
        shm_fence_acquire();
        if (shm_read(written_of(port)) - n <= port->slots - 2U) {
            if (number != NULL) {
                *number = n;
            }
            return SHM_OK;
        }
    }
    return SHM_OVERRUN;
}
