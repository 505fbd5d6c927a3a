/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identification-register table for the boot tests. A host program:
 *   cc -Ihv/include -Ihv -I. tests/boot/vidreg_dump.c hv/vdev/vidreg.c -o vidreg_dump
 *
 *   vidreg_dump           one line per field: crm op2 shift width give|hide|cap value register.field
 *   vidreg_dump -e        reads lines "crm op2 host" (host in hexadecimal, what the CPU itself has) and
 * prints "crm op2 guest", what a guest must read there
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/vidreg_table.h"
#include "vdev/vidreg.h"

static const char *const policy_name[] = {
    [VIDREG_GIVE] = "give", [VIDREG_HIDE] = "hide", [VIDREG_CAP] = "cap"};

static int expect(void)
{
    unsigned crm, op2;
    uint64_t host;
    int n;
    while ((n = scanf("%u %u %" SCNx64, &crm, &op2, &host)) == 3) {
        printf("%u %u %016" PRIx64 "\n", crm, op2, vidreg_value(SYSREG_ENC(3, 0, 0, crm, op2), host));
    }
    return n == EOF ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "-e") == 0) {
        return expect();
    }
    if (argc != 1) {
        fprintf(stderr, "usage: %s [-e]\n", argv[0]);
        return 2;
    }
    for (size_t i = 0; i < sizeof(vidreg_table) / sizeof(vidreg_table[0]); i++) {
        const struct vidreg_row *r = &vidreg_table[i];
        printf("%u %u %u %u %s %" PRIu64 " %s.%s\n", r->crm, r->op2, r->shift, r->width,
               policy_name[r->policy], r->value, r->reg, r->name);
    }
    return 0;
}
