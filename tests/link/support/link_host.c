// SPDX-License-Identifier: BSD-2-Clause
/*
 * A host for links in tests.
 *
 * Owns: the arena and the counts. Locks: none; one thread. Callers: tests/link.
 */
#include "tests/link/support/link_host.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_SIZE (64u << 20)

static bool may_go_on(struct link_host *h)
{
    h->n_calls++;
    return h->n_calls != h->fail_at;
}

static void *host_alloc(void *ctx, size_t size)
{
    struct link_host *h = ctx;
    void *p;

    assert_true(size > 0);
    if (!may_go_on(h))
        return NULL;
    p = malloc(size);
    if (!p)
        return NULL;
    memset(p, 0xa5, size);
    h->n_allocs++;
    h->n_bytes += size;
    if (h->n_bytes > h->peak_bytes)
        h->peak_bytes = h->n_bytes;
    return p;
}

static void host_free(void *ctx, void *p, size_t size)
{
    struct link_host *h = ctx;

    assert_non_null(p);
    assert_true(h->n_allocs > 0 && h->n_bytes >= size);
    h->n_allocs--;
    h->n_bytes -= size;
    memset(p, 0x5a, size);
    free(p);
}

static int host_reserve(void *ctx, size_t size, size_t align, uint64_t *addr)
{
    struct link_host *h = ctx;
    size_t at = (h->arena_used + align - 1) & ~(align - 1);

    assert_true(size > 0 && size % KXLD_PAGE_SIZE == 0);
    assert_true(align >= KXLD_PAGE_SIZE && (align & (align - 1)) == 0);
    if (!may_go_on(h) || !h->arena || size > h->arena_size - at)
        return 1;
    /* Addresses are never used again, so that whoever still uses a freed image is found out. */
    h->arena_used = at + size;
    *addr = (uint64_t)(uintptr_t)(h->arena + at);
    assert_int_equal(mprotect(h->arena + at, size, PROT_READ | PROT_WRITE), 0);
    h->n_images++;
    return 0;
}

static int host_protect(void *ctx, uint64_t addr, size_t size, unsigned prot)
{
    struct link_host *h = ctx;

    assert_true((prot & (KXLD_PROT_WRITE | KXLD_PROT_EXEC)) != (KXLD_PROT_WRITE | KXLD_PROT_EXEC));
    assert_true(addr % KXLD_PAGE_SIZE == 0 && size % KXLD_PAGE_SIZE == 0);
    if (!may_go_on(h))
        return 1;
    return mprotect((void *)(uintptr_t)addr, size,
                    (prot & KXLD_PROT_READ ? PROT_READ : 0) | (prot & KXLD_PROT_WRITE ? PROT_WRITE : 0) |
                        (prot & KXLD_PROT_EXEC ? PROT_EXEC : 0));
}

static void host_release(void *ctx, uint64_t addr, size_t size)
{
    struct link_host *h = ctx;

    assert_true(h->n_images > 0);
    h->n_images--;
    assert_int_equal(madvise((void *)(uintptr_t)addr, size, MADV_DONTNEED), 0);
    assert_int_equal(mprotect((void *)(uintptr_t)addr, size, PROT_NONE), 0);
}

static void host_log(void *ctx, enum kxld_log_level level, const char *text)
{
    struct link_host *h = ctx;

    h->n_lines++;
    snprintf(h->log[level], sizeof(h->log[level]), "%s", text);
}

/* Somewhere within 1 GiB of this function. */
static uint8_t *map_near(void)
{
    uintptr_t here = (uintptr_t)map_near & ~(uintptr_t)0xfffff;

    for (uintptr_t step = 64u << 20; step < 1u << 30; step += 64u << 20) {
        void *p = mmap((void *)(here - step), ARENA_SIZE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

        if (p != MAP_FAILED)
            return p;
    }
    return MAP_FAILED;
}

void link_host_init(struct link_host *h, enum link_arena arena)
{
    void *p = MAP_FAILED;

    memset(h, 0, sizeof(*h));
    h->host = (struct kxld_host){
        .ctx = h,
        .alloc = host_alloc,
        .free = host_free,
        .image_reserve = host_reserve,
        .image_protect = host_protect,
        .image_release = host_release,
        .log = host_log,
    };
    if (arena == LINK_ARENA_NONE)
        return;
    if (arena == LINK_ARENA_NEAR)
        p = map_near();
    else
        p = mmap(NULL, ARENA_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT, -1, 0);
    if (p == MAP_FAILED)
        fail_msg("no place for an arena of images");
    h->arena = p;
    h->arena_size = ARENA_SIZE;
    h->host.image_lo = (uint64_t)(uintptr_t)p;
    h->host.image_hi = h->host.image_lo + ARENA_SIZE;
}

void link_host_end(struct link_host *h)
{
    assert_int_equal(h->n_allocs, 0);
    assert_int_equal(h->n_bytes, 0);
    assert_int_equal(h->n_images, 0);
    if (h->arena)
        munmap(h->arena, h->arena_size);
    memset(h, 0, sizeof(*h));
}

static bool provider_lookup(const struct kxld_provider *provider, const char *name, size_t len,
                            struct kxld_export *export)
{
    struct link_provider *p = (struct link_provider *)provider;

    assert_int_equal(strlen(name), len);
    p->n_lookups++;
    for (size_t i = 0; i < p->n; i++)
        if (strcmp(p->exports[i].name, name) == 0) {
            *export = p->exports[i];
            return true;
        }
    return false;
}

static void provider_iterate(const struct kxld_provider *provider,
                             bool (*visit)(void *arg, const char *name, size_t len), void *arg)
{
    const struct link_provider *p = (const struct link_provider *)provider;

    for (size_t i = 0; i < p->n; i++)
        if (!visit(arg, p->exports[i].name, strlen(p->exports[i].name)))
            return;
}

void link_provider_init(struct link_provider *p, const char *name, const char *version,
                        const struct kxld_export *exports, size_t n)
{
    memset(p, 0, sizeof(*p));
    p->provider.name = name;
    p->provider.version = version;
    p->provider.lookup = provider_lookup;
    p->provider.iterate = provider_iterate;
    p->exports = exports;
    p->n = n;
}

uint8_t *link_read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;
    long end;

    if (!file)
        fail_msg("%s cannot be opened", path);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    end = ftell(file);
    assert_true(end >= 0);
    rewind(file);
    bytes = malloc((size_t)end + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)end, file), end);
    fclose(file);
    *size = (size_t)end;
    return bytes;
}

uint8_t *link_read_object(const char *name, size_t *size)
{
    const char *dir = getenv("KEXTBED_LINK_OBJECTS");
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s.o", dir ? dir : LINK_OBJECTS, name);
    return link_read_file(path, size);
}

struct kxld_image *link_expect_ok(struct link_host *h, const void *object, size_t size,
                                  const struct kxld_provider *const *providers, size_t n, unsigned flags,
                                  uint64_t base)
{
    struct kxld_request request = {
        .bundle_id = "com.example.test",
        .object = object,
        .object_len = size,
        .declared = providers,
        .n_declared = n,
        .flags = flags,
        .dry_run_base = base,
    };
    struct kxld_report *report;
    struct kxld_image *image;
    char text[4096];
    enum kxld_result result = kxld_link(&h->host, &request, &image, &report);

    assert_non_null(report);
    kxld_report_format(report, text, sizeof(text));
    if (result != KXLD_OK)
        fail_msg("result %d\n%s", (int)result, text);
    assert_non_null(image);
    kxld_report_free(&h->host, report);
    return image;
}

uint64_t link_symbol(const struct kxld_image *image, const char *name)
{
    struct kxld_symbol_info info;

    if (!kxld_image_find(image, name, &info))
        fail_msg("%s is not in the image", name);
    assert_string_equal(info.name, name);
    return info.addr;
}

int link_call(const struct kxld_image *image, const char *name)
{
    uintptr_t address = (uintptr_t)link_symbol(image, name);

    return ((int (*)(void))address)();
}
