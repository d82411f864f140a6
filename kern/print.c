// SPDX-License-Identifier: BSD-2-Clause
/*
 * print.c: the sprintf family of the KPI. No locks, no state.
 */
#include <libkern/libkern.h>

#include "kern/format_internal.h"

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    return (int)format_buffer(buf, size, fmt, ap);
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(buf, size, fmt, ap);
    va_end(ap);
    return len;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
    size_t len = format_buffer(buf, size, fmt, ap);

    if (!size)
        return 0;
    return (int)(len < size ? len : size - 1);
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vscnprintf(buf, size, fmt, ap);
    va_end(ap);
    return len;
}

int vsprintf(char *buf, const char *fmt, va_list ap)
{
    return (int)format_buffer(buf, SIZE_MAX / 2, fmt, ap);
}
