/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

bool telemetry_begin(struct telemetry *t, const struct shm_port *port, const struct shm_queue *queue, uint32_t life)
{
    for (uint32_t i = 0; i < TELEMETRY_WORDS; i++) {
        t->value[i] = 0;
    }
    t->value[TELEMETRY_LIFE] = life;
    return shm_writer_init(&t->out, port) == SHM_OK && shm_consumer_init(&t->in, queue, life) == SHM_OK;
}

void telemetry_show(struct telemetry *t)
{
    shm_port_write(&t->out, t->value);
}

/* Told before it is released: telemetry.h. */
static void answer(struct telemetry *t, uint64_t id, bool done)
{
    t->value[TELEMETRY_ID] = id;
    t->value[TELEMETRY_ANSWER] = done ? 1U : 0U;
    t->value[done ? TELEMETRY_COMMANDS : TELEMETRY_REFUSED]++;
    telemetry_show(t);
    (void)shm_release(&t->in);
}

static bool can_be_done(const struct telemetry_command *c)
{
    switch (c->code) {
    case TELEMETRY_RESET:
        return c->argument == 0U;
    case TELEMETRY_SET_PERIOD:
        return c->argument >= TELEMETRY_PERIOD_MIN && c->argument <= TELEMETRY_PERIOD_MAX;
    default:
        return false;
    }
}

/* Each word once: what is checked is what is done, whatever the other side writes meanwhile. */
static void copy(struct telemetry_command *c, const void *payload)
{
    const shm_word *word = payload;

    c->code = shm_read(&word[0]);
    c->argument = shm_read(&word[1]);
    c->id = shm_read(&word[2]);
}

bool telemetry_take(struct telemetry *t, struct telemetry_command *c, bool *told)
{
    const void *payload = NULL;
    uint32_t length = 0;
    enum shm_status s = shm_peek(&t->in, &payload, &length);

    *told = s == SHM_OK || s == SHM_BAD_LENGTH;
    *c = (struct telemetry_command){0};
    if (s == SHM_BAD_PEER) {
        shm_consumer_reset(&t->in);
    }
    if (!*told) {
        return false;
    }
    if (s == SHM_OK && length == sizeof(*c)) {
        copy(c, payload);
    }
    if (!can_be_done(c)) {
        answer(t, c->id, false);
        return false;
    }
    *told = false;
    return true;
}

void telemetry_done(struct telemetry *t, const struct telemetry_command *c)
{
    answer(t, c->id, true);
}
