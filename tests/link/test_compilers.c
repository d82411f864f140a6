// SPDX-License-Identifier: BSD-2-Clause
/*
 * What compilers really make: one program (objects/program.c) by gcc and by clang, in every code model, with
 * and without optimisation, plain and instrumented. Each object is linked, compared field by field with the
 * oracle, run, and must come to the same number as the program does when the system loads it as a shared
 * object. Compilers that are not there are skipped, but one must be.
 *
 * Owns: a directory under /tmp. Locks: none. Callers: CTest.
 */
#include "tests/link/support/link_host.h"
#include "tests/link/support/oracle.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/kxld-compilers.XXXXXX";
static struct kxld_export externals[16];
static size_t n_externals;

static bool resolve_external(const char *name, uint64_t *address)
{
    for (size_t i = 0; i < n_externals; i++)
        if (strcmp(externals[i].name, name) == 0) {
            *address = externals[i].address;
            return true;
        }
    return false;
}

/* Functions that compilers call by themselves, and the program's own. */
static void count_guards(uint32_t *start, uint32_t *stop)
{
    for (uint32_t i = 1; start < stop; start++)
        *start = i++;
}

static uint32_t n_guards_hit;

static void hit_guard(uint32_t *guard)
{
    n_guards_hit += *guard != 0;
}

static void add_external(const char *name, uint64_t address, unsigned flags)
{
    externals[n_externals++] = (struct kxld_export){.name = name, .address = address, .flags = flags};
}

#define ADDRESS(thing) ((uint64_t)(uintptr_t)(thing))

static int set_up(void **state)
{
    (void)state;
    add_external("external_function", link_externals[0].address, KXLD_EXPORT_FUNC);
    add_external("external_data", link_externals[1].address, KXLD_EXPORT_DATA);
    add_external("memcpy", ADDRESS(memcpy), KXLD_EXPORT_FUNC);
    add_external("memset", ADDRESS(memset), KXLD_EXPORT_FUNC);
    add_external("__sanitizer_cov_trace_pc_guard_init", ADDRESS(count_guards), KXLD_EXPORT_FUNC);
    add_external("__sanitizer_cov_trace_pc_guard", ADDRESS(hit_guard), KXLD_EXPORT_FUNC);
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[256];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", directory);
    return system(command);
}

static bool have(const char *compiler)
{
    char command[256];

    snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", compiler);
    return system(command) == 0;
}

static void compile(const char *compiler, const char *flags, const char *output)
{
    char command[1024];

    snprintf(command, sizeof(command),
             "%s -std=gnu11 -ffreestanding -fno-stack-protector -w %s %s/program.c -o %s/%s", compiler, flags,
             LINK_SOURCES, directory, output);
    if (system(command) != 0)
        fail_msg("failed: %s", command);
}

/* The number that the program comes to without kxld. */
static int expected_result(void)
{
    char path[256], command[512];
    void *handle;
    int (*run)(void);
    int result;

    snprintf(command, sizeof(command),
             "echo 'static int d = 42; int external_function(void) { return d; } int external_data = 42;'"
             " > %s/externals.c",
             directory);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof(command), "-O1 -fPIC -shared %s/externals.c", directory);
    compile(have("gcc") ? "gcc" : "clang", command, "program.so");
    snprintf(path, sizeof(path), "%s/program.so", directory);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        fail_msg("%s", dlerror());
    *(void **)&run = dlsym(handle, "run");
    assert_non_null(run);
    result = run();
    dlclose(handle);
    return result;
}

/* The program as an object; freed by the caller. */
static uint8_t *compile_object(const char *compiler, const char *flags, size_t *size)
{
    char path[256], all_flags[256];

    snprintf(all_flags, sizeof(all_flags), "-c %s", flags);
    compile(compiler, all_flags, "program.o");
    snprintf(path, sizeof(path), "%s/program.o", directory);
    return link_read_file(path, size);
}

static void link_and_run(const char *compiler, const char *flags, enum link_arena arena, int expected)
{
    struct link_host host;
    struct link_provider provider;
    const struct kxld_provider *declared[1] = {&provider.provider};
    struct kxld_image *image;
    size_t size;
    uint8_t *object = compile_object(compiler, flags, &size);
    int result;

    link_host_init(&host, arena);
    link_provider_init(&provider, "com.example.externals", "1.0", externals, n_externals);
    image = link_expect_ok(&host, object, size, declared, 1, 0, 0);
    /* Coverage makes sections of one name, which the oracle cannot tell apart. */
    if (!strstr(flags, "coverage"))
        assert_true(oracle_check(image, object, size, resolve_external) > 20);
    for (size_t i = 0; i < image->n_constructors; i++)
        ((void (*)(void))(uintptr_t)image->constructors[i])();
    result = link_call(image, "run");
    if (result != expected)
        fail_msg("%s %s: %d instead of %d", compiler, flags, result, expected);
    kxld_image_free(&host.host, image);
    free(object);
    link_host_end(&host);
}

static const char *const levels[] = {"-O0", "-O2 -fno-inline", "-O2 -ffunction-sections -fdata-sections",
                                     "-Os -g"};

/* Code that goes anywhere: near the program, and where the program is out of reach. */
static void models_for_anywhere(const char *compiler, int expected)
{
    static const char *const models[] = {"-fPIC", "-fPIC -mcmodel=large", "-fPIC -fno-plt", "-fPIC -fcommon",
                                         "-fPIC -fvisibility=hidden"};
    static const enum link_arena arenas[] = {LINK_ARENA_NEAR, LINK_ARENA_LOW};

    for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++)
        for (size_t l = 0; l < sizeof(levels) / sizeof(levels[0]); l++)
            for (size_t a = 0; a < 2; a++) {
                char flags[128];

                /* clang's large model has no position-independent calls; gcc alone makes them. */
                if (strstr(models[m], "large") && strcmp(compiler, "clang") == 0)
                    continue;
                snprintf(flags, sizeof(flags), "%s %s", models[m], levels[l]);
                link_and_run(compiler, flags, arenas[a], expected);
            }
}

/* Code that reaches outside data directly, so goes near it only; and code for low addresses, with outside
 * data in the table or its address in 64 bits. */
static void models_for_somewhere(const char *compiler, int expected)
{
    static const char *const near[] = {"-fPIE", "-fPIE -fcommon", "-fno-pic -mcmodel=large"};
    static const char *const low[] = {"-fno-pic -mcmodel=large"};

    for (size_t l = 0; l < sizeof(levels) / sizeof(levels[0]); l++) {
        char flags[128];

        for (size_t m = 0; m < sizeof(near) / sizeof(near[0]); m++) {
            snprintf(flags, sizeof(flags), "%s %s", near[m], levels[l]);
            link_and_run(compiler, flags, LINK_ARENA_NEAR, expected);
        }
        for (size_t m = 0; m < sizeof(low) / sizeof(low[0]); m++) {
            snprintf(flags, sizeof(flags), "%s %s", low[m], levels[l]);
            link_and_run(compiler, flags, LINK_ARENA_LOW, expected);
        }
    }
}

static void each_compiler(void (*body)(const char *compiler, int expected))
{
    int expected = expected_result();
    bool is_any = false;

    if (have("gcc")) {
        body("gcc", expected);
        is_any = true;
    }
    if (have("clang")) {
        body("clang", expected);
        is_any = true;
    }
    assert_true(is_any);
}

static void anywhere(void **state)
{
    (void)state;
    each_compiler(models_for_anywhere);
}

static void somewhere(void **state)
{
    (void)state;
    each_compiler(models_for_somewhere);
}

static void coverage__constructors_and_section_bounds(void **state)
{
    (void)state;
    if (!have("clang")) {
        print_message("skipped: no clang\n");
        skip();
    }
    n_guards_hit = 0;
    link_and_run("clang", "-fPIC -O1 -fsanitize-coverage=trace-pc-guard", LINK_ARENA_NEAR, expected_result());
    assert_true(n_guards_hit > 10);
    n_guards_hit = 0;
    link_and_run("clang", "-fPIC -O1 -fsanitize-coverage=trace-pc-guard", LINK_ARENA_LOW, expected_result());
    assert_true(n_guards_hit > 10);
}

/* A run-time library far from everything, that has whatever instrumented code asks for. */
static bool lookup_runtime(const struct kxld_provider *provider, const char *name, size_t len,
                           struct kxld_export *export)
{
    (void)provider;
    (void)len;
    if (strncmp(name, "__asan_", 7) != 0 && strncmp(name, "__ubsan_", 8) != 0 &&
        strncmp(name, "__tsan_", 7) != 0 && strncmp(name, "__gcov_", 7) != 0)
        return false;
    *export = (struct kxld_export){.name = name, .address = 0x7f0012345670, .flags = KXLD_EXPORT_FUNC};
    return true;
}

static void link_instrumented(const char *compiler, const char *flags)
{
    static const struct kxld_provider runtime = {.name = "runtime", .lookup = lookup_runtime};
    struct link_host host;
    struct link_provider provider;
    const struct kxld_provider *declared[2] = {&provider.provider, &runtime};
    struct kxld_image *image;
    size_t size;
    uint8_t *object = compile_object(compiler, flags, &size);

    link_host_init(&host, LINK_ARENA_LOW);
    link_provider_init(&provider, "com.example.externals", "1.0", externals, n_externals);
    image = link_expect_ok(&host, object, size, declared, 2, 0, 0);
    assert_true(image->n_constructors > 0 || strstr(flags, "undefined"));
    kxld_image_free(&host.host, image);
    free(object);
    link_host_end(&host);
}

static void optimised_at_link_time__refused(void **state)
{
    static const char *const compilers[] = {"gcc", "clang"};

    (void)state;
    for (size_t c = 0; c < 2; c++) {
        struct link_host host;
        struct kxld_request request = {.bundle_id = "t"};
        struct kxld_image *image;
        struct kxld_report *report;
        char text[1024];
        uint8_t *object;

        if (!have(compilers[c]))
            continue;
        object = compile_object(compilers[c], "-O2 -flto", &request.object_len);
        request.object = object;
        link_host_init(&host, LINK_ARENA_NONE);
        assert_int_equal(kxld_link(&host.host, &request, &image, &report), KXLD_ERR_UNSUPPORTED);
        kxld_report_format(report, text, sizeof(text));
        assert_non_null(
            strstr(text, "it holds no code: compile it without link-time optimisation (-fno-lto)"));
        kxld_report_free(&host.host, report);
        free(object);
        link_host_end(&host);
    }
}

static void instrumented__link(void **state)
{
    static const char *const compilers[] = {"gcc", "clang"};
    static const char *const flags[] = {"-fPIC -O1 -fsanitize=address,undefined",
                                        "-fPIC -O1 -fsanitize=undefined", "-fPIC -O1 -fsanitize=thread"};

    (void)state;
    for (size_t c = 0; c < 2; c++)
        for (size_t f = 0; f < sizeof(flags) / sizeof(flags[0]) && have(compilers[c]); f++)
            link_instrumented(compilers[c], flags[f]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anywhere),
        cmocka_unit_test(somewhere),
        cmocka_unit_test(coverage__constructors_and_section_bounds),
        cmocka_unit_test(instrumented__link),
        cmocka_unit_test(optimised_at_link_time__refused),
    };

    return cmocka_run_group_tests_name("link.compilers", tests, set_up, tear_down);
}
