/* SPDX-License-Identifier: Apache-2.0 */
/* The field list becomes one constant word per register, and one entry for each field with a maximum, so that
 * a read costs a few instructions: guests read these registers on every CPU at boot. */
#include "vdev/vidreg.h"

#include "vdev/vidreg_fields.h"

struct cap {
    uint8_t reg;
    uint8_t shift;
    uint8_t width;
    uint8_t max;
};

#define FIELD_MASK(shift, width) (((~(uint64_t)0) >> (64U - (width))) << (shift))

#define GIVES_GIVE 1U
#define GIVES_HIDE 0U
#define GIVES_CAP  0U

#define OR_GIVE(r, name, shift, width, policy, value, why)                                                   \
    | ((uint64_t)GIVES_##policy * FIELD_MASK(shift, width))
#define REG_GIVE(reg, crm, op2) [VIDREG_INDEX(crm, op2)] = 0U VIDREG_##reg(OR_GIVE, 0),

/* Bits taken from the hardware as they are. */
static const uint64_t give[VIDREG_COUNT] = {VIDREG_LIST(REG_GIVE)};

#define ENTRY_GIVE(r, shift, width, max)
#define ENTRY_HIDE(r, shift, width, max)
#define ENTRY_CAP(r, shift, width, max)                    {r, shift, width, max},
#define ADD_CAP(r, name, shift, width, policy, value, why) ENTRY_##policy(r, shift, width, value)
#define REG_CAPS(reg, crm, op2)                            VIDREG_##reg(ADD_CAP, VIDREG_INDEX(crm, op2))

static const struct cap caps[] = {VIDREG_LIST(REG_CAPS)};

bool vidreg_is(uint32_t enc)
{
    return enc >= SYSREG_ENC(3, 0, 0, 1, 0) && enc <= SYSREG_ENC(3, 0, 0, 7, 7);
}

uint64_t vidreg_value(uint32_t enc, uint64_t host)
{
    if (!vidreg_is(enc)) {
        return 0;
    }
    uint32_t reg = enc - SYSREG_ENC(3, 0, 0, 1, 0);
    uint64_t v = host & give[reg];
    for (unsigned i = 0; i < ARRAY_SIZE(caps); i++) {
        if (caps[i].reg == reg) {
            uint64_t have = (host & FIELD_MASK(caps[i].shift, caps[i].width)) >> caps[i].shift;
            v |= (have < caps[i].max ? have : caps[i].max) << caps[i].shift;
        }
    }
    return v;
}
