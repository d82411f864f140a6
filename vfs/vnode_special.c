// SPDX-License-Identifier: BSD-2-Clause
/*
 * The operations of vnodes that belong to no file system: dead ones, and the stock vectors for device nodes
 * and FIFOs that a file system may give to vnode_create() instead of its own.
 *
 * Dead vnodes: their file has been taken away (forced unmount). lookup ENOTDIR, open ENXIO, read, write and
 * changes EIO, attributes and other questions EBADF; what ends a use (close, fsync, inactive, reclaim)
 * succeeds.
 *
 * Devices: vnode_device.c. FIFOs: nodes can be made, listed, linked and removed, and their attributes belong
 * to the file system. Opening one is the affair of the host's kernel, which does not pass it on; an open that
 * arrives all the same is refused with ENOTSUP.
 *
 * Takes no lock.
 */
#include <sys/systm.h>
#include <sys/unistd.h>
#include <miscfs/fifofs/fifo.h>
#include <miscfs/specfs/specdev.h>
#include <vfs/vfs_support.h>

#include "vfs/mount_internal.h"
#include "vfs/vnode_special_internal.h"
#include "vfs/vnop_internal.h"

vnode_vector_t vnode_dead_vector;
int (**spec_vnodeop_p)(void *);
int (**fifo_vnodeop_p)(void *);

typedef int (*vnode_op_t)(void *);
#define OP(name, function)                                                                                   \
    {                                                                                                        \
        &vnop_##name##_desc, (vnode_op_t)(void (*)(void))(function)                                          \
    }

/* ---- dead ---------------------------------------------------------------------------------------------- */

static int dead_success(void *args)
{
    (void)args;
    return 0;
}

static int dead_eio(void *args)
{
    (void)args;
    return EIO;
}

static int dead_enxio(void *args)
{
    (void)args;
    return ENXIO;
}

static int dead_enotdir(void *args)
{
    (void)args;
    return ENOTDIR;
}

static const struct vnodeopv_entry_desc dead_entries[] = {
    OP(default, dead_eio),
    OP(lookup, dead_enotdir),
    OP(open, dead_enxio),
    OP(close, dead_success),
    OP(fsync, dead_success),
    OP(inactive, dead_success),
    OP(reclaim, dead_success),
    OP(mnomap, dead_success),
    OP(access, spec_ebadf),
    OP(getattr, spec_ebadf),
    OP(setattr, spec_ebadf),
    OP(readdir, spec_ebadf),
    OP(readlink, spec_ebadf),
    OP(pathconf, spec_ebadf),
    OP(advlock, spec_ebadf),
    OP(ioctl, spec_ebadf),
    {NULL, NULL},
};
static const struct vnodeopv_desc dead_desc = {&vnode_dead_vector, dead_entries};

/* ---- devices ------------------------------------------------------------------------------------------- */

static const struct vnodeopv_entry_desc spec_entries[] = {
    OP(default, vn_default_error),
    OP(lookup, spec_lookup),
    OP(open, spec_open),
    OP(close, spec_close),
    OP(access, spec_access),
    OP(getattr, spec_getattr),
    OP(setattr, spec_setattr),
    OP(read, spec_read),
    OP(write, spec_write),
    OP(ioctl, spec_ioctl),
    OP(select, spec_select),
    OP(fsync, spec_fsync),
    OP(inactive, spec_inactive),
    OP(reclaim, spec_reclaim),
    OP(strategy, spec_strategy),
    OP(bwrite, vn_bwrite),
    OP(pathconf, spec_pathconf),
    OP(advlock, spec_advlock),
    {NULL, NULL},
};
static const struct vnodeopv_desc spec_desc = {&spec_vnodeop_p, spec_entries};

/* ---- FIFOs --------------------------------------------------------------------------------------------- */

int fifo_lookup(struct vnop_lookup_args *ap)
{
    *ap->a_vpp = NULLVP;
    return ENOTDIR;
}

int fifo_open(struct vnop_open_args *ap)
{
    (void)ap;
    return ENOTSUP;
}

int fifo_close(struct vnop_close_args *ap)
{
    (void)ap;
    return 0;
}

int fifo_read(struct vnop_read_args *ap)
{
    (void)ap;
    return ENOTSUP;
}

int fifo_write(struct vnop_write_args *ap)
{
    (void)ap;
    return ENOTSUP;
}

int fifo_ioctl(struct vnop_ioctl_args *ap)
{
    (void)ap;
    return ENOTTY;
}

int fifo_select(struct vnop_select_args *ap)
{
    (void)ap;
    return 1;
}

int fifo_inactive(struct vnop_inactive_args *ap)
{
    (void)ap;
    return 0;
}

int fifo_pathconf(struct vnop_pathconf_args *ap)
{
    switch (ap->a_name) {
    case _PC_LINK_MAX:
        *ap->a_retval = LINK_MAX;
        return 0;
    case _PC_PIPE_BUF:
        *ap->a_retval = PIPE_BUF;
        return 0;
    case _PC_CHOWN_RESTRICTED:
        *ap->a_retval = 1;
        return 0;
    default:
        return EINVAL;
    }
}

int fifo_advlock(struct vnop_advlock_args *ap)
{
    (void)ap;
    return ENOTSUP;
}

static const struct vnodeopv_entry_desc fifo_entries[] = {
    OP(default, vn_default_error),
    OP(lookup, fifo_lookup),
    OP(open, fifo_open),
    OP(close, fifo_close),
    OP(access, fifo_access),
    OP(getattr, fifo_getattr),
    OP(setattr, fifo_setattr),
    OP(read, fifo_read),
    OP(write, fifo_write),
    OP(ioctl, fifo_ioctl),
    OP(select, fifo_select),
    OP(fsync, dead_success),
    OP(inactive, fifo_inactive),
    OP(reclaim, dead_success),
    OP(pathconf, fifo_pathconf),
    OP(advlock, fifo_advlock),
    {NULL, NULL},
};
static const struct vnodeopv_desc fifo_desc = {&fifo_vnodeop_p, fifo_entries};

/* ---- boot ---------------------------------------------------------------------------------------------- */

static const struct vnodeopv_desc *const descs[] = {&dead_desc, &spec_desc, &fifo_desc};
#define DESCS (sizeof(descs) / sizeof(descs[0]))

int vnode_special_boot(void)
{
    for (size_t i = 0; i < DESCS; i++) {
        int error = vnode_vector_build(descs[i], "kernel", descs[i]->opv_desc_vector_p);
        if (error) {
            vnode_special_shutdown();
            return error;
        }
    }
    return 0;
}

void vnode_special_shutdown(void)
{
    for (size_t i = 0; i < DESCS; i++) {
        kern_free(*descs[i]->opv_desc_vector_p, vnode_vector_size());
        *descs[i]->opv_desc_vector_p = NULL;
    }
}

bool vnode_op_is_stock(const struct vnodeop_desc *desc, vnode_op_t op)
{
    static const struct vnodeopv_entry_desc stock[] = {
        OP(open, nop_open),
        OP(open, err_open),
        OP(open, spec_open),
        OP(open, fifo_open),
        OP(open, vn_default_error),
        OP(close, nop_close),
        OP(close, err_close),
        OP(close, spec_close),
        OP(close, fifo_close),
        OP(close, vn_default_error),
        OP(getxattr, vn_default_error),
    };
    for (size_t i = 0; i < sizeof(stock) / sizeof(stock[0]); i++) {
        if (stock[i].opve_op == desc && stock[i].opve_impl == op)
            return true;
    }
    return false;
}
