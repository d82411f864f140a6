// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel's C library: printing, parsing, small arithmetic, copying with a length limit.
 */
#ifndef KPI_LIBKERN_LIBKERN_H
#define KPI_LIBKERN_LIBKERN_H

#include <stdint.h>
#include <stdarg.h>
#include <string.h>
#include <machine/limits.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <mach/vm_param.h>
#include <libkern/crc.h>
#include <libkern/copyio.h>

static inline int imax(int a, int b)
{
    return a > b ? a : b;
}
static inline int imin(int a, int b)
{
    return a < b ? a : b;
}
static inline long lmax(long a, long b)
{
    return a > b ? a : b;
}
static inline long lmin(long a, long b)
{
    return a < b ? a : b;
}
static inline unsigned int max(unsigned int a, unsigned int b)
{
    return a > b ? a : b;
}
static inline unsigned int min(unsigned int a, unsigned int b)
{
    return a < b ? a : b;
}
static inline uint32_t ulmax(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}
static inline uint32_t ulmin(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}
static inline int abs(int v)
{
    return v < 0 ? -v : v;
}

__BEGIN_DECLS
extern u_char const bcd2bin_data[];
extern u_char const bin2bcd_data[];
extern char const hex2ascii_data[];
#define bcd2bin(bcd)   (bcd2bin_data[bcd])
#define bin2bcd(bin)   (bin2bcd_data[bin])
#define hex2ascii(hex) (hex2ascii_data[hex])

/** ffs - number of the lowest bit set, from 1; 0 if none. */
int ffs(unsigned int mask);
/** ffsll - as ffs, 64 bits. */
int ffsll(unsigned long long mask);
/** fls - number of the highest bit set, from 1; 0 if none. */
int fls(unsigned int mask);
/** flsll - as fls, 64 bits. */
int flsll(unsigned long long mask);
/** random - 32 random bits, unpredictable. */
u_int32_t random(void);
/** scanc - bytes left of @cp when a table entry has a bit of @mask. */
size_t scanc(size_t size, u_char *cp, const u_char *table, u_char mask);
/** atoi - the decimal number that @s begins with, 0 for none. */
int atoi(const char *s);
/** itoa - @num in decimal into @str, which is returned; 12 bytes are always enough. */
char *itoa(int num, char *str);
/** strtol - parse a number; *@end is what follows. */
long strtol(const char *s, char **end, int base);
/** strtoul - parse an unsigned number. */
u_long strtoul(const char *s, char **end, int base);
/** strtoq - parse a 64-bit number. */
quad_t strtoq(const char *s, char **end, int base);
/** strtouq - parse an unsigned 64-bit number. */
u_quad_t strtouq(const char *s, char **end, int base);
/** strsep - cut the next field off *@stringp. */
char *strsep(char **stringp, const char *delim);

/** printf - write a line to the kernel's log, in the usual formats.
 *  Refs:   none.
 *  Locks:  any may be held.
 *  Blocks: no; may be called with locks held.
 *  Errno:  bytes.
 *  KPI:    libkern, stable */
int printf(const char *format, ...) __printflike(1, 2);
/** snprintf - Format into @size bytes, always NUL-terminated. Returns the length it would have had. */
int snprintf(char *str, size_t size, const char *format, ...) __printflike(3, 4);
/** scnprintf - As snprintf. Returns the bytes stored, without the NUL. */
int scnprintf(char *str, size_t size, const char *format, ...) __printflike(3, 4);
/** sprintf - Unbounded; use snprintf. */
int sprintf(char *str, const char *format, ...) __printflike(2, 3);
/** sscanf - Parse. Returns the fields stored. */
int sscanf(const char *str, const char *format, ...) __scanflike(2, 3);
/** vprintf, vsnprintf, vscnprintf, vsprintf, vsscanf - as the forms without v, with the arguments as a list.
 */
int vprintf(const char *format, va_list ap) __printflike(1, 0);
int vsnprintf(char *str, size_t size, const char *format, va_list ap) __printflike(3, 0);
int vscnprintf(char *str, size_t size, const char *format, va_list ap) __printflike(3, 0);
int vsprintf(char *str, const char *format, va_list ap) __printflike(2, 0);
int vsscanf(const char *str, const char *format, va_list ap);

/** copystr - copy a string inside the kernel.
 *  @kfaddr in   NUL-terminated.
 *  @kdaddr out  memory of @len bytes.
 *  @len    in   bytes.
 *  @done   out  bytes copied with the NUL, or NULL.
 *  Refs:   none.
 *  Locks:  any may be held.
 *  Blocks: no.
 *  Errno:  0; ENAMETOOLONG.
 *  KPI:    bsd, stable */
int copystr(const void *kfaddr, void *kdaddr, size_t len, size_t *done);
/** copyinstr - copy a string from user space.
 *  @uaddr in   user address of a NUL-terminated string.
 *  @kaddr out  memory of @len bytes.
 *  @len   in   bytes.
 *  @done  out  bytes copied with the NUL, or NULL.
 *  Refs:   none.
 *  Locks:  user memory may fault and so re-enter a file system: hold no lock that a read or pagein needs.
 *  Blocks: yes.
 *  Errno:  0; ENAMETOOLONG; EFAULT.
 *  KPI:    libkern, stable */
int copyinstr(const user_addr_t uaddr, void *kaddr, size_t len, size_t *done) __result_use_check;
/** copyoutstr - copy a string to user space. As copyinstr. */
int copyoutstr(const void *kaddr, user_addr_t udaddr, size_t len, size_t *done);
__END_DECLS

#endif /* KPI_LIBKERN_LIBKERN_H */
