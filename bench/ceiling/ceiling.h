// SPDX-License-Identifier: BSD-2-Clause
/*
 * The ceiling: the least work that an in-memory file system on libfuse3's low-level interface can do, so that
 * other file systems' cost above FUSE's own can be told. It checks no permissions, keeps no access times and
 * has no limits; everything else behaves as POSIX asks.
 *
 * Locks: each node has one reader-writer lock, n_lock, over its attributes and contents. Order: a directory
 * before a node found in it; two directories (rename) by ascending address. No lock is held while a reply is
 * sent, except that a read sends straight from the locked contents. References: n_refs counts names (links),
 * lookups that the kernel has not forgotten, and passing users that need the node beyond the directory's
 * lock. A node is freed when it falls to 0; the root's never does.
 */
#ifndef BENCH_CEILING_H
#define BENCH_CEILING_H

#define FUSE_USE_VERSION 312

#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct ceiling_options {
    double timeout_s;   // of entries and attributes
    bool skip_open;     // answer OPEN, OPENDIR, FLUSH, CREATE 'no such call', which the kernel remembers
    bool keep_cache;    // keep a file's cached pages across opens
    bool writeback;     // let the kernel collect writes
    bool plus;          // list directories with attributes where the kernel wants them
    bool kernel_checks; // default_permissions
    const char *mountpoint;
};

extern struct ceiling_options ceiling; // constant once the session runs

struct node;

// A name in a directory.
struct dirent_slot {
    struct dirent_slot *next; // in its hash chain
    struct node *node;        // counted in n_refs
    uint32_t hash;
    uint32_t slot; // place in the directory's order, never changes
    size_t name_len;
    char name[];
};

struct directory {
    struct dirent_slot **chains; // [n_chains], a power of two
    size_t n_chains;
    struct dirent_slot **slots; // [n_slots] in readdir order, NULL where a name went
    size_t n_slots;
    size_t slots_room;
    uint32_t *holes; // [n_holes] slots to be used again
    size_t n_holes;
    size_t holes_room;
    size_t n_names;
    struct node *parent;
};

struct node {
    atomic_uint_fast64_t n_refs;
    pthread_rwlock_t n_lock;
    struct stat n_stat; // n_lock
    union {             // n_lock
        struct directory n_dir;
        struct {
            char *n_data; // regular file: contents; symbolic link: target
            size_t n_room;
        };
    };
};

/** node_root - makes the root directory. Once, before the session starts. Returns 0 or ENOMEM. */
int node_root_make(void);

/** node_of - the node that the kernel calls @ino. */
struct node *node_of(fuse_ino_t ino);

/** node_ino - the kernel's name for @node. */
fuse_ino_t node_ino(const struct node *node);

/** node_new - a node with one reference, the caller's, and no name yet; NULL: no memory. */
struct node *node_new(const struct fuse_ctx *ctx, mode_t mode, dev_t rdev);

/** node_ref - adds @count references; the caller holds one, or the lock of a directory that names @node. */
void node_ref(struct node *node, uint64_t count);

/** node_release - drops @count references and frees @node with the last. The caller holds no lock of it. */
void node_release(struct node *node, uint64_t count);

/** node_touch - sets the change time, and the modification time if @modified. n_lock held for writing. */
void node_touch(struct node *node, bool modified);

/** node_entry - fills @entry for a reply that names @node. Takes n_lock for reading; gives no reference. */
void node_entry(struct node *node, struct fuse_entry_param *entry);

/** dir_find - the entry @name of directory @node, or NULL. n_lock held. */
struct dirent_slot *dir_find(const struct node *node, const char *name);

/** dir_add - names @child @name in @node; takes over one reference. n_lock held for writing. Returns 0 or
 * ENOMEM. */
int dir_add(struct node *node, const char *name, struct node *child);

/** dir_remove - forgets the entry @entry; its reference to the child passes to the caller. n_lock for
 * writing. */
void dir_remove(struct node *node, struct dirent_slot *entry);

/** dir_free - frees the table of an empty directory. */
void dir_free(struct directory *dir);

/** data_resize - makes the file @size bytes long; new bytes are zeros. n_lock for writing. Returns 0 or an
 * errno. */
int data_resize(struct node *node, uint64_t size);

/** data_write - stores @len bytes at @off, lengthening the file. n_lock for writing. Returns 0 or an errno.
 */
int data_write(struct node *node, const char *bytes, size_t len, uint64_t off);

/** data_allocate - fallocate(2) with @mode. n_lock for writing. Returns 0 or an errno. */
int data_allocate(struct node *node, int mode, uint64_t off, uint64_t len);

/** ops_names_fill, ops_attributes_fill, ops_data_fill, ops_directories_fill - put each file's calls into
 * @ops. */
void ops_names_fill(struct fuse_lowlevel_ops *ops);
void ops_attributes_fill(struct fuse_lowlevel_ops *ops);
void ops_data_fill(struct fuse_lowlevel_ops *ops);
void ops_directories_fill(struct fuse_lowlevel_ops *ops);

#endif
