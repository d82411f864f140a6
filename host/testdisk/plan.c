// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reads plans; the grammar is in plan.h. Pure functions; no locks. Called by whoever is given a plan by a
 * person: a test, a mount, the tool.
 */
#include "host/testdisk/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A piece of the text that is left to read, and where complaints go. */
struct reader {
    const char *at, *end;
    const char *item, *item_end; /* the whole item, for complaints */
    char *why;
    size_t why_size;
};

static const char *const op_names[TESTDISK_OPS] = {"read", "write", "flush", "unmap"};
static const char *const torn_names[] = {"none", "physical", "block"};

#define OP_BIT(op) (1u << (op))
#define OP_ALL     ((1u << TESTDISK_OPS) - 1)

static const unsigned fault_ops[TESTDISK_FAULTS] = {
    [TESTDISK_FAIL] = OP_ALL,
    [TESTDISK_NOSPACE] = OP_ALL & ~OP_BIT(HOST_DISK_READ),
    [TESTDISK_SHORT] = OP_BIT(HOST_DISK_READ) | OP_BIT(HOST_DISK_WRITE),
    [TESTDISK_DELAY] = OP_ALL,
    [TESTDISK_LIE] = OP_ALL & ~OP_BIT(HOST_DISK_READ),
};

const char *testdisk_op_name(enum host_disk_op op)
{
    return (unsigned)op < TESTDISK_OPS ? op_names[op] : "?";
}

const char *testdisk_torn_name(enum testdisk_torn torn)
{
    return torn_names[torn];
}

__attribute__((format(printf, 2, 3))) static bool wrong(struct reader *r, const char *format, ...)
{
    char what[200];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (r->why_size != 0) {
        snprintf(r->why, r->why_size, "\"%.*s\": %s",
                 (int)(r->item_end - r->item > 80 ? 80 : r->item_end - r->item), r->item, what);
    }
    return false;
}

static bool at_end(const struct reader *r)
{
    return r->at == r->end;
}

static bool take_char(struct reader *r, char c)
{
    if (at_end(r) || *r->at != c) {
        return false;
    }
    r->at++;
    return true;
}

/* Letters up to something else; returns their number. */
static size_t take_word(struct reader *r, const char **word)
{
    *word = r->at;
    while (!at_end(r) && *r->at >= 'a' && *r->at <= 'z') {
        r->at++;
    }
    return (size_t)(r->at - *word);
}

static bool word_is(const char *word, size_t len, const char *name)
{
    return strlen(name) == len && memcmp(word, name, len) == 0;
}

static bool take_number(struct reader *r, uint64_t *n)
{
    const char *first = r->at;

    *n = 0;
    for (; !at_end(r) && *r->at >= '0' && *r->at <= '9'; r->at++) {
        unsigned digit = (unsigned)(*r->at - '0');

        if (*n > (UINT64_MAX - digit) / 10) {
            return wrong(r, "a number here is at most %llu", (unsigned long long)UINT64_MAX);
        }
        *n = *n * 10 + digit;
    }
    if (r->at == first) {
        return at_end(r) ? wrong(r, "a number is missing at the end")
                         : wrong(r, "a number is wanted before \"%.*s\"", (int)(r->end - r->at), r->at);
    }
    return true;
}

static bool rest_is_empty(struct reader *r)
{
    return at_end(r) || wrong(r, "\"%.*s\" is too much", (int)(r->end - r->at), r->at);
}

/* The whole of what is left is a number between two others. */
static bool read_number(struct reader *r, uint64_t min, uint64_t max, uint64_t *n)
{
    if (!take_number(r, n) || !rest_is_empty(r)) {
        return false;
    }
    return (*n >= min && *n <= max) ||
           wrong(r, "the number is from %llu to %llu", (unsigned long long)min, (unsigned long long)max);
}

/* The whole of what is left is one of @names; @listed says so to people. */
static bool read_name(struct reader *r, const char *const *names, unsigned count, const char *listed,
                      unsigned *index)
{
    for (*index = 0; *index < count; (*index)++) {
        if (word_is(r->at, (size_t)(r->end - r->at), names[*index])) {
            return true;
        }
    }
    return wrong(r, "\"%.*s\" is none of %s", (int)(r->end - r->at), r->at, listed);
}

static bool read_op(struct reader *r, unsigned *ops)
{
    const char *word;
    size_t len = take_word(r, &word);

    if (word_is(word, len, "any")) {
        *ops = OP_ALL;
        return true;
    }
    for (unsigned op = 0; op < TESTDISK_OPS; op++) {
        if (word_is(word, len, op_names[op])) {
            *ops = OP_BIT(op);
            return true;
        }
    }
    return wrong(r, "\"%.*s\" is none of read, write, flush, unmap, any", (int)len, word);
}

static bool read_which(struct reader *r, struct testdisk_rule *rule)
{
    bool exactly = take_char(r, '=');

    if (!take_number(r, &rule->n)) {
        return false;
    }
    rule->which = exactly ? TESTDISK_EXACTLY : TESTDISK_EVERY;
    if (!exactly && take_char(r, '+')) {
        rule->which = TESTDISK_FROM;
    } else if (!exactly && take_char(r, '%')) {
        rule->which = TESTDISK_CHANCE;
        return rule->n <= 100 || wrong(r, "a chance is from 0%% to 100%%");
    }
    return rule->n != 0 || wrong(r, "requests are counted from 1");
}

static bool read_range(struct reader *r, struct testdisk_rule *rule)
{
    rule->ranged = true;
    if (!take_number(r, &rule->first)) {
        return false;
    }
    rule->last = rule->first;
    if (take_char(r, '-')) {
        rule->last = UINT64_MAX;
        if (!at_end(r) && !take_number(r, &rule->last)) {
            return false;
        }
    }
    return rule->first <= rule->last || wrong(r, "the range of sectors ends before it begins");
}

static bool read_who(struct reader *r, struct testdisk_rule *rule)
{
    if (!read_op(r, &rule->ops)) {
        return false;
    }
    if (rule->ops == OP_ALL) {
        rule->ops = fault_ops[rule->fault];
    } else if ((rule->ops & ~fault_ops[rule->fault]) != 0) {
        return rule->fault == TESTDISK_SHORT ? wrong(r, "only read and write can be short")
                                             : wrong(r, "only write, flush and unmap can be that");
    }
    if (take_char(r, ':') && !read_which(r, rule)) {
        return false;
    }
    if (take_char(r, '@')) {
        if (rule->ops == OP_BIT(HOST_DISK_FLUSH)) {
            return wrong(r, "a flush has no sectors");
        }
        if (!read_range(r, rule)) {
            return false;
        }
    }
    return at_end(r) ||
           wrong(r, "after the operation stand :N, :=K, :K+ or :P%%, then @A, @A- or @A-B, not \"%.*s\"",
                 (int)(r->end - r->at), r->at);
}

static bool read_time(struct reader *r, uint64_t *ns)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    const char *word;

    if (!take_number(r, ns)) {
        return false;
    }
    size_t len = take_word(r, &word);
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (word_is(word, len, units[i].name)) {
            if (*ns > 3600 * (1000000000 / units[i].ns)) {
                return wrong(r, "a delay is at most an hour");
            }
            *ns *= units[i].ns;
            return true;
        }
    }
    return wrong(r, "a time is a number with us, ms or s behind it");
}

static bool read_delay(struct reader *r, struct testdisk_rule *rule)
{
    if (!read_time(r, &rule->delay_min_ns)) {
        return false;
    }
    rule->delay_max_ns = rule->delay_min_ns;
    if (take_char(r, '-') && !read_time(r, &rule->delay_max_ns)) {
        return false;
    }
    if (rule->delay_max_ns < rule->delay_min_ns) {
        return wrong(r, "the longest delay is shorter than the shortest");
    }
    if (take_char(r, '/')) {
        return read_who(r, rule);
    }
    rule->ops = OP_ALL;
    return at_end(r) ||
           wrong(r, "after the time stands / and an operation, not \"%.*s\"", (int)(r->end - r->at), r->at);
}

static bool read_rule(struct reader *r, enum testdisk_fault fault, struct testdisk_plan *plan)
{
    struct testdisk_rule *rule = &plan->rules[plan->n_rules];

    if (plan->n_rules == TESTDISK_RULES_MAX) {
        return wrong(r, "a plan has at most %u of these", TESTDISK_RULES_MAX);
    }
    memset(rule, 0, sizeof(*rule));
    rule->fault = fault;
    if (!(fault == TESTDISK_DELAY ? read_delay(r, rule) : read_who(r, rule))) {
        return false;
    }
    plan->n_rules++;
    return true;
}

static bool read_cut(struct reader *r, struct testdisk_plan *plan)
{
    const char *word;
    size_t len = take_word(r, &word);

    if (len == 0 || word_is(word, len, "write")) {
        plan->cut_ops = OP_BIT(HOST_DISK_WRITE);
    } else if (word_is(word, len, "flush")) {
        plan->cut_ops = OP_BIT(HOST_DISK_FLUSH);
    } else if (word_is(word, len, "request")) {
        plan->cut_ops = OP_ALL;
    } else {
        return wrong(r, "\"%.*s\" is none of write, flush, request", (int)len, word);
    }
    if (len != 0 && !take_char(r, ':')) {
        return wrong(r, "a colon and a number are wanted after \"%.*s\"", (int)len, word);
    }
    return read_number(r, 1, UINT64_MAX, &plan->cut_at);
}

static bool read_record(struct reader *r, struct testdisk_plan *plan)
{
    size_t len = (size_t)(r->end - r->at);

    if (len == 0 || len >= sizeof(plan->record)) {
        return wrong(r, "a path is wanted, of at most %zu bytes", sizeof(plan->record) - 1);
    }
    memcpy(plan->record, r->at, len);
    plan->record[len] = '\0';
    return true;
}

/* Items about power cuts. @known: whether it was one. */
static bool read_choice(struct reader *r, const char *name, size_t len, struct testdisk_choice *choice,
                        bool *known)
{
    uint64_t n;
    unsigned index;

    *known = true;
    if (word_is(name, len, "seed")) {
        return read_number(r, 0, UINT64_MAX, &choice->seed);
    }
    if (word_is(name, len, "keep")) {
        if (!read_number(r, 0, 100, &n)) {
            return false;
        }
        choice->keep = (int)n;
        return true;
    }
    if (word_is(name, len, "torn")) {
        if (!read_name(r, torn_names, 3, "none, physical, block", &index)) {
            return false;
        }
        choice->torn = (enum testdisk_torn)index;
        return true;
    }
    *known = false;
    return false;
}

static bool read_valued(struct reader *r, const char *name, size_t len, struct testdisk_plan *plan)
{
    static const char *const faults[] = {"fail", "nospace", "short", "delay", "lie"};
    static const char *const switches[] = {"on", "off"};
    static const char *const contents[] = {"none", "hash", "full"};
    uint64_t n;
    unsigned index;
    bool known;
    bool ok = read_choice(r, name, len, &plan->choice, &known);

    if (known) {
        return ok;
    }
    for (unsigned i = 0; i < TESTDISK_FAULTS; i++) {
        if (word_is(name, len, faults[i])) {
            return read_rule(r, (enum testdisk_fault)i, plan);
        }
    }
    if (word_is(name, len, "cut")) {
        return read_cut(r, plan);
    }
    if (word_is(name, len, "record")) {
        return read_record(r, plan);
    }
    if (word_is(name, len, "reorder")) {
        if (!read_number(r, 2, TESTDISK_REORDER_MAX, &n)) {
            return false;
        }
        plan->reorder = (unsigned)n;
        return true;
    }
    if (word_is(name, len, "cache")) {
        ok = read_name(r, switches, 2, "on, off", &index);
        plan->cache_off = index == 1;
        return ok;
    }
    if (word_is(name, len, "contents")) {
        ok = read_name(r, contents, 3, "none, hash, full", &index);
        plan->contents = ok ? (enum testdisk_contents)index : plan->contents;
        return ok;
    }
    return wrong(r,
                 "no such item; there are seed, fail, nospace, short, delay, lie, reorder, cut, torn, keep, "
                 "cache, record and contents");
}

static void reader_begin(struct reader *r, const char *item, size_t len, char *why, size_t why_size)
{
    *r = (struct reader){.at = item,
                         .end = item + len,
                         .item = item,
                         .item_end = item + len,
                         .why = why,
                         .why_size = why_size};
}

static bool read_item(struct reader *r, struct testdisk_plan *plan)
{
    const char *name;
    size_t len = take_word(r, &name);

    if (at_end(r) && word_is(name, len, "reorder")) {
        plan->reorder = 8;
        return true;
    }
    if (!take_char(r, '=')) {
        return len == 0 ? wrong(r, "an item begins with a name and =")
                        : wrong(r, "= is wanted after \"%.*s\"", (int)len, name);
    }
    return read_valued(r, name, len, plan);
}

bool testdisk_plan_parse(const char *text, struct testdisk_plan *plan, char *why, size_t why_size)
{
    struct testdisk_plan read = {.choice = {.seed = 1, .torn = TESTDISK_TORN_PHYSICAL, .keep = -1},
                                 .contents = TESTDISK_CONTENTS_HASH};

    if (why_size != 0) {
        why[0] = '\0';
    }
    while (*text != '\0') {
        size_t len = strcspn(text, ",;");
        struct reader r;

        reader_begin(&r, text, len, why, why_size);
        if (!read_item(&r, &read)) {
            return false;
        }
        text += len;
        if (*text != '\0' && *++text == '\0') {
            return wrong(&r, "nothing follows the separator");
        }
    }
    *plan = read;
    return true;
}

bool testdisk_choice_parse(const char *item, struct testdisk_choice *choice, char *why, size_t why_size)
{
    struct testdisk_choice read = *choice;
    struct reader r;
    const char *name;
    bool known = false;

    reader_begin(&r, item, strlen(item), why, why_size);
    size_t len = take_word(&r, &name);
    bool ok = take_char(&r, '=') && read_choice(&r, name, len, &read, &known);
    if (!known) {
        return wrong(&r, "seed=N, torn=none, physical or block, or keep=PERCENT is wanted");
    }
    if (ok) {
        *choice = read;
    }
    return ok;
}
