// SPDX-License-Identifier: BSD-2-Clause
/*
 * memory.c: the allocator under all public families. Each block carries a header in front (owner, kind, tag,
 * size, who asked) and a guard value behind, both checked when it is freed; so a double free, a wrong size, a
 * wrong family or an overrun is a panic that names tag and caller, at the moment of the free. In builds with
 * AddressSanitizer the guard is poisoned, so that an overrun by one byte is seen at the moment of the access.
 *
 * Lock: in debug builds list_lock (rank 840) over the list of live blocks; otherwise none. Called by
 * memory_*.c and everybody in the kernel half.
 */
#include <string.h>
#include <stdatomic.h>

#include "kern/memory_internal.h"
#include "host/host.h"

#define MAGIC_LIVE  0x4b6d4c76u
#define MAGIC_FREED 0x4b6d4672u
#define GUARD       0x5fa7c3b19e84d26bULL
#define POISON_BYTE 0xdb
#define FRESH_BYTE  0xa5
#define SIZE_LIMIT  ((size_t)1 << 46) /* beyond any address space: a negative or garbage size */

/* The host's heap reuses the first two words of what it has freed. Nothing that is told of a block which is
 * freed twice lies there. */
struct block {
    struct block *next, *previous; /* live blocks, list_lock, in debug builds */
    struct memory_tag *tag;
    size_t size;
    const void *caller; /* who asked for it; once it is freed, who gave it back */
    uint16_t owner;
    uint8_t kind;
    uint8_t align_shift;
    uint32_t magic;
};

_Static_assert(sizeof(struct block) % 16 == 0, "block contents would lose their alignment");

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_ASAN 1
#endif
#endif

#ifdef MEMORY_ASAN
void __asan_poison_memory_region(const volatile void *addr, size_t size);
void __asan_unpoison_memory_region(const volatile void *addr, size_t size);
#else
#define __asan_poison_memory_region(addr, size)   ((void)(addr), (void)(size))
#define __asan_unpoison_memory_region(addr, size) ((void)(addr), (void)(size))
#endif

/* The shadow of a block's end can tell a part of eight bytes from the rest only where the rest is poisoned
 * whole, so the room for the guard ends on a multiple of that. */
#define BACK_ALIGN 8u

static _Atomic uint64_t fail_countdown;

#ifdef KERN_DEBUG
static struct host_mutex list_lock;
static struct block live_blocks;

static void list_insert(struct block *block)
{
    host_mutex_lock(&list_lock);
    block->next = live_blocks.next;
    block->previous = &live_blocks;
    live_blocks.next->previous = block;
    live_blocks.next = block;
    host_mutex_unlock(&list_lock);
}

static void list_remove(struct block *block)
{
    host_mutex_lock(&list_lock);
    block->next->previous = block->previous;
    block->previous->next = block->next;
    host_mutex_unlock(&list_lock);
}

void memory_each_block(uint32_t owner,
                       bool (*fn)(void *arg, void *ptr, size_t size, const char *tag, const void *caller),
                       void *arg)
{
    host_mutex_lock(&list_lock);
    for (struct block *block = live_blocks.next; block != &live_blocks; block = block->next)
        if (block->owner == owner && !fn(arg, block + 1, block->size, block->tag->name, block->caller))
            break;
    host_mutex_unlock(&list_lock);
}
#endif

void memory_init(void)
{
#ifdef KERN_DEBUG
    host_mutex_init(&list_lock);
    live_blocks.next = live_blocks.previous = &live_blocks;
#endif
    owner_init();
    memory_tag_init();
}

/* A way tells the shared sum when it differs from what it told by this much. */
#define TELL_BYTES 4096

static void peak_raise(struct memory_counters *counters, int64_t now)
{
    int64_t peak = atomic_load_explicit(&counters->peak_bytes, memory_order_relaxed);

    while (now > peak && !atomic_compare_exchange_weak_explicit(&counters->peak_bytes, &peak, now,
                                                                memory_order_relaxed, memory_order_relaxed))
        ;
}

static void way_tell(struct memory_counters *counters, struct memory_way *way, int64_t bytes)
{
    int64_t told = atomic_load_explicit(&way->told, memory_order_relaxed), news = bytes - told;

    if (__builtin_expect(news < TELL_BYTES && news > -TELL_BYTES, 1))
        return;
    /* Another thread of this way may be at it. */
    if (atomic_compare_exchange_strong_explicit(&way->told, &told, bytes, memory_order_relaxed,
                                                memory_order_relaxed))
        peak_raise(counters,
                   atomic_fetch_add_explicit(&counters->told_bytes, news, memory_order_relaxed) + news);
}

void counters_add(struct memory_counters *counters, size_t size)
{
    struct memory_way *way = &counters->ways[split_way()];
    int64_t change = (int64_t)size;

    way_tell(counters, way, atomic_fetch_add_explicit(&way->bytes, change, memory_order_relaxed) + change);
    atomic_fetch_add_explicit(&way->allocations, 1, memory_order_relaxed);
}

/* Whoever sees the free counted may free what @counters lie in, so that is the last touch. */
void counters_sub(struct memory_counters *counters, size_t size)
{
    struct memory_way *way = &counters->ways[split_way()];
    int64_t change = -(int64_t)size;

    way_tell(counters, way, atomic_fetch_add_explicit(&way->bytes, change, memory_order_relaxed) + change);
    atomic_fetch_add_explicit(&way->frees, 1, memory_order_release);
}

void counters_read(struct memory_counters *counters, struct kern_memory_stats *stats)
{
    uint64_t frees = 0, allocations = 0;
    int64_t bytes = 0;

    /* Frees first: a block that is allocated and freed meanwhile must not count as less than none. */
    for (unsigned i = 0; i < SPLIT_WAYS; i++)
        frees += atomic_load_explicit(&counters->ways[i].frees, memory_order_acquire);
    for (unsigned i = 0; i < SPLIT_WAYS; i++) {
        allocations += atomic_load_explicit(&counters->ways[i].allocations, memory_order_relaxed);
        bytes += atomic_load_explicit(&counters->ways[i].bytes, memory_order_relaxed);
    }
    peak_raise(counters, bytes);
    stats->bytes = bytes > 0 ? (uint64_t)bytes : 0;
    stats->allocations = allocations;
    stats->blocks = allocations > frees ? allocations - frees : 0;
    stats->peak_bytes = (uint64_t)atomic_load_explicit(&counters->peak_bytes, memory_order_relaxed);
}

void kern_memory_fail_after(uint64_t n)
{
    atomic_store_explicit(&fail_countdown, n, memory_order_relaxed);
}

static bool failure_due(void)
{
    uint64_t left = atomic_load_explicit(&fail_countdown, memory_order_relaxed);

    if (__builtin_expect(left == 0, 1))
        return false;
    while (left && !atomic_compare_exchange_weak_explicit(&fail_countdown, &left, left - 1,
                                                          memory_order_relaxed, memory_order_relaxed))
        ;
    return left == 1;
}

/* Bytes between the start of the host's allocation and the caller's: the header, rounded up to the alignment.
 */
static size_t front_room(unsigned align_shift)
{
    size_t align = (size_t)1 << align_shift;

    return (sizeof(struct block) + align - 1) & ~(align - 1);
}

/* Bytes behind @size bytes of contents. */
static size_t back_room(size_t size)
{
    return ((size + BACK_ALIGN - 1) & ~(size_t)(BACK_ALIGN - 1)) - size + sizeof(uint64_t);
}

struct unaligned_guard {
    uint64_t value;
} __attribute__((packed, may_alias));

static void guard_set(char *at, size_t room)
{
    ((struct unaligned_guard *)at)->value = GUARD;
    __asan_poison_memory_region(at, room);
}

__attribute__((no_sanitize("address"))) static bool guard_intact(const char *at)
{
    return ((const struct unaligned_guard *)at)->value == GUARD;
}

void *memory_alloc(const struct memory_request *request)
{
    size_t align = request->align < 16 ? 16 : request->align, front;
    unsigned shift = (unsigned)__builtin_ctzl(align);
    struct block *block;
    char *base, *contents;
    size_t back = back_room(request->size);

    KASSERT((align & (align - 1)) == 0, "allocation aligned to %zu, which is no power of two", align);
    if (request->size > SIZE_LIMIT || (request->may_fail && failure_due()))
        return NULL;
    front = front_room(shift);
    if (request->zero && align == 16)
        base = host_alloc_zero(front + request->size + back);
    else
        base = host_alloc(front + request->size + back, align);
    if (!base)
        return NULL;
    contents = base + front;
    block = (struct block *)contents - 1;
    block->tag = request->tag;
    block->size = request->size;
    block->caller = request->caller;
    block->owner = (uint16_t)kern_owner_of(request->caller);
    block->kind = (uint8_t)request->kind;
    block->align_shift = (uint8_t)shift;
    block->magic = MAGIC_LIVE;
    guard_set(contents + request->size, back);
    if (request->zero && align != 16)
        memset(contents, 0, request->size);
#ifdef KERN_DEBUG
    if (!request->zero)
        memset(contents, FRESH_BYTE, request->size);
    list_insert(block);
#endif
    counters_add(&request->tag->counters, request->size);
    counters_add(owner_counters(block->owner), request->size);
    return contents;
}

static const char *const kind_names[] = {
    [MEMORY_KERNEL] = "kern_alloc", [MEMORY_OSMALLOC] = "OSMalloc",       [MEMORY_BSD] = "_MALLOC",
    [MEMORY_IOKIT] = "IOMalloc",    [MEMORY_ALIGNED] = "IOMallocAligned", [MEMORY_KERN_OS] = "kern_os_malloc",
};

/* A block that is freed once more. Its tag may have been given up since, so that is looked for rather than
 * followed. */
static void __attribute__((noreturn, cold, no_sanitize("address")))
block_freed_twice(const struct block *block, const void *caller)
{
    char who[128], before[128], tag[64];

    memory_tag_name(block->tag, tag, sizeof tag);
    kern_describe_pc(caller, who, sizeof who);
    kern_describe_pc(block->caller, before, sizeof before);
    panic("%p is freed twice (%zu bytes, tag \"%s\" of %s): now by %s, before by %s",
          (const void *)(block + 1), block->size, tag,
          block->owner < KERN_OWNER_MAX ? owner_name(block->owner) : "?", who, before);
}

/* Of a block that may have been freed: AddressSanitizer, which keeps freed memory a while, would only say
 * that. */
__attribute__((no_sanitize("address"))) static uint32_t block_magic(const struct block *block)
{
    return block->magic;
}

/* The block whose contents are at @ptr; panics unless it is live, of @kind and intact. */
static struct block *block_check(void *ptr, enum memory_kind kind, const void *caller)
{
    struct block *block = (struct block *)ptr - 1;
    char who[128];

    if (__builtin_expect((uintptr_t)ptr & 15 || block_magic(block) != MAGIC_LIVE, 0)) {
        if (!((uintptr_t)ptr & 15) && block_magic(block) == MAGIC_FREED)
            block_freed_twice(block, caller);
        kern_describe_pc(caller, who, sizeof who);
        panic("%p was freed by %s and is no live block of memory", ptr, who);
    }
    if (__builtin_expect(block->kind != kind, 0)) {
        kern_describe_pc(caller, who, sizeof who);
        panic("%p (%zu bytes, tag \"%s\") is from %s, but was given back as memory of %s by %s", ptr,
              block->size, block->tag->name, kind_names[block->kind], kind_names[kind], who);
    }
    if (__builtin_expect(!guard_intact((const char *)ptr + block->size), 0)) {
        kern_describe_pc(block->caller, who, sizeof who);
        panic("%p was written beyond its end (%zu bytes, tag \"%s\", allocated by %s)", ptr, block->size,
              block->tag->name, who);
    }
    return block;
}

static void block_check_free(struct block *block, size_t size, struct memory_tag *tag, const void *caller)
{
    char who[128];

    if (__builtin_expect(size != MEMORY_SIZE_UNKNOWN && size != block->size, 0)) {
        kern_describe_pc(caller, who, sizeof who);
        panic("%p is freed with size %zu, but was allocated with %zu (tag \"%s\") by %s", (void *)(block + 1),
              size, block->size, block->tag->name, who);
    }
    if (__builtin_expect(tag && tag != block->tag, 0)) {
        kern_describe_pc(caller, who, sizeof who);
        panic("%p is freed with tag \"%s\", but was allocated with tag \"%s\" by %s", (void *)(block + 1),
              tag->name, block->tag->name, who);
    }
}

void memory_free(void *ptr, size_t size, struct memory_tag *tag, enum memory_kind kind, const void *caller)
{
    struct block *block = block_check(ptr, kind, caller);
    char *base = (char *)ptr - front_room(block->align_shift);
    struct memory_tag *charged = block->tag;

    block_check_free(block, size, tag, caller);
    block->magic = MAGIC_FREED;
    block->caller = caller;
    __asan_unpoison_memory_region((char *)ptr + block->size, back_room(block->size));
    counters_sub(owner_counters(block->owner), block->size);
    counters_sub(&charged->counters, block->size);
#ifdef KERN_DEBUG
    list_remove(block);
    memset(ptr, POISON_BYTE, block->size);
#else
    memset(ptr, POISON_BYTE, block->size < 64 ? block->size : 64);
#endif
    host_free(base);
}

size_t memory_size(void *ptr, enum memory_kind kind, const void *caller)
{
    return block_check(ptr, kind, caller)->size;
}

static struct memory_request kernel_request(size_t size, const char *tag, const void *caller, bool may_fail)
{
    return (struct memory_request){.size = size,
                                   .tag = memory_tag_named(tag),
                                   .kind = MEMORY_KERNEL,
                                   .caller = caller,
                                   .zero = true,
                                   .may_fail = may_fail};
}

void *kern_alloc(size_t size, const char *tag)
{
    struct memory_request request = kernel_request(size, tag, __builtin_return_address(0), false);
    void *ptr = memory_alloc(&request);

    KASSERT(ptr, "no memory for %zu bytes of \"%s\"", size, tag);
    return ptr;
}

void *kern_alloc_try(size_t size, const char *tag)
{
    struct memory_request request = kernel_request(size, tag, __builtin_return_address(0), true);

    return memory_alloc(&request);
}

void kern_free(void *ptr, size_t size)
{
    if (ptr)
        memory_free(ptr, size, NULL, MEMORY_KERNEL, __builtin_return_address(0));
}
