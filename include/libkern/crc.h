// SPDX-License-Identifier: BSD-2-Clause
/*
 * CRC-32 of zlib.
 */
#ifndef KPI_LIBKERN_CRC_H
#define KPI_LIBKERN_CRC_H

#include <sys/cdefs.h>
#include <sys/_types.h>
#include <stdint.h>

__BEGIN_DECLS
/** crc32 - go on with the checksum @crc (0 to begin) over @size bytes. */
uint32_t crc32(uint32_t crc, const void *buf, __darwin_size_t size);
__END_DECLS

#endif /* KPI_LIBKERN_CRC_H */
