// SPDX-License-Identifier: BSD-2-Clause
/* From bundles on disk to a load message: layouts, repositories, the dependency graph, archives whole and
 * damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "libkext/archive.h"
#include "libkext/dependency.h"
#include "libkext/file.h"
#include "libkext/message.h"
#include "tests/kext/bundles.h"

#define BSD "com.apple.kpi.bsd=8.0.0"

struct fixture {
    struct folder folder;
    struct kext_repository repo;
    struct kext_diags diags;
    char path[256];
};

static int fixture_setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    folder_make(&f->folder);
    *state = f;
    return 0;
}

static int fixture_teardown(void **state)
{
    struct fixture *f = *state;

    kext_repository_free(&f->repo);
    kext_diags_free(&f->diags);
    folder_remove(&f->folder);
    free(f);
    return 0;
}

static void bundle_add(struct fixture *f, const char *name, const char *id, const char *version,
                       const char *compatible, const char *libraries)
{
    struct bundle_spec spec = {
        .name = name, .id = id, .version = version, .compatible = compatible, .libraries = libraries};

    bundle_make(&f->folder, &spec, f->path);
}

static bool plan(struct fixture *f, const char *id, struct kext_plan *out)
{
    size_t n;
    const struct kext_loaded *loaded = kext_interfaces_loaded(&n);
    struct kext_bundle *target = kext_repository_find(&f->repo, id, 0);

    assert_non_null(target);
    return kext_plan_make(&f->repo, target, loaded, n, out, &f->diags);
}

static bool said(const struct fixture *f, const char *text)
{
    for (size_t i = 0; i < f->diags.count; i++) {
        if (strstr(f->diags.list[i].text, text) != NULL) {
            return true;
        }
    }
    kext_diags_print(&f->diags, stderr, "said", true);
    return false;
}

/* ---- bundles ------------------------------------------------------------------------------------------- */

static void bundle__both_layouts__read(void **state)
{
    struct fixture *f = *state;

    for (int flat = 0; flat < 2; flat++) {
        struct bundle_spec spec = {.name = flat ? "flat.kext" : "deep.kext",
                                   .id = "org.example.a",
                                   .version = "1.0",
                                   .libraries = BSD,
                                   .flat = flat != 0};
        struct kext_bundle *bundle;

        bundle_make(&f->folder, &spec, f->path);
        strcat(f->path, "/");
        assert_true(kext_bundle_open(f->path, &bundle, &f->diags));
        assert_true(kext_bundle_load_executable(bundle, &f->diags));
        assert_int_equal(bundle->exec_len, 64);
        kext_bundle_free(bundle);
    }
    assert_int_equal(f->diags.count, 0);
}

static void bundle__broken__refused(void **state)
{
    struct fixture *f = *state;
    struct kext_bundle *bundle;
    char path[512];

    snprintf(path, sizeof(path), "%s/none.kext", f->folder.path);
    assert_false(kext_bundle_open(path, &bundle, &f->diags));
    assert_true(said(f, "No such file"));
    file_make(&f->folder, "file.kext", "x", 1);
    snprintf(path, sizeof(path), "%s/file.kext", f->folder.path);
    assert_false(kext_bundle_open(path, &bundle, &f->diags));
    assert_true(said(f, "not a folder"));
    file_make(&f->folder, "empty.kext/x", "x", 1);
    snprintf(path, sizeof(path), "%s/empty.kext", f->folder.path);
    assert_false(kext_bundle_open(path, &bundle, &f->diags));
    assert_true(said(f, "no Info.plist"));
    bundle_add(f, "code.kext", "org.example.a", "1.0", NULL, BSD);
    snprintf(path, sizeof(path), "%s/Contents/MacOS/code", f->path);
    unlink(path);
    assert_false(kext_bundle_open(f->path, &bundle, &f->diags));
    assert_true(said(f, "its executable 'code' is not in"));
}

static void bundle__wrong_executable__named_for_what_it_is(void **state)
{
    struct fixture *f = *state;
    size_t len;
    uint8_t elf[64];
    static const struct {
        size_t at;
        uint8_t byte;
        size_t len;
        const char *text;
    } rows[] = {
        {0, 0x7f, 0, "is empty"},
        {0, 0x7f, 63, "is not an ELF object"},
        {0, 'x', 64, "is not an ELF object"},
        {4, 1, 64, "another architecture"},
        {18, 183, 64, "another architecture"},
        {16, 3, 64, "linked already"},
        {16, 2, 64, "linked already"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kext_bundle *bundle;

        bundle_add(f, "a.kext", "org.example.a", "1.0", NULL, BSD);
        const void *object = object_bytes(&len);
        memcpy(elf, object, len);
        elf[rows[i].at] = rows[i].byte;
        file_make(&f->folder, "a.kext/Contents/MacOS/code", elf, rows[i].len);
        assert_true(kext_bundle_open(f->path, &bundle, &f->diags));
        assert_false(kext_bundle_load_executable(bundle, &f->diags));
        assert_true(said(f, rows[i].text));
        kext_bundle_free(bundle);
        kext_diags_free(&f->diags);
    }
}

/* ---- repositories -------------------------------------------------------------------------------------- */

static void repository__many_broken_neighbours__nothing_said(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 200; i++) {
        char name[64];
        snprintf(name, sizeof(name), "broken%d.kext/Contents/Info.plist", i);
        file_make(&f->folder, name, "<plist>", 7);
    }
    bundle_add(f, "good.kext", "org.example.a", "1.0", NULL, BSD);
    assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
    assert_int_equal(f->diags.count, 0);
    assert_int_equal(f->repo.count, 1);
    assert_int_equal(f->repo.unreadable, 200);
}

static void repository__highest_version__wins_unless_one_is_named(void **state)
{
    struct fixture *f = *state;

    bundle_add(f, "a1.kext", "org.example.a", "1.0", "1.0", BSD);
    bundle_add(f, "sub/a3.kext", "org.example.a", "3.0", "1.0", BSD); /* folders within are not searched */
    bundle_add(f, "a2.kext", "org.example.a", "2.0", "2.0", BSD);
    assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
    assert_int_equal(f->repo.count, 2);
    assert_string_equal(kext_repository_find(&f->repo, "org.example.a", 0)->info.version_text, "2.0");
    assert_string_equal(
        kext_repository_find(&f->repo, "org.example.a", KEXT_VERSION_RELEASE(1, 0, 0))->info.version_text,
        "1.0");
    snprintf(f->path, sizeof(f->path), "%s/a1.kext", f->folder.path);
    assert_true(kext_repository_add(&f->repo, f->path, NULL, &f->diags));
    assert_int_equal(f->repo.count, 2);
    assert_string_equal(kext_repository_find(&f->repo, "org.example.a", 0)->info.version_text, "1.0");
    assert_null(kext_repository_find(&f->repo, "org.example.b", 0));
}

static void repository__plugins__found(void **state)
{
    struct fixture *f = *state;
    struct kext_plan out;

    bundle_add(f, "a.kext/Contents/PlugIns/b.kext", "org.example.b", "1.0", "1.0", BSD);
    bundle_add(f, "a.kext", "org.example.a", "1.0", NULL, BSD " org.example.b=1.0");
    assert_true(kext_repository_add(&f->repo, f->path, NULL, &f->diags));
    assert_true(plan(f, "org.example.a", &out));
    assert_int_equal(out.count, 2);
    assert_string_equal(out.order[0]->info.id, "org.example.b");
}

static void repository__no_folder__told(void **state)
{
    struct fixture *f = *state;

    assert_false(kext_repository_scan(&f->repo, "/nonexistent/folder", &f->diags));
    assert_true(said(f, "cannot look for kexts there"));
}

/* ---- the graph ----------------------------------------------------------------------------------------- */

static void plan__diamond__each_once_and_in_order(void **state)
{
    struct fixture *f = *state;
    struct kext_plan out;

    bundle_add(f, "top.kext", "o.top", "1.0", NULL, "o.left=1.0 o.right=1.0 " BSD);
    bundle_add(f, "left.kext", "o.left", "1.0", "1.0", "o.base=1.0");
    bundle_add(f, "right.kext", "o.right", "1.0", "1.0", "o.base=1.5");
    bundle_add(f, "base.kext", "o.base", "2.0", "1.0", BSD);
    assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
    assert_true(plan(f, "o.top", &out));
    assert_int_equal(out.count, 4);
    assert_string_equal(out.order[0]->info.id, "o.base");
    assert_string_equal(out.order[3]->info.id, "o.top");
    assert_int_equal(f->diags.count, 0);
}

static void plan__circle__names_it(void **state)
{
    struct fixture *f = *state;
    struct kext_plan out;

    bundle_add(f, "a.kext", "o.a", "1.0", "1.0", "o.b=1.0");
    bundle_add(f, "b.kext", "o.b", "1.0", "1.0", "o.c=1.0");
    bundle_add(f, "c.kext", "o.c", "1.0", "1.0", "o.b=1.0");
    assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
    assert_false(plan(f, "o.a", &out));
    assert_true(said(f, "o.b -> o.c -> o.b"));
}

static void plan__missing_and_wrong_versions__all_told(void **state)
{
    struct fixture *f = *state;
    struct kext_plan out;

    bundle_add(f, "a.kext", "o.a", "1.0", NULL,
               "o.none=1.0 o.old=3.0 o.new=1.0 o.nolib=1.0 com.apple.kpi.bsd=99.0 com.apple.kpi.mach=7.0 "
               "com.apple.kpi.dsep=8.0");
    bundle_add(f, "old.kext", "o.old", "2.0", "1.0", BSD);
    bundle_add(f, "new.kext", "o.new", "5.0", "4.0", BSD);
    bundle_add(f, "nolib.kext", "o.nolib", "1.0", NULL, BSD);
    assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
    assert_false(plan(f, "o.a", &out));
    assert_int_equal(f->diags.errors, 7);
    assert_true(said(f, "needs o.none (1.0), which is neither loaded"));
    assert_true(said(f, "needs version 3.0 of o.old"));
    assert_true(said(f, "needs version 1.0 of o.new"));
    assert_true(said(f, "is no library"));
    assert_true(said(f, "needs version 99.0 of com.apple.kpi.bsd; this kernel serves 8.0 to 24.4.0"));
    assert_true(said(f, "needs version 7.0 of com.apple.kpi.mach"));
    assert_true(said(f, "is no interface of this kernel"));
}

static void plan__identifier_misspelt__right_one_named(void **state)
{
    static const char *const slips[][2] = {{"com.apple.kpi.bds", "com.apple.kpi.bsd"},
                                           {"com.aple.kpi.mach", "com.apple.kpi.mach"},
                                           {"com.apple.kpi.LibKern", "com.apple.kpi.libkern"},
                                           {"org.example.libary", "org.example.library"},
                                           {"org.other.thing", NULL},
                                           {"o.b", NULL}};
    struct fixture *f = *state;

    bundle_add(f, "lib.kext", "org.example.library", "1.0", "1.0", BSD);
    for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
        char name[32], id[32], libraries[128];
        struct kext_plan out;

        snprintf(name, sizeof(name), "k%zu.kext", i);
        snprintf(id, sizeof(id), "o.k%zu", i);
        snprintf(libraries, sizeof(libraries), "%s=8.0", slips[i][0]);
        bundle_add(f, name, id, "1.0", NULL, libraries);
        assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
        assert_false(plan(f, id, &out));
        const char *mend = f->diags.list[f->diags.count - 1].mend;
        assert_non_null(mend);
        if (slips[i][1] == NULL) {
            assert_null(strstr(mend, "Did you mean"));
        } else {
            char wanted[128];

            snprintf(wanted, sizeof(wanted), "Did you mean %s?", slips[i][1]);
            assert_string_equal(mend, wanted);
        }
    }
}

static void plan__loaded__not_loaded_again(void **state)
{
    struct fixture *f = *state;
    struct kext_plan out;
    struct kext_loaded loaded[2] = {
        {"com.apple.kpi.bsd", "24.4.0", KEXT_INTERFACE_VERSION, KEXT_INTERFACE_COMPATIBLE,
         KEXT_LOADED_STARTED},
        {"o.lib", "2.0", KEXT_VERSION_RELEASE(2, 0, 0), KEXT_VERSION_RELEASE(1, 0, 0), KEXT_LOADED_STARTED},
    };
    struct kext_bundle *target;

    /* The library's file is gone; what is loaded serves. */
    bundle_add(f, "a.kext", "o.a", "1.0", NULL, "o.lib=1.5 " BSD);
    assert_true(kext_repository_add(&f->repo, f->path, &target, &f->diags));
    assert_true(kext_plan_make(&f->repo, target, loaded, 2, &out, &f->diags));
    assert_int_equal(out.count, 1);
    loaded[1].compatible = KEXT_VERSION_RELEASE(1, 6, 0);
    assert_false(kext_plan_make(&f->repo, target, loaded, 2, &out, &f->diags));
    assert_true(said(f, "the one that is loaded serves 1.6 to 2.0"));
}

static void plan__too_many__refused(void **state)
{
    struct fixture *f = *state;
    struct kext_plan out;

    for (int i = 0; i < 100; i++) {
        char name[32], id[32], libraries[64];
        snprintf(name, sizeof(name), "k%d.kext", i);
        snprintf(id, sizeof(id), "o.k%d", i);
        snprintf(libraries, sizeof(libraries), "o.k%d=1.0", i + 1);
        bundle_add(f, name, id, "1.0", "1.0", i == 99 ? BSD : libraries);
    }
    assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
    assert_false(plan(f, "o.k0", &out));
    assert_true(said(f, "more than 64 kexts"));
    kext_diags_free(&f->diags);
    assert_true(plan(f, "o.k40", &out));
    assert_int_equal(out.count, 60);
}

/* ---- archives and messages ----------------------------------------------------------------------------- */

static uint8_t *archive_make(struct fixture *f, size_t *len)
{
    struct kext_plan out;
    uint8_t *bytes;
    int fd;

    bundle_add(f, "lib.kext", "o.lib", "2.0", "1.0", BSD);
    bundle_add(f, "a.kext", "o.a", "1.0b2", NULL, "o.lib=1.5 " BSD);
    assert_true(kext_repository_scan(&f->repo, f->folder.path, &f->diags));
    assert_true(plan(f, "o.a", &out));
    assert_true(kext_archive_write(&out, 0, true, &fd, &f->diags));
    assert_int_equal(kext_fd_read(fd, 1u << 20, &bytes, len), 0);
    assert_int_not_equal(ftruncate(fd, 0), 0); /* sealed */
    close(fd);
    return bytes;
}

static void archive__round_trip__loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct kext_archive archive;
    size_t len, object_len;
    uint8_t *bytes = archive_make(f, &len);

    assert_true(kext_archive_read(bytes, len, &archive, &f->diags));
    assert_int_equal(archive.count, 2);
    assert_string_equal(archive.kexts[0].info.id, "o.lib");
    assert_string_equal(archive.kexts[1].info.id, "o.a");
    assert_false(archive.kexts[0].nostart);
    assert_true(archive.kexts[1].nostart);
    assert_non_null(strstr(archive.kexts[1].path, "/a.kext/Contents/MacOS/code"));
    const void *object = object_bytes(&object_len);
    assert_int_equal(archive.kexts[1].exec_len, object_len);
    assert_memory_equal(archive.kexts[1].exec, object, object_len);
    kext_archive_free(&archive);
    free(bytes);
}

/* Every byte is covered: the header and the table by one checksum, each part by its own, what lies between by
 * nobody. */
static void archive__each_byte_flipped__refused_or_without_effect(void **state)
{
    struct fixture *f = *state;
    size_t len, accepted = 0;
    uint8_t *bytes = archive_make(f, &len);

    for (size_t i = 0; i < len; i++) {
        struct kext_archive archive;

        bytes[i] ^= 0x41;
        if (kext_archive_read(bytes, len, &archive, &f->diags)) {
            kext_archive_free(&archive);
            accepted++;
        }
        bytes[i] ^= 0x41;
        kext_diags_free(&f->diags);
    }
    assert_true(accepted < 8 * 6); /* padding */
    free(bytes);
}

static void archive__truncated__refused(void **state)
{
    struct fixture *f = *state;
    size_t len;
    uint8_t *bytes = archive_make(f, &len);

    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *copy = malloc(cut + 1); /* of its own, so that a read beyond it is seen */
        struct kext_archive archive;

        memcpy(copy, bytes, cut);
        assert_false(kext_archive_read(copy, cut, &archive, &f->diags));
        kext_diags_free(&f->diags);
        free(copy);
    }
    free(bytes);
}

static const char *wire_text(const uint8_t *message, struct kext_wire_str str)
{
    assert_int_equal(message[str.off + str.len], 0);
    return (const char *)message + str.off;
}

static void message__of_an_archive__holds_it_all(void **state)
{
    struct fixture *f = *state;
    struct kext_archive archive;
    size_t len, message_len, object_len;
    uint8_t *bytes = archive_make(f, &len);
    void *message;

    assert_true(kext_archive_read(bytes, len, &archive, &f->diags));
    assert_true(kext_message_build(&archive, &message, &message_len, &f->diags));
    const struct kext_wire_header *header = message;
    assert_int_equal(header->magic, KEXT_WIRE_MAGIC);
    assert_int_equal(header->size, message_len);
    assert_int_equal(header->nentries, 2);
    const struct kext_wire_entry *entry = (const void *)((uint8_t *)message + header->entries_off);
    assert_string_equal(wire_text(message, entry[1].id), "o.a");
    assert_string_equal(wire_text(message, entry[1].version_text), "1.0b2");
    assert_int_equal(entry[1].flags, KEXT_WIRE_ENTRY_NOSTART);
    assert_int_equal(entry[1].nlibs, 2);
    const struct kext_wire_lib *libs = (const void *)((uint8_t *)message + entry[1].libs_off);
    assert_string_equal(wire_text(message, libs[0].id), "o.lib");
    assert_true(libs[0].min_version == KEXT_VERSION_RELEASE(1, 5, 0));
    assert_int_equal(entry[1].exec_off % 16, 0);
    const void *object = object_bytes(&object_len);
    assert_memory_equal((uint8_t *)message + entry[1].exec_off, object, object_len);
    free(message);
    kext_archive_free(&archive);
    free(bytes);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bundle__both_layouts__read),
        TEST(bundle__broken__refused),
        TEST(bundle__wrong_executable__named_for_what_it_is),
        TEST(repository__many_broken_neighbours__nothing_said),
        TEST(repository__highest_version__wins_unless_one_is_named),
        TEST(repository__plugins__found),
        TEST(repository__no_folder__told),
        TEST(plan__diamond__each_once_and_in_order),
        TEST(plan__circle__names_it),
        TEST(plan__missing_and_wrong_versions__all_told),
        TEST(plan__identifier_misspelt__right_one_named),
        TEST(plan__loaded__not_loaded_again),
        TEST(plan__too_many__refused),
        TEST(archive__round_trip__loses_nothing),
        TEST(archive__each_byte_flipped__refused_or_without_effect),
        TEST(archive__truncated__refused),
        TEST(message__of_an_archive__holds_it_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
