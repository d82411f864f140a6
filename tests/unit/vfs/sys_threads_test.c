// SPDX-License-Identifier: BSD-2-Clause
/*
 * Many threads in the system-call layer at once: names that appear and go, one name that is replaced all the
 * time, one open file, one directory handle, unmounts under load. What each thread may see is stated; TSan
 * and the ledger watch the rest.
 */
#include "tests/unit/vfs/sys_fixture.h"

#define THREADS 4
#define ROUNDS  400

static struct fx_place place;
static _Atomic(uint32_t) wrong; /* answers that may not be */
static _Atomic(int) wrong_error;
static _Atomic(bool) stop;

static void setup(void)
{
    fx_setup();
    place = fx_mount("fxfs", 0, 0);
    atomic_store(&wrong, 0);
    atomic_store(&stop, false);
}

static void teardown(void)
{
    KT_ASSERT_EQ(atomic_load(&wrong) ? atomic_load(&wrong_error) + 1000 : 0, 0);
    fx_unmount(&place);
    fx_teardown();
}

#define R (&place.root)

static void expect(int error, int other, int another)
{
    if (error && error != other && error != another) {
        atomic_store(&wrong_error, error);
        atomic_fetch_add(&wrong, 1);
    }
}

static void run(void (*fn)(void *arg), unsigned n)
{
    void *threads[THREADS + 1];
    for (unsigned i = 0; i < n; i++)
        threads[i] = ktest_thread(fn, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < n; i++)
        ktest_thread_join(threads[i]);
}

/* ---- one name, replaced all the time ------------------------------------------------------------------- */

static void replacer(void *arg)
{
    char own[4] = {'t', (char)('0' + (uintptr_t)arg), 0};
    for (int i = 0; i < ROUNDS; i++) {
        sys_file_t *file = NULL;
        expect(sys_open(ROOT, R, own, SYS_AT_COMPONENT, SYS_O_CREAT | SYS_O_EXCL | SYS_O_WRONLY, 0644, &file,
                        NULL, NULL),
               0, 0);
        if (file)
            expect(sys_close(ROOT, file), 0, 0);
        expect(sys_rename(ROOT, R, own, R, "name", SYS_AT_COMPONENT, 0, NULL), 0, 0);
    }
}

static void looker(void *arg)
{
    struct sys_node node;
    sys_file_t *file;
    (void)arg;
    while (!atomic_load(&stop)) {
        int error = sys_lookup(ROOT, R, "name", SYS_AT_COMPONENT, &node, NULL);
        expect(error, 0, 0);
        error = sys_open(ROOT, R, "name", 0, SYS_O_RDONLY, 0, &file, NULL, NULL);
        expect(error, 0, 0);
        if (!error)
            expect(sys_close(ROOT, file), 0, 0);
    }
}

static void name__replaced_by_many__is_never_missing(void)
{
    fx_file(R, "name", 0644, NULL);
    void *watcher = ktest_thread(looker, NULL);
    run(replacer, THREADS);
    atomic_store(&stop, true);
    ktest_thread_join(watcher);
    for (char c = '0'; c < '0' + THREADS; c++) {
        char own[4] = {'t', c, 0};
        KT_ASSERT(!fx_exists(R, own));
    }
}

/* ---- the same few names, made and removed by all ------------------------------------------------------- */

static void mover(void *arg)
{
    static const char *const names[] = {"a", "b", "c", "d/a", "d/b"};
    uint64_t random = ktest_seed() + (uintptr_t)arg * 7919;
    for (int i = 0; i < ROUNDS * 2; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        const char *name = names[(random >> 33) % 5], *other = names[(random >> 40) % 5];
        sys_file_t *file;
        int error;
        switch ((random >> 50) % 6) {
        case 0:
            error = sys_open(ROOT, R, name, 0, SYS_O_CREAT | SYS_O_RDWR, 0644, &file, NULL, NULL);
            expect(error, 0, 0);
            if (!error) {
                expect(fx_write(file, "data", 4, 0), 0, 0);
                expect(sys_close(ROOT, file), 0, 0);
            }
            break;
        case 1:
            expect(sys_unlink(ROOT, R, name, 0, NULL), ENOENT, 0);
            break;
        case 2:
            expect(sys_rename(ROOT, R, name, R, other, 0, 0, NULL), ENOENT, 0);
            break;
        case 3:
            expect(sys_rename(ROOT, R, name, R, other, 0, SYS_RENAME_SWAP, NULL), ENOENT, 0);
            break;
        case 4:
            expect(sys_mknod(ROOT, R, name, 0, SYS_VREG, 0644, 0, NULL, NULL), EEXIST, 0);
            break;
        default:
            expect(fx_error(R, name, 0), ENOENT, ESTALE);
            break;
        }
    }
}

static void names__moved_by_all__stay_sane(void)
{
    fx_mkdir(R, "d", 0755);
    run(mover, THREADS);
}

/* ---- one handle ---------------------------------------------------------------------------------------- */

static sys_file_t *shared;

static void appender(void *arg)
{
    char byte = (char)('a' + (uintptr_t)arg);
    for (int i = 0; i < ROUNDS; i++)
        expect(fx_write(shared, &byte, 1, 0), 0, 0);
}

static void file__appended_to_by_all__keeps_every_byte(void)
{
    static char buf[THREADS * ROUNDS + 1];
    unsigned count[THREADS] = {0};
    shared = fx_open(R, "f", SYS_O_CREAT | SYS_O_RDWR | SYS_O_APPEND);
    run(appender, THREADS);
    KT_ASSERT_EQ(fx_read(shared, buf, sizeof(buf), 0), THREADS * ROUNDS);
    for (unsigned i = 0; i < THREADS * ROUNDS; i++)
        count[buf[i] - 'a']++;
    for (unsigned i = 0; i < THREADS; i++)
        KT_ASSERT_EQ(count[i], ROUNDS);
    fx_close(shared);
}

static int count_entry(void *arg, const struct sys_dirent *ent)
{
    unsigned *count = arg;
    (void)ent;
    ++*count;
    return *count % 64 == 0;
}

static void lister(void *arg)
{
    (void)arg;
    for (int i = 0; i < 20; i++) {
        unsigned count = 0;
        bool eof = false;
        expect(sys_readdir(ROOT, shared, 0, count_entry, &count, &eof), 0, 0);
    }
}

static void directory__listed_by_all_through_one_handle(void)
{
    char name[4] = "00";
    for (int t = 0; t < 2; t++) {
        struct fx_place other = fx_mount(t ? "fxplain" : "fxfs", 0, 0);
        for (int i = 0; i < 60; i++) {
            name[0] = (char)('0' + i / 10), name[1] = (char)('0' + i % 10);
            KT_ASSERT_OK(sys_mkdir(ROOT, &other.root, name, 0, 0755, NULL, NULL));
        }
        shared = fx_open(&other.root, "", SYS_O_RDONLY);
        run(lister, THREADS);
        fx_close(shared);
        fx_unmount(&other);
    }
}

/* ---- mounts -------------------------------------------------------------------------------------------- */

static void mounter(void *arg)
{
    const struct sys_mount args = {.type = (uintptr_t)arg % 2 ? "fxfs" : "fxplain", .special = "none"};
    for (int i = 0; i < 20; i++) {
        struct sys_node root, node;
        uint32_t id;
        int error = sys_mount(ROOT, &args, &id, &root);
        expect(error, 0, 0);
        if (error)
            continue;
        expect(sys_mkdir(ROOT, &root, "d", SYS_AT_COMPONENT, 0755, &node, NULL), 0, 0);
        sys_file_t *file = NULL;
        expect(sys_open(ROOT, &node, "f", 0, SYS_O_CREAT | SYS_O_RDWR, 0644, &file, NULL, NULL), 0, 0);
        error = sys_unmount(ROOT, id, i % 2 ? SYS_MNT_FORCE : 0, NULL, 0);
        if (i % 2)
            expect(error, 0, 0);
        else if (error != EBUSY)
            atomic_fetch_add(&wrong, 1);
        if (file)
            expect(sys_close(ROOT, file), 0, 0);
        if (!(i % 2))
            expect(sys_unmount(ROOT, id, 0, NULL, 0), 0, 0);
    }
}

static void mounts__made_and_forced_away_by_all(void)
{
    run(mounter, THREADS);
}

static void user(void *arg)
{
    struct sys_attr attr;
    sys_file_t *file;
    char name[4] = {'u', (char)('0' + (uintptr_t)arg), 0};
    while (!atomic_load(&stop)) {
        int error =
            sys_open(ROOT, R, name, SYS_AT_COMPONENT, SYS_O_CREAT | SYS_O_RDWR, 0644, &file, NULL, &attr);
        expect(error, ESTALE, EIO);
        if (error == ESTALE)
            return;
        if (error)
            continue;
        expect(fx_write(file, "x", 1, 0), EIO, ENXIO);
        expect(sys_close(ROOT, file), EIO, ENXIO);
    }
}

static void mount__forced_away_under_load__ends_every_call(void)
{
    void *threads[THREADS];
    for (uintptr_t i = 0; i < THREADS; i++)
        threads[i] = ktest_thread(user, (void *)i);
    while (atomic_load(&fx_calls[FX_WRITE]) < 200)
        ktest_msleep(1);
    KT_ASSERT_OK(sys_unmount(ROOT, place.id, SYS_MNT_FORCE, NULL, 0));
    for (unsigned i = 0; i < THREADS; i++)
        ktest_thread_join(threads[i]);
    place = fx_mount("fxfs", 0, 0); /* for the teardown */
}

static const struct ktest_case cases[] = {
    KT_CASE(name__replaced_by_many__is_never_missing),
    KT_CASE(names__moved_by_all__stay_sane),
    KT_CASE(file__appended_to_by_all__keeps_every_byte),
    KT_CASE(directory__listed_by_all_through_one_handle),
    KT_CASE(mounts__made_and_forced_away_by_all),
    KT_CASE(mount__forced_away_under_load__ends_every_call),
};
SYS_SUITE(sys_threads, cases);
