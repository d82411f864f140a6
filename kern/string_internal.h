// SPDX-License-Identifier: BSD-2-Clause
/*
 * string_internal.h: functions that only compiled code names. @room is the size of the destination, SIZE_MAX
 * when unknown.
 */
#ifndef KEXTBED_KERN_STRING_INTERNAL_H
#define KEXTBED_KERN_STRING_INTERNAL_H

#include <stddef.h>

void *__memcpy_chk(void *to, const void *from, size_t len, size_t room);
void *__memmove_chk(void *to, const void *from, size_t len, size_t room);
void *__memset_chk(void *to, int c, size_t len, size_t room);
char *__strcpy_chk(char *to, const char *from, size_t room);
char *__strncpy_chk(char *to, const char *from, size_t len, size_t room);
char *__strcat_chk(char *to, const char *from, size_t room);
char *__strncat_chk(char *to, const char *from, size_t most, size_t room);
size_t __strlcpy_chk(char *to, const char *from, size_t size, size_t room);
size_t __strlcat_chk(char *to, const char *from, size_t size, size_t room);
void __bzero(void *memory, size_t len);

#endif
