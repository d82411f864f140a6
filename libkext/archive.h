// SPDX-License-Identifier: BSD-2-Clause
/*
 * The load archive: what a tool sends to the kernel process, one file with everything that a load needs: for
 * each kext its path, Info.plist and executable, in load order, with lengths and checksums. It travels as a
 * sealed memory file over the control socket. The receiving end may be sent anything at all; decoding is
 * bounded and checks every byte it relies on.
 *
 * Layout, little-endian: header, table of entries, data. Offsets count from the start of the archive.
 */
#ifndef KEXTBED_LIBKEXT_ARCHIVE_H
#define KEXTBED_LIBKEXT_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libkext/bundle.h"
#include "libkext/dependency.h"

#define KEXT_ARCHIVE_MAGIC   "KEXTARC\n"
#define KEXT_ARCHIVE_VERSION 1u

struct kext_archive_header {
    char magic[8];
    uint32_t version;
    uint32_t nentries;
    uint64_t size;  /* of the whole archive, bytes */
    uint32_t check; /* CRC-32 of this header, with 0 here, and of the table after it */
    uint32_t flags; /* KEXT_ARCHIVE_* */
};
#define KEXT_ARCHIVE_CHECK 0x1u /* try the load up to the start routines, then undo it */

struct kext_archive_range {
    uint64_t off, len;
    uint32_t check; /* CRC-32 of the bytes */
    uint32_t reserved;
};

struct kext_archive_entry {
    struct kext_archive_range path;  /* of the executable, or the bundle; for reports */
    struct kext_archive_range plist; /* Info.plist as it is on disk */
    struct kext_archive_range exec;  /* len 0: no code */
    uint32_t flags;                  /* KEXT_ARCHIVE_ENTRY_* */
    uint32_t reserved;
};
#define KEXT_ARCHIVE_ENTRY_NOSTART 0x1u

/** kext_archive_write - make an archive of a plan in a new sealed memory file.
 *  @plan     executables are read as needed.
 *  @flags    KEXT_ARCHIVE_*.  @nostart  leave the last kext of the plan unstarted.
 *  @fd       out  to be closed.
 *  Returns: true, or false with errors added. */
bool kext_archive_write(const struct kext_plan *plan, uint32_t flags, bool nostart, int *fd,
                        struct kext_diags *diags);

/* A decoded entry. Pointers go into the archive's bytes; info is its own. */
struct kext_archive_kext {
    struct kext_info info;
    char path[KEXT_WIRE_MAX_PATH + 1];
    const uint8_t *exec;
    size_t exec_len;
    bool nostart;
};

struct kext_archive {
    struct kext_archive_kext *kexts;
    size_t count;
    uint32_t flags;
};

/** kext_archive_read - decode an archive.
 *  @bytes  must outlive @archive and not change.
 *  @archive  out  on success; end with kext_archive_free.
 *  Returns: true, or false with errors added. */
bool kext_archive_read(const uint8_t *bytes, size_t len, struct kext_archive *archive,
                       struct kext_diags *diags);
void kext_archive_free(struct kext_archive *archive);

#endif
