// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel controls: sockets of the system domain by which programs talk to a kext. A kext registers one here
 * as anywhere; programs of the host have no such sockets, so nobody connects and no callback is ever called.
 */
#ifndef KPI_SYS_KERN_CONTROL_H
#define KPI_SYS_KERN_CONTROL_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/ioccom.h>
#include <sys/kernel_types.h>
#include <sys/kpi_mbuf.h>

#define MAX_KCTL_NAME 96 /* bytes, NUL included */

/* Events of the system class, and what they carry. */
#define KEV_CTL_SUBCLASS     2
#define KEV_CTL_REGISTERED   1
#define KEV_CTL_DEREGISTERED 2
struct ctl_event_data {
    u_int32_t ctl_id;
    u_int32_t ctl_unit;
};

/* How a program learns the number of a control from its name. */
struct ctl_info {
    u_int32_t ctl_id;
    char ctl_name[MAX_KCTL_NAME];
};
#define CTLIOCGCOUNT _IOR('N', 2, int)
#define CTLIOCGINFO  _IOWR('N', 3, struct ctl_info)

/* Address of a control. */
struct sockaddr_ctl {
    u_char sc_len;
    u_char sc_family; /* AF_SYSTEM */
    u_int16_t ss_sysaddr;
    u_int32_t sc_id;
    u_int32_t sc_unit; /* 0: any that is free */
    u_int32_t sc_reserved[5];
};

typedef void *kern_ctl_ref;

/* Registration: who may connect, who chooses the number, what kind of socket. */
#define CTL_FLAG_PRIVILEGED      0x1
#define CTL_FLAG_REG_ID_UNIT     0x2
#define CTL_FLAG_REG_SOCK_STREAM 0x4
#ifdef KERNEL_PRIVATE
#define CTL_FLAG_REG_EXTENDED 0x8
#define CTL_FLAG_REG_CRIT     0x10
#define CTL_FLAG_REG_SETUP    0x20
#endif

/* Enqueueing. */
#define CTL_DATA_NOWAKEUP 0x1
#define CTL_DATA_EOR      0x2
#ifdef KERNEL_PRIVATE
#define CTL_DATA_CRIT 0x4
#endif

__BEGIN_DECLS
/** ctl_connect_func - somebody connects to a unit; *unitinfo is handed to the other callbacks. */
typedef errno_t (*ctl_connect_func)(kern_ctl_ref kctlref, struct sockaddr_ctl *sac, void **unitinfo);
/** ctl_disconnect_func - the connection of a unit ends. */
typedef errno_t (*ctl_disconnect_func)(kern_ctl_ref kctlref, u_int32_t unit, void *unitinfo);
/** ctl_send_func - data for the kext; the callee frees @m. */
typedef errno_t (*ctl_send_func)(kern_ctl_ref kctlref, u_int32_t unit, void *unitinfo, mbuf_t m, int flags);
/** ctl_setopt_func - a socket option is set, with @len bytes at @data. */
typedef errno_t (*ctl_setopt_func)(kern_ctl_ref kctlref, u_int32_t unit, void *unitinfo, int opt, void *data,
                                   size_t len);
/** ctl_getopt_func - a socket option is read into *@len bytes at @data; NULL asks for the length. */
typedef errno_t (*ctl_getopt_func)(kern_ctl_ref kctlref, u_int32_t unit, void *unitinfo, int opt, void *data,
                                   size_t *len);
#ifdef KERNEL_PRIVATE
/** ctl_rcvd_func - the program has read. Private. */
typedef void (*ctl_rcvd_func)(kern_ctl_ref kctlref, u_int32_t unit, void *unitinfo, int flags);
/** ctl_send_list_func - a list of packets for the kext. Private. */
typedef errno_t (*ctl_send_list_func)(kern_ctl_ref kctlref, u_int32_t unit, void *unitinfo, mbuf_t m,
                                      int flags);
/** ctl_bind_func - a socket is bound before it connects. Private. */
typedef errno_t (*ctl_bind_func)(kern_ctl_ref kctlref, struct sockaddr_ctl *sac, void **unitinfo);
/** ctl_setup_func - chooses the unit of a new connection. Private. */
typedef errno_t (*ctl_setup_func)(u_int32_t *unit, void **unitinfo);
#endif

struct kern_ctl_reg {
    char ctl_name[MAX_KCTL_NAME]; /* by convention a reversed domain name */
    u_int32_t ctl_id;             /* set by ctl_register unless CTL_FLAG_REG_ID_UNIT */
    u_int32_t ctl_unit;           /* with CTL_FLAG_REG_ID_UNIT alone */
    u_int32_t ctl_flags;          /* CTL_FLAG_* */
    u_int32_t ctl_sendsize;       /* bytes of buffer; 0: the default, which ctl_register fills in */
    u_int32_t ctl_recvsize;
    ctl_connect_func ctl_connect; /* the only one that must be there */
    ctl_disconnect_func ctl_disconnect;
    ctl_send_func ctl_send;
    ctl_setopt_func ctl_setopt;
    ctl_getopt_func ctl_getopt;
#ifdef KERNEL_PRIVATE
    ctl_rcvd_func ctl_rcvd; /* these with their flags alone */
    ctl_send_list_func ctl_send_list;
    ctl_bind_func ctl_bind;
    ctl_setup_func ctl_setup;
#endif
};

/** ctl_register - make a control known.
 *  @userkctl in out  name, flags and callbacks, copied; gets its number and the sizes of its buffers.
 *  @kctlref  out     handle, on success alone.
 *  Refs:   the handle, given back by ctl_deregister.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  0; EINVAL an argument is NULL, there is no connect callback, no name, or one without an end;
 *          EEXIST the name is taken, or with CTL_FLAG_REG_ID_UNIT the number and unit; ENOMEM.
 *  KPI:    bsd, stable */
errno_t ctl_register(struct kern_ctl_reg *userkctl, kern_ctl_ref *kctlref);
/** ctl_deregister - withdraw a control.
 *  @kctlref in  handle of ctl_register; dead afterwards.
 *  Refs:   consumes the handle.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  0; EINVAL not a live handle. EBUSY, while somebody is connected, does not occur here.
 *  KPI:    bsd, stable */
errno_t ctl_deregister(kern_ctl_ref kctlref);
/** ctl_enqueuedata - send @len bytes at @data to the program that is connected to a unit. EINVAL: nobody is,
 *  which is always so here. */
errno_t ctl_enqueuedata(kern_ctl_ref kctlref, u_int32_t unit, void *data, size_t len, u_int32_t flags);
/** ctl_enqueuembuf - the same with a packet, which stays the caller's on an error. EINVAL as
 *  ctl_enqueuedata. */
errno_t ctl_enqueuembuf(kern_ctl_ref kctlref, u_int32_t unit, mbuf_t m, u_int32_t flags);
/** ctl_getenqueuespace - bytes that ctl_enqueuedata would take for a unit now. EINVAL as ctl_enqueuedata. */
errno_t ctl_getenqueuespace(kern_ctl_ref kctlref, u_int32_t unit, size_t *space);
__END_DECLS

#endif /* KPI_SYS_KERN_CONTROL_H */
