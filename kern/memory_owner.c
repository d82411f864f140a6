// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory_owner.c: whose code is it: a table from arena pages to owners, and a set of counters per owner.
 * Owner 0 is the kernel.
 *
 * Lock: owner_lock (rank 840) over the creation and destruction of owners. Readers of the page table take
 * none: a page's owner changes only while no code of that page runs.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/syslog.h>

#include "kern/memory_internal.h"
#include "kern/lock_internal.h"
#include "host/host.h"

#define ARENA_PAGE_SHIFT 12
#define ARENA_PAGES      ((size_t)1 << (30 - ARENA_PAGE_SHIFT))

struct owner {
    struct memory_counters counters;
    bool used;
    char name[64];
};

static struct host_mutex owner_lock;
static struct owner owners[KERN_OWNER_MAX];
static _Atomic uint16_t page_owner[ARENA_PAGES];

void owner_init(void)
{
    KASSERT(host_arena_size() <= ARENA_PAGES << ARENA_PAGE_SHIFT, "the arena has %zu bytes",
            host_arena_size());
    host_mutex_init(&owner_lock);
    owners[KERN_OWNER_KERNEL].used = true;
    memcpy(owners[KERN_OWNER_KERNEL].name, "kernel", sizeof "kernel");
}

uint32_t kern_owner_of(const void *pc)
{
    uintptr_t off = (uintptr_t)pc - (uintptr_t)host_arena_base();

    if (off >= host_arena_size())
        return KERN_OWNER_KERNEL;
    return atomic_load_explicit(&page_owner[off >> ARENA_PAGE_SHIFT], memory_order_relaxed);
}

struct memory_counters *owner_counters(uint32_t owner)
{
    return &owners[owner].counters;
}

const char *owner_name(uint32_t owner)
{
    return owners[owner].name;
}

int kern_owner_create(const char *name, uint32_t *owner)
{
    int error = ENOSPC;

    host_mutex_lock(&owner_lock);
    for (uint32_t i = 1; i < KERN_OWNER_MAX && error; i++) {
        if (owners[i].used)
            continue;
        memset(&owners[i], 0, sizeof owners[i]);
        owners[i].used = true;
        (void)strlcpy(owners[i].name, name, sizeof owners[i].name);
        *owner = i;
        error = 0;
    }
    host_mutex_unlock(&owner_lock);
    return error;
}

void kern_owner_map(const void *base, size_t len, uint32_t owner)
{
    uintptr_t off = (uintptr_t)base - (uintptr_t)host_arena_base();

    KASSERT(owner < KERN_OWNER_MAX && off + len <= host_arena_size(), "owner %u of %p, %zu bytes", owner,
            base, len);
    for (size_t page = off >> ARENA_PAGE_SHIFT;
         page < (off + len + (1 << ARENA_PAGE_SHIFT) - 1) >> ARENA_PAGE_SHIFT; page++)
        atomic_store_explicit(&page_owner[page], (uint16_t)owner, memory_order_relaxed);
}

uint64_t kern_owner_destroy(uint32_t owner)
{
    struct kern_memory_stats left;
    uint32_t locks;

    KASSERT(owner > KERN_OWNER_KERNEL && owner < KERN_OWNER_MAX && owners[owner].used,
            "owner %u does not exist", owner);
    locks = lock_owner_count(owner);
    counters_read(&owners[owner].counters, &left);
    host_mutex_lock(&owner_lock);
    /* An owner with live blocks keeps its number: their headers still say it. */
    if (left.blocks == 0 && locks == 0)
        owners[owner].used = false;
    host_mutex_unlock(&owner_lock);
    return left.bytes;
}

void kern_owner_stats(uint32_t owner, struct kern_memory_stats *stats)
{
    memset(stats, 0, sizeof *stats);
    if (owner < KERN_OWNER_MAX)
        counters_read(&owners[owner].counters, stats);
}

void kern_memory_stats(struct kern_memory_stats *stats)
{
    struct kern_memory_stats one;

    memset(stats, 0, sizeof *stats);
    for (uint32_t i = 0; i < KERN_OWNER_MAX; i++) {
        counters_read(&owners[i].counters, &one);
        stats->bytes += one.bytes;
        stats->blocks += one.blocks;
        stats->allocations += one.allocations;
        stats->peak_bytes += one.peak_bytes;
    }
}

#ifdef KERN_DEBUG
struct report {
    unsigned left;
    char text[128];
};

static bool report_block(void *arg, void *ptr, size_t size, const char *tag, const void *caller)
{
    struct report *report = arg;

    if (report->left-- == 0)
        return false;
    kern_describe_pc(caller, report->text, sizeof report->text);
    kern_log(LOG_NOTICE, "  %p %zu bytes, tag \"%s\", allocated by %s\n", ptr, size, tag, report->text);
    return true;
}
#endif

void kern_memory_report(uint32_t owner, unsigned max)
{
    struct kern_memory_stats stats;

    kern_owner_stats(owner, &stats);
    kern_log(LOG_NOTICE, "%s holds %llu bytes in %llu blocks\n",
             owner < KERN_OWNER_MAX ? owners[owner].name : "?", stats.bytes, stats.blocks);
#ifdef KERN_DEBUG
    {
        struct report report = {.left = max};

        memory_each_block(owner, report_block, &report);
    }
#else
    (void)max;
#endif
}
