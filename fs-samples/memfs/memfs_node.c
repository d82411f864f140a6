// SPDX-License-Identifier: BSD-2-Clause
/*
 * The pool of nodes: making and freeing them, finding one by number, and the vnode of a node, which is made
 * when somebody asks for it and lost when the kernel takes it back.
 *
 * Locks: s_lock of the node's shard, never held over a call that may block in VFS.
 */
#include "memfs.h"

#define SHARD_BUCKETS_MIN 16u

static struct memfs_shard *shard_of(struct memfs_mount *mnt, uint64_t ino)
{
    return &mnt->m_shards[ino % MEMFS_SHARDS];
}

static struct memfs_node **bucket_of(struct memfs_shard *shard, uint64_t ino)
{
    return &shard->s_buckets[(ino / MEMFS_SHARDS) & (shard->s_nbuckets - 1)];
}

/* The calling thread's; the root, which is made first, is in group 0. */
static uint64_t group_mine(const struct memfs_mount *mnt)
{
    uint64_t hash = (uint64_t)(uintptr_t)current_thread() * 0x9e3779b97f4a7c15ull;

    return mnt->m_root ? hash >> 60 : 0;
}
_Static_assert(MEMFS_GROUPS == 16, "four bits of a hash choose the group");

/* A number that leads to a shard of the calling thread's group. The first two of group 0 name nothing, the
 * third is the root's. */
static uint64_t number_take(struct memfs_mount *mnt)
{
    uint64_t group = group_mine(mnt);
    uint64_t n = atomic_fetch_add_explicit(&mnt->m_groups[group].g_next, 1, memory_order_relaxed);

    return n / MEMFS_GROUP_SHARDS * MEMFS_SHARDS + group * MEMFS_GROUP_SHARDS + n % MEMFS_GROUP_SHARDS;
}

int memfs_shards_init(struct memfs_mount *mnt)
{
    for (uint32_t i = 0; i < MEMFS_SHARDS; i++) {
        struct memfs_shard *shard = &mnt->m_shards[i];
        shard->s_lock = lck_mtx_alloc_init(memfs_lock_group, LCK_ATTR_NULL);
        shard->s_buckets = memfs_alloc(SHARD_BUCKETS_MIN * sizeof(*shard->s_buckets));
        shard->s_nbuckets = SHARD_BUCKETS_MIN;
        if (!shard->s_lock || !shard->s_buckets)
            return ENOMEM;
    }
    return 0;
}

void memfs_shards_destroy(struct memfs_mount *mnt)
{
    for (uint32_t i = 0; i < MEMFS_SHARDS; i++) {
        struct memfs_shard *shard = &mnt->m_shards[i];
        if (shard->s_lock)
            lck_mtx_free(shard->s_lock, memfs_lock_group);
        memfs_free(shard->s_buckets, shard->s_nbuckets * sizeof(*shard->s_buckets));
    }
}

/* A table that cannot grow still works, only slower. */
static void shard_grow(struct memfs_shard *shard)
{
    uint32_t old_count = shard->s_nbuckets;
    struct memfs_node **old = shard->s_buckets;
    struct memfs_node **buckets = memfs_alloc(2u * old_count * sizeof(*buckets));

    if (!buckets)
        return;
    shard->s_buckets = buckets;
    shard->s_nbuckets = 2 * old_count;
    for (uint32_t i = 0; i < old_count; i++) {
        struct memfs_node *node = old[i];
        while (node) {
            struct memfs_node *next = node->n_hash_next;
            struct memfs_node **bucket = bucket_of(shard, node->n_ino);
            node->n_hash_next = *bucket;
            *bucket = node;
            node = next;
        }
    }
    memfs_free(old, old_count * sizeof(*old));
}

static void shard_insert(struct memfs_node *node)
{
    struct memfs_shard *shard = shard_of(node->n_mount, node->n_ino);

    lck_mtx_lock(shard->s_lock);
    if (shard->s_count >= shard->s_nbuckets)
        shard_grow(shard);
    struct memfs_node **bucket = bucket_of(shard, node->n_ino);
    node->n_hash_next = *bucket;
    *bucket = node;
    shard->s_count++;
    lck_mtx_unlock(shard->s_lock);
}

static void shard_remove(struct memfs_node *node)
{
    struct memfs_shard *shard = shard_of(node->n_mount, node->n_ino);

    lck_mtx_lock(shard->s_lock);
    struct memfs_node **where = bucket_of(shard, node->n_ino);
    while (*where != node)
        where = &(*where)->n_hash_next;
    *where = node->n_hash_next;
    shard->s_count--;
    lck_mtx_unlock(shard->s_lock);
}

/* The count of all nodes is exact where it matters, at the limit; below it, threads that make and remove
 * files seldom come to it, since a group keeps what a few removed nodes leave. */
#define SPARE_MAX 8u

uint64_t memfs_nodes_used(struct memfs_mount *mnt)
{
    for (uint32_t i = 0; i < MEMFS_GROUPS; i++) {
        struct memfs_group *group = &mnt->m_groups[i];
        if (atomic_load_explicit(&group->g_spare, memory_order_relaxed))
            atomic_fetch_sub(&mnt->m_nodes, atomic_exchange(&group->g_spare, 0));
    }
    return atomic_load(&mnt->m_nodes);
}

static boolean_t spare_take(struct memfs_group *group)
{
    uint64_t spare = atomic_load(&group->g_spare);

    while (spare)
        if (atomic_compare_exchange_weak(&group->g_spare, &spare, spare - 1))
            return TRUE;
    return FALSE;
}

static boolean_t node_count_add(struct memfs_mount *mnt)
{
    if (atomic_fetch_add(&mnt->m_nodes, 1) < atomic_load(&mnt->m_max_nodes))
        return TRUE;
    atomic_fetch_sub(&mnt->m_nodes, 1);
    return FALSE;
}

static int node_count_take(struct memfs_mount *mnt)
{
    /* More than the limit are counted while it is lowered. */
    if (mnt->m_nodes <= mnt->m_max_nodes && spare_take(&mnt->m_groups[group_mine(mnt)]))
        return 0;
    if (node_count_add(mnt))
        return 0;
    (void)memfs_nodes_used(mnt);
    return node_count_add(mnt) ? 0 : ENOSPC;
}

static void node_count_give(struct memfs_mount *mnt)
{
    struct memfs_group *group = &mnt->m_groups[group_mine(mnt)];

    if (atomic_load(&group->g_spare) < SPARE_MAX)
        atomic_fetch_add(&group->g_spare, 1);
    else
        atomic_fetch_sub(&mnt->m_nodes, 1);
}

int memfs_node_alloc(struct memfs_mount *mnt, const struct memfs_node_args *args, struct memfs_node **out)
{
    int error = node_count_take(mnt);

    if (error)
        return error;
    struct memfs_node *node = memfs_alloc(sizeof(*node));
    if (!node)
        goto no_memory;
    node->n_lock = lck_rw_alloc_init(memfs_lock_group, LCK_ATTR_NULL);
    if (!node->n_lock)
        goto no_memory;
    node->n_mount = mnt;
    node->n_ino = number_take(mnt);
    node->n_generation = mnt->m_generation;
    node->n_refs = 1;
    node->n_type = args->type;
    node->n_mode = args->mode & ALLPERMS;
    node->n_uid = args->uid;
    node->n_gid = args->gid;
    node->n_rdev = args->rdev;
    memfs_now(&node->n_btime);
    node->n_atime = node->n_mtime = node->n_ctime = node->n_btime;
    shard_insert(node);
    *out = node;
    return 0;

no_memory:
    memfs_free(node, sizeof(*node));
    node_count_give(mnt);
    return ENOMEM;
}

static void node_destroy(struct memfs_node *node)
{
    struct memfs_mount *mnt = node->n_mount;

    shard_remove(node);
    if (node->n_type == VREG)
        memfs_pages_free(node, 0, UINT64_MAX);
    else if (node->n_type == VDIR)
        memfs_dir_destroy(node);
    else if (node->n_type == VLNK)
        memfs_free(node->u.target, (size_t)node->n_size + 1);
    memfs_xattrs_destroy(node);
    lck_rw_free(node->n_lock, memfs_lock_group);
    memfs_free(node, sizeof(*node));
    node_count_give(mnt);
}

void memfs_node_ref(struct memfs_node *node)
{
    atomic_fetch_add(&node->n_refs, 1);
}

void memfs_node_rele(struct memfs_node *node)
{
    if (atomic_fetch_sub(&node->n_refs, 1) == 1)
        node_destroy(node);
}

/* A node in the table may be on its way out: only one that somebody still holds may be held by one more. */
static boolean_t node_ref_if_alive(struct memfs_node *node)
{
    int32_t refs = atomic_load(&node->n_refs);

    while (refs > 0)
        if (atomic_compare_exchange_weak(&node->n_refs, &refs, refs + 1))
            return TRUE;
    return FALSE;
}

struct memfs_node *memfs_node_find(struct memfs_mount *mnt, uint64_t ino)
{
    struct memfs_shard *shard = shard_of(mnt, ino);

    lck_mtx_lock(shard->s_lock);
    struct memfs_node *node = *bucket_of(shard, ino);
    while (node && node->n_ino != ino)
        node = node->n_hash_next;
    if (node && !node_ref_if_alive(node))
        node = NULL;
    lck_mtx_unlock(shard->s_lock);
    return node;
}

/* The vnode takes over one reference on the node until reclaim. */
static int vnode_make(struct memfs_node *node, vnode_t dvp, struct componentname *cnp)
{
    struct vnode_fsparam param = {
        .vnfs_mp = node->n_mount->m_mount,
        .vnfs_vtype = node->n_type,
        .vnfs_str = "memfs",
        .vnfs_dvp = dvp,
        .vnfs_fsnode = node,
        .vnfs_vops = memfs_vnodeop_p,
        .vnfs_markroot = node == node->n_mount->m_root,
        .vnfs_rdev = node->n_rdev,
        .vnfs_filesize = node->n_type == VREG ? node->n_size : 0,
        .vnfs_cnp = cnp,
        /* Names enter the cache under the directory's lock, not here. */
        .vnfs_flags = VNFS_NOCACHE | VNFS_ADDFSREF,
    };

    memfs_node_ref(node);
    int error = vnode_create(VNCREATE_FLAVOR, VCREATESIZE, &param, &node->n_vnode);
    if (error)
        memfs_node_rele(node);
    return error;
}

int memfs_node_vnode(struct memfs_node *node, vnode_t dvp, struct componentname *cnp, vnode_t *vpp)
{
    lck_mtx_t *lock = shard_of(node->n_mount, node->n_ino)->s_lock;

    lck_mtx_lock(lock);
    for (;;) {
        if (node->n_making) {
            (void)msleep(&node->n_making, lock, PINOD, "memfs_vnode", NULL);
            continue;
        }
        vnode_t vp = node->n_vnode;
        if (!vp)
            break;
        uint32_t vid = vnode_vid(vp);
        lck_mtx_unlock(lock);
        if (vnode_getwithvid(vp, vid) == 0) {
            *vpp = vp;
            return 0;
        }
        lck_mtx_lock(lock); /* reclaimed meanwhile, and detached: make another */
    }
    node->n_making = TRUE;
    lck_mtx_unlock(lock);

    int error = vnode_make(node, dvp, cnp);

    lck_mtx_lock(lock);
    if (error)
        node->n_vnode = NULL;
    else
        *vpp = node->n_vnode;
    node->n_making = FALSE;
    wakeup(&node->n_making);
    lck_mtx_unlock(lock);
    return error;
}

int memfs_vnop_inactive(struct vnop_inactive_args *ap)
{
    struct memfs_node *node = vtom(ap->a_vp);

    lck_rw_lock_shared(node->n_lock);
    boolean_t nameless = node->n_nlink == 0;
    lck_rw_unlock_shared(node->n_lock);
    if (nameless)
        vnode_recycle(ap->a_vp);
    return 0;
}

int memfs_vnop_reclaim(struct vnop_reclaim_args *ap)
{
    vnode_t vp = ap->a_vp;
    struct memfs_node *node = vtom(vp);
    lck_mtx_t *lock = shard_of(node->n_mount, node->n_ino)->s_lock;

    lck_mtx_lock(lock);
    node->n_vnode = NULL;
    lck_mtx_unlock(lock);
    vnode_removefsref(vp);
    vnode_clearfsnode(vp);
    memfs_node_rele(node);
    return 0;
}

void memfs_lock_pair(struct memfs_node *a, struct memfs_node *b)
{
    struct memfs_node *first = a < b ? a : b;

    lck_rw_lock_exclusive(first->n_lock);
    if (a != b)
        lck_rw_lock_exclusive((first == a ? b : a)->n_lock);
}

void memfs_unlock_pair(struct memfs_node *a, struct memfs_node *b)
{
    lck_rw_unlock_exclusive(a->n_lock);
    if (a != b)
        lck_rw_unlock_exclusive(b->n_lock);
}
