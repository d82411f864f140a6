// SPDX-License-Identifier: BSD-2-Clause
/*
 * vnode_checked_internal.h: the checking variants of vnode functions, and the book of long references that
 * they keep. They are here and not in validate/ because they look inside vnodes.
 */
#ifndef KEXTBED_VFS_VNODE_CHECKED_INTERNAL_H
#define KEXTBED_VFS_VNODE_CHECKED_INTERNAL_H

#include "validate/validate_iface.h"
#include "vfs/vnode_internal.h"

/* ---- long_refs.c: usecounts and vnode_addfsref() references that kexts hold ---------------------------- */

enum long_ref_kind {
    LONG_REF_USE, /* a usecount that a kext took with vnode_ref */
    LONG_REF_FS,  /* vnode_addfsref */
    LONG_REF_ANY, /* any usecount, the kernel half's included */
};
/* Beside the modes of an open (FREAD, FWRITE, O_EVTONLY), the role of a usecount: a kext's code took it. Says
 * nothing to vnode_ref_ext() and vnode_rele_ext(). */
#define LONG_REF_ROLE_KEXT 0x40000000
/* Of each role on one vnode so many takers are kept. */
#define LONG_REF_TAKERS_MAX 24u
/* References of one taker, or those whose takers are not kept. */
struct long_ref {
    struct long_ref *next;
    struct vnode *vp;
    enum long_ref_kind kind;
    int role;
    uint32_t count;
    bool unkept;           /* of takers that are not kept: what follows is unknown */
    uint64_t since_ns;     /* of the last */
    const char *operation; /* in which it was taken; may be NULL */
    uint32_t thread;       /* number */
    int32_t pid;           /* on whose behalf */
    const void *owner;     /* an open file; may be NULL */
    uint32_t leaving;      /* how many their owners are about to give up */
    struct validate_stack stack;
};
void long_refs_boot(void);
void long_refs_shutdown(void);
/** long_ref_take - one more, taken by the caller's caller. @role 0, or modes of an open, and
 * LONG_REF_ROLE_KEXT. */
void long_ref_take(struct vnode *vp, enum long_ref_kind kind, int role);
/** long_ref_drop - one less, of @role where there is one. False: there was none. */
bool long_ref_drop(struct vnode *vp, enum long_ref_kind kind, int role);
/** long_ref_own - the usecount of @role that the calling thread took last belongs to @owner. */
void long_ref_own(struct vnode *vp, int role, const void *owner);
/** long_ref_leave - @owner's usecount is the next of its role that is given up. */
void long_ref_leave(struct vnode *vp, int role, const void *owner);
/** long_refs_of - up to @max takers of @vp; returns how many rows there are. */
size_t long_refs_of(struct vnode *vp, enum long_ref_kind kind, struct long_ref *rows, size_t max);

/** long_refs_copy - up to @max rows of @kind; returns how many there are. */
size_t long_refs_copy(enum long_ref_kind kind, struct long_ref *rows, size_t max);

/* ---- vnode_holders.c ----------------------------------------------------------------------------------- */

struct sys_row;
/** sys_row_stack - the frames of a stack into a row. */
void sys_row_stack(struct sys_row *row, const struct validate_stack *stack);
/** vnode_holder_text - ", held by ... since ... from ..." for the references of @vp that are known; returns
 * its length. */
size_t vnode_holder_text(struct vnode *vp, char *buf, size_t size);

/* ---- vnode_checked.c ----------------------------------------------------------------------------------- */

int checked_vnode_get(vnode_t vp);
int checked_vnode_put(vnode_t vp);
int checked_vnode_ref(vnode_t vp);
void checked_vnode_rele(vnode_t vp);
void checked_vnode_rele_ext(vnode_t vp, int fmode);
int checked_vnode_create(uint32_t flavor, uint32_t size, void *data, vnode_t *vpp);
int checked_vnode_recycle(vnode_t vp);
int checked_vnode_addfsref(vnode_t vp);
int checked_vnode_removefsref(vnode_t vp);
void *checked_vnode_fsnode(vnode_t vp);
void checked_vnode_clearfsnode(vnode_t vp);
mount_t checked_vnode_mount(vnode_t vp);
enum vtype checked_vnode_vtype(vnode_t vp);
int checked_vnode_isdir(vnode_t vp);
int checked_vnode_isreg(vnode_t vp);
int checked_vnode_islnk(vnode_t vp);
int checked_vnode_isvroot(vnode_t vp);
int checked_vnode_isinuse(vnode_t vp, int refcnt);

#endif
