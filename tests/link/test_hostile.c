// SPDX-License-Identifier: BSD-2-Clause
/*
 * Objects that are well formed and mean harm: huge counts, names that collide, floods of problems. Time and
 * memory stay within bounds that are a small multiple of the object's size.
 *
 * Owns: nothing. Locks: none. Callers: CTest.
 */
#include "tests/link/support/link_host.h"
#include "tests/link/support/patch.h"
#include "tests/link/support/synthetic.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Far above what an honest machine needs even with sanitizers, far below anything quadratic. */
#define MAX_SECONDS 20.0

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static enum kxld_result link_bounded(const uint8_t *object, size_t size,
                                     const struct kxld_provider *const *declared, size_t n_declared,
                                     char *text, size_t text_size)
{
    struct link_host host;
    struct kxld_request request = {.bundle_id = "com.example.hostile",
                                   .object = object,
                                   .object_len = size,
                                   .declared = declared,
                                   .n_declared = n_declared,
                                   .flags = KXLD_LINK_DRY_RUN,
                                   .dry_run_base = 0x100000000};
    struct kxld_image *image;
    struct kxld_report *report;
    double begun = seconds_now();
    enum kxld_result result;

    link_host_init(&host, LINK_ARENA_NONE);
    result = kxld_link(&host.host, &request, &image, &report);
    assert_non_null(report);
    kxld_report_format(report, text, text_size);
    assert_true(report->n_problems <= KXLD_MAX_PROBLEMS);
    kxld_report_free(&host.host, report);
    kxld_image_free(&host.host, image);
    assert_true(host.peak_bytes < 16 * size + (8u << 20));
    assert_true(seconds_now() - begun < MAX_SECONDS);
    link_host_end(&host);
    return result;
}

static void plain_name(size_t index, char *name)
{
    sprintf(name, "symbol_number_%zu", index);
}

static void symbols__many_missing__counted(void **state)
{
    struct synthetic what = {.n_symbols = 200000, .name = plain_name, .n_relocations = 400000};
    char *text = malloc(1u << 20);
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);

    (void)state;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, 1u << 20), KXLD_ERR_UNRESOLVED);
    assert_non_null(strstr(text, "kxld[com.example.hostile]: 199000 more problems are not listed\n"));
    assert_non_null(strstr(text, "not linked (200000 errors)"));
    free(object);
    free(text);
}

static void symbols__many_defined__linked(void **state)
{
    struct synthetic what = {
        .n_symbols = 200000, .name = plain_name, .are_defined = 1, .n_relocations = 400000};
    char text[4096];
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);

    (void)state;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_OK);
    free(object);
}

/* Objects with very many sections number them in a table beside the symbols. */
static void symbols__sections_in_a_table__linked(void **state)
{
    struct synthetic what = {
        .n_symbols = 100, .name = plain_name, .is_extended = 1, .are_defined = 1, .n_relocations = 300};
    char text[4096];
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);
    Elf64_Word *indices;

    (void)state;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_OK);
    indices = (Elf64_Word *)(object + patch_get(object, size, "section 5 sh_offset"));
    indices[3] = 70000;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_ERR_MALFORMED);
    assert_non_null(strstr(text, "(symbol_number_2) is in section 70000 of 6"));
    free(object);
}

static void relocations__many_out_of_range__one_line_a_symbol(void **state)
{
    struct synthetic what = {
        .n_symbols = 3, .name = plain_name, .are_defined = 1, .n_relocations = 300000, .type = R_X86_64_32};
    char text[4096];
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);

    (void)state;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_ERR_RANGE);
    assert_non_null(
        strstr(text, "\tsymbol_number_0 (.data+0x0, and 99999 more): address 0x100000000 does not fit"));
    free(object);
}

static void symbols__too_many__refused(void **state)
{
    struct synthetic what = {.n_symbols = KXLD_MAX_SYMBOLS, .name = plain_name};
    char text[4096];
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);

    (void)state;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_ERR_UNSUPPORTED);
    assert_non_null(strstr(text, "it has 1048577 symbols, more than 1048576"));
    free(object);
}

static uint32_t name_hash(const char *name)
{
    uint32_t hash = 2166136261u;

    for (; *name; name++)
        hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash;
}

/* Names whose hashes agree in the bits that a table of a few thousand looks at. */
static void colliding_name(size_t index, char *name)
{
    static unsigned long next;

    (void)index;
    do
        sprintf(name, "c%lx", next++);
    while (name_hash(name) & 0xfff);
}

static void names__made_to_collide__refused(void **state)
{
    struct synthetic what = {.n_symbols = 1500, .name = colliding_name, .are_defined = 1};
    char text[4096];
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);

    (void)state;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_ERR_UNSUPPORTED);
    assert_non_null(strstr(text, "too many names share one hash value; they seem to be made to"));
    free(object);
}

static void long_name(size_t index, char *name)
{
    memset(name, 'n', 63);
    sprintf(name + 50, "%zu", index);
}

/* Every symbol's name is the same long string, so that a small file holds gigabytes of names. */
static void names__shared_and_long__refused(void **state)
{
    struct synthetic what = {.n_symbols = 100000, .name = long_name, .n_relocations = 1};
    char text[4096];
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);
    Elf64_Sym *symbols;
    char *strings;

    (void)state;
    symbols = (Elf64_Sym *)(object + patch_get(object, size, "section .symtab sh_offset"));
    strings = (char *)object + patch_get(object, size, "section .strtab sh_offset");
    memset(strings + 64, 'x', 4000);
    strings[64 + 4000] = '\0';
    for (size_t i = 1; i <= what.n_symbols; i++)
        symbols[i].st_name = 64;
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_ERR_UNSUPPORTED);
    assert_non_null(strstr(text, "its names have more than 64 MiB together"));
    memset(strings + 64, 'x', 5000);
    assert_int_equal(link_bounded(object, size, NULL, 0, text, sizeof(text)), KXLD_ERR_UNSUPPORTED);
    assert_non_null(strstr(text, "the name of symbol 1 has more than 4096 bytes"));
    free(object);
}

/* A set with as many exports as there are, each a near miss. */
static void hints__for_many_missing__bounded(void **state)
{
    static char names[20000][24];
    static struct kxld_export exports[20000];
    struct synthetic what = {.n_symbols = 20000, .name = plain_name, .n_relocations = 20000};
    struct link_provider set;
    char *text = malloc(1u << 20);
    size_t size;
    uint8_t *object = synthetic_make(&what, &size);
    struct link_host host;
    struct kxld_request request = {.bundle_id = "t", .object = object, .object_len = size};
    const struct kxld_provider *known[1] = {&set.provider};
    struct kxld_image *image;
    struct kxld_report *report;
    double begun = seconds_now();

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        sprintf(names[i], "symbol_numberx%zu", i);
        exports[i].name = names[i];
    }
    /* Found by walking only: lookups of this provider are not fast. */
    link_provider_init(&set, "set", "1", exports, 20000);
    set.n = 200;
    request.known = known;
    request.n_known = 1;
    link_host_init(&host, LINK_ARENA_NONE);
    assert_int_equal(kxld_link(&host.host, &request, &image, &report), KXLD_ERR_UNRESOLVED);
    kxld_report_format(report, text, 1u << 20);
    assert_non_null(strstr(text, "\tsymbol_number_7 (.data+0x38); did you mean symbol_numberx7 of set 1?\n"));
    kxld_report_free(&host.host, report);
    assert_true(seconds_now() - begun < MAX_SECONDS);
    link_host_end(&host);
    free(object);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols__many_missing__counted),
        cmocka_unit_test(symbols__many_defined__linked),
        cmocka_unit_test(symbols__sections_in_a_table__linked),
        cmocka_unit_test(relocations__many_out_of_range__one_line_a_symbol),
        cmocka_unit_test(symbols__too_many__refused),
        cmocka_unit_test(names__made_to_collide__refused),
        cmocka_unit_test(names__shared_and_long__refused),
        cmocka_unit_test(hints__for_many_missing__bounded),
    };

    return cmocka_run_group_tests_name("link.hostile", tests, NULL, NULL);
}
