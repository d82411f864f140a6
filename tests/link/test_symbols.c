// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a symbol is bound to, what is said when it cannot be, and what is exported.
 *
 * Owns: nothing. Locks: none. Callers: CTest.
 */
#include "tests/link/support/link_host.h"
#include "tests/link/support/patch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const struct kxld_export bsd_exports[] = {
    {.name = "vnode_get", .address = 0x1000, .flags = KXLD_EXPORT_FUNC},
    {.name = "vnode_put", .address = 0x1010, .flags = KXLD_EXPORT_FUNC},
    {.name = "evolving_data", .address = 0x1020, .state = KXLD_STATE_EVOLVING},
    {.name = "old_function",
     .address = 0x1030,
     .flags = KXLD_EXPORT_FUNC,
     .state = KXLD_STATE_DEPRECATED,
     .instead = "new_function"},
    {.name = "slow_function",
     .address = 0x1040,
     .flags = KXLD_EXPORT_FUNC,
     .state = KXLD_STATE_COMPATIBILITY},
    {.name = "external_function", .address = 0x1050, .flags = KXLD_EXPORT_FUNC},
};

static const struct kxld_export unsupported_exports[] = {
    {.name = "undeclared_function", .address = 0x2000, .flags = KXLD_EXPORT_FUNC},
    {.name = "undeclared_too", .address = 0x2010, .flags = KXLD_EXPORT_FUNC},
};

static const struct kxld_export libkern_exports[] = {
    {.name = "printf", .address = 0x3000, .flags = KXLD_EXPORT_FUNC},
};

/* A link with its three sets, two of them not declared. */
struct fixture {
    struct link_host host;
    struct link_provider bsd, unsupported, libkern;
    const struct kxld_provider *declared[1];
    const struct kxld_provider *known[2];
    struct kxld_request request;
    struct kxld_image *image;
    struct kxld_report *report;
    uint8_t *object;
    size_t size;
    char text[8192];
};

static void fixture_init(struct fixture *f, const char *object)
{
    memset(f, 0, sizeof(*f));
    link_host_init(&f->host, LINK_ARENA_LOW);
    link_provider_init(&f->bsd, "com.apple.kpi.bsd", "8.0", bsd_exports, N(bsd_exports));
    link_provider_init(&f->unsupported, "com.apple.kpi.unsupported", "8.0.1", unsupported_exports,
                       N(unsupported_exports));
    link_provider_init(&f->libkern, "com.apple.kpi.libkern", "", libkern_exports, N(libkern_exports));
    f->declared[0] = &f->bsd.provider;
    f->known[0] = &f->unsupported.provider;
    f->known[1] = &f->libkern.provider;
    f->object = link_read_object(object, &f->size);
    f->request = (struct kxld_request){
        .bundle_id = "com.example.test",
        .bundle_version = "1.2.3",
        .object = f->object,
        .object_len = f->size,
        .declared = f->declared,
        .n_declared = 1,
        .known = f->known,
        .n_known = 2,
    };
}

static enum kxld_result fixture_link(struct fixture *f)
{
    enum kxld_result result = kxld_link(&f->host.host, &f->request, &f->image, &f->report);

    assert_non_null(f->report);
    assert_int_equal(f->report->result, result);
    assert_true((result == KXLD_OK) == (f->image != NULL));
    kxld_report_format(f->report, f->text, sizeof(f->text));
    return result;
}

static void fixture_end(struct fixture *f)
{
    kxld_image_free(&f->host.host, f->image);
    kxld_report_free(&f->host.host, f->report);
    free(f->object);
    link_host_end(&f->host);
}

static const struct kxld_problem *find_problem(const struct fixture *f, const char *symbol)
{
    for (size_t i = 0; i < f->report->n_problems; i++)
        if (f->report->problems[i].symbol && strcmp(f->report->problems[i].symbol, symbol) == 0)
            return &f->report->problems[i];
    return NULL;
}

static void problems__all_in_one_report(void **state)
{
    static const char expected[] =
        "kxld[com.example.test]: symbols that nothing exports:\n"
        "\tmissing_one (.text+0x1 in run, and 2 more)\n"
        "\tmissing_two (.text+0x12 in other)\n"
        "\tvnode_gett (.text+0x17 in other); did you mean vnode_get of com.apple.kpi.bsd 8.0?\n"
        "\t_printf (.text+0x37 in other); did you mean printf of com.apple.kpi.libkern?\n"
        "\tmissing_three (.data+0x0)\n"
        "kxld[com.example.test]: kextutil -n -t links a kext without loading it and names all that is "
        "missing\n"
        "kxld[com.example.test]: symbols of libraries that OSBundleLibraries does not list:\n"
        "\tundeclared_function (.text+0x1c in other): exported by com.apple.kpi.unsupported 8.0.1\n"
        "\tundeclared_too (.text+0x21 in other): exported by com.apple.kpi.unsupported 8.0.1\n"
        "kxld[com.example.test]: add to OSBundleLibraries: "
        "<key>com.apple.kpi.unsupported</key><string>8.0.1</string>\n"
        "kxld[com.example.test]: kextutil -n -t links a kext without loading it, to check its "
        "OSBundleLibraries\n"
        "kxld[com.example.test]: symbols that may still change:\n"
        "\tevolving_data (.text+0x28 in other): exported by com.apple.kpi.bsd 8.0\n"
        "kxld[com.example.test]: a kext opts in to them with <key>KextbedEvolvingInterfaces</key><true/> in "
        "its Info.plist\n"
        "kxld[com.example.test]: deprecated symbols:\n"
        "\told_function (.text+0x2d in other): exported by com.apple.kpi.bsd 8.0; use new_function instead\n"
        "kxld[com.example.test]: symbols kept for compatibility:\n"
        "\tslow_function (.text+0x32 in other): exported by com.apple.kpi.bsd 8.0\n"
        "kxld[com.example.test]: weak references that found nothing:\n"
        "\toptional (.data+0x8): bound to 0x0\n"
        "kxld[com.example.test]: symbols that the kext defines though a library of its exports them too:\n"
        "\texternal_function: exported by com.apple.kpi.bsd 8.0\n"
        "kxld[com.example.test]: not linked (8 errors): symbols could not be resolved\n";
    struct fixture f;

    (void)state;
    fixture_init(&f, "problems");
    assert_int_equal(fixture_link(&f), KXLD_ERR_UNRESOLVED);
    assert_string_equal(f.text, expected);
    /* A text that is too long for its buffer is cut, ended, and counted whole. */
    assert_int_equal(kxld_report_format(f.report, f.text, 20), sizeof(expected) - 1);
    assert_string_equal(f.text, "kxld[com.example.te");
    kxld_report_log(f.report, &f.host.host);
    assert_int_equal(f.host.n_lines, 24);
    assert_string_equal(f.host.log[KXLD_LOG_NOTE], "\texternal_function: exported by com.apple.kpi.bsd 8.0");
    fixture_end(&f);
}

static void evolving__with_opt_in__only_noted(void **state)
{
    struct fixture f;
    const struct kxld_problem *problem;

    (void)state;
    fixture_init(&f, "problems");
    f.request.flags = KXLD_LINK_ALLOW_EVOLVING;
    assert_int_equal(fixture_link(&f), KXLD_ERR_UNRESOLVED);
    assert_int_equal(f.report->n_errors, 7);
    problem = find_problem(&f, "evolving_data");
    assert_non_null(problem);
    assert_int_equal(problem->severity, KXLD_SEVERITY_NOTE);
    fixture_end(&f);
}

static void undefined__declared_first_wins(void **state)
{
    static const struct kxld_export mine[] = {{.name = "external_function", .address = 0xabc}};
    struct fixture f;
    struct link_provider first, second;
    const struct kxld_provider *both[2] = {&first.provider, &second.provider};

    (void)state;
    fixture_init(&f, "R_X86_64_PLT32");
    link_provider_init(&first, "first", "1", bsd_exports, 2);
    link_provider_init(&second, "second", "1", mine, 1);
    f.request.declared = both;
    f.request.n_declared = 2;
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_int_equal(f.report->n_problems, 0);
    assert_string_equal(f.text, "");
    assert_int_equal(first.n_lookups, 2); /* external_function, and whether run is exported there */
    fixture_end(&f);
}

static void known__never_binds(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, "R_X86_64_PLT32");
    f.request.n_declared = 0;
    f.known[0] = &f.bsd.provider;
    assert_int_equal(fixture_link(&f), KXLD_ERR_UNRESOLVED);
    assert_int_equal(find_problem(&f, "external_function")->kind, KXLD_PROBLEM_WRONG_SET);
    fixture_end(&f);
}

static void thread_local__named_all_with_the_rest(void **state)
{
    static const char *const names[] = {"local_exec", "initial_exec", "general_dynamic", "local_dynamic",
                                        "unused"};
    struct fixture f;

    (void)state;
    fixture_init(&f, "thread_local");
    assert_int_equal(fixture_link(&f), KXLD_ERR_UNSUPPORTED);
    for (size_t i = 0; i < N(names); i++) {
        assert_non_null(find_problem(&f, names[i]));
        assert_int_equal(find_problem(&f, names[i])->kind, KXLD_PROBLEM_THREAD_LOCAL);
    }
    assert_int_equal(find_problem(&f, "missing_one")->kind, KXLD_PROBLEM_MISSING);
    assert_non_null(
        strstr(f.text, "thread-local variables are not possible in a kext:\n\tlocal_exec (.text+0x4)"));
    fixture_end(&f);
}

static void duplicate__strong_twice__refused(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, "library");
    patch_set(f.object, f.size, "symbol library_protected st_name",
              patch_get(f.object, f.size, "symbol library_add st_name"));
    patch_set(f.object, f.size, "symbol library_data st_name",
              patch_get(f.object, f.size, "symbol library_add st_name"));
    assert_int_equal(fixture_link(&f), KXLD_ERR_UNRESOLVED);
    assert_int_equal(f.report->n_problems, 1);
    assert_int_equal(f.report->problems[0].kind, KXLD_PROBLEM_DUPLICATE);
    assert_string_equal(f.report->problems[0].symbol, "library_add");
    assert_int_equal(f.report->problems[0].more, 1);
    fixture_end(&f);
}

static void duplicate__weak_and_strong__strong_wins(void **state)
{
    struct fixture f;
    struct kxld_symbol_info info;

    (void)state;
    fixture_init(&f, "library");
    patch_set(f.object, f.size, "symbol library_add st_name",
              patch_get(f.object, f.size, "symbol library_weak st_name"));
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_true(kxld_image_find(f.image, "library_weak", &info));
    assert_int_equal(info.addr, f.image->base);
    fixture_end(&f);
}

static void common__of_two_sizes__larger_counts(void **state)
{
    struct fixture f;
    struct kxld_symbol_info info;
    bool is_first_larger = *state;

    fixture_init(&f, "whole");
    if (is_first_larger) {
        patch_set(f.object, f.size, "symbol shared_counter st_size", 2000);
        patch_set(f.object, f.size, "symbol shared_counter st_value", 4096);
    }
    /* The weak reference becomes a second common symbol of the same name. */
    patch_set(f.object, f.size, "symbol optional st_shndx", 0xfff2);
    patch_set(f.object, f.size, "symbol optional st_info", 0x11);
    patch_set(f.object, f.size, "symbol optional st_size", 1000);
    patch_set(f.object, f.size, "symbol optional st_value", 512);
    patch_set(f.object, f.size, "symbol optional st_name",
              patch_get(f.object, f.size, "symbol shared_counter st_name"));
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_true(kxld_image_find(f.image, "shared_counter", &info));
    assert_int_equal(info.size, is_first_larger ? 2000 : 1000);
    assert_int_equal(info.addr % (is_first_larger ? 4096 : 512), 0);
    fixture_end(&f);
}

static void group__of_one_signature__second_is_left_out(void **state)
{
    struct fixture f;
    struct kxld_symbol_info info;

    (void)state;
    fixture_init(&f, "groups");
    patch_set(f.object, f.size, "symbol signature_b st_name",
              patch_get(f.object, f.size, "symbol signature_a st_name"));
    patch_set(f.object, f.size, "symbol copy_b st_name",
              patch_get(f.object, f.size, "symbol copy_a st_name"));
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_int_equal(link_call(f.image, "run"), 42);
    for (size_t i = 0; i < f.image->n_sections; i++)
        assert_string_not_equal(f.image->sections[i].name, ".text.copy_b");
    assert_true(kxld_image_find(f.image, "copy_a", &info));
    fixture_end(&f);
}

static void weak__absent__bound_to_what_the_client_says(void **state)
{
    static const struct kxld_export marker[] = {{.name = "marker", .address = 0x123456789000}};
    static const struct kxld_export both[] = {{.name = "optional", .address = 0x400000},
                                              {.name = "marker", .address = 0}};
    struct fixture f;
    struct link_provider provider;
    const struct kxld_provider *declared[1] = {&provider.provider};

    (void)state;
    /* Nobody has either: both are 0 and the call is not made. */
    fixture_init(&f, "weak");
    f.request.n_declared = 0;
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_int_equal(f.report->n_problems, 2);
    assert_int_equal(find_problem(&f, "optional")->severity, KXLD_SEVERITY_NOTE);
    assert_int_equal(link_call(f.image, "run"), 1);
    fixture_end(&f);

    /* The kext compares with a marker. */
    fixture_init(&f, "weak");
    link_provider_init(&provider, "p", "1", marker, 1);
    f.request.declared = declared;
    f.request.weak_absent_address = 0x123456789000;
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_int_equal(link_call(f.image, "run"), 1);
    fixture_end(&f);

    fixture_init(&f, "weak");
    link_provider_init(&provider, "p", "1", link_externals, link_n_externals);
    link_provider_init(&provider, "p", "1", both, 2);
    f.request.declared = declared;
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_int_equal(f.report->n_problems, 0);
    fixture_end(&f);
}

static void linkstate__exports_what_others_may_use(void **state)
{
    static const char *const names[] = {"library_add",  "library_weak",   "library_protected",
                                        "library_data", "library_common", "library_number"};
    static const char *const secrets[] = {"library_hidden", "library_static", "kmod_info", "inner_label", ""};
    struct fixture f;
    struct kxld_provider provider;
    struct kxld_export export;
    struct kxld_symbol_info info;

    (void)state;
    fixture_init(&f, "library");
    assert_int_equal(fixture_link(&f), KXLD_OK);
    kxld_linkstate_provider(f.image->linkstate, "com.example.library", NULL, &provider);
    assert_string_equal(provider.version, "1.2.3");
    assert_int_equal(kxld_linkstate_count(f.image->linkstate), N(names));
    for (size_t i = 0; i < N(names); i++) {
        assert_true(provider.lookup(&provider, names[i], strlen(names[i]), &export));
        assert_true(kxld_image_find(f.image, names[i], &info));
        assert_int_equal(export.address, info.addr);
        assert_string_equal(export.name, names[i]);
        assert_int_equal(export.state, KXLD_STATE_STABLE);
        assert_true(info.flags & KXLD_SYMBOL_EXPORTED);
    }
    for (size_t i = 0; i < N(secrets); i++)
        assert_false(provider.lookup(&provider, secrets[i], strlen(secrets[i]), &export));
    for (size_t i = 0; i + 1 < N(secrets); i++) {
        assert_true(kxld_image_find(f.image, secrets[i], &info));
        assert_false(info.flags & KXLD_SYMBOL_EXPORTED);
    }
    for (size_t i = 1; i < N(names); i++) {
        struct kxld_export before;

        assert_true(kxld_linkstate_get(f.image->linkstate, i - 1, &before));
        assert_true(kxld_linkstate_get(f.image->linkstate, i, &export));
        assert_true(before.address <= export.address || export.address == 2);
    }
    assert_false(kxld_linkstate_get(f.image->linkstate, N(names), &export));
    assert_true(provider.lookup(&provider, "library_number", 14, &export));
    assert_int_equal(export.address, 2);
    assert_true(kxld_linkstate_size(f.image->linkstate) < 1024);
    fixture_end(&f);
}

static void linkstate__dependent_links_and_runs(void **state)
{
    static const enum link_arena arenas[] = {LINK_ARENA_LOW, LINK_ARENA_NEAR};

    (void)state;
    for (size_t i = 0; i < N(arenas); i++) {
        struct link_host host;
        struct kxld_provider library;
        const struct kxld_provider *declared[1] = {&library};
        struct kxld_image *image, *dependent;
        size_t size;
        uint8_t *object = link_read_object("library", &size);

        link_host_init(&host, arenas[i]);
        image = link_expect_ok(&host, object, size, NULL, 0, 0, 0);
        /* Nothing of the library's file is looked at again. */
        memset(object, 0, size);
        free(object);
        kxld_linkstate_provider(image->linkstate, "com.example.library", "9", &library);
        assert_string_equal(library.version, "9");
        object = link_read_object("dependent", &size);
        dependent = link_expect_ok(&host, object, size, declared, 1, 0, 0);
        free(object);
        assert_int_equal(link_call(dependent, "run"), 42);
        kxld_image_free(&host.host, dependent);
        kxld_image_free(&host.host, image);
        link_host_end(&host);
    }
}

/* One of several threads that link against the same library at once. */
struct worker {
    pthread_t thread;
    const struct kxld_provider *library;
    const uint8_t *object;
    size_t size;
    unsigned n_good;
};

static void *worker_run(void *arg)
{
    struct worker *w = arg;
    struct link_host host;

    link_host_init(&host, LINK_ARENA_NONE);
    for (int i = 0; i < 200; i++) {
        struct kxld_request request = {
            .bundle_id = "com.example.parallel",
            .object = w->object,
            .object_len = w->size,
            .declared = &w->library,
            .n_declared = 1,
            .flags = KXLD_LINK_DRY_RUN,
            .dry_run_base = 0x10000000,
        };
        struct kxld_image *image;
        struct kxld_report *report;

        w->n_good += kxld_link(&host.host, &request, &image, &report) == KXLD_OK && image->n_segments > 0;
        kxld_image_free(&host.host, image);
        kxld_report_free(&host.host, report);
    }
    link_host_end(&host);
    return NULL;
}

static void linkstate__many_threads_link_against_it(void **state)
{
    struct worker workers[4];
    struct fixture f;
    struct kxld_provider library;
    size_t size;
    uint8_t *object = link_read_object("dependent", &size);

    (void)state;
    fixture_init(&f, "library");
    assert_int_equal(fixture_link(&f), KXLD_OK);
    kxld_linkstate_provider(f.image->linkstate, "com.example.library", NULL, &library);
    for (size_t i = 0; i < N(workers); i++) {
        workers[i] = (struct worker){.library = &library, .object = object, .size = size};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, worker_run, &workers[i]), 0);
    }
    for (size_t i = 0; i < N(workers); i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].n_good, 200);
    }
    free(object);
    fixture_end(&f);
}

static bool count_visit(void *arg, const char *name, size_t len)
{
    size_t *n = arg;

    assert_int_equal(strlen(name), len);
    return ++*n < 3;
}

static void linkstate__iterates_and_stops(void **state)
{
    struct fixture f;
    struct kxld_provider provider;
    size_t n = 0;

    (void)state;
    fixture_init(&f, "library");
    assert_int_equal(fixture_link(&f), KXLD_OK);
    kxld_linkstate_provider(f.image->linkstate, "l", NULL, &provider);
    provider.iterate(&provider, count_visit, &n);
    assert_int_equal(n, 3);
    fixture_end(&f);
}

static void expect_at(const struct kxld_image *image, uint64_t pc, const char *name, uint64_t offset)
{
    struct kxld_symbol_info info;

    assert_true(kxld_image_symbol_at(image, pc, &info));
    assert_string_equal(info.name, name);
    assert_int_equal(pc - info.addr, offset);
}

static void backtrace__names_functions_static_ones_too(void **state)
{
    struct fixture f;
    struct kxld_symbol_info info;
    uint64_t add, hidden, fixed;

    (void)state;
    fixture_init(&f, "library");
    assert_int_equal(fixture_link(&f), KXLD_OK);
    add = link_symbol(f.image, "library_add");
    hidden = link_symbol(f.image, "library_hidden");
    fixed = link_symbol(f.image, "library_static");
    expect_at(f.image, add, "library_add", 0);
    expect_at(f.image, hidden - 1, "library_add", hidden - 1 - add);
    /* A label within a function is not what a person wants to read. */
    expect_at(f.image, hidden + 2, "library_hidden", 2);
    expect_at(f.image, fixed + 1, "library_static", 1);
    expect_at(f.image, link_symbol(f.image, "library_data") + 3, "library_data", 3);
    assert_false(kxld_image_symbol_at(f.image, f.image->base - 1, &info));
    assert_false(kxld_image_symbol_at(f.image, f.image->base + f.image->size, &info));
    assert_false(kxld_image_symbol_at(f.image, 0, &info));
    assert_false(kxld_image_find(f.image, "no_such_symbol", &info));
    fixture_end(&f);
}

static void function__far__reached_through_a_stub(void **state)
{
    static const enum link_arena arenas[] = {LINK_ARENA_LOW, LINK_ARENA_NEAR};

    (void)state;
    for (size_t i = 0; i < N(arenas); i++) {
        struct link_host host;
        struct link_provider provider;
        const struct kxld_provider *declared[1] = {&provider.provider};
        struct kxld_image *image;
        size_t size;
        uint8_t *object = link_read_object("far", &size);
        bool has_stubs = false;

        link_host_init(&host, arenas[i]);
        link_provider_init(&provider, "p", "1", link_externals, link_n_externals);
        image = link_expect_ok(&host, object, size, declared, 1, 0, 0);
        for (size_t j = 0; j < image->n_sections; j++)
            has_stubs |= strcmp(image->sections[j].name, ".kxld.stubs") == 0;
        assert_int_equal(has_stubs, arenas[i] == LINK_ARENA_LOW);
        assert_int_equal(link_call(image, "run"), 42);
        kxld_image_free(&host.host, image);
        free(object);
        link_host_end(&host);
    }
}

static void load__far__refused(void **state)
{
    struct fixture f;
    struct link_provider provider;
    const struct kxld_provider *declared[1] = {&provider.provider};

    (void)state;
    fixture_init(&f, "far_load");
    link_provider_init(&provider, "p", "1", link_externals, link_n_externals);
    f.request.declared = declared;
    assert_int_equal(fixture_link(&f), KXLD_ERR_RANGE);
    assert_int_equal(find_problem(&f, "external_data")->kind, KXLD_PROBLEM_OUT_OF_RANGE);
    assert_int_equal(find_problem(&f, "external_function")->kind, KXLD_PROBLEM_OUT_OF_RANGE);
    assert_non_null(strstr(f.text, "compile the kext with -fPIC"));
    fixture_end(&f);
}

/* Puts each symbol of bounds.S @by beyond the last value that fits, and links. */
static enum kxld_result link_bounds(struct fixture *f, bool is_low, uint64_t by)
{
    uint64_t base = 0x20000000000; /* of the data: the object has nothing else */
    const struct kxld_export exports[] = {
        {.name = "at_32", .address = is_low ? 0 - by : 0xffffffffu + by},
        {.name = "at_32s", .address = is_low ? 0xffffffff80000000ull - by : 0x7fffffffu + by},
        {.name = "at_16", .address = is_low ? 0 - 0x8000 - by : 0xffff + by},
        {.name = "at_8", .address = is_low ? 0 - 0x80 - by : 0xff + by},
        {.name = "at_pc32", .address = base + 12 + (is_low ? 0 - 0x80000000ull - by : 0x7fffffff + by)},
        {.name = "at_pc16", .address = base + 16 + (is_low ? 0 - 0x8000 - by : 0x7fff + by)},
        {.name = "at_pc8", .address = base + 18 + (is_low ? 0 - 0x80 - by : 0x7f + by)},
    };
    struct link_provider provider;
    const struct kxld_provider *declared[1] = {&provider.provider};
    enum kxld_result result;

    fixture_init(f, "bounds");
    link_provider_init(&provider, "p", "1", exports, N(exports));
    f->request.declared = declared;
    f->request.flags = KXLD_LINK_DRY_RUN;
    f->request.dry_run_base = base;
    result = fixture_link(f);
    f->request.declared = NULL;
    return result;
}

static void range__every_field_is_checked_at_its_edge(void **state)
{
    struct fixture f;

    (void)state;
    for (int is_low = 0; is_low < 2; is_low++) {
        assert_int_equal(link_bounds(&f, is_low, 0), KXLD_OK);
        fixture_end(&f);
        assert_int_equal(link_bounds(&f, is_low, 1), KXLD_ERR_RANGE);
        assert_int_equal(f.report->n_errors, 7);
        for (size_t i = 0; i < f.report->n_problems; i++)
            assert_int_equal(f.report->problems[i].kind, KXLD_PROBLEM_OUT_OF_RANGE);
        assert_non_null(
            strstr(f.text, is_low ? "\tat_pc8 (.data+0x12): distance -0x81 does not fit into 8 signed bits"
                                  : "\tat_16 (.data+0x8): address 0x10000 does not fit into 16"));
        fixture_end(&f);
    }
}

static void trace__one_line_a_pass(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, "library");
    f.request.flags = KXLD_LINK_TRACE;
    assert_int_equal(fixture_link(&f), KXLD_OK);
    assert_int_equal(f.host.n_lines, 9);
    assert_non_null(strstr(f.host.log[KXLD_LOG_DEBUG], "kxld[com.example.test]: protect: "));
    fixture_end(&f);
}

static void results__all_have_a_text(void **state)
{
    (void)state;
    for (int i = KXLD_OK; i <= KXLD_ERR_PROTECT; i++)
        assert_string_not_equal(kxld_result_text((enum kxld_result)i), "unknown result");
    assert_string_equal(kxld_result_text((enum kxld_result)99), "unknown result");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(problems__all_in_one_report),
        cmocka_unit_test(evolving__with_opt_in__only_noted),
        cmocka_unit_test(undefined__declared_first_wins),
        cmocka_unit_test(known__never_binds),
        cmocka_unit_test(thread_local__named_all_with_the_rest),
        cmocka_unit_test(duplicate__strong_twice__refused),
        cmocka_unit_test(duplicate__weak_and_strong__strong_wins),
        cmocka_unit_test_prestate(common__of_two_sizes__larger_counts, NULL),
        cmocka_unit_test_prestate(common__of_two_sizes__larger_counts, "first"),
        cmocka_unit_test(function__far__reached_through_a_stub),
        cmocka_unit_test(load__far__refused),
        cmocka_unit_test(group__of_one_signature__second_is_left_out),
        cmocka_unit_test(weak__absent__bound_to_what_the_client_says),
        cmocka_unit_test(linkstate__exports_what_others_may_use),
        cmocka_unit_test(linkstate__dependent_links_and_runs),
        cmocka_unit_test(linkstate__many_threads_link_against_it),
        cmocka_unit_test(linkstate__iterates_and_stops),
        cmocka_unit_test(backtrace__names_functions_static_ones_too),
        cmocka_unit_test(range__every_field_is_checked_at_its_edge),
        cmocka_unit_test(trace__one_line_a_pass),
        cmocka_unit_test(results__all_have_a_text),
    };

    return cmocka_run_group_tests_name("link.symbols", tests, NULL, NULL);
}
