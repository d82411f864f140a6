// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fuzz target for what people and files tell the test device. The first byte of the input says what the rest
 * is: p  a plan   c  one item about power cuts   r  a record, which is replayed where it can be.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/testdisk/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink_sum;

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

static void plan_try(const char *text)
{
    struct testdisk_plan plan = {.reorder = 4711};
    char why[256] = "";

    if (!testdisk_plan_parse(text, &plan, why, sizeof(why))) {
        must(why[0] != '\0' && plan.reorder == 4711);
        must(!testdisk_plan_parse(text, &plan, NULL, 0));
        return;
    }
    must(why[0] == '\0' && plan.n_rules <= TESTDISK_RULES_MAX && plan.choice.keep >= -1 &&
         plan.choice.keep <= 100);
    must(memchr(plan.record, '\0', sizeof(plan.record)) != NULL);
    must(plan.cut_ops == 0 || plan.cut_at != 0);
    for (unsigned i = 0; i < plan.n_rules; i++) {
        const struct testdisk_rule *rule = &plan.rules[i];

        must(rule->ops != 0 && rule->ops < 1u << TESTDISK_OPS && rule->first <= rule->last);
        must(rule->which != TESTDISK_EVERY || rule->n != 0);
        must(rule->delay_min_ns <= rule->delay_max_ns);
    }
}

static void choice_try(const char *text)
{
    struct testdisk_choice choice = {.keep = -1};
    char why[256] = "";

    must(testdisk_choice_parse(text, &choice, why, sizeof(why)) == (why[0] == '\0'));
    must(choice.keep >= -1 && choice.keep <= 100);
}

static bool put(void *arg, uint64_t offset, uint64_t len, const uint8_t *bytes)
{
    (void)arg;
    must(len != 0 && offset <= INT64_MAX && len <= INT64_MAX);
    sink_sum += bytes != NULL ? (uint64_t)bytes[0] + bytes[len - 1] : len;
    return true;
}

static void record_try(const char *text, size_t size)
{
    struct testdisk_record record;
    struct testdisk_replay replay;
    struct testdisk_choice choice = {.seed = size, .torn = TESTDISK_TORN_BLOCK, .keep = -1};
    char why[256] = "";

    if (!testdisk_record_read(text, size, &record, why, sizeof(why))) {
        must(why[0] != '\0' && record.events == NULL);
        return;
    }
    if (testdisk_replay_begin(&replay, &record, (struct testdisk_sink){put, NULL}, why, sizeof(why))) {
        must(testdisk_replay_to(&replay, record.count / 2));
        must(testdisk_replay_cut(&replay, &choice, (struct testdisk_sink){put, NULL}, NULL));
        must(testdisk_replay_to(&replay, SIZE_MAX) && replay.at == record.count);
        must(testdisk_replay_visible(&replay, (struct testdisk_sink){put, NULL}));
        must(testdisk_replay_cut(&replay, record.end == TESTDISK_END_CUT ? &record.cut : &choice,
                                 (struct testdisk_sink){put, NULL}, NULL));
        testdisk_replay_end(&replay);
    } else {
        must(why[0] != '\0');
    }
    testdisk_record_free(&record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    /* Of exactly the size, so that a read beyond it is seen; text has its end besides. */
    bool is_text = data[0] != 'r';
    char *copy = malloc(size - 1 + is_text + (size == 1 && !is_text));
    memcpy(copy, data + 1, size - 1);
    if (is_text) {
        copy[size - 1] = '\0';
    }
    if (data[0] == 'p') {
        plan_try(copy);
    } else if (data[0] == 'c') {
        choice_try(copy);
    } else if (!is_text) {
        record_try(copy, size - 1);
    }
    free(copy);
    return 0;
}
