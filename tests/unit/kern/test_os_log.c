// SPDX-License-Identifier: BSD-2-Clause
/*
 * test_os_log.c: structured logging and trace points: what a message looks like in the kernel's log.
 */
#include <os/log.h>
#include <pexpert/pexpert.h>
#include <sys/kdebug.h>
#include <libkern/libkern.h>

#include "tests/support/ktest_kern.h"

static uint64_t seen;

static void log_mark(void)
{
    char text[512];
    uint64_t lost;

    while (kern_log_read(&seen, text, sizeof text, &lost))
        ;
}

/* What was logged since log_mark(). */
static const char *log_since(void)
{
    static char text[2048];
    uint64_t lost;

    text[kern_log_read(&seen, text, sizeof text - 1, &lost)] = '\0';
    return text;
}

static void message__default_object__is_one_line(void)
{
    log_mark();
    os_log(OS_LOG_DEFAULT, "value %d", 7);
    KT_ASSERT_STR(log_since(), "value 7\n");
    os_log_error(OS_LOG_DEFAULT, "ends itself\n");
    KT_ASSERT_STR(log_since(), "ends itself\n");
}

static void message__named_object__says_whose(void)
{
    os_log_t log = os_log_create("org.example.fs", "names");

    KT_ASSERT(log == os_log_create("org.example.fs", "names"));
    KT_ASSERT(log != os_log_create("org.example.fs", "data"));
    KT_ASSERT(os_retain(log) == log);
    os_release(log);
    log_mark();
    os_log_info(log, "hello");
    KT_ASSERT_STR(log_since(), "[org.example.fs:names] hello\n");
}

static void message__annotations__have_no_effect(void)
{
    log_mark();
    os_log(OS_LOG_DEFAULT, "%{public}s and %{private, mask.hash}d%%, {plain} %%{public}", "open", 3);
    KT_ASSERT_STR(log_since(), "open and 3%, {plain} %{public}\n");
    os_log(OS_LOG_DEFAULT, "%{never closed");
    KT_ASSERT_STR(log_since(), "%{never closed\n");
}

static void message__disabled_object__is_dropped(void)
{
    log_mark();
    os_log_debug(OS_LOG_DISABLED, "lost");
    KT_ASSERT_STR(log_since(), "");
    KT_ASSERT(!os_log_debug_enabled(OS_LOG_DISABLED));
    KT_ASSERT(os_log_info_enabled(OS_LOG_DEFAULT));
}

static void message__too_long__is_cut(void)
{
    static char word[3000];
    const char *text;

    for (size_t i = 0; i < sizeof word - 1; i++)
        word[i] = 'x';
    log_mark();
    os_log(OS_LOG_DEFAULT, "%s", word);
    text = log_since();
    KT_ASSERT_EQ(strlen(text), 1024);
    KT_ASSERT_EQ(text[1023], '\n');
}

static void trace__off__costs_nothing_and_says_nothing(void)
{
    log_mark();
    KERNEL_DEBUG_CONSTANT(FSDBG_CODE(DBG_MSDOS, 5) | DBG_FUNC_START, 1, 2, 3, 4, 0);
    kernel_debug(FSDBG_CODE(DBG_MSDOS, 5), 1, 2, 3, 4, 0);
    KT_ASSERT_STR(log_since(), "");
    kdebug_enable = 1;
    KERNEL_DEBUG_CONSTANT1(FSDBG_CODE(DBG_MSDOS, 5) | DBG_FUNC_START, 1, 2, 3, 4, 9);
    kdebug_enable = 0;
    KT_ASSERT_STR(log_since(), "kdebug: 3.15.5 start 0x1 0x2 0x3 0x4 by 0x9\n");
}

static void boot_argument__none__leaves_the_value_alone(void)
{
    int value = 5;

    KT_ASSERT(!PE_parse_boot_argn("debug", &value, sizeof value));
    KT_ASSERT_EQ(value, 5);
}

static const struct ktest_case cases[] = {
    KT_CASE(message__default_object__is_one_line),
    KT_CASE(message__named_object__says_whose),
    KT_CASE(message__annotations__have_no_effect),
    KT_CASE(message__disabled_object__is_dropped),
    KT_CASE(message__too_long__is_cut),
    KT_CASE(trace__off__costs_nothing_and_says_nothing),
    KT_CASE(boot_argument__none__leaves_the_value_alone),
};
KT_KERN_SUITE(os_log, cases);
