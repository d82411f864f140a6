// SPDX-License-Identifier: BSD-2-Clause
/*
 * lower.h: requests to the disk below, one after the other: each call waits for its end. Owns nothing; no
 * locks of the caller's may be held, for the calls sleep.
 */
#ifndef KEXTBED_HOST_TESTDISK_LOWER_H
#define KEXTBED_HOST_TESTDISK_LOWER_H

#include "host/disk.h"
#include "host/testdisk/extents.h"

/** testdisk_lower_io - do a request. @segments may be NULL for a flush or an unmap.
 *  Returns: its status; HOST_EIO where only a part was done. */
int testdisk_lower_io(struct host_disk *inner, enum host_disk_op op, bool fua, uint64_t offset, uint64_t len,
                      const struct host_disk_segment *segments, unsigned count);

/** testdisk_lower_write - put all of @map there, neighbours in one request where the disk takes it.
 *  Returns: HOST_OK, or the first error; the rest is not tried then. */
int testdisk_lower_write(struct host_disk *inner, const struct testdisk_extents *map);

/** testdisk_segments_slice - the part of a request's memory that lies @from bytes from its beginning and is
 *  @len bytes long. @out has room for as many as the request has. Returns their number. */
unsigned testdisk_segments_slice(const struct host_disk_io *io, uint64_t from, uint64_t len,
                                 struct host_disk_segment *out);
/** testdisk_segments_get - copy @len bytes, @from bytes from the beginning, out of a request's memory. */
void testdisk_segments_get(const struct host_disk_io *io, uint64_t from, uint64_t len, uint8_t *bytes);
/** testdisk_segments_put - copy into it. @bytes NULL: zeros. */
void testdisk_segments_put(const struct host_disk_io *io, uint64_t from, uint64_t len, const uint8_t *bytes);

#endif
