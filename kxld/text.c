// SPDX-License-Identifier: BSD-2-Clause
/*
 * Strings and the formatter of the linker.
 *
 * Owns: nothing. Locks: none. Callers: all of kxld/.
 */
#include "kxld/text_internal.h"

size_t kxld_string_length(const char *s)
{
    size_t len = 0;

    while (s[len])
        len++;
    return len;
}

size_t kxld_string_length_within(const char *s, size_t max)
{
    size_t len = 0;

    while (len <= max && s[len])
        len++;
    return len;
}

bool kxld_string_equal(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

bool kxld_string_has_prefix(const char *s, const char *prefix)
{
    while (*prefix && *s == *prefix) {
        s++;
        prefix++;
    }
    return *prefix == '\0';
}

uint32_t kxld_name_hash(const char *name, size_t len)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    return hash;
}

bool kxld_string_to_number(const char *s, uint32_t max, uint32_t *number)
{
    uint64_t n = 0;

    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        n = n * 10 + (uint64_t)(*s - '0');
        if (n > max)
            return false;
    }
    *number = (uint32_t)n;
    return true;
}

void kxld_text_init(struct kxld_text *text, char *buf, size_t size)
{
    text->buf = buf;
    text->size = size;
    text->len = 0;
    if (size)
        buf[0] = '\0';
}

void kxld_text_append(struct kxld_text *text, const char *s, size_t len)
{
    if (text->len + 1 < text->size) {
        size_t room = text->size - text->len - 1;
        size_t n = len < room ? len : room;

        memcpy(text->buf + text->len, s, n);
        text->buf[text->len + n] = '\0';
    }
    text->len += len;
}

static void text_number(struct kxld_text *text, uint64_t n, unsigned base)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = "0123456789abcdef"[n % base];
        n /= base;
    } while (n);
    kxld_text_append(text, digits + at, sizeof(digits) - at);
}

/* One conversion; @format stands behind the '%'. Returns what follows it. */
static const char *text_convert(struct kxld_text *text, const char *format, va_list *args)
{
    const char *s;

    switch (*format) {
    case 's':
        s = va_arg(*args, const char *);
        if (!s)
            s = "?";
        kxld_text_append(text, s, kxld_string_length(s));
        return format + 1;
    case 'u':
        text_number(text, va_arg(*args, unsigned), 10);
        return format + 1;
    case 'l': /* "llu" or "llx" */
        text_number(text, va_arg(*args, unsigned long long), format[2] == 'x' ? 16 : 10);
        return format + 3;
    default: /* "%%" */
        kxld_text_append(text, format, 1);
        return format + 1;
    }
}

void kxld_text_vformat(struct kxld_text *text, const char *format, va_list args)
{
    va_list copy;

    va_copy(copy, args);
    while (*format) {
        size_t plain = 0;

        while (format[plain] && format[plain] != '%')
            plain++;
        kxld_text_append(text, format, plain);
        format += plain;
        if (*format)
            format = text_convert(text, format + 1, &copy);
    }
    va_end(copy);
}

void kxld_text_format(struct kxld_text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    kxld_text_vformat(text, format, args);
    va_end(args);
}
