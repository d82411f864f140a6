// SPDX-License-Identifier: BSD-2-Clause
/*
 * log_internal.h: start of the log, and exported functions that the public headers do not declare.
 */
#ifndef KEXTBED_KERN_LOG_INTERNAL_H
#define KEXTBED_KERN_LOG_INTERNAL_H

void log_init(void);
/** os_log_init - make the lock of the log objects. */
void os_log_init(void);
/** kprintf - as printf, for the debug log. */
void kprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
