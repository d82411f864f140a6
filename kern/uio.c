// SPDX-License-Identifier: BSD-2-Clause
/*
 * uio.c: descriptions of transfers. A uio belongs to one thread at a time; no locks. Moving the bytes is
 * uiomove.c's part.
 */
#include <stdatomic.h>
#include <string.h>
#include <libkern/libkern.h>

#include "kern/kern_iface.h"
#include "kern/uio_iface.h"

static _Atomic uint32_t n_uios;

uint32_t kern_uio_count(void)
{
    return atomic_load_explicit(&n_uios, memory_order_relaxed);
}

static void uio_start(uio_t uio, int max, off_t offset, int spacetype, int direction)
{
    KASSERT(direction == UIO_READ || direction == UIO_WRITE, "uio with the unknown direction %d", direction);
    KASSERT(UIO_SEG_IS_USER_SPACE(spacetype) || spacetype == UIO_SYSSPACE || spacetype == UIO_SYSSPACE32,
            "uio with the unknown space %d", spacetype);
    memset(uio->uio_vectors, 0, (size_t)max * sizeof uio->uio_vectors[0]);
    uio->uio_current = uio->uio_vectors;
    uio->uio_resid = 0;
    uio->uio_offset = offset;
    uio->uio_iovcnt = 0;
    uio->uio_max = (uint16_t)max;
    uio->uio_filled = 0;
    uio->uio_segflg = (uint8_t)spacetype;
    uio->uio_rw = (uint8_t)direction;
}

uio_t kern_uio_init(void *room, size_t size, off_t offset, int spacetype, int iodirection)
{
    uio_t uio = room;
    size_t max = size < sizeof *uio ? 0 : (size - sizeof *uio) / sizeof uio->uio_vectors[0];

    KASSERT(max, "no room for a uio in %zu bytes", size);
    if (max > UIO_MAXIOV)
        max = UIO_MAXIOV;
    uio->uio_allocated = false;
    uio_start(uio, (int)max, offset, spacetype, iodirection);
    return uio;
}

uio_t uio_create(int iovcount, off_t offset, int spacetype, int iodirection)
{
    uio_t uio;

    if (iovcount < 0 || iovcount > UIO_MAXIOV)
        return NULL;
    uio = kern_alloc_try(KERN_UIO_SIZE(iovcount), "uio");
    if (!uio)
        return NULL;
    uio->uio_allocated = true;
    uio_start(uio, iovcount, offset, spacetype, iodirection);
    atomic_fetch_add_explicit(&n_uios, 1, memory_order_relaxed);
    return uio;
}

void uio_reset(uio_t uio, off_t offset, int spacetype, int iodirection)
{
    uio_start(uio, uio->uio_max, offset, spacetype, iodirection);
}

uio_t uio_duplicate(uio_t uio)
{
    uio_t copy = uio_create(uio->uio_max, uio->uio_offset, uio->uio_segflg, uio->uio_rw);

    if (!copy)
        return NULL;
    memcpy(copy->uio_vectors, uio->uio_vectors, uio->uio_max * sizeof uio->uio_vectors[0]);
    copy->uio_current = copy->uio_vectors + (uio->uio_current - uio->uio_vectors);
    copy->uio_resid = uio->uio_resid;
    copy->uio_iovcnt = uio->uio_iovcnt;
    copy->uio_filled = uio->uio_filled;
    return copy;
}

void uio_free(uio_t uio)
{
    if (!uio || !uio->uio_allocated)
        return;
    kern_free(uio, KERN_UIO_SIZE(uio->uio_max));
    atomic_fetch_sub_explicit(&n_uios, 1, memory_order_relaxed);
}

int uio_addiov(uio_t uio, user_addr_t baseaddr, user_size_t length)
{
    struct uio_vector *vector;

    if (!uio || uio->uio_filled >= uio->uio_max || length > (user_size_t)(INT64_MAX - uio->uio_resid))
        return -1;
    vector = &uio->uio_vectors[uio->uio_filled++];
    vector->base = baseaddr;
    vector->len = length;
    uio->uio_iovcnt++;
    uio->uio_resid += (user_ssize_t)length;
    return 0;
}

int uio_getiov(uio_t uio, int index, user_addr_t *baseaddr, user_size_t *length)
{
    if (!uio || index < 0 || index >= uio->uio_iovcnt)
        return -1;
    if (baseaddr)
        *baseaddr = uio->uio_current[index].base;
    if (length)
        *length = uio->uio_current[index].len;
    return 0;
}

void uio_update(uio_t uio, user_size_t count)
{
    if (uio->uio_iovcnt < 1)
        return;
    if (count) {
        struct uio_vector *vector = uio->uio_current;
        user_size_t used = count < vector->len ? count : vector->len;

        vector->base += used;
        vector->len -= used;
        uio->uio_resid = (user_size_t)uio->uio_resid > count ? uio->uio_resid - (user_ssize_t)count : 0;
        uio->uio_offset += (off_t)count;
    }
    while (uio->uio_iovcnt > 0 && uio->uio_current->len == 0) {
        uio->uio_iovcnt--;
        if (uio->uio_iovcnt > 0)
            uio->uio_current++;
    }
}

user_ssize_t uio_resid(uio_t uio)
{
    return uio ? uio->uio_resid : 0;
}

void uio_setresid(uio_t uio, user_ssize_t resid)
{
    if (uio)
        uio->uio_resid = resid;
}

int uio_iovcnt(uio_t uio)
{
    return uio ? uio->uio_iovcnt : 0;
}

off_t uio_offset(uio_t uio)
{
    return uio ? uio->uio_offset : 0;
}

void uio_setoffset(uio_t uio, off_t offset)
{
    if (uio)
        uio->uio_offset = offset;
}

int uio_rw(uio_t uio)
{
    return uio ? uio->uio_rw : -1;
}

void uio_setrw(uio_t uio, int direction)
{
    if (uio && (direction == UIO_READ || direction == UIO_WRITE))
        uio->uio_rw = (uint8_t)direction;
}

int uio_isuserspace(uio_t uio)
{
    return uio && UIO_SEG_IS_USER_SPACE(uio->uio_segflg);
}

user_addr_t uio_curriovbase(uio_t uio)
{
    return uio && uio->uio_iovcnt > 0 ? uio->uio_current->base : 0;
}

user_size_t uio_curriovlen(uio_t uio)
{
    return uio && uio->uio_iovcnt > 0 ? uio->uio_current->len : 0;
}
