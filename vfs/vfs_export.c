// SPDX-License-Identifier: BSD-2-Clause
/*
 * To whom a mount is exported, and how: a list per mount, looked through for the narrowest entry that fits.
 *
 * Lock: mnt_lock (rank 110). Called by kexts (KPI); the list ends with the mount (mount_table.c).
 */
#include <sys/errno.h>
#include <sys/vfs_handle.h>
#include <sys/socket.h>
#include <string.h>

#include "vfs/mount_internal.h"

struct mount_export {
    struct mount_export *me_next;
    struct vfs_export me_export;
};

static uint32_t address_bits(uint32_t family)
{
    return family == AF_INET ? 32 : family == AF_INET6 ? 128 : 0;
}

static bool address_valid(const struct vfs_export_address *address)
{
    bool known = address->ea_family == 0 || address->ea_family == AF_INET || address->ea_family == AF_INET6;
    return known && address->ea_prefix <= address_bits(address->ea_family);
}

/* Are the first @bits bits equal? */
static bool bits_equal(const unsigned char *a, const unsigned char *b, uint32_t bits)
{
    uint32_t whole = bits / 8, rest = bits % 8;
    unsigned mask = rest ? 0xffu & ~(0xffu >> rest) : 0;
    return memcmp(a, b, whole) == 0 && (!rest || ((a[whole] ^ b[whole]) & mask) == 0);
}

static bool address_covers(const struct vfs_export_address *net, const struct vfs_export_address *client)
{
    if (net->ea_family == 0)
        return true;
    return net->ea_family == client->ea_family && bits_equal(net->ea_addr, client->ea_addr, net->ea_prefix);
}

static bool address_same(const struct vfs_export_address *a, const struct vfs_export_address *b)
{
    return a->ea_family == b->ea_family && a->ea_prefix == b->ea_prefix &&
           bits_equal(a->ea_addr, b->ea_addr, a->ea_prefix);
}

/* The link to the entry for @address; *link NULL: none. Mount lock held. */
static struct mount_export **export_find(mount_t mp, const struct vfs_export_address *address)
{
    struct mount_export **link = &mp->mnt_exports;
    while (*link && !address_same(&(*link)->me_export.ex_address, address))
        link = &(*link)->me_next;
    return link;
}

errno_t vfs_export(mount_t mp, const struct vfs_export *ex)
{
    if (!address_valid(&ex->ex_address) ||
        (ex->ex_flags & ~(VFS_EXPORT_READONLY | VFS_EXPORT_MAPROOT | VFS_EXPORT_MAPALL)))
        return EINVAL;
    struct mount_export *made = kern_alloc(sizeof(*made), "mount export");
    lck_mtx_lock(&mp->mnt_lock);
    struct mount_export **link = export_find(mp, &ex->ex_address);
    if (!*link) {
        *link = made;
        made = NULL;
    }
    (*link)->me_export = *ex;
    vfs_setflags(mp, MNT_EXPORTED);
    lck_mtx_unlock(&mp->mnt_lock);
    if (made)
        kern_free(made, sizeof(*made));
    return 0;
}

static void chain_free(struct mount_export *first)
{
    while (first) {
        struct mount_export *next = first->me_next;
        kern_free(first, sizeof(*first));
        first = next;
    }
}

errno_t vfs_unexport(mount_t mp, const struct vfs_export_address *address)
{
    struct mount_export *gone;
    lck_mtx_lock(&mp->mnt_lock);
    if (address) {
        struct mount_export **link = export_find(mp, address);
        gone = *link;
        if (gone) {
            *link = gone->me_next;
            gone->me_next = NULL;
        }
    } else {
        gone = mp->mnt_exports;
        mp->mnt_exports = NULL;
    }
    if (!mp->mnt_exports)
        vfs_clearflags(mp, MNT_EXPORTED);
    lck_mtx_unlock(&mp->mnt_lock);
    chain_free(gone);
    return gone ? 0 : ENOENT;
}

errno_t vfs_checkexp(mount_t mp, const struct vfs_export_address *client, struct vfs_export *ex)
{
    const struct mount_export *best = NULL;
    if (!client->ea_family || !address_valid(client) || client->ea_prefix != address_bits(client->ea_family))
        return EINVAL;
    lck_mtx_lock(&mp->mnt_lock);
    for (const struct mount_export *at = mp->mnt_exports; at; at = at->me_next) {
        const struct vfs_export_address *net = &at->me_export.ex_address;
        /* An entry for everybody is wider than one for a whole family. */
        bool narrower = !best || net->ea_prefix > best->me_export.ex_address.ea_prefix ||
                        (net->ea_family && !best->me_export.ex_address.ea_family);
        if (address_covers(net, client) && narrower)
            best = at;
    }
    if (best)
        *ex = best->me_export;
    lck_mtx_unlock(&mp->mnt_lock);
    if (best && vfs_isrdonly(mp))
        ex->ex_flags |= VFS_EXPORT_READONLY;
    return best ? 0 : EACCES;
}
