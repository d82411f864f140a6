// SPDX-License-Identifier: BSD-2-Clause
/*
 * What went wrong, as text that grows while it is found out and is printed once.
 * One struct report belongs to one thread until it is printed. No locks.
 */
#ifndef FSX_REPORT_H
#define FSX_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct report {
    char text[4096];
    size_t len;
};

/** report_add - appends formatted text. What does not fit is cut off. Returns false, for "return
 * report_add(...)". */
bool report_add(struct report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** report_add_hex - appends @len bytes in hexadecimal behind @label, as one line. */
void report_add_hex(struct report *report, const char *label, const uint8_t *bytes, size_t len);

#endif
