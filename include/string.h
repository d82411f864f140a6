// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory and string functions of the kernel. Plain functions: no checked variants are substituted.
 */
#ifndef KPI_STRING_H
#define KPI_STRING_H

#include <sys/cdefs.h>
#include <sys/_types.h>
#include <sys/_types/_size_t.h>
#include <sys/_types/_rsize_t.h>
#include <sys/_types/_errno_t.h>

__BEGIN_DECLS
/** memcpy - copy @n bytes; the ranges do not overlap. Returns @dst. */
void *memcpy(void *dst, const void *src, size_t n);
/** memmove - copy @n bytes; the ranges may overlap. Returns @dst. */
void *memmove(void *dst, const void *src, size_t n);
/** memset - set @n bytes to @c. Returns @s. */
void *memset(void *s, int c, size_t n);
/** memset_s - set @n bytes to @c, never optimised away. 0; EINVAL or E2BIG, EOVERFLOW for bad sizes. */
int memset_s(void *s, size_t smax, int c, size_t n);
/** memcmp - compare bytes as unsigned. */
int memcmp(const void *s1, const void *s2, size_t n);
/** memchr - first byte equal to @c, or NULL. */
void *memchr(const void *s, int c, size_t n);
/** bcopy - as memmove, arguments in the other order. */
void bcopy(const void *src, void *dst, size_t n);
/** bzero - set @n bytes to zero. */
void bzero(void *s, size_t n);
/** bcmp - 0 if the bytes are equal. */
int bcmp(const void *s1, const void *s2, size_t n);
/** strlen - bytes before the NUL. */
size_t strlen(const char *s);
/** strnlen - as strlen, at most @n. */
size_t strnlen(const char *s, size_t n);
/** strcmp - compare. */
int strcmp(const char *s1, const char *s2);
/** strncmp - compare at most @n bytes. */
int strncmp(const char *s1, const char *s2, size_t n);
/** strcasecmp - compare, ASCII case ignored. */
int strcasecmp(const char *s1, const char *s2);
/** strncasecmp - compare at most @n bytes, ASCII case ignored. */
int strncasecmp(const char *s1, const char *s2, size_t n);
/** strcpy - unbounded copy; use strlcpy. */
char *strcpy(char *dst, const char *src);
/** strncpy - copy at most @n bytes and fill up with NULs; may leave no NUL. */
char *strncpy(char *dst, const char *src, size_t n);
/** strcat - unbounded append; use strlcat. */
char *strcat(char *dst, const char *src);
/** strncat - append at most @n bytes and a NUL. */
char *strncat(char *dst, const char *src, size_t n);
/** strlcpy - copy into a buffer of @n bytes, always NUL-terminated if @n > 0. Returns strlen(@src). */
size_t strlcpy(char *dst, const char *src, size_t n);
/** strlcat - append within a buffer of @n bytes. Returns the length it would have had. */
size_t strlcat(char *dst, const char *src, size_t n);
/** strprefix - 1 if @s1 begins with @s2. */
int strprefix(const char *s1, const char *s2);
/** strnstr - first @find within @slen bytes of @s, or NULL. */
char *strnstr(const char *s, const char *find, size_t slen);
/** strchr - first byte equal to @c, the NUL counted, or NULL. */
char *strchr(const char *s, int c);
/** strrchr - last byte equal to @c, the NUL counted, or NULL. */
char *strrchr(const char *s, int c);
/** STRDUP - copy a string into memory of a type; free with FREE. */
char *STRDUP(const char *string, int type);
__END_DECLS

#endif /* KPI_STRING_H */
