// SPDX-License-Identifier: BSD-2-Clause
/*
 * Points of a record as people name them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/kextbed-disk/kextbed_disk.h"

static bool number_read(const char *text, uint64_t *n)
{
    char *end;

    errno = 0;
    *n = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

/* Events until the K-th request of those that @ops selects has arrived. */
static bool arrival(const struct testdisk_record *record, unsigned ops, uint64_t k, size_t *events)
{
    for (size_t i = 0; i < record->count; i++) {
        const struct testdisk_event *event = &record->events[i];

        if (event->is_submit && (ops & 1u << event->op) != 0 && --k == 0) {
            *events = i + 1;
            return true;
        }
    }
    return false;
}

static const struct kind {
    const char *name;
    unsigned ops;
} kinds[] = {{"write:", 1u << HOST_DISK_WRITE}, {"flush:", 1u << HOST_DISK_FLUSH}, {"request:", ~0u}};

/* The arrival that @text names, the *n-th of a kind. NULL: it names none. */
static const struct kind *kind_read(const char *text, uint64_t *n)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t len = strlen(kinds[i].name);

        if (strncmp(text, kinds[i].name, len) == 0 && number_read(text + len, n) && *n != 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

bool record_point_known(const char *text, char *why, size_t why_size)
{
    uint64_t n;

    if (strcmp(text, "end") == 0 || number_read(text, &n) || kind_read(text, &n) != NULL) {
        return true;
    }
    snprintf(why, why_size, "--at %s: a number of events, end, write:K, flush:K or request:K is wanted",
             text);
    return false;
}

bool record_point(struct tool *tool, const struct testdisk_record *record, const char *text, size_t *events)
{
    uint64_t n = 0;

    *events = record->count;
    if (text == NULL || strcmp(text, "end") == 0) {
        return true;
    }
    if (number_read(text, &n)) {
        if (n > record->count) {
            kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "--at %s: the record has %zu events",
                          text, record->count);
            return false;
        }
        *events = (size_t)n;
        return true;
    }
    const struct kind *kind = kind_read(text, &n);

    if (kind != NULL && arrival(record, kind->ops, n, events)) {
        return true;
    }
    kext_diag_add(&tool->diags, KEXT_DIAG_REQUEST, NULL, NULL, "--at %s: the record has not as many", text);
    return false;
}
