// SPDX-License-Identifier: BSD-2-Clause
/*
 * The fixture's names: lookup, create and its kin, remove, rename, readdir in both forms.
 */
#include <sys/dirent.h>
#include <sys/uio.h>

#include "tests/unit/vfs/sys_fixture.h"

_Atomic(uint32_t) fx_last_cn_flags, fx_last_cn_op;

/* ---- entries, under the lock --------------------------------------------------------------------------- */

static int entry_add(struct fx_node *dir, struct componentname *cnp, struct fx_node *node)
{
    if (dir->n_nlink == 0)
        return ENOENT;
    if (fx_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen))
        return EEXIST;
    struct fx_entry *ent = kern_alloc(sizeof(*ent) + (size_t)cnp->cn_namelen + 1, "fixture");
    ent->e_node = node;
    ent->e_len = (uint32_t)cnp->cn_namelen;
    memcpy(ent->e_name, cnp->cn_nameptr, ent->e_len);
    ent->e_cookie = ++dir->n_next_cookie;
    TAILQ_INSERT_TAIL(&dir->n_entries, ent, e_link);
    node->n_refs++;
    if (node->n_type == VDIR) {
        node->n_nlink = 2;
        node->n_parent = dir;
        dir->n_nlink++;
    } else {
        node->n_nlink++;
    }
    fx_touch(dir);
    return 0;
}

static void entry_drop(struct fx_node *dir, struct fx_entry *ent)
{
    struct fx_node *node = ent->e_node;
    TAILQ_REMOVE(&dir->n_entries, ent, e_link);
    kern_free(ent, sizeof(*ent) + ent->e_len + 1);
    if (node->n_type == VDIR) {
        node->n_nlink = 0;
        dir->n_nlink--;
    } else {
        node->n_nlink--;
    }
    fx_touch(dir);
    fx_node_rele(node);
}

static bool is_empty(struct fx_node *dir)
{
    return TAILQ_EMPTY(&dir->n_entries);
}

/* ---- lookup and making --------------------------------------------------------------------------------- */

int fx_vnop_lookup(struct vnop_lookup_args *ap)
{
    struct componentname *cnp = ap->a_cnp;
    struct fx_node *dir = fx_node_of(ap->a_dvp), *node = NULL;
    bool dotdot = (cnp->cn_flags & ISDOTDOT) != 0;
    atomic_store(&fx_last_cn_flags, cnp->cn_flags);
    atomic_store(&fx_last_cn_op, cnp->cn_nameiop);
    int error = fx_enter(FX_LOOKUP);
    if (error)
        return error;
    fx_lock();
    if (dir->n_nlink == 0) {
        fx_unlock();
        return ENOENT;
    }
    if (dotdot) {
        node = dir->n_parent;
    } else {
        struct fx_entry *ent = fx_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
        node = ent ? ent->e_node : NULL;
    }
    if (node)
        node->n_refs++;
    else if ((cnp->cn_flags & MAKEENTRY) && cnp->cn_nameiop == LOOKUP)
        cache_enter(ap->a_dvp, NULL, cnp);
    fx_unlock();
    if (!node) {
        bool may_go_on =
            (cnp->cn_flags & ISLASTCN) && (cnp->cn_nameiop == CREATE || cnp->cn_nameiop == RENAME);
        return may_go_on ? EJUSTRETURN : ENOENT;
    }
    error = fx_vnode(node, dotdot ? NULL : ap->a_dvp, dotdot ? NULL : cnp, ap->a_vpp);
    fx_lock();
    if (!error && !dotdot && (cnp->cn_flags & MAKEENTRY)) {
        struct fx_entry *ent = fx_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
        if (ent && ent->e_node == node)
            cache_enter(ap->a_dvp, *ap->a_vpp, cnp);
    }
    fx_node_rele(node);
    fx_unlock();
    return error;
}

static int make(vnode_t dvp, vnode_t *vpp, struct componentname *cnp, struct vnode_attr *vap, enum vtype type,
                const char *target)
{
    struct fx_node *dir = fx_node_of(dvp);
    const struct fx_new args = {.type = type, .vap = vap, .target = target};
    struct fx_node *node = fx_node_make(dir->n_mount, &args);
    fx_lock();
    int error = entry_add(dir, cnp, node);
    if (!error)
        cache_purge_negatives(dvp);
    fx_unlock();
    if (!error)
        error = fx_vnode(node, dvp, cnp, vpp);
    fx_lock();
    fx_node_rele(node);
    fx_unlock();
    vap->va_supported = vap->va_active;
    return error;
}

int fx_vnop_create(struct vnop_create_args *ap)
{
    int error = fx_enter(FX_CREATE);
    return error ? error : make(ap->a_dvp, ap->a_vpp, ap->a_cnp, ap->a_vap, VREG, NULL);
}

int fx_vnop_mknod(struct vnop_mknod_args *ap)
{
    int error = fx_enter(FX_MKNOD);
    return error ? error : make(ap->a_dvp, ap->a_vpp, ap->a_cnp, ap->a_vap, ap->a_vap->va_type, NULL);
}

int fx_vnop_mkdir(struct vnop_mkdir_args *ap)
{
    int error = fx_enter(FX_MKDIR);
    return error ? error : make(ap->a_dvp, ap->a_vpp, ap->a_cnp, ap->a_vap, VDIR, NULL);
}

int fx_vnop_symlink(struct vnop_symlink_args *ap)
{
    int error = fx_enter(FX_SYMLINK);
    return error ? error : make(ap->a_dvp, ap->a_vpp, ap->a_cnp, ap->a_vap, VLNK, ap->a_target);
}

int fx_vnop_link(struct vnop_link_args *ap)
{
    int error = fx_enter(FX_LINK);
    if (error)
        return error;
    struct fx_node *node = fx_node_of(ap->a_vp);
    fx_lock();
    error = node->n_nlink ? entry_add(fx_node_of(ap->a_tdvp), ap->a_cnp, node) : ENOENT;
    if (!error)
        cache_purge_negatives(ap->a_tdvp);
    fx_unlock();
    return error;
}

/* ---- removing ------------------------------------------------------------------------------------------ */

static struct fx_entry *entry_of(struct fx_node *dir, struct componentname *cnp, vnode_t vp)
{
    struct fx_entry *ent = fx_find(dir, cnp->cn_nameptr, (size_t)cnp->cn_namelen);
    return ent && ent->e_node == fx_node_of(vp) ? ent : NULL;
}

int fx_vnop_remove(struct vnop_remove_args *ap)
{
    int error = fx_enter(FX_REMOVE);
    if (error)
        return error;
    struct fx_node *dir = fx_node_of(ap->a_dvp);
    fx_lock();
    struct fx_entry *ent = entry_of(dir, ap->a_cnp, ap->a_vp);
    if (ent) {
        cache_purge(ap->a_vp);
        entry_drop(dir, ent);
    }
    fx_unlock();
    return ent ? 0 : ENOENT;
}

int fx_vnop_rmdir(struct vnop_rmdir_args *ap)
{
    int error = fx_enter(FX_RMDIR);
    if (error)
        return error;
    struct fx_node *dir = fx_node_of(ap->a_dvp);
    fx_lock();
    struct fx_entry *ent = entry_of(dir, ap->a_cnp, ap->a_vp);
    error = !ent ? ENOENT : is_empty(ent->e_node) ? 0 : ENOTEMPTY;
    if (!error) {
        cache_purge(ap->a_vp);
        entry_drop(dir, ent);
    }
    fx_unlock();
    return error;
}

/* ---- renaming ------------------------------------------------------------------------------------------ */

static bool lies_below(struct fx_node *node, struct fx_node *dir)
{
    for (; dir; dir = dir->n_parent == dir ? NULL : dir->n_parent) {
        if (dir == node)
            return true;
    }
    return false;
}

static int rename_locked(struct vnop_rename_args *ap)
{
    struct fx_node *fdir = fx_node_of(ap->a_fdvp), *tdir = fx_node_of(ap->a_tdvp),
                   *node = fx_node_of(ap->a_fvp);
    struct fx_entry *from = entry_of(fdir, ap->a_fcnp, ap->a_fvp);
    struct fx_entry *to = fx_find(tdir, ap->a_tcnp->cn_nameptr, (size_t)ap->a_tcnp->cn_namelen);
    if (!from || tdir->n_nlink == 0 || (ap->a_tvp && (!to || to->e_node != fx_node_of(ap->a_tvp))))
        return ENOENT;
    if (to && !ap->a_tvp)
        return EEXIST;
    if (node->n_type == VDIR && lies_below(node, tdir))
        return EINVAL;
    if (to && to != from) {
        if (to->e_node->n_type == VDIR && !is_empty(to->e_node))
            return ENOTEMPTY;
        cache_purge(ap->a_tvp);
        entry_drop(tdir, to);
    }
    node->n_refs++;
    cache_purge(ap->a_fvp);
    entry_drop(fdir, from);
    int error = entry_add(tdir, ap->a_tcnp, node);
    cache_purge_negatives(ap->a_tdvp);
    fx_node_rele(node);
    return error;
}

int fx_vnop_rename(struct vnop_rename_args *ap)
{
    int error = fx_enter(FX_RENAME);
    if (error)
        return error;
    fx_lock();
    error = rename_locked(ap);
    fx_unlock();
    return error;
}

static int swap_locked(struct vnop_renamex_args *ap)
{
    struct fx_node *fdir = fx_node_of(ap->a_fdvp), *tdir = fx_node_of(ap->a_tdvp);
    struct fx_entry *from = entry_of(fdir, ap->a_fcnp, ap->a_fvp),
                    *to = entry_of(tdir, ap->a_tcnp, ap->a_tvp);
    if (!from || !to)
        return ENOENT;
    struct fx_node *a = from->e_node, *b = to->e_node;
    if (lies_below(a, tdir) || lies_below(b, fdir))
        return EINVAL;
    cache_purge(ap->a_fvp);
    cache_purge(ap->a_tvp);
    from->e_node = b;
    to->e_node = a;
    if (a->n_type == VDIR) {
        a->n_parent = tdir;
        fdir->n_nlink--;
        tdir->n_nlink++;
    }
    if (b->n_type == VDIR) {
        b->n_parent = fdir;
        tdir->n_nlink--;
        fdir->n_nlink++;
    }
    return 0;
}

int fx_vnop_renamex(struct vnop_renamex_args *ap)
{
    if (fx_node_of(ap->a_fdvp)->n_mount->m_options & FX_NO_RENAMEX)
        return ENOTSUP;
    int error = fx_enter(FX_RENAMEX);
    if (error)
        return error;
    struct vnop_rename_args plain = {.a_fdvp = ap->a_fdvp,
                                     .a_fvp = ap->a_fvp,
                                     .a_fcnp = ap->a_fcnp,
                                     .a_tdvp = ap->a_tdvp,
                                     .a_tvp = ap->a_tvp,
                                     .a_tcnp = ap->a_tcnp};
    fx_lock();
    if (ap->a_flags & VFS_RENAME_SWAP)
        error = swap_locked(ap);
    else if ((ap->a_flags & VFS_RENAME_EXCL) &&
             fx_find(fx_node_of(ap->a_tdvp), ap->a_tcnp->cn_nameptr, (size_t)ap->a_tcnp->cn_namelen))
        error = EEXIST;
    else
        error = rename_locked(&plain);
    fx_unlock();
    return error;
}

/* ---- readdir ------------------------------------------------------------------------------------------- */

static uint8_t dirent_type(enum vtype type)
{
    static const uint8_t table[] = {DT_UNKNOWN, DT_REG, DT_DIR, DT_BLK, DT_CHR, DT_LNK, DT_SOCK, DT_FIFO};
    return table[type];
}

struct item {
    uint64_t ino, cookie;
    enum vtype type;
    const char *name;
    size_t len;
};

/* False: no room, or an error, which *error tells. */
static bool put_item(uio_t uio, bool extended, const struct item *item, bool garble, int *error)
{
    union {
        struct direntry ext;
        struct dirent plain;
    } out;
    size_t size;
    memset(&out, 0, sizeof(out));
    if (extended) {
        size = (offsetof(struct direntry, d_name) + item->len + 8) & ~(size_t)7;
        out.ext.d_ino = item->ino;
        out.ext.d_seekoff = item->cookie;
        out.ext.d_reclen = (uint16_t)(garble ? 0x7ff8 : size);
        out.ext.d_namlen = (uint16_t)item->len;
        out.ext.d_type = dirent_type(item->type);
        memcpy(out.ext.d_name, item->name, item->len);
    } else {
        size = (offsetof(struct dirent, d_name) + item->len + 4) & ~(size_t)3;
        out.plain.d_ino = (ino_t)item->ino;
        out.plain.d_reclen = (uint16_t)(garble ? 0x7ff8 : size);
        out.plain.d_namlen = (uint8_t)item->len;
        out.plain.d_type = dirent_type(item->type);
        memcpy(out.plain.d_name, item->name, item->len);
    }
    if ((user_ssize_t)size > uio_resid(uio))
        return false;
    *error = uiomove((const char *)&out, (int)size, uio);
    return *error == 0;
}

/* Lists from the cookie in the uio; the new one is returned, *all tells whether that was everything. */
static uint64_t list(struct fx_node *dir, uio_t uio, bool extended, bool garble, bool *all, int *error)
{
    uint64_t cookie = (uint64_t)uio_offset(uio);
    struct fx_entry *ent;
    *all = false;
    if (cookie < 1 && put_item(uio, extended, &(struct item){dir->n_ino, 1, VDIR, ".", 1}, garble, error))
        cookie = 1;
    if (cookie == 1 &&
        put_item(uio, extended, &(struct item){dir->n_parent->n_ino, 2, VDIR, "..", 2}, false, error))
        cookie = 2;
    if (cookie < 2)
        return cookie;
    TAILQ_FOREACH(ent, &dir->n_entries, e_link)
    {
        struct item item = {ent->e_node->n_ino, ent->e_cookie, ent->e_node->n_type, ent->e_name, ent->e_len};
        if (ent->e_cookie <= cookie)
            continue;
        if (!put_item(uio, extended, &item, false, error))
            return cookie;
        cookie = ent->e_cookie;
    }
    *all = true;
    return cookie;
}

int fx_vnop_readdir(struct vnop_readdir_args *ap)
{
    struct fx_node *dir = fx_node_of(ap->a_vp);
    bool extended = (ap->a_flags & VNODE_READDIR_EXTENDED) != 0, all;
    int error = fx_enter(FX_READDIR);
    if (!error && extended && dir->n_mount->m_plain)
        error = EINVAL;
    if (error)
        return error;
    fx_lock();
    uint64_t cookie =
        list(dir, ap->a_uio, extended, (dir->n_mount->m_options & FX_GARBLE_DIR) != 0, &all, &error);
    fx_unlock();
    uio_setoffset(ap->a_uio, (off_t)cookie);
    if (ap->a_eofflag)
        *ap->a_eofflag = all;
    return error;
}
