/* SPDX-FileCopyrightText: 2026 The Pyrometer authors
 * SPDX-License-Identifier: Apache-2.0 */
#include "remote/recorder_meta.h"

#include <unistd.h>

struct fact {
    const char *key;
    uint64_t number;
};

static bool set_numbers(struct pyr_meta *meta, const struct fact *facts, size_t count,
                        struct pyr_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const uint64_t number = facts[i].number;
        if (!pyr_meta_set_number(meta, facts[i].key,
                                 number > INT64_MAX ? INT64_MAX : (int64_t)number, err)) {
            return false;
        }
    }
    return true;
}

static bool set_texts(struct pyr_meta *meta, const struct pyr_recorder_facts *facts,
                      struct pyr_err *err)
{
    char host[256] = "";
    (void)gethostname(host, sizeof host - 1);
    return pyr_meta_set_text(meta, PYR_META_COLLECTOR, "record", err) &&
           pyr_meta_set_text(meta, PYR_META_COMMAND, facts->command, err) &&
           pyr_meta_set_text(meta, PYR_META_HOST, host, err) &&
           pyr_meta_set_text(meta, PYR_META_PYTHON, facts->python, err) &&
           pyr_meta_set_text(meta, PYR_META_PYROMETER, PYROMETER_VERSION, err) &&
           pyr_meta_set_text(meta, PYR_META_MODE, facts->mode, err);
}

/* The first round is at the very beginning, so that there is one more than the time has room for:
 * that is not more than was asked for. */
static uint64_t rate_reached(const struct pyr_recorder_facts *facts)
{
    const double seconds = (double)facts->duration_ns / 1e9;
    const double asked = (double)facts->rate * 1000;
    const double reached = seconds <= 0 ? 0 : (double)facts->counts.rounds * 1000 / seconds + 0.5;
    return (uint64_t)(reached > asked ? asked : reached);
}

bool pyr_recorder_set_meta(struct pyr_meta *meta, const struct pyr_recorder_facts *facts,
                           struct pyr_err *err)
{
    const struct pyr_sampler_counts *counts = &facts->counts;
    const struct fact numbers[] = {
        {PYR_META_PID, facts->pid},
        {PYR_META_START_NS, facts->start_unix_ns},
        {PYR_META_DURATION_NS, facts->duration_ns},
        {PYR_META_RATE_ASKED, facts->rate},
        {PYR_META_RATE_REACHED, rate_reached(facts)},
        {PYR_META_ROUNDS, counts->rounds},
        {PYR_META_SAMPLES, counts->samples},
        {PYR_META_SAMPLES_EXACT, counts->exact},
        {PYR_META_LOST_ROUNDS, counts->late},
        {PYR_META_LOST_TORN, counts->torn},
        {PYR_META_LOST_SAMPLES, counts->lost},
        {PYR_META_LOST_THREADS, facts->threads_folded},
        {PYR_META_LOST_FOLDED, facts->folded},
        {PYR_META_NODE_LIMIT, facts->node_limit},
        {PYR_META_FINISHED, facts->finished},
    };
    return set_texts(meta, facts, err) &&
           set_numbers(meta, numbers, sizeof numbers / sizeof numbers[0], err);
}
