// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_string.c: strings, numbers, bits, checksums, atomics, uuids, hash tables: the C subset.
 */
#include <string.h>
#include <libkern/OSAtomic.h>
#include <libkern/crypto/md5.h>
#include <libkern/libkern.h>
#include <sys/malloc.h>
#include <sys/queue.h>
#include <sys/systm.h>
#include <uuid/uuid.h>

#include "kern/string_internal.h"
#include "tests/support/ktest_kern.h"

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void string__comparing__is_unsigned_and_bounded(void)
{
    KT_ASSERT_EQ(strcmp("abc", "abc"), 0);
    KT_ASSERT_EQ(sign(strcmp("abc", "abd")), -1);
    KT_ASSERT_EQ(sign(strcmp("\xff", "a")), 1);
    KT_ASSERT_EQ(sign(strcmp("ab", "a")), 1);
    KT_ASSERT_EQ(strncmp("abcX", "abcY", 3), 0);
    KT_ASSERT_EQ(sign(strncmp("abcX", "abcY", 4)), -1);
    KT_ASSERT_EQ(strncmp("a", "b", 0), 0);
    KT_ASSERT_EQ(strncmp("a\0x", "a\0y", 3), 0);
    KT_ASSERT_EQ(strcasecmp("HeLLo", "hEllO"), 0);
    KT_ASSERT_EQ(sign(strcasecmp("a", "B")), -1);
    KT_ASSERT_EQ(strncasecmp("ABc", "abD", 2), 0);
    KT_ASSERT_EQ(strprefix("filename", "file"), 1);
    KT_ASSERT_EQ(strprefix("fil", "file"), 0);
    KT_ASSERT_EQ(bcmp("abc", "abd", 2), 0);
}

static void string__searching__finds_first_and_last(void)
{
    const char *text = "a/b/c";

    KT_ASSERT_PTR_EQ(strchr(text, '/'), text + 1);
    KT_ASSERT_PTR_EQ(strrchr(text, '/'), text + 3);
    KT_ASSERT_PTR_EQ(strchr(text, 0), text + 5);
    KT_ASSERT_NULL(strchr(text, 'x'));
    KT_ASSERT_NULL(strrchr(text, 'x'));
    KT_ASSERT_PTR_EQ(strnstr(text, "b/", 5), text + 2);
    KT_ASSERT_NULL(strnstr(text, "b/", 3));
    KT_ASSERT_PTR_EQ(strnstr(text, "", 0), text);
    KT_ASSERT_PTR_EQ(memchr(text, 'c', 5), text + 4);
    KT_ASSERT_NULL(memchr(text, 'c', 4));
}

static void string__copying__respects_sizes(void)
{
    char buf[8];

    KT_ASSERT_EQ(strlcpy(buf, "0123456789", sizeof buf), 10u);
    KT_ASSERT_STR(buf, "0123456");
    KT_ASSERT_EQ(strlcpy(buf, "ab", sizeof buf), 2u);
    KT_ASSERT_EQ(strlcat(buf, "cdefghij", sizeof buf), 10u);
    KT_ASSERT_STR(buf, "abcdefg");
    KT_ASSERT_EQ(strlcpy(buf, "xyz", 0), 3u);
    KT_ASSERT_STR(buf, "abcdefg");
    memset(buf, 'z', sizeof buf);
    (void)strncpy(buf, "ab", 5);
    KT_ASSERT_MEM(buf, "ab\0\0\0zzz", 8);
    (void)strcpy(buf, "one");
    (void)strcat(buf, "2");
    (void)strncat(buf, "3456", 2);
    KT_ASSERT_STR(buf, "one234");
    KT_ASSERT_EQ(strnlen("abc", 2), 2u);
    KT_ASSERT_EQ(strnlen("abc", 9), 3u);
    bcopy(buf, buf + 1, 3);
    KT_ASSERT_STR(buf, "oone34");
    bzero(buf, 2);
    KT_ASSERT_EQ(buf[1], 0);
}

static void strsep__fields__empty_ones_too(void)
{
    char line[] = "a,,b", *next = line;

    KT_ASSERT_STR(strsep(&next, ",;"), "a");
    KT_ASSERT_STR(strsep(&next, ",;"), "");
    KT_ASSERT_STR(strsep(&next, ",;"), "b");
    KT_ASSERT_NULL(strsep(&next, ",;"));
}

static void overflow_known_object(void *arg)
{
    char small[4];

    (void)arg;
    (void)__strncpy_chk(small, "12345678", 8, sizeof small);
}

static void strncpy_chk__overrun__panics(void)
{
    char exact[4];

    (void)__strncpy_chk(exact, "abcd", 4, sizeof exact);
    KT_ASSERT_MEM(exact, "abcd", 4);
    KT_EXPECT_PANIC(overflow_known_object, NULL, "strncpy writes 8 bytes into an object of 4");
}

static void strtol__bases_and_limits__are_c(void)
{
    char *end;

    KT_ASSERT_EQ(strtol("  -42xyz", &end, 10), -42);
    KT_ASSERT_STR(end, "xyz");
    KT_ASSERT_EQ(strtol("0x1F", NULL, 0), 31);
    KT_ASSERT_EQ(strtol("017", NULL, 0), 15);
    KT_ASSERT_EQ(strtol("z", NULL, 36), 35);
    KT_ASSERT_EQ(strtol("0xg", &end, 16), 0);
    KT_ASSERT_STR(end, "xg");
    KT_ASSERT_EQ(strtol("none", &end, 10), 0);
    KT_ASSERT_STR(end, "none");
    KT_ASSERT_EQ(strtoq("9223372036854775808", NULL, 10), INT64_MAX);
    KT_ASSERT_EQ(strtoq("-9223372036854775808", NULL, 10), INT64_MIN);
    KT_ASSERT_EQ(strtoq("-99999999999999999999", NULL, 10), INT64_MIN);
    KT_ASSERT_EQ(strtouq("18446744073709551615", NULL, 10), UINT64_MAX);
    KT_ASSERT_EQ(strtouq("18446744073709551616", NULL, 10), UINT64_MAX);
    KT_ASSERT_EQ(strtoul("-1", NULL, 10), ULONG_MAX);
    KT_ASSERT_EQ(atoi("12"), 12);
}

static void sscanf__fields__are_stored_and_counted(void)
{
    int a = 0, n = 0;
    unsigned x = 0;
    char word[8], c = 0;
    unsigned long long big = 0;
    short s = 0;

    KT_ASSERT_EQ(sscanf("12 0x1f word", "%d %x %7s", &a, &x, word), 3);
    KT_ASSERT_EQ(a, 12);
    KT_ASSERT_EQ(x, 0x1f);
    KT_ASSERT_STR(word, "word");
    KT_ASSERT_EQ(sscanf("3:4", "%hd:%llu", &s, &big), 2);
    KT_ASSERT_EQ(s, 3);
    KT_ASSERT_EQ(big, 4u);
    KT_ASSERT_EQ(sscanf("ab", "%*c%c%n", &c, &n), 1);
    KT_ASSERT_EQ(c, 'b');
    KT_ASSERT_EQ(n, 2);
    KT_ASSERT_EQ(sscanf("12345", "%3d%d", &a, &n), 2);
    KT_ASSERT_EQ(a, 123);
    KT_ASSERT_EQ(n, 45);
    KT_ASSERT_EQ(sscanf("key=val", "%7[a-z]=%c", word, &c), 2);
    KT_ASSERT_STR(word, "key");
    KT_ASSERT_EQ(sscanf("x", "%d", &a), 0);
    KT_ASSERT_EQ(sscanf("", "%d", &a), -1);
}

static void bits__first_and_last__count_from_one(void)
{
    KT_ASSERT_EQ(ffs(0), 0);
    KT_ASSERT_EQ(ffs(0x80000000u), 32);
    KT_ASSERT_EQ(fls(0), 0);
    KT_ASSERT_EQ(fls(1), 1);
    KT_ASSERT_EQ(fls(0xffffffffu), 32);
    KT_ASSERT_EQ(ffsll(1ULL << 40), 41);
    KT_ASSERT_EQ(flsll(1ULL << 63), 64);
    KT_ASSERT_EQ(bcd2bin(0x42), 42);
    KT_ASSERT_EQ(bin2bcd(99), 0x99);
    KT_ASSERT_EQ(hex2ascii(11), 'b');
}

static void crc32__known_text__has_the_known_sum(void)
{
    KT_ASSERT_EQ(crc32(0, "123456789", 9), 0xcbf43926u);
    KT_ASSERT_EQ(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
    KT_ASSERT_EQ(crc32(0, "", 0), 0u);
}

static void md5__known_texts__have_the_known_digests(void)
{
    static const struct {
        const char *text;
        unsigned char digest[MD5_DIGEST_LENGTH];
    } known[] = {
        {"",
         {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04, 0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42, 0x7e}},
        {"abc",
         {0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72}},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         {0x57, 0xed, 0xf4, 0xa2, 0x2b, 0xe3, 0xc9, 0x55, 0xac, 0x49, 0xda, 0x2e, 0x21, 0x07, 0xb6, 0x7a}},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        unsigned char whole[MD5_DIGEST_LENGTH], pieces[MD5_DIGEST_LENGTH];
        size_t len = strlen(known[i].text);
        MD5_CTX ctx;

        MD5Init(&ctx);
        MD5Update(&ctx, known[i].text, (unsigned)len);
        MD5Final(whole, &ctx);
        KT_ASSERT_MEM(whole, known[i].digest, MD5_DIGEST_LENGTH);
        MD5Init(&ctx);
        for (size_t j = 0; j < len; j++)
            MD5Update(&ctx, known[i].text + j, 1);
        MD5Final(pieces, &ctx);
        KT_ASSERT_MEM(pieces, whole, MD5_DIGEST_LENGTH);
    }
}

static void atomics__each__returns_the_value_before(void)
{
    SInt32 i = 5;
    SInt16 h = -1;
    SInt8 b = 127;
    SInt64 q = 1;
    UInt32 u = 0xf0;
    UInt8 bytes[2] = {0, 0};
    void *p = &i;

    KT_ASSERT_EQ(OSAddAtomic(3, &i), 5);
    KT_ASSERT_EQ(OSIncrementAtomic(&i), 8);
    KT_ASSERT_EQ(OSDecrementAtomic(&i), 9);
    KT_ASSERT_EQ(i, 8);
    KT_ASSERT_EQ(OSIncrementAtomic16(&h), -1);
    KT_ASSERT_EQ(h, 0);
    KT_ASSERT_EQ(OSIncrementAtomic8(&b), 127);
    KT_ASSERT_EQ(b, -128);
    KT_ASSERT_EQ(OSAddAtomic64(1LL << 40, &q), 1);
    KT_ASSERT_EQ(OSBitOrAtomic(0x0f, &u), 0xf0u);
    KT_ASSERT_EQ(OSBitAndAtomic(0x3c, &u), 0xffu);
    KT_ASSERT_EQ(OSBitXorAtomic(0xff, &u), 0x3cu);
    KT_ASSERT_EQ(u, 0xc3u);
    KT_ASSERT(OSCompareAndSwap(0xc3, 1, &u));
    KT_ASSERT(!OSCompareAndSwap(0xc3, 2, &u));
    KT_ASSERT(OSCompareAndSwapPtr(&i, NULL, &p));
    KT_ASSERT_NULL(p);
    KT_ASSERT(!OSTestAndSet(9, bytes));
    KT_ASSERT_EQ(bytes[1], 0x40);
    KT_ASSERT(OSTestAndSet(9, bytes));
    KT_ASSERT(!OSTestAndClear(9, bytes));
    KT_ASSERT(OSTestAndClear(9, bytes));
}

static void uuid__text_and_back__is_the_same(void)
{
    static const uuid_string_t too_short = "01234567-89ab-cdef-0123-456789abcde";
    uuid_t one, two, zero;
    uuid_string_t text;

    uuid_clear(zero);
    KT_ASSERT(uuid_is_null(zero));
    uuid_generate_random(one);
    KT_ASSERT(!uuid_is_null(one));
    KT_ASSERT_EQ(one[6] >> 4, 4);
    KT_ASSERT_EQ(one[8] >> 6, 2);
    uuid_unparse(one, text);
    KT_ASSERT_OK(uuid_parse(text, two));
    KT_ASSERT_EQ(uuid_compare(one, two), 0);
    uuid_unparse_lower(one, text);
    KT_ASSERT_OK(uuid_parse(text, two));
    KT_ASSERT_EQ(uuid_compare(one, two), 0);
    KT_ASSERT_EQ(uuid_parse("01234567-89ab-cdef-0123-456789abcdeg", two), -1);
    KT_ASSERT_EQ(uuid_parse(too_short, two), -1);
    KT_ASSERT_EQ(uuid_parse("0123456789ab-cdef-0123-456789abcdef00", two), -1);
    KT_ASSERT_OK(uuid_parse("01234567-89ab-CDEF-0123-456789abcdef", two));
    uuid_unparse_upper(two, text);
    KT_ASSERT_STR(text, "01234567-89AB-CDEF-0123-456789ABCDEF");
    uuid_generate_time(two);
    KT_ASSERT_EQ(two[6] >> 4, 1);
    uuid_copy(one, two);
    KT_ASSERT_EQ(uuid_compare(one, two), 0);
}

LIST_HEAD(head, entry);
struct entry {
    LIST_ENTRY(entry) link;
};

static void destroy_filled(void *arg)
{
    struct entry entry;
    u_long mask;
    struct head *table = hashinit(4, M_TEMP, &mask);

    (void)arg;
    LIST_INSERT_HEAD(&table[2], &entry, link);
    hashdestroy(table, M_TEMP, mask);
}

static void hashinit__size__is_a_power_of_two(void)
{
    static const struct {
        int count;
        u_long mask;
    } sizes[] = {{1, 0}, {2, 1}, {3, 1}, {4, 3}, {100, 63}, {128, 127}};
    u_long mask;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct head *table = hashinit(sizes[i].count, M_TEMP, &mask);

        KT_ASSERT_EQ(mask, sizes[i].mask);
        for (u_long j = 0; j <= mask; j++)
            KT_ASSERT(LIST_EMPTY(&table[j]));
        hashdestroy(table, M_TEMP, mask);
    }
    KT_EXPECT_PANIC(destroy_filled, NULL, "hashdestroy: list 2 of 4 is not empty");
}

static const struct ktest_case cases[] = {
    KT_CASE(string__comparing__is_unsigned_and_bounded),
    KT_CASE(string__searching__finds_first_and_last),
    KT_CASE(string__copying__respects_sizes),
    KT_CASE(strsep__fields__empty_ones_too),
    KT_CASE(strncpy_chk__overrun__panics),
    KT_CASE(strtol__bases_and_limits__are_c),
    KT_CASE(sscanf__fields__are_stored_and_counted),
    KT_CASE(bits__first_and_last__count_from_one),
    KT_CASE(crc32__known_text__has_the_known_sum),
    KT_CASE(md5__known_texts__have_the_known_digests),
    KT_CASE(atomics__each__returns_the_value_before),
    KT_CASE(uuid__text_and_back__is_the_same),
    KT_CASE(hashinit__size__is_a_power_of_two),
};
KT_KERN_SUITE(string, cases);
