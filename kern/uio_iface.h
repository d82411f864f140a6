// SPDX-License-Identifier: BSD-2-Clause
/*
 * uio_iface.h: the inside of a uio, so that other kernel folders can keep one on their stack instead of
 * allocating it.
 */
#ifndef KEXTBED_KERN_UIO_IFACE_H
#define KEXTBED_KERN_UIO_IFACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct uio_vector {
    user_addr_t base; /* tagged when in user space, see kern_user_addr() */
    user_size_t len;
};

struct uio {
    struct uio_vector *uio_current; /* first vector not used up */
    user_ssize_t uio_resid;         /* bytes still to move */
    off_t uio_offset;
    int uio_iovcnt;      /* vectors from uio_current on */
    uint16_t uio_max;    /* room in uio_vectors */
    uint16_t uio_filled; /* vectors added so far */
    uint8_t uio_segflg;  /* enum uio_seg */
    uint8_t uio_rw;      /* enum uio_rw */
    bool uio_allocated;  /* from uio_create: uio_free gives it back */
    struct uio_vector uio_vectors[];
};

/* Bytes that a uio of @n vectors takes. */
#define KERN_UIO_SIZE(n) (sizeof(struct uio) + (size_t)(n) * sizeof(struct uio_vector))

/* Storage for a uio of @n vectors, n a constant: KERN_UIO_STORAGE(1) room; uio_t uio = kern_uio_init(&room,
 * sizeof room, ...) */
#define KERN_UIO_STORAGE(n)                                                                                  \
    union {                                                                                                  \
        uint64_t align;                                                                                      \
        unsigned char bytes[KERN_UIO_SIZE(n)];                                                               \
    }

/** kern_uio_init - a uio in the caller's storage; it needs no uio_free (which is allowed and does nothing).
 *  @room      8-byte aligned, @size bytes: as many vectors as fit, at least one. */
uio_t kern_uio_init(void *room, size_t size, off_t offset, int spacetype, int iodirection);
/** kern_uio_count - uios of uio_create that were not freed. */
uint32_t kern_uio_count(void);

#endif
