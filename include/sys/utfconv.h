// SPDX-License-Identifier: BSD-2-Clause
/*
 * UTF-8 to UTF-16 and back, with the decompositions that file systems store names in.
 */
#ifndef KPI_SYS_UTFCONV_H
#define KPI_SYS_UTFCONV_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>

#define UTF_LITTLE_ENDIAN   0x0000
#define UTF_REVERSE_ENDIAN  0x1
#define UTF_BIG_ENDIAN      0x1
#define UTF_NO_NULL_TERM    0x2
#define UTF_DECOMPOSED      0x4
#define UTF_PRECOMPOSED     0x8
#define UTF_ESCAPE_ILLEGAL  0x10
#define UTF_SFM_CONVERSIONS 0x20

__BEGIN_DECLS
/** utf8_encodelen - bytes that utf8_encodestr would make of @ucslen bytes of UTF-16, without the NUL. */
size_t utf8_encodelen(const u_int16_t *ucsp, size_t ucslen, u_int16_t altslash, int flags);
/** utf8_encodestr - UTF-16 to UTF-8.
 *  @ucsp     in   UTF-16, host order unless UTF_REVERSE_ENDIAN.
 *  @ucslen   in   its length, bytes.
 *  @utf8p    out  UTF-8, NUL-terminated unless UTF_NO_NULL_TERM.
 *  @utf8len  out  bytes made, without the NUL.
 *  @buflen   in   size of @utf8p, bytes.
 *  @altslash in   what '/' in the name becomes; 0: '_'.
 *  @flags    in   UTF_*.
 *  Refs:   none.
 *  Locks:  any may be held.
 *  Blocks: no.
 *  Errno:  0; ENAMETOOLONG cut short; EINVAL bad sequence.
 *  KPI:    bsd, stable */
int utf8_encodestr(const u_int16_t *ucsp, size_t ucslen, u_int8_t *utf8p, size_t *utf8len, size_t buflen,
                   u_int16_t altslash, int flags);
/** utf8_decodestr - UTF-8 to UTF-16.
 *  @utf8p    in   UTF-8.
 *  @utf8len  in   its length, bytes.
 *  @ucsp     out  UTF-16.
 *  @ucslen   out  bytes made.
 *  @buflen   in   size of @ucsp, bytes.
 *  @altslash in   what the '/' of the name is written as; 0: none.
 *  @flags    in   UTF_*.
 *  Refs:   none.
 *  Locks:  any may be held.
 *  Blocks: no.
 *  Errno:  0; ENAMETOOLONG cut short; EINVAL bad sequence.
 *  KPI:    bsd, stable */
int utf8_decodestr(const u_int8_t *utf8p, size_t utf8len, u_int16_t *ucsp, size_t *ucslen, size_t buflen,
                   u_int16_t altslash, int flags);
/** utf8_normalizestr - bring UTF-8 into the form that @flags name. */
int utf8_normalizestr(const u_int8_t *instr, size_t inlen, u_int8_t *outstr, size_t *outlen, size_t buflen,
                      int flags);
/** utf8_validatestr - 0 if the bytes are well-formed UTF-8, else EINVAL. */
int utf8_validatestr(const u_int8_t *utf8p, size_t utf8len);
/** unicode_combinable - true if the character combines with the one before it. */
int unicode_combinable(u_int16_t character);
/** unicode_decomposeable - true if the character can be decomposed. */
int unicode_decomposeable(u_int16_t character);
__END_DECLS

#endif /* KPI_SYS_UTFCONV_H */
