// SPDX-License-Identifier: BSD-2-Clause
/*
 * Loads that run out of memory at their first, second, ... n-th allocation: each fails with ENOMEM or goes
 * through, and leaves exactly what it should. The message is made here, of objects that are part of the test.
 */
#include <libkern/libkern.h>
#include <string.h>
#include <sys/errno.h>

#include "kern/kern_iface.h"
#include "kext/kext_internal.h"
#include "tests/support/ktest.h"
#include "vfs/syscalls.h"

extern const uint8_t test_library_object[], test_library_end[];
extern const uint8_t test_user_object[], test_user_end[];
extern const uint8_t test_spoiler_object[], test_spoiler_end[];

/* ---- a message of two or three kexts ------------------------------------------------------------------- */

struct builder {
    uint8_t *bytes;
    size_t at;
    struct kext_wire_entry *entries;
};

static uint32_t bytes_put(struct builder *b, const void *bytes, size_t len)
{
    uint32_t off = (uint32_t)b->at;

    memcpy(b->bytes + b->at, bytes, len);
    b->at = (b->at + len + 15) & ~(size_t)15;
    return off;
}

static struct kext_wire_str string_put(struct builder *b, const char *text)
{
    return (struct kext_wire_str){bytes_put(b, text, strlen(text) + 1), (uint32_t)strlen(text)};
}

static void entry_put(struct builder *b, uint32_t i, const char *id, const char *lib, const uint8_t *object,
                      const uint8_t *end)
{
    struct kext_wire_entry *entry = &b->entries[i];
    struct kext_wire_lib libs[2];

    entry->id = string_put(b, id);
    entry->version_text = string_put(b, "1.0");
    entry->path = string_put(b, "");
    entry->version = entry->compatible = KEXT_VERSION_RELEASE(1, 0, 0);
    libs[0] = (struct kext_wire_lib){string_put(b, "com.apple.kpi.libkern"), KEXT_VERSION_RELEASE(8, 0, 0)};
    entry->nlibs = 1;
    if (lib != NULL) {
        libs[1] = (struct kext_wire_lib){string_put(b, lib), KEXT_VERSION_RELEASE(1, 0, 0)};
        entry->nlibs = 2;
    }
    entry->libs_off = bytes_put(b, libs, entry->nlibs * sizeof(libs[0]));
    entry->exec_len = (uint64_t)(end - object);
    entry->exec_off = bytes_put(b, object, (size_t)entry->exec_len);
}

static size_t message_size(void)
{
    return (size_t)(test_library_end - test_library_object) + (size_t)(test_user_end - test_user_object) +
           (size_t)(test_spoiler_end - test_spoiler_object) + 4096;
}

/* The library and its user and, with @spoiled, one whose start routine fails. */
static void *message_make(bool spoiled, size_t *len)
{
    struct builder b = {.bytes = kern_alloc(message_size(), "test message")};
    struct kext_wire_header *header = (void *)b.bytes;

    header->magic = KEXT_WIRE_MAGIC;
    header->version = KEXT_WIRE_VERSION;
    header->entries_off = 64;
    header->nentries = spoiled ? 3 : 2;
    b.entries = (void *)(b.bytes + header->entries_off);
    b.at = header->entries_off + 3 * sizeof(struct kext_wire_entry) + 16;
    b.at &= ~(size_t)15;
    entry_put(&b, 0, "test.library", NULL, test_library_object, test_library_end);
    entry_put(&b, 1, "test.user", "test.library", test_user_object, test_user_end);
    if (spoiled) {
        entry_put(&b, 2, "test.spoiler", NULL, test_spoiler_object, test_spoiler_end);
    }
    header->size = *len = b.at;
    return b.bytes;
}

/* ---- what is held -------------------------------------------------------------------------------------- */

struct held {
    uint64_t bytes, blocks;
    struct kext_control_counters kext;
    struct kern_leak_counts leaks;
};

static void held_get(struct held *held)
{
    struct kern_memory_stats stats;

    kern_memory_stats(&stats);
    held->bytes = stats.bytes;
    held->blocks = stats.blocks;
    kext_control_counters(&held->kext);
    kern_leak_counts(&held->leaks);
}

static void held_same(const struct held *before)
{
    struct held now;

    held_get(&now);
    KT_ASSERT_EQ(now.kext.kexts, before->kext.kexts);
    KT_ASSERT_EQ(now.kext.image_bytes, before->kext.image_bytes);
    KT_ASSERT_EQ(now.kext.heap_bytes, before->kext.heap_bytes);
    KT_ASSERT_EQ(now.blocks, before->blocks);
    KT_ASSERT_EQ(now.bytes, before->bytes);
    KT_ASSERT_EQ(now.leaks.locks, before->leaks.locks);
}

static char text[16384];
static struct kext_control_reply reply = {.text = text, .size = sizeof(text)};

/* Fails the n-th allocation of a load for n = 1, 2, ... until one load has fewer. */
static void fail_each(void *message, size_t len, int expected)
{
    struct held before;
    unsigned failed = 0;
    int error = ENOMEM;

    (void)kext_control_load(message, len, &reply); /* what is made once is made */
    (void)kext_control_unload("test.user", &reply);
    (void)kext_control_unload("test.library", &reply);
    held_get(&before);
    for (uint64_t n = 1; error == ENOMEM && n < 10000; n++) {
        kern_memory_fail_after(n);
        error = kext_control_load(message, len, &reply);
        kern_memory_fail_after(0);
        if (error == ENOMEM) {
            failed++;
            held_same(&before);
        }
    }
    KT_ASSERT_ERRNO(error, expected);
    KT_ASSERT_GT(failed, 10);
    if (expected == 0) {
        KT_ASSERT_OK(kext_control_unload("test.user", &reply));
        KT_ASSERT_OK(kext_control_unload("test.library", &reply));
    }
    held_same(&before);
}

static void load__each_allocation_fails__nothing_stays(void)
{
    size_t len;
    void *message = message_make(false, &len);

    fail_each(message, len, 0);
    kern_free(message, message_size());
}

static void load__start_routine_fails_too__nothing_stays(void)
{
    size_t len;
    void *message = message_make(true, &len);

    fail_each(message, len, EIO);
    kern_free(message, message_size());
}

/* A thousand loads: load tags go up, memory and arena do not. */
static void load__a_thousand_times__flat(void)
{
    size_t len;
    void *message = message_make(false, &len);
    struct held before;

    held_get(&before);
    for (int i = 0; i < 1000; i++) {
        KT_ASSERT_OK(kext_control_load(message, len, &reply));
        KT_ASSERT_OK(kext_control_unload("test.user", &reply));
        KT_ASSERT_OK(kext_control_unload("test.library", &reply));
    }
    held_same(&before);
    kern_free(message, message_size());
}

/* Everything goes at the end, dependents first, and the manager can come up again. */
static void shutdown__with_kexts__unloads_all(void)
{
    size_t len;
    void *message = message_make(false, &len);

    KT_ASSERT_OK(kext_control_load(message, len, &reply));
    KT_ASSERT_OK(kext_control_shutdown(&reply));
    KT_ASSERT_STR(text, "");
    KT_ASSERT_OK(kext_control_boot());
    KT_ASSERT_ERRNO(kext_control_boot(), EBUSY);
    KT_ASSERT_EQ(kext_control_list(NULL, 0), 6);
    KT_ASSERT_OK(kext_control_load(message, len, &reply));
    kern_free(message, message_size());
    KT_ASSERT_OK(kext_control_shutdown(&reply));
    KT_ASSERT_OK(kext_control_boot());
}

static void setup(void)
{
    struct sys_boot boot = {.flags = SYS_BOOT_LEDGER};

    KT_ASSERT_OK(sys_boot(&boot));
    KT_ASSERT_OK(kext_control_boot());
}

static void teardown(void)
{
    KT_ASSERT_OK(kext_control_shutdown(&reply));
    KT_ASSERT_OK(sys_shutdown());
}

static const struct ktest_case cases[] = {
    KT_CASE(load__each_allocation_fails__nothing_stays),
    KT_CASE(load__start_routine_fails_too__nothing_stays),
    KT_CASE(load__a_thousand_times__flat),
    KT_CASE(shutdown__with_kexts__unloads_all),
};
KT_SUITE_WITH(kext_fault, cases, setup, teardown, NULL);
