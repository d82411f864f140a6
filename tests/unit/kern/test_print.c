// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_print.c: the formatter: every conversion, flag, width, precision and length, and the limits of the
 * buffers.
 */
#include <stdarg.h>
#include <libkern/libkern.h>

#include "tests/support/ktest_kern.h"

/* Formats that the compiler does not know (%b, %D) would be warned about; the list form is not checked. */
static const char *text_of(const char *format, ...)
{
    static char text[256];
    va_list ap;

    va_start(ap, format);
    (void)vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    return text;
}

static void format__integers__all_lengths(void)
{
    KT_ASSERT_STR(text_of("%d %i %u", -5, 7, 4000000000u), "-5 7 4000000000");
    KT_ASSERT_STR(text_of("%hhd %hd %hhu", 0x1ff, 0x18000, 0x1ff), "-1 -32768 255");
    KT_ASSERT_STR(text_of("%ld %lld %qd %jd %zu", -1L, -2LL, -3LL, -4LL, (size_t)5), "-1 -2 -3 -4 5");
    KT_ASSERT_STR(text_of("%D %U %O", -9L, 9UL, 8UL), "-9 9 10");
    KT_ASSERT_STR(text_of("%lld", INT64_MIN), "-9223372036854775808");
    KT_ASSERT_STR(text_of("%llu", UINT64_MAX), "18446744073709551615");
    KT_ASSERT_STR(text_of("%x %X %#x %#X %o %#o", 255, 255, 255, 255, 8, 8), "ff FF 0xff 0XFF 10 010");
    KT_ASSERT_STR(text_of("%#x %#o", 0, 0), "0 0");
    KT_ASSERT_STR(text_of("%p", (void *)0x1234), "0x1234");
}

static void format__width_and_flags__pad(void)
{
    KT_ASSERT_STR(text_of("[%5d][%-5d][%05d]", 42, 42, 42), "[   42][42   ][00042]");
    KT_ASSERT_STR(text_of("[%05d][%+d][% d]", -42, 42, 42), "[-0042][+42][ 42]");
    KT_ASSERT_STR(text_of("[%8.3d][%-8.3d][%08.3d]", 7, 7, 7), "[     007][007     ][     007]");
    KT_ASSERT_STR(text_of("[%*d][%-*d][%*d]", 4, 1, 4, 1, -4, 1), "[   1][1   ][1   ]");
    KT_ASSERT_STR(text_of("[%.0d][%.0d]", 0, 1), "[][1]");
    KT_ASSERT_STR(text_of("[%#06x]", 0xab), "[0x00ab]");
}

static void format__strings__respect_precision(void)
{
    KT_ASSERT_STR(text_of("[%s][%5s][%-5s]", "abc", "abc", "abc"), "[abc][  abc][abc  ]");
    KT_ASSERT_STR(text_of("[%.2s][%.*s][%5.1s]", "abc", 1, "abc", "abc"), "[ab][a][    a]");
    KT_ASSERT_STR(text_of("[%.*s]", -1, "abc"), "[abc]");
    KT_ASSERT_STR(text_of("%s", (char *)NULL), "(null)");
    KT_ASSERT_STR(text_of("[%c][%3c][%-3c]", 'x', 'x', 'x'), "[x][  x][x  ]");
    KT_ASSERT_STR(text_of("100%%"), "100%");
}

static void format__unterminated_string__is_read_up_to_the_precision(void)
{
    char exact[3] = {'a', 'b', 'c'}; /* AddressSanitizer would see a fourth byte being read */

    KT_ASSERT_STR(text_of("%.3s", exact), "abc");
}

static void format__bits__are_named(void)
{
    KT_ASSERT_STR(text_of("%b", 5, "\20\1READ\2WRITE\3EXEC"), "0x5<READ,EXEC>");
    KT_ASSERT_STR(text_of("%b", 0, "\20\1READ"), "0");
    KT_ASSERT_STR(text_of("%b", 8, "\10\1ONE\2TWO"), "010");
    KT_ASSERT_STR(text_of("%lb", 1UL << 40, "\20\51HIGH"), "0x10000000000<HIGH>");
}

static void format__unknown_conversion__stays_as_it_is(void)
{
    KT_ASSERT_STR(text_of("a%yb"), "a%yb");
    KT_ASSERT_STR(text_of("a%"), "a%");
    KT_ASSERT_STR(text_of("a%-5"), "a%-5");
}

static void snprintf__short_buffer__terminates_and_tells_the_length(void)
{
    char small[4] = "zzz";

    KT_ASSERT_EQ(snprintf(small, sizeof small, "%d", 123456), 6);
    KT_ASSERT_STR(small, "123");
    KT_ASSERT_EQ(scnprintf(small, sizeof small, "%d", 123456), 3);
    KT_ASSERT_EQ(snprintf(small, 0, "%d", 99), 2);
    KT_ASSERT_STR(small, "123");
    KT_ASSERT_EQ(scnprintf(small, 0, "%d", 99), 0);
    KT_ASSERT_EQ(snprintf(NULL, 0, "%s", "length only"), 11);
    KT_ASSERT_EQ(snprintf(small, 1, "%s", "x"), 1);
    KT_ASSERT_STR(small, "");
}

static const char *last_line(char *buf, size_t size)
{
    uint64_t seq = 0;
    size_t len, start;

    /* The ring is larger than the buffer: read on to the end. */
    do
        len = kern_log_read(&seq, buf, size - 1, NULL);
    while (len == size - 1);
    buf[len] = '\0';
    for (start = len ? len - 1 : 0; start && buf[start - 1] != '\n'; start--)
        ;
    return buf + start;
}

static void printf__text__reaches_the_ring(void)
{
    static char buf[300000];

    (void)printf("ring test %d\n", 42);
    KT_ASSERT_STR(last_line(buf, sizeof buf), "ring test 42\n");
}

static void printf__long_line__is_kept_whole(void)
{
    static char buf[300000], text[3001];
    const char *line;

    for (int i = 0; i < 3000; i++)
        text[i] = (char)('a' + i % 26);
    (void)printf("%s\n", text);
    line = last_line(buf, sizeof buf);
    KT_ASSERT_EQ(strlen(line), 3001u);
    KT_ASSERT_MEM(line, text, 3000);
}

static void log__overwritten_text__is_counted_as_lost(void)
{
    static char buf[300000];
    uint64_t seq = 0, start, lost = 0;
    size_t len;

    (void)kern_log_read(&seq, buf, sizeof buf, NULL);
    start = seq;
    for (int i = 0; i < 3000; i++)
        (void)printf("filling the ring, line %05d, with about sixty bytes of text\n", i);
    len = kern_log_read(&seq, buf, sizeof buf, &lost);
    KT_ASSERT_GT(len, 1000u);
    KT_ASSERT_EQ(lost + len, seq - start);
    KT_ASSERT_GT(lost, 0u);
    KT_ASSERT_EQ(buf[len - 1], '\n');
    KT_ASSERT_EQ(kern_log_read(&seq, buf, sizeof buf, &lost), 0u);
    KT_ASSERT_EQ(lost, 0u);
}

static const struct ktest_case cases[] = {
    KT_CASE(format__integers__all_lengths),
    KT_CASE(format__width_and_flags__pad),
    KT_CASE(format__strings__respect_precision),
    KT_CASE(format__unterminated_string__is_read_up_to_the_precision),
    KT_CASE(format__bits__are_named),
    KT_CASE(format__unknown_conversion__stays_as_it_is),
    KT_CASE(snprintf__short_buffer__terminates_and_tells_the_length),
    KT_CASE(printf__text__reaches_the_ring),
    KT_CASE(printf__long_line__is_kept_whole),
    KT_CASE(log__overwritten_text__is_counted_as_lost),
};
KT_KERN_SUITE(print, cases);
