// SPDX-License-Identifier: BSD-2-Clause
/*
 * Explains differences: who wrote the byte last, and whether the wrong bytes are zeros or what an earlier
 * operation had written there. No locks (see verify.h).
 */
#include "tools/fsx/verify.h"

#include <inttypes.h>
#include <string.h>

enum {
    SHOWN_BYTES = 16,
    MATCH_BYTES = 4, // so many equal bytes are no accident
};

static void explain_writer(struct subject *s, uint64_t off)
{
    uint32_t number = s->model.writer[off];
    const struct op *op = oplog_find(&s->log, number);
    char text[160] = "an operation no longer in the log";

    if (number == 0) {
        report_add(&s->report, "  the byte was never written: it belongs to the empty start of the file\n");
        return;
    }
    if (op != NULL)
        op_describe(op, text, sizeof(text));
    report_add(&s->report, "  the byte was last written by operation %" PRIu32 ": %s\n", number, text);
}

// The latest other operation whose contents for these bytes are the ones found.
static const struct op *find_source(const struct subject *s, uint64_t off, const uint8_t *found, size_t len)
{
    uint8_t pattern[SHOWN_BYTES];

    for (size_t i = s->log.count; i-- > 0;) {
        const struct op *op = oplog_at(&s->log, i);

        if (!op_stores(op->kind) || off < op->off || off + len > op->off + op->len)
            continue;
        model_pattern(&s->model, op->number, off, pattern, len);
        if (memcmp(pattern, found, len) == 0)
            return op;
    }
    return NULL;
}

static void explain_source(struct subject *s, uint64_t off, const uint8_t *found, size_t len)
{
    static const uint8_t zeros[SHOWN_BYTES];
    char text[160];

    if (memcmp(found, zeros, len) == 0) {
        report_add(&s->report, "  the bytes found are zeros\n");
        return;
    }
    if (len < MATCH_BYTES)
        return;
    const struct op *source = find_source(s, off, found, len);
    if (source == NULL)
        return;
    op_describe(source, text, sizeof(text));
    report_add(&s->report, "  the bytes found are stale: operation %" PRIu64 " wrote them: %s\n",
               source->number, text);
}

bool verify_bytes(struct subject *s, const char *how, uint64_t off, const uint8_t *found, size_t len)
{
    struct model_diff diff;

    if (model_compare(&s->model, off, found, len, &diff))
        return true;

    const uint8_t *got = found + (diff.first - off);
    const uint8_t *expected = s->model.good + diff.first;
    size_t shown = len - (size_t)(diff.first - off);
    size_t wrong = 0; // length of the first unbroken run of wrong bytes

    if (shown > SHOWN_BYTES)
        shown = SHOWN_BYTES;
    while (wrong < shown && got[wrong] != expected[wrong])
        wrong++;
    report_add(&s->report,
               "%s gave wrong data: at offset 0x%" PRIx64 " expected 0x%02x, got 0x%02x\n"
               "  %" PRIu64 " bytes differ, between 0x%" PRIx64 " and 0x%" PRIx64 "\n",
               how, diff.first, expected[0], got[0], diff.count, diff.first, diff.last);
    report_add_hex(&s->report, "expected", expected, shown);
    report_add_hex(&s->report, "got", got, shown);
    explain_writer(s, diff.first);
    explain_source(s, diff.first, got, wrong);
    return false;
}
