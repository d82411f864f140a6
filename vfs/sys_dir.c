// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading directories. The host wants entries with a position each, a few at a time; file systems give them
 * in one of two ways: with cookies   VNODE_READDIR_EXTENDED and _REQSEEKOFF give struct direntry, each with
 * the cookie of the next one. They are read in chunks; the chunk stays with the handle, so that small
 * requests do not read it again. whole          struct dirent has no cookies: the whole directory is read
 * once per open (and again from the start), and an entry's position is its number. Either way the entries lie
 * in a chunk of struct direntry, checked once, immutable from then on, and counted, so that emit runs without
 * any lock while another thread replaces the chunk.
 *
 * Locks: sf_dir_lock, a leaf, for the handle's chunk and position. Called by the host and the tests.
 */
#include <sys/dirent.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/namei.h>
#include <string.h>

#include "vfs/mount_internal.h"
#include "vfs/sys_internal.h"
#include "vfs/vnop_iface.h"

#define CHUNK_BYTES  65536u
#define WHOLE_MAX    (1u << 30) /* a directory of more than this is refused rather than read into memory */
#define ENTRY_FIXED  offsetof(struct direntry, d_name)
#define DIRENT_FIXED offsetof(struct dirent, d_name)
#define ENTRY_ALIGN  8u

struct dir_chunk {
    _Atomic(uint32_t) dc_refs;
    bool dc_eof;      /* the directory ends with it */
    int64_t dc_first; /* cookie of its first entry */
    int64_t dc_next;  /* cookie behind its last entry */
    uint32_t dc_used; /* bytes of entries */
    uint32_t dc_size; /* bytes of dc_data */
    char *dc_data;
};

/* ---- chunks -------------------------------------------------------------------------------------------- */

static struct dir_chunk *chunk_make(uint32_t size, int64_t first)
{
    struct dir_chunk *chunk = kern_alloc_try(sizeof(*chunk), "sys_dir");
    if (!chunk)
        return NULL;
    chunk->dc_data = kern_alloc_try(size, "sys_dir");
    if (!chunk->dc_data) {
        kern_free(chunk, sizeof(*chunk));
        return NULL;
    }
    atomic_init(&chunk->dc_refs, 1);
    chunk->dc_size = size;
    chunk->dc_first = chunk->dc_next = first;
    return chunk;
}

static void chunk_rele(struct dir_chunk *chunk)
{
    if (!chunk || atomic_fetch_sub_explicit(&chunk->dc_refs, 1, memory_order_acq_rel) > 1)
        return;
    kern_free(chunk->dc_data, chunk->dc_size);
    kern_free(chunk, sizeof(*chunk));
}

static bool chunk_grow(struct dir_chunk *chunk)
{
    if (chunk->dc_size >= WHOLE_MAX)
        return false;
    char *bigger = kern_alloc_try((size_t)chunk->dc_size * 2, "sys_dir");
    if (!bigger)
        return false;
    memcpy(bigger, chunk->dc_data, chunk->dc_used);
    kern_free(chunk->dc_data, chunk->dc_size);
    chunk->dc_data = bigger;
    chunk->dc_size *= 2;
    return true;
}

static struct direntry *entry_at(const struct dir_chunk *chunk, uint32_t off)
{
    return (struct direntry *)(void *)(chunk->dc_data + off);
}

/* ---- with cookies -------------------------------------------------------------------------------------- */

/* Entries come from a file system that may be wrong: none may reach beyond the buffer, and each name ends in
 * a NUL. */
static int entries_check(struct dir_chunk *chunk)
{
    uint32_t off = 0;
    while (off < chunk->dc_used) {
        uint32_t left = chunk->dc_used - off;
        struct direntry *ent = entry_at(chunk, off);
        if (left < ENTRY_FIXED || ent->d_reclen > left || ent->d_reclen % ENTRY_ALIGN ||
            ent->d_reclen < ENTRY_FIXED + ent->d_namlen + 1u)
            return EIO;
        ent->d_name[ent->d_namlen] = '\0';
        chunk->dc_next = (int64_t)ent->d_seekoff;
        off += ent->d_reclen;
    }
    return 0;
}

static int fill_cookies(const struct sys_call *call, vnode_t vp, int64_t cookie, struct dir_chunk **out)
{
    struct call_uio transfer;
    int eof = 0, count = 0;
    struct dir_chunk *chunk = chunk_make(CHUNK_BYTES, cookie);
    if (!chunk)
        return ENOMEM;
    int error = call_uio_begin_kernel(&transfer, chunk->dc_data, CHUNK_BYTES, cookie, UIO_READ);
    if (error)
        goto fail;
    error = VNOP_READDIR(vp, transfer.su_uio, VNODE_READDIR_EXTENDED | VNODE_READDIR_REQSEEKOFF, &eof, &count,
                         call->c_ctx);
    chunk->dc_used = (uint32_t)call_uio_done(&transfer);
    call_uio_end(&transfer);
    if (!error)
        error = entries_check(chunk);
    if (error)
        goto fail;
    chunk->dc_eof = eof || chunk->dc_used == 0;
    if (!chunk->dc_eof && chunk->dc_next == cookie) { /* would never end */
        error = EIO;
        goto fail;
    }
    *out = chunk;
    return 0;
fail:
    chunk_rele(chunk);
    return error;
}

/* ---- whole --------------------------------------------------------------------------------------------- */

static int whole_add(struct dir_chunk *chunk, const struct dirent *from)
{
    uint32_t reclen = (uint32_t)(ENTRY_FIXED + from->d_namlen + ENTRY_ALIGN) & ~(ENTRY_ALIGN - 1);
    if (chunk->dc_size - chunk->dc_used < reclen && !chunk_grow(chunk))
        return ENOMEM;
    struct direntry *ent = entry_at(chunk, chunk->dc_used);
    ent->d_ino = from->d_ino;
    ent->d_seekoff = (uint64_t)++chunk->dc_next;
    ent->d_reclen = (uint16_t)reclen;
    ent->d_namlen = from->d_namlen;
    ent->d_type = from->d_type;
    memcpy(ent->d_name, from->d_name, from->d_namlen);
    ent->d_name[from->d_namlen] = '\0';
    chunk->dc_used += reclen;
    return 0;
}

static int whole_add_all(struct dir_chunk *chunk, const char *raw, size_t used)
{
    size_t off = 0;
    while (off < used) {
        const struct dirent *ent = (const void *)(raw + off);
        if (used - off < DIRENT_FIXED || ent->d_reclen > used - off || ent->d_reclen % 4 ||
            ent->d_reclen < DIRENT_FIXED + ent->d_namlen)
            return EIO;
        int error = ent->d_ino ? whole_add(chunk, ent) : 0;
        if (error)
            return error;
        off += ent->d_reclen;
    }
    return 0;
}

/* One VNOP_READDIR from *pos, which moves on. */
static int whole_read(const struct sys_call *call, vnode_t vp, struct dir_chunk *chunk, char *raw, off_t *pos)
{
    struct call_uio transfer;
    int eof = 0, count = 0;
    int error = call_uio_begin_kernel(&transfer, raw, CHUNK_BYTES, *pos, UIO_READ);
    if (error)
        return error;
    error = VNOP_READDIR(vp, transfer.su_uio, 0, &eof, &count, call->c_ctx);
    size_t used = call_uio_done(&transfer);
    off_t next = uio_offset(transfer.su_uio);
    call_uio_end(&transfer);
    if (!error)
        error = whole_add_all(chunk, raw, used);
    if (error)
        return error;
    chunk->dc_eof = eof || used == 0;
    if (!chunk->dc_eof && next == *pos) /* would never end */
        return EIO;
    *pos = next;
    return 0;
}

static int fill_whole(const struct sys_call *call, vnode_t vp, struct dir_chunk **out)
{
    off_t pos = 0;
    int error = ENOMEM;
    struct dir_chunk *chunk = chunk_make(CHUNK_BYTES, 0);
    char *raw = kern_alloc_try(CHUNK_BYTES, "sys_dir");
    if (chunk && raw) {
        do {
            error = whole_read(call, vp, chunk, raw, &pos);
        } while (!error && !chunk->dc_eof);
    }
    kern_free(raw, CHUNK_BYTES);
    if (error) {
        chunk_rele(chunk);
        return error;
    }
    *out = chunk;
    return 0;
}

/* ---- the handle's chunk -------------------------------------------------------------------------------- */

/* The byte where the entry at @cookie begins, or dc_used where it is the end. False: not a position in this
 * chunk. */
static bool chunk_find(const struct dir_chunk *chunk, int64_t cookie, uint32_t *off)
{
    if (cookie == chunk->dc_first) {
        *off = 0;
        return true;
    }
    for (uint32_t at = 0; at < chunk->dc_used;) {
        const struct direntry *ent = entry_at(chunk, at);
        at += ent->d_reclen;
        if ((int64_t)ent->d_seekoff == cookie) {
            *off = at;
            return true;
        }
    }
    return false;
}

/* The chunk that the handle keeps, with a reference, if @cookie lies in it and there is something to be had
 * from it. */
static struct dir_chunk *handle_chunk(sys_file_t *file, int64_t cookie, uint32_t *off)
{
    if (cookie == 0) /* a fresh start sees the directory as it is now */
        return NULL;
    lck_mtx_lock(&file->sf_dir_lock);
    struct dir_chunk *chunk = file->sf_dir;
    bool found = false;
    if (chunk) {
        if (file->sf_dir_cookie == cookie) {
            *off = file->sf_dir_off;
            found = true;
        } else {
            found = chunk_find(chunk, cookie, off);
        }
        if (found && *off == chunk->dc_used && !chunk->dc_eof)
            found = false;
    }
    if (found)
        atomic_fetch_add_explicit(&chunk->dc_refs, 1, memory_order_relaxed);
    lck_mtx_unlock(&file->sf_dir_lock);
    return found ? chunk : NULL;
}

/* Leaves @chunk with the handle, where the next call will look at @cookie, byte @off. */
static void handle_keep(sys_file_t *file, struct dir_chunk *chunk, int64_t cookie, uint32_t off)
{
    struct dir_chunk *old = NULL;
    lck_mtx_lock(&file->sf_dir_lock);
    if (file->sf_dir != chunk) {
        old = file->sf_dir;
        file->sf_dir = chunk;
        atomic_fetch_add_explicit(&chunk->dc_refs, 1, memory_order_relaxed);
    }
    file->sf_dir_cookie = cookie;
    file->sf_dir_off = off;
    lck_mtx_unlock(&file->sf_dir_lock);
    chunk_rele(old);
}

static enum dir_mode mode_get(sys_file_t *file)
{
    lck_mtx_lock(&file->sf_dir_lock);
    enum dir_mode mode = file->sf_dir_mode;
    lck_mtx_unlock(&file->sf_dir_lock);
    if (mode != DIR_MODE_UNKNOWN)
        return mode;
    uint32_t flags = vnode_mount_of(file->sf_vp)->mnt_type->vfc_flags;
    return flags & VFS_TBLREADDIR_EXTENDED ? DIR_MODE_UNKNOWN : DIR_MODE_WHOLE;
}

static void mode_set(sys_file_t *file, enum dir_mode mode)
{
    lck_mtx_lock(&file->sf_dir_lock);
    file->sf_dir_mode = mode;
    lck_mtx_unlock(&file->sf_dir_lock);
}

/* Reads the entries from @cookie on. Refs: one on *out. */
static int handle_fill(const struct sys_call *call, sys_file_t *file, int64_t cookie, struct dir_chunk **out,
                       uint32_t *off)
{
    enum dir_mode mode = mode_get(file);
    int error = EINVAL;
    *off = 0;
    if (mode != DIR_MODE_WHOLE) {
        error = fill_cookies(call, file->sf_vp, cookie, out);
        if (mode == DIR_MODE_COOKIES || error != EINVAL) {
            if (!error)
                mode_set(file, DIR_MODE_COOKIES);
            return error;
        }
    }
    error = fill_whole(call, file->sf_vp, out);
    if (error)
        return error;
    mode_set(file, DIR_MODE_WHOLE);
    if (!chunk_find(*out, cookie, off))
        *off = (*out)->dc_used; /* the directory has become shorter than that */
    return 0;
}

void call_dir_forget(sys_file_t *file)
{
    chunk_rele(file->sf_dir);
    file->sf_dir = NULL;
}

/* ---- emitting ------------------------------------------------------------------------------------------ */

static bool type_of(const struct direntry *ent, uint32_t *type)
{
    switch (ent->d_type) {
    case DT_WHT:
        return false; /* says that a name is missing */
    case DT_FIFO:
        *type = SYS_VFIFO;
        break;
    case DT_CHR:
        *type = SYS_VCHR;
        break;
    case DT_DIR:
        *type = SYS_VDIR;
        break;
    case DT_BLK:
        *type = SYS_VBLK;
        break;
    case DT_REG:
        *type = SYS_VREG;
        break;
    case DT_LNK:
        *type = SYS_VLNK;
        break;
    case DT_SOCK:
        *type = SYS_VSOCK;
        break;
    default:
        *type = SYS_VNON;
        break;
    }
    return true;
}

/* One call of sys_readdir(). */
struct sys_listing {
    const struct sys_call *call;
    vnode_t dvp;
    int (*emit)(void *arg, const struct sys_dirent *ent);
    void *arg;
    int64_t cookie; /* behind what has been emitted */
    bool full;
};

/* Emits from byte *off on, which ends up behind what was emitted. */
static void emit_chunk(struct sys_listing *list, const struct dir_chunk *chunk, uint32_t *off)
{
    while (*off < chunk->dc_used) {
        const struct direntry *ent = entry_at(chunk, *off);
        struct sys_dirent out = {.fileid = ent->d_ino,
                                 .cookie = (int64_t)ent->d_seekoff,
                                 .namelen = ent->d_namlen,
                                 .name = ent->d_name,
                                 .listing = list};
        if (ent->d_ino && type_of(ent, &out.type) && list->emit(list->arg, &out)) {
            list->full = true;
            return;
        }
        *off += ent->d_reclen;
        list->cookie = out.cookie;
    }
}

int sys_readdir(sys_caller_t *who, sys_file_t *dir, int64_t cookie,
                int (*emit)(void *arg, const struct sys_dirent *ent), void *arg, bool *eof)
{
    struct sys_call call;
    struct sys_listing list = {.call = &call, .dvp = dir->sf_vp, .emit = emit, .arg = arg, .cookie = cookie};
    bool ended = false;
    if (cookie < 0)
        return EINVAL;
    if (!dir->sf_is_dir)
        return ENOTDIR;
    int error = call_file_enter(&call, who, dir, FREAD, __func__);
    if (error)
        return error;
    while (!error && !list.full && !ended) {
        uint32_t off;
        struct dir_chunk *chunk = handle_chunk(dir, list.cookie, &off);
        if (!chunk)
            error = handle_fill(&call, dir, list.cookie, &chunk, &off);
        if (error)
            break;
        emit_chunk(&list, chunk, &off);
        handle_keep(dir, chunk, list.cookie, off);
        ended = !list.full && chunk->dc_eof;
        chunk_rele(chunk);
    }
    if (!error)
        *eof = ended;
    call_file_leave(&call, dir);
    return error;
}

int sys_dirent_lookup(const struct sys_dirent *ent, struct sys_node *node, struct sys_attr *attr)
{
    const struct sys_call *call = ent->listing->call;
    vnode_t dvp = ent->listing->dvp, vp;
    struct lookup lk;
    /* ".." may lead out of the mount, which would cost our directory its iocount. */
    if (ent->name[0] == '.' && (ent->namelen == 1 || (ent->namelen == 2 && ent->name[1] == '.')))
        return EINVAL;
    lookup_init(&lk, call->c_ctx, LOOKUP, call->c_preauth ? LOOKUP_PREAUTH : 0);
    int error = lookup_step(&lk, &dvp, (char *)(uintptr_t)ent->name, ent->namelen, true, &vp);
    if (error)
        return error;
    error = call_describe(call, vp, node, attr);
    vnode_put(vp);
    return error;
}
