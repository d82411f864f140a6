// SPDX-License-Identifier: BSD-2-Clause
/*
 * Universally unique identifiers.
 */
#ifndef KPI_UUID_UUID_H
#define KPI_UUID_UUID_H

#include <sys/cdefs.h>
#include <sys/types.h>

typedef __darwin_uuid_t uuid_t;
typedef __darwin_uuid_string_t uuid_string_t;

#define UUID_DEFINE(name, u0, u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, u14, u15)              \
    static const uuid_t name                                                                                 \
        __attribute__((__unused__)) = {u0, u1, u2, u3, u4, u5, u6, u7, u8, u9, u10, u11, u12, u13, u14, u15}

/* The identifier of nothing. */
UUID_DEFINE(UUID_NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

__BEGIN_DECLS
/** uuid_clear - make it the null identifier, all zero. */
void uuid_clear(uuid_t uu);
/** uuid_compare - below, equal to or above 0, as memcmp. */
int uuid_compare(const uuid_t uu1, const uuid_t uu2);
/** uuid_copy - copy @src to @dst. */
void uuid_copy(uuid_t dst, const uuid_t src);
/** uuid_generate, uuid_generate_random - a new identifier of random bits (version 4). */
void uuid_generate(uuid_t out);
void uuid_generate_random(uuid_t out);
/** uuid_generate_time - a new identifier of time and node (version 1). */
void uuid_generate_time(uuid_t out);
/** uuid_is_null - 1 if all zero. */
int uuid_is_null(const uuid_t uu);
/** uuid_parse - read the text form. 0; -1 it is none, @uu is untouched. */
int uuid_parse(const uuid_string_t in, uuid_t uu);
/** uuid_unparse, uuid_unparse_upper, uuid_unparse_lower - the text form, 36 characters and a NUL; upper case
 *  unless it says otherwise. */
void uuid_unparse(const uuid_t uu, uuid_string_t out);
void uuid_unparse_lower(const uuid_t uu, uuid_string_t out);
void uuid_unparse_upper(const uuid_t uu, uuid_string_t out);
__END_DECLS

#endif /* KPI_UUID_UUID_H */
