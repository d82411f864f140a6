// SPDX-License-Identifier: BSD-2-Clause
/*
 * Files by descriptor: file_vnode() and its relatives.
 *
 * The descriptors of a host process belong to the host; the kernel knows those that the host program has
 * announced (sys_descriptor_give), each as (process, number) with the file that is open there. All others are
 * EBADF.
 *
 * Lock: table_lock (rank 145) over everything. An entry is held between file_vnode() and file_drop();
 * taking it away waits for that. Called by kexts, by sys_descriptor.c.
 */
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/proc.h>
#include <sys/queue.h>
#include <sys/vnode.h>

#include "kern/lock_iface.h"
#include "vfs/file_table_internal.h"
#include "vfs/vnode_internal.h"

struct entry {
    LIST_ENTRY(entry) link;
    int pid, fd;
    vnode_t vp; /* holds a usecount */
    uint32_t vid;
    int flags; /* FREAD, FWRITE... */
    uint32_t holds;
    bool leaving;
};
static LIST_HEAD(, entry) entries;
static lck_grp_t *group;
static lck_mtx_t table_lock;

void file_table_boot(void)
{
    group = lck_grp_alloc_init("vfs.file_table", LCK_GRP_ATTR_NULL);
    lck_mtx_init(&table_lock, group, LCK_ATTR_NULL);
}

void file_table_shutdown(void)
{
    struct entry *entry;
    while ((entry = LIST_FIRST(&entries)) != NULL) {
        LIST_REMOVE(entry, link);
        vnode_rele(entry->vp);
        kern_free(entry, sizeof(*entry));
    }
    lck_mtx_destroy(&table_lock, group);
    lck_grp_free(group);
}

static struct entry *find_locked(int pid, int fd)
{
    struct entry *entry;
    LIST_FOREACH(entry, &entries, link)
    {
        if (entry->pid == pid && entry->fd == fd && !entry->leaving)
            return entry;
    }
    return NULL;
}

int file_table_give(int pid, int fd, vnode_t vp, int flags)
{
    if (fd < 0)
        return EBADF;
    struct entry *fresh = kern_alloc_try(sizeof(*fresh), "file_table");
    int error = fresh ? vnode_ref(vp) : ENOMEM;
    if (error)
        goto out;
    *fresh = (struct entry){.pid = pid, .fd = fd, .vp = vp, .vid = vnode_vid(vp), .flags = flags};
    lck_mtx_lock(&table_lock);
    if (find_locked(pid, fd)) {
        error = EEXIST;
    } else {
        LIST_INSERT_HEAD(&entries, fresh, link);
        fresh = NULL;
    }
    lck_mtx_unlock(&table_lock);
    if (error)
        vnode_rele(vp);
out:
    kern_free(fresh, sizeof(*fresh));
    return error;
}

int file_table_take(int pid, int fd)
{
    lck_mtx_lock(&table_lock);
    struct entry *entry = find_locked(pid, fd);
    if (entry) {
        entry->leaving = true;
        while (entry->holds > 0)
            msleep(entry, &table_lock, PVFS, "descriptor", NULL);
        LIST_REMOVE(entry, link);
    }
    lck_mtx_unlock(&table_lock);
    if (!entry)
        return EBADF;
    vnode_rele(entry->vp);
    kern_free(entry, sizeof(*entry));
    return 0;
}

/* ---- for kexts ----------------------------------------------------------------------------------------- */

int file_vnode_ext(int fd, vnode_t *vpp, uint32_t *vidp, int fflag)
{
    int need = fflag & (FREAD | FWRITE);
    lck_mtx_lock(&table_lock);
    struct entry *entry = find_locked(proc_selfpid(), fd);
    if (entry && (entry->flags & need) != need)
        entry = NULL;
    if (entry) {
        entry->holds++;
        if (vpp)
            *vpp = entry->vp;
        if (vidp)
            *vidp = entry->vid;
    }
    lck_mtx_unlock(&table_lock);
    return entry ? 0 : EBADF;
}

int file_vnode_withvid(int fd, vnode_t *vpp, uint32_t *vidp)
{
    return file_vnode_ext(fd, vpp, vidp, 0);
}

int file_vnode(int fd, struct vnode **vpp)
{
    return file_vnode_ext(fd, vpp, NULL, 0);
}

int file_flags(int fd, int *flags)
{
    lck_mtx_lock(&table_lock);
    const struct entry *entry = find_locked(proc_selfpid(), fd);
    if (entry)
        *flags = entry->flags;
    lck_mtx_unlock(&table_lock);
    return entry ? 0 : EBADF;
}

/* Also of an entry that is being taken away: its holder has it until here. */
int file_drop(int fd)
{
    struct entry *entry;
    int pid = proc_selfpid();
    lck_mtx_lock(&table_lock);
    LIST_FOREACH(entry, &entries, link)
    {
        if (entry->pid == pid && entry->fd == fd && entry->holds > 0)
            break;
    }
    if (entry && --entry->holds == 0)
        wakeup(entry);
    lck_mtx_unlock(&table_lock);
    return entry ? 0 : EBADF;
}

int vnode_getfromfd(vfs_context_t ctx, int fd, vnode_t *vpp)
{
    vnode_t vp = NULLVP;
    uint32_t vid = 0;
    lck_mtx_lock(&table_lock);
    const struct entry *entry = find_locked(vfs_context_pid(ctx), fd);
    if (entry) {
        vp = entry->vp;
        vid = entry->vid;
    }
    lck_mtx_unlock(&table_lock);
    if (!vp)
        return EBADF;
    int error = vnode_getwithvid(vp, vid);
    if (!error)
        *vpp = vp;
    return error;
}
