// SPDX-License-Identifier: BSD-2-Clause
/*
 * Strings, little-endian loads and stores, and the formatter of the linker. The linker has no libc and no KPI
 * under it; the four mem functions are the only outside names that it uses.
 *
 * Owns: nothing. Locks: none. Callers: all of kxld/.
 */
#ifndef KXLD_TEXT_INTERNAL_H
#define KXLD_TEXT_INTERNAL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

size_t kxld_string_length(const char *s);
/* The length of @s, or @max + 1 when it is longer; never looks further. */
size_t kxld_string_length_within(const char *s, size_t max);
bool kxld_string_equal(const char *a, const char *b);
bool kxld_string_has_prefix(const char *s, const char *prefix);

/* FNV-1a, 32 bits. */
uint32_t kxld_name_hash(const char *name, size_t len);

/* Reads the digits at @s up to its end. False: none, something else among them, or more than @max. */
bool kxld_string_to_number(const char *s, uint32_t max, uint32_t *number);

/* Text that is cut off at the end of its buffer but always counted whole. */
struct kxld_text {
    char *buf;   /* NUL-terminated when size > 0 */
    size_t size; /* of buf, NUL included */
    size_t len;  /* of the whole text, cut off or not */
};

void kxld_text_init(struct kxld_text *text, char *buf, size_t size);
void kxld_text_append(struct kxld_text *text, const char *s, size_t len);

/* Knows %s %u %llu %llx (with a 0x of the caller's) and %%. Nothing else. */
void kxld_text_format(struct kxld_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void kxld_text_vformat(struct kxld_text *text, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

static inline uint16_t kxld_load16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t kxld_load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t kxld_load64(const uint8_t *p)
{
    return kxld_load32(p) | (uint64_t)kxld_load32(p + 4) << 32;
}

static inline void kxld_store16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static inline void kxld_store32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

static inline void kxld_store64(uint8_t *p, uint64_t value)
{
    kxld_store32(p, (uint32_t)value);
    kxld_store32(p + 4, (uint32_t)(value >> 32));
}

#endif
