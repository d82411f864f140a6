// SPDX-License-Identifier: BSD-2-Clause
/*
 * The growing text about a failure. No locks (see report.h).
 */
#include "tools/fsx/report.h"

#include <stdarg.h>
#include <stdio.h>

bool report_add(struct report *report, const char *format, ...)
{
    size_t room = sizeof(report->text) - report->len;
    va_list args;

    va_start(args, format);
    int n = vsnprintf(report->text + report->len, room, format, args);
    va_end(args);
    if (n > 0)
        report->len += (size_t)n < room ? (size_t)n : room - 1;
    return false;
}

void report_add_hex(struct report *report, const char *label, const uint8_t *bytes, size_t len)
{
    report_add(report, "  %-9s", label);
    for (size_t i = 0; i < len; i++)
        report_add(report, " %02x", bytes[i]);
    report_add(report, "\n");
}
