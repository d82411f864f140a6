// SPDX-License-Identifier: BSD-2-Clause
/*
 * systm.c: hash tables, functions that do nothing or refuse, copies of strings, the version. No locks, no
 * state.
 */
#include <string.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/malloc.h>
#include <sys/queue.h>
#include <sys/systm.h>
#include <libkern/version.h>

#include "kern/kern_iface.h"

LIST_HEAD(hash_head, hash_entry);
struct hash_entry {
    LIST_ENTRY(hash_entry) link;
};

void *hashinit(int count, int type, u_long *hashmask)
{
    u_long size = 1;
    void *table;

    if (count <= 0)
        panic("hashinit: %d lists were asked for", count);
    while (size <= (u_long)count / 2)
        size <<= 1;
    table = _MALLOC(size * sizeof(struct hash_head), type, M_WAITOK | M_ZERO);
    if (table)
        *hashmask = size - 1;
    return table;
}

void hashdestroy(void *table, int type, u_long hashmask)
{
    struct hash_head *heads = table;

    for (u_long i = 0; i <= hashmask; i++)
        KASSERT(LIST_EMPTY(&heads[i]), "hashdestroy: list %lu of %lu is not empty", i, hashmask + 1);
    _FREE(table, type);
}

int nullop(void)
{
    return 0;
}

int nulldev(void)
{
    return 0;
}

int enoioctl(void)
{
    return ENOTTY;
}

int enosys(void)
{
    return ENOSYS;
}

int enxio(void)
{
    return ENXIO;
}

int enodev(void)
{
    return ENODEV;
}

void enodev_strat(void)
{
}

int eopnotsupp(void)
{
    return ENOTSUP;
}

char *STRDUP(const char *string, int type)
{
    size_t size = strlen(string) + 1;
    char *copy = _MALLOC(size, type, M_WAITOK);

    if (copy)
        memcpy(copy, string, size);
    return copy;
}

const int version_major = VERSION_MAJOR;
const int version_minor = VERSION_MINOR;
const char version_variant[] = VERSION_VARIANT;
const int version_revision = VERSION_REVISION;
const int version_stage = VERSION_STAGE;
const int version_prerelease_level = VERSION_PRERELEASE_LEVEL;
const char version[] = "Darwin Kernel Version " OSRELEASE " (kextbed)";
const char osbuild_config[] = OSBUILD_CONFIG;
const char ostype[] = OSTYPE;
char osrelease[] = OSRELEASE;
