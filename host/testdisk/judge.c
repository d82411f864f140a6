// SPDX-License-Identifier: BSD-2-Clause
/*
 * Applies a plan to requests as they arrive. Locks: td_lock is held by the caller. Called by submit alone.
 */
#include "host/testdisk/rng.h"
#include "host/testdisk/testdisk_internal.h"

static bool rule_selects(const struct testdisk_rule *rule, const struct host_disk_io *io)
{
    if ((rule->ops & 1u << io->hi_op) == 0) {
        return false;
    }
    if (!rule->ranged) {
        return true;
    }
    /* A flush has no sectors, and a rule about sectors means none. */
    return io->hi_len != 0 && io->hi_offset / TESTDISK_SECTOR <= rule->last &&
           (io->hi_offset + io->hi_len - 1) / TESTDISK_SECTOR >= rule->first;
}

static bool rule_strikes(const struct testdisk_rule *rule, uint64_t seen, uint64_t random)
{
    switch (rule->which) {
    case TESTDISK_EVERY:
        return seen % rule->n == 0;
    case TESTDISK_EXACTLY:
        return seen == rule->n;
    case TESTDISK_FROM:
        return seen >= rule->n;
    case TESTDISK_CHANCE:
        return testdisk_chance(random, (unsigned)rule->n);
    default:
        return true;
    }
}

/* Of several blocks at least one is done and one is not; of one, nothing. */
static uint64_t short_len(uint64_t len, uint32_t block, uint64_t random)
{
    uint64_t blocks = len / block;

    return blocks > 1 ? (1 + random % (blocks - 1)) * block : 0;
}

static void rule_apply(struct testdisk *td, const struct testdisk_rule *rule, const struct host_disk_io *io,
                       uint64_t seq, uint32_t block, struct verdict *verdict)
{
    uint64_t seed = td->plan.choice.seed;

    switch (rule->fault) {
    case TESTDISK_FAIL:
        verdict->status = HOST_EIO;
        break;
    case TESTDISK_NOSPACE:
        verdict->status = HOST_ENOSPC;
        break;
    case TESTDISK_SHORT:
        verdict->len = short_len(io->hi_len, block, testdisk_random(seed, TESTDISK_SALT_SHORT, seq, 0));
        break;
    case TESTDISK_LIE:
        verdict->lie = true;
        break;
    default:
        verdict->delay_ns = rule->delay_min_ns + testdisk_random(seed, TESTDISK_SALT_DELAY, seq, 0) %
                                                     (rule->delay_max_ns - rule->delay_min_ns + 1);
        break;
    }
}

struct verdict plan_judge(struct testdisk *td, const struct host_disk_io *io, uint64_t seq, uint32_t block,
                          bool *cut)
{
    struct verdict verdict = {.status = HOST_OK, .len = io->hi_len};
    struct testdisk_op_stats *stats = &td->stats.op[io->hi_op];

    for (unsigned i = 0; i < td->plan.n_rules; i++) {
        const struct testdisk_rule *rule = &td->plan.rules[i];

        if (rule_selects(rule, io) &&
            rule_strikes(rule, ++td->seen[i],
                         testdisk_random(td->plan.choice.seed, TESTDISK_SALT_CHANCE, seq, i))) {
            rule_apply(td, rule, io, seq, block, &verdict);
        }
    }
    /* A failure goes before a lie, and both before a short count. */
    verdict.lie &= verdict.status == HOST_OK;
    if (verdict.status != HOST_OK || verdict.lie) {
        verdict.len = io->hi_len;
    }
    stats->failed += verdict.status != HOST_OK;
    stats->lied += verdict.lie;
    stats->shortened += verdict.len != io->hi_len;
    stats->delayed += verdict.delay_ns != 0;
    *cut = (td->plan.cut_ops & 1u << io->hi_op) != 0 && ++td->cut_seen == td->plan.cut_at;
    return verdict;
}
