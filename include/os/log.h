// SPDX-License-Identifier: BSD-2-Clause
/*
 * Structured logging. Every message of a kext becomes one line of the kernel's log, with the subsystem and
 * category of its log object in front; annotations of the format such as %{public}s are accepted and have no
 * effect.
 */
#ifndef KPI_OS_LOG_H
#define KPI_OS_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/cdefs.h>
#include <os/base.h>
#include <os/object.h>

struct os_log_s;
typedef struct os_log_s *os_log_t;

#define OS_LOG_DISABLED ((os_log_t)0) /* messages for it are dropped */
#define OS_LOG_DEFAULT  (&_os_log_default)

typedef uint8_t os_log_type_t;
enum {
    OS_LOG_TYPE_DEFAULT = 0x00,
    OS_LOG_TYPE_INFO = 0x01,
    OS_LOG_TYPE_DEBUG = 0x02,
    OS_LOG_TYPE_ERROR = 0x10,
    OS_LOG_TYPE_FAULT = 0x11
};

__BEGIN_DECLS
/** _os_log_default - the log object for messages of no part in particular. */
extern struct os_log_s _os_log_default;

/** os_log_create - a log object for messages of one part of a kext.
 *  @subsystem in  reverse-DNS name, copied.
 *  @category  in  part of it, copied.
 *  Refs:   the object is permanent, and equal names give the same one.
 *  Locks:  none.
 *  Blocks: yes, for memory.
 *  Errno:  never NULL.
 *  KPI:    libkern, stable */
os_log_t os_log_create(const char *subsystem, const char *category);
/** os_log_info_enabled - whether a message of OS_LOG_TYPE_INFO would be kept, so that it is worth preparing.
 */
bool os_log_info_enabled(os_log_t log);
/** os_log_debug_enabled - the same for OS_LOG_TYPE_DEBUG. */
bool os_log_debug_enabled(os_log_t log);

/** _os_log_internal - what the macros call. @dso: the image that logs, may be NULL. Blocks: no. KPI: libkern,
 * stable */
void _os_log_internal(void *dso, os_log_t log, os_log_type_t type, const char *format, ...);
__END_DECLS

#define os_log_with_type(log, type, format, ...)                                                             \
    _os_log_internal((void *)0, (log), (type), (format), ##__VA_ARGS__)
#define os_log(log, format, ...)       os_log_with_type(log, OS_LOG_TYPE_DEFAULT, format, ##__VA_ARGS__)
#define os_log_info(log, format, ...)  os_log_with_type(log, OS_LOG_TYPE_INFO, format, ##__VA_ARGS__)
#define os_log_debug(log, format, ...) os_log_with_type(log, OS_LOG_TYPE_DEBUG, format, ##__VA_ARGS__)
#define os_log_error(log, format, ...) os_log_with_type(log, OS_LOG_TYPE_ERROR, format, ##__VA_ARGS__)
#define os_log_fault(log, format, ...) os_log_with_type(log, OS_LOG_TYPE_FAULT, format, ##__VA_ARGS__)

#endif /* KPI_OS_LOG_H */
