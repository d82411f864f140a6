// SPDX-License-Identifier: BSD-2-Clause
/*
 * What there is to say of a suspension: whose it is, and who still holds what is to be suspended.
 *
 * Who holds a vnode is told by the calls that were in progress when the suspension began and still are: what
 * each is called, its thread, and since when. The moment a call began is known where the ledger is kept; else
 * it is older than the suspension, and that is said.
 *
 * Lock: the caller has the suspension lock (rank 105). Called by suspend_run.c.
 */
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "vfs/suspend_internal.h"
#include "vfs/vfs_iface.h"

#define VNODES_TOLD  4u
#define CALLS_TOLD   6u
#define THREADS_TOLD 4u
#define NS_PER_MS    1000000ull

struct text {
    char *buf;
    size_t size, used;
};

static void __attribute__((format(printf, 2, 3))) say(struct text *text, const char *fmt, ...)
{
    va_list args;
    if (text->used + 1 >= text->size)
        return;
    va_start(args, fmt);
    int n = vsnprintf(text->buf + text->used, text->size - text->used, fmt, args);
    va_end(args);
    text->used += n > 0 ? (size_t)n : 0;
    if (text->used >= text->size)
        text->used = text->size - 1;
}

static void say_age(struct text *text, uint64_t since_ns)
{
    uint64_t ms = (host_time_mono_ns() - since_ns) / NS_PER_MS;
    say(text, "%llu.%03llu s", (unsigned long long)(ms / 1000), (unsigned long long)(ms % 1000));
}

static void say_target(struct text *text, const struct suspension *s)
{
    char line[192];
    if (s->s_vp) {
        vnode_describe(s->s_vp, line, sizeof(line));
        say(text, "%s", line);
    } else {
        say(text, "%s on %s", s->s_mp->mnt_vfsstat.f_fstypename, s->s_mp->mnt_vfsstat.f_mntonname);
    }
}

static void say_vnodes(struct text *text, const struct suspension *s)
{
    char line[192];
    unsigned held = 0;
    uint32_t count = s->s_vp ? 0 : vnode_table_count();
    for (uint32_t i = 0; i < count; i++) {
        struct vnode *vp = vnode_table_at(i);
        if (vnode_mount_of(vp) != s->s_mp || vnode_iocount(vp) == 0 || held++ >= VNODES_TOLD)
            continue;
        vnode_describe(vp, line, sizeof(line));
        say(text, "%s%s", held == 1 ? "; in use: " : ", ", line);
    }
    if (held > VNODES_TOLD)
        say(text, " and %u more", held - VNODES_TOLD);
    lck_mtx_lock(&s->s_mp->mnt_lock);
    uint32_t busy = s->s_mp->mnt_busy;
    lck_mtx_unlock(&s->s_mp->mnt_lock);
    if (!s->s_vp && busy)
        say(text, "; %u hold(s) of the mount itself", busy);
}

/* Is the call with this id still in progress? */
static bool call_runs(const struct kern_call_info *call)
{
    return kern_call_running(call->thread) == call->id && call->id != kern_call_current_id();
}

/* No call holds it, so a thread does that a kext has started. Which one is not known, but where each of them
 * is says it. */
static void say_threads(struct text *text)
{
    uint32_t numbers[THREADS_TOLD];
    char where[256];
    size_t n = kern_threads_started(numbers, THREADS_TOLD);
    say(text, "; by a thread of a kext's own, outside any call");
    for (size_t i = 0; i < n && i < THREADS_TOLD; i++) {
        kern_thread_where(numbers[i], where, sizeof(where));
        say(text, "%sthread %u%s%s", i ? ", " : ": ", numbers[i], where[0] ? " in " : "", where);
    }
    if (n > THREADS_TOLD)
        say(text, " and %llu more", (unsigned long long)(n - THREADS_TOLD));
}

static void say_calls(struct text *text, const struct suspension *s)
{
    unsigned told = 0;
    for (size_t i = 0; i < s->s_ncalls; i++) {
        const struct kern_call_info *call = &s->s_calls[i];
        if (!call_runs(call) || told++ >= CALLS_TOLD)
            continue;
        say(text, "%s%s in thread %u since ", told == 1 ? "; by " : ", ", call->name ? call->name : "a call",
            call->thread);
        if (!vnop_ledger_on())
            say(text, "more than ");
        say_age(text, vnop_ledger_on() ? call->since_ns : s->s_since_ns);
    }
    if (told > CALLS_TOLD)
        say(text, " and %u more", told - CALLS_TOLD);
    if (!told)
        say_threads(text);
}

void suspend_describe(const struct suspension *s, char *why, size_t size)
{
    struct text text = {.buf = why, .size = size};
    say_target(&text, s);
    say(&text, " is suspended by %s since ", s->s_label);
    say_age(&text, s->s_since_ns);
}

void suspend_report(const struct suspension *s, char *why, size_t size)
{
    struct text text = {.buf = why, .size = size};
    say_target(&text, s);
    say(&text, " is not quiet after ");
    say_age(&text, s->s_since_ns);
    say_vnodes(&text, s);
    say_calls(&text, s);
}
