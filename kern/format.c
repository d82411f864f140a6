// SPDX-License-Identifier: BSD-2-Clause
/*
 * format.c: conversion of arguments to text with the conversions of Darwin's kernel printf: d i u o x X p s c
 * b D O U and
 * %, flags - + space 0 #, width, precision, lengths hh h l ll q j z t. No floating point; %n is refused like
 * any unknown conversion (printed as it stands). %b takes a number and a description: the first byte is the
 * base (8, 10 or 16), then for each named bit one byte with its number (1 is the lowest) followed by the
 * name.
 *
 * No locks, no state. Under printf, snprintf, log, panic.
 */
#include <stdbool.h>
#include <stdint.h>

#include "kern/format_internal.h"

#define DIGITS_MAX 66 /* 64 binary digits and room for a prefix */

struct format_out {
    void (*put)(void *arg, const char *text, size_t len);
    void *arg;
    size_t count;
};

struct format_spec {
    bool left, plus, space, zero, alternate, upper;
    int width;
    int precision; /* -1: none given */
    int size;      /* bytes of the integer argument: 1, 2, 4, 8 */
};

static void out_text(struct format_out *out, const char *text, size_t len)
{
    if (len)
        out->put(out->arg, text, len);
    out->count += len;
}

static void out_fill(struct format_out *out, char c, int n)
{
    char block[16];

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = c;
    while (n > 0) {
        int now = n < (int)sizeof block ? n : (int)sizeof block;

        out_text(out, block, (size_t)now);
        n -= now;
    }
}

/* Writes digits backwards from @end; returns their start. */
static char *digits_of(char *end, uint64_t value, unsigned base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";

    do {
        *--end = set[value % base];
        value /= base;
    } while (value);
    return end;
}

static void format_number(struct format_out *out, const struct format_spec *spec, uint64_t value,
                          unsigned base, const char *sign)
{
    char room[DIGITS_MAX], *end = room + sizeof room, *digits = digits_of(end, value, base, spec->upper);
    int n_digits = (int)(end - digits), n_sign = 0, zeros, pad;
    char prefix[4];

    if (spec->precision == 0 && value == 0)
        n_digits = 0;
    while (sign[n_sign]) {
        prefix[n_sign] = sign[n_sign];
        n_sign++;
    }
    if (spec->alternate && base == 16 && value) {
        prefix[n_sign++] = '0';
        prefix[n_sign++] = spec->upper ? 'X' : 'x';
    }
    zeros = spec->precision > n_digits ? spec->precision - n_digits : 0;
    if (spec->alternate && base == 8 && !zeros && (value || !n_digits))
        zeros = 1;
    if (spec->zero && !spec->left && spec->precision < 0 && spec->width > n_digits + n_sign + zeros)
        zeros = spec->width - n_digits - n_sign;
    pad = spec->width - n_digits - n_sign - zeros;
    if (!spec->left)
        out_fill(out, ' ', pad);
    out_text(out, prefix, (size_t)n_sign);
    out_fill(out, '0', zeros);
    out_text(out, digits, (size_t)n_digits);
    if (spec->left)
        out_fill(out, ' ', pad);
}

static void format_string(struct format_out *out, const struct format_spec *spec, const char *text)
{
    size_t len = 0, most = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
    int pad;

    if (!text)
        text = "(null)";
    while (len < most && text[len])
        len++;
    pad = spec->width > 0 && (size_t)spec->width > len ? spec->width - (int)len : 0;
    if (!spec->left)
        out_fill(out, ' ', pad);
    out_text(out, text, len);
    if (spec->left)
        out_fill(out, ' ', pad);
}

/* 0x12<NAME,NAME>: the number, then the names of the set bits. */
static void format_bits(struct format_out *out, uint64_t value, const char *names)
{
    unsigned base = names ? (unsigned char)*names++ : 16;
    struct format_spec spec = {.precision = -1, .alternate = true};
    bool any = false;

    if (base != 8 && base != 10 && base != 16)
        base = 16;
    format_number(out, &spec, value, base, "");
    if (!names || !value)
        return;
    while (*names) {
        unsigned bit = (unsigned char)*names++;
        const char *name = names;

        while (*names > ' ')
            names++;
        if (bit < 1 || bit > 64 || !(value >> (bit - 1) & 1))
            continue;
        out_text(out, any ? "," : "<", 1);
        out_text(out, name, (size_t)(names - name));
        any = true;
    }
    if (any)
        out_text(out, ">", 1);
}

static const char *parse_flags(const char *at, struct format_spec *spec)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            spec->left = true;
            break;
        case '+':
            spec->plus = true;
            break;
        case ' ':
            spec->space = true;
            break;
        case '0':
            spec->zero = true;
            break;
        case '#':
            spec->alternate = true;
            break;
        default:
            return at;
        }
    }
}

static const char *parse_decimal(const char *at, int *value)
{
    *value = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (*value < INT32_MAX / 10 - 10)
            *value = *value * 10 + (*at - '0');
    return at;
}

static const char *parse_length(const char *at, struct format_spec *spec)
{
    spec->size = 4;
    for (;; at++) {
        switch (*at) {
        case 'h':
            spec->size = spec->size == 2 ? 1 : 2;
            break;
        case 'l':
        case 'q':
        case 'j':
        case 'z':
        case 't':
            spec->size = 8;
            break;
        default:
            return at;
        }
    }
}

static int64_t cut_signed(int64_t value, int size)
{
    return size == 1 ? (int8_t)value : size == 2 ? (int16_t)value : value;
}

static uint64_t cut_unsigned(uint64_t value, int size)
{
    return size == 1 ? (uint8_t)value : size == 2 ? (uint16_t)value : value;
}

/* va_list is an array type; wrapped so that helpers can advance the caller's. */
struct format_args {
    va_list ap;
};

static uint64_t take_unsigned(struct format_args *args, int size)
{
    return size == 8 ? va_arg(args->ap, uint64_t) : cut_unsigned(va_arg(args->ap, unsigned), size);
}

static void format_signed(struct format_out *out, struct format_spec *spec, struct format_args *args)
{
    int64_t value =
        spec->size == 8 ? va_arg(args->ap, int64_t) : cut_signed(va_arg(args->ap, int), spec->size);
    const char *sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";

    spec->alternate = false;
    format_number(out, spec, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, sign);
}

static void format_char(struct format_out *out, struct format_spec *spec, char c)
{
    if (!spec->left)
        out_fill(out, ' ', spec->width - 1);
    out_text(out, &c, 1);
    if (spec->left)
        out_fill(out, ' ', spec->width - 1);
}

/* False: not a conversion of ours. */
static bool format_one(struct format_out *out, struct format_spec *spec, char conversion,
                       struct format_args *args)
{
    switch (conversion) {
    case 'D':
        spec->size = 8;
        __attribute__((fallthrough));
    case 'd':
    case 'i':
        format_signed(out, spec, args);
        return true;
    case 'U':
        spec->size = 8;
        __attribute__((fallthrough));
    case 'u':
        format_number(out, spec, take_unsigned(args, spec->size), 10, "");
        return true;
    case 'O':
        spec->size = 8;
        __attribute__((fallthrough));
    case 'o':
        format_number(out, spec, take_unsigned(args, spec->size), 8, "");
        return true;
    case 'X':
        spec->upper = true;
        __attribute__((fallthrough));
    case 'x':
        format_number(out, spec, take_unsigned(args, spec->size), 16, "");
        return true;
    case 'p':
        spec->alternate = false;
        format_number(out, spec, (uintptr_t)va_arg(args->ap, void *), 16, "0x");
        return true;
    case 'b': {
        uint64_t value = take_unsigned(args, spec->size);

        format_bits(out, value, va_arg(args->ap, const char *));
        return true;
    }
    case 's':
        format_string(out, spec, va_arg(args->ap, const char *));
        return true;
    case 'c':
        format_char(out, spec, (char)va_arg(args->ap, int));
        return true;
    case '%':
        out_text(out, "%", 1);
        return true;
    default:
        return false;
    }
}

static const char *parse_spec(const char *at, struct format_spec *spec, struct format_args *args)
{
    at = parse_flags(at, spec);
    if (*at == '*') {
        spec->width = va_arg(args->ap, int);
        if (spec->width < 0) {
            spec->left = true;
            spec->width = spec->width == INT32_MIN ? 0 : -spec->width;
        }
        at++;
    } else {
        at = parse_decimal(at, &spec->width);
    }
    spec->precision = -1;
    if (*at == '.') {
        at++;
        if (*at == '*') {
            spec->precision = va_arg(args->ap, int);
            if (spec->precision < 0)
                spec->precision = -1;
            at++;
        } else {
            at = parse_decimal(at, &spec->precision);
        }
    }
    return parse_length(at, spec);
}

size_t format_run(void (*put)(void *arg, const char *text, size_t len), void *arg, const char *fmt,
                  va_list ap)
{
    struct format_out out = {put, arg, 0};
    struct format_args args;

    va_copy(args.ap, ap);
    while (*fmt) {
        struct format_spec spec = {.precision = -1};
        const char *start = fmt;

        while (*fmt && *fmt != '%')
            fmt++;
        out_text(&out, start, (size_t)(fmt - start));
        if (!*fmt)
            break;
        start = fmt;
        fmt = parse_spec(fmt + 1, &spec, &args);
        if (!*fmt) {
            out_text(&out, start, (size_t)(fmt - start));
            break;
        }
        fmt++;
        if (!format_one(&out, &spec, fmt[-1], &args))
            out_text(&out, start, (size_t)(fmt - start));
    }
    va_end(args.ap);
    return out.count;
}

struct format_room {
    char *buf;
    size_t size, len;
};

static void room_put(void *arg, const char *text, size_t len)
{
    struct format_room *room = arg;

    for (size_t i = 0; i < len; i++, room->len++)
        if (room->len + 1 < room->size)
            room->buf[room->len] = text[i];
}

size_t format_buffer(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct format_room room = {buf, size, 0};
    size_t len = format_run(room_put, &room, fmt, ap);

    if (size)
        buf[len < size ? len : size - 1] = '\0';
    return len;
}
