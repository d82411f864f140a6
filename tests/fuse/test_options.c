// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mount options: what is understood, what is refused and by which words, what the host's own mount is told.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fusehost/options.h"
#include "vfs/syscalls.h"

static struct fh_options parsed(const char *text)
{
    struct fh_options out;
    char err[256] = "";

    if (fh_options_parse(text, true, &out, err, sizeof(err)) != 0)
        fail_msg("%s: %s", text, err);
    return out;
}

static void refused(const char *text, const char *words)
{
    struct fh_options out;
    char err[256] = "";

    assert_int_equal(fh_options_parse(text, true, &out, err, sizeof(err)), EINVAL);
    if (!strstr(err, words))
        fail_msg("\"%s\" does not say \"%s\"", err, words);
}

static void nothing__gives_the_defaults(void **state)
{
    struct fh_options out, user;

    (void)state;
    out = parsed(NULL);
    assert_false(out.ro || out.suid || out.dev || out.noexec || out.sync || out.noatime || out.exact ||
                 out.noxattr);
    assert_true(out.allow_other);
    assert_int_equal(out.threads, 64);
    assert_int_equal(out.max_nodes, 0);
    assert_true(out.entry_timeout == 3600.0 && out.attr_timeout == 3600.0 && out.negative_timeout == 3600.0);
    assert_int_equal(fh_options_mount_flags(&out), SYS_MNT_NOSUID | SYS_MNT_NODEV);
    assert_int_equal(fh_options_parse("", false, &user, NULL, 0), 0);
    assert_false(user.allow_other);
}

static void switches__last_one_counts(void **state)
{
    struct fh_options out = parsed("ro,rw,ro,dev,suid,noexec,sync,noatime,noallow_other");

    (void)state;
    assert_true(out.ro && out.dev && out.suid && out.noexec && out.sync && out.noatime);
    assert_false(out.allow_other);
    assert_int_equal(fh_options_mount_flags(&out),
                     SYS_MNT_RDONLY | SYS_MNT_NOEXEC | SYS_MNT_SYNCHRONOUS | SYS_MNT_NOATIME);
}

static void values__read_with_their_escapes(void **state)
{
    struct fh_options out =
        parsed("threads=3,nodes=100000,attr_timeout=0.5,fsdata=a\\,b\\\\c,fsname=x=y,subtype=z,,open");

    (void)state;
    assert_int_equal(out.threads, 3);
    assert_int_equal(out.max_nodes, 100000);
    assert_true(out.attr_timeout == 0.5);
    assert_string_equal(out.fsdata, "a,b\\c");
    assert_string_equal(out.fsname, "x=y");
    assert_string_equal(out.subtype, "z");
    assert_int_equal(out.open, FH_OPEN_ALWAYS);
    fh_options_free(&out);
    assert_null(out.fsdata);
}

static void exact_mode__has_no_timeouts(void **state)
{
    struct fh_options out = parsed("nocache");

    (void)state;
    assert_true(out.exact);
    assert_true(out.entry_timeout == 0 && out.attr_timeout == 0 && out.negative_timeout == 0);
    assert_int_equal(out.open, FH_OPEN_ALWAYS);
    refused("nocache,attr_timeout=1", "exclude");
    refused("default_permissions,nocache", "exclude");
    refused("nocache,noopen", "exclude");
}

static void bad_options__are_named(void **state)
{
    (void)state;
    refused("frobnicate", "\"frobnicate\"");
    refused("ro,frob=1", "\"frob\"");
    refused("ro=1", "ro takes no value");
    refused("threads", "threads needs a value");
    refused("threads=0", "threads=0");
    refused("threads=-1", "threads=-1");
    refused("threads=1x", "threads=1x");
    refused("threads=99999999999999999999", "threads=");
    refused("nodes= 5", "nodes= 5");
    refused("entry_timeout=", "entry_timeout=");
    refused("entry_timeout=nan", "entry_timeout=nan");
    refused("entry_timeout=-1", "entry_timeout=-1");
    refused("entry_timeout=1e300", "entry_timeout=1e300");
    refused("fsdata=x,fsname=y,bad", "\"bad\"");
    refused("fsdata=@/etc/passwd", "fsdata=@FILE");
}

static void fuse_text__says_what_the_host_needs(void **state)
{
    struct fh_options out = parsed("ro,dev");
    char *text = fh_options_fuse_text(&out, "memfs", "a,b");

    (void)state;
    assert_non_null(strstr(text, "ro,dev,allow_other,default_permissions"));
    assert_non_null(strstr(text, "fsname=a\\,b"));
    assert_non_null(strstr(text, "subtype=kext.memfs"));
    free(text);
    out = parsed("nocache,fsname=n,subtype=s");
    text = fh_options_fuse_text(&out, "memfs", "none");
    assert_string_equal(text, "allow_other,fsname=n,subtype=s");
    free(text);
    fh_options_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing__gives_the_defaults),
        cmocka_unit_test(switches__last_one_counts),
        cmocka_unit_test(values__read_with_their_escapes),
        cmocka_unit_test(exact_mode__has_no_timeouts),
        cmocka_unit_test(bad_options__are_named),
        cmocka_unit_test(fuse_text__says_what_the_host_needs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
