// SPDX-License-Identifier: BSD-2-Clause
/* Versions, property lists and what an Info.plist says: good ones, wrong ones and hostile ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "libkext/info.h"
#include "libkext/plist.h"
#include "libkext/version.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n"
#define TAIL "</plist>\n"
#define BASE                                                                                                 \
    "<key>CFBundleIdentifier</key><string>org.example.fs</string>\n"                                         \
    "<key>CFBundleVersion</key><string>1.2.3</string>\n"
#define LIBS "<key>OSBundleLibraries</key><dict><key>com.apple.kpi.bsd</key><string>8.0</string></dict>\n"

/* ---- versions ------------------------------------------------------------------------------------------ */

static void version__strings__parsed_or_refused(void **state)
{
    static const struct {
        const char *text;
        uint64_t number; /* 0: no version */
    } rows[] = {
        {"1", KEXT_VERSION_RELEASE(1, 0, 0)},
        {"1.2", KEXT_VERSION_RELEASE(1, 2, 0)},
        {"24.4.0", KEXT_VERSION_RELEASE(24, 4, 0)},
        {"9999.99.99", KEXT_VERSION_RELEASE(9999, 99, 99)},
        {"1.2.3d4", KEXT_VERSION_NUMBER(1, 2, 3, KEXT_STAGE_DEVELOPMENT, 4)},
        {"1.2.3a0", KEXT_VERSION_NUMBER(1, 2, 3, KEXT_STAGE_ALPHA, 0)},
        {"1b255", KEXT_VERSION_NUMBER(1, 0, 0, KEXT_STAGE_BETA, 255)},
        {"1.0fc1", KEXT_VERSION_NUMBER(1, 0, 0, KEXT_STAGE_CANDIDATE, 1)},
        {"1.0f12", KEXT_VERSION_NUMBER(1, 0, 0, KEXT_STAGE_CANDIDATE, 12)},
        {"1.0 \n", KEXT_VERSION_RELEASE(1, 0, 0)},
        {"", 0},
        {"a", 0},
        {".1", 0},
        {"1.", 0},
        {"1..2", 0},
        {"12345", 0},
        {"1.100", 0},
        {"1.2.100", 0},
        {"1.2.3.4", 0},
        {"1.2x3", 0},
        {"1.2b", 0},
        {"1.2b256", 0},
        {"1.2b1000", 0},
        {"1.2fc", 0},
        {"1.2fc0", 0},
        {"1.2b3c", 0},
        {"-1", 0},
        {" 1", 0},
        {"1.2.3 4", 0},
        {"1.2B3", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t number = 0;
        if (kext_version_parse(rows[i].text, &number) != (rows[i].number != 0) || number != rows[i].number) {
            fail_msg("'%s' became %llu", rows[i].text, (unsigned long long)number);
        }
    }
}

static void version__order__follows_stages(void **state)
{
    static const char *const ascending[] = {"0.9",    "1.0d1", "1.0d2",   "1.0a0", "1.0b1", "1.0b200",
                                            "1.0fc1", "1.0",   "1.0.1d1", "1.0.1", "1.1",   "2"};
    uint64_t last = 0, number;

    (void)state;
    for (size_t i = 0; i < sizeof(ascending) / sizeof(ascending[0]); i++) {
        assert_true(kext_version_parse(ascending[i], &number));
        assert_true(number > last);
        last = number;
    }
}

static void version__formatted__parses_to_the_same(void **state)
{
    static const char *const rows[] = {"1.0", "1.2.3", "24.4", "1.2.3b4", "9999.99.99f255", "3.0d1"};
    char text[KEXT_WIRE_MAX_VERSION + 1];
    uint64_t number;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(kext_version_parse(rows[i], &number));
        kext_version_format(number, text, sizeof(text));
        assert_string_equal(text, rows[i]);
    }
}

static void version__library__serves_its_range_only(void **state)
{
    (void)state;
    assert_true(kext_version_serves(20, 10, 10));
    assert_true(kext_version_serves(20, 10, 20));
    assert_false(kext_version_serves(20, 10, 9));
    assert_false(kext_version_serves(20, 10, 21));
    assert_false(kext_version_serves(20, 0, 20));
}

/* ---- property lists ------------------------------------------------------------------------------------ */

/* Each of these is refused, with a complaint that has this text and stands in this line (0: no place). */
static const struct {
    const char *xml, *text;
    unsigned line;
} refused[] = {
    {"", "no element", 1},
    {"hello", "not well-formed", 1},
    {HEAD, "no element", 3},
    {HEAD "<dict>" BASE, "no element", 5},
    {HEAD "<dict>\n<key>a</key>\n</dict>" TAIL, "has no value", 5},
    {HEAD "<dict><key>a</key><key>b</key></dict>" TAIL, "follows another", 3},
    {HEAD "<dict><string>a</string></dict>" TAIL, "without a <key>", 3},
    {HEAD "<array/>" TAIL, "has to be a <dict>", 3},
    {HEAD "<dict/><dict/>" TAIL, "second value", 3},
    {HEAD TAIL, "<plist> is empty", 3},
    {HEAD "<dict><key>a</key><foo/></dict>" TAIL, "not an element", 3},
    {HEAD "<dict><key>a</key><string IDREF=\"1\"/></dict>" TAIL, "IDREF", 3},
    {HEAD "<dict><key></key><string/></dict>" TAIL, "empty <key>", 3},
    {HEAD "<dict>text</dict>" TAIL, "text outside", 3},
    {HEAD "<dict><key>a</key><string><true/></string></dict>" TAIL, "only text", 3},
    {HEAD "<dict><key>a</key><array><key>b</key></array></dict>" TAIL, "<key> in an <array>", 3},
    {"<?xml version=\"1.0\"?>\n<dict/>\n", "not the root", 2},
    {"<?xml version=\"1.0\"?>\n<!DOCTYPE plist [<!ENTITY a \"b\">]>\n" HEAD, "DOCTYPE", 2},
    {"bplist00aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "binary", 0},
    {HEAD "<dict><key>a</key><string>\xff\xfe</string></dict>" TAIL, "not well-formed", 3},
};

static void plist__wrong__refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct kext_diags diags = KEXT_DIAGS_INIT;
        const char *xml = refused[i].xml;

        if (kext_plist_parse(xml, strlen(xml), "Info.plist", &diags) != NULL || diags.errors == 0) {
            fail_msg("row %zu was accepted", i);
        }
        const struct kext_diag *diag = &diags.list[diags.count - 1];
        if (strstr(diag->text, refused[i].text) == NULL || diag->line != refused[i].line) {
            fail_msg("row %zu says '%s' in line %u", i, diag->text, diag->line);
        }
        kext_diags_free(&diags);
    }
}

/* Repeats text between a head and a tail. */
static char *repeated(const char *before, const char *unit, size_t times, const char *after)
{
    size_t len = strlen(unit);
    char *text = malloc(strlen(before) + len * times + strlen(after) + 1);
    char *p = stpcpy(text, before);

    for (size_t i = 0; i < times; i++, p += len) {
        memcpy(p, unit, len);
    }
    strcpy(p, after);
    return text;
}

static void plist__huge__refused_without_harm(void **state)
{
    struct {
        char *xml;
        const char *text;
    } rows[] = {
        {repeated(HEAD "<dict><key>a</key>", "<array>", 100000, ""), "within each other"},
        {repeated(HEAD "<dict><key>a</key><array>", "<true/>", 70000, "</array></dict>" TAIL),
         "more than 65536"},
        {repeated(HEAD "<dict><key>", "a", 2000, "</key><true/></dict>" TAIL), "<key> of more than"},
        {repeated(HEAD "<dict><key>a</key><string>", "a", 1u << 20, "</string></dict>" TAIL), "at most"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct kext_diags diags = KEXT_DIAGS_INIT;

        assert_null(kext_plist_parse(rows[i].xml, strlen(rows[i].xml), NULL, &diags));
        assert_int_equal(diags.count, 1);
        assert_non_null(strstr(diags.list[0].text, rows[i].text));
        kext_diags_free(&diags);
        free(rows[i].xml);
    }
}

static void plist__every_truncation__refused(void **state)
{
    static const char xml[] = HEAD "<dict>" BASE LIBS "</dict>" TAIL;

    (void)state;
    for (size_t len = 0; len < strlen(xml) - 1; len++) {
        struct kext_diags diags = KEXT_DIAGS_INIT;
        struct kext_info info;

        assert_false(kext_info_parse(xml, len, NULL, &info, &diags));
        assert_true(diags.errors > 0);
        kext_diags_free(&diags);
    }
}

static void plist__key_twice__last_counts_and_is_told(void **state)
{
    static const char xml[] =
        HEAD "<dict>\n<key>k</key><string>one</string>\n<key>k</key><string>two</string>\n</dict>" TAIL;
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_plist *plist = kext_plist_parse(xml, strlen(xml), NULL, &diags);
    const char *value;

    (void)state;
    assert_non_null(plist);
    assert_int_equal(diags.errors, 0);
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.list[0].kind, KEXT_DIAG_WARNING);
    assert_int_equal(diags.list[0].line, 5);
    assert_int_equal(kext_plist_string(plist, "k", &value, &diags), KEXT_PLIST_OK);
    assert_string_equal(value, "two");
    kext_plist_free(plist);
    kext_diags_free(&diags);
}

/* The suffixed key goes first, for any property but CFBundle* and OSKernelResource. */
static void plist__architecture_suffix__follows_the_rule(void **state)
{
    static const char xml[] =
        HEAD "<dict>"
             "<key>OSThing</key><string>base</string><key>OSThing_x86_64</key><string>mine</string>"
             "<key>OSOther</key><string>base</string><key>OSOther_arm64</key><string>no</string>"
             "<key>CFBundleThing</key><string>base</string>"
             "<key>CFBundleThing_x86_64</key><string>no</string>"
             "<key>OSKernelResource</key><false/><key>OSKernelResource_x86_64</key><true/>"
             "<key>OSOnly_x86_64</key><string>mine</string>"
             "</dict>" TAIL;
    static const char *const rows[][2] = {
        {"OSThing", "mine"}, {"OSOther", "base"}, {"CFBundleThing", "base"}, {"OSOnly", "mine"}};
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_plist *plist = kext_plist_parse(xml, strlen(xml), NULL, &diags);
    const char *value;
    bool flag = true;

    (void)state;
    assert_non_null(plist);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(kext_plist_string(plist, rows[i][0], &value, &diags), KEXT_PLIST_OK);
        assert_string_equal(value, rows[i][1]);
    }
    assert_int_equal(kext_plist_bool(plist, "OSKernelResource", &flag, &diags), KEXT_PLIST_OK);
    assert_false(flag);
    kext_plist_free(plist);
    kext_diags_free(&diags);
}

/* ---- Info.plist ---------------------------------------------------------------------------------------- */

static const struct {
    const char *dict, *text;
} wrong[] = {
    {"<key>CFBundleIdentifier</key><string>org.example.$(PRODUCT_NAME:rfc1034identifier)</string>"
     "<key>CFBundleVersion</key><string>1.0</string>",
     "CFBundleIdentifier has the variable $(PRODUCT_NAME:rfc1034identifier), which the build was to fill in"},
    {"<key>CFBundleIdentifier</key><string>o.a</string><key>CFBundleVersion</key><string>${VERSION}</string>",
     "CFBundleVersion has the variable ${VERSION}, which"},
    {BASE LIBS "<key>CFBundleExecutable</key><string>$(EXECUTABLE_NAME)</string>",
     "CFBundleExecutable has the variable $(EXECUTABLE_NAME)"},
    {BASE LIBS "<key>CFBundlePackageType</key><string>$(PRODUCT_BUNDLE_PACKAGE_TYPE)</string>",
     "CFBundlePackageType has the variable $(PRODUCT_BUNDLE_PACKAGE_TYPE)"},
    {BASE "<key>OSBundleLibraries</key><dict><key>o.b</key><string>$(V</string></dict>",
     "OSBundleLibraries has the variable $(V, which"},
    {"<key>CFBundleVersion</key><string>1.0</string>", "CFBundleIdentifier is missing"},
    {"<key>CFBundleIdentifier</key><string>a.b</string>", "CFBundleVersion is missing"},
    {"<key>CFBundleIdentifier</key><string>a b</string><key>CFBundleVersion</key><string>1</string>",
     "no bundle identifier"},
    {"<key>CFBundleIdentifier</key><string></string><key>CFBundleVersion</key><string>1</string>",
     "no bundle identifier"},
    {"<key>CFBundleIdentifier</key><string>a234567890123456789012345678901234567890123456789012345678901234</"
     "string>"
     "<key>CFBundleVersion</key><string>1</string>",
     "no bundle identifier"},
    {"<key>CFBundleIdentifier</key><true/><key>CFBundleVersion</key><string>1</string>",
     "has to be a <string>"},
    {"<key>CFBundleIdentifier</key><string>a.b</string><key>CFBundleVersion</key><string>1.x</string>",
     "is no version"},
    {"<key>CFBundleIdentifier</key><string>a.b</string><key>CFBundleVersion</key><real>1.0</real>",
     "has to be a <string>"},
    {BASE "<key>CFBundlePackageType</key><string>APPL</string>", "a kext says KEXT"},
    {BASE "<key>OSBundleCompatibleVersion</key><string>1.3</string>", "newer than the version itself"},
    {BASE "<key>OSBundleCompatibleVersion</key><string>?</string>", "is no version"},
    {BASE "<key>OSKernelResource</key><true/>", "kept for interface kexts"},
    {BASE "<key>CFBundleExecutable</key><string>../x</string>", "plain file name"},
    {BASE "<key>CFBundleExecutable</key><string>..</string>", "plain file name"},
    {BASE "<key>CFBundleExecutable</key><string></string>", "plain file name"},
    {BASE "<key>CFBundleExecutable</key><string>x</string>", "OSBundleLibraries is missing"},
    {BASE "<key>CFBundleExecutable</key><string>x</string><key>OSBundleLibraries</key><dict/>",
     "OSBundleLibraries is missing"},
    {BASE "<key>OSBundleLibraries</key><array/>", "a <dict> of <string>"},
    {BASE "<key>OSBundleLibraries</key><dict><key>a.b</key><integer>1</integer></dict>",
     "a <dict> of <string>"},
    {BASE "<key>OSBundleLibraries</key><dict><key>a/b</key><string>1</string></dict>",
     "no bundle identifier"},
    {BASE "<key>OSBundleLibraries</key><dict><key>a.b</key><string>x</string></dict>", "is no version"},
    {BASE "<key>OSBundleLibraries</key><dict><key>org.example.fs</key><string>1</string></dict>",
     "names the kext itself"},
    {BASE "<key>OSBundleLibraries</key><dict><key>com.apple.kernel</key><string>8.0</string></dict>",
     "does not exist"},
    {BASE "<key>OSBundleLibraries</key><dict><key>com.apple.kernel.mach</key><string>6.9</string></dict>",
     "does not exist"},
};

static void info__wrong__refused_with_the_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct kext_diags diags = KEXT_DIAGS_INIT;
        struct kext_info info;
        char xml[2048];

        snprintf(xml, sizeof(xml), HEAD "<dict>%s</dict>" TAIL, wrong[i].dict);
        if (kext_info_parse(xml, strlen(xml), "Info.plist", &info, &diags)) {
            fail_msg("row %zu was accepted", i);
        }
        if (strstr(diags.list[0].text, wrong[i].text) == NULL) {
            fail_msg("row %zu says '%s'", i, diags.list[0].text);
        }
        kext_diags_free(&diags);
    }
}

static void info__several_mistakes__all_told(void **state)
{
    static const char xml[] = HEAD "<dict><key>CFBundleVersion</key><string>x</string>"
                                   "<key>CFBundlePackageType</key><string>APPL</string></dict>" TAIL;
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_info info;

    (void)state;
    assert_false(kext_info_parse(xml, strlen(xml), NULL, &info, &diags));
    assert_int_equal(diags.errors, 3);
    kext_diags_free(&diags);
}

static void info__good__read_in_full(void **state)
{
    static const char xml[] =
        HEAD "<!-- a comment -->\n<dict>" BASE "<key>CFBundleExecutable</key><string>fs &amp; more</string>"
             "<key>OSBundleCompatibleVersion</key><string>1.0b1</string>"
             "<key>OSBundleLibraries</key><dict/>"
             "<key>OSBundleLibraries_x86_64</key><dict>"
             "<key>com.apple.kpi.bsd</key><string>8.0.0</string>"
             "<key>org.example.lib</key><string>1.1</string></dict>"
             "</dict>" TAIL;
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_info info;

    (void)state;
    assert_true(kext_info_parse(xml, strlen(xml), NULL, &info, &diags));
    assert_string_equal(info.id, "org.example.fs");
    assert_string_equal(info.version_text, "1.2.3");
    assert_string_equal(info.executable, "fs & more");
    assert_true(info.version == KEXT_VERSION_RELEASE(1, 2, 3));
    assert_true(info.compatible == KEXT_VERSION_NUMBER(1, 0, 0, KEXT_STAGE_BETA, 1));
    assert_int_equal(info.nlibraries, 2);
    assert_string_equal(info.libraries[0].id, "com.apple.kpi.bsd");
    assert_string_equal(info.libraries[1].id, "org.example.lib");
    assert_true(info.libraries[1].version == KEXT_VERSION_RELEASE(1, 1, 0));
    kext_info_free(&info);
    kext_diags_free(&diags);
}

static void info__private_interface__warned(void **state)
{
    static const char xml[] = HEAD "<dict>" BASE "<key>OSBundleLibraries</key><dict>"
                                   "<key>com.apple.kpi.private</key><string>8.0</string></dict></dict>" TAIL;
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_info info;

    (void)state;
    assert_true(kext_info_parse(xml, strlen(xml), NULL, &info, &diags));
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.list[0].kind, KEXT_DIAG_WARNING);
    kext_info_free(&info);
    kext_diags_free(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version__strings__parsed_or_refused),
        cmocka_unit_test(version__order__follows_stages),
        cmocka_unit_test(version__formatted__parses_to_the_same),
        cmocka_unit_test(version__library__serves_its_range_only),
        cmocka_unit_test(plist__wrong__refused_with_its_place),
        cmocka_unit_test(plist__huge__refused_without_harm),
        cmocka_unit_test(plist__every_truncation__refused),
        cmocka_unit_test(plist__key_twice__last_counts_and_is_told),
        cmocka_unit_test(plist__architecture_suffix__follows_the_rule),
        cmocka_unit_test(info__wrong__refused_with_the_reason),
        cmocka_unit_test(info__several_mistakes__all_told),
        cmocka_unit_test(info__good__read_in_full),
        cmocka_unit_test(info__private_interface__warned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
