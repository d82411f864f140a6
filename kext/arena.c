// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where kext images live: extents of the host's arena, and the callbacks through which the linker gets them
 * and its own memory. Extents are handed out round the arena (next fit, a page left free between two), so
 * that a stale pointer into an unloaded kext meets nothing for as long as possible.
 *
 * Owns the list of extents. It is changed under the operation alone (registry.c); the two totals are atomic.
 */
#include "kext/kext_internal.h"

#include <string.h>
#include <sys/syslog.h>

#include "host/host.h"
#include "kern/kern_iface.h"

_Static_assert((int)KXLD_PROT_READ == (int)HOST_PROT_READ && (int)KXLD_PROT_WRITE == (int)HOST_PROT_WRITE &&
                   (int)KXLD_PROT_EXEC == (int)HOST_PROT_EXEC,
               "the linker's protections are handed on as they are");

#define HEAP_TAG "kxld"

struct extent {
    size_t off, size; /* bytes, whole pages */
};

static struct extent extents[KEXT_CONTROL_MAX]; /* by offset */
static size_t n_extents;
static size_t next_off; /* where the search begins */
static _Atomic uint64_t image_bytes, heap_bytes;

static void *heap_alloc(void *ctx, size_t size)
{
    void *p = kern_alloc_try(size, HEAP_TAG);

    (void)ctx;
    if (p != NULL) {
        atomic_fetch_add_explicit(&heap_bytes, size, memory_order_relaxed);
    }
    return p;
}

static void heap_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    atomic_fetch_sub_explicit(&heap_bytes, size, memory_order_relaxed);
    kern_free(p, size);
}

/* The first fitting hole at or after @from. *slot is where in the list the new extent goes. */
static bool hole_find(size_t from, size_t size, size_t align, size_t *off, size_t *slot)
{
    size_t base = (size_t)(uintptr_t)host_arena_base();
    size_t at = from;

    for (size_t i = 0; i <= n_extents; i++) {
        size_t end = i < n_extents ? extents[i].off : host_arena_size();

        at = ((base + at + align - 1) & ~(align - 1)) - base;
        if (at + size + KXLD_PAGE_SIZE <= end) {
            *off = at;
            *slot = i;
            return true;
        }
        if (i < n_extents && extents[i].off + extents[i].size + KXLD_PAGE_SIZE > at) {
            at = extents[i].off + extents[i].size + KXLD_PAGE_SIZE;
        }
    }
    return false;
}

static int image_reserve(void *ctx, size_t size, size_t align, uint64_t *addr)
{
    size_t off, slot;

    (void)ctx;
    if (n_extents == KEXT_CONTROL_MAX || size > host_arena_size() ||
        (!hole_find(next_off, size, align, &off, &slot) && !hole_find(0, size, align, &off, &slot))) {
        return 1;
    }
    if (host_arena_commit(off, size, HOST_PROT_READ | HOST_PROT_WRITE) != HOST_OK) {
        return 1;
    }
    memmove(&extents[slot + 1], &extents[slot], (n_extents - slot) * sizeof(extents[0]));
    extents[slot] = (struct extent){.off = off, .size = size};
    n_extents++;
    next_off = off + size + KXLD_PAGE_SIZE;
    atomic_fetch_add_explicit(&image_bytes, size, memory_order_relaxed);
    *addr = (uint64_t)(uintptr_t)(host_arena_base() + off);
    return 0;
}

static int image_protect(void *ctx, uint64_t addr, size_t size, unsigned prot)
{
    (void)ctx;
    return host_arena_protect((size_t)(addr - (uintptr_t)host_arena_base()), size, prot);
}

static void image_release(void *ctx, uint64_t addr, size_t size)
{
    size_t off = (size_t)(addr - (uintptr_t)host_arena_base());
    size_t i = 0;

    (void)ctx;
    while (i < n_extents && extents[i].off != off) {
        i++;
    }
    KASSERT(i < n_extents && extents[i].size == size, "released %zu bytes at %#llx, which are no image", size,
            addr);
    memmove(&extents[i], &extents[i + 1], (n_extents - i - 1) * sizeof(extents[0]));
    n_extents--;
    atomic_fetch_sub_explicit(&image_bytes, size, memory_order_relaxed);
    if (host_arena_decommit(off, size) != HOST_OK) {
        kern_log(LOG_ERR, "kext: %zu bytes of the arena at %#llx cannot be given back\n", size, addr);
    }
}

static void link_log(void *ctx, enum kxld_log_level level, const char *text)
{
    static const int levels[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG};

    (void)ctx;
    kern_log(levels[level], "%s\n", text);
}

static struct kxld_host link_host = {
    .alloc = heap_alloc,
    .free = heap_free,
    .image_reserve = image_reserve,
    .image_protect = image_protect,
    .image_release = image_release,
    .log = link_log,
};

const struct kxld_host *kext_link_host(void)
{
    return &link_host;
}

int kext_arena_boot(void)
{
    link_host.image_lo = (uint64_t)(uintptr_t)host_arena_base();
    link_host.image_hi = link_host.image_lo + host_arena_size();
    next_off = 0;
    return 0;
}

void kext_arena_shutdown(void)
{
    KASSERT(n_extents == 0, "%zu kext images are left", n_extents);
}

void kext_arena_usage(uint64_t *images, uint64_t *heap)
{
    *images = atomic_load_explicit(&image_bytes, memory_order_relaxed);
    *heap = atomic_load_explicit(&heap_bytes, memory_order_relaxed);
}
