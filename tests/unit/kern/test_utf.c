// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_utf.c: names between UTF-8 and UTF-16, their normal forms, and what may not pass.
 */
#include <string.h>
#include <sys/utfconv.h>

#include "tests/support/ktest_kern.h"

static u_int16_t units[64];
static u_int8_t bytes[128];
static size_t len;

static int decode(const char *text, int flags)
{
    return utf8_decodestr((const u_int8_t *)text, strlen(text), units, &len, sizeof units, 0, flags);
}

static void expect_units(const u_int16_t *wanted, size_t n)
{
    KT_ASSERT_EQ(len, n * 2);
    KT_ASSERT_MEM(units, wanted, n * 2);
}

static void expect_normal(const char *text, int flags, const char *wanted)
{
    KT_ASSERT_OK(utf8_normalizestr((const u_int8_t *)text, strlen(text), bytes, &len, sizeof bytes, flags));
    KT_ASSERT_STR((const char *)bytes, wanted);
    KT_ASSERT_EQ(len, strlen(wanted));
}

static void utf8__all_lengths__convert_both_ways(void)
{
    const char *text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"; /* a, e acute, euro, an emoji, z */

    KT_ASSERT_OK(decode(text, 0));
    expect_units((const u_int16_t[]){'a', 0xe9, 0x20ac, 0xd83d, 0xde00, 'z'}, 6);
    KT_ASSERT_EQ(utf8_encodelen(units, 12, 0, 0), strlen(text));
    KT_ASSERT_OK(utf8_encodestr(units, 12, bytes, &len, sizeof bytes, 0, 0));
    KT_ASSERT_STR((const char *)bytes, text);
    KT_ASSERT_EQ(len, strlen(text));
    KT_ASSERT_OK(decode(text, UTF_REVERSE_ENDIAN));
    expect_units((const u_int16_t[]){0x6100, 0xe900, 0xac20, 0x3dd8, 0x00de, 0x7a00}, 6);
    KT_ASSERT_OK(utf8_encodestr(units, 12, bytes, &len, sizeof bytes, 0, UTF_REVERSE_ENDIAN));
    KT_ASSERT_STR((const char *)bytes, text);
}

static void utf8__every_code__survives_the_round_trip(void)
{
    for (u_int32_t code = 1; code < 0x10000; code++) {
        u_int16_t unit = (u_int16_t)code, back;

        if ((code >= 0xd800 && code <= 0xdfff) || code == '/' || code == 0x2400)
            continue;
        KT_ASSERT_OK(utf8_encodestr(&unit, 2, bytes, &len, sizeof bytes, 0, 0));
        KT_ASSERT_OK(utf8_validatestr(bytes, len));
        KT_ASSERT_OK(utf8_decodestr(bytes, len, &back, &len, sizeof back, 0, 0));
        KT_ASSERT_EQ(back, unit);
    }
}

static void utf8__malformed__is_refused_or_escaped(void)
{
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf8\x88\x80\x80\x80",
                                      "\xc3",
                                      "\xe2\x82",
                                      "\xc3(",
                                      "\xff"};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        KT_ASSERT_ERRNO(decode(bad[i], 0), EINVAL);
        KT_ASSERT_ERRNO(utf8_validatestr((const u_int8_t *)bad[i], strlen(bad[i])), EINVAL);
        KT_ASSERT_OK(decode(bad[i], UTF_ESCAPE_ILLEGAL));
    }
    KT_ASSERT_OK(decode("a\xff(", UTF_ESCAPE_ILLEGAL));
    expect_units((const u_int16_t[]){'a', '%', 'F', 'F', '('}, 5);
}

static void utf8__lone_surrogates__are_replaced_and_reported(void)
{
    KT_ASSERT_ERRNO(utf8_encodestr((const u_int16_t[]){'a', 0xd800, 'b'}, 6, bytes, &len, sizeof bytes, 0, 0),
                    EINVAL);
    KT_ASSERT_STR((const char *)bytes, "a\xef\xbf\xbd"
                                       "b");
}

static void utf8__short_buffers__are_enametoolong(void)
{
    KT_ASSERT_OK(utf8_encodestr((const u_int16_t[]){'a', 'b'}, 4, bytes, &len, 3, 0, 0));
    KT_ASSERT_ERRNO(utf8_encodestr((const u_int16_t[]){'a', 'b'}, 4, bytes, &len, 2, 0, 0), ENAMETOOLONG);
    KT_ASSERT_STR((const char *)bytes, "a");
    KT_ASSERT_EQ(len, 1u);
    KT_ASSERT_OK(utf8_encodestr((const u_int16_t[]){'a', 'b'}, 4, bytes, &len, 2, 0, UTF_NO_NULL_TERM));
    KT_ASSERT_ERRNO(utf8_decodestr((const u_int8_t *)"abc", 3, units, &len, 4, 0, 0), ENAMETOOLONG);
    KT_ASSERT_EQ(len, 4u);
    KT_ASSERT_ERRNO(utf8_decodestr((const u_int8_t *)"\xf0\x9f\x98\x80", 4, units, &len, 2, 0, 0),
                    ENAMETOOLONG);
    KT_ASSERT_EQ(len, 0u);
}

static void utf8__slash_and_nul__change_place(void)
{
    KT_ASSERT_OK(utf8_decodestr((const u_int8_t *)"a:b", 3, units, &len, sizeof units, ':', 0));
    expect_units((const u_int16_t[]){'a', '/', 'b'}, 3);
    KT_ASSERT_OK(utf8_encodestr(units, 6, bytes, &len, sizeof bytes, ':', 0));
    KT_ASSERT_STR((const char *)bytes, "a:b");
    KT_ASSERT_ERRNO(utf8_encodestr(units, 6, bytes, &len, sizeof bytes, 0, 0), EINVAL);
    KT_ASSERT_STR((const char *)bytes, "a_b");
    KT_ASSERT_OK(utf8_encodestr((const u_int16_t[]){'a', 0}, 4, bytes, &len, sizeof bytes, 0, 0));
    KT_ASSERT_STR((const char *)bytes, "a\xe2\x90\x80");
    KT_ASSERT_OK(decode("a\xe2\x90\x80", 0));
    expect_units((const u_int16_t[]){'a', 0}, 2);
}

static void utf8__sfm__private_characters_and_back(void)
{
    KT_ASSERT_OK(decode("a?b. c.", UTF_SFM_CONVERSIONS));
    expect_units((const u_int16_t[]){'a', 0xf025, 'b', '.', ' ', 'c', 0xf029}, 7);
    KT_ASSERT_OK(utf8_encodestr(units, len, bytes, &len, sizeof bytes, 0, UTF_SFM_CONVERSIONS));
    KT_ASSERT_STR((const char *)bytes, "a?b. c.");
    KT_ASSERT_OK(decode("\x01|\"", UTF_SFM_CONVERSIONS));
    expect_units((const u_int16_t[]){0xf001, 0xf027, 0xf020}, 3);
}

static void utf8__normal_forms__decompose_compose_and_order(void)
{
    expect_normal("\xc3\xa9", UTF_DECOMPOSED, "e\xcc\x81");
    expect_normal("e\xcc\x81", UTF_PRECOMPOSED, "\xc3\xa9");
    /* u with diaeresis and macron: two steps each way */
    expect_normal("\xc7\x96", UTF_DECOMPOSED, "u\xcc\x88\xcc\x84");
    expect_normal("u\xcc\x88\xcc\x84", UTF_PRECOMPOSED, "\xc7\x96");
    /* marks of different classes sort: dot above (230) after dot below (220) */
    expect_normal("s\xcc\x87\xcc\xa3", UTF_DECOMPOSED, "s\xcc\xa3\xcc\x87");
    /* Hangul */
    expect_normal("\xed\x95\x9c", UTF_DECOMPOSED, "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab");
    expect_normal("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", UTF_PRECOMPOSED, "\xed\x95\x9c");
    /* left whole: the Ohm sign's block, compatibility ideographs */
    expect_normal("\xe2\x84\xa6", UTF_DECOMPOSED, "\xe2\x84\xa6");
    expect_normal("\xef\xa4\x80", UTF_DECOMPOSED, "\xef\xa4\x80");
    expect_normal("plain", UTF_DECOMPOSED, "plain");
    KT_ASSERT_ERRNO(utf8_normalizestr((const u_int8_t *)"a", 1, bytes, &len, sizeof bytes, 0), EINVAL);
    KT_ASSERT(unicode_decomposeable(0xe9));
    KT_ASSERT(!unicode_decomposeable('e'));
    KT_ASSERT(unicode_combinable(0x301));
    KT_ASSERT(!unicode_combinable('e'));
}

static const struct ktest_case cases[] = {
    KT_CASE(utf8__all_lengths__convert_both_ways),
    KT_CASE(utf8__every_code__survives_the_round_trip),
    KT_CASE(utf8__malformed__is_refused_or_escaped),
    KT_CASE(utf8__lone_surrogates__are_replaced_and_reported),
    KT_CASE(utf8__short_buffers__are_enametoolong),
    KT_CASE(utf8__slash_and_nul__change_place),
    KT_CASE(utf8__sfm__private_characters_and_back),
    KT_CASE(utf8__normal_forms__decompose_compose_and_order),
};
KT_KERN_SUITE(utf, cases);
