// SPDX-License-Identifier: BSD-2-Clause
/*
 * fsdata=@FILE as the tools read it: what is taken out of the options, what is refused and by which words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "libkext/mount_data.h"

static char folder[] = "/tmp/kxdataXXXXXX";

static int folder_enter(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int folder_leave(void **state)
{
    (void)state;
    (void)unlink("a,b");
    (void)unlink("long");
    (void)unlink("pipe");
    return chdir("/") != 0 || rmdir(folder) != 0;
}

static void file_write(const char *name, size_t size)
{
    FILE *file = fopen(name, "w");

    assert_non_null(file);
    for (size_t i = 0; i < size; i++)
        assert_int_equal(fputc((int)(i & 0xff), file), (int)(i & 0xff));
    assert_int_equal(fclose(file), 0);
}

static void options__without_a_file__stay(void **state)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct mount_data data;

    (void)state;
    assert_true(mount_data_read(NULL, &data, &diags));
    assert_null(data.options);
    assert_true(mount_data_read("ro,fsdata=a\\,fsdata=@b\\\\,rw", &data, &diags));
    assert_string_equal(data.options, "ro,fsdata=a\\,fsdata=@b\\\\,rw");
    assert_null(data.bytes);
    mount_data_free(&data);
    kext_diags_free(&diags);
}

static void file__with_a_relative_name__is_read_and_taken_out(void **state)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct mount_data data;

    (void)state;
    file_write("a,b", MOUNT_DATA_MAX);
    assert_true(mount_data_read("ro,fsdata=@a\\,b,nodev", &data, &diags));
    assert_string_equal(data.options, "ro,nodev");
    assert_int_equal(data.size, MOUNT_DATA_MAX);
    assert_int_equal(data.bytes[300], 300 & 0xff);
    mount_data_free(&data);
    assert_true(mount_data_read("fsdata=@a\\,b,fsdata=@/proc/self/comm", &data, &diags));
    assert_string_equal(data.options, "");
    assert_true(data.size > 0 && data.size < 20);
    mount_data_free(&data);
    kext_diags_free(&diags);
}

static void refused(const char *options, const char *words)
{
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct mount_data data;

    assert_false(mount_data_read(options, &data, &diags));
    assert_null(data.options);
    assert_null(data.bytes);
    assert_int_equal(diags.count, 1);
    assert_non_null(strstr(diags.list[0].text, words));
    kext_diags_free(&diags);
}

static void file__that_does_not_do__is_refused(void **state)
{
    (void)state;
    file_write("long", MOUNT_DATA_MAX + 1);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    refused("fsdata=@long", "longer than 64 KiB");
    refused("ro,fsdata=@nowhere,rw", "No such file");
    refused("fsdata=@", "No such file");
    refused("fsdata=@pipe", "no regular file");
    refused("fsdata=@/", "no regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options__without_a_file__stay),
        cmocka_unit_test(file__with_a_relative_name__is_read_and_taken_out),
        cmocka_unit_test(file__that_does_not_do__is_refused),
    };
    return cmocka_run_group_tests_name("mount_data", tests, folder_enter, folder_leave);
}
