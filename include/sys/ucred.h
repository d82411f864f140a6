// SPDX-License-Identifier: BSD-2-Clause
/*
 * The credential structure. Its size is public for historical reasons: use kauth_cred_* and never the
 * fields.
 */
#ifndef KPI_SYS_UCRED_H
#define KPI_SYS_UCRED_H

#include <sys/cdefs.h>
#include <sys/param.h>
#include <sys/syslimits.h>
#include <sys/queue.h>
#include <sys/kernel_types.h>
#include <bsm/audit.h>
#include <os/base.h>

struct label;

struct ucred {
    LIST_ENTRY(ucred) cr_link;
    u_long cr_ref;
    struct posix_cred {
        uid_t cr_uid;
        uid_t cr_ruid;
        uid_t cr_svuid;
        u_short cr_ngroups;
        gid_t cr_groups[NGROUPS_MAX];
        gid_t cr_rgid;
        gid_t cr_svgid;
        uid_t cr_gmuid;
        int cr_flags; /* CRF_* */
    } cr_posix;
    struct label *cr_label;
    struct au_session cr_audit;
};
typedef struct posix_cred *posix_cred_t;

#define CRF_NOMEMBERD   0x1
#define CRF_MAC_ENFORCE 0x2

/* The form that leaves the kernel. */
struct xucred {
    u_int cr_version; /* XUCRED_VERSION */
    uid_t cr_uid;
    short cr_ngroups;
    gid_t cr_groups[NGROUPS_MAX];
};
#define XUCRED_VERSION      0
#define cr_gid              cr_groups[0]
#define NOCRED              ((kauth_cred_t)0)
#define FSCRED              ((kauth_cred_t)-1)
#define IS_VALID_CRED(cred) ((cred) != NOCRED && (cred) != FSCRED)

#endif /* KPI_SYS_UCRED_H */
