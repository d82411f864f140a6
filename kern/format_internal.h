// SPDX-License-Identifier: BSD-2-Clause
/*
 * format_internal.h: the formatter under printf, snprintf, log and panic.
 */
#ifndef KEXTBED_KERN_FORMAT_INTERNAL_H
#define KEXTBED_KERN_FORMAT_INTERNAL_H

#include <stdarg.h>
#include <stddef.h>

/** format_run - format @fmt and hand the text over in pieces. Returns the number of characters. Takes no
 * lock, allocates nothing; usable in a panic. */
size_t format_run(void (*put)(void *arg, const char *text, size_t len), void *arg, const char *fmt,
                  va_list ap) __attribute__((format(printf, 3, 0)));

/** format_buffer - the same into @buf, always terminated when @size is not 0. Returns the length it would
 * have had. */
size_t format_buffer(char *buf, size_t size, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

#endif
