// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writes records; the format is in record.h. Called by the test device, under its lock.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/testdisk/record.h"

uint64_t testdisk_hash(const uint8_t *bytes, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3u;
    }
    return hash;
}

static bool all_zeros(const uint8_t *bytes, size_t len)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

static void check(struct testdisk_recorder *recorder)
{
    recorder->failed |= ferror(recorder->file) != 0;
}

static void write_disk(struct testdisk_recorder *recorder, const struct host_disk_geometry *geometry,
                       bool cache_off)
{
    recorder->size = geometry->hg_size;
    fprintf(recorder->file, "disk size=%" PRIu64 " block=%u physical=%u cache=%s unmap=%s\n",
            geometry->hg_size, geometry->hg_block, geometry->hg_block_physical, cache_off ? "off" : "on",
            geometry->hg_unmap ? "on" : "off");
}

bool testdisk_recorder_open(struct testdisk_recorder *recorder, const char *path,
                            enum testdisk_contents contents, const struct host_disk_geometry *geometry,
                            bool cache_off, const char *plan, char *why, size_t why_size)
{
    recorder->file = fopen(path, "we");
    if (recorder->file == NULL) {
        snprintf(why, why_size, "the record %s cannot be made: %s", path, strerror(errno));
        return false;
    }
    recorder->contents = contents;
    recorder->cache_off = cache_off;
    recorder->failed = false;
    fputs("testdisk-record 1\n", recorder->file);
    write_disk(recorder, geometry, cache_off);
    fprintf(recorder->file, "plan %.*s\n", (int)strcspn(plan, "\n"), plan);
    testdisk_recorder_flush(recorder);
    return true;
}

static void write_contents(struct testdisk_recorder *recorder, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char hex[1024];

    fprintf(recorder->file, " hash=%016" PRIx64, testdisk_hash(data, len));
    if (recorder->contents != TESTDISK_CONTENTS_FULL) {
        return;
    }
    if (all_zeros(data, len)) {
        fputs(" data=zeros", recorder->file);
        return;
    }
    fputs(" data=", recorder->file);
    for (size_t at = 0; at < len;) {
        size_t n = 0;

        for (; at < len && n < sizeof(hex); at++) {
            hex[n++] = digits[data[at] >> 4];
            hex[n++] = digits[data[at] & 15];
        }
        fwrite(hex, 1, n, recorder->file);
    }
}

void testdisk_recorder_submit(struct testdisk_recorder *recorder, const struct host_disk_geometry *geometry,
                              const struct host_disk_io *io, uint64_t seq, const uint8_t *data)
{
    if (recorder->file == NULL || recorder->failed) {
        return;
    }
    if (geometry->hg_size != recorder->size) {
        write_disk(recorder, geometry, recorder->cache_off);
    }
    fprintf(recorder->file, "submit %" PRIu64 " %s", seq, testdisk_op_name(io->hi_op));
    if (io->hi_op != HOST_DISK_FLUSH) {
        fprintf(recorder->file, " %" PRIu64 " %" PRIu64, io->hi_offset, io->hi_len);
    }
    if (io->hi_op == HOST_DISK_WRITE) {
        fputs(io->hi_fua ? " fua" : "", recorder->file);
        if (recorder->contents != TESTDISK_CONTENTS_NONE) {
            write_contents(recorder, data, (size_t)io->hi_len);
        }
    }
    putc('\n', recorder->file);
    check(recorder);
}

void testdisk_recorder_done(struct testdisk_recorder *recorder, uint64_t seq, int status, uint64_t moved,
                            bool lied)
{
    if (recorder->file != NULL && !recorder->failed) {
        fprintf(recorder->file, "done %" PRIu64 " %s %" PRIu64 "%s\n", seq,
                status == HOST_OK       ? "ok"
                : status == HOST_ENOSPC ? "enospc"
                                        : "eio",
                moved, lied ? " lied" : "");
        check(recorder);
    }
}

void testdisk_recorder_cut(struct testdisk_recorder *recorder, const struct testdisk_choice *choice)
{
    if (recorder->file == NULL || recorder->failed) {
        return;
    }
    fprintf(recorder->file, "cut seed=%" PRIu64 " torn=%s keep=", choice->seed,
            testdisk_torn_name(choice->torn));
    if (choice->keep >= 0) {
        fprintf(recorder->file, "%d\n", choice->keep);
    } else {
        fputs("seeded\n", recorder->file);
    }
    testdisk_recorder_flush(recorder);
}

void testdisk_recorder_flush(struct testdisk_recorder *recorder)
{
    if (recorder->file != NULL) {
        fflush(recorder->file);
        check(recorder);
    }
}

void testdisk_recorder_close(struct testdisk_recorder *recorder, bool orderly)
{
    if (recorder->file == NULL) {
        return;
    }
    if (orderly && !recorder->failed) {
        fputs("close\n", recorder->file);
    }
    recorder->failed |= fclose(recorder->file) != 0;
    recorder->file = NULL;
}
