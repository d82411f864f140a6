// SPDX-License-Identifier: BSD-2-Clause
/*
 * string.c: the string functions of the KPI. memcpy, memmove, memset and memcmp are not here: the process has
 * good ones. No locks, no state.
 */
#include <stdint.h>
#include <string.h>
#include <libkern/libkern.h>
#include <sys/errno.h>

size_t strlen(const char *text)
{
    const char *at = text;

    while (*at)
        at++;
    return (size_t)(at - text);
}

size_t strnlen(const char *text, size_t most)
{
    size_t len = 0;

    while (len < most && text[len])
        len++;
    return len;
}

int strcmp(const char *left, const char *right)
{
    while (*left && *left == *right)
        left++, right++;
    return (unsigned char)*left - (unsigned char)*right;
}

int strncmp(const char *left, const char *right, size_t most)
{
    for (; most; most--, left++, right++) {
        if (*left != *right)
            return (unsigned char)*left - (unsigned char)*right;
        if (!*left)
            break;
    }
    return 0;
}

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

int strcasecmp(const char *left, const char *right)
{
    while (*left && lower(*left) == lower(*right))
        left++, right++;
    return lower(*left) - lower(*right);
}

int strncasecmp(const char *left, const char *right, size_t most)
{
    for (; most; most--, left++, right++) {
        if (lower(*left) != lower(*right))
            return lower(*left) - lower(*right);
        if (!*left)
            break;
    }
    return 0;
}

int strprefix(const char *text, const char *prefix)
{
    while (*prefix)
        if (*text++ != *prefix++)
            return 0;
    return 1;
}

char *strchr(const char *text, int c)
{
    for (;; text++) {
        if (*text == (char)c)
            return (char *)(uintptr_t)text;
        if (!*text)
            return NULL;
    }
}

char *strrchr(const char *text, int c)
{
    const char *found = NULL;

    for (;; text++) {
        if (*text == (char)c)
            found = text;
        if (!*text)
            return (char *)(uintptr_t)found;
    }
}

char *strnstr(const char *text, const char *wanted, size_t most)
{
    size_t len = strlen(wanted);

    for (; most >= len; most--, text++) {
        if (strncmp(text, wanted, len) == 0)
            return (char *)(uintptr_t)text;
        if (!*text)
            break;
    }
    return NULL;
}

char *strsep(char **next, const char *separators)
{
    char *start = *next, *at;

    if (!start)
        return NULL;
    for (at = start; *at; at++) {
        if (strchr(separators, *at)) {
            *at = '\0';
            *next = at + 1;
            return start;
        }
    }
    *next = NULL;
    return start;
}

char *strcpy(char *to, const char *from)
{
    memcpy(to, from, strlen(from) + 1);
    return to;
}

char *strncpy(char *to, const char *from, size_t size)
{
    size_t len = strnlen(from, size);

    memcpy(to, from, len);
    memset(to + len, 0, size - len);
    return to;
}

char *strcat(char *to, const char *from)
{
    (void)strcpy(to + strlen(to), from);
    return to;
}

char *strncat(char *to, const char *from, size_t most)
{
    char *end = to + strlen(to);
    size_t len = strnlen(from, most);

    memcpy(end, from, len);
    end[len] = '\0';
    return to;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t len = strlen(from);

    if (size) {
        size_t copied = len < size ? len : size - 1;

        memcpy(to, from, copied);
        to[copied] = '\0';
    }
    return len;
}

size_t strlcat(char *to, const char *from, size_t size)
{
    size_t have = strnlen(to, size);

    if (have == size)
        return size + strlen(from);
    return have + strlcpy(to + have, from, size - have);
}

void *memchr(const void *memory, int c, size_t len)
{
    const unsigned char *at = memory;

    for (; len; len--, at++)
        if (*at == (unsigned char)c)
            return (void *)(uintptr_t)at;
    return NULL;
}

int bcmp(const void *left, const void *right, size_t len)
{
    return memcmp(left, right, len);
}

void bcopy(const void *from, void *to, size_t len)
{
    memmove(to, from, len);
}

void bzero(void *memory, size_t len)
{
    memset(memory, 0, len);
}

int memset_s(void *memory, size_t room, int c, size_t len)
{
    volatile unsigned char *at = memory;
    size_t fill = len < room ? len : room;

    if (!memory)
        return EINVAL;
    for (size_t i = 0; i < fill; i++)
        at[i] = (unsigned char)c;
    return len > room ? EOVERFLOW : 0;
}
