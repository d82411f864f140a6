// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing and reading the load archive. Owns the decoded entries. Written by the tools, read by the control
 * server.
 */
#include "libkext/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "libkext/plist.h"

/* ---- writing ------------------------------------------------------------------------------------------- */

struct writer {
    int fd;
    uint64_t at; /* where the next bytes go */
};

static uint32_t checksum(uint32_t check, const void *bytes, size_t len)
{
    return (uint32_t)crc32(check, bytes, (uInt)len);
}

static bool bytes_write(struct writer *writer, const void *bytes, size_t len, uint64_t off)
{
    const uint8_t *p = bytes;

    while (len != 0) {
        ssize_t n = pwrite(writer->fd, p, len, (off_t)off);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        p += n;
        off += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool range_write(struct writer *writer, const void *bytes, size_t len,
                        struct kext_archive_range *range)
{
    *range = (struct kext_archive_range){.off = writer->at, .len = len, .check = checksum(0, bytes, len)};
    if (!bytes_write(writer, bytes, len, writer->at)) {
        return false;
    }
    writer->at = (writer->at + len + 7) & ~7ull;
    return true;
}

static bool entry_write(struct writer *writer, const struct kext_bundle *bundle,
                        struct kext_archive_entry *entry)
{
    const char *path = bundle->exec_path != NULL ? bundle->exec_path : bundle->path;
    char *real = realpath(path, NULL);
    const char *shown = real != NULL ? real : path;
    size_t len = strnlen(shown, KEXT_WIRE_MAX_PATH);
    bool ok = range_write(writer, shown, len, &entry->path) &&
              range_write(writer, bundle->plist, bundle->plist_len, &entry->plist) &&
              range_write(writer, bundle->exec != NULL ? (const void *)bundle->exec : "", bundle->exec_len,
                          &entry->exec);

    free(real);
    return ok;
}

bool kext_archive_write(const struct kext_plan *plan, uint32_t flags, bool nostart, int *fd,
                        struct kext_diags *diags)
{
    struct kext_archive_entry table[KEXT_WIRE_MAX_ENTRIES];
    size_t table_len = plan->count * sizeof(table[0]);
    struct kext_archive_header header = {
        .version = KEXT_ARCHIVE_VERSION, .nentries = (uint32_t)plan->count, .flags = flags};
    struct writer writer = {.fd = -1, .at = sizeof(header) + table_len};
    bool ok = true;

    memset(table, 0, sizeof(table));
    for (size_t i = 0; i < plan->count; i++) {
        ok &= kext_bundle_load_executable(plan->order[i], diags);
    }
    if (!ok) {
        return false;
    }
    writer.fd = memfd_create("kext-archive", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    for (size_t i = 0; writer.fd >= 0 && ok && i < plan->count; i++) {
        ok = entry_write(&writer, plan->order[i], &table[i]);
        table[i].flags = nostart && i + 1 == plan->count ? KEXT_ARCHIVE_ENTRY_NOSTART : 0;
    }
    memcpy(header.magic, KEXT_ARCHIVE_MAGIC, sizeof(header.magic));
    header.size = writer.at;
    header.check = checksum(checksum(0, &header, sizeof(header)), table, table_len);
    if (writer.fd < 0 || !ok || ftruncate(writer.fd, (off_t)writer.at) != 0 ||
        !bytes_write(&writer, &header, sizeof(header), 0) ||
        !bytes_write(&writer, table, table_len, sizeof(header)) ||
        fcntl(writer.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "cannot write the load archive: %s",
                      strerror(errno));
        if (writer.fd >= 0) {
            close(writer.fd);
        }
        return false;
    }
    *fd = writer.fd;
    return true;
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static bool archive_bad(struct kext_diags *diags, const char *what)
{
    kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "the load archive is damaged: %s", what);
    return false;
}

static bool range_good(const uint8_t *bytes, size_t size, const struct kext_archive_range *range)
{
    return range->off <= size && range->len <= size - range->off &&
           checksum(0, bytes + range->off, (size_t)range->len) == range->check;
}

static bool header_read(const uint8_t *bytes, size_t len, struct kext_archive_header *header,
                        struct kext_diags *diags)
{
    struct kext_archive_header blank;

    if (len < sizeof(*header)) {
        return archive_bad(diags, "it is shorter than its header");
    }
    memcpy(header, bytes, sizeof(*header));
    if (memcmp(header->magic, KEXT_ARCHIVE_MAGIC, sizeof(header->magic)) != 0) {
        return archive_bad(diags, "it does not begin as one");
    }
    if (header->version != KEXT_ARCHIVE_VERSION) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "the load archive has version %u; this kernel process reads version %u",
                      header->version, KEXT_ARCHIVE_VERSION);
        kext_diag_mend(diags, "Use tools and a kernel process of the same release.");
        return false;
    }
    if (header->size != len || len > KEXT_WIRE_MAX_SIZE) {
        return archive_bad(diags, "its length is not the one it states");
    }
    if (header->nentries == 0 || header->nentries > KEXT_WIRE_MAX_ENTRIES ||
        len - sizeof(*header) < header->nentries * sizeof(struct kext_archive_entry)) {
        return archive_bad(diags, "its number of kexts is impossible");
    }
    blank = *header;
    blank.check = 0;
    if (checksum(checksum(0, &blank, sizeof(blank)), bytes + sizeof(*header),
                 header->nentries * sizeof(struct kext_archive_entry)) != header->check) {
        return archive_bad(diags, "the checksum of its table is wrong");
    }
    return true;
}

static bool entry_read(const uint8_t *bytes, size_t len, const struct kext_archive_entry *entry,
                       struct kext_archive_kext *kext, struct kext_diags *diags)
{
    if (!range_good(bytes, len, &entry->path) || !range_good(bytes, len, &entry->plist) ||
        !range_good(bytes, len, &entry->exec)) {
        return archive_bad(diags, "a part lies outside of it, or has another checksum");
    }
    if (entry->path.len > KEXT_WIRE_MAX_PATH ||
        memchr(bytes + entry->path.off, 0, (size_t)entry->path.len) != NULL) {
        return archive_bad(diags, "a path in it is impossible");
    }
    memcpy(kext->path, bytes + entry->path.off, (size_t)entry->path.len);
    kext->exec = entry->exec.len != 0 ? bytes + entry->exec.off : NULL;
    kext->exec_len = (size_t)entry->exec.len;
    kext->nostart = (entry->flags & KEXT_ARCHIVE_ENTRY_NOSTART) != 0;
    if (!kext_info_parse(bytes + entry->plist.off, (size_t)entry->plist.len, kext->path, &kext->info,
                         diags)) {
        return false;
    }
    if ((kext->info.executable[0] != '\0') != (kext->exec != NULL)) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, kext->path, kext->info.id,
                      "the archive and the Info.plist disagree on whether there is an executable");
        kext_info_free(&kext->info);
        return false;
    }
    return true;
}

bool kext_archive_read(const uint8_t *bytes, size_t len, struct kext_archive *archive,
                       struct kext_diags *diags)
{
    struct kext_archive_header header;

    memset(archive, 0, sizeof(*archive));
    if (!header_read(bytes, len, &header, diags)) {
        return false;
    }
    archive->kexts = calloc(header.nentries, sizeof(*archive->kexts));
    if (archive->kexts == NULL) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, NULL, NULL, "out of memory");
        return false;
    }
    archive->flags = header.flags;
    for (; archive->count < header.nentries; archive->count++) {
        struct kext_archive_entry entry;

        memcpy(&entry, bytes + sizeof(header) + archive->count * sizeof(entry), sizeof(entry));
        if (!entry_read(bytes, len, &entry, &archive->kexts[archive->count], diags)) {
            kext_archive_free(archive);
            return false;
        }
    }
    return true;
}

void kext_archive_free(struct kext_archive *archive)
{
    for (size_t i = 0; i < archive->count; i++) {
        kext_info_free(&archive->kexts[i].info);
    }
    free(archive->kexts);
    memset(archive, 0, sizeof(*archive));
}
