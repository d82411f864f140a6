// SPDX-License-Identifier: BSD-2-Clause
/*
 * os_log.c: structured logging. A message becomes one line of the kernel's log: [subsystem:category] in front
 * where its log object has names, annotations such as %{public}s taken out of the format, at most LINE_SIZE
 * bytes, a newline at the end. Log objects are permanent, since kexts keep them in variables that nothing
 * ever releases; equal names share one.
 *
 * Lock: objects_lock (rank 830) over the list of log objects.
 */
#include <stdarg.h>
#include <string.h>
#include <os/log.h>
#include <libkern/libkern.h>
#include <sys/syslog.h>

#include "kern/kern_iface.h"
#include "kern/log_internal.h"
#include "host/host.h"

#define LINE_SIZE   1024
#define FORMAT_SIZE 512

struct os_log_s {
    struct os_log_s *next; /* objects_lock */
    char *subsystem, *category;
};

struct os_log_s _os_log_default;

static struct host_mutex objects_lock;
static struct os_log_s *objects;

void os_log_init(void)
{
    host_mutex_init(&objects_lock);
}

/* ---- log objects ------------------------------------------------------------------------------- */

static struct os_log_s *object_find(const char *subsystem, const char *category)
{
    struct os_log_s *object = objects;

    while (object && (strcmp(object->subsystem, subsystem) || strcmp(object->category, category)))
        object = object->next;
    return object;
}

static struct os_log_s *object_make(const char *subsystem, const char *category)
{
    size_t n_subsystem = strlen(subsystem) + 1, n_category = strlen(category) + 1;
    struct os_log_s *object = host_alloc_zero(sizeof *object + n_subsystem + n_category);

    if (!object)
        return NULL;
    object->subsystem = (char *)(object + 1);
    object->category = object->subsystem + n_subsystem;
    memcpy(object->subsystem, subsystem, n_subsystem);
    memcpy(object->category, category, n_category);
    return object;
}

os_log_t os_log_create(const char *subsystem, const char *category)
{
    struct os_log_s *object, *fresh;

    if (!subsystem || !category)
        return OS_LOG_DISABLED;
    fresh = object_make(subsystem, category);
    if (!fresh)
        return OS_LOG_DEFAULT;
    host_mutex_lock(&objects_lock);
    object = object_find(subsystem, category);
    if (!object) {
        fresh->next = objects;
        objects = fresh;
    }
    host_mutex_unlock(&objects_lock);
    if (!object)
        return fresh;
    host_free(fresh);
    return object;
}

/* Permanent objects need no count. */
void *os_retain(void *object)
{
    return object;
}

void os_release(void *object)
{
    (void)object;
}

/* The log keeps everything. */
bool os_log_info_enabled(os_log_t log)
{
    return log != OS_LOG_DISABLED;
}

bool os_log_debug_enabled(os_log_t log)
{
    return log != OS_LOG_DISABLED;
}

/* ---- messages ---------------------------------------------------------------------------------- */

/* @format without what stands in braces after a '%'. */
static const char *format_bare(const char *format, char *room, size_t size)
{
    size_t len = 0;

    for (const char *at = format; *at && len + 1 < size; at++) {
        room[len++] = *at;
        if (*at != '%')
            continue;
        const char *end = at[1] == '{' ? strchr(at, '}') : NULL;
        if (end)
            at = end;
        else if (at[1] == '%' && len + 1 < size)
            room[len++] = *++at;
    }
    room[len] = '\0';
    return room;
}

static int level_of(os_log_type_t type)
{
    switch (type) {
    case OS_LOG_TYPE_DEBUG:
        return LOG_DEBUG;
    case OS_LOG_TYPE_ERROR:
    case OS_LOG_TYPE_FAULT:
        return LOG_ERR;
    default:
        return LOG_INFO;
    }
}

void _os_log_internal(void *dso, os_log_t log, os_log_type_t type, const char *format, ...)
{
    char line[LINE_SIZE], bare[FORMAT_SIZE];
    va_list ap;
    int len;

    (void)dso;
    if (log == OS_LOG_DISABLED)
        return;
    va_start(ap, format);
    len = vscnprintf(line, sizeof line, format_bare(format, bare, sizeof bare), ap);
    va_end(ap);
    if (len > 0 && line[len - 1] == '\n')
        line[len - 1] = '\0';
    if (log->subsystem)
        kern_log(level_of(type), "[%s:%s] %s\n", log->subsystem, log->category, line);
    else
        kern_log(level_of(type), "%s\n", line);
}
