// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading and writing files through pages: holes, ends, zero-filling, what is left for later, failures.
 */
#include <string.h>
#include <sys/errno.h>

#include "buf/buf_iface.h"
#include "tests/unit/cluster/flatfs.h"
#include "ubc/ubc_internal.h"

static uint8_t data[FLAT_BYTES], back[FLAT_BYTES];

static void put(unsigned f, off_t offset, uint8_t value, size_t bytes, int flags)
{
    size_t done;
    memset(data, value, bytes);
    KT_ASSERT_OK(flat_write(f, offset, data, bytes, flags, &done));
    KT_ASSERT_EQ(done, bytes);
}

static int get(unsigned f, off_t offset)
{
    uint8_t byte;
    size_t done;
    KT_ASSERT_OK(flat_read(f, offset, &byte, 1, IO_RAOFF, &done));
    return done ? byte : -1;
}

/* Nothing of @f is cached any more. */
static void forget(unsigned f)
{
    KT_ASSERT_OK(flat_fsync(f));
    KT_ASSERT_OK(ubc_msync(flat_file(f), 0, FLAT_BYTES, NULL, UBC_INVALIDATE));
}

/* ---- reading ------------------------------------------------------------------------------------------- */

static void read__hole_and_end__are_zero_and_short(void)
{
    size_t done;
    flat_file(0);
    put(0, 0, 7, 40000, 0);
    forget(0);
    flat_hole_make(0, 8192, 16384);
    memset(back, 0x77, sizeof(back));
    KT_ASSERT_OK(flat_read(0, 0, back, 50000, 0, &done));
    KT_ASSERT_EQ(done, 40000u);
    KT_ASSERT_EQ(back[8191], 7);
    KT_ASSERT_EQ(back[8192], 0);
    KT_ASSERT_EQ(back[16383], 0);
    KT_ASSERT_EQ(back[16384], 7);
    KT_ASSERT_EQ(back[40000], 0x77);
    KT_ASSERT_OK(flat_read(0, 40000, back, 1, 0, &done));
    KT_ASSERT_EQ(done, 0u);
    KT_ASSERT_ERRNO(flat_read(0, -1, back, 1, 0, NULL), EINVAL);
}

/* The disk has other bytes behind the end, in its last sector and beyond. */
static void read__last_page__is_zero_behind_the_end(void)
{
    vnode_t vp = flat_file(0);
    const uint8_t *page;
    put(0, 0, 7, 3 * FLAT_PAGE, 0);
    forget(0);
    KT_ASSERT_OK(flat_truncate(0, 2 * FLAT_PAGE + 100));
    KT_ASSERT_EQ(get(0, 2 * FLAT_PAGE + 99), 7);
    struct ubc_page *held = ubc_page_hold(vp, 2 * FLAT_PAGE, &page);
    KT_ASSERT_NOT_NULL(held);
    for (unsigned i = 100; i < FLAT_PAGE; i++)
        KT_ASSERT_EQ(page[i], 0);
    ubc_page_unhold(held);
}

static void read__again__asks_no_disk(void)
{
    flat_file(0);
    put(0, 0, 7, 100000, 0);
    forget(0);
    KT_ASSERT_OK(flat_read(0, 0, back, 100000, 0, NULL));
    uint32_t reads = atomic_load(&flat_disk.reads);
    KT_ASSERT_GT(reads, 0u);
    KT_ASSERT_OK(flat_read(0, 50, back, 90000, 0, NULL));
    KT_ASSERT_EQ(atomic_load(&flat_disk.reads), reads);
}

static void read__disk_fails__error_and_nothing_stays(void)
{
    flat_file(0);
    put(0, 0, 7, 100000, 0);
    forget(0);
    atomic_store(&flat_disk.fail_reads, EIO);
    KT_ASSERT_ERRNO(flat_read(0, 0, back, 100000, 0, NULL), EIO);
    KT_ASSERT_EQ(flat_counters().pages, 0);
    atomic_store(&flat_disk.fail_reads, 0);
    KT_ASSERT_EQ(get(0, 99999), 7);
}

static void advice__is_followed(void)
{
    vnode_t vp = flat_file(0);
    put(0, 0, 7, 300000, 0);
    forget(0);
    KT_ASSERT_OK(advisory_read(vp, 300000, 5000, 200000));
    KT_ASSERT_OK(advisory_read_ext(vp, 300000, 299999, 200000, NULL, NULL, 0));
    KT_ASSERT_EQ(flat_counters().pages, 51);
    uint32_t reads = atomic_load(&flat_disk.reads);
    KT_ASSERT_EQ(get(0, 204999), 7);
    KT_ASSERT_EQ(get(0, 299999), 7);
    KT_ASSERT_EQ(atomic_load(&flat_disk.reads), reads);
    KT_ASSERT_ERRNO(advisory_read(vp, 300000, -1, 5), EINVAL);
    KT_ASSERT_OK(advisory_read(vp, 300000, 300000, 5));
}

/* Pages that a read of page @page brings in beyond itself, given what is read ahead. */
static int64_t brought_by(unsigned page)
{
    uint64_t before = flat_counters().pages;
    KT_ASSERT_OK(flat_read(0, (off_t)page * FLAT_PAGE, back, FLAT_PAGE, 0, NULL));
    return (int64_t)(flat_counters().pages - before);
}

static void ahead__in_sequence__more_each_time(void)
{
    flat_file(0);
    put(0, 0, 7, 1 << 20, 0);
    forget(0);
    KT_ASSERT_EQ(brought_by(0), 3);
    KT_ASSERT_EQ(brought_by(1), 3);
    KT_ASSERT_EQ(brought_by(2), 0);
    KT_ASSERT_OK(flat_read(0, 3 * FLAT_PAGE, back, 61 * FLAT_PAGE, 0, NULL));
    KT_ASSERT_GT(flat_counters().pages, 64 + 8);
    KT_ASSERT_LE(flat_counters().pages, 64 + 64);
    uint32_t reads = atomic_load(&flat_disk.reads);
    for (unsigned page = 64; page < 256; page++)
        KT_ASSERT_OK(flat_read(0, (off_t)page * FLAT_PAGE, back, FLAT_PAGE, 0, NULL));
    KT_ASSERT_LE(atomic_load(&flat_disk.reads), reads + 40);
    KT_ASSERT_EQ(flat_counters().pages, 256);
}

static void ahead__equally_far_apart__one_more(void)
{
    flat_file(0);
    put(0, 0, 7, 1 << 20, 0);
    forget(0);
    KT_ASSERT_EQ(brought_by(50), 1);
    KT_ASSERT_EQ(brought_by(60), 1);
    KT_ASSERT_EQ(brought_by(70), 2);
    KT_ASSERT_EQ(brought_by(80), 1);
    KT_ASSERT_EQ(brought_by(90), 1);
}

static void ahead__here_and_there__nothing(void)
{
    flat_file(0);
    put(0, 0, 7, 1 << 20, 0);
    forget(0);
    static const unsigned places[] = {9, 200, 31, 100, 2, 77, 150};
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        KT_ASSERT_EQ(brought_by(places[i]), 1);
    KT_ASSERT_OK(flat_read(0, 151 * FLAT_PAGE, back, FLAT_PAGE, IO_RAOFF, NULL));
    KT_ASSERT_EQ(flat_counters().pages, 8);
}

/* ---- writing ------------------------------------------------------------------------------------------- */

static void write__little__stays_dirty_until_pushed(void)
{
    vnode_t vp = flat_file(0);
    put(0, 100, 9, 5000, 0);
    KT_ASSERT_EQ(flat_counters().dirty, 2);
    KT_ASSERT_EQ(atomic_load(&flat_disk.writes), 0u);
    KT_ASSERT_EQ(get(0, 99), 0);
    KT_ASSERT_EQ(get(0, 100), 9);
    KT_ASSERT_EQ(cluster_push(vp, IO_SYNC), 1);
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    KT_ASSERT_EQ(flat_stored(0, 99), 0);
    KT_ASSERT_EQ(flat_stored(0, 5099), 9);
    /* Behind the last sector of the file the block is as it was. */
    KT_ASSERT_EQ(flat_stored(0, 5119), 0);
    KT_ASSERT_EQ(flat_stored(0, 5120), FLAT_GARBAGE);
    KT_ASSERT_EQ(cluster_push_ext(vp, IO_SYNC, NULL, NULL), 0);
}

static void write__synchronous__is_stored(void)
{
    flat_file(0);
    put(0, 0, 9, 5000, IO_SYNC);
    KT_ASSERT_EQ(flat_stored(0, 4999), 9);
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    atomic_store(&flat_disk.fail_writes, ENOSPC);
    KT_ASSERT_ERRNO(flat_write(0, 0, data, 10, IO_SYNC, NULL), ENOSPC);
    KT_ASSERT_EQ(flat_counters().dirty, 1);
    atomic_store(&flat_disk.fail_writes, 0);
    KT_ASSERT_OK(flat_fsync(0));
    KT_ASSERT_EQ(flat_counters().dirty, 0);
}

static void write__in_sequence__full_clusters_go_out(void)
{
    flat_reboot(FLAT_GENEROUS, 16384);
    flat_file(0);
    for (off_t at = 0; at < 1 << 20; at += 10000)
        put(0, at, 9, 10000, 0);
    KT_ASSERT_GT(atomic_load(&flat_disk.writes), 0u);
    KT_ASSERT_GT(atomic_load(&flat_disk.largest), 16384u);
    KT_ASSERT_LE(atomic_load(&flat_disk.largest), 128u << 10);
    KT_ASSERT_LE(flat_counters().dirty, 64);
    KT_ASSERT_EQ(flat_stored(0, 500000), 9);
}

static void write__whole_page__reads_nothing(void)
{
    flat_file(0);
    put(0, 0, 7, 3 * FLAT_PAGE, 0);
    forget(0);
    uint32_t reads = atomic_load(&flat_disk.reads);
    put(0, FLAT_PAGE, 8, FLAT_PAGE, 0);
    put(0, 2 * FLAT_PAGE, 8, 5 * FLAT_PAGE, 0);
    put(0, 7 * FLAT_PAGE, 8, 10, 0);
    KT_ASSERT_EQ(atomic_load(&flat_disk.reads), reads);
    put(0, 5, 9, 10, 0);
    KT_ASSERT_EQ(atomic_load(&flat_disk.reads), reads + 1);
    KT_ASSERT_EQ(get(0, 4), 7);
    KT_ASSERT_EQ(get(0, 5), 9);
    KT_ASSERT_EQ(get(0, 15), 7);
}

static void write__page_cannot_be_read__nothing_changes(void)
{
    size_t done;
    flat_file(0);
    put(0, 0, 7, 3 * FLAT_PAGE, 0);
    forget(0);
    atomic_store(&flat_disk.fail_reads, EIO);
    KT_ASSERT_ERRNO(flat_write(0, 5, data, 10, 0, &done), EIO);
    KT_ASSERT_EQ(done, 0u);
    KT_ASSERT_EQ(flat_counters().pages, 0);
    atomic_store(&flat_disk.fail_reads, 0);
    KT_ASSERT_EQ(get(0, 5), 7);
}

static void write__zero_filling__head_and_tail(void)
{
    vnode_t vp = flat_file(0);
    put(0, 0, 7, 10 * FLAT_PAGE, 0);
    forget(0);
    uio_t uio = uio_create(1, 3 * FLAT_PAGE + 10, UIO_SYSSPACE, UIO_WRITE);
    memset(data, 8, FLAT_PAGE);
    uio_addiov(uio, (user_addr_t)(uintptr_t)data, FLAT_PAGE);
    KT_ASSERT_OK(cluster_write(vp, uio, 10 * FLAT_PAGE, 10 * FLAT_PAGE, FLAT_PAGE + 5, 6 * FLAT_PAGE + 7,
                               IO_HEADZEROFILL | IO_TAILZEROFILL));
    uio_free(uio);
    KT_ASSERT_EQ(get(0, FLAT_PAGE + 4), 7);
    KT_ASSERT_EQ(get(0, FLAT_PAGE + 5), 0);
    KT_ASSERT_EQ(get(0, 3 * FLAT_PAGE + 9), 0);
    KT_ASSERT_EQ(get(0, 3 * FLAT_PAGE + 10), 8);
    KT_ASSERT_EQ(get(0, 4 * FLAT_PAGE + 9), 8);
    KT_ASSERT_EQ(get(0, 4 * FLAT_PAGE + 10), 0);
    KT_ASSERT_EQ(get(0, 6 * FLAT_PAGE + 6), 0);
    KT_ASSERT_EQ(get(0, 6 * FLAT_PAGE + 7), 7);
}

static void write__zero_filling__spares_what_is_valid_or_dirty(void)
{
    vnode_t vp = flat_file(0);
    put(0, 0, 7, 10 * FLAT_PAGE, 0);
    forget(0);
    put(0, FLAT_PAGE, 8, FLAT_PAGE, 0);     /* dirty */
    KT_ASSERT_EQ(get(0, 2 * FLAT_PAGE), 7); /* valid */
    KT_ASSERT_OK(
        cluster_write(vp, NULL, 10 * FLAT_PAGE, 4 * FLAT_PAGE, 0, 0, IO_HEADZEROFILL | IO_NOZERODIRTY));
    KT_ASSERT_EQ(get(0, 0), 0);
    KT_ASSERT_EQ(get(0, FLAT_PAGE), 8);
    KT_ASSERT_EQ(get(0, 2 * FLAT_PAGE), 0);
    KT_ASSERT_OK(
        cluster_write(vp, NULL, 10 * FLAT_PAGE, 6 * FLAT_PAGE, 0, 0, IO_HEADZEROFILL | IO_NOZEROVALID));
    KT_ASSERT_EQ(get(0, FLAT_PAGE), 8);
    KT_ASSERT_EQ(get(0, 4 * FLAT_PAGE), 0);
    KT_ASSERT_EQ(get(0, 6 * FLAT_PAGE), 7);
}

static void write__before_the_size_is_set__is_written_back_whole(void)
{
    vnode_t vp = flat_file(0);
    put(0, 0, 7, 100, 0);
    uio_t uio = uio_create(1, 100, UIO_SYSSPACE, UIO_WRITE);
    memset(data, 8, 3000);
    uio_addiov(uio, (user_addr_t)(uintptr_t)data, 3000);
    KT_ASSERT_OK(cluster_write(vp, uio, 100, 3100, 0, 0, 0));
    uio_free(uio);
    KT_ASSERT_OK(ubc_msync(vp, 0, FLAT_PAGE, NULL, UBC_PUSHDIRTY | UBC_SYNC));
    KT_ASSERT_EQ(flat_stored(0, 3099), 8);
    KT_ASSERT(ubc_setsize(vp, 3100));
    const uint8_t *page;
    struct ubc_page *held = ubc_page_hold(vp, 0, &page);
    KT_ASSERT_NOT_NULL(held);
    KT_ASSERT_EQ(page[3099], 8);
    ubc_page_unhold(held);
}

/* ---- later --------------------------------------------------------------------------------------------- */

static void push__apart__all_are_found(void)
{
    flat_reboot(FLAT_GENEROUS, 4096);
    flat_file(0);
    put(0, 0, 1, FLAT_BYTES, IO_SYNC);
    for (unsigned i = 0; i < 40; i++)
        put(0, (off_t)((i * 7) % 40) * 12 * FLAT_PAGE, 2, 10, 0);
    KT_ASSERT_EQ(flat_counters().dirty, 40);
    KT_ASSERT_OK(flat_fsync(0));
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    for (unsigned i = 0; i < 40; i++)
        KT_ASSERT_EQ(flat_stored(0, (off_t)i * 12 * FLAT_PAGE), 2);
}

static void push__fails_later__each_opener_hears_once(void)
{
    vnode_t vp = flat_file(0);
    put(0, 0, 1, 20000, IO_SYNC);
    uint32_t one = buf_error_sample(vp), two = buf_error_sample(vp);
    atomic_store(&flat_disk.later, true);
    atomic_store(&flat_disk.fail_writes, EIO);
    put(0, 0, 2, 5000, 0);
    cluster_push(vp, 0);
    cluster_push(vp, IO_SYNC);
    KT_ASSERT_ERRNO(buf_error_check(vp, &one), EIO);
    KT_ASSERT_OK(buf_error_check(vp, &one));
    KT_ASSERT_ERRNO(buf_error_check(vp, &two), EIO);
    KT_ASSERT_EQ(flat_counters().dirty, 2);
    int error;
    cluster_push_err(vp, IO_SYNC, NULL, NULL, &error);
    KT_ASSERT_EQ(error, EIO);
    atomic_store(&flat_disk.fail_writes, 0);
    KT_ASSERT_OK(flat_fsync(0));
    KT_ASSERT_EQ(flat_stored(0, 4999), 2);
    KT_ASSERT_OK(buf_error_check(vp, &two));
}

static void read__while_it_is_written__waits_for_nobody_else(void)
{
    vnode_t vp = flat_file(0);
    put(0, 0, 1, 20 * FLAT_PAGE, IO_SYNC);
    put(0, 0, 2, 4 * FLAT_PAGE, 0);
    atomic_store(&flat_disk.later, true);
    atomic_store(&flat_disk.held, true);
    cluster_push(vp, 0);
    KT_ASSERT_EQ(get(0, 4 * FLAT_PAGE), 1);
    flat_disk_go();
    KT_ASSERT_EQ(get(0, 0), 2);
}

/* Nobody waits for it, and it never works: told once, and after some attempts nobody tries unasked. */
static void written_back__fails_for_good__told_once_and_given_up(void)
{
    vnode_t vp = flat_file(0);
    put(0, 0, 1, 5000, IO_SYNC);
    uint32_t since = buf_error_sample(vp), writes = 0;
    ubc_writer_hold(true);
    atomic_store(&flat_disk.fail_writes, ENOSPC);
    put(0, 0, 2, 5000, 0);
    for (unsigned i = 0; i < UBC_TRIES + 2; i++) {
        writes = atomic_load(&flat_disk.writes);
        ubc_writer_pass(ubc_mount_get(vp), 0, true);
        KT_ASSERT_EQ(atomic_load(&flat_disk.writes) > writes, i < UBC_TRIES);
        KT_ASSERT_ERRNO(buf_error_check(vp, &since), i == 0 ? ENOSPC : 0);
    }
    KT_ASSERT_EQ(flat_counters().dirty, 2);
    KT_ASSERT_EQ(flat_fsync(0), ENOSPC); /* asked it is tried again */
    atomic_store(&flat_disk.fail_writes, 0);
    KT_ASSERT_OK(flat_fsync(0));
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    KT_ASSERT_EQ(flat_stored(0, 4999), 2);
}

static void push_it(void *arg)
{
    *(int *)arg = flat_fsync(0);
}

static bool is_waited_for(vnode_t vp, uint64_t index)
{
    struct ubc_file *file = ubc_file_find(vp);
    lck_mtx_lock(&file->uf_lock);
    bool is = (ubc_page_find(file, index)->p_flags & UP_WANTED) != 0;
    lck_mtx_unlock(&file->uf_lock);
    return is;
}

/* The page is somebody's who writes behind what is still the file's end when the push begins. */
static void push__file_grows_meanwhile__all_of_it_is_stored(void)
{
    vnode_t vp = flat_file(0);
    vm_offset_t addr;
    upl_t upl;
    int error = -1;
    put(0, 0, 1, 100, IO_SYNC);
    put(0, 0, 2, 100, 0);
    KT_ASSERT_OK(ubc_create_upl(vp, 0, FLAT_PAGE, &upl, NULL, UPL_FILE_IO | UPL_WILL_MODIFY));
    void *pusher = ktest_thread(push_it, &error);
    KT_UNTIL(is_waited_for(vp, 0));
    ubc_setsize(vp, 3100);
    KT_ASSERT_OK(ubc_upl_map(upl, &addr));
    memset((uint8_t *)addr + 100, 3, 3000);
    KT_ASSERT_OK(ubc_upl_unmap(upl));
    KT_ASSERT_OK(ubc_upl_commit_range(upl, 0, FLAT_PAGE, UPL_COMMIT_SET_DIRTY | UPL_COMMIT_FREE_ON_EMPTY));
    ktest_thread_join(pusher);
    KT_ASSERT_OK(error);
    KT_ASSERT_EQ(flat_counters().dirty, 0);
    KT_ASSERT_EQ(flat_stored(0, 99), 2);
    KT_ASSERT_EQ(flat_stored(0, 3099), 3);
}

static const struct ktest_case cases[] = {
    KT_CASE(read__hole_and_end__are_zero_and_short),
    KT_CASE(read__last_page__is_zero_behind_the_end),
    KT_CASE(read__again__asks_no_disk),
    KT_CASE(read__disk_fails__error_and_nothing_stays),
    KT_CASE(advice__is_followed),
    KT_CASE(ahead__in_sequence__more_each_time),
    KT_CASE(ahead__equally_far_apart__one_more),
    KT_CASE(ahead__here_and_there__nothing),
    KT_CASE(write__little__stays_dirty_until_pushed),
    KT_CASE(write__synchronous__is_stored),
    KT_CASE(write__in_sequence__full_clusters_go_out),
    KT_CASE(write__whole_page__reads_nothing),
    KT_CASE(write__page_cannot_be_read__nothing_changes),
    KT_CASE(write__zero_filling__head_and_tail),
    KT_CASE(write__zero_filling__spares_what_is_valid_or_dirty),
    KT_CASE(write__before_the_size_is_set__is_written_back_whole),
    KT_CASE(push__apart__all_are_found),
    KT_CASE(push__fails_later__each_opener_hears_once),
    KT_CASE(written_back__fails_for_good__told_once_and_given_up),
    KT_CASE(push__file_grows_meanwhile__all_of_it_is_stored),
    KT_CASE(read__while_it_is_written__waits_for_nobody_else),
};
FLAT_SUITE(transfer, cases);
