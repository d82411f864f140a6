// SPDX-License-Identifier: BSD-2-Clause
/*
 * A page list as one range of addresses. Pages that were made together lie together, and such a list is
 * mapped as it is. Any other is moved first: its pages are the list's alone, so nobody knows their addresses,
 * and they stay neighbours from then on. Holes get memory of their own, in which writing does no harm.
 *
 * Locks: the file's (360), held while pages are moved. Called by file systems (KPI) and by buf_map().
 */
#include <string.h>
#include <sys/errno.h>
#include <mach/kern_return.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_internal.h"

static _Atomic(uint64_t) moves;

static bool has_filler(const struct upl *upl, unsigned i)
{
    return (upl->u_filler[i / 64] >> (i % 64)) & 1;
}

/* Where page @i would put the list's first byte; NULL: a hole without memory. */
static uint8_t *base_by(const struct upl *upl, unsigned i)
{
    size_t within = (size_t)i * UBC_PAGE;
    if (upl->u_pages[i])
        return upl->u_pages[i]->p_memory.um_data - within;
    return has_filler(upl, i) ? upl->u_piece.um_data : NULL;
}

static bool is_contiguous(const struct upl *upl)
{
    uint8_t *base = base_by(upl, 0);
    for (unsigned i = 1; base && i < upl->u_count; i++)
        if (base_by(upl, i) != base)
            base = NULL;
    return base != NULL;
}

static void filler_drop(struct upl *upl)
{
    for (unsigned i = 0; i < upl->u_count; i++)
        if (has_filler(upl, i))
            ubc_memory_give(ubc_memory_at(upl->u_piece, i));
    memset(upl->u_filler, 0, sizeof(upl->u_filler));
}

void ubc_map_forget(struct upl *upl)
{
    filler_drop(upl);
}

/* All pages of the list into @piece. File lock held. */
static void move_together(struct upl *upl, struct ubc_memory piece)
{
    filler_drop(upl);
    upl->u_piece = piece;
    for (unsigned i = 0; i < upl->u_count; i++) {
        struct ubc_memory to = ubc_memory_at(piece, i);
        struct ubc_page *page = upl->u_pages[i];
        if (!page) {
            memset(to.um_data, 0, UBC_PAGE);
            upl->u_filler[i / 64] |= 1ULL << (i % 64);
            continue;
        }
        memcpy(to.um_data, page->p_memory.um_data, UBC_PAGE);
        ubc_memory_give(page->p_memory);
        page->p_memory = to;
        atomic_fetch_add_explicit(&moves, 1, memory_order_relaxed);
    }
}

static uint8_t *list_map(struct upl *upl)
{
    lck_mtx_t *lock = &upl->u_file->uf_lock;
    lck_mtx_lock(lock);
    while (!upl->u_maps && !is_contiguous(upl)) {
        lck_mtx_unlock(lock);
        struct ubc_memory piece = ubc_memory_take(upl->u_count);
        lck_mtx_lock(lock);
        if (!upl->u_maps) {
            move_together(upl, piece);
            break;
        }
        /* Somebody else has mapped it meanwhile. */
        for (unsigned i = 0; i < upl->u_count; i++)
            ubc_memory_give(ubc_memory_at(piece, i));
    }
    if (!upl->u_maps++)
        upl->u_base = base_by(upl, 0);
    uint8_t *base = upl->u_base;
    lck_mtx_unlock(lock);
    return base;
}

/* False: it was not mapped. */
static bool list_unmap(struct upl *upl)
{
    lck_mtx_lock(&upl->u_file->uf_lock);
    bool mapped = upl->u_maps > 0;
    if (mapped)
        upl->u_maps--;
    lck_mtx_unlock(&upl->u_file->uf_lock);
    return mapped;
}

/* ---- the KPI ------------------------------------------------------------------------------------------- */

int ubc_upl_map_range(upl_t upl, vm_offset_t offset, vm_size_t size, vm_prot_t prot, vm_offset_t *dst_addr)
{
    (void)prot;
    *dst_addr = 0;
    if (!size || offset % UBC_PAGE || size % UBC_PAGE || size > upl->u_count * UBC_PAGE ||
        offset > upl->u_count * UBC_PAGE - size)
        return KERN_INVALID_ARGUMENT;
    *dst_addr = (vm_offset_t)(uintptr_t)list_map(upl) + offset;
    return KERN_SUCCESS;
}

int ubc_upl_unmap_range(upl_t upl, vm_offset_t offset, vm_size_t size)
{
    (void)offset, (void)size;
    return list_unmap(upl) ? KERN_SUCCESS : KERN_FAILURE;
}

int ubc_upl_map(upl_t upl, vm_offset_t *dst_addr)
{
    *dst_addr = (vm_offset_t)(uintptr_t)list_map(upl);
    return KERN_SUCCESS;
}

int ubc_upl_unmap(upl_t upl)
{
    return list_unmap(upl) ? KERN_SUCCESS : KERN_FAILURE;
}

/* ---- for buffers --------------------------------------------------------------------------------------- */

static errno_t buffer_map(upl_t upl, vm_prot_t prot, uintptr_t *addr)
{
    (void)prot;
    *addr = upl ? (uintptr_t)list_map(upl) : 0;
    return upl ? 0 : EINVAL;
}

static errno_t buffer_unmap(upl_t upl)
{
    return upl && list_unmap(upl) ? 0 : EINVAL;
}

void ubc_map_boot(void)
{
    static const struct buf_upl_mapper mapper = {.map = buffer_map, .unmap = buffer_unmap};
    atomic_store_explicit(&moves, 0, memory_order_relaxed);
    buf_upl_mapper_set(&mapper);
}

void ubc_map_shutdown(void)
{
    buf_upl_mapper_set(NULL);
}

void ubc_map_counters(struct ubc_counters *out)
{
    out->moves = atomic_load_explicit(&moves, memory_order_relaxed);
}
