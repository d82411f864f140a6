// SPDX-License-Identifier: BSD-2-Clause
/*
 * Space of a file: allocate, punch, zero, seek; with file systems that can all of it, only whole blocks, or
 * nothing. Whatever way is taken, the contents must be the same: they are compared with a model.
 */
#include "tests/unit/vfs/sys_fixture.h"

#define SIZE (6 * FX_BLOCK + 123)
#define ROOM (10 * FX_BLOCK)

static uint8_t model[ROOM], actual[ROOM];
static int64_t model_size;

static sys_file_t *file_make(const struct fx_place *place)
{
    sys_file_t *file = fx_open(&place->root, "f", SYS_O_RDWR | SYS_O_CREAT | SYS_O_TRUNC);
    for (unsigned i = 0; i < SIZE; i++)
        model[i] = (uint8_t)(i * 7 + 1) ?: 1;
    memset(model + SIZE, 0, ROOM - SIZE);
    model_size = SIZE;
    KT_ASSERT_OK(fx_write(file, model, SIZE, 0));
    return file;
}

static void same(sys_file_t *file)
{
    memset(actual, 0xee, ROOM);
    KT_ASSERT_EQ(fx_read(file, actual, ROOM, 0), model_size);
    KT_ASSERT_MEM(actual, model, model_size);
}

static void model_zero(int64_t off, int64_t len)
{
    for (int64_t i = off; i < off + len && i < model_size; i++)
        model[i] = 0;
}

static uint64_t allocated(const struct fx_place *place)
{
    return fx_stat(&place->root, "f").alloc;
}

static const struct {
    int64_t off, len;
} ranges[] = {
    {0, FX_BLOCK},
    {FX_BLOCK, 2 * FX_BLOCK},
    {100, 200},
    {100, FX_BLOCK},
    {FX_BLOCK - 1, 2},
    {FX_BLOCK - 1, FX_BLOCK + 2},
    {0, SIZE},
    {5 * FX_BLOCK, 2 * FX_BLOCK},
    {6 * FX_BLOCK, FX_BLOCK},
    {SIZE - 10, 10},
    {SIZE - 10, FX_BLOCK},
    {SIZE, FX_BLOCK},
    {SIZE + 5000, 10},
    {3 * FX_BLOCK + 7, SIZE},
    {0, 1},
    {SIZE - 1, 1},
};
#define RANGES (sizeof(ranges) / sizeof(ranges[0]))

/* ---- punch --------------------------------------------------------------------------------------------- */

static void punch_all(uint32_t options)
{
    struct fx_place place = fx_mount("fxfs", options, 0);
    for (size_t i = 0; i < RANGES; i++) {
        sys_file_t *file = file_make(&place);
        uint64_t before = allocated(&place);
        KT_ASSERT_OK(sys_punch(ROOT, file, ranges[i].off, ranges[i].len));
        model_zero(ranges[i].off, ranges[i].len);
        same(file);
        int64_t end = ranges[i].off + ranges[i].len;
        int64_t whole = end / FX_BLOCK - (ranges[i].off + FX_BLOCK - 1) / FX_BLOCK;
        if (whole > 0 && ranges[i].off < 5 * FX_BLOCK)
            KT_ASSERT_LT(allocated(&place), before);
        fx_close(file);
    }
    fx_unmount(&place);
}

static void punch__any_range__zeroes_it_and_frees_blocks(void)
{
    punch_all(0);
}

static void punch__where_only_blocks_can_be__zeroes_the_rest(void)
{
    punch_all(FX_BLOCK_PUNCH);
}

static void punch__where_there_are_no_holes__is_refused_unchanged(void)
{
    struct fx_place place = fx_mount("fxfs", FX_NO_HOLES, 0);
    sys_file_t *file = file_make(&place);
    KT_ASSERT_ERRNO(sys_punch(ROOT, file, 0, SIZE), ENOTSUP);
    KT_ASSERT_ERRNO(sys_punch(ROOT, file, 5, 10), ENOTSUP);
    same(file);
    fx_close(file);
    fx_unmount(&place);
}

/* ---- zero ---------------------------------------------------------------------------------------------- */

static void zero_all(uint32_t options, bool keep_size)
{
    struct fx_place place = fx_mount("fxfs", options, 0);
    for (size_t i = 0; i < RANGES; i++) {
        sys_file_t *file = file_make(&place);
        KT_ASSERT_OK(sys_zero_range(ROOT, file, ranges[i].off, ranges[i].len, keep_size));
        model_zero(ranges[i].off, ranges[i].len);
        if (!keep_size && ranges[i].off + ranges[i].len > model_size)
            model_size = ranges[i].off + ranges[i].len;
        same(file);
        fx_close(file);
    }
    fx_unmount(&place);
}

static void zero__any_range__by_any_way__reads_as_zeroes(void)
{
    zero_all(0, false);
    zero_all(0, true);
    zero_all(FX_BLOCK_PUNCH, false);
    zero_all(FX_NO_HOLES, false);
    zero_all(FX_NO_HOLES | FX_NO_ALLOCATE, true);
}

/* ---- allocate ------------------------------------------------------------------------------------------ */

static void allocate__beyond_the_end__extends_unless_told_not_to(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    sys_file_t *file = file_make(&place);
    KT_ASSERT_OK(sys_allocate(ROOT, file, 8 * FX_BLOCK, FX_BLOCK, true));
    same(file);
    KT_ASSERT_EQ(allocated(&place), 8 * FX_BLOCK);
    KT_ASSERT_OK(sys_allocate(ROOT, file, 8 * FX_BLOCK, FX_BLOCK, false));
    model_size = 9 * FX_BLOCK;
    same(file);
    KT_ASSERT_OK(sys_allocate(ROOT, file, 0, FX_BLOCK, false)); /* never shrinks */
    same(file);
    fx_close(file);
    fx_unmount(&place);
}

static void allocate__a_hole__fills_it_and_nothing_else(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    sys_file_t *file = fx_open(&place.root, "f", SYS_O_RDWR | SYS_O_CREAT);
    KT_ASSERT_OK(sys_ftruncate(ROOT, file, 10 * FX_BLOCK));
    KT_ASSERT_EQ(allocated(&place), 0);
    KT_ASSERT_OK(sys_allocate(ROOT, file, 4 * FX_BLOCK, 2 * FX_BLOCK, true));
    KT_ASSERT_EQ(allocated(&place), 2 * FX_BLOCK);
    KT_ASSERT_EQ(atomic_load(&fx_last_alloc_flags), PREALLOCATE | ALLOCATEALL | ALLOCATEFROMVOL);
    int64_t at;
    KT_ASSERT_OK(sys_seek(ROOT, file, 0, false, &at));
    KT_ASSERT_EQ(at, 4 * FX_BLOCK);
    fx_close(file);
    fx_unmount(&place);
}

static void allocate__where_there_are_no_holes__asks_for_the_tail_only(void)
{
    struct fx_place place = fx_mount("fxfs", FX_NO_HOLES, 0);
    sys_file_t *file = file_make(&place);
    uint32_t calls = atomic_load(&fx_calls[FX_ALLOCATE]);
    KT_ASSERT_OK(sys_allocate(ROOT, file, 0, SIZE, false));
    KT_ASSERT_EQ(atomic_load(&fx_calls[FX_ALLOCATE]),
                 calls); /* there already: an older file system might shrink it */
    KT_ASSERT_OK(sys_allocate(ROOT, file, 0, SIZE + 2 * FX_BLOCK, true));
    KT_ASSERT_EQ(atomic_load(&fx_last_alloc_flags), PREALLOCATE | ALLOCATEALL | ALLOCATEFROMPEOF);
    same(file);
    fx_close(file);
    fx_unmount(&place);
}

static void allocate__where_it_cannot_be__is_refused_unchanged(void)
{
    struct fx_place place = fx_mount("fxfs", FX_NO_ALLOCATE, 0);
    sys_file_t *file = file_make(&place);
    KT_ASSERT_ERRNO(sys_allocate(ROOT, file, 0, SIZE + FX_BLOCK, false), ENOTSUP);
    same(file);
    fx_close(file);
    fx_unmount(&place);
    place = fx_mount("fxfs", 0, 0);
    file = file_make(&place);
    fx_fail(FX_ALLOCATE, ENOSPC, 1);
    KT_ASSERT_ERRNO(sys_allocate(ROOT, file, SIZE, FX_BLOCK, false), ENOSPC);
    same(file);
    fx_close(file);
    fx_unmount(&place);
}

/* ---- seek, and bad arguments --------------------------------------------------------------------------- */

static void seek__finds_data_and_holes(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    sys_file_t *file = file_make(&place);
    int64_t at = 0;
    KT_ASSERT_OK(sys_punch(ROOT, file, FX_BLOCK, FX_BLOCK));
    KT_ASSERT_OK(sys_seek(ROOT, file, 0, true, &at));
    KT_ASSERT_EQ(at, FX_BLOCK);
    KT_ASSERT_OK(sys_seek(ROOT, file, FX_BLOCK + 5, true, &at));
    KT_ASSERT_EQ(at, FX_BLOCK + 5);
    KT_ASSERT_OK(sys_seek(ROOT, file, FX_BLOCK + 5, false, &at));
    KT_ASSERT_EQ(at, 2 * FX_BLOCK);
    KT_ASSERT_OK(sys_seek(ROOT, file, 3 * FX_BLOCK, true, &at));
    KT_ASSERT_EQ(at, SIZE); /* the end counts as one */
    KT_ASSERT_ERRNO(sys_seek(ROOT, file, SIZE, true, &at), ENXIO);
    KT_ASSERT_ERRNO(sys_seek(ROOT, file, SIZE, false, &at), ENXIO);
    KT_ASSERT_ERRNO(sys_seek(ROOT, file, -1, false, &at), ENXIO);
    KT_ASSERT_EQ(at, SIZE);
    fx_close(file);
    fx_unmount(&place);
    place = fx_mount("fxfs", FX_NO_HOLES, 0);
    file = file_make(&place);
    KT_ASSERT_ERRNO(sys_seek(ROOT, file, 0, false, &at), ENOTSUP);
    fx_close(file);
    fx_unmount(&place);
}

static void space__bad_arguments__are_refused(void)
{
    struct fx_place place = fx_mount("fxfs", 0, 0);
    sys_file_t *file = file_make(&place), *dir = fx_open(&place.root, "", SYS_O_RDONLY);
    KT_ASSERT_ERRNO(sys_punch(ROOT, file, -1, 10), EINVAL);
    KT_ASSERT_ERRNO(sys_punch(ROOT, file, 0, 0), EINVAL);
    KT_ASSERT_ERRNO(sys_allocate(ROOT, file, 0, -5, false), EINVAL);
    KT_ASSERT_ERRNO(sys_allocate(ROOT, file, INT64_MAX, 5, false), EFBIG);
    KT_ASSERT_ERRNO(sys_zero_range(ROOT, file, INT64_MAX - 1, 5, false), EFBIG);
    KT_ASSERT_ERRNO(sys_punch(ROOT, dir, 0, 10), EBADF);
    same(file);
    fx_close(dir);
    fx_close(file);
    file = fx_open(&place.root, "f", SYS_O_RDONLY);
    KT_ASSERT_ERRNO(sys_allocate(ROOT, file, 0, 10, false), EBADF);
    fx_close(file);
    fx_unmount(&place);
}

static const struct ktest_case cases[] = {
    KT_CASE(punch__any_range__zeroes_it_and_frees_blocks),
    KT_CASE(punch__where_only_blocks_can_be__zeroes_the_rest),
    KT_CASE(punch__where_there_are_no_holes__is_refused_unchanged),
    KT_CASE(zero__any_range__by_any_way__reads_as_zeroes),
    KT_CASE(allocate__beyond_the_end__extends_unless_told_not_to),
    KT_CASE(allocate__a_hole__fills_it_and_nothing_else),
    KT_CASE(allocate__where_there_are_no_holes__asks_for_the_tail_only),
    KT_CASE(allocate__where_it_cannot_be__is_refused_unchanged),
    KT_CASE(seek__finds_data_and_holes),
    KT_CASE(space__bad_arguments__are_refused),
};
FX_SUITE(sys_space, cases);
