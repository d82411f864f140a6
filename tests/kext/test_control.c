// SPDX-License-Identifier: BSD-2-Clause
/*
 * The manager with real kexts, in process and without FUSE: from bundles on disk through archive and message
 * to running code, and back to nothing. After each case all counters are what they were before it. usage:
 * test_control FOLDER_OF_KEXTS
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "host/host.h"
#include "kext/kext_control.h"
#include "libkext/archive.h"
#include "libkext/dependency.h"
#include "libkext/file.h"
#include "libkext/message.h"
#include "vfs/syscalls.h"

#define ID(name) "org.kextbed.test." name

static const char *folder;
static char text[65536];
static struct kext_control_reply reply = {.text = text, .size = sizeof(text)};
static uint64_t log_seq;

/* ---- making and sending messages ----------------------------------------------------------------------- */

static size_t loaded_list(struct kext_loaded loaded[KEXT_CONTROL_MAX])
{
    static struct kext_control_info infos[KEXT_CONTROL_MAX];
    size_t n = kext_control_list(infos, KEXT_CONTROL_MAX);

    for (size_t i = 0; i < n; i++) {
        strcpy(loaded[i].id, infos[i].id);
        strcpy(loaded[i].version_text, infos[i].version_text);
        loaded[i].version = infos[i].version;
        loaded[i].compatible = infos[i].compatible;
    }
    return n;
}

/* The message that kextload would have sent for @id. */
static void *message_for(const char *id, bool nostart, uint32_t flags, size_t *len)
{
    static struct kext_loaded loaded[KEXT_CONTROL_MAX];
    struct kext_repository repo = {0};
    struct kext_diags diags = KEXT_DIAGS_INIT;
    struct kext_archive archive;
    struct kext_plan plan;
    uint8_t *bytes;
    size_t bytes_len, n = loaded_list(loaded);
    void *message = NULL;
    int fd = -1;

    assert_true(kext_repository_scan(&repo, folder, &diags));
    struct kext_bundle *target = kext_repository_find(&repo, id, 0);
    assert_non_null(target);
    if (!kext_plan_make(&repo, target, loaded, n, &plan, &diags) ||
        !kext_archive_write(&plan, flags, nostart, &fd, &diags)) {
        kext_diags_print(&diags, stderr, "test", true);
        fail();
    }
    assert_int_equal(kext_fd_read(fd, 64u << 20, &bytes, &bytes_len), 0);
    close(fd);
    assert_true(kext_archive_read(bytes, bytes_len, &archive, &diags));
    assert_true(kext_message_build(&archive, &message, len, &diags));
    kext_archive_free(&archive);
    free(bytes);
    kext_repository_free(&repo);
    kext_diags_free(&diags);
    return message;
}

static int load_flags(const char *id, bool nostart, uint32_t flags)
{
    size_t len;
    void *message = message_for(id, nostart, flags, &len);
    int error = kext_control_load(message, len, &reply);

    free(message);
    return error;
}

static int load(const char *id)
{
    return load_flags(id, false, 0);
}

static int unload(const char *id)
{
    return kext_control_unload(id, &reply);
}

static bool info_of(const char *id, struct kext_control_info *info)
{
    static struct kext_control_info infos[KEXT_CONTROL_MAX];
    size_t n = kext_control_list(infos, KEXT_CONTROL_MAX);

    for (size_t i = 0; i < n; i++) {
        if (strcmp(infos[i].id, id) == 0) {
            *info = infos[i];
            return true;
        }
    }
    return false;
}

static void said(const char *what)
{
    if (strstr(text, what) == NULL) {
        fail_msg("'%s' is not in: %s", what, text);
    }
    if (getenv("KEXT_TEST_SHOW") != NULL) {
        puts(text);
    }
}

/* What the kernel half has logged since the case began. */
static void logged(const char *what)
{
    static char log[1 << 16];
    uint64_t seq = log_seq;
    size_t len = sys_log_read(&seq, log, sizeof(log) - 1);

    log[len] = '\0';
    if (strstr(log, what) == NULL) {
        fail_msg("'%s' was not logged: %s", what, log);
    }
}

/* ---- before and after each case ------------------------------------------------------------------------ */

struct held {
    struct kext_control_counters kext;
    struct sys_counters sys;
};
static struct held before;
static bool leak_allowed;

static void held_get(struct held *held)
{
    kext_control_counters(&held->kext);
    sys_counters_get(&held->sys);
}

static int case_setup(void **state)
{
    static char skip[1 << 16];

    (void)state;
    leak_allowed = false;
    while (sys_log_read(&log_seq, skip, sizeof(skip)) != 0) {
    }
    held_get(&before);
    return 0;
}

static int case_teardown(void **state)
{
    struct held after;

    (void)state;
    held_get(&after);
    assert_int_equal(after.kext.kexts, before.kext.kexts);
    assert_int_equal(after.kext.image_bytes, before.kext.image_bytes);
    assert_int_equal(after.kext.heap_bytes, before.kext.heap_bytes);
    assert_int_equal(after.sys.threads, before.sys.threads);
    if (!leak_allowed) {
        assert_int_equal(after.sys.kernel_bytes, before.sys.kernel_bytes);
        assert_int_equal(after.sys.kext_bytes, before.sys.kext_bytes);
        assert_int_equal(after.sys.locks, before.sys.locks);
    }
    return 0;
}

/* ---- cases --------------------------------------------------------------------------------------------- */

static void interfaces__at_boot__loaded_and_fixed(void **state)
{
    struct kext_control_info info;

    (void)state;
    assert_int_equal(kext_control_list(NULL, 0), 6);
    assert_true(info_of("com.apple.kpi.bsd", &info));
    assert_true(info.is_interface);
    assert_int_equal(info.address, 0);
    assert_string_equal(info.version_text, "24.4.0");
    assert_int_equal(unload("com.apple.kpi.bsd"), SYS_EPERM);
    said("part of the kernel process");
    assert_int_equal(unload("org.example.none"), SYS_ENOENT);
    said("not loaded");
}

static void hello__load_and_unload__runs_both_routines(void **state)
{
    struct kext_control_info info;
    struct kext_control_section sections[64];
    size_t n, ids = 0;

    (void)state;
    assert_int_equal(load(ID("hello")), 0);
    assert_true(info_of(ID("hello"), &info));
    assert_int_equal(info.state, KEXT_CONTROL_STARTED);
    assert_int_equal(info.refs, 0);
    assert_int_equal(info.nlinked, 3);
    assert_true(info.has_uuid);
    assert_true(info.address != 0 && info.size != 0);
    assert_non_null(strstr(info.path, "hello.kext/Contents/MacOS/hello"));
    n = kext_control_sections(ID("hello"), sections, 64);
    assert_true(n > 1 && n <= 64);
    for (size_t i = 0; i < n; i++) {
        ids += strcmp(sections[i].name, ".text") == 0;
        assert_true(sections[i].address >= info.address && sections[i].address < info.address + info.size);
    }
    assert_int_equal(ids, 1);
    logged("hello: " ID("hello") " 1.0.0 is kext");
    assert_int_equal(load(ID("hello")), SYS_EEXIST);
    said("is loaded already");
    assert_int_equal(unload(ID("hello")), 0);
    logged("says goodbye");
    assert_false(info_of(ID("hello"), &info));
}

static void kmod_info__in_the_source__used(void **state)
{
    (void)state;
    assert_int_equal(load(ID("own")), 0);
    logged("own: " ID("own"));
    assert_int_equal(unload(ID("own")), 0);
    assert_int_equal(load(ID("own_realmain")), 0);
    logged("own_realmain: " ID("own_realmain"));
    assert_int_equal(unload(ID("own_realmain")), 0);
}

static void library__in_use__not_unloaded(void **state)
{
    struct kext_control_info library, user;

    (void)state;
    assert_int_equal(load(ID("user")), 0); /* brings the library along */
    assert_true(info_of(ID("library"), &library));
    assert_true(info_of(ID("user"), &user));
    assert_int_equal(library.refs, 1);
    assert_int_equal(user.linked[user.nlinked - 1], library.index);
    assert_int_equal(unload(ID("library")), SYS_EBUSY);
    said("in use by " ID("user"));
    assert_int_equal(unload(ID("user")), 0);
    assert_int_equal(load(ID("user")), 0); /* against the loaded one */
    assert_int_equal(unload(ID("user")), 0);
    assert_int_equal(unload(ID("library")), 0);
    logged("stopped after 2 calls");
}

static void symbols__hidden_undeclared_missing__all_named(void **state)
{
    (void)state;
    assert_int_equal(load(ID("secret")), SYS_ENOEXEC);
    said("kxld[" ID("secret") "]");
    said("\tlibrary_secret");
    assert_int_equal(load(ID("undeclared")), SYS_ENOEXEC);
    said("\tvnode_get");
    said("com.apple.kpi.bsd");
    assert_int_equal(load(ID("missing")), SYS_ENOEXEC);
    said("\tno_such_function");
    said("\tno_such_variable");
    said("\tstrlcpyy");
    said("strlcpy");
    said("bpf_attach belongs to com.apple.kpi.bsd, but this kernel process does not provide it");
}

static void objects__that_cannot_be_kexts__refused(void **state)
{
    (void)state;
    assert_int_equal(load(ID("local")), SYS_ENOEXEC);
    said("thread-local");
    assert_int_equal(load(ID("nokmod")), SYS_ENOEXEC);
    said("does not define kmod_info");
}

static void start__fails__whole_load_taken_back(void **state)
{
    (void)state;
    assert_int_equal(load(ID("badstart")), SYS_EIO);
    said("start routine failed with code 17");
    assert_int_equal(load(ID("spoiler")), SYS_EIO);
    logged("hello: " ID("victim") " says goodbye");
    assert_int_equal(kext_control_list(NULL, 0), 6);
}

static void stop__refuses__stays_loaded(void **state)
{
    struct kext_control_info info;

    (void)state;
    assert_int_equal(load(ID("badstop")), 0);
    assert_int_equal(unload(ID("badstop")), SYS_EBUSY);
    said("refuses with code 5");
    assert_true(info_of(ID("badstop"), &info));
    assert_int_equal(info.state, KEXT_CONTROL_STARTED);
    assert_int_equal(unload(ID("badstop")), 0);
}

static void constructors__and_destructors__run(void **state)
{
    (void)state;
    assert_int_equal(load(ID("constructor")), 0);
    assert_int_equal(unload(ID("constructor")), 0);
    logged("constructor: destroyed");
}

static void weak_symbol__absent__told_apart(void **state)
{
    (void)state;
    assert_int_equal(load(ID("weak")), 0);
    assert_int_equal(unload(ID("weak")), 0);
}

static int level_get(void)
{
    int level = -1;
    size_t len = sizeof(level);

    assert_int_equal(sys_sysctl(sys_caller_kernel(), "vfs.generic.variable.level", &level, &len, NULL, 0), 0);
    return level;
}

static int variable_set(const char *name, int value)
{
    return sys_sysctl(sys_caller_kernel(), name, NULL, NULL, &value, sizeof(value));
}

static void variables__of_a_kext_that_keeps_itself_loaded(void **state)
{
    (void)state;
    assert_int_equal(load(ID("variable")), 0);
    assert_int_equal(level_get(), 3);
    assert_int_equal(variable_set("vfs.generic.variable.level", 7), 0);
    assert_int_equal(level_get(), 7);
    assert_int_equal(unload(ID("variable")), SYS_EBUSY);
    said("is kept loaded");
    assert_int_equal(variable_set("vfs.generic.variable.release", 1), 0);
    assert_int_equal(variable_set("vfs.generic.variable.release", 1), SYS_EBUSY); /* retained once only */
    assert_int_equal(unload(ID("variable")), 0);
    assert_int_equal(variable_set("vfs.generic.variable.level", 7), SYS_ENOENT);
}

static void leftovers__at_unload__told(void **state)
{
    struct kext_control_info info;

    (void)state;
    assert_int_equal(load(ID("leak")), 0);
    assert_true(info_of(ID("leak"), &info));
    assert_true(info.memory_bytes >= 1000);
    assert_int_equal(unload(ID("leak")), 0);
    said("has left behind");
    leak_allowed = true;
}

static void thread__ends_after_stop__waited_for(void **state)
{
    struct kext_control_info info;

    (void)state;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(load(ID("thread")), 0);
        assert_true(info_of(ID("thread"), &info));
        assert_int_equal(info.threads, 1);
        assert_int_equal(unload(ID("thread")), 0);
        assert_string_equal(text, "");
    }
}

static void nostart__loaded_then_started(void **state)
{
    struct kext_control_info info;

    (void)state;
    assert_int_equal(load_flags(ID("hello"), true, 0), 0);
    assert_true(info_of(ID("hello"), &info));
    assert_int_equal(info.state, KEXT_CONTROL_LINKED_ONLY);
    assert_int_equal(kext_control_start(ID("hello"), &reply), 0);
    logged("hello: " ID("hello") " 1.0.0 is kext");
    assert_int_equal(kext_control_start(ID("hello"), &reply), SYS_EEXIST);
    assert_int_equal(unload(ID("hello")), 0);
    assert_int_equal(load_flags(ID("badstart"), true, 0), 0);
    assert_int_equal(kext_control_start(ID("badstart"), &reply), SYS_EIO);
    assert_int_equal(unload(ID("badstart")), 0);
    assert_int_equal(kext_control_start(ID("hello"), &reply), SYS_ENOENT);
}

static void check_only__leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(load_flags(ID("user"), false, KEXT_ARCHIVE_CHECK), 0);
    assert_int_equal(kext_control_list(NULL, 0), 6);
    assert_int_equal(load_flags(ID("badstart"), false, KEXT_ARCHIVE_CHECK), 0); /* nothing runs */
    assert_int_equal(load_flags(ID("missing"), false, KEXT_ARCHIVE_CHECK), SYS_ENOEXEC);
}

/* The kernel half checks the graph again: a message whose order or libraries are wrong never loads. */
static void message__wrong_graph__refused(void **state)
{
    size_t len;
    uint8_t *message = message_for(ID("user"), false, 0, &len);
    struct kext_wire_header *header = (void *)message;
    struct kext_wire_entry *entry = (void *)(message + header->entries_off);
    struct kext_wire_entry swap = entry[0];

    (void)state;
    entry[0] = entry[1];
    entry[1] = swap;
    assert_int_equal(kext_control_load(message, len, &reply), SYS_ENOENT);
    said("needs " ID("library"));
    assert_int_equal(reply.entry, 0);
    entry[1] = entry[0];
    entry[0] = swap;
    entry[0].compatible = entry[0].version;
    assert_int_equal(kext_control_load(message, len, &reply), SYS_ENOENT);
    said("needs version 1.5.0 of " ID("library"));
    entry[0].compatible = 0;
    assert_int_equal(kext_control_load(message, len, &reply), SYS_ENOENT);
    entry[0] = entry[1];
    assert_int_equal(kext_control_load(message, len, &reply), SYS_EINVAL);
    said("twice");
    free(message);
}

/* Whatever happens to the bytes of the message's own structures, the answer is an error or a load that can be
 * undone. */
static void message__garbled__never_harms(void **state)
{
    size_t len, header_end;
    uint8_t *message = message_for(ID("hello"), false, KEXT_ARCHIVE_CHECK, &len);
    const struct kext_wire_header *header = (void *)message;
    const struct kext_wire_entry *entry = (void *)(message + header->entries_off);

    (void)state;
    header_end = (size_t)entry->exec_off;
    for (size_t i = 0; i < header_end; i++) {
        static const uint8_t masks[] = {0x01, 0x80, 0xff};

        for (size_t j = 0; j < sizeof(masks); j++) {
            message[i] ^= masks[j];
            if (i != offsetof(struct kext_wire_header, flags)) {
                (void)kext_control_load(message, len, &reply);
            }
            message[i] ^= masks[j];
        }
    }
    for (size_t cut = 0; cut < len; cut += cut < 512 ? 1 : 97) {
        uint8_t *copy = aligned_alloc(16, (cut + 16) & ~(size_t)15);

        memcpy(copy, message, cut);
        assert_int_equal(kext_control_load(copy, cut, &reply), SYS_EINVAL);
        free(copy);
    }
    assert_int_equal(kext_control_list(NULL, 0), 6);
    free(message);
}

/* The object inside: every cut and many flipped bytes end in an error of the linker or in a kext that loads;
 * nothing runs. */
static void object__garbled__never_harms(void **state)
{
    size_t len;
    uint8_t *message = message_for(ID("hello"), false, KEXT_ARCHIVE_CHECK, &len);
    const struct kext_wire_header *header = (void *)message;
    struct kext_wire_entry *entry = (void *)(message + header->entries_off);
    uint64_t exec_len = entry->exec_len;

    (void)state;
    for (uint64_t cut = 0; cut < exec_len; cut += 131) {
        entry->exec_len = cut;
        assert_int_equal(kext_control_load(message, len, &reply), cut == 0 ? 0 : SYS_ENOEXEC);
    }
    entry->exec_len = exec_len;
    for (uint64_t i = 0; i < exec_len; i += i < 64 ? 1 : 37) {
        message[entry->exec_off + i] ^= 0xff;
        (void)kext_control_load(message, len, &reply);
        message[entry->exec_off + i] ^= 0xff;
    }
    assert_int_equal(kext_control_list(NULL, 0), 6);
    free(message);
}

static void text__too_long__cut_and_terminated(void **state)
{
    char small[32];
    struct kext_control_reply short_reply = {.text = small, .size = sizeof(small)};
    size_t len;
    void *message = message_for(ID("missing"), false, 0, &len);

    (void)state;
    assert_int_equal(kext_control_load(message, len, &short_reply), SYS_ENOEXEC);
    assert_int_equal(strlen(small), sizeof(small) - 1);
    assert_true(short_reply.len > sizeof(small));
    free(message);
}

static void many_loads__memory_stays_flat(void **state)
{
    struct held first, last;

    (void)state;
    assert_int_equal(load(ID("user")), 0);
    assert_int_equal(unload(ID("user")), 0);
    held_get(&first);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(load(ID("user")), 0);
        assert_int_equal(unload(ID("user")), 0);
    }
    held_get(&last);
    assert_int_equal(last.sys.kernel_bytes, first.sys.kernel_bytes);
    assert_int_equal(last.kext.links, first.kext.links + 100); /* the library was never linked again */
    assert_int_equal(unload(ID("library")), 0);
}

/* Lists do not wait for loads, and loads take turns. */
#define LISTED 32u
struct loader {
    pthread_t thread;
    struct kext_control_info infos[LISTED];
    void *message;
    size_t len;
    int failures;
};

static void *loader_main(void *arg)
{
    struct loader *loader = arg;
    char mine[4096];
    struct kext_control_reply my_reply = {.text = mine, .size = sizeof(mine)};

    for (int i = 0; i < 30; i++) {
        int error = kext_control_load(loader->message, loader->len, &my_reply);
        loader->failures += error != 0 && error != SYS_EEXIST;
        if (error == 0) {
            loader->failures += kext_control_unload(ID("hello"), &my_reply) != 0;
        }
        loader->failures += kext_control_list(loader->infos, LISTED) > LISTED;
    }
    return NULL;
}

static void loads__from_many_threads__take_turns(void **state)
{
    struct loader loaders[4];

    (void)state;
    for (int i = 0; i < 4; i++) {
        loaders[i].failures = 0;
        loaders[i].message = message_for(ID("hello"), false, 0, &loaders[i].len);
        assert_int_equal(pthread_create(&loaders[i].thread, NULL, loader_main, &loaders[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(loaders[i].thread, NULL);
        assert_int_equal(loaders[i].failures, 0);
        free(loaders[i].message);
    }
    leak_allowed = true; /* the threads' own blocks are kept */
}

static void variable__still_registered__kext_stays(void **state)
{
    struct kext_control_info info;

    (void)state;
    assert_int_equal(load(ID("variable")), 0);
    assert_int_equal(variable_set("vfs.generic.variable.release", 1), 0);
    assert_int_equal(variable_set("vfs.generic.variable.level", 99), 0);
    assert_int_equal(unload(ID("variable")), SYS_EBUSY);
    said("sysctl variable");
    assert_true(info_of(ID("variable"), &info));
    assert_int_equal(info.state, KEXT_CONTROL_STUCK);
    assert_int_equal(level_get(), 99); /* its code is still there */
    held_get(&before);
    leak_allowed = true;
}

static void file_system__still_registered__kext_stays(void **state)
{
    struct kext_control_info info;

    (void)state;
    assert_int_equal(load(ID("stuck")), 0);
    assert_int_equal(unload(ID("stuck")), SYS_EBUSY);
    said("file system stuckfs is registered");
    assert_true(info_of(ID("stuck"), &info));
    assert_int_equal(info.state, KEXT_CONTROL_STUCK);
    assert_int_equal(unload(ID("stuck")), SYS_EBUSY);
    assert_int_equal(kext_control_start(ID("stuck"), &reply), SYS_EEXIST);
    held_get(&before); /* it stays until the process ends */
    leak_allowed = true;
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, case_setup, case_teardown)

/* The log is read through sys_log_read(); on standard error it would drown the results. */
static void sink_quiet(void *arg, int level, const char *line, size_t len)
{
    (void)arg;
    if (level == HOST_LOG_PANIC) {
        fwrite(line, 1, len, stderr);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(interfaces__at_boot__loaded_and_fixed),
        TEST(hello__load_and_unload__runs_both_routines),
        TEST(kmod_info__in_the_source__used),
        TEST(library__in_use__not_unloaded),
        TEST(symbols__hidden_undeclared_missing__all_named),
        TEST(objects__that_cannot_be_kexts__refused),
        TEST(start__fails__whole_load_taken_back),
        TEST(stop__refuses__stays_loaded),
        TEST(constructors__and_destructors__run),
        TEST(weak_symbol__absent__told_apart),
        TEST(variables__of_a_kext_that_keeps_itself_loaded),
        TEST(leftovers__at_unload__told),
        TEST(thread__ends_after_stop__waited_for),
        TEST(nostart__loaded_then_started),
        TEST(check_only__leaves_nothing),
        TEST(message__wrong_graph__refused),
        TEST(message__garbled__never_harms),
        TEST(object__garbled__never_harms),
        TEST(text__too_long__cut_and_terminated),
        TEST(many_loads__memory_stays_flat),
        TEST(loads__from_many_threads__take_turns),
        TEST(variable__still_registered__kext_stays),
        TEST(file_system__still_registered__kext_stays),
    };
    struct sys_boot boot = {.flags = SYS_BOOT_LEDGER};

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER_OF_KEXTS\n", argv[0]);
        return 64;
    }
    folder = argv[1];
    host_log_set_sink(sink_quiet, NULL);
    if (sys_boot(&boot) != 0 || kext_control_boot() != 0) {
        fprintf(stderr, "the kernel half does not start\n");
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
