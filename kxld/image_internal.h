// SPDX-License-Identifier: BSD-2-Clause
/*
 * The insides of an image and of a link state, and the makers of their tables.
 *
 * Owns: what hangs on struct kxld_image_private. Locks: none; read-only once made.
 * Callers: image_tables.c, constructors.c and linkstate.c make them, image.c and linkstate.c read them.
 */
#ifndef KXLD_IMAGE_INTERNAL_H
#define KXLD_IMAGE_INTERNAL_H

#include "kxld/link_internal.h"

/* A named symbol that the object defines. In order of address; absolute ones last. */
struct kxld_image_symbol {
    uint64_t addr;
    uint32_t size;  /* 0: not recorded */
    uint32_t name;  /* offset in strings */
    uint32_t hash;  /* kxld_name_hash of the name */
    uint32_t flags; /* enum kxld_symbol_flags, and the one below */
};

#define KXLD_SYMBOL_INSIDE 0x80u /* a label within the function before it */

struct kxld_image_private {
    struct kxld_pool pool; /* everything that the image lists */
    struct kxld_image_symbol *symbols;
    size_t n_symbols;
    size_t n_placed; /* leading symbols that are not absolute */
    char *strings;
    struct kxld_linkstate *linkstate;
};

/* An image and its insides are one allocation. */
struct kxld_image_whole {
    struct kxld_image image;
    struct kxld_image_private private_data;
};

/* Lists constructors and destructors. False: no memory, or one of them lies outside the text. constructors.c
 */
bool kxld_image_list_constructors(struct kxld_link *link, struct kxld_image *image);

/* Makes the link state of an image whose symbol table is complete. NULL: recorded why not. linkstate.c */
struct kxld_linkstate *kxld_linkstate_make(struct kxld_link *link, const struct kxld_image *image);
void kxld_linkstate_free(const struct kxld_host *host, struct kxld_linkstate *linkstate);

/* Sixteen bytes made from an object's contents, in the form of a UUID. content_id.c */
void kxld_content_id(const uint8_t *bytes, size_t len, uint8_t id[16]);

#endif
