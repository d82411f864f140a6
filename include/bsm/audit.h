// SPDX-License-Identifier: BSD-2-Clause
/*
 * The audit types that credentials and tokens are made of.
 */
#ifndef KPI_BSM_AUDIT_H
#define KPI_BSM_AUDIT_H

#include <sys/cdefs.h>
#include <sys/types.h>

typedef uid_t au_id_t;
typedef pid_t au_asid_t;
typedef u_int64_t au_asflgs_t;

typedef struct au_tid {
    dev_t port;
    u_int32_t machine;
} au_tid_t;
typedef struct au_tid_addr {
    dev_t at_port;
    u_int32_t at_type;
    u_int32_t at_addr[4];
} au_tid_addr_t;
typedef struct au_mask {
    unsigned int am_success;
    unsigned int am_failure;
} au_mask_t;
typedef struct auditinfo_addr {
    au_id_t ai_auid;
    au_mask_t ai_mask;
    au_tid_addr_t ai_termid;
    au_asid_t ai_asid;
    au_asflgs_t ai_flags;
} auditinfo_addr_t;
typedef struct au_session {
    auditinfo_addr_t *as_aia_p;
    au_mask_t as_mask;
} au_session_t;

/* Which events a process is audited for. */
struct auditinfo {
    au_id_t ai_auid;
    au_mask_t ai_mask;
    au_tid_t ai_termid;
    au_asid_t ai_asid;
};
typedef struct auditinfo auditinfo_t;
struct auditpinfo {
    pid_t ap_pid;
    au_id_t ap_auid;
    au_mask_t ap_mask;
    au_tid_t ap_termid;
    au_asid_t ap_asid;
};
typedef struct auditpinfo auditpinfo_t;
struct auditpinfo_addr {
    pid_t ap_pid;
    au_id_t ap_auid;
    au_mask_t ap_mask;
    au_tid_addr_t ap_termid;
    au_asid_t ap_asid;
    au_asflgs_t ap_flags;
};
typedef struct auditpinfo_addr auditpinfo_addr_t;
struct au_qctrl {
    int aq_hiwater;
    int aq_lowater;
    int aq_bufsz;
    int aq_delay;
    int aq_minfree;
};
typedef struct au_qctrl au_qctrl_t;
struct audit_stat {
    unsigned int as_version;
    unsigned int as_numevent;
    int as_generated;
    int as_nonattrib;
    int as_kernel;
    int as_audit;
    int as_auditctl;
    int as_enqueue;
    int as_written;
    int as_wblocked;
    int as_rblocked;
    int as_dropped;
    int as_totalsize;
    unsigned int as_memused;
};
typedef struct audit_stat au_stat_t;
struct audit_fstat {
    u_int64_t af_filesz;
    u_int64_t af_currsz;
};
typedef struct audit_fstat au_fstat_t;
struct au_evclass_map {
    u_int16_t ec_number;
    u_int32_t ec_class;
};
typedef struct au_evclass_map au_evclass_map_t;
struct au_expire_after {
    time_t age;
    size_t size;
    unsigned char op_type;
};
typedef struct au_expire_after au_expire_after_t;

#endif /* KPI_BSM_AUDIT_H */
