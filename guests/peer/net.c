/* SPDX-License-Identifier: Apache-2.0 */
/* As much of a network as ping needs: RFC 826 (ARP), RFC 791 (IPv4), RFC 792 (echo), over Ethernet. */
#include "peer.h"

#define ETHERNET  14U
#define ARP_BYTES 28U
#define IP_BYTES  20U

static const uint8_t own_address[6] = { 0x02, 'P', 'E', 'E', 'R', 0 };

static void copy(uint8_t *to, const uint8_t *from, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        to[i] = from[i];
    }
}

static void answer_arp(uint8_t *out, const uint8_t *in)
{
    out[7] = 2; /* reply */
    copy(out + 8, own_address, 6);
    copy(out + 14, in + 24, 4); /* whom it asks for */
    copy(out + 18, in + 8, 10);
}

/* Addresses swapped leave IP's sum as it is; another type changes that of ICMP by as much (RFC 1624). */
static void answer_echo(uint8_t *out, const uint8_t *in)
{
    uint32_t sum = (uint32_t)in[IP_BYTES + 2U] << 8 | in[IP_BYTES + 3U];

    copy(out + 12, in + 16, 4);
    copy(out + 16, in + 12, 4);
    sum += 8U << 8;
    sum = (sum & 0xffffU) + (sum >> 16);
    out[IP_BYTES] = 0; /* echo reply */
    out[IP_BYTES + 2U] = (uint8_t)(sum >> 8);
    out[IP_BYTES + 3U] = (uint8_t)sum;
}

bool net_answer(uint8_t *out, const uint8_t *in, uint32_t length)
{
    uint32_t type = 0;
    const uint8_t *body = in + ETHERNET;

    if (length < ETHERNET + ARP_BYTES) {
        return false;
    }
    type = (uint32_t)in[12] << 8 | in[13];
    copy(out, in, length);
    copy(out, in + 6, 6);
    copy(out + 6, own_address, 6);
    if (type == 0x0806U && body[7] == 1U) {
        answer_arp(out + ETHERNET, body);
        return true;
    }
    if (type == 0x0800U && body[0] == 0x45U && body[9] == 1U && body[IP_BYTES] == 8U) {
        answer_echo(out + ETHERNET, body);
        return true;
    }
    return false;
}
