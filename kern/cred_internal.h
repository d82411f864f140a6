// SPDX-License-Identifier: BSD-2-Clause
/*
 * cred_internal.h: credentials, processes and contexts inside kern/.
 */
#ifndef KEXTBED_KERN_CRED_INTERNAL_H
#define KEXTBED_KERN_CRED_INTERNAL_H

#include <stdatomic.h>
#include <sys/ucred.h>

#include "kern/kern_iface.h"

/* The public part first; the rest is where more groups than it has room for are kept. Everything but the
 * count and the chain is constant. [h] shard lock, [a] atomic. */
struct cred {
    struct ucred c_public;
    _Atomic uint32_t c_refs; /* [a] dropped to 0 under [h] only */
    uint32_t c_hash;
    struct cred *c_next; /* [h] */
    unsigned c_n_groups;
    gid_t c_groups[KERN_CRED_GROUPS_MAX]; /* supplementary */
};

struct proc {
    _Atomic uint32_t p_refs; /* dropped to 0 under the proc table lock only */
    int p_pid;
    struct proc *p_next; /* proc table lock */
};

void cred_init(void);
void proc_init(void);
void context_init(void);
uint32_t context_count(void);

#endif
