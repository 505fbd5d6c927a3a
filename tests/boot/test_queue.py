# SPDX-License-Identifier: Apache-2.0
"""Two guests exchange messages and values over a channel by guests/lib/shm.h; each is restarted in the middle of it."""

import harness

COUNT, DIE = 6000, 2500  # messages of each life of the producer; those after which the consumer's first life ends
CHANNEL = {"endpoints": {"put": {"output": "64K"}, "take": {"output": "4K"}}}


def guest(role, more=""):
    return {"name": role, "vcpus": 1, "memory": harness.SMALL, "image": "guests/queue.bin", "on-reset": "restart",
            "bootargs": "role=%s count=%d%s" % (role, COUNT, more)}


def test_messages_and_values_are_whole_and_in_order_over_restarts_of_both_sides():
    """What was acknowledged has arrived, nothing twice but the message that the consumer had in its hands."""
    vms = [guest("put"), guest("take", " die=%d" % DIE)]
    image = harness.pack("queue", vms, root={"channels": {"c": CHANNEL}})
    with harness.Machine(image, ["uart"], name="queue", shared=["put", "take"]) as m:
        m.allow(r"vm (put|take): restarted \(1\)")
        m.expect("put", r"queue: put: life 1; of the one before 0 were acknowledged")
        m.expect("take", r"queue: take: life 1\b")
        m.expect("take", r"queue: take: life 2\b")
        acknowledged = int(m.expect("put", r"queue: put: life 2; of the one before (\d+) were acknowledged").group(1))
        end = m.expect("take", r"queue: take: (\d+) and (\d+) messages, (\d+) again, (\d+) wrong; some values, (\d+) wrong, the last (\d+)\s")
        m.expect("put", r"queue: put: all %d of life 2 are acknowledged" % COUNT)
        m.wait_exit()
    first, second, again, wrong, wrong_values, last_value = map(int, end.groups())
    assert DIE <= acknowledged <= first <= COUNT, (acknowledged, first)
    assert (second, again, wrong, wrong_values) == (COUNT, 1, 0, 0)
    assert COUNT < last_value <= 2 * COUNT  # the port counts on over the writer's lives
