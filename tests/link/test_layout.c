// SPDX-License-Identifier: BSD-2-Clause
/*
 * Where things go, what may be done with them there, and the order in which constructors run.
 *
 * Owns: nothing. Locks: none. Callers: CTest.
 */
#include "tests/link/support/link_host.h"
#include "tests/link/support/patch.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
    struct link_host host;
    struct link_provider externals;
    struct kxld_image *image;
    uint8_t *object;
    size_t size;
};

static void fixture_init(struct fixture *f, const char *object)
{
    const struct kxld_provider *providers[1] = {&f->externals.provider};

    memset(f, 0, sizeof(*f));
    link_host_init(&f->host, LINK_ARENA_NEAR);
    link_provider_init(&f->externals, "com.example.externals", "1.0", link_externals, link_n_externals);
    f->object = link_read_object(object, &f->size);
    f->image = link_expect_ok(&f->host, f->object, f->size, providers, 1, 0, 0);
}

static void fixture_end(struct fixture *f)
{
    kxld_image_free(&f->host.host, f->image);
    free(f->object);
    link_host_end(&f->host);
}

static const struct kxld_segment *segment_of(const struct kxld_image *image, uint64_t address)
{
    for (size_t i = 0; i < image->n_segments; i++)
        if (address - image->segments[i].addr < image->segments[i].size)
            return &image->segments[i];
    return NULL;
}

static void segments__have_pages_and_protection_of_their_own(void **state)
{
    struct fixture f;
    uint64_t end;

    (void)state;
    fixture_init(&f, "layout");
    end = f.image->base;
    assert_int_equal(f.image->n_segments, KXLD_N_SEGMENTS);
    for (size_t i = 0; i < f.image->n_segments; i++) {
        const struct kxld_segment *segment = &f.image->segments[i];

        assert_int_equal(segment->addr, end);
        assert_int_equal(segment->addr % KXLD_PAGE_SIZE, 0);
        assert_int_equal(segment->size % KXLD_PAGE_SIZE, 0);
        assert_true(segment->size > 0);
        end += segment->size;
    }
    assert_int_equal(end, f.image->base + f.image->size);
    assert_string_equal(segment_of(f.image, link_symbol(f.image, "code"))->name, "text");
    assert_string_equal(segment_of(f.image, link_symbol(f.image, "constant"))->name, "const");
    assert_string_equal(segment_of(f.image, link_symbol(f.image, "table"))->name, "relro");
    assert_string_equal(segment_of(f.image, link_symbol(f.image, "variable"))->name, "data");
    assert_string_equal(segment_of(f.image, link_symbol(f.image, "zeros"))->name, "data");
    assert_int_equal(segment_of(f.image, link_symbol(f.image, "table"))->prot, KXLD_PROT_READ);
    fixture_end(&f);
}

static void alignment__is_kept_and_gaps_in_text_trap(void **state)
{
    struct fixture f;
    uint64_t code;

    (void)state;
    fixture_init(&f, "layout");
    code = link_symbol(f.image, "code");
    assert_int_equal(code % 8192, 0);
    assert_int_equal(link_symbol(f.image, "aligned_code") % 8192, 0);
    assert_int_equal(link_symbol(f.image, "variable") % 256, 0);
    assert_int_equal(link_symbol(f.image, "zeros") % 128, 0);
    assert_int_equal(*(uint8_t *)(uintptr_t)(code + f.image->segments[0].size - 1), 0xcc);
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(*(uint8_t *)(uintptr_t)(link_symbol(f.image, "zeros") + i), 0);
    fixture_end(&f);
}

static void bounds__of_sections_and_image_are_symbols(void **state)
{
    struct fixture f;
    uint64_t base;

    (void)state;
    fixture_init(&f, "layout");
    assert_int_equal(link_call(f.image, "count_counters"), 12);
    base = ((uint64_t(*)(void))(uintptr_t)link_symbol(f.image, "own_base"))();
    assert_int_equal(base, f.image->base);
    fixture_end(&f);
}

/* What a child does that must die of it. */
enum attempt {
    WRITE_TEXT,
    WRITE_CONST,
    WRITE_RELRO,
    JUMP_TO_DATA,
    JUMP_TO_CONST,
    READ_FREED,
    CALL_CODE,  /* lives */
    WRITE_DATA, /* lives */
};

static void attempt(struct fixture *f, enum attempt what)
{
    uintptr_t code = (uintptr_t)link_symbol(f->image, "code");
    uintptr_t constant = (uintptr_t)link_symbol(f->image, "constant");
    uintptr_t table = (uintptr_t)link_symbol(f->image, "table");
    uintptr_t variable = (uintptr_t)link_symbol(f->image, "variable");

    switch (what) {
    case WRITE_TEXT:
        *(volatile uint8_t *)code = 0xc3;
        break;
    case WRITE_CONST:
        *(volatile uint8_t *)constant = 1;
        break;
    case WRITE_RELRO:
        *(volatile uint64_t *)table = 1;
        break;
    case JUMP_TO_DATA:
        ((int (*)(void))(variable + 4))();
        break;
    case JUMP_TO_CONST:
        ((int (*)(void))constant)();
        break;
    case READ_FREED:
        kxld_image_free(&f->host.host, f->image);
        (void)*(volatile uint8_t *)code;
        break;
    case CALL_CODE:
        if (((int (*)(void))code)() != 42)
            abort();
        break;
    case WRITE_DATA:
        *(volatile uint32_t *)variable = 7;
        break;
    }
}

static int fate_of(struct fixture *f, enum attempt what)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL);
        attempt(f, what);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void protection__is_really_on(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, "layout");
    assert_int_equal(fate_of(&f, CALL_CODE), 0);
    assert_int_equal(fate_of(&f, WRITE_DATA), 0);
    for (int what = WRITE_TEXT; what <= READ_FREED; what++)
        assert_int_equal(fate_of(&f, (enum attempt)what), SIGSEGV);
    fixture_end(&f);
}

static void constructors__run_in_order_and_destructors_in_reverse(void **state)
{
    struct fixture f;
    const char *trace;
    char *length;

    (void)state;
    fixture_init(&f, "constructors");
    trace = (const char *)(uintptr_t)link_symbol(f.image, "trace");
    length = (char *)(uintptr_t)link_symbol(f.image, "length");
    for (size_t i = 0; i < f.image->n_constructors; i++)
        ((void (*)(void))(uintptr_t)f.image->constructors[i])();
    /* .preinit_array, priority 100 backwards, priority 200, and those without: .ctors and .init_array as they
     * stand. */
    assert_string_equal(trace, "abcdghefi");
    memset((void *)(uintptr_t)trace, 0, 64);
    memset(length, 0, 4);
    for (size_t i = 0; i < f.image->n_destructors; i++)
        ((void (*)(void))(uintptr_t)f.image->destructors[i])();
    /* Those without priority first, arrays backwards but .dtors forwards; then 65534, then 7. */
    assert_string_equal(trace, "debafgc");
    fixture_end(&f);
}

static void constructors__outside_the_text__refused(void **state)
{
    struct link_host host;
    struct kxld_image *image;
    struct kxld_report *report;
    char text[512];
    size_t size;
    uint8_t *object = link_read_object("constructors", &size);
    struct kxld_request request = {.bundle_id = "t", .object = object, .object_len = size};

    (void)state;
    link_host_init(&host, LINK_ARENA_NEAR);
    /* The entry points into .bss now. */
    patch_set(object, size, "rela .rela.preinit_array 0 r_addend", 0x100000);
    assert_int_equal(kxld_link(&host.host, &request, &image, &report), KXLD_ERR_UNSUPPORTED);
    assert_null(image);
    kxld_report_format(report, text, sizeof(text));
    assert_non_null(strstr(text, "\tentry 0 of .preinit_array is no function of the kext: 0x"));
    kxld_report_free(&host.host, report);
    free(object);
    link_host_end(&host);
}

static size_t count_frames(const struct kxld_image *image)
{
    const uint8_t *at = (const uint8_t *)(uintptr_t)image->eh_frame;
    size_t n = 0;

    for (;;) {
        uint32_t length;

        memcpy(&length, at, 4);
        if (length == 0)
            break;
        at += 4 + length;
        n++;
    }
    assert_int_equal((uint64_t)(uintptr_t)at + 4, image->eh_frame + image->eh_frame_size);
    return n;
}

static void frames__end_with_a_mark_and_can_be_walked(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, "whole");
    assert_int_equal(count_frames(f.image), 4); /* one common record, three functions */
    fixture_end(&f);

    /* No gap between the two sections is taken for the end. */
    fixture_init(&f, "frames");
    assert_int_equal(count_frames(f.image), 2);
    fixture_end(&f);

    fixture_init(&f, "library");
    assert_int_equal(f.image->eh_frame_size, 0);
    fixture_end(&f);
}

static void identity__from_the_note_or_from_the_contents(void **state)
{
    static const uint8_t noted[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    struct fixture f, g;

    (void)state;
    fixture_init(&f, "whole");
    assert_true(f.image->uuid_from_note);
    assert_memory_equal(f.image->uuid, noted, sizeof(noted));
    fixture_end(&f);

    fixture_init(&f, "library");
    fixture_init(&g, "library");
    assert_false(f.image->uuid_from_note);
    assert_memory_equal(f.image->uuid, g.image->uuid, 16);
    assert_int_equal(f.image->uuid[6] >> 4, 8);
    assert_int_equal(f.image->uuid[8] >> 6, 2);
    fixture_end(&g);
    fixture_init(&g, "layout");
    assert_memory_not_equal(f.image->uuid, g.image->uuid, 16);
    fixture_end(&g);
    fixture_end(&f);
}

static void whole__runs(void **state)
{
    struct fixture f;

    (void)state;
    fixture_init(&f, "whole");
    assert_int_equal(f.image->n_constructors, 1);
    assert_int_equal(link_call(f.image, "run"), 42);
    assert_int_equal(link_symbol(f.image, "absolute"), 0x1234);
    fixture_end(&f);
}

static void result__same_bytes_for_same_base(void **state)
{
    struct link_host host;
    struct link_provider externals;
    const struct kxld_provider *providers[1] = {&externals.provider};
    struct kxld_image *image[2];
    size_t size;
    uint8_t *object = link_read_object("whole", &size);
    /* Linked once more from an address that is aligned to nothing. */
    uint8_t *shifted = malloc(size + 1);

    (void)state;
    assert_non_null(shifted);
    memcpy(shifted + 1, object, size);
    link_host_init(&host, LINK_ARENA_NONE);
    link_provider_init(&externals, "e", "1", link_externals, link_n_externals);
    image[0] = link_expect_ok(&host, object, size, providers, 1, KXLD_LINK_DRY_RUN, 0x70000000);
    image[1] = link_expect_ok(&host, shifted + 1, size, providers, 1, KXLD_LINK_DRY_RUN, 0x70000000);
    assert_int_equal(image[0]->size, image[1]->size);
    assert_memory_equal(image[0]->contents, image[1]->contents, image[0]->size);
    assert_memory_equal(image[0]->uuid, image[1]->uuid, 16);
    kxld_image_free(&host.host, image[0]);
    kxld_image_free(&host.host, image[1]);
    free(object);
    free(shifted);
    link_host_end(&host);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments__have_pages_and_protection_of_their_own),
        cmocka_unit_test(alignment__is_kept_and_gaps_in_text_trap),
        cmocka_unit_test(bounds__of_sections_and_image_are_symbols),
        cmocka_unit_test(protection__is_really_on),
        cmocka_unit_test(constructors__run_in_order_and_destructors_in_reverse),
        cmocka_unit_test(constructors__outside_the_text__refused),
        cmocka_unit_test(frames__end_with_a_mark_and_can_be_walked),
        cmocka_unit_test(identity__from_the_note_or_from_the_contents),
        cmocka_unit_test(whole__runs),
        cmocka_unit_test(result__same_bytes_for_same_base),
    };

    return cmocka_run_group_tests_name("link.layout", tests, NULL, NULL);
}
