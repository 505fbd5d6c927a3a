/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of guests/lib/shm.h as its accesses to memory, which may be performed in any order but as acquire and release say
 * (and accesses of one side to one word in program order). All see one memory, as Armv8 (DDI 0487 B2.3, other-multi-copy atomic) and
 * RISC-V (RVWMO) have it. Each side has up to two messages under way at once; either may be ended at any point, with what it
 * had not performed yet undone, and begins again.
 *
 * Unlike tests/unit/shm_model.c, which runs the code itself over C11's memory, this says which order is needed for what, and it moves
 * loads behind later stores and stores before earlier loads.
 *
 * Defects, which run.sh has Spin find, one at a time: an access that orders nothing; a producer that does not wait for the answer
 * -DHEAD_STORE -DHEAD_LOAD -DTAIL_STORE -DTAIL_LOAD -DHASTY: these.
 */
#define N     5 /* messages of each session */
#define SLOTS 2
#define TAG(s, n) ((s) * 16 + (n) + 1)
#ifndef PRODUCERS
#define PRODUCERS 3 /* lives */
#endif
#ifndef CONSUMERS
#define CONSUMERS 3
#endif

#ifdef HEAD_STORE
#define NEEDS_WRITTEN(i) true
#else
#define NEEDS_WRITTEN(i) (a[i] && b[i])
#endif
#ifdef HEAD_LOAD
#define NEEDS_SEEN(i) (base + i < N)
#else
#define NEEDS_SEEN(i) (base + i < seen)
#endif
#ifdef TAIL_STORE
#define NEEDS_READ(i) true
#else
#define NEEDS_READ(i) (a[i] && b[i])
#endif
#ifdef TAIL_LOAD
#define NEEDS_ROOM(i) (answered && base + i < N)
#else
#define NEEDS_ROOM(i) ROOM(i)
#endif

/* Shared memory: two words, and the two halves of each slot. */
byte head_s, head_n, tail_s, tail_n;
byte half_a[SLOTS], half_b[SLOTS];

/* Not part of it: what was released last, for the assertions. */
byte released_s, released_n;

#define ROOM(i) (answered && base + i < N && base + i - taken < SLOTS)
#define SLOT(i) ((base + i) % SLOTS)

active proctype producer()
{
    byte session = 0, base, taken;
    bool answered, a[2], b[2], s[2]; /* of messages base and base + 1: halves written, head stored */

begin:
    skip;
    d_step {
        session++; base = 0; taken = 0;
#ifdef HASTY
        answered = true;
#else
        answered = false;
#endif
        a[0] = false; a[1] = false; b[0] = false; b[1] = false; s[0] = false; s[1] = false;
        head_s = session; head_n = 0
    }
end_producer:
    do
    :: d_step { tail_s == session && (!answered || tail_n != taken) ->
        assert(tail_n <= base + 2 && tail_n >= taken && (tail_n == 0 || (released_s == session && released_n >= tail_n)));
        taken = tail_n; answered = true }
    :: d_step { !a[0] && NEEDS_ROOM(0) -> half_a[SLOT(0)] = TAG(session, base); a[0] = true }
    :: d_step { !b[0] && NEEDS_ROOM(0) -> half_b[SLOT(0)] = TAG(session, base); b[0] = true }
    :: d_step { !a[1] && ROOM(0) && NEEDS_ROOM(1) -> half_a[SLOT(1)] = TAG(session, base + 1); a[1] = true }
    :: d_step { !b[1] && ROOM(0) && NEEDS_ROOM(1) -> half_b[SLOT(1)] = TAG(session, base + 1); b[1] = true }
    :: d_step { !s[0] && ROOM(0) && NEEDS_WRITTEN(0) -> head_n = base + 1; s[0] = true }
    :: d_step { !s[1] && s[0] && ROOM(1) && NEEDS_WRITTEN(1) -> head_n = base + 2; s[1] = true }
    :: d_step { a[0] && b[0] && s[0] ->
        base++; a[0] = a[1]; b[0] = b[1]; s[0] = s[1]; a[1] = false; b[1] = false; s[1] = false }
    :: session < PRODUCERS -> goto begin
    od
}

active proctype consumer()
{
    byte life = 0, session, base, seen, got_a[2], got_b[2];
    bool a[2], b[2], t[2];

begin:
    skip;
    d_step {
        life++;
        session = tail_s; base = tail_n; seen = tail_n;
        a[0] = false; a[1] = false; b[0] = false; b[1] = false; t[0] = false; t[1] = false
    }
end_consumer:
    do
    :: d_step { head_s == session && head_n != seen -> seen = head_n }
    :: d_step { head_s != 0 && head_s != session && base == seen && !t[0] ->
        session = head_s; base = head_n; seen = head_n;
        a[0] = false; a[1] = false; b[0] = false; b[1] = false;
        tail_s = session; tail_n = base }
    :: d_step { !a[0] && NEEDS_SEEN(0) -> got_a[0] = half_a[SLOT(0)]; a[0] = true }
    :: d_step { !b[0] && NEEDS_SEEN(0) -> got_b[0] = half_b[SLOT(0)]; b[0] = true }
    :: d_step { !a[1] && NEEDS_SEEN(1) -> got_a[1] = half_a[SLOT(1)]; a[1] = true }
    :: d_step { !b[1] && NEEDS_SEEN(1) -> got_b[1] = half_b[SLOT(1)]; b[1] = true }
    :: d_step { !t[0] && base < seen && NEEDS_READ(0) -> tail_n = base + 1; t[0] = true; released_s = session; released_n = base + 1 }
    :: d_step { a[0] && b[0] && t[0] ->
        assert(got_a[0] == TAG(session, base) && got_b[0] == TAG(session, base)); /* whole, and the one whose turn it is */
        base++; got_a[0] = got_a[1]; got_b[0] = got_b[1]; got_a[1] = 0; got_b[1] = 0;
        a[0] = a[1]; b[0] = b[1]; t[0] = t[1]; a[1] = false; b[1] = false; t[1] = false }
    :: life < CONSUMERS -> goto begin
    od
}

/* When nothing is left to do, all of the last session has been delivered. */
active proctype finished()
{
    timeout -> assert(head_s == PRODUCERS && tail_s == PRODUCERS && head_n == N && tail_n == N)
}
