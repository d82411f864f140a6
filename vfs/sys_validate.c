// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the validator knows, for the host program: locks and waits of all threads, contention, the lock order
 * graph, the watchdog. Takes no lock. References are in vnode_holders.c.
 */
#include <mach/mach_time.h>
#include <sys/errno.h>
#include <string.h>

#include "vfs/sys_internal.h"
#include "vfs/vnode_checked_internal.h"

struct lock_sink {
    struct sys_row row;
    void (*fn)(void *arg, const struct sys_row *row);
    void *arg;
};

static const uint32_t kinds[] = {
    [VALIDATE_ROW_RUNS] = SYS_ROW_RUNS,
    [VALIDATE_ROW_HOLDS] = SYS_ROW_HOLDS,
    [VALIDATE_ROW_WAITS] = SYS_ROW_WAITS,
    [VALIDATE_ROW_SLEEPS] = SYS_ROW_SLEEPS,
};

static void lock_row(void *arg, const struct validate_row *from)
{
    struct lock_sink *sink = arg;
    struct sys_row *row = &sink->row;
    uint64_t now = mach_absolute_time();
    memset(row, 0, sizeof(*row));
    row->kind = kinds[from->kind];
    row->thread = from->thread;
    row->age_ns = now > from->since_ns ? now - from->since_ns : 0;
    strlcpy(row->thread_name, from->thread_name, sizeof(row->thread_name));
    strlcpy(row->operation, from->operation ? from->operation : "", sizeof(row->operation));
    strlcpy(row->kext, from->kext ? from->kext : "", sizeof(row->kext));
    strlcpy(row->object, from->object, sizeof(row->object));
    sys_row_stack(row, &from->stack);
    sink->fn(sink->arg, row);
}

int sys_each_lock(void (*fn)(void *arg, const struct sys_row *row), void *arg)
{
    if (!validate_on())
        return ENOTSUP;
    struct lock_sink *sink = kern_alloc(sizeof(*sink), "listing");
    sink->fn = fn;
    sink->arg = arg;
    validate_each_row(lock_row, sink);
    kern_free(sink, sizeof(*sink));
    return 0;
}

struct class_sink {
    void (*fn)(void *arg, const struct sys_lock_class *class);
    void *arg;
};

static void class_row(void *arg, const struct validate_contention *from)
{
    const struct class_sink *sink = arg;
    struct sys_lock_class class = {.taken = from->taken,
                                   .waited = from->waited,
                                   .wait_ns = from->wait_ns,
                                   .wait_max_ns = from->wait_max_ns};
    strlcpy(class.kind, from->kind, sizeof(class.kind));
    strlcpy(class.name, from->name, sizeof(class.name));
    sink->fn(sink->arg, &class);
}

int sys_each_lock_class(void (*fn)(void *arg, const struct sys_lock_class *class), void *arg)
{
    struct class_sink sink = {.fn = fn, .arg = arg};
    if (!validate_on())
        return ENOTSUP;
    validate_each_class(class_row, &sink);
    return 0;
}

int sys_lock_order(void (*add)(void *arg, const char *text), void *arg)
{
    if (!validate_on())
        return ENOTSUP;
    validate_order_dot(add, arg);
    return 0;
}

unsigned sys_validate_watch(uint64_t ns)
{
    return validate_watch(ns);
}

uint64_t sys_validate_findings(void)
{
    return validate_findings();
}
