// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a host program can ask of the kernel half beside files: variables by name, and announcing descriptors
 * of processes so that kexts find the file behind a number. No lock. Called by the host and the tests.
 */
#include <sys/errno.h>

#include "vfs/file_table_internal.h"
#include "vfs/sys_internal.h"

int sys_sysctl(sys_caller_t *who, const char *name, void *old, size_t *oldlen, const void *new, size_t newlen)
{
    struct sys_call call;
    struct kern_user_range in, out;
    size_t len = oldlen ? *oldlen : 0;
    CALL_ENTER(&call, who);
    kern_user_range_push(&out, old, old ? len : 0, true);
    kern_user_range_push(&in, (void *)(uintptr_t) new, new ? newlen : 0, false);
    int error = kern_sysctl(name, kern_user_addr(old), &len, kern_user_addr(new), newlen);
    kern_user_range_pop(&in);
    kern_user_range_pop(&out);
    call_leave(&call);
    if (oldlen && (!error || error == ENOMEM))
        *oldlen = len;
    return error;
}

int sys_descriptor_give(int32_t pid, int32_t fd, sys_file_t *file)
{
    struct sys_call call;
    int error = call_file_enter(&call, NULL, file, 0, __func__);
    if (error)
        return error;
    error = file_table_give(pid, fd, file->sf_vp, file->sf_fmode);
    call_file_leave(&call, file);
    return error;
}

int sys_descriptor_take(int32_t pid, int32_t fd)
{
    struct sys_call call;
    CALL_ENTER(&call, sys_caller_kernel());
    int error = file_table_take(pid, fd);
    call_leave(&call);
    return error;
}
