// SPDX-License-Identifier: BSD-2-Clause
/*
 * exceptions.c: findings that somebody has looked at and allows, each with a reason. One line each:
 *
 *   RULE KEXT FUNCTION REASON...        KEXT and FUNCTION may be "*"; "#" starts a comment
 *
 * An exception that nothing needed is reported at the end: what it allowed is gone, or was misspelt.
 * No lock: the list is constant between boot and shutdown, uses are counted atomically.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/syslog.h>
#include <libkern/libkern.h>

#include "validate/validate_internal.h"

#define FIELDS 3u

struct exception {
    char fields[FIELDS][96]; /* rule, kext, function */
    _Atomic uint64_t used;
};

static struct exception *list;
static unsigned count, room;

static const char *word_take(const char *text, const char *end, char *buf, size_t size)
{
    size_t len = 0;
    while (text < end && (*text == ' ' || *text == '\t'))
        text++;
    for (; text < end && *text != ' ' && *text != '\t'; text++) {
        if (len + 1 < size)
            buf[len++] = *text;
    }
    buf[len] = '\0';
    return text;
}

/* False: the line makes no sense. */
static bool line_take(const char *text, const char *end)
{
    struct exception *exception = &list[count];
    char reason[8];
    text = word_take(text, end, exception->fields[0], sizeof(exception->fields[0]));
    if (!exception->fields[0][0] || exception->fields[0][0] == '#')
        return true;
    text = word_take(text, end, exception->fields[1], sizeof(exception->fields[1]));
    text = word_take(text, end, exception->fields[2], sizeof(exception->fields[2]));
    word_take(text, end, reason, sizeof(reason));
    if (!reason[0])
        return false;
    count++;
    return true;
}

static unsigned lines_count(const char *text)
{
    unsigned n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

int exceptions_boot(const char *text)
{
    unsigned number = 1;
    if (!text)
        return 0;
    room = lines_count(text);
    list = kern_alloc(room * sizeof(*list), "validator");
    while (*text) {
        const char *end = text;
        while (*end && *end != '\n')
            end++;
        if (!line_take(text, end)) {
            kern_log(LOG_ERR, "validate: exceptions, line %u: expected: RULE KEXT FUNCTION REASON\n", number);
            exceptions_shutdown();
            return EINVAL;
        }
        number++;
        text = *end ? end + 1 : end;
    }
    return 0;
}

void exceptions_shutdown(void)
{
    for (unsigned i = 0; i < count; i++) {
        if (!atomic_load_explicit(&list[i].used, memory_order_relaxed))
            kern_log(LOG_WARNING, "validate: this exception was never needed: %s %s %s\n", list[i].fields[0],
                     list[i].fields[1], list[i].fields[2]);
    }
    if (list)
        kern_free(list, room * sizeof(*list));
    list = NULL;
    count = room = 0;
}

static bool matches(const char *pattern, const char *text)
{
    return strcmp(pattern, "*") == 0 || strcmp(pattern, text) == 0;
}

bool exceptions_cover(const char *rule, const char *kext, const char *function)
{
    for (unsigned i = 0; i < count; i++) {
        if (!matches(list[i].fields[0], rule) || !matches(list[i].fields[1], kext) ||
            !matches(list[i].fields[2], function))
            continue;
        atomic_fetch_add_explicit(&list[i].used, 1, memory_order_relaxed);
        return true;
    }
    return false;
}
