// SPDX-License-Identifier: BSD-2-Clause
/*
 * Open files: one handle per open, with a usecount on the vnode, the opener's identity, and for directories
 * what readdir has read ahead. A file whose mount was forced away keeps its handle; every use of it but
 * closing is EIO.
 *
 * Locks: sf_dir_lock of a directory's handle, see sys_dir.c. Handles are the host's: it must not use one
 * after closing it. Called by the host and the tests; call_file_enter() and _leave() by sys_io.c, sys_space.c
 * and sys_dir.c.
 */
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/mman.h>

#include "buf/buf_iface.h"
#include "ubc/ubc_iface.h"
#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"
#include "vfs/vnode_checked_internal.h"
#include "vfs/vnode_internal.h"
#include "vfs/vnop_iface.h"

static _Atomic(uint64_t) open_files;

uint64_t call_file_count(void)
{
    return atomic_load_explicit(&open_files, memory_order_relaxed);
}

/* The handle for @vp, opened with @oflags: takes over the open's usecount. */
static struct sys_file *file_make(vnode_t vp, sys_caller_t *who, uint32_t oflags)
{
    struct sys_file *file = kern_alloc_try(sizeof(*file), "sys_file");
    if (!file)
        return NULL;
    file->sf_vp = vp;
    file->sf_vid = vnode_vid(vp);
    file->sf_fmode = open_fmode(oflags, false);
    file->sf_opener = who;
    sys_caller_retain(who);
    atomic_init(&file->sf_setid_seen, 0);
    atomic_init(&file->sf_written, false);
    atomic_init(&file->sf_mapped, false);
    file->sf_exec = (oflags & SYS_O_EXEC) != 0;
    file->sf_error_heard = buf_error_sample(vp);
    vnode_t devvp = vfs_devvp(vnode_mount(vp));
    file->sf_device_heard = devvp ? buf_error_sample(devvp) : 0;
    file->sf_is_dir = vnode_isdir(vp);
    if (file->sf_is_dir)
        lck_mtx_init(&file->sf_dir_lock, call_lock_group, NULL);
    atomic_fetch_add_explicit(&open_files, 1, memory_order_relaxed);
    if (validate_on())
        long_ref_own(vp, file->sf_fmode, file);
    return file;
}

static void file_free(struct sys_file *file)
{
    if (file->sf_is_dir) {
        call_dir_forget(file);
        lck_mtx_destroy(&file->sf_dir_lock, call_lock_group);
    }
    sys_caller_release(file->sf_opener);
    kern_free(file, sizeof(*file));
    atomic_fetch_sub_explicit(&open_files, 1, memory_order_relaxed);
}

#define OPEN_FLAGS                                                                                           \
    (SYS_O_ACCMODE | SYS_O_NONBLOCK | SYS_O_APPEND | SYS_O_SYNC | SYS_O_NOFOLLOW | SYS_O_CREAT |             \
     SYS_O_TRUNC | SYS_O_EXCL | SYS_O_DIRECTORY | SYS_O_WIDEN | SYS_O_EXEC)

int sys_open(sys_caller_t *who, const struct sys_node *at, const char *path, uint32_t at_flags,
             uint32_t oflags, uint32_t mode, sys_file_t **file, struct sys_node *node, struct sys_attr *attr)
{
    if ((oflags & ~OPEN_FLAGS) || (oflags & SYS_O_ACCMODE) == SYS_O_ACCMODE)
        return EINVAL;
    struct sys_call call;
    vnode_t start, vp;
    CALL_ENTER(&call, who);
    int error = call_node_get(at, &start);
    if (error)
        goto leave;
    struct open_request req = {.or_flags = oflags, .or_mode = mode};
    if (at_flags & SYS_AT_COMPONENT)
        req.or_lookup |= LOOKUP_ONENAME;
    if (at_flags & SYS_AT_NOCROSS)
        req.or_lookup |= LOOKUP_NOCROSS;
    if (at_flags & SYS_AT_NOFOLLOW)
        req.or_flags |= SYS_O_NOFOLLOW;
    error = open_run(&call, start, path, &req, &vp);
    if (error)
        goto leave;
    error = call_describe(&call, vp, node, attr);
    if (!error) {
        *file = file_make(vp, who, oflags);
        error = *file ? 0 : ENOMEM;
    }
    if (error)
        open_end(vp, open_fmode(oflags, false), call.c_ctx);
    vnode_put(vp);
leave:
    call_leave(&call);
    return error;
}

/* Takes the file's iocount for the running call. Its vnode may have been taken away, but cannot be another's.
 */
static int file_get(const struct sys_file *file, unsigned how)
{
    int error = vnode_get_iocount(file->sf_vp, file->sf_vid, VGET_VID | VGET_NODEAD | VGET_AHEAD | how);
    return error && error != EINTR ? EIO : error;
}

int call_file_enter(struct sys_call *call, sys_caller_t *who, sys_file_t *file, int need, const char *name)
{
    if ((file->sf_fmode & need) != need)
        return EBADF;
    call_enter(call, who ? who : file->sf_opener, name);
    int error = file_get(file, VGET_CATCH);
    if (error)
        call_leave(call);
    return error;
}

void call_file_leave(struct sys_call *call, sys_file_t *file)
{
    vnode_put(file->sf_vp);
    call_leave(call);
}

/* As on Darwin before the file is closed, and in the name of whoever opened it. */
static void close_tell(const struct sys_file *file)
{
    if (!fileop_is_heard() || file->sf_exec)
        return;
    bool written = atomic_load_explicit(&file->sf_written, memory_order_relaxed);
    fileop_tell_file(KAUTH_FILEOP_CLOSE, file->sf_vp, written ? KAUTH_FILEOP_CLOSE_MODIFIED : 0,
                     file->sf_opener->sc_cred);
}

int sys_close(sys_caller_t *who, sys_file_t *file)
{
    struct sys_call call;
    int error = 0;
    CALL_ENTER(&call, who ? who : file->sf_opener);
    if (validate_on())
        long_ref_leave(file->sf_vp, file->sf_fmode, file);
    bool alive = file_get(file, 0) == 0;
    if (atomic_load_explicit(&file->sf_mapped, memory_order_relaxed))
        ubc_unmap(file->sf_vp, call.c_ctx);
    if (alive) {
        close_tell(file);
        error = open_end(file->sf_vp, file->sf_fmode, call.c_ctx);
        vnode_put(file->sf_vp);
    } else {
        vnode_rele_ext(file->sf_vp, file->sf_fmode); /* VNOP_CLOSE ran when the file was taken away */
    }
    call_leave(&call); /* which may have been made with the opener's credential */
    file_free(file);
    return error;
}

bool sys_files_heard(void)
{
    return fileop_is_heard();
}

void sys_file_written(sys_file_t *file)
{
    /* Most writes find it set: a look at a shared line is cheaper than a store. */
    if (!atomic_load_explicit(&file->sf_written, memory_order_relaxed))
        atomic_store_explicit(&file->sf_written, true, memory_order_relaxed);
}

int sys_mapped(sys_caller_t *who, sys_file_t *file)
{
    struct sys_call call;
    if (atomic_load_explicit(&file->sf_mapped, memory_order_relaxed))
        return 0;
    int error = call_file_enter(&call, who, file, FWRITE, __func__);
    if (error)
        return error;
    if (!atomic_exchange(&file->sf_mapped, true)) {
        error = ubc_map(file->sf_vp, PROT_READ | PROT_WRITE, call.c_ctx);
        if (error)
            atomic_store(&file->sf_mapped, false);
    }
    call_file_leave(&call, file);
    return error;
}

int sys_file_node(sys_file_t *file, struct sys_node *node)
{
    struct sys_call call;
    int error = call_file_enter(&call, NULL, file, 0, __func__);
    if (error)
        return error;
    error = call_describe(&call, file->sf_vp, node, NULL);
    call_file_leave(&call, file);
    return error;
}
