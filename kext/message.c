// SPDX-License-Identifier: BSD-2-Clause
/*
 * Checking a load message (libkext/wire.h). Pure: reads nothing but the message, keeps nothing, so that it
 * fuzzes alone. Called by control.c before anything else happens, and by tests.
 */
#include "kext/message_internal.h"

#include <string.h>
#include <sys/errno.h>

static bool range_inside(const struct kext_message *message, uint64_t off, uint64_t len)
{
    return off <= message->len && len <= message->len - off;
}

static const struct kext_wire_entry *entry_at(const struct kext_message *message, uint32_t i)
{
    return (const struct kext_wire_entry *)(const void *)(message->bytes + message->entries_off) + i;
}

/* A string inside the message, terminated right after its length and nowhere before. */
static bool string_good(const struct kext_message *message, struct kext_wire_str str, uint32_t max)
{
    if (str.len > max || !range_inside(message, str.off, (uint64_t)str.len + 1)) {
        return false;
    }
    for (uint32_t i = 0; i < str.len; i++) {
        if (message->bytes[str.off + i] == 0) {
            return false;
        }
    }
    return message->bytes[str.off + str.len] == 0;
}

static const char *string_at(const struct kext_message *message, struct kext_wire_str str)
{
    return (const char *)message->bytes + str.off;
}

static const char *libs_check(const struct kext_message *message, const struct kext_wire_entry *entry)
{
    if (entry->nlibs > KEXT_WIRE_MAX_LIBS) {
        return "an entry has too many libraries";
    }
    if (entry->libs_off % 8 != 0 ||
        !range_inside(message, entry->libs_off, (uint64_t)entry->nlibs * sizeof(struct kext_wire_lib))) {
        return "an entry's libraries lie outside of it";
    }
    const struct kext_wire_lib *libs = (const void *)(message->bytes + entry->libs_off);
    for (uint32_t i = 0; i < entry->nlibs; i++) {
        if (libs[i].id.len == 0 || !string_good(message, libs[i].id, KEXT_WIRE_MAX_ID)) {
            return "a library's identifier is no proper string";
        }
    }
    return NULL;
}

static const char *entry_check(const struct kext_message *message, const struct kext_wire_entry *entry)
{
    if (entry->id.len == 0 || !string_good(message, entry->id, KEXT_WIRE_MAX_ID)) {
        return "an identifier is no proper string";
    }
    if (entry->version_text.len == 0 || !string_good(message, entry->version_text, KEXT_WIRE_MAX_VERSION)) {
        return "a version is no proper string";
    }
    if (!string_good(message, entry->path, KEXT_WIRE_MAX_PATH)) {
        return "a path is no proper string";
    }
    if (!range_inside(message, entry->exec_off, entry->exec_len)) {
        return "an executable lies outside of it";
    }
    if (entry->compatible > entry->version) {
        return "a kext is compatible with versions newer than its own";
    }
    if ((entry->flags & ~(KEXT_WIRE_ENTRY_NOSTART | KEXT_WIRE_ENTRY_EVOLVING)) != 0 || entry->reserved != 0) {
        return "an entry has flags that mean nothing";
    }
    return libs_check(message, entry);
}

static const char *header_check(const struct kext_wire_header *header, size_t len)
{
    if (header->magic != KEXT_WIRE_MAGIC) {
        return "it does not begin as one";
    }
    if (header->version != KEXT_WIRE_VERSION) {
        return "it has another version than this kernel half";
    }
    if (header->size != len || len > KEXT_WIRE_MAX_SIZE) {
        return "its length is not the one it states";
    }
    if (header->nentries == 0 || header->nentries > KEXT_WIRE_MAX_ENTRIES) {
        return "its number of entries is impossible";
    }
    if ((header->flags & ~KEXT_WIRE_LOAD_CHECK) != 0 || header->reserved != 0) {
        return "it has flags that mean nothing";
    }
    if (header->entries_off % 8 != 0) {
        return "its entries are not aligned";
    }
    return NULL;
}

int kext_message_check(const void *bytes, size_t len, struct kext_message *message, const char **what)
{
    const struct kext_wire_header *header = bytes;

    *message = (struct kext_message){.bytes = bytes, .len = len};
    if ((uintptr_t)bytes % 8 != 0 || len < sizeof(*header)) {
        *what = "it is shorter than its header";
        return EINVAL;
    }
    *what = header_check(header, len);
    if (*what != NULL) {
        return EINVAL;
    }
    message->nentries = header->nentries;
    message->flags = header->flags;
    message->entries_off = header->entries_off;
    if (!range_inside(message, header->entries_off, header->nentries * sizeof(struct kext_wire_entry))) {
        *what = "its entries lie outside of it";
        return EINVAL;
    }
    for (uint32_t i = 0; i < message->nentries; i++) {
        *what = entry_check(message, entry_at(message, i));
        for (uint32_t j = 0; *what == NULL && j < i; j++) {
            if (strcmp(string_at(message, entry_at(message, i)->id),
                       string_at(message, entry_at(message, j)->id)) == 0) {
                *what = "one kext is in it twice";
            }
        }
        if (*what != NULL) {
            return EINVAL;
        }
    }
    return 0;
}

void kext_message_entry(const struct kext_message *message, uint32_t i, struct kext_message_entry *entry)
{
    const struct kext_wire_entry *wire = entry_at(message, i);
    const struct kext_wire_lib *libs = (const void *)(message->bytes + wire->libs_off);

    entry->id = string_at(message, wire->id);
    entry->version_text = string_at(message, wire->version_text);
    entry->path = string_at(message, wire->path);
    entry->version = wire->version;
    entry->compatible = wire->compatible;
    entry->exec = message->bytes + wire->exec_off;
    entry->exec_len = (size_t)wire->exec_len;
    entry->nlibs = wire->nlibs;
    for (uint32_t j = 0; j < wire->nlibs; j++) {
        entry->libs[j] = (struct kext_message_lib){string_at(message, libs[j].id), libs[j].min_version};
    }
    entry->nostart = (wire->flags & KEXT_WIRE_ENTRY_NOSTART) != 0;
    entry->evolving = (wire->flags & KEXT_WIRE_ENTRY_EVOLVING) != 0;
}
