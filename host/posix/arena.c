// SPDX-License-Identifier: BSD-2-Clause
/*
 * arena.c: the range of address space for kext images. It is reserved once, near enough to the executable
 * that code in either reaches all of the other with a 32-bit displacement, and is a mapping of its own: were
 * it a section of the executable, debuggers would name every address in it after that section, and leak
 * checkers would read all of it. Keeps no record: the extension manager knows what is where.
 *
 * No locks: arena_start is set by host_init(), before there is a second thread; the other calls are single
 * system calls on ranges that the caller owns.
 */
#include <stdio.h>
#include <sys/mman.h>

#include "host/posix/posix_internal.h"

#define ARENA_SIZE  ((size_t)0x40000000)
#define ARENA_STEP  ((uintptr_t)0x200000) /* between places that are tried: a large page */
#define ARENA_SLACK ((uintptr_t)0x1000000)
/* From the lowest byte of executable and arena to the highest; a displacement reaches 2 GiB, and the slack is
 * for the addends. */
#define ARENA_REACH (((uintptr_t)1 << 31) - ARENA_SLACK)
#define LOWEST_ADDR ((uintptr_t)0x10000) /* the system gives no page below */
#define LEVEL_ERROR 3                    /* as in syslog */

extern char __executable_start, end; /* made by the linker */

static uint8_t *arena_start;

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_LEAK_SCAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_LEAK_SCAN 1
#endif
#endif

#ifdef ARENA_LEAK_SCAN
/* The leak checker's own: what the data of a kext points to is no leak. */
void __lsan_register_root_region(const void *p, size_t size);
void __lsan_unregister_root_region(const void *p, size_t size);
#define leak_scan_begin(p, size) __lsan_register_root_region(p, size)
#define leak_scan_end(p, size)   __lsan_unregister_root_region(p, size)
#else
#define leak_scan_begin(p, size) ((void)(p), (void)(size))
#define leak_scan_end(p, size)   ((void)(p), (void)(size))
#endif

uint8_t *host_arena_base(void)
{
    return arena_start;
}

size_t host_arena_size(void)
{
    return arena_start ? ARENA_SIZE : 0;
}

/* Inaccessible, not charged to the overcommit account, in no core dump. @how: MAP_FIXED where the range is
 * ours already, else MAP_FIXED_NOREPLACE. */
static bool arena_reserve(uintptr_t addr, size_t size, int how)
{
    void *want = (void *)addr;
    void *at = mmap(want, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | how, -1, 0);

    if (at == MAP_FAILED)
        return false;
    if (at != want) { /* a system that takes the address for a wish */
        (void)munmap(at, size);
        return false;
    }
    (void)madvise(at, size, MADV_DONTDUMP);
    return true;
}

/* Below the executable, nearest first: the heap grows above it. Then above, farthest first, for the same
 * reason. 0: no room. */
static uintptr_t arena_place(uintptr_t low, uintptr_t high)
{
    uintptr_t floor = high > ARENA_REACH + LOWEST_ADDR ? high - ARENA_REACH : LOWEST_ADDR;
    uintptr_t at = low & ~(ARENA_STEP - 1);

    while (at >= floor + ARENA_SIZE) {
        if (arena_reserve(at - ARENA_SIZE, ARENA_SIZE, MAP_FIXED_NOREPLACE))
            return at - ARENA_SIZE;
        at -= ARENA_STEP;
    }
    for (at = (low + ARENA_REACH - ARENA_SIZE) & ~(ARENA_STEP - 1); at >= high; at -= ARENA_STEP) {
        if (arena_reserve(at, ARENA_SIZE, MAP_FIXED_NOREPLACE))
            return at;
    }
    return 0;
}

int arena_init(void)
{
    uintptr_t low = (uintptr_t)&__executable_start, high = (uintptr_t)&end;
    char text[160];

    arena_start = (uint8_t *)arena_place(low, high);
    if (arena_start)
        return HOST_OK;
    int len = snprintf(text, sizeof text,
                       "host: no %zu MiB of free address space for kexts within 2 GiB of the executable at "
                       "%#zx; is virtual memory limited (ulimit -v)?\n",
                       ARENA_SIZE >> 20, (size_t)low);
    host_log(LEVEL_ERROR, text, (size_t)len);
    return HOST_ENOMEM;
}

static bool arena_range_valid(size_t off, size_t size)
{
    size_t mask = host_page_size() - 1;

    return arena_start && size && !((off | size) & mask) && off < ARENA_SIZE && size <= ARENA_SIZE - off;
}

int host_arena_commit(size_t off, size_t size, unsigned prot)
{
    int error = host_arena_protect(off, size, prot);

    if (!error) {
        (void)madvise(arena_start + off, size, MADV_DODUMP);
        leak_scan_begin(arena_start + off, size);
    }
    return error;
}

int host_arena_protect(size_t off, size_t size, unsigned prot)
{
    if (!arena_range_valid(off, size))
        return HOST_EINVAL;
    return host_protect(arena_start + off, size, prot) ? HOST_ENOMEM : HOST_OK;
}

int host_arena_decommit(size_t off, size_t size)
{
    if (!arena_range_valid(off, size))
        return HOST_EINVAL;
    leak_scan_end(arena_start + off, size);
    return arena_reserve((uintptr_t)(arena_start + off), size, MAP_FIXED) ? HOST_OK : HOST_ENOMEM;
}
