// SPDX-License-Identifier: BSD-2-Clause
/*
 * arena.c: access to the kext arena of arena.S. Keeps no record: the extension manager knows what is where.
 * No locks; the calls are single system calls on ranges that the caller owns.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "host/posix/posix_internal.h"

#define ARENA_SIZE ((size_t)0x40000000) /* as in arena.S */

extern uint8_t host_arena_start[] __attribute__((visibility("hidden")));

uint8_t *host_arena_base(void)
{
    return host_arena_start;
}

size_t host_arena_size(void)
{
    return ARENA_SIZE;
}

/* Inaccessible, not charged to the overcommit account, in no core dump. */
static int arena_reserve(size_t off, size_t size)
{
    void *at = mmap(host_arena_start + off, size, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return HOST_ENOMEM;
    (void)madvise(at, size, MADV_DONTDUMP);
    return HOST_OK;
}

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_LEAK_SCAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_LEAK_SCAN 1
#endif
#endif

#ifdef ARENA_LEAK_SCAN
/* The leak checker reads all of the executable's writable sections at the end, this one included. */
static void arena_open(void)
{
    (void)mprotect(host_arena_start, ARENA_SIZE, PROT_READ);
}
#endif

int arena_init(void)
{
#ifdef ARENA_LEAK_SCAN
    (void)atexit(arena_open);
#endif
    return arena_reserve(0, ARENA_SIZE);
}

static bool arena_range_valid(size_t off, size_t size)
{
    size_t mask = host_page_size() - 1;

    return size && !((off | size) & mask) && off < ARENA_SIZE && size <= ARENA_SIZE - off;
}

int host_arena_commit(size_t off, size_t size, unsigned prot)
{
    return host_arena_protect(off, size, prot);
}

int host_arena_protect(size_t off, size_t size, unsigned prot)
{
    if (!arena_range_valid(off, size))
        return HOST_EINVAL;
    return host_protect(host_arena_start + off, size, prot) ? HOST_ENOMEM : HOST_OK;
}

int host_arena_decommit(size_t off, size_t size)
{
    if (!arena_range_valid(off, size))
        return HOST_EINVAL;
    return arena_reserve(off, size);
}
