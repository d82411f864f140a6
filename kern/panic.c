// SPDX-License-Identifier: BSD-2-Clause
/*
 * panic.c: the end. The host program's hook runs first, so that mounts fail instead of hanging; then the
 * report: reason, thread, backtrace with kexts' functions named, the kexts in it; then the process ends with
 * KERN_PANIC_EXIT_CODE. A panic inside a panic tells both reasons and ends the process at once.
 *
 * Takes no lock and allocates nothing itself (the host's symbol lookup may; its time limit covers that). The
 * text buffers are static: only the first panicking thread gets to use them.
 */
#include <stdatomic.h>
#include <string.h>
#include <kern/assert.h>
#include <libkern/OSDebug.h>
#include <libkern/libkern.h>
#include <sys/syslog.h>

#include "kern/format_internal.h"
#include "kern/panic_internal.h"
#include "kern/thread_internal.h"

#define FRAMES_MAX 48
#define KEXTS_MAX  16

static bool (*_Atomic pc_resolver)(const void *pc, struct kern_pc_name *name);
static void (*_Atomic observer)(const char *reason);
static char reason[1024];
static bool said_all; /* what follows may fail */
static char line[640];

void kern_set_pc_resolver(bool (*resolver)(const void *pc, struct kern_pc_name *name))
{
    atomic_store(&pc_resolver, resolver);
}

void kern_set_panic_observer(void (*fn)(const char *text))
{
    atomic_store(&observer, fn);
}

static bool resolve_kext(const void *pc, struct kern_pc_name *name)
{
    bool (*resolver)(const void *, struct kern_pc_name *) = atomic_load(&pc_resolver);

    memset(name, 0, sizeof *name);
    return resolver && resolver(pc, name) && name->kext;
}

void kern_describe_pc(const void *pc, char *buf, size_t len)
{
    struct kern_pc_name name;

    if (!resolve_kext(pc, &name))
        (void)host_symbolize(pc, buf, len);
    else if (name.function)
        (void)snprintf(buf, len, "%s+0x%llx (%s)", name.function, (unsigned long long)name.offset, name.kext);
    else
        (void)snprintf(buf, len, "%s+0x%llx", name.kext, (unsigned long long)name.offset);
}

/* A return address points behind its call, maybe already into the next function: step back to look it up. */
static const void *lookup_address(void *const *pcs, size_t i, bool first_is_exact)
{
    return i == 0 && first_is_exact ? pcs[i] : (const char *)pcs[i] - 1;
}

#define WHERE_KEXTS 3u /* frames of kexts that are told */

void kern_thread_where(uint32_t number, char *buf, size_t len)
{
    void *pcs[FRAMES_MAX];
    struct kern_pc_name name;
    char what[160];
    size_t n = host_thread_backtrace(number, pcs, FRAMES_MAX), used = 0, told = 0;

    buf[0] = '\0';
    for (size_t i = 0; i < n && told < WHERE_KEXTS && used < len; i++) {
        const void *pc = lookup_address(pcs, i, true);

        if (!resolve_kext(pc, &name)) {
            /* What the kext called, not how that waits. */
            if (told || i + 1 == n || !resolve_kext(lookup_address(pcs, i + 1, true), &name))
                continue;
        } else {
            told++;
        }
        kern_describe_pc(pc, what, sizeof what);
        used += (size_t)scnprintf(buf + used, len - used, "%s%s", used ? " < " : "", what);
    }
}

void kern_describe_source(const void *pc, char *buf, size_t len)
{
    (void)host_source_line(pc, buf, len);
}

const char *kern_pc_kext(const void *pc)
{
    struct kern_pc_name name;

    return resolve_kext(pc, &name) ? name.kext : NULL;
}

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
    va_list ap;
    size_t len;

    va_start(ap, fmt);
    len = format_buffer(line, sizeof line, fmt, ap);
    va_end(ap);
    host_log(HOST_LOG_PANIC, line, len < sizeof line ? len : sizeof line - 1);
}

static void report_backtrace(void *const *pcs, size_t n, bool first_is_exact)
{
    static char where[512];

    say("backtrace of thread %u:\n", thread_self_block ? thread_self_block->t_number : 0);
    for (size_t i = 0; i < n; i++) {
        kern_describe_pc(lookup_address(pcs, i, first_is_exact), where, sizeof where);
        say("  #%zu %p %s\n", i, pcs[i], where);
    }
}

static void report_kexts(void *const *pcs, size_t n, bool first_is_exact)
{
    const char *seen[KEXTS_MAX], *details[KEXTS_MAX];
    size_t n_seen = 0;

    for (size_t i = 0; i < n; i++) {
        struct kern_pc_name name;
        bool known = !resolve_kext(lookup_address(pcs, i, first_is_exact), &name);

        for (size_t j = 0; j < n_seen && !known; j++)
            known = strcmp(seen[j], name.kext) == 0;
        if (!known && n_seen < KEXTS_MAX) {
            details[n_seen] = name.detail;
            seen[n_seen++] = name.kext;
        }
    }
    for (size_t i = 0; i < n_seen; i++)
        say("%s%s%s", i ? ", " : "kexts in the backtrace: ", seen[i], i + 1 == n_seen ? "\n" : "");
    for (size_t i = 0; i < n_seen; i++) {
        if (details[i])
            say("  %s\n", details[i]);
    }
}

static void report_thread(void)
{
    struct kthread *self = thread_self_block; /* not thread_self(): nothing is made in a panic */

    if (!self)
        return;
    if (self->t_name[0])
        say("thread %u \"%s\"\n", self->t_number, self->t_name);
    if (self->t_mutexes + self->t_spins + self->t_rws)
        say("locks held by it: %u mutexes, %u spin locks, %u reader-writer locks\n", self->t_mutexes,
            self->t_spins, self->t_rws);
}

static void panic_finish(void *const *pcs, size_t n, bool first_is_exact) __attribute__((noreturn));
static void panic_finish(void *const *pcs, size_t n, bool first_is_exact)
{
    void (*watch)(const char *) = atomic_load(&observer);

    say("panic: %s\n", reason);
    report_thread();
    report_backtrace(pcs, n, first_is_exact);
    report_kexts(pcs, n, first_is_exact);
    if (watch)
        watch(reason);
    said_all = true;
    host_panic_detail(pcs, n, first_is_exact);
    host_die(KERN_PANIC_EXIT_CODE);
}

/* A panic while this thread reports one, or still makes up its words: both reasons, and the end. A third gets
 * nothing said. */
static void __attribute__((noreturn, cold)) panic_again(const char *fmt, ...)
    __attribute__((format(printf, 1, 2)));
static void panic_again(const char *fmt, ...)
{
    static bool said;
    char text[512];
    va_list ap;

    if (said)
        host_die(KERN_PANIC_EXIT_CODE);
    said = true;
    if (said_all) {
        say("(the details end here: they could not be read)\n");
        host_die(KERN_PANIC_EXIT_CODE);
    }
    va_start(ap, fmt);
    (void)format_buffer(text, sizeof text, fmt, ap);
    va_end(ap);
    say("panic: inside a panic: %s\n", text);
    say("the first panic: %s\n", reason[0] ? reason : "(its reason was not made up yet)");
    host_die(KERN_PANIC_EXIT_CODE);
}

static void panic_here(const char *file, int number, const char *fmt, va_list ap) __attribute__((noreturn));
static void panic_here(const char *file, int number, const char *fmt, va_list ap)
{
    static void *pcs[FRAMES_MAX];
    size_t n, used = 0;

    if (!host_panic_begin(KERN_PANIC_EXIT_CODE)) {
        char text[448];

        (void)format_buffer(text, sizeof text, fmt, ap);
        panic_again("%s", text);
    }
    if (file)
        used = (size_t)scnprintf(reason, sizeof reason, "%s:%d: ", file, number);
    (void)format_buffer(reason + used, sizeof reason - used, fmt, ap);
    n = host_backtrace(pcs, FRAMES_MAX);
    panic_finish(pcs, n, false);
}

void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    panic_here(NULL, 0, fmt, ap);
}

void kern_panic_at(const char *file, int number, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    panic_here(file, number, fmt, ap);
}

void Assert(const char *file, int number, const char *expression)
{
    kern_panic_at(file, number, "assertion failed: %s", expression);
}

void panic_fault_upcall(const struct host_fault *fault)
{
    static void *pcs[FRAMES_MAX];
    size_t n;

    if (!host_panic_begin(KERN_PANIC_EXIT_CODE))
        panic_again("%s: address %p, pc %p", fault->what, (void *)fault->addr, (void *)fault->pc);
    if (fault->addr)
        (void)snprintf(reason, sizeof reason, "%s: %s %p at pc %p", fault->what,
                       fault->write ? "store to" : "access to", (void *)fault->addr, (void *)fault->pc);
    else
        (void)snprintf(reason, sizeof reason, "%s at pc %p", fault->what, (void *)fault->pc);
    n = host_backtrace_from(fault->pc, fault->fp, fault->sp, pcs, FRAMES_MAX);
    panic_finish(pcs, n, true);
}

static void report_here(const char *title, const char *text)
{
    void *pcs[FRAMES_MAX];
    char where[256];
    size_t n = host_backtrace(pcs, FRAMES_MAX);

    kern_log(LOG_WARNING, "%s%s\n", title, text);
    for (size_t i = 0; i < n; i++) {
        kern_describe_pc((const char *)pcs[i] - 1, where, sizeof where);
        kern_log(LOG_WARNING, "  #%zu %s\n", i, where);
    }
}

void Debugger(const char *message)
{
    report_here("Debugger: ", message ? message : "");
}

void OSReportWithBacktrace(const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    (void)format_buffer(text, sizeof text, fmt, ap);
    va_end(ap);
    report_here("", text);
}

unsigned OSBacktrace(void **pcs, unsigned max)
{
    return (unsigned)host_backtrace(pcs, max);
}

void __stack_chk_fail(void)
{
    panic("a function's stack frame was overwritten, seen at %p", __builtin_return_address(0));
}
