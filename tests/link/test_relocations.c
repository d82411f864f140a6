// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every kind of relocation: one small object each (reloc/), linked where it has to work, run, and compared
 * field by field with what libelf and the formulas of the ABI say. Given the name of a case, runs that case
 * alone.
 *
 * Owns: nothing. Locks: none. Callers: CTest.
 */
#include "tests/link/support/link_host.h"
#include "tests/link/support/oracle.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reloc_case {
    const char *name;
    enum link_arena arena;
};

static bool resolve_external(const char *name, uint64_t *address)
{
    for (size_t i = 0; i < link_n_externals; i++)
        if (strcmp(link_externals[i].name, name) == 0) {
            *address = link_externals[i].address;
            return true;
        }
    return false;
}

static void link_and_run(const char *name, enum link_arena arena)
{
    struct link_host host;
    struct link_provider externals;
    const struct kxld_provider *providers[] = {&externals.provider};
    struct kxld_image *image;
    uint8_t *object;
    size_t size;

    link_host_init(&host, arena);
    link_provider_init(&externals, "com.example.externals", "1.0", link_externals, link_n_externals);
    object = link_read_object(name, &size);
    image = link_expect_ok(&host, object, size, providers, 1, 0, 0);
    if (strcmp(name, "R_X86_64_NONE") != 0)
        assert_true(oracle_check(image, object, size, resolve_external) > 0);
    assert_int_equal(link_call(image, "run"), 42);
    kxld_image_free(&host.host, image);
    free(object);
    link_host_end(&host);
}

/* At made-up addresses far from everything and where nobody knows what is near. */
static void link_dry(const char *name)
{
    static const uint64_t bases[] = {0x10000, 0x7fff0000, 0x100000000, 0x7f1234560000, 0xffffff7f80000000};

    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        struct link_host host;
        struct link_provider externals;
        const struct kxld_provider *providers[] = {&externals.provider};
        struct kxld_request request = {.bundle_id = "t", .declared = providers, .n_declared = 1};
        struct kxld_image *image;
        size_t size;
        uint8_t *object = link_read_object(name, &size);
        enum kxld_result result;

        link_host_init(&host, LINK_ARENA_NONE);
        link_provider_init(&externals, "com.example.externals", "1.0", link_externals, link_n_externals);
        request.object = object;
        request.object_len = size;
        request.flags = KXLD_LINK_DRY_RUN;
        request.dry_run_base = bases[i];
        result = kxld_link(&host.host, &request, &image, NULL);
        /* Narrow fields cannot hold every address; whatever is accepted must be right. */
        assert_true(result == KXLD_OK || result == KXLD_ERR_RANGE);
        if (result == KXLD_OK) {
            assert_true(image->is_dry_run && image->base == bases[i]);
            oracle_check(image, object, size, resolve_external);
        }
        kxld_image_free(&host.host, image);
        free(object);
        link_host_end(&host);
    }
}

static void run_case(void **state)
{
    const struct reloc_case *c = *state;

    if (c->arena == LINK_ARENA_NEAR)
        link_and_run(c->name, LINK_ARENA_NEAR);
    /* Far from the program, so that what lies outside is out of reach. */
    link_and_run(c->name, LINK_ARENA_LOW);
    link_dry(c->name);
}

/* ANY: code that works wherever it is; LOW: absolute addresses in 32 bits. */
#define ANY LINK_ARENA_NEAR
#define LOW LINK_ARENA_LOW

static struct reloc_case cases[] = {
    {"R_X86_64_NONE", ANY},     {"R_X86_64_64", ANY},       {"R_X86_64_PC32", ANY},
    {"R_X86_64_PLT32", ANY},    {"R_X86_64_GOTPCREL", ANY}, {"R_X86_64_GOTPCRELX", ANY},
    {"R_X86_64_32", LOW},       {"R_X86_64_32S", LOW},      {"R_X86_64_REX_GOTPCRELX", ANY},
    {"R_X86_64_16", ANY},       {"R_X86_64_8", ANY},        {"R_X86_64_PC16", ANY},
    {"R_X86_64_PC8", ANY},      {"R_X86_64_PC64", ANY},     {"R_X86_64_GOTPC32", ANY},
    {"R_X86_64_GOTOFF64", ANY}, {"R_X86_64_GOT64", ANY},    {"R_X86_64_GOTPLT64", ANY},
    {"R_X86_64_GOT32", ANY},    {"R_X86_64_GOTPC64", ANY},  {"R_X86_64_GOTPCREL64", ANY},
    {"R_X86_64_PLTOFF64", ANY}, {"R_X86_64_SIZE32", ANY},   {"R_X86_64_SIZE64", ANY},
};

#define N_CASES (sizeof(cases) / sizeof(cases[0]))

int main(int argc, char **argv)
{
    struct CMUnitTest tests[N_CASES];

    for (size_t i = 0; i < N_CASES; i++)
        tests[i] = (struct CMUnitTest){cases[i].name, run_case, NULL, NULL, &cases[i]};
    if (argc > 1) {
        for (size_t i = 0; i < N_CASES; i++)
            if (strcmp(cases[i].name, argv[1]) == 0)
                return _cmocka_run_group_tests("link.elf", &tests[i], 1, NULL, NULL);
        fprintf(stderr, "no case is called %s\n", argv[1]);
        return 2;
    }
    return _cmocka_run_group_tests("link.elf", tests, N_CASES, NULL, NULL);
}
