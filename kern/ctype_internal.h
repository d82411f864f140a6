// SPDX-License-Identifier: BSD-2-Clause
/*
 * ctype_internal.h: kinds of ASCII characters. Darwin's kernel exports none of these, and kexts bring their
 * own.
 */
#ifndef KEXTBED_KERN_CTYPE_INTERNAL_H
#define KEXTBED_KERN_CTYPE_INTERNAL_H

#include <stdbool.h>

static inline bool char_is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool char_is_digit(int c)
{
    return c >= '0' && c <= '9';
}

/* The value of a digit in a base of up to 36, or -1. */
static inline int char_value(int c)
{
    if (char_is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 10 : -1;
}

#endif
