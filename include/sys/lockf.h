// SPDX-License-Identifier: BSD-2-Clause
/*
 * Record of an advisory lock, as file systems that manage such locks themselves keep it.
 */
#ifndef KPI_SYS_LOCKF_H
#define KPI_SYS_LOCKF_H

#include <sys/queue.h>
#include <sys/cdefs.h>
#include <sys/types.h>

struct vnop_advlock_args;
struct vnode;
struct proc;

TAILQ_HEAD(locklist, lockf);

struct lockf {
    short lf_flags; /* F_POSIX or F_FLOCK, F_WAIT */
    short lf_type;  /* F_RDLCK or F_WRLCK */
    off_t lf_start; /* bytes */
    off_t lf_end;   /* of the last byte; -1: as far as the file goes */
    caddr_t lf_id;  /* whose */
    struct lockf **lf_head;
    struct vnode *lf_vnode;
    struct lockf *lf_next;
    struct locklist lf_blkhd; /* requests that wait for this one */
    TAILQ_ENTRY(lockf) lf_block;
    struct proc *lf_owner;
};

#endif /* KPI_SYS_LOCKF_H */
