// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysctl_root.c: the top of the tree of variables: the nodes below which kexts register theirs, and the few
 * variables that the kernel has of its own. Constant after the start; the lists are under sysctl.c's lock.
 */
#include <stddef.h>
#include <libkern/version.h>

#include "kern/sysctl_internal.h"

struct sysctl_oid_list sysctl__children;

#define NODE_FLAGS (CTLFLAG_RW | CTLFLAG_LOCKED)
#define READ_FLAGS (CTLFLAG_RD | CTLFLAG_KERN | CTLFLAG_LOCKED)

/* The numbers of the nodes are those of the programs that name them by number. */
SYSCTL_NODE(, 0, sysctl, NODE_FLAGS, NULL, "the tree itself");
SYSCTL_NODE(, 1, kern, NODE_FLAGS, NULL, "the kernel");
SYSCTL_NODE(, 2, vm, NODE_FLAGS, NULL, "memory");
SYSCTL_NODE(, 3, vfs, NODE_FLAGS, NULL, "file systems, by the number of their type");
SYSCTL_NODE(, 4, net, NODE_FLAGS, NULL, "networks");
SYSCTL_NODE(, 5, debug, NODE_FLAGS, NULL, "debugging");
SYSCTL_NODE(, 6, hw, NODE_FLAGS, NULL, "the machine");
SYSCTL_NODE(, 7, machdep, NODE_FLAGS, NULL, "the processor");
SYSCTL_NODE(, 8, user, NODE_FLAGS, NULL, "limits of programs");
SYSCTL_NODE(_vfs, 0, generic, NODE_FLAGS, NULL, "all file systems");

SYSCTL_STRING(_kern, 1, ostype, READ_FLAGS, (void *)(uintptr_t)ostype, 0, "name of the system");
SYSCTL_STRING(_kern, 2, osrelease, READ_FLAGS, osrelease, 0, "version of the interface");
SYSCTL_STRING(_kern, 4, version, READ_FLAGS, (void *)(uintptr_t)version, 0, "the kernel in one line");

void sysctl_root_register(void)
{
    static struct sysctl_oid *const own[] = {
        &sysctl__sysctl,      &sysctl__kern,        &sysctl__vm,          &sysctl__vfs,
        &sysctl__net,         &sysctl__debug,       &sysctl__hw,          &sysctl__machdep,
        &sysctl__user,        &sysctl__vfs_generic, &sysctl__kern_ostype, &sysctl__kern_osrelease,
        &sysctl__kern_version};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        sysctl_register_oid(own[i]);
}

void sysctl_register_fixed(void)
{
}
