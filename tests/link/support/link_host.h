// SPDX-License-Identifier: BSD-2-Clause
/*
 * A host for links in tests: memory that is counted and can be made to fail at the n-th call, an arena for
 * images at a chosen distance, providers made from small tables.
 *
 * Owns: the arena and the counts. Locks: none; one thread. Callers: tests/link, tests/fuzz.
 */
#ifndef TESTS_LINK_HOST_H
#define TESTS_LINK_HOST_H

#include "kxld/kxld.h"

enum link_arena {
    LINK_ARENA_NEAR, /* within reach of the test program */
    LINK_ARENA_LOW,  /* below 2 GiB */
    LINK_ARENA_NONE, /* images cannot be placed */
};

struct link_host {
    struct kxld_host host;
    uint8_t *arena;
    size_t arena_size;
    size_t arena_used;

    /* Counts of what is held now. */
    size_t n_allocs;
    size_t n_bytes;
    size_t peak_bytes;
    size_t n_images;
    /* Callbacks so far, and which of them is to fail; 0: none. */
    size_t n_calls;
    size_t fail_at;
    /* The last line of each level, and the number of lines. */
    char log[4][512];
    size_t n_lines;
};

void link_host_init(struct link_host *h, enum link_arena arena);
/* Fails the test when anything is still held. */
void link_host_end(struct link_host *h);

struct link_provider {
    struct kxld_provider provider;
    const struct kxld_export *exports;
    size_t n;
    size_t n_lookups;
};

void link_provider_init(struct link_provider *p, const char *name, const char *version,
                        const struct kxld_export *exports, size_t n);

/* A whole file; fails the test when it cannot be read. Freed by the caller. */
uint8_t *link_read_file(const char *path, size_t *size);

/* The object of that name among those that the build made for the tests. */
uint8_t *link_read_object(const char *name, size_t *size);

/* Links @object against @providers and expects success; the report is logged when there is an error. */
struct kxld_image *link_expect_ok(struct link_host *h, const void *object, size_t size,
                                  const struct kxld_provider *const *providers, size_t n, unsigned flags,
                                  uint64_t base);

/* Calls int name(void) of the image. */
int link_call(const struct kxld_image *image, const char *name);

/* The address of a symbol that the image defines; fails the test without it. */
uint64_t link_symbol(const struct kxld_image *image, const char *name);

/* What every test object may refer to. */
extern const struct kxld_export link_externals[];
extern const size_t link_n_externals;

#endif
