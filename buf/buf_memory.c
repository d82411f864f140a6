// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory for the contents of buffers: pieces of a power of two of bytes, cut from slabs, so that a block of
 * 4 KiB takes 4 KiB and lies where a device can be handed it. Larger pieces than the largest class come from
 * the host one by one; with AddressSanitizer all do, so that an overrun is seen.
 *
 * Locks: rank 420, one for each class. Called by the files of buf/, with a shard lock held or none.
 */
#include "buf/buf_internal.h"
#include "host/host.h"

#define SLAB_BYTES   (128u << 10)
#define CLASS_FIRST  9u /* 512 bytes */
#define CLASS_LAST   16u
#define CLASSES      (CLASS_LAST - CLASS_FIRST + 1)
#define MASK_WORDS   ((SLAB_BYTES >> CLASS_FIRST) / 64u)
#define DEVICE_ALIGN 4096u

struct buf_memory_slab {
    LIST_ENTRY(buf_memory_slab) ms_list; /* of its class, while it has a free piece */
    uint8_t *ms_base;
    unsigned ms_class, ms_used;
    uint64_t ms_free[MASK_WORDS]; /* a bit for each free piece */
};
LIST_HEAD(slab_list, buf_memory_slab);

static struct memory_class {
    lck_mtx_t mc_lock;
    struct slab_list mc_open; /* slabs with a free piece */
    unsigned mc_empty;        /* of them, those without a used one */
} classes[CLASSES];
static lck_grp_t *group;

#if defined(__SANITIZE_ADDRESS__)
#define PIECES_ALONE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PIECES_ALONE 1
#endif
#endif
#ifndef PIECES_ALONE
#define PIECES_ALONE 0
#endif

void buf_memory_boot(void)
{
    group = lck_grp_alloc_init("buf.memory", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < CLASSES; i++) {
        lck_mtx_init(&classes[i].mc_lock, group, LCK_ATTR_NULL);
        LIST_INIT(&classes[i].mc_open);
        classes[i].mc_empty = 0;
    }
}

static void slab_free(struct buf_memory_slab *slab)
{
    host_free(slab->ms_base);
    kern_free(slab, sizeof(*slab));
}

void buf_memory_shutdown(void)
{
    for (unsigned i = 0; i < CLASSES; i++) {
        struct buf_memory_slab *slab;
        while ((slab = LIST_FIRST(&classes[i].mc_open)) != NULL) {
            KASSERT(!slab->ms_used, "a piece of %u bytes is still in use", 1u << (CLASS_FIRST + i));
            LIST_REMOVE(slab, ms_list);
            slab_free(slab);
        }
        lck_mtx_destroy(&classes[i].mc_lock, group);
    }
    lck_grp_free(group);
}

static unsigned class_of(uint32_t size)
{
    unsigned bits = size > 1 ? 32u - (unsigned)__builtin_clz(size - 1) : 0;
    return bits <= CLASS_FIRST ? 0 : bits - CLASS_FIRST;
}

uint32_t buf_memory_room(uint32_t size)
{
    unsigned class = class_of(size);
    return class < CLASSES ? 1u << (CLASS_FIRST + class)
                           : (size + DEVICE_ALIGN - 1) & ~(uint32_t)(DEVICE_ALIGN - 1);
}

static struct buf_memory_slab *slab_make(unsigned class)
{
    struct buf_memory_slab *slab = kern_alloc(sizeof(*slab), "buf_slab");
    unsigned pieces = SLAB_BYTES >> (CLASS_FIRST + class);
    slab->ms_base = host_alloc(SLAB_BYTES, DEVICE_ALIGN);
    KASSERT(slab->ms_base, "no memory for buffers");
    slab->ms_class = class;
    for (unsigned i = 0; i < pieces; i++)
        slab->ms_free[i / 64] |= 1ULL << (i % 64);
    return slab;
}

/* Take a piece of a slab that has one. Class lock held. */
static void *piece_take(struct memory_class *of, struct buf_memory_slab *slab)
{
    unsigned word = 0, pieces = SLAB_BYTES >> (CLASS_FIRST + slab->ms_class);
    while (!slab->ms_free[word])
        word++;
    unsigned bit = (unsigned)__builtin_ctzll(slab->ms_free[word]);
    slab->ms_free[word] &= slab->ms_free[word] - 1;
    if (!slab->ms_used++)
        of->mc_empty--;
    if (slab->ms_used == pieces)
        LIST_REMOVE(slab, ms_list);
    return slab->ms_base + ((size_t)(word * 64 + bit) << (CLASS_FIRST + slab->ms_class));
}

void *buf_memory_take(uint32_t size, struct buf_memory_slab **slabp)
{
    unsigned class = class_of(size);
    *slabp = NULL;
    if (PIECES_ALONE || class >= CLASSES) {
        uint32_t room = buf_memory_room(size);
        void *piece = host_alloc(room, room < DEVICE_ALIGN ? room : DEVICE_ALIGN);
        KASSERT(piece, "no memory for a buffer of %u bytes", size);
        return piece;
    }
    struct memory_class *of = &classes[class];
    lck_mtx_lock(&of->mc_lock);
    if (LIST_EMPTY(&of->mc_open)) {
        lck_mtx_unlock(&of->mc_lock);
        struct buf_memory_slab *fresh = slab_make(class);
        lck_mtx_lock(&of->mc_lock);
        LIST_INSERT_HEAD(&of->mc_open, fresh, ms_list);
        of->mc_empty++;
    }
    struct buf_memory_slab *slab = LIST_FIRST(&of->mc_open);
    void *piece = piece_take(of, slab);
    lck_mtx_unlock(&of->mc_lock);
    *slabp = slab;
    return piece;
}

void buf_memory_give(void *piece, struct buf_memory_slab *slab)
{
    if (!slab) {
        host_free(piece);
        return;
    }
    struct memory_class *of = &classes[slab->ms_class];
    unsigned shift = CLASS_FIRST + slab->ms_class;
    unsigned index = (unsigned)((size_t)((uint8_t *)piece - slab->ms_base) >> shift);
    bool last = false;
    lck_mtx_lock(&of->mc_lock);
    if (slab->ms_used == SLAB_BYTES >> shift)
        LIST_INSERT_HEAD(&of->mc_open, slab, ms_list);
    slab->ms_free[index / 64] |= 1ULL << (index % 64);
    if (!--slab->ms_used) {
        /* One empty slab is kept for the next who asks. */
        last = of->mc_empty > 0;
        if (last)
            LIST_REMOVE(slab, ms_list);
        else
            of->mc_empty++;
    }
    lck_mtx_unlock(&of->mc_lock);
    if (last)
        slab_free(slab);
}
