// SPDX-License-Identifier: BSD-2-Clause
/*
 * The flat load message, written in two passes over the same code: the first with no memory, to learn the
 * size, the second to fill it in. Called by the control server.
 */
#include "libkext/message.h"

#include <stdlib.h>
#include <string.h>

#include "libkext/wire.h"

struct layout {
    uint8_t *bytes; /* NULL in the pass that only measures */
    size_t at;
};

static size_t bytes_put(struct layout *layout, const void *bytes, size_t len)
{
    size_t off = layout->at;

    if (layout->bytes != NULL && len != 0) {
        memcpy(layout->bytes + off, bytes, len);
    }
    layout->at = (off + len + 15) & ~(size_t)15;
    return off;
}

static struct kext_wire_str string_put(struct layout *layout, const char *text)
{
    size_t len = strlen(text);

    return (struct kext_wire_str){.off = (uint32_t)bytes_put(layout, text, len + 1), .len = (uint32_t)len};
}

static void entry_put(struct layout *layout, const struct kext_archive_kext *kext,
                      struct kext_wire_entry *entry)
{
    struct kext_wire_lib libs[KEXT_WIRE_MAX_LIBS];
    const struct kext_info *info = &kext->info;

    memset(entry, 0, sizeof(*entry));
    memset(libs, 0, sizeof(libs));
    entry->id = string_put(layout, info->id);
    entry->version_text = string_put(layout, info->version_text);
    entry->path = string_put(layout, kext->path);
    entry->version = info->version;
    entry->compatible = info->compatible;
    entry->nlibs = (uint32_t)info->nlibraries;
    for (size_t i = 0; i < info->nlibraries; i++) {
        libs[i].id = string_put(layout, info->libraries[i].id);
        libs[i].min_version = info->libraries[i].version;
    }
    entry->libs_off = (uint32_t)bytes_put(layout, libs, info->nlibraries * sizeof(libs[0]));
    entry->exec_off = bytes_put(layout, kext->exec, kext->exec_len);
    entry->exec_len = kext->exec_len;
    entry->flags =
        (kext->nostart ? KEXT_WIRE_ENTRY_NOSTART : 0) | (info->evolving ? KEXT_WIRE_ENTRY_EVOLVING : 0);
}

static void message_put(struct layout *layout, const struct kext_archive *archive, size_t size)
{
    struct kext_wire_entry entries[KEXT_WIRE_MAX_ENTRIES];
    struct kext_wire_header header = {
        .magic = KEXT_WIRE_MAGIC,
        .version = KEXT_WIRE_VERSION,
        .size = size,
        .nentries = (uint32_t)archive->count,
        .flags = (archive->flags & KEXT_ARCHIVE_CHECK) != 0 ? KEXT_WIRE_LOAD_CHECK : 0,
    };
    size_t entries_len = archive->count * sizeof(entries[0]);

    layout->at = (sizeof(header) + 15) & ~(size_t)15;
    header.entries_off = (uint32_t)layout->at;
    layout->at += (entries_len + 15) & ~(size_t)15;
    for (size_t i = 0; i < archive->count; i++) {
        entry_put(layout, &archive->kexts[i], &entries[i]);
    }
    if (layout->bytes != NULL) {
        memcpy(layout->bytes, &header, sizeof(header));
        memcpy(layout->bytes + header.entries_off, entries, entries_len);
    }
}

bool kext_message_build(const struct kext_archive *archive, void **message, size_t *len,
                        struct kext_diags *diags)
{
    struct layout layout = {0};

    message_put(&layout, archive, 0);
    size_t size = layout.at;
    if (size > KEXT_WIRE_MAX_SIZE) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "a load of %zu MiB; at most %llu MiB fit in one",
                      size >> 20, KEXT_WIRE_MAX_SIZE >> 20);
        return false;
    }
    layout.bytes = calloc(1, size);
    if (layout.bytes == NULL) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "out of memory");
        return false;
    }
    message_put(&layout, archive, size);
    *message = layout.bytes;
    *len = size;
    return true;
}
