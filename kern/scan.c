// SPDX-License-Identifier: BSD-2-Clause
/*
 * scan.c: the sscanf family: d i u o x X p s c [ n and %, widths, * and lengths hh h l ll q j z t. No locks,
 * no state.
 */
#include <stdbool.h>
#include <libkern/libkern.h>

#include "kern/ctype_internal.h"

struct scan {
    const char *start, *at;
    int stored;
};

struct scan_spec {
    bool skip; /* '*': parse, do not store */
    int width; /* 0: none given */
    int size;  /* bytes of the integer stored */
    char conversion;
};

/* The characters between brackets: [a-z], [^/]. */
struct scan_set {
    bool member[256];
};

static const char *parse_set(const char *format, struct scan_set *set)
{
    bool invert = *format == '^', first = true;

    for (int i = 0; i < 256; i++)
        set->member[i] = invert;
    if (invert)
        format++;
    for (; *format && (first || *format != ']'); format++, first = false) {
        unsigned char low = (unsigned char)*format, high = low;

        if (format[1] == '-' && format[2] && format[2] != ']') {
            high = (unsigned char)format[2];
            format += 2;
        }
        for (unsigned c = low; c <= high; c++)
            set->member[c] = !invert;
    }
    return *format ? format + 1 : format;
}

static const char *parse_spec(const char *format, struct scan_spec *spec)
{
    if (*format == '*') {
        spec->skip = true;
        format++;
    }
    for (; char_is_digit(*format); format++)
        if (spec->width < 100000000)
            spec->width = spec->width * 10 + (*format - '0');
    spec->size = 4;
    for (;; format++) {
        if (*format == 'h')
            spec->size = spec->size == 2 ? 1 : 2;
        else if (*format == 'l' || *format == 'q' || *format == 'j' || *format == 'z' || *format == 't')
            spec->size = 8;
        else
            break;
    }
    spec->conversion = *format;
    return *format ? format + 1 : format;
}

static void store_integer(void *to, int size, uint64_t value)
{
    if (size == 1)
        *(uint8_t *)to = (uint8_t)value;
    else if (size == 2)
        *(uint16_t *)to = (uint16_t)value;
    else if (size == 4)
        *(uint32_t *)to = (uint32_t)value;
    else
        *(uint64_t *)to = value;
}

/* Copies at most the field's width, so that the number parser stops there. False: no number. */
static bool scan_number(struct scan *scan, const struct scan_spec *spec, int base, void *to)
{
    char field[72], *end;
    size_t most = spec->width && spec->width < (int)sizeof field ? (size_t)spec->width + 1 : sizeof field;
    bool is_signed = spec->conversion == 'd' || spec->conversion == 'i';
    uint64_t value;

    (void)strlcpy(field, scan->at, most);
    value = is_signed ? (uint64_t)strtoq(field, &end, base) : strtouq(field, &end, base);
    if (end == field)
        return false;
    scan->at += end - field;
    if (to)
        store_integer(to, spec->conversion == 'p' ? 8 : spec->size, value);
    return true;
}

static bool scan_text(struct scan *scan, const struct scan_spec *spec, const struct scan_set *set, char *to)
{
    int n = 0;

    while (*scan->at && set->member[(unsigned char)*scan->at] && (!spec->width || n < spec->width)) {
        if (to)
            *to++ = *scan->at;
        scan->at++;
        n++;
    }
    if (to)
        *to = '\0';
    return n > 0;
}

static bool scan_chars(struct scan *scan, const struct scan_spec *spec, char *to)
{
    int wanted = spec->width ? spec->width : 1;

    for (int i = 0; i < wanted; i++, scan->at++) {
        if (!*scan->at)
            return false;
        if (to)
            *to++ = *scan->at;
    }
    return true;
}

static int base_of(char conversion)
{
    switch (conversion) {
    case 'i':
        return 0;
    case 'o':
        return 8;
    case 'x':
    case 'X':
    case 'p':
        return 16;
    default:
        return 10;
    }
}

static void skip_space(struct scan *scan)
{
    while (char_is_space(*scan->at))
        scan->at++;
}

/* False: the input does not match. */
static bool scan_field(struct scan *scan, const struct scan_spec *spec, struct scan_set *set, void *to)
{
    switch (spec->conversion) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'p':
        return scan_number(scan, spec, base_of(spec->conversion), to);
    case 's':
        (void)parse_set("^ \t\n\v\f\r]", set);
        return scan_text(scan, spec, set, to);
    case '[':
        return scan_text(scan, spec, set, to);
    case 'c':
        return scan_chars(scan, spec, to);
    default:
        return false;
    }
}

int vsscanf(const char *text, const char *format, va_list ap)
{
    struct scan scan = {text, text, 0};

    while (*format) {
        struct scan_spec spec = {0};
        struct scan_set set;
        void *to;

        if (char_is_space(*format)) {
            skip_space(&scan);
            format++;
            continue;
        }
        if (*format != '%') {
            if (*scan.at != *format)
                break;
            scan.at++;
            format++;
            continue;
        }
        format = parse_spec(format + 1, &spec);
        if (spec.conversion == '[')
            format = parse_set(format, &set);
        else if (spec.conversion != 'c' && spec.conversion != 'n')
            skip_space(&scan);
        if (spec.conversion == '%') {
            if (*scan.at++ != '%')
                break;
            continue;
        }
        to = spec.skip ? NULL : va_arg(ap, void *);
        if (spec.conversion == 'n') {
            if (to)
                store_integer(to, spec.size, (uint64_t)(scan.at - scan.start));
            continue;
        }
        if (!*scan.at)
            return scan.stored ? scan.stored : -1;
        if (!scan_field(&scan, &spec, &set, to))
            break;
        scan.stored += to != NULL;
    }
    return scan.stored;
}

int sscanf(const char *text, const char *format, ...)
{
    va_list ap;
    int stored;

    va_start(ap, format);
    stored = vsscanf(text, format, ap);
    va_end(ap);
    return stored;
}
