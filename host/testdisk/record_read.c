// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads records; the format is in record.h. A record may be anybody's: every number is checked before it is
 * used. Pure functions; no locks. Called by replays and the tool.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/testdisk/record.h"

/* A word is what stands between blanks. */
struct line {
    const char *at, *end;
};

struct word {
    const char *at;
    size_t len;
};

struct parser {
    struct testdisk_record *record;
    size_t room, submit_room;
    bool *undone; /* by SEQ - 1 */
    bool has_disk;
    unsigned long number; /* of the line */
    char *why;
    size_t why_size;
};

__attribute__((format(printf, 2, 3))) static bool wrong(struct parser *p, const char *format, ...)
{
    char what[160];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (p->why_size != 0) {
        snprintf(p->why, p->why_size, "line %lu: %s", p->number, what);
    }
    return false;
}

static struct word next_word(struct line *line)
{
    struct word word = {line->at, 0};

    while (line->at < line->end && *line->at != ' ') {
        line->at++;
    }
    word.len = (size_t)(line->at - word.at);
    if (line->at < line->end) {
        line->at++;
    }
    return word;
}

static bool word_is(struct word word, const char *text)
{
    return strlen(text) == word.len && memcmp(word.at, text, word.len) == 0;
}

/* What stands behind NAME= */
static bool word_value(struct word word, const char *name, struct word *value)
{
    size_t len = strlen(name);

    if (word.len <= len || memcmp(word.at, name, len) != 0 || word.at[len] != '=') {
        return false;
    }
    *value = (struct word){word.at + len + 1, word.len - len - 1};
    return true;
}

static bool word_number(struct word word, uint64_t max, uint64_t *n)
{
    *n = 0;
    for (size_t i = 0; i < word.len; i++) {
        unsigned digit = (unsigned)(word.at[i] - '0');

        if (digit > 9 || *n > (UINT64_MAX - digit) / 10) {
            return false;
        }
        *n = *n * 10 + digit;
    }
    return word.len != 0 && *n <= max;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool word_hex(struct word word, uint64_t *n)
{
    *n = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (hex_digit(word.at[i]) < 0) {
            return false;
        }
        *n = *n << 4 | (uint64_t)hex_digit(word.at[i]);
    }
    return word.len == 16;
}

static bool power_of_two(uint64_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static bool read_switch(struct parser *p, struct line *line, const char *name, bool *on)
{
    struct word value;

    if (!word_value(next_word(line), name, &value) || (!word_is(value, "on") && !word_is(value, "off"))) {
        return wrong(p, "%s=on or %s=off is wanted", name, name);
    }
    *on = word_is(value, "on");
    return true;
}

static bool read_disk(struct parser *p, struct line *line)
{
    struct host_disk_geometry *geometry = &p->record->geometry;
    static const char *const names[] = {"size", "block", "physical"};
    struct word value;
    uint64_t n[3];
    bool cache;

    for (unsigned i = 0; i < 3; i++) {
        if (!word_value(next_word(line), names[i], &value) || !word_number(value, INT64_MAX, &n[i])) {
            return wrong(p, "%s= and a number of bytes is wanted", names[i]);
        }
    }
    if (!read_switch(p, line, "cache", &cache) || !read_switch(p, line, "unmap", &geometry->hg_unmap)) {
        return false;
    }
    if (!power_of_two(n[1]) || !power_of_two(n[2]) || n[1] > n[2] || n[2] > 1 << 30 || n[0] % n[1] != 0) {
        return wrong(p, "no disk has these sizes");
    }
    if (p->has_disk && (n[1] != geometry->hg_block || n[2] != geometry->hg_block_physical)) {
        return wrong(p, "only the size of a disk changes");
    }
    p->has_disk = true;
    p->record->cache_off = !cache;
    geometry->hg_size = n[0];
    geometry->hg_block = (uint32_t)n[1];
    geometry->hg_block_physical = (uint32_t)n[2];
    return true;
}

/* Room for one more in an array that doubles. */
static bool grow(void **array, size_t count, size_t *room, size_t size)
{
    if (count < *room) {
        return true;
    }
    size_t more = *room != 0 ? *room * 2 : 64;
    void *larger = realloc(*array, more * size);
    if (larger == NULL) {
        return false;
    }
    *array = larger;
    *room = more;
    return true;
}

static struct testdisk_event *event_new(struct parser *p)
{
    struct testdisk_record *record = p->record;
    void *events = record->events;

    if (!grow(&events, record->count, &p->room, sizeof(*record->events))) {
        return NULL;
    }
    record->events = events;
    struct testdisk_event *event = &record->events[record->count++];
    memset(event, 0, sizeof(*event));
    return event;
}

static bool read_range(struct parser *p, struct line *line, struct testdisk_event *event)
{
    const struct host_disk_geometry *geometry = &p->record->geometry;

    if (!word_number(next_word(line), INT64_MAX, &event->offset) ||
        !word_number(next_word(line), INT64_MAX, &event->len) || event->len == 0) {
        return wrong(p, "an offset and a length are wanted");
    }
    if (event->offset % geometry->hg_block != 0 || event->len % geometry->hg_block != 0) {
        return wrong(p, "offset and length are not multiples of the block size, %u", geometry->hg_block);
    }
    if (event->offset > geometry->hg_size || event->len > geometry->hg_size - event->offset) {
        return wrong(p, "the request reaches beyond the disk");
    }
    return true;
}

static bool read_hex(struct parser *p, struct word value, struct testdisk_event *event)
{
    if (word_is(value, "zeros")) {
        event->zeros = true;
        return true;
    }
    if (value.len != 2 * event->len) {
        return wrong(p, "the contents are not as long as the request");
    }
    for (size_t i = 0; i < value.len; i++) {
        if (hex_digit(value.at[i]) < 0) {
            return wrong(p, "the contents are not hexadecimal");
        }
    }
    event->hex = value.at;
    return true;
}

/* What may stand behind the range of a write. */
static bool read_write(struct parser *p, struct line *line, struct testdisk_event *event)
{
    while (line->at < line->end) {
        struct word word = next_word(line), value;

        if (word_is(word, "fua")) {
            event->fua = true;
        } else if (word_value(word, "hash", &value)) {
            if (!word_hex(value, &event->hash)) {
                return wrong(p, "a hash has sixteen hexadecimal digits");
            }
            event->has_hash = true;
        } else if (word_value(word, "data", &value)) {
            if (!read_hex(p, value, event)) {
                return false;
            }
        } else {
            return wrong(p, "fua, hash= or data= is wanted");
        }
    }
    return true;
}

static bool read_submit(struct parser *p, struct line *line)
{
    struct testdisk_record *record = p->record;
    struct testdisk_event *event = event_new(p);
    void *submits = record->submits;
    size_t room = p->submit_room;

    if (event == NULL || !grow(&submits, record->n_submits, &room, sizeof(*record->submits))) {
        return wrong(p, "no memory");
    }
    record->submits = submits;
    if (room != p->submit_room) {
        bool *undone = realloc(p->undone, room * sizeof(*undone));

        if (undone == NULL) {
            return wrong(p, "no memory");
        }
        p->undone = undone;
        p->submit_room = room;
    }
    event->is_submit = true;
    if (!word_number(next_word(line), UINT64_MAX, &event->seq) || event->seq != record->n_submits + 1) {
        return wrong(p, "this is request number %zu", record->n_submits + 1);
    }
    p->undone[record->n_submits] = true;
    record->submits[record->n_submits++] = record->count - 1;
    struct word word = next_word(line);
    for (unsigned op = 0; op < TESTDISK_OPS; op++) {
        if (word_is(word, testdisk_op_name((enum host_disk_op)op))) {
            event->op = (enum host_disk_op)op;
            return (op == HOST_DISK_FLUSH || read_range(p, line, event)) &&
                   (op != HOST_DISK_WRITE || read_write(p, line, event));
        }
    }
    return wrong(p, "read, write, flush or unmap is wanted");
}

static bool read_done(struct parser *p, struct line *line)
{
    struct testdisk_record *record = p->record;
    struct testdisk_event *event = event_new(p);

    if (event == NULL) {
        return wrong(p, "no memory");
    }
    if (!word_number(next_word(line), record->n_submits, &event->seq) || event->seq == 0 ||
        !p->undone[event->seq - 1]) {
        return wrong(p, "no such request is under way");
    }
    p->undone[event->seq - 1] = false;
    struct word word = next_word(line);
    if (!word_is(word, "ok") && !word_is(word, "eio") && !word_is(word, "enospc")) {
        return wrong(p, "ok, eio or enospc is wanted");
    }
    event->status = word_is(word, "ok") ? HOST_OK : word_is(word, "eio") ? HOST_EIO : HOST_ENOSPC;
    const struct testdisk_event *submit = &record->events[record->submits[event->seq - 1]];
    event->op = submit->op;
    if (!word_number(next_word(line), submit->len, &event->moved) ||
        event->moved % record->geometry.hg_block != 0) {
        return wrong(p, "the number of bytes that were moved is wanted, whole blocks of what was asked");
    }
    if (line->at < line->end) {
        event->lied = word_is(next_word(line), "lied");
        return event->lied || wrong(p, "lied is wanted, or the end of the line");
    }
    return true;
}

static bool read_cut(struct parser *p, struct line *line)
{
    struct testdisk_choice *cut = &p->record->cut;
    struct word value;
    uint64_t n;

    p->record->end = TESTDISK_END_CUT;
    if (!word_value(next_word(line), "seed", &value) || !word_number(value, UINT64_MAX, &cut->seed)) {
        return wrong(p, "seed= and a number is wanted");
    }
    bool known = false;
    if (word_value(next_word(line), "torn", &value)) {
        for (unsigned i = 0; i < 3 && !known; i++) {
            cut->torn = (enum testdisk_torn)i;
            known = word_is(value, testdisk_torn_name(cut->torn));
        }
    }
    if (!known) {
        return wrong(p, "torn=none, torn=physical or torn=block is wanted");
    }
    if (!word_value(next_word(line), "keep", &value) ||
        (!word_is(value, "seeded") && !word_number(value, 100, &n))) {
        return wrong(p, "keep=seeded or keep= and a percentage is wanted");
    }
    cut->keep = word_is(value, "seeded") ? -1 : (int)n;
    return true;
}

static bool read_line(struct parser *p, struct line line)
{
    struct line whole = line;
    struct word word = next_word(&line);
    bool ok;

    if (p->number == 1) {
        return (word_is(word, "testdisk-record") && word_is(next_word(&line), "1") && line.at == line.end) ||
               wrong(p, "this is no record of a test device (testdisk-record 1)");
    }
    if (p->record->end != TESTDISK_END_NONE) {
        return wrong(p, "nothing stands behind a cut or a close");
    }
    if (word_is(word, "disk")) {
        ok = read_disk(p, &line);
    } else if (!p->has_disk) {
        return wrong(p, "the disk is described first");
    } else if (word_is(word, "plan")) {
        return true;
    } else if (word_is(word, "submit")) {
        ok = read_submit(p, &line);
    } else if (word_is(word, "done")) {
        ok = read_done(p, &line);
    } else if (word_is(word, "cut")) {
        ok = read_cut(p, &line);
    } else if (word_is(word, "close")) {
        p->record->end = TESTDISK_END_CLOSE;
        ok = true;
    } else {
        return wrong(p, "disk, plan, submit, done, cut or close is wanted");
    }
    return ok && ((line.at == line.end && (whole.at == whole.end || whole.end[-1] != ' ')) ||
                  wrong(p, "something is too much at the end"));
}

bool testdisk_record_read(const char *text, size_t size, struct testdisk_record *record, char *why,
                          size_t why_size)
{
    const char *end = text + size;
    struct parser p = {.record = record, .why = why, .why_size = why_size};
    bool ok = true;

    memset(record, 0, sizeof(*record));
    while (ok && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));

        p.number++;
        if (newline == NULL) {
            record->truncated = true;
            break;
        }
        ok = read_line(&p, (struct line){text, newline});
        text = newline + 1;
    }
    if (ok && !p.has_disk) {
        p.number++;
        ok = wrong(&p, "this is no record of a test device: it has no head");
    }
    free(p.undone);
    if (!ok) {
        testdisk_record_free(record);
    }
    return ok;
}

void testdisk_record_free(struct testdisk_record *record)
{
    free(record->events);
    free(record->submits);
    memset(record, 0, sizeof(*record));
}

void testdisk_event_contents(const struct testdisk_event *event, uint8_t *bytes)
{
    if (event->hex == NULL) {
        memset(bytes, 0, (size_t)event->len);
        return;
    }
    for (size_t i = 0; i < event->len; i++) {
        bytes[i] = (uint8_t)(hex_digit(event->hex[2 * i]) << 4 | hex_digit(event->hex[2 * i + 1]));
    }
}
