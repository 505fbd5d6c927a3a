// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network interface over a channel: a message is an Ethernet frame. NAPI receives and wakes the sender; while it runs the peer need not
 * ring. There is a carrier while the peer runs, its interface is up, and it has answered. Senders are serialized by the queue's lock, NAPI
 * takes it too where it looks at what is sent.
 */
#include "link.h"

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netdevice.h>

static char *net[16];
static unsigned int nr_net;
module_param_array(net, charp, &nr_net, 0444);
MODULE_PARM_DESC(net, "labels of channels that are network interfaces, bhk0 and so on, and have no messages by read and write");

struct bulkhead_net {
    struct bulkhead_channel *ch;
    struct net_device *dev;
    struct napi_struct napi;
    u32 life; /* of the peer, in which it was asked to answer */
};

/* With the queue's lock. A place for a frame; if there is none the queue is stopped, and the peer will ring. */
static int reserve(struct bulkhead_net *n, void **place)
{
    int err = bulkhead_link_reserve(n->ch->link, place);

    if (err == -EAGAIN) {
        netif_stop_queue(n->dev);
        bulkhead_link_want_room(n->ch->link, true);
        err = bulkhead_link_reserve(n->ch->link, place);
    }
    if (err != -EAGAIN && bulkhead_link_wants_room(n->ch->link)) {
        bulkhead_link_want_room(n->ch->link, false);
        netif_wake_queue(n->dev);
    }
    return err;
}

static netdev_tx_t bulkhead_xmit(struct sk_buff *skb, struct net_device *dev)
{
    struct bulkhead_net *n = netdev_priv(dev);
    void *place;
    int err = reserve(n, &place);

    if (err == -EAGAIN) {
        return NETDEV_TX_BUSY;
    }
    if (err != 0 || skb->len > bulkhead_link_payload(n->ch->link) || skb_copy_bits(skb, 0, place, skb->len) != 0) {
        dev->stats.tx_dropped++;
    } else {
        bulkhead_link_send(n->ch->link, skb->len);
        dev->stats.tx_packets++;
        dev->stats.tx_bytes += skb->len;
    }
    dev_consume_skb_any(skb);
    (void)reserve(n, &place); /* for the next one: it stops the queue */
    return NETDEV_TX_OK;
}

/* The sender's side: room again, an answer, another state of the peer's. A new life of it has a driver only when that has answered. */
static void look_at_sending(struct bulkhead_net *n)
{
    struct netdev_queue *queue = netdev_get_tx_queue(n->dev, 0);
    u32 state = READ_ONCE(n->ch->info->end[n->ch->link->peer].state);
    bool answered;
    void *place;

    __netif_tx_lock(queue, smp_processor_id());
    if (CHANNEL_GENERATION(state) != n->life) {
        n->life = CHANNEL_GENERATION(state);
        bulkhead_link_send_anew(n->ch->link);
    }
    (void)reserve(n, &place);
    answered = bulkhead_link_answered(n->ch->link);
    __netif_tx_unlock(queue);
    if (answered && bulkhead_link_peer_is_up(n->ch->link, state)) {
        netif_carrier_on(n->dev);
    } else {
        netif_carrier_off(n->dev);
    }
}

/* What lies in the slot may change while it is copied: it is looked at in the copy alone. */
static void deliver(struct bulkhead_net *n, const void *frame, u32 length)
{
    struct sk_buff *skb = length >= ETH_HLEN ? napi_alloc_skb(&n->napi, length) : NULL;

    if (skb == NULL) {
        n->dev->stats.rx_dropped++;
        return;
    }
    skb_put_data(skb, frame, length);
    skb->protocol = eth_type_trans(skb, n->dev);
    n->dev->stats.rx_packets++;
    n->dev->stats.rx_bytes += length;
    napi_gro_receive(&n->napi, skb);
}

/* One frame, or what is none; false: there is nothing. */
static bool receive(struct bulkhead_net *n)
{
    const void *frame;
    u32 length;

    switch (bulkhead_link_peek(n->ch->link, &frame, &length)) {
    case 0:
        deliver(n, frame, length);
        bulkhead_link_release(n->ch->link);
        return true;
    case -EAGAIN:
        return false;
    case -ECONNRESET: /* another life */
        return true;
    default:
        n->dev->stats.rx_errors++;
        return true;
    }
}

/* Takes up to `budget` frames; how many. */
static int receive_up_to(struct bulkhead_net *n, int budget)
{
    int done = 0;

    while (done < budget && receive(n)) {
        done++;
    }
    if (done != 0) {
        bulkhead_link_released(n->ch->link);
    }
    return done;
}

static int bulkhead_napi(struct napi_struct *napi, int budget)
{
    struct bulkhead_net *n = container_of(napi, struct bulkhead_net, napi);
    int done;

    bulkhead_link_want_messages(n->ch->link, false);
    done = receive_up_to(n, budget);
    look_at_sending(n);
    if (done < budget) {
        /* What came before the wish was seen comes without a ring; what rings before napi_complete_done() is not forgotten by it. */
        bulkhead_link_want_messages(n->ch->link, true);
        done += receive_up_to(n, budget - done);
    }
    if (done < budget) {
        napi_complete_done(napi, done);
    }
    return done;
}

static int bulkhead_net_open(struct net_device *dev)
{
    struct bulkhead_net *n = netdev_priv(dev);

    n->life = 0; /* NAPI begins a session, when it sees which one it is */
    bulkhead_link_begin(n->ch->link);
    netif_start_queue(dev);
    napi_enable(&n->napi);
    bulkhead_link_tell_up(n->ch->link, true); /* who is rung for it may answer at once */
    local_bh_disable();
    napi_schedule(&n->napi); /* for what is there already */
    local_bh_enable();
    return 0;
}

static int bulkhead_net_stop(struct net_device *dev)
{
    struct bulkhead_net *n = netdev_priv(dev);

    bulkhead_link_tell_up(n->ch->link, false);
    napi_disable(&n->napi);
    netif_tx_disable(dev);
    netif_carrier_off(dev);
    bulkhead_link_want_messages(n->ch->link, false);
    bulkhead_link_want_room(n->ch->link, false);
    return 0;
}

static const struct net_device_ops bulkhead_net_ops = {
    .ndo_open = bulkhead_net_open,
    .ndo_stop = bulkhead_net_stop,
    .ndo_start_xmit = bulkhead_xmit,
    .ndo_validate_addr = eth_validate_addr,
    .ndo_set_mac_address = eth_mac_addr,
};

/* Not scheduled, by the bits that it has then, while the interface is down. */
static void on_ring(void *context)
{
    struct bulkhead_net *n = context;

    napi_schedule(&n->napi);
}

static void give_up(void *data)
{
    struct net_device *dev = data;

    unregister_netdev(dev);
    free_netdev(dev);
}

static bool is_named(const struct bulkhead_channel *ch)
{
    unsigned int i;

    for (i = 0; i < nr_net; i++) {
        if (strcmp(net[i], ch->label) == 0) {
            return true;
        }
    }
    return false;
}

static struct net_device *make(struct bulkhead_channel *ch)
{
    const u8 address[ETH_ALEN] = { 0x02, 'B', 'H', 'K', ch->info->number, ch->self }; /* locally administered; each end's own */
    struct net_device *dev = alloc_etherdev(sizeof(struct bulkhead_net));
    struct bulkhead_net *n;

    if (dev == NULL) {
        return NULL;
    }
    n = netdev_priv(dev);
    n->ch = ch;
    n->dev = dev;
    SET_NETDEV_DEV(dev, ch->dev);
    strscpy(dev->name, "bhk%d", sizeof(dev->name));
    eth_hw_addr_set(dev, address);
    dev->netdev_ops = &bulkhead_net_ops;
    dev->max_mtu = bulkhead_link_payload(ch->link) - ETH_HLEN;
    netif_napi_add(dev, &n->napi, bulkhead_napi);
    netif_carrier_off(dev);
    ch->on_ring = on_ring;
    ch->context = n;
    return dev;
}

int bulkhead_net_init(struct bulkhead_channel *ch)
{
    struct net_device *dev;
    int err;

    if (!is_named(ch)) {
        return 0;
    }
    if (ch->link == NULL || !ch->doorbell) {
        return dev_err_probe(ch->dev, -EOPNOTSUPP, "no interface: it takes two endpoints with outputs, and doorbells\n");
    }
    dev = make(ch);
    if (dev == NULL) {
        return -ENOMEM;
    }
    ch->use = BULKHEAD_NET;
    ch->users = 1;
    err = register_netdev(dev);
    if (err != 0) {
        free_netdev(dev);
        return err;
    }
    return devm_add_action_or_reset(ch->dev, give_up, dev);
}
