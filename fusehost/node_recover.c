// SPDX-License-Identifier: BSD-2-Clause
/*
 * Finding a file again whose vnode was recycled: by its number where the file system can (VFS_VGET), else by
 * the way that led to it, name by name from the nearest ancestor that is still there. Either way it must
 * prove to be the same file: same id, same generation. Done in the kernel's own name: it gives nobody access.
 */
#include <stdlib.h>
#include <string.h>

#include "fusehost/session_internal.h"

#define TRIES_MAX 64

#define AT_NAME (SYS_AT_COMPONENT | SYS_AT_NOFOLLOW | SYS_AT_NOCROSS)

/* The way from a node up to an ancestor: nodes referenced, each with its name in the next. */
struct way {
    struct step {
        struct fh_node *node;
        char *name;
    } * steps;
    size_t len, room;
};

static int way_add(struct way *way, struct fh_node *node, const char *name)
{
    if (way->len == way->room) {
        size_t room = way->room ? way->room * 2 : 16;
        struct step *grown = realloc(way->steps, room * sizeof(*grown));

        if (!grown)
            return SYS_ENOMEM;
        way->steps = grown;
        way->room = room;
    }
    char *copy = name ? strdup(name) : NULL;
    if (name && !copy)
        return SYS_ENOMEM;
    fh_node_retain(node);
    way->steps[way->len++] = (struct step){node, copy};
    return 0;
}

static void way_free(struct way *way)
{
    for (size_t i = 0; i < way->len; i++) {
        fh_node_put(way->steps[i].node);
        free(way->steps[i].name);
    }
    free(way->steps);
}

static bool node_is_there(struct fh_session *session, struct fh_node *node)
{
    struct sys_node at;
    struct sys_attr attr;

    fh_node_weak(node, &at);
    return sys_getattr(session->kernel_caller, &at, &attr) == 0;
}

static bool same_file(const struct fh_node *node, const struct sys_node *sys, const struct sys_attr *attr)
{
    return sys->fileid == node->fileid && attr->generation == node->generation;
}

static int root_recover(struct fh_session *session, struct fh_node *root)
{
    struct sys_node sys;
    int err = sys_mount_root(session->mount_id, &sys);

    if (!err)
        fh_node_set_weak(root, &sys);
    return err;
}

static int number_recover(struct fh_session *session, struct fh_node *node)
{
    struct sys_node sys;
    struct sys_attr attr;
    int err = sys_recover(session->kernel_caller, session->mount_id, node->fileid, &sys, &attr);

    if (!err && !same_file(node, &sys, &attr))
        err = SYS_ENOENT;
    if (!err)
        fh_node_set_weak(node, &sys);
    return err;
}

/* Collects the way up to the first ancestor that needs no recovery. */
static int way_find(struct fh_session *session, struct fh_node *node, struct way *way)
{
    char name[FH_NAME_SIZE];
    int err = 0;

    fh_node_retain(node);
    while (!err && node != session->nodes.root && !(way->len && node_is_there(session, node))) {
        struct fh_node *parent = fh_node_place(node, name);

        err = parent ? way_add(way, node, name) : SYS_ENOENT;
        fh_node_put(node);
        node = parent;
    }
    if (!err)
        err = way_add(way, node, NULL);
    if (node)
        fh_node_put(node);
    return err;
}

/* Each step holds the directory that it looks into. */
static int way_walk(struct fh_session *session, struct way *way)
{
    sys_hold_t *hold = NULL;
    struct sys_node at, sys;
    struct sys_attr attr;
    size_t i = way->len - 1;

    fh_node_weak(way->steps[i].node, &at);
    int err = sys_hold(&at, &hold);
    while (!err && i-- > 0) {
        struct step *step = &way->steps[i];
        sys_hold_t *next = NULL;

        err = sys_lookup(session->kernel_caller, &at, step->name, AT_NAME, &sys, &attr);
        if (!err && !same_file(step->node, &sys, &attr))
            err = SYS_ENOENT;
        if (!err)
            err = sys_hold(&sys, &next);
        if (!err) {
            sys_hold_release(hold);
            hold = next;
            fh_node_set_weak(step->node, &sys);
            at = sys;
        }
    }
    if (hold)
        sys_hold_release(hold);
    return err;
}

static int way_recover(struct fh_session *session, struct fh_node *node)
{
    struct way way = {0};
    int err = 0;

    if (!node_is_there(session, session->nodes.root))
        err = root_recover(session, session->nodes.root);
    if (!err)
        err = way_find(session, node, &way);
    if (!err)
        err = way_walk(session, &way);
    way_free(&way);
    return err == SYS_ENOTDIR ? SYS_ENOENT : err;
}

static int node_recover(struct fh_session *session, struct fh_node *node)
{
    if (node == session->nodes.root)
        return root_recover(session, node);
    if (session->info.has_vget)
        return number_recover(session, node);
    return way_recover(session, node);
}

int fh_node_pin(struct fh_session *session, struct fh_node *node, struct sys_node *at, sys_hold_t **hold)
{
    int err = 0;

    for (int tries = 0; tries < TRIES_MAX && !err; tries++) {
        fh_node_weak(node, at);
        if (at->vnode == FH_NODE_REVOKED)
            return SYS_EIO;
        err = sys_hold(at, hold);
        if (err != SYS_ESTALE)
            return err;
        err = node_recover(session, node);
        if (err == SYS_ESTALE)
            err = 0; /* recycled on the way */
    }
    return err && err != SYS_ENOENT ? err : SYS_ESTALE;
}
