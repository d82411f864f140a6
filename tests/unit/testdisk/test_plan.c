// SPDX-License-Identifier: BSD-2-Clause
/*
 * The grammar of plans: what is understood, and what is said about the rest.
 */
#include "tests/unit/testdisk/fixture.h"

static struct testdisk_plan parsed(const char *text)
{
    struct testdisk_plan plan;
    char why[256] = "";

    if (!testdisk_plan_parse(text, &plan, why, sizeof(why))) {
        fail_msg("%s: %s", text, why);
    }
    return plan;
}

static void plan__empty__keeps_a_cache_and_does_nothing(void **state)
{
    struct testdisk_plan plan = parsed("");

    (void)state;
    assert_int_equal(plan.n_rules, 0);
    assert_int_equal(plan.choice.seed, 1);
    assert_int_equal(plan.choice.keep, -1);
    assert_int_equal(plan.choice.torn, TESTDISK_TORN_PHYSICAL);
    assert_false(plan.cache_off);
    assert_int_equal(plan.cut_ops, 0);
}

static void plan__every_item__is_understood(void **state)
{
    struct testdisk_plan plan =
        parsed("fail=read:7,short=write:=3;delay=5ms,cut=120,seed=42,reorder,torn=block,"
               "keep=30,cache=off,record=/tmp/a b,contents=full,lie=flush:2+,"
               "nospace=write:5%@100-200,delay=1us-2s/any");

    (void)state;
    assert_int_equal(plan.choice.seed, 42);
    assert_int_equal(plan.choice.keep, 30);
    assert_int_equal(plan.choice.torn, TESTDISK_TORN_BLOCK);
    assert_int_equal(plan.reorder, 8);
    assert_int_equal(plan.cut_at, 120);
    assert_int_equal(plan.cut_ops, 1u << HOST_DISK_WRITE);
    assert_true(plan.cache_off);
    assert_string_equal(plan.record, "/tmp/a b");
    assert_int_equal(plan.contents, TESTDISK_CONTENTS_FULL);
    assert_int_equal(plan.n_rules, 6);
    assert_int_equal(plan.rules[0].which, TESTDISK_EVERY);
    assert_int_equal(plan.rules[0].n, 7);
    assert_int_equal(plan.rules[1].which, TESTDISK_EXACTLY);
    assert_int_equal(plan.rules[2].delay_min_ns, 5000000);
    assert_int_equal(plan.rules[2].delay_max_ns, 5000000);
    assert_int_equal(plan.rules[2].ops, 15);
    assert_int_equal(plan.rules[3].which, TESTDISK_FROM);
    assert_int_equal(plan.rules[3].ops, 1u << HOST_DISK_FLUSH);
    assert_int_equal(plan.rules[4].which, TESTDISK_CHANCE);
    assert_true(plan.rules[4].ranged);
    assert_int_equal(plan.rules[4].first, 100);
    assert_int_equal(plan.rules[4].last, 200);
    assert_int_equal(plan.rules[5].delay_min_ns, 1000);
    assert_int_equal(plan.rules[5].delay_max_ns, 2000000000);
}

static void plan__other_forms__mean_what_they_say(void **state)
{
    (void)state;
    assert_int_equal(parsed("reorder=20").reorder, 20);
    assert_int_equal(parsed("cut=flush:7").cut_ops, 1u << HOST_DISK_FLUSH);
    assert_int_equal(parsed("cut=request:7").cut_ops, 15);
    assert_int_equal(parsed("fail=read@5").rules[0].last, 5);
    assert_true(parsed("fail=read@5-").rules[0].last == UINT64_MAX);
    assert_int_equal(parsed("short=any").rules[0].ops, 1u << HOST_DISK_READ | 1u << HOST_DISK_WRITE);
    assert_int_equal(parsed("lie=any").rules[0].ops, 14);
    assert_true(parsed("seed=18446744073709551615").choice.seed == UINT64_MAX);
}

static void plan__that_is_wrong__is_refused_by_name(void **state)
{
    static const struct {
        const char *text, *part, *allowed;
    } rows[] = {
        {"fial=read:7", "\"fial=read:7\"", "seed, fail"},
        {"fail", "\"fail\"", "= is wanted"},
        {"seed=1,,cut=3", "\"\"", "begins with a name"},
        {"seed=1,", "\"seed=1\"", "nothing follows"},
        {"seed=", "\"seed=\"", "a number is missing"},
        {"seed=x", "\"seed=x\"", "a number is wanted before \"x\""},
        {"seed=4x", "\"seed=4x\"", "\"x\" is too much"},
        {"seed=18446744073709551616", "seed=18446744073709551616", "at most"},
        {"seed=1,fail=raed", "\"fail=raed\"", "read, write, flush, unmap, any"},
        {"fail=read:", "\"fail=read:\"", "number is missing"},
        {"fail=read:0", "\"fail=read:0\"", "from 1"},
        {"fail=read:101%", "101%", "0% to 100%"},
        {"fail=read:7x", "\"fail=read:7x\"", ":N, :=K, :K+ or :P%"},
        {"fail=read:=7+", "\"+\"", ":N, :=K"},
        {"fail=read@9-5", "9-5", "ends before it begins"},
        {"fail=flush@3", "flush@3", "a flush has no sectors"},
        {"short=flush:3", "\"short=flush:3\"", "only read and write"},
        {"lie=read", "\"lie=read\"", "only write, flush and unmap"},
        {"nospace=read", "\"nospace=read\"", "only write, flush and unmap"},
        {"delay=5", "\"delay=5\"", "us, ms or s"},
        {"delay=5h", "\"delay=5h\"", "us, ms or s"},
        {"delay=3601s", "3601s", "at most an hour"},
        {"delay=5ms-2ms", "5ms-2ms", "shorter"},
        {"delay=5ms:read", "\":read\"", "/ and an operation"},
        {"cut=0", "\"cut=0\"", "from 1"},
        {"cut=read:4", "\"cut=read:4\"", "write, flush, request"},
        {"cut=write", "\"cut=write\"", "a colon and a number"},
        {"torn=half", "\"half\"", "none, physical, block"},
        {"keep=101", "\"keep=101\"", "from 0 to 100"},
        {"cache=no", "\"no\"", "on, off"},
        {"contents=all", "\"all\"", "none, hash, full"},
        {"reorder=1", "\"reorder=1\"", "from 2 to 1024"},
        {"record=", "\"record=\"", "a path"},
    };
    char why[256];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct testdisk_plan plan = {.reorder = 77};

        assert_false(testdisk_plan_parse(rows[i].text, &plan, why, sizeof(why)));
        if (strstr(why, rows[i].part) == NULL || strstr(why, rows[i].allowed) == NULL) {
            fail_msg("%s: %s", rows[i].text, why);
        }
        assert_int_equal(plan.reorder, 77);
        assert_false(testdisk_plan_parse(rows[i].text, &plan, NULL, 0));
    }
}

static void plan__with_too_many_rules__is_refused(void **state)
{
    char text[1024] = "", why[256];
    struct testdisk_plan plan;

    (void)state;
    for (unsigned i = 0; i < TESTDISK_RULES_MAX; i++) {
        strcat(text, i == 0 ? "fail=read" : ",fail=read");
    }
    assert_int_equal(parsed(text).n_rules, TESTDISK_RULES_MAX);
    strcat(text, ",lie=flush");
    assert_false(testdisk_plan_parse(text, &plan, why, sizeof(why)));
    assert_non_null(strstr(why, "at most 32"));
}

static void choice__items__are_read_one_by_one(void **state)
{
    struct testdisk_choice choice = {.seed = 1, .keep = -1};
    char why[256];

    (void)state;
    assert_true(testdisk_choice_parse("seed=9", &choice, why, sizeof(why)));
    assert_true(testdisk_choice_parse("torn=block", &choice, why, sizeof(why)));
    assert_true(testdisk_choice_parse("keep=0", &choice, why, sizeof(why)));
    assert_int_equal(choice.seed, 9);
    assert_int_equal(choice.keep, 0);
    assert_int_equal(choice.torn, TESTDISK_TORN_BLOCK);
    assert_false(testdisk_choice_parse("cut=1", &choice, why, sizeof(why)));
    assert_non_null(strstr(why, "torn=none"));
    assert_false(testdisk_choice_parse("keep=200", &choice, NULL, 0));
    assert_int_equal(choice.keep, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan__empty__keeps_a_cache_and_does_nothing),
        cmocka_unit_test(plan__every_item__is_understood),
        cmocka_unit_test(plan__other_forms__mean_what_they_say),
        cmocka_unit_test(plan__that_is_wrong__is_refused_by_name),
        cmocka_unit_test(plan__with_too_many_rules__is_refused),
        cmocka_unit_test(choice__items__are_read_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
