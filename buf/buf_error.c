// SPDX-License-Identifier: BSD-2-Clause
/*
 * Errors of writes that nobody waited for. Each vnode has one word that changes with every such error; an
 * opener remembers the word of its last look, and a look that finds another one reports the error and
 * remembers the new. So every opener hears of it exactly once, however many there are and whoever asks first.
 * An error that nobody has heard of yet is told to those who open later as well.
 *
 * The word, from the low end: 12 bits errno, a bit that says somebody has heard of it, a counter that grows
 * when an error comes after one that was heard of.
 *
 * Locks: the file lock (410). Called by vfs/ (open, fsync), by buf/ and ubc/ where a write has failed.
 */
#include "buf/buf_internal.h"

#define ERROR_MASK  0xfffu
#define ERROR_HEARD 0x1000u
#define ERROR_ONE   0x2000u

static uint32_t word_after(uint32_t word, errno_t error)
{
    if (word & ERROR_HEARD)
        word = (word & ~(ERROR_HEARD | ERROR_MASK)) + ERROR_ONE;
    return (word & ~ERROR_MASK) | ((uint32_t)error & ERROR_MASK);
}

void buf_error_note(vnode_t vp, errno_t error)
{
    struct buf_file *file;
    while (!(file = buf_file_lock(vp)))
        buf_file_get(vp);
    file->bf_error = word_after(file->bf_error, error);
    buf_file_unlock(file);
}

uint32_t buf_error_sample(vnode_t vp)
{
    struct buf_file *file = buf_file_lock(vp);
    uint32_t word = file ? file->bf_error : 0;
    if (file)
        buf_file_unlock(file);
    return word & ERROR_HEARD ? word : 0;
}

errno_t buf_error_check(vnode_t vp, uint32_t *since)
{
    errno_t error = 0;
    struct buf_file *file = buf_file_lock(vp);
    if (!file)
        return 0;
    uint32_t word = file->bf_error;
    if (word && (word | ERROR_HEARD) != *since) {
        error = (errno_t)(word & ERROR_MASK);
        file->bf_error = *since = word | ERROR_HEARD;
    }
    buf_file_unlock(file);
    return error;
}
