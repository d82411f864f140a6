// SPDX-License-Identifier: BSD-2-Clause
/*
 * Hostile objects for the linker. One input is one object, or anything else; it is linked in a dry run, and
 * whatever comes out is asked everything that a client asks: addresses must lie where the image says it is,
 * the report must format, and nothing may stay allocated.
 *
 * With libFuzzer the entry below is all; fuzz_kxld_main.c runs the same over files.
 *
 * Owns: the count of what is allocated. Locks: none. Callers: libFuzzer, fuzz_kxld_main.c.
 */
#include "kxld/kxld.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What one link may hold at most: the image, which has a limit of its own, is not much of it. */
#define MEMORY_FIXED  (1u << 20)
#define MEMORY_FACTOR 64u

struct counts {
    size_t n_allocs;
    size_t n_bytes;
    size_t peak;
};

#define REQUIRE(condition)                                                                                   \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

static void *count_alloc(void *ctx, size_t size)
{
    struct counts *counts = ctx;
    void *p;

    /* Zero-filled parts may be large without the object being so; a machine may well be short of that. */
    if (size > 16u << 20)
        return NULL;
    p = malloc(size);
    if (!p)
        return NULL;
    counts->n_allocs++;
    counts->n_bytes += size;
    if (counts->n_bytes > counts->peak)
        counts->peak = counts->n_bytes;
    return p;
}

static void count_free(void *ctx, void *p, size_t size)
{
    struct counts *counts = ctx;

    REQUIRE(counts->n_allocs > 0 && counts->n_bytes >= size);
    counts->n_allocs--;
    counts->n_bytes -= size;
    free(p);
}

/* Names with a vowel in front are functions far away, those with an 'x' data near by; nothing else exists. */
static bool any_lookup(const struct kxld_provider *provider, const char *name, size_t len,
                       struct kxld_export *export)
{
    (void)provider;
    REQUIRE(strlen(name) == len);
    if (len == 0 || !strchr("aeioux_", name[0]))
        return false;
    export->name = name;
    export->address = name[0] == 'x' ? 0x70000100 : 0x7f0000000000;
    export->flags = name[0] == 'x' ? KXLD_EXPORT_DATA : KXLD_EXPORT_FUNC;
    export->state = name[0] == 'e' ? KXLD_STATE_EVOLVING : KXLD_STATE_STABLE;
    return true;
}

static void any_iterate(const struct kxld_provider *provider,
                        bool (*visit)(void *arg, const char *name, size_t len), void *arg)
{
    (void)provider;
    if (visit(arg, "external_function", 17))
        visit(arg, "external_data", 13);
}

static const struct kxld_provider any = {
    .name = "any", .version = "1", .lookup = any_lookup, .iterate = any_iterate};

static bool in_image(const struct kxld_image *image, uint64_t addr, uint64_t size)
{
    return addr >= image->base && size <= image->size && addr - image->base <= image->size - size;
}

static void check_linkstate(const struct kxld_image *image)
{
    struct kxld_provider provider;
    struct kxld_export export, again;

    kxld_linkstate_provider(image->linkstate, "fuzz", NULL, &provider);
    for (size_t i = 0; kxld_linkstate_get(image->linkstate, i, &export); i++) {
        REQUIRE(provider.lookup(&provider, export.name, strlen(export.name), &again));
        REQUIRE(again.address == export.address);
    }
}

static void check_image(const struct kxld_image *image)
{
    struct kxld_symbol_info info;

    for (size_t i = 0; i < image->n_segments; i++)
        REQUIRE(in_image(image, image->segments[i].addr, image->segments[i].size));
    for (size_t i = 0; i < image->n_sections; i++)
        REQUIRE(in_image(image, image->sections[i].addr, image->sections[i].size) &&
                strlen(image->sections[i].name) + 1);
    for (size_t i = 0; i < image->n_constructors; i++)
        REQUIRE(in_image(image, image->constructors[i], 1));
    for (size_t i = 0; i < image->n_destructors; i++)
        REQUIRE(in_image(image, image->destructors[i], 1));
    REQUIRE(image->eh_frame_size == 0 || in_image(image, image->eh_frame, image->eh_frame_size));
    for (uint64_t at = 0; at < image->size; at += image->size / 32 + 1)
        if (kxld_image_symbol_at(image, image->base + at, &info))
            REQUIRE(info.addr <= image->base + at && strlen(info.name) > 0);
    kxld_image_find(image, "run", &info);
    check_linkstate(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[1 << 16];
    static const struct kxld_provider *const providers[] = {&any};
    struct counts counts = {0};
    struct kxld_host host = {.ctx = &counts,
                             .alloc = count_alloc,
                             .free = count_free,
                             .image_lo = 0x70000000,
                             .image_hi = 0x78000000};
    struct kxld_request request = {.bundle_id = "fuzz",
                                   .object = data,
                                   .object_len = size,
                                   .declared = providers,
                                   .n_declared = 1,
                                   .flags = KXLD_LINK_DRY_RUN | KXLD_LINK_ALLOW_EVOLVING,
                                   .dry_run_base = 0x70000000};
    struct kxld_image *image;
    struct kxld_report *report;
    enum kxld_result result = kxld_link(&host, &request, &image, &report);
    size_t len;

    REQUIRE(report && (result == KXLD_OK) == (image != NULL) &&
            (result == KXLD_OK) == (report->n_errors == 0));
    len = kxld_report_format(report, text, sizeof(text));
    REQUIRE(len >= strlen(text) && (result == KXLD_OK || len > 0));
    if (image)
        check_image(image);
    REQUIRE(counts.peak <= MEMORY_FIXED + MEMORY_FACTOR * size + (image ? image->size : 16u << 20));
    kxld_image_free(&host, image);
    kxld_report_free(&host, report);
    REQUIRE(counts.n_allocs == 0 && counts.n_bytes == 0);
    return 0;
}
