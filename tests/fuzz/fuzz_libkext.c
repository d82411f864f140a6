// SPDX-License-Identifier: BSD-2-Clause
/*
 * Fuzz target for everything that a sender of kexts controls: property lists, load archives, load messages.
 * The first byte of the input says what the rest is: p  an Info.plist a  an archive as it is c  an archive
 * whose checksums are put right first, so that what lies behind them is reached m  a load message n  an
 * Info.plist and, after a NUL, an executable: made into an archive, which has to read back, and into a
 * message, which has to pass the kernel half's check
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "kext/message_internal.h"
#include "libkext/archive.h"
#include "libkext/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile size_t sink;

static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

/* Reads every string and byte that a checked message offers. */
static bool message_walk(const void *bytes, size_t size)
{
    struct kext_message message;
    struct kext_message_entry entry;
    const char *what;

    if (kext_message_check(bytes, size, &message, &what) != 0) {
        must(what != NULL);
        return false;
    }
    for (uint32_t i = 0; i < message.nentries; i++) {
        kext_message_entry(&message, i, &entry);
        sink += strlen(entry.id) + strlen(entry.version_text) + strlen(entry.path);
        sink += entry.exec_len != 0
                    ? ((const uint8_t *)entry.exec)[0] + ((const uint8_t *)entry.exec)[entry.exec_len - 1]
                    : 0;
        for (uint32_t j = 0; j < entry.nlibs; j++) {
            sink += strlen(entry.libs[j].id) + (size_t)entry.libs[j].min_version;
        }
    }
    return true;
}

static void plist_try(const uint8_t *data, size_t size)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_info info;

    if (kext_info_parse(data, size, "Info.plist", &info, &diags)) {
        must(info.id[0] != '\0' && info.version != 0 && diags.errors == 0);
        kext_info_free(&info);
    } else {
        must(diags.errors != 0);
    }
    kext_diags_free(&diags);
}

static bool archive_try(const uint8_t *data, size_t size)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_archive archive;
    void *message = NULL;
    size_t len = 0;
    bool read = kext_archive_read(data, size, &archive, &diags);

    must(read == (diags.errors == 0));
    if (read && kext_message_build(&archive, &message, &len, &diags)) {
        bool twice = false;

        for (size_t i = 0; i < archive.count; i++) {
            for (size_t j = 0; j < i; j++) {
                twice |= strcmp(archive.kexts[i].info.id, archive.kexts[j].info.id) == 0;
            }
        }
        must(message_walk(message, len) != twice);
        free(message);
    }
    if (read) {
        kext_archive_free(&archive);
    }
    kext_diags_free(&diags);
    return read;
}

static uint32_t sum(uint32_t check, const void *bytes, size_t len)
{
    return (uint32_t)crc32(check, bytes, (uInt)len);
}

static void range_mend(uint8_t *bytes, size_t size, struct kext_archive_range *range)
{
    if (range->off <= size && range->len <= size - range->off) {
        range->check = sum(0, bytes + range->off, (size_t)range->len);
    }
}

/* Puts right what a checksum would stop at. */
static void archive_mend(uint8_t *bytes, size_t size)
{
    struct kext_archive_header header;
    struct kext_archive_entry entry;
    uint8_t *table = bytes + sizeof(header);

    if (size < sizeof(header)) {
        return;
    }
    memcpy(&header, bytes, sizeof(header));
    memcpy(header.magic, KEXT_ARCHIVE_MAGIC, sizeof(header.magic));
    header.version = KEXT_ARCHIVE_VERSION;
    header.size = size;
    header.check = 0;
    size_t room = (size - sizeof(header)) / sizeof(entry);
    if (header.nentries > room) {
        header.nentries = (uint32_t)room;
    }
    for (size_t i = 0; i < header.nentries; i++) {
        memcpy(&entry, table + i * sizeof(entry), sizeof(entry));
        range_mend(bytes, size, &entry.path);
        range_mend(bytes, size, &entry.plist);
        range_mend(bytes, size, &entry.exec);
        memcpy(table + i * sizeof(entry), &entry, sizeof(entry));
    }
    header.check = sum(sum(0, &header, sizeof(header)), table, header.nentries * sizeof(entry));
    memcpy(bytes, &header, sizeof(header));
}

static void new_archive_try(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, 0, size);
    size_t plist_len = nul != NULL ? (size_t)(nul - data) : size;
    size_t exec_len = nul != NULL ? size - plist_len - 1 : 0;
    size_t head = sizeof(struct kext_archive_header) + sizeof(struct kext_archive_entry);
    size_t len = head + plist_len + exec_len;
    uint8_t *bytes = calloc(1, len);
    struct kext_archive_header header = {.nentries = 1};
    struct kext_archive_entry entry = {.plist = {.off = head, .len = plist_len},
                                       .exec = {.off = head + plist_len, .len = exec_len}};

    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + sizeof(header), &entry, sizeof(entry));
    memcpy(bytes + head, data, plist_len);
    if (exec_len != 0) {
        memcpy(bytes + head + plist_len, nul + 1, exec_len);
    }
    archive_mend(bytes, len);
    (void)archive_try(bytes, len);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    /* A copy of exactly the size, so that a read beyond it is seen; aligned, as a message has to be. */
    uint8_t *copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    switch (data[0]) {
    case 'p':
        plist_try(copy, size - 1);
        break;
    case 'a':
        (void)archive_try(copy, size - 1);
        break;
    case 'c':
        archive_mend(copy, size - 1);
        (void)archive_try(copy, size - 1);
        break;
    case 'm':
        (void)message_walk(copy, size - 1);
        break;
    case 'n':
        new_archive_try(copy, size - 1);
        break;
    default:
        break;
    }
    free(copy);
    return 0;
}
