// SPDX-License-Identifier: BSD-2-Clause
/*
 * inproc_world.c: the kernel half of the world in process: boot, kexts, mounts, the callers that stand for
 * the cases' users, and at the end the check that nothing is left.
 *
 * A type is "memfs", or a stack "nullfs:nullfs:memfs", whose last is mounted first. Belongs to the initial
 * thread but for inproc_as(), whose table is filled by that thread alone before others start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/conform/conform.h"
#include "tests/conform/inproc_internal.h"
#include "tests/inproc/inproc.h"

#define STACK_MAX 4

struct layer {
    char type[SYS_FSTYPE_MAX];
    uint32_t mount_id;
};

static struct inproc kernel;
static struct layer layers[STACK_MAX];
static unsigned layer_count;
static const struct user *const known[] = {ROOT, ALICE, BOB, CAROL};
static sys_caller_t *callers[COUNT_OF(known)];

sys_caller_t *inproc_root(void)
{
    return callers[0];
}

sys_caller_t *inproc_as(const struct user *who)
{
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (known[i] == who)
            return callers[i];
    abort();
}

static void callers_make(void)
{
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct sys_identity id = {.uid = known[i]->uid,
                                  .gid = known[i]->gid,
                                  .ngroups = known[i]->ngroups,
                                  .groups = known[i]->groups};
        CHECK_SYS(0, sys_caller_create(&id, &callers[i]));
    }
}

/* Splits the stack's name; the first of it is on top. */
static void layers_parse(const char *fstype)
{
    const char *at = fstype;

    while (*at && layer_count < STACK_MAX) {
        size_t len = strcspn(at, ":");
        snprintf(layers[layer_count].type, sizeof(layers[0].type), "%.*s", (int)len, at);
        layer_count++;
        at += len + (at[len] == ':');
    }
}

static bool loaded_above(unsigned i)
{
    for (unsigned j = i + 1; j < layer_count; j++)
        if (strcmp(layers[j].type, layers[i].type) == 0)
            return true;
    return false;
}

static void layer_mount(unsigned i)
{
    char options[SYS_PATH_MAX + 8] = "", path[SYS_PATH_MAX];
    char kext[32];

    if (!loaded_above(i)) {
        snprintf(kext, sizeof(kext), "%s.kext", layers[i].type);
        inproc_load(kext);
    }
    if (i + 1 < layer_count) {
        CHECK_SYS(0, sys_mount_path(layers[i + 1].mount_id, path, sizeof(path)));
        snprintf(options, sizeof(options), "lower=%s", path);
    }
    inproc_mount(&kernel, layers[i].type, options[0] ? options : NULL);
    layers[i].mount_id = kernel.mount_id;
}

void inproc_begin(const char *fstype, unsigned max_vnodes)
{
    struct sys_attr mode = {.mask = SYS_ATTR_MODE, .mode = 0755};

    inproc_start(&kernel, max_vnodes);
    callers_make();
    layers_parse(fstype);
    for (unsigned i = layer_count; i-- > 0;)
        layer_mount(i);
    CHECK_SYS(0, sys_setattr(inproc_root(), &kernel.mount_root, &mode, NULL));
    inproc_here_is(&kernel.mount_root);
}

void inproc_finish(void)
{
    for (unsigned i = 0; i < layer_count; i++) {
        char why[1024];
        /* What something is stacked upon stays. */
        if (i + 1 < layer_count)
            CHECK_SYS(SYS_EBUSY, sys_unmount(inproc_root(), layers[i + 1].mount_id, 0, why, sizeof(why)));
        kernel.mount_id = layers[i].mount_id;
        inproc_unmount(&kernel);
    }
    for (unsigned i = 0; i < layer_count; i++) {
        char id[64];
        snprintf(id, sizeof(id), "org.kextbed.%s", layers[i].type);
        if (!loaded_above(i))
            inproc_unload(id);
    }
    for (size_t i = 0; i < COUNT_OF(known); i++)
        sys_caller_release(callers[i]);
    inproc_end(&kernel);
}
