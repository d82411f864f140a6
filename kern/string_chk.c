// SPDX-License-Identifier: BSD-2-Clause
/*
 * string_chk.c: the forms that compilers substitute when they know the size of the destination: overrunning
 * it is a panic. No locks, no state.
 */
#include <string.h>

#include "kern/kern_iface.h"
#include "kern/string_internal.h"

static void check(size_t needed, size_t room, const char *function)
{
    if (__builtin_expect(needed > room, 0))
        panic("%s writes %zu bytes into an object of %zu", function, needed, room);
}

void *__memcpy_chk(void *to, const void *from, size_t len, size_t room)
{
    check(len, room, "memcpy");
    return memcpy(to, from, len);
}

void *__memmove_chk(void *to, const void *from, size_t len, size_t room)
{
    check(len, room, "memmove");
    return memmove(to, from, len);
}

void *__memset_chk(void *to, int c, size_t len, size_t room)
{
    check(len, room, "memset");
    return memset(to, c, len);
}

char *__strcpy_chk(char *to, const char *from, size_t room)
{
    check(strlen(from) + 1, room, "strcpy");
    return strcpy(to, from);
}

char *__strncpy_chk(char *to, const char *from, size_t len, size_t room)
{
    check(len, room, "strncpy");
    return strncpy(to, from, len);
}

char *__strcat_chk(char *to, const char *from, size_t room)
{
    check(strlen(to) + strlen(from) + 1, room, "strcat");
    return strcat(to, from);
}

char *__strncat_chk(char *to, const char *from, size_t most, size_t room)
{
    check(strlen(to) + strnlen(from, most) + 1, room, "strncat");
    return strncat(to, from, most);
}

size_t __strlcpy_chk(char *to, const char *from, size_t size, size_t room)
{
    check(size, room, "strlcpy");
    return strlcpy(to, from, size);
}

size_t __strlcat_chk(char *to, const char *from, size_t size, size_t room)
{
    check(size, room, "strlcat");
    return strlcat(to, from, size);
}

void __bzero(void *memory, size_t len)
{
    memset(memory, 0, len);
}
