// SPDX-License-Identifier: BSD-2-Clause
/*
 * Objects that are damaged, hostile or of the wrong kind, and hosts that run out of things: a clear message
 * each, nothing placed, nothing left. Every case is one field of a good object (whole.S) set to a bad value.
 *
 * Owns: nothing. Locks: none. Callers: CTest.
 */
#include "tests/link/support/link_host.h"
#include "tests/link/support/patch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

/* Damage to some fields, as patch_apply takes it, and a part of the message that it must give. */
struct damage {
    const char *what;
    const char *message; /* NULL: harmless */
};

static const struct damage header_damages[] = {
    {"header ei_magic = 0x464c4580", "it does not begin like an ELF object"},
    {"header ei_class = 1", "it is not an object of 64 bits, lowest byte first"},
    {"header ei_data = 2", "it is not an object of 64 bits, lowest byte first"},
    {"header ei_version = 2", "its ELF version is not 1"},
    {"header e_version = 0", "its ELF version is not 1"},
    {"header e_type = 2", "it is a program; a kext is a relocatable object, as ld -r makes it"},
    {"header e_type = 3", "it is a shared object; a kext is a relocatable object, as ld -r makes it"},
    {"header e_type = 4", "it is of ELF type 4; a kext is a relocatable object"},
    {"header e_machine = 183", "it is for ELF machine 183, not for x86-64"},
    {"header e_shentsize = 40", "its section headers have 40 bytes, not 64"},
    {"header e_shoff = 0", "its section headers lie at 0x0, outside it"},
    {"header e_shoff = 0xffffffffffffffff", "its section headers lie at 0xffffffffffffffff, outside it"},
    {"header e_shnum = 0xfeff", "65279 section headers do not fit into it"},
    {"header e_shnum = 0", "0 section headers do not fit into it"},
    {"header e_shnum = 0; section 0 sh_size = 0x100000000", "it has 4294967296 sections, more than 65536"},
    {"header e_shstrndx = 0xfeff", "the section of names has index 65279 of"},
    {"header e_shstrndx = 0", "section 0 should be a table of strings and is of type 0"},
    {"header e_shstrndx = 0xffff; section 0 sh_link = 70000", "the section of names has index 70000 of"},
};

static const struct damage section_damages[] = {
    {"section .text sh_offset = 0x10000000000", "runs past the end"},
    {"section .text sh_size = 0xffffffffffffffff", "runs past the end"},
    {"section .text sh_size = 0x100000", "runs past the end"},
    {"section .data sh_addralign = 3", "is aligned to 3, no power of two"},
    {"section .data sh_addralign = 0", NULL},
    {"section .data sh_addralign = 0x10000000000", "(.data) is aligned to 0x10000000000, more than 0x200000"},
    {"section .text sh_name = 0xffffffff", "lies outside the table of names"},
    {"section .text sh_type = 6", "(.text) is of type 0x6, which cannot be loaded"},
    {"section .text sh_type = 9", "which cannot be loaded"},
    {"section .data sh_flags = 7", "section .data is both writable and executable"},
    {"section .rodata sh_flags = 2050", "(.rodata) is compressed and has to be loaded"},
    {"section .rodata sh_offset = 64", "overlap"},
    {"section .bss sh_size = 0xffffffffffffffff", "(.bss) has 18446744073709551615 bytes, more than 512 MiB"},
    {"section .bss sh_size = 0x20000000",
     "the image needs more than 512 MiB; section .bss does not fit any more"},
    {"section .bss sh_type = 1; section .bss sh_offset = 64", "(.bss) overlap"},
    {"section .strtab sh_type = 1", "should be a table of strings and is of type 1"},
    {"section .strtab sh_size = 4", "does not end with a NUL"},
    {"section .strtab sh_size = 0", "does not end with a NUL"},
    {"section .symtab sh_entsize = 16", "does not hold whole symbols"},
    {"section .symtab sh_size = 25", "does not hold whole symbols"},
    {"section .symtab sh_link = 0", "has no table of names"},
    {"section .symtab sh_link = 9999", "has no table of names"},
    {"section .symtab sh_link = @.text", "should be a table of strings"},
    {"section .symtab sh_type = 1", "has no signature"},
    {"section .rela.text sh_entsize = 16", "(.rela.text) does not hold whole relocations"},
    {"section .rela.text sh_size = 23", "(.rela.text) does not hold whole relocations"},
    {"section .rela.text sh_link = 1", "(.rela.text) have no symbol table"},
    {"section .rela.text sh_info = 0", "(.rela.text) are for section 0 of"},
    {"section .rela.text sh_info = 5000", "(.rela.text) are for section 5000 of"},
    {"section .rela.text sh_type = 9", "relocations without addends, which x86-64 does not have"},
    {"section .group sh_link = 2", "has no signature"},
    {"section .group sh_info = 5000", "has no signature"},
    {"section .group sh_size = 7", "does not hold whole indices"},
    {"section .group sh_size = 0", "does not hold whole indices"},
    {"word .group 1 = 0", "lists section 0"},
    {"word .group 1 = @.group", "lists section"},
    {"word .group 1 = 70000", "lists section 70000"},
    {"word .group 0 = 0", NULL},
    {"section .init_array sh_size = 4", "a relocation of 8 bytes lies outside its section"},
    {"section .note.GNU-stack sh_type = 18", "does not fit the symbols"},
    {"word .eh_frame 0 = 0xfffffff0", "a record of call-frame information runs past its bounds"},
    {"word .eh_frame 0 = 0xffffffff", "a record of call-frame information runs past its bounds"},
    {"word .eh_frame 0 = 2", "a record of call-frame information runs past its bounds"},
    {"word .eh_frame 1 = 77", "a record of call-frame information runs past its bounds"},
    {"word .eh_frame 0 = 0", NULL},
    {"word .note.gnu.build-id 0 = 0xfffffff0", NULL},
    {"word .note.gnu.build-id 1 = 0xfffffff0", NULL},
};

static const struct damage symbol_damages[] = {
    {"symbol run st_name = 0x7fffffff", "lies outside the table of names"},
    {"symbol run st_name = 0", "is global and has no name"},
    {"symbol run st_shndx = 0xfe00", "(run) is in section 65024 of"},
    {"symbol run st_shndx = 0xff10", "(run) is in reserved section 0xff10"},
    {"symbol run st_shndx = 0xffff", "has its section in a table that is missing"},
    {"symbol run st_value = 0x10000000000", "(run) lies at 0x10000000000 in section"},
    {"symbol run st_size = 0xffffffffffffffff", NULL},
    {"symbol run st_info = 0x52", "(run) has binding 5"},
    {"symbol run st_info = 0x1a", "run is chosen at load time by a function of its own"},
    {"symbol run st_info = 0x16", "thread-local variables are not possible in a kext:\n\trun\n"},
    {"symbol constructor st_shndx = 0", "(constructor) is local and undefined"},
    {"symbol shared_counter st_value = 3", "(shared_counter) is aligned to 0x3"},
    {"symbol shared_counter st_value = 0x10000000000", "(shared_counter) is aligned to 0x10000000000"},
    {"symbol shared_counter st_size = 0xffffffffffffffff",
     "common symbol shared_counter has 18446744073709551615 bytes"},
    {"symbol shared_counter st_info = 0x01", "(shared_counter) is local"},
    {"symbol shared_counter st_shndx = 0xff02", NULL},
};

static const struct damage relocation_damages[] = {
    {"rela .rela.text 0 r_offset = 0x10000000000", "lies at 0x10000000000, behind its end at"},
    {"rela .rela.text 0 r_offset = 0xffffffffffffffff", "lies at 0xffffffffffffffff, behind its end at"},
    {"rela .rela.data.rel.ro 0 r_offset = 1", "a relocation of 8 bytes lies outside its section"},
    {"rela .rela.data.rel.ro 0 r_offset = 7", "a relocation of 8 bytes lies outside its section"},
    {"rela .rela.text 0 r_sym = 0x7fffffff", "names symbol 2147483647 of"},
    {"rela .rela.text 0 r_addend = 0x4000000000000000", "does not fit into 32 signed bits"},
    {"rela .rela.text 0 r_type = 38", "relocation type 38 is not known"},
    {"rela .rela.text 0 r_type = 43", "relocation type 43 is not known"},
    {"rela .rela.text 0 r_type = 0xffffffff", "relocation type 4294967295 is not known"},
    {"rela .rela.text 0 r_type = 5", "R_X86_64_COPY belongs into finished programs only"},
    {"rela .rela.text 0 r_type = 6", "R_X86_64_GLOB_DAT belongs into finished programs only"},
    {"rela .rela.text 0 r_type = 7", "R_X86_64_JUMP_SLOT belongs into finished programs only"},
    {"rela .rela.text 0 r_type = 8", "R_X86_64_RELATIVE belongs into finished programs only"},
    {"rela .rela.text 0 r_type = 37", "R_X86_64_IRELATIVE belongs into finished programs only"},
    {"rela .rela.text 0 r_type = 19", "thread-local variables are not possible in a kext:\n\texternal_f"},
    {"rela .rela.text 0 r_type = 16", "thread-local variables are not possible in a kext"},
    {"rela .rela.text 0 r_type = 34", "thread-local variables are not possible in a kext"},
    {"section .rela.data.rel.ro sh_info = 0", "are for section 0 of"},
};

static enum kxld_result link_bytes(struct link_host *host, const void *object, size_t size, char *text,
                                   size_t text_size)
{
    struct link_provider externals;
    const struct kxld_provider *declared[1] = {&externals.provider};
    struct kxld_request request = {
        .bundle_id = "com.example.bad",
        .object = object,
        .object_len = size,
        .declared = declared,
        .n_declared = 1,
    };
    struct kxld_image *image;
    struct kxld_report *report;
    enum kxld_result result;

    link_provider_init(&externals, "com.example.externals", "1.0", link_externals, link_n_externals);
    result = kxld_link(&host->host, &request, &image, &report);
    assert_true((result == KXLD_OK) == (image != NULL));
    if (text_size)
        text[0] = '\0';
    if (report)
        kxld_report_format(report, text, text_size);
    kxld_image_free(&host->host, image);
    kxld_report_free(&host->host, report);
    return result;
}

static void expect_damage(const struct damage *damage)
{
    struct link_host host;
    char text[4096];
    size_t size;
    uint8_t *object = link_read_object("whole", &size);
    enum kxld_result result;

    link_host_init(&host, LINK_ARENA_NEAR);
    patch_apply(object, size, damage->what);
    result = link_bytes(&host, object, size, text, sizeof(text));
    if (damage->message && (result == KXLD_OK || !strstr(text, damage->message)))
        fail_msg("%s: expected '%s', got result %d:\n%s", damage->what, damage->message, (int)result, text);
    if (!damage->message && result != KXLD_OK)
        fail_msg("%s: should do no harm, got result %d:\n%s", damage->what, (int)result, text);
    free(object);
    link_host_end(&host);
}

#define DAMAGE_TEST(name)                                                                                    \
    static void name##__says_what(void **state)                                                              \
    {                                                                                                        \
        (void)state;                                                                                         \
        for (size_t i = 0; i < sizeof(name##_damages) / sizeof(name##_damages[0]); i++)                      \
            expect_damage(&name##_damages[i]);                                                               \
    }

DAMAGE_TEST(header)
DAMAGE_TEST(section)
DAMAGE_TEST(symbol)
DAMAGE_TEST(relocation)

static void second_relocations__for_one_section__refused(void **state)
{
    struct link_host host;
    char text[1024];
    size_t size;
    uint8_t *object = link_read_object("whole", &size);

    (void)state;
    link_host_init(&host, LINK_ARENA_NEAR);
    patch_set(object, size, "section .rela.data.rel.ro sh_info", patch_section(object, size, ".text"));
    assert_int_equal(link_bytes(&host, object, size, text, sizeof(text)), KXLD_ERR_MALFORMED);
    assert_non_null(strstr(text, "two sections hold relocations for section"));
    free(object);
    link_host_end(&host);
}

static void formats__of_other_kinds__named(void **state)
{
    static const struct {
        const char *bytes;
        const char *message;
    } files[] = {
        {"\xcf\xfa\xed\xfe....", "it is a Mach-O file, built for Darwin; build the kext from its sources"},
        {"BC\xc0\xde....", "it holds no code: compile it without link-time optimisation (-fno-lto)"},
        {"!<arch>\n", "it is an archive; a kext is one object, as ld -r makes it"},
        {"#!/bin/s", "it does not begin like an ELF object"},
        {"\x7f"
         "ELF\2\1\1.",
         "it ends within its header"},
    };
    struct link_host host;
    char text[1024];

    (void)state;
    link_host_init(&host, LINK_ARENA_NEAR);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        assert_int_not_equal(link_bytes(&host, files[i].bytes, 8, text, sizeof(text)), KXLD_OK);
        assert_non_null(strstr(text, files[i].message));
    }
    /* Too large by its size alone; not one byte of it is looked at. */
    assert_int_equal(link_bytes(&host, NULL, KXLD_MAX_OBJECT + 1u, text, sizeof(text)), KXLD_ERR_UNSUPPORTED);
    assert_non_null(strstr(text, "it has 268435457 bytes, more than 256 MiB"));
    link_host_end(&host);
}

static void second_symbol_table__refused(void **state)
{
    struct link_host host;
    char text[1024];
    size_t size;
    uint8_t *object = link_read_object("whole", &size);

    (void)state;
    link_host_init(&host, LINK_ARENA_NEAR);
    patch_apply(object, size, "section .note.GNU-stack sh_type = 2; section .note.GNU-stack sh_entsize = 24");
    patch_set(object, size, "section .note.GNU-stack sh_link", patch_section(object, size, ".strtab"));
    assert_int_equal(link_bytes(&host, object, size, text, sizeof(text)), KXLD_ERR_MALFORMED);
    assert_non_null(strstr(text, "it has two symbol tables, in sections"));
    free(object);
    link_host_end(&host);
}

static void discarded__reference_from_kept_code__refused(void **state)
{
    struct link_host host;
    char text[1024];
    size_t size;
    uint8_t *object = link_read_object("groups", &size);

    (void)state;
    link_host_init(&host, LINK_ARENA_NEAR);
    patch_set(object, size, "symbol signature_b st_name",
              patch_get(object, size, "symbol signature_a st_name"));
    /* The reference names the section that goes, not a symbol that both copies define. */
    patch_set(object, size, "rela .rela.text 0 r_sym", 3);
    assert_int_equal(link_bytes(&host, object, size, text, sizeof(text)), KXLD_ERR_MALFORMED);
    assert_non_null(strstr(text, ": refers into a group of sections of which another copy is kept"));
    free(object);
    link_host_end(&host);
}

static void truncated__at_every_length__refused(void **state)
{
    struct link_host host;
    size_t size;
    uint8_t *object = link_read_object("whole", &size);

    (void)state;
    link_host_init(&host, LINK_ARENA_NEAR);
    for (size_t length = 0; length < size; length++) {
        /* A copy of that length, so that reading past it is found out. */
        uint8_t *copy = malloc(length ? length : 1);

        assert_non_null(copy);
        memcpy(copy, object, length);
        assert_int_not_equal(link_bytes(&host, copy, length, NULL, 0), KXLD_OK);
        assert_int_equal(host.n_allocs, 0);
        assert_int_equal(host.n_images, 0);
        free(copy);
    }
    free(object);
    link_host_end(&host);
}

/* Any single byte may be anything: either a message or an image, and nothing left of either. */
static void garbled__every_byte__contained(void **state)
{
    static const uint8_t flips[] = {0x01, 0x80, 0xff};
    struct link_host host;
    size_t size;
    uint8_t *object = link_read_object("whole", &size);

    (void)state;
    link_host_init(&host, LINK_ARENA_NEAR);
    for (size_t at = 0; at < size; at++)
        for (size_t i = 0; i < sizeof(flips); i++) {
            object[at] ^= flips[i];
            host.arena_used = 0;
            link_bytes(&host, object, size, NULL, 0);
            assert_int_equal(host.n_allocs, 0);
            assert_int_equal(host.n_images, 0);
            object[at] ^= flips[i];
        }
    free(object);
    link_host_end(&host);
}

static void fail_nth(const char *name, enum kxld_result expected)
{
    struct link_host host;
    char text[4096];
    size_t size;
    uint8_t *object = link_read_object(name, &size);
    size_t n_calls;

    link_host_init(&host, LINK_ARENA_NEAR);
    assert_int_equal(link_bytes(&host, object, size, text, sizeof(text)), expected);
    n_calls = host.n_calls;
    assert_true(n_calls > 2);
    for (size_t i = 1; i <= n_calls; i++) {
        enum kxld_result result;

        host.n_calls = 0;
        host.fail_at = i;
        result = link_bytes(&host, object, size, text, sizeof(text));
        /* Reports do without what they had no memory for. */
        assert_true(result == KXLD_ERR_NO_MEMORY || result == KXLD_ERR_PROTECT || result == expected);
        assert_true(expected != KXLD_OK || result != KXLD_OK);
        assert_int_equal(host.n_allocs, 0);
        assert_int_equal(host.n_images, 0);
    }
    free(object);
    link_host_end(&host);
}

static void memory__nth_callback_fails__clean(void **state)
{
    (void)state;
    fail_nth("whole", KXLD_OK);
    fail_nth("constructors", KXLD_OK);
    fail_nth("groups", KXLD_OK);
    fail_nth("problems", KXLD_ERR_UNRESOLVED);
    fail_nth("thread_local", KXLD_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header__says_what),
        cmocka_unit_test(section__says_what),
        cmocka_unit_test(symbol__says_what),
        cmocka_unit_test(relocation__says_what),
        cmocka_unit_test(second_relocations__for_one_section__refused),
        cmocka_unit_test(formats__of_other_kinds__named),
        cmocka_unit_test(second_symbol_table__refused),
        cmocka_unit_test(discarded__reference_from_kept_code__refused),
        cmocka_unit_test(truncated__at_every_length__refused),
        cmocka_unit_test(garbled__every_byte__contained),
        cmocka_unit_test(memory__nth_callback_fails__clean),
    };

    return cmocka_run_group_tests_name("link.malformed", tests, NULL, NULL);
}
