/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
/* Reading from beside while the target runs: the stack of the GIL's holder, its thread state, and
 * the stack again, all in one call. The other threads can't run Python while the GIL's words stay
 * the same, so one copy of theirs will do.
 *
 * What can't be told apart so is read once with the target frozen, which also teaches the calls
 * that later comparisons go by. That is done seldom enough not to be felt. */
#include "remote/sampler_state.h"

#define OWN_TRIES 4      /* of one thread, until it is asked in another way */
#define ISLAND_TRIES 3   /* of all at once, while the GIL changes hands */
#define PROOFS_PER_S 500 /* readings of a frozen target, at most */
#define OLDEST_DATA_STACK                                                                          \
    11 /* frames that were popped before are taken apart at once, so that                          \
          hardly any copy is whole */
#define NS_PER_S 1000000000ull

struct comparing {
    struct pyr_sampler *sampler;
    struct island *island;
    uint32_t index;
};

static enum pyr_lane_result decode_copy(struct pyr_sampler *sampler, struct tracked *thread,
                                        int copy, struct pyr_raw_stack *stack, bool *further)
{
    enum pyr_lane_result result = sampler_decode_copy(sampler, thread, copy, stack, further);
    *further = *further || result == PYR_LANE_AGAIN;
    if (result != PYR_LANE_OK) {
        stack->count = 0;
    }
    return result;
}

/* Both copies, around the thread's state. */
static bool add_both(struct pyr_sampler *sampler, struct tracked *thread)
{
    const struct pyr_layout *layout = &sampler->target->layout;
    struct pyr_lane *lane = &thread->lane;
    if (!sampler_plan_lane(sampler, thread, 2)) {
        return false;
    }
    sampler_add_pieces(sampler, thread, 0);
    pyr_batch_add(&sampler->batch, lane->thread, lane->state, layout->thread_size,
                  &lane->state_read);
    sampler_add_pieces(sampler, thread, 1);
    return true;
}

/* May the target be stopped in its tracks once more? */
static bool may_prove(struct pyr_sampler *sampler, uint64_t now_ns)
{
    if (!sampler->can_freeze) {
        return false;
    }
    if (pyr_layout_minor(&sampler->target->layout) < OLDEST_DATA_STACK) {
        return true;
    }
    uint64_t step = NS_PER_S / PROOFS_PER_S;
    uint64_t earliest = now_ns > NS_PER_S ? now_ns - NS_PER_S : 0;
    if (sampler->proofs_ns < earliest) {
        sampler->proofs_ns = earliest; /* what was not used for a second is lost */
    }
    if (sampler->proofs_ns + step > now_ns) {
        return false;
    }
    sampler->proofs_ns += step;
    return true;
}

/* What the two copies of a thread are worth. ISLAND_LOST: nothing yet; `*unknown`: they are whole,
 * but not known, so that trying again will hardly help. */
static enum island_result compare(struct pyr_sampler *sampler, struct tracked *thread,
                                  bool *unknown)
{
    struct pyr_raw_stack *first = &thread->stacks[!thread->now];
    struct pyr_raw_stack *second = &sampler->second;
    bool further = false;
    enum pyr_lane_result a = decode_copy(sampler, thread, 0, first, &further);
    enum pyr_lane_result b = decode_copy(sampler, thread, 1, second, &further);
    if (further || a == PYR_LANE_FAILED || (a != PYR_LANE_OK && b != PYR_LANE_OK && a != b) ||
        (a == PYR_LANE_TORN && b == PYR_LANE_TORN)) {
        return ISLAND_LOST;
    }
    const struct pyr_edges *edges = sampler->can_freeze ? &sampler->edges : NULL;
    struct pyr_raw_stack spare;
    switch (pyr_compare(first, second, &thread->stacks[thread->now], edges)) {
    case PYR_COMPARE_EQUAL:
        /* Both may be wrong in the same way, where no calls are known to hold them to. */
        sampler_accept(sampler, thread, edges != NULL ? PYR_SAMPLE_EXACT : PYR_SAMPLE_LIKELY);
        return ISLAND_READ;
    case PYR_COMPARE_SECOND:
        spare = *first;
        *first = *second;
        *second = spare;
        sampler_accept(sampler, thread, PYR_SAMPLE_LIKELY);
        return ISLAND_READ;
    case PYR_COMPARE_FIRST:
        sampler_accept(sampler, thread, PYR_SAMPLE_LIKELY);
        return ISLAND_READ;
    case PYR_COMPARE_UNKNOWN:
    default:
        *unknown = edges != NULL;
        return ISLAND_LOST;
    }
}

/* The frames that both copies have, with a mark for those that can't be proved. */
static bool accept_torn(struct pyr_sampler *sampler, struct tracked *thread)
{
    struct pyr_raw_stack *first = &thread->stacks[!thread->now];
    uint32_t stable = pyr_stack_stable(first, &sampler->second);
    if (stable == first->count && stable > 0) {
        stable--; /* equal, but not known: the innermost call is in doubt at least */
    }
    while (stable > 0) {
        struct pyr_raw_stack sure = {.frames = first->frames + (first->count - stable),
                                     .count = stable};
        if (!sampler->can_freeze || pyr_edges_has(&sampler->edges, &sure, 0)) {
            break;
        }
        stable--;
    }
    if (stable == 0 || !pyr_stack_cut(first, stable)) {
        return false;
    }
    sampler_accept(sampler, thread, PYR_SAMPLE_TORN);
    return true;
}

/* Reads one thread by itself. */
static enum island_result read_thread(struct comparing *in, struct tracked *thread)
{
    struct pyr_sampler *sampler = in->sampler;
    struct island *island = in->island;
    bool unknown = false;
    for (int tries = 0; tries < OWN_TRIES && !unknown; tries++) {
        pyr_batch_clear(&sampler->batch);
        sampler_add_island(sampler, island, 0);
        if (!add_both(sampler, thread)) {
            return ISLAND_GONE;
        }
        sampler_add_island(sampler, island, 1);
        if (!pyr_batch_read(&sampler->batch, sampler->target->memory)) {
            return ISLAND_GONE;
        }
        if (!island->gil_read[0] || !island->gil_read[1]) {
            return ISLAND_OUTDATED;
        }
        if (!sampler_state_holds(sampler, thread)) {
            sampler->outdated = true; /* it has ended, or the one after it in the list */
            return ISLAND_LOST;
        }
        struct pyr_gil_words now = sampler_words(sampler, island, 1);
        /* What was read of the others holds as of the words before these. */
        island->proved = island->proved && now.holder == island->words.holder &&
                         now.switches == island->words.switches;
        island->words = now;
        enum island_result result = compare(sampler, thread, &unknown);
        if (result == ISLAND_READ) {
            return ISLAND_READ;
        }
        sampler->counts.retries++;
    }
    return ISLAND_LOST;
}

/* One call for all: two copies of the holder's stack, one of the others' that may have run. */
static enum island_result read_together(struct comparing *in, uint32_t holder)
{
    struct pyr_sampler *sampler = in->sampler;
    struct island *island = in->island;
    pyr_batch_clear(&sampler->batch);
    sampler_add_island(sampler, island, 0);
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island == in->index && thread->wanted && i != holder &&
            !sampler_add_lane(sampler, thread)) {
            return ISLAND_GONE;
        }
    }
    if (holder != NO_THREAD && !add_both(sampler, &sampler->tracked[holder])) {
        return ISLAND_GONE;
    }
    sampler_add_island(sampler, island, 1);
    if (!pyr_batch_read(&sampler->batch, sampler->target->memory)) {
        return ISLAND_GONE;
    }
    if (!island->gil_read[0] || !island->gil_read[1]) {
        return ISLAND_OUTDATED;
    }
    if (!sampler_list_holds(sampler, in->index)) {
        if (sampler->listed_ns != sampler->now_ns) {
            return ISLAND_OUTDATED;
        }
        sampler_keep_members(sampler, in->index);
    }
    return ISLAND_READ;
}

static bool is_steady(const struct pyr_sampler *sampler, const struct island *island,
                      const struct pyr_gil_words *expected)
{
    struct pyr_gil_words before = sampler_words(sampler, island, 0);
    struct pyr_gil_words after = sampler_words(sampler, island, 1);
    return island->gil != 0 && before.holder == expected->holder &&
           before.switches == expected->switches && after.holder == before.holder &&
           after.switches == before.switches;
}

static void choose(struct comparing *in, const struct pyr_gil_words *now, uint32_t holder)
{
    struct pyr_sampler *sampler = in->sampler;
    const struct island *island = in->island;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island == in->index) {
            thread->wanted = (!island->proved || !thread->has_stack || i == holder ||
                              pyr_bracket_may_have_run(&island->words, now, thread->lane.thread)) &&
                             (!sampler->options.only_gil || i == holder);
        }
    }
}

static bool accept_others(struct comparing *in, uint32_t holder)
{
    struct pyr_sampler *sampler = in->sampler;
    bool further = false;
    bool ok = true;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island != in->index || i == holder || sampler->options.only_gil) {
            continue;
        }
        if (!thread->wanted && thread->has_stack) {
            sampler_accept_unchanged(thread);
        }
        if (!thread->wanted) {
            continue;
        }
        enum pyr_lane_result result =
            decode_copy(sampler, thread, 0, &thread->stacks[!thread->now], &further);
        if (further || (result != PYR_LANE_OK && result != PYR_LANE_EMPTY)) {
            ok = false; /* the next reading knows where its frames are */
            further = false;
            continue;
        }
        sampler_accept(sampler, thread, PYR_SAMPLE_EXACT);
        thread->wanted = false;
    }
    return ok;
}

/* Looks at the GIL first, to know whose stack moves and whose can't have. */
static enum island_result look(struct comparing *in, struct pyr_gil_words *now)
{
    struct pyr_sampler *sampler = in->sampler;
    pyr_batch_clear(&sampler->batch);
    sampler_add_island(sampler, in->island, 1);
    if (!pyr_batch_read(&sampler->batch, sampler->target->memory)) {
        return ISLAND_GONE;
    }
    *now = sampler_words(sampler, in->island, 1);
    return in->island->gil_read[1] ? ISLAND_READ : ISLAND_OUTDATED;
}

static enum island_result read_many(struct comparing *in)
{
    struct pyr_sampler *sampler = in->sampler;
    for (int tries = 0; tries < ISLAND_TRIES; tries++) {
        struct pyr_gil_words now;
        enum island_result result = look(in, &now);
        if (result != ISLAND_READ) {
            return result;
        }
        uint32_t holder = sampler_find(sampler, now.holder);
        choose(in, &now, holder);
        result = read_together(in, holder);
        if (result != ISLAND_READ) {
            return result;
        }
        if (!is_steady(sampler, in->island, &now)) {
            sampler->counts.retries++;
            continue;
        }
        in->island->words = now;
        in->island->words.locked = sampler_words(sampler, in->island, 1).locked;
        bool ok = accept_others(in, holder);
        bool unknown = false;
        in->island->proved = ok;
        if (holder == NO_THREAD) {
            return ISLAND_READ;
        }
        struct tracked *thread = &sampler->tracked[holder];
        return thread->wanted ? compare(sampler, thread, &unknown) : ISLAND_LOST;
    }
    in->island->proved = false;
    return ISLAND_LOST;
}

/* Reads by itself whatever has no sample yet. */
static enum island_result read_rest(struct comparing *in)
{
    struct pyr_sampler *sampler = in->sampler;
    enum island_result worst = ISLAND_READ;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island != in->index || thread->sampled ||
            (sampler->options.only_gil && thread->lane.thread != in->island->words.holder)) {
            continue;
        }
        enum island_result result = read_thread(in, thread);
        if (result == ISLAND_LOST) {
            worst = ISLAND_LOST;
            thread->has_stack = false;
        } else if (result != ISLAND_READ) {
            return result;
        }
    }
    return worst;
}

static void tear_rest(struct comparing *in)
{
    struct pyr_sampler *sampler = in->sampler;
    for (uint32_t i = 0; i < sampler->tracked_count; i++) {
        struct tracked *thread = &sampler->tracked[i];
        if (thread->island == in->index && !thread->sampled &&
            i == sampler_find(sampler, in->island->words.holder)) {
            (void)accept_torn(sampler, thread);
        }
    }
}

/* One reading with the target frozen. */
static enum island_result prove(struct comparing *in)
{
    struct pyr_sampler *sampler = in->sampler;
    pyr_priority_raise(&sampler->priority);
    enum island_result result = sampler_read_frozen(sampler, in->index);
    (void)pyr_freeze_leave(&sampler->freeze); /* where there is one CPU only, it stays */
    pyr_priority_lower(&sampler->priority);
    if (result == ISLAND_BARRED) {
        sampler->can_freeze = false;
        return ISLAND_LOST;
    }
    return result;
}

enum island_result sampler_read_beside(struct pyr_sampler *sampler, uint32_t index, bool may_freeze)
{
    struct comparing in = {sampler, &sampler->islands[index], index};
    bool single = sampler->tracked_count == 1 || in.island->swaps;
    enum island_result result = single ? ISLAND_LOST : read_many(&in);
    if (result == ISLAND_LOST) {
        result = read_rest(&in);
    }
    if (result == ISLAND_LOST && may_freeze && may_prove(sampler, sampler->now_ns)) {
        result = prove(&in);
    }
    if (result == ISLAND_LOST) {
        tear_rest(&in);
    }
    return result;
}
