// SPDX-License-Identifier: BSD-2-Clause
/*
 * Byte order of x86_64 and conversion to and from network order.
 */
#ifndef KPI_I386_ENDIAN_H
#define KPI_I386_ENDIAN_H

#include <sys/cdefs.h>
#include <stdint.h>

#define __DARWIN_LITTLE_ENDIAN 1234
#define __DARWIN_BIG_ENDIAN    4321
#define __DARWIN_PDP_ENDIAN    3412
#define LITTLE_ENDIAN          __DARWIN_LITTLE_ENDIAN
#define BIG_ENDIAN             __DARWIN_BIG_ENDIAN
#define PDP_ENDIAN             __DARWIN_PDP_ENDIAN
#define BYTE_ORDER             __DARWIN_BYTE_ORDER

/* Which half of a quad is which, as 32-bit elements. */
#define _QUAD_HIGHWORD 1
#define _QUAD_LOWWORD  0

#ifndef __LITTLE_ENDIAN__
#define __LITTLE_ENDIAN__ 1
#endif

#define ntohs(v)  ((uint16_t)__builtin_bswap16((uint16_t)(v)))
#define htons(v)  ((uint16_t)__builtin_bswap16((uint16_t)(v)))
#define ntohl(v)  ((uint32_t)__builtin_bswap32((uint32_t)(v)))
#define htonl(v)  ((uint32_t)__builtin_bswap32((uint32_t)(v)))
#define ntohll(v) ((uint64_t)__builtin_bswap64((uint64_t)(v)))
#define htonll(v) ((uint64_t)__builtin_bswap64((uint64_t)(v)))
#define NTOHS(v)  ((v) = ntohs(v))
#define HTONS(v)  ((v) = htons(v))
#define NTOHL(v)  ((v) = ntohl(v))
#define HTONL(v)  ((v) = htonl(v))
#define NTOHLL(v) ((v) = ntohll(v))
#define HTONLL(v) ((v) = htonll(v))

/* Sources use OSSwap... with this header alone. */
#include <libkern/OSByteOrder.h>

#endif /* KPI_I386_ENDIAN_H */
