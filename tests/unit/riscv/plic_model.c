/* SPDX-License-Identifier: Apache-2.0 */
#include "plic_model.h"

static void gateway(struct plic_model *m, unsigned s)
{
    if (m->exists[s] && m->level[s] && !m->waiting[s]) {
        m->waiting[s] = true;
        m->ip[s] = true;
    }
}

void model_reset(struct plic_model *m)
{
    for (unsigned s = 0; s < MODEL_SOURCES; s++) {
        m->waiting[s] = false;
        m->ip[s] = false;
        m->priority[s] = 0;
        for (unsigned c = 0; c < MODEL_CONTEXTS; c++) {
            m->ie[c][s] = false;
            m->threshold[c] = 0;
        }
        gateway(m, s);
    }
}

void model_line(struct plic_model *m, unsigned source, bool level)
{
    m->level[source] = level;
    gateway(m, source);
}

bool model_eip(const struct plic_model *m, unsigned context)
{
    for (unsigned s = 1; s < MODEL_SOURCES; s++) {
        if (m->ip[s] && m->ie[context][s] && m->priority[s] > m->threshold[context]) {
            return true;
        }
    }
    return false;
}

static uint32_t claim(struct plic_model *m, unsigned context)
{
    unsigned best = 0;
    for (unsigned s = 1; s < MODEL_SOURCES; s++) {
        bool candidate = m->ip[s] && m->ie[context][s] && m->priority[s] > 0U;
        if (candidate && (best == 0U || m->priority[s] > m->priority[best])) {
            best = s;
        }
    }
    m->ip[best] = false;
    return best;
}

static void complete(struct plic_model *m, unsigned context, uint32_t source)
{
    bool claimed = source < MODEL_SOURCES && m->waiting[source] && !m->ip[source];
    if (claimed && m->ie[context][source]) {
        m->waiting[source] = false;
        gateway(m, source);
    }
}

uint32_t model_read(struct plic_model *m, uint32_t offset, unsigned size)
{
    uint32_t val = 0;
    if (size != 4U || offset % 4U != 0U) {
        return 0;
    }
    if (offset < 0x1000U) {
        return m->priority[offset / 4U];
    }
    if (offset >= 0x1000U && offset < 0x1080U) {
        for (unsigned i = 0; i < 32U; i++) {
            val |= (uint32_t)m->ip[(offset - 0x1000U) * 8U + i] << i;
        }
        return val;
    }
    if (offset >= 0x2000U && offset < 0x1f2000U) {
        unsigned context = (offset - 0x2000U) / 0x80U;
        unsigned first = (offset - 0x2000U) % 0x80U * 8U;
        for (unsigned i = 0; context < m->contexts && i < 32U; i++) {
            val |= (uint32_t)m->ie[context][first + i] << i;
        }
        return val;
    }
    if (offset >= 0x200000U && (offset - 0x200000U) / 0x1000U < m->contexts) {
        unsigned context = (offset - 0x200000U) / 0x1000U;
        unsigned reg = offset % 0x1000U;
        return reg == 0U ? m->threshold[context] : reg == 4U ? claim(m, context) : 0U;
    }
    return 0;
}

void model_write(struct plic_model *m, uint32_t offset, unsigned size, uint32_t val)
{
    if (size != 4U || offset % 4U != 0U) {
        return;
    }
    if (offset < 0x1000U) {
        m->priority[offset / 4U] = m->exists[offset / 4U] ? val % 8U : 0U;
    } else if (offset >= 0x2000U && offset < 0x1f2000U) {
        unsigned context = (offset - 0x2000U) / 0x80U;
        unsigned first = (offset - 0x2000U) % 0x80U * 8U;
        for (unsigned i = 0; context < m->contexts && i < 32U; i++) {
            m->ie[context][first + i] = m->exists[first + i] && (val >> i & 1U) != 0U;
        }
    } else if (offset >= 0x200000U && (offset - 0x200000U) / 0x1000U < m->contexts) {
        unsigned context = (offset - 0x200000U) / 0x1000U;
        if (offset % 0x1000U == 0U) {
            m->threshold[context] = val % 8U;
        } else if (offset % 0x1000U == 4U) {
            complete(m, context, val);
        }
    }
}
