// SPDX-License-Identifier: BSD-2-Clause
/*
 * uiomove.c: moving bytes between kernel memory and the memory that a uio describes. No locks.
 */
#include <string.h>
#include <libkern/copyio.h>

#include "kern/kern_iface.h"
#include "kern/uio_iface.h"

/* One piece inside one vector, in the direction of the uio. */
static int move_piece(uio_t uio, char *kernel, user_addr_t base, size_t len)
{
    bool user = uio_isuserspace(uio);

    if (uio->uio_rw == UIO_READ) {
        if (user)
            return copyout(kernel, base, len);
        memcpy((void *)(uintptr_t)base, kernel, len);
    } else {
        if (user)
            return copyin(base, kernel, len);
        memcpy(kernel, (const void *)(uintptr_t)base, len);
    }
    return 0;
}

int uiomove64(const __uint64_t cp, int n, struct uio *uio)
{
    char *kernel = (char *)(uintptr_t)cp;
    int error = 0;

    while (n > 0 && uio->uio_resid > 0) {
        size_t piece;

        uio_update(uio, 0);
        if (uio->uio_iovcnt < 1)
            break;
        piece = uio->uio_current->len;
        if (piece > (size_t)n)
            piece = (size_t)n;
        if (piece > (size_t)uio->uio_resid)
            piece = (size_t)uio->uio_resid;
        error = move_piece(uio, kernel, uio->uio_current->base, piece);
        if (error)
            break;
        uio_update(uio, piece);
        kernel += piece;
        n -= (int)piece;
    }
    return error;
}

int uiomove(const char *cp, int n, struct uio *uio)
{
    return uiomove64((uintptr_t)cp, n, uio);
}
