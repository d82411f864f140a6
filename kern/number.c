// SPDX-License-Identifier: BSD-2-Clause
/*
 * number.c: text to numbers, bits, and decimal tables. No locks, no state.
 */
#include <stdbool.h>
#include <libkern/libkern.h>

#include "kern/ctype_internal.h"

/* 99: none. */
static int digit_of(char c)
{
    int value = char_value(c);

    return value >= 0 ? value : 99;
}

struct parsed {
    uint64_t value;
    bool negative, overflow, any;
};

static struct parsed parse(const char *text, char **end, int base)
{
    struct parsed out = {0};
    const char *at = text;

    while (char_is_space(*at))
        at++;
    if (*at == '-' || *at == '+')
        out.negative = *at++ == '-';
    if ((base == 0 || base == 16) && at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && digit_of(at[2]) < 16) {
        at += 2;
        base = 16;
    } else if (base == 0) {
        base = *at == '0' ? 8 : 10;
    }
    for (; base >= 2 && base <= 36 && digit_of(*at) < base; at++) {
        uint64_t digit = (uint64_t)digit_of(*at);

        out.any = true;
        if (out.value > (UINT64_MAX - digit) / (uint64_t)base)
            out.overflow = true;
        else
            out.value = out.value * (uint64_t)base + digit;
    }
    if (end)
        *end = (char *)(uintptr_t)(out.any ? at : text);
    return out;
}

quad_t strtoq(const char *text, char **end, int base)
{
    struct parsed out = parse(text, end, base);
    uint64_t limit = (uint64_t)INT64_MAX + out.negative;

    if (out.overflow || out.value > limit)
        out.value = limit;
    return (quad_t)(out.negative ? 0 - out.value : out.value);
}

u_quad_t strtouq(const char *text, char **end, int base)
{
    struct parsed out = parse(text, end, base);

    if (out.overflow)
        return UINT64_MAX;
    return out.negative ? 0 - out.value : out.value;
}

long strtol(const char *text, char **end, int base)
{
    return (long)strtoq(text, end, base);
}

u_long strtoul(const char *text, char **end, int base)
{
    return (u_long)strtouq(text, end, base);
}

int atoi(const char *text)
{
    return (int)strtol(text, NULL, 10);
}

char *itoa(int number, char *text)
{
    (void)snprintf(text, sizeof "-2147483648", "%d", number);
    return text;
}

int ffs(unsigned int mask)
{
    return __builtin_ffs((int)mask);
}

int ffsll(unsigned long long mask)
{
    return __builtin_ffsll((long long)mask);
}

int fls(unsigned int mask)
{
    return mask ? 32 - __builtin_clz(mask) : 0;
}

int flsll(unsigned long long mask)
{
    return mask ? 64 - __builtin_clzll(mask) : 0;
}

size_t scanc(size_t size, u_char *text, const u_char *table, u_char mask)
{
    while (size && !(table[*text] & mask)) {
        size--;
        text++;
    }
    return size;
}

int sprintf(char *text, const char *format, ...)
{
    va_list ap;
    int len;

    va_start(ap, format);
    len = vsprintf(text, format, ap);
    va_end(ap);
    return len;
}

#define ROW_BCD(n)                                                                                           \
    (n) * 10, (n)*10 + 1, (n)*10 + 2, (n)*10 + 3, (n)*10 + 4, (n)*10 + 5, (n)*10 + 6, (n)*10 + 7,            \
        (n)*10 + 8, (n)*10 + 9, 0, 0, 0, 0, 0, 0
#define ROW_BIN(n)                                                                                           \
    (n) * 16, (n)*16 + 1, (n)*16 + 2, (n)*16 + 3, (n)*16 + 4, (n)*16 + 5, (n)*16 + 6, (n)*16 + 7,            \
        (n)*16 + 8, (n)*16 + 9

u_char const bcd2bin_data[] = {ROW_BCD(0), ROW_BCD(1), ROW_BCD(2), ROW_BCD(3), ROW_BCD(4),
                               ROW_BCD(5), ROW_BCD(6), ROW_BCD(7), ROW_BCD(8), ROW_BCD(9)};
u_char const bin2bcd_data[] = {ROW_BIN(0), ROW_BIN(1), ROW_BIN(2), ROW_BIN(3), ROW_BIN(4),
                               ROW_BIN(5), ROW_BIN(6), ROW_BIN(7), ROW_BIN(8), ROW_BIN(9)};
char const hex2ascii_data[] = "0123456789abcdefghijklmnopqrstuvwxyz";
