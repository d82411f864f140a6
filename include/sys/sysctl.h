// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysctl: variables of a kext that the outside can read and set by name.
 */
#ifndef KPI_SYS_SYSCTL_H
#define KPI_SYS_SYSCTL_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/time.h>
#include <sys/ucred.h>
#include <sys/kernel_types.h>
#include <sys/queue.h>
#include <os/base.h>
#include <sys/proc.h>
#include <sys/vm.h>

#define CTL_MAXNAME 12
struct ctlname {
    char *ctl_name;
    int ctl_type; /* CTLTYPE_* */
};

/* Kind of a variable; how it may be used. */
#define CTLTYPE             0xf
#define CTLTYPE_NODE        0x1
#define CTLTYPE_INT         0x2
#define CTLTYPE_STRING      0x3
#define CTLTYPE_QUAD        0x4
#define CTLTYPE_OPAQUE      0x5
#define CTLTYPE_STRUCT      CTLTYPE_OPAQUE
#define CTLFLAG_EXPERIMENT  0x00100000
#define CTLFLAG_OID2        0x00400000
#define CTLFLAG_LOCKED      0x00800000
#define CTLFLAG_KERN        0x01000000
#define CTLFLAG_NOAUTO      0x02000000
#define CTLFLAG_MASKED      0x04000000
#define CTLFLAG_SECURE      0x08000000
#define CTLFLAG_ANYBODY     0x10000000
#define CTLFLAG_NOLOCK      0x20000000
#define CTLFLAG_WR          0x40000000
#define CTLFLAG_RD          0x80000000u
#define CTLFLAG_RW          (CTLFLAG_RD | CTLFLAG_WR)
#define OID_AUTO            (-1)
#define OID_AUTO_START      100
#define SYSCTL_OID_VERSION  1
#define SYSCTL_SKMEM        0
#define nvram_osenvironment "osenvironment"

struct sysctl_oid;
struct sysctl_req;
SLIST_HEAD(sysctl_oid_list, sysctl_oid);

typedef struct experiment_spec experiment_spec_t;
struct experiment_spec {
    void *ptr;
    uint64_t min_value;
    uint64_t max_value;
    uint64_t original_value;
    _Bool modified;
};

#define SYSCTL_HANDLER_ARGS (struct sysctl_oid * oidp, void *arg1, int arg2, struct sysctl_req *req)
typedef int(*sysctl_handler_t) SYSCTL_HANDLER_ARGS;

/* A variable. */
struct sysctl_oid {
    struct sysctl_oid_list *oid_parent;
    SLIST_ENTRY(sysctl_oid) oid_link;
    int oid_number;
    int oid_kind; /* CTLTYPE_*, CTLFLAG_* */
    void *oid_arg1;
    int oid_arg2;
    const char *oid_name;
    sysctl_handler_t oid_handler;
    const char *oid_fmt;
    const char *oid_descr;
    int oid_version; /* SYSCTL_OID_VERSION */
    int oid_refcnt;
};

/* One request. */
struct sysctl_req {
    struct proc *p;
    int lock;
    user_addr_t oldptr;
    size_t oldlen;
    size_t oldidx;
    int (*oldfunc)(struct sysctl_req *, const void *, size_t);
    user_addr_t newptr;
    size_t newlen;
    size_t newidx;
    int (*newfunc)(struct sysctl_req *, void *, size_t);
};
#define SYSCTL_IN(r, p, l)  ((r)->newfunc)(r, p, l)
#define SYSCTL_OUT(r, p, l) ((r)->oldfunc)(r, p, l)

__BEGIN_DECLS
/** sysctl_handle_int - handler of an int at @arg1, or of the constant @arg2.
 *  @oidp in  the variable.
 *  @arg1 in  the int, NULL for a constant.
 *  @arg2 in  the constant.
 *  @req  in  the request: gives the value, then takes the new one. 64-bit buffers serve where it fits.
 *  Refs:   none.
 *  Locks:  none; guarding the int is the kext's business.
 *  Blocks: user memory may.
 *  Errno:  0; EPERM a constant cannot be set; ERANGE does not fit; ENOMEM, EINVAL as SYSCTL_OUT, SYSCTL_IN;
 *          EFAULT.
 *  KPI:    bsd, stable */
int sysctl_handle_int(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req);
/** sysctl_handle_int2quad - handler of an int that is read as a quad. */
int sysctl_handle_int2quad(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req);
/** sysctl_handle_long - handler of a long at @arg1. */
int sysctl_handle_long(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req);
/** sysctl_handle_quad - handler of a quad at @arg1. */
int sysctl_handle_quad(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req);
/** sysctl_handle_string - handler of a string at @arg1 in room of @arg2 bytes, NUL included; 0: it cannot be
 *  set. EINVAL: too long. Otherwise as sysctl_handle_int. */
int sysctl_handle_string(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req);
/** sysctl_handle_opaque - handler of @arg2 bytes at @arg1. */
int sysctl_handle_opaque(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req);
/** sysctl_register_oid - make a variable known.
 *  @oidp in  the variable, as one of the macros below lays it down; stays the kext's and must stay in place
 *            until sysctl_unregister_oid. OID_AUTO is replaced by the number that it gets.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  none; a number that is taken and a layout that is not known are logged and not registered.
 *  KPI:    bsd, stable */
void sysctl_register_oid(struct sysctl_oid *oidp);
/** sysctl_unregister_oid - withdraw a variable. Blocks until no handler of it runs; not to be called from
 * one. One that is not registered is ignored. */
void sysctl_unregister_oid(struct sysctl_oid *oidp);
/** sysctlbyname - read, and where @newp is given set, a variable marked CTLFLAG_KERN by its name.
 *  @name    in      parts with dots between; a part may be a number.
 *  @oldp    out     kernel memory, or NULL.
 *  @oldlenp in out  its size in bytes, then the value's; may be NULL.
 *  @newp    in      kernel memory with the new value, or NULL.
 *  @newlen  in      its size in bytes.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: the handler may.
 *  Errno:  0; ENOENT; EPERM cannot be set, or not for the kernel; ENOMEM does not fit; EISDIR the name goes
 * on below a variable; the handler's. KPI:    libkern, stable */
int sysctlbyname(const char *name, void *oldp, size_t *oldlenp, void *newp, size_t newlen);
__END_DECLS

#define SYSCTL_DECL(name) extern struct sysctl_oid_list sysctl_##name##_children
#define SYSCTL_LINKER_SET_ENTRY(set, symbol)
/* Each of these is a whole declaration; a semicolon after it may be left out. */
#define SYSCTL_OID(parent, nbr, name, kind, a1, a2, handler, fmt, descr)                                     \
    struct sysctl_oid sysctl_##parent##_##name = {&sysctl_##parent##_children,                               \
                                                  {0},                                                       \
                                                  nbr,                                                       \
                                                  (int)((kind) | CTLFLAG_OID2),                              \
                                                  a1,                                                        \
                                                  (int)(a2),                                                 \
                                                  #name,                                                     \
                                                  handler,                                                   \
                                                  fmt,                                                       \
                                                  descr,                                                     \
                                                  SYSCTL_OID_VERSION,                                        \
                                                  0};
#define SYSCTL_NODE(parent, nbr, name, access, handler, descr)                                               \
    struct sysctl_oid_list sysctl_##parent##_##name##_children;                                              \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_NODE | (access), (void *)&sysctl_##parent##_##name##_children, 0,  \
               handler, "N", descr)
#define SYSCTL_STRING(parent, nbr, name, access, arg, len, descr)                                            \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_STRING | (access), arg, len, sysctl_handle_string, "A", descr)
#define SYSCTL_INT(parent, nbr, name, access, ptr, val, descr)                                               \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | (access), ptr, val, sysctl_handle_int, "I", descr)
#define SYSCTL_UINT(parent, nbr, name, access, ptr, val, descr)                                              \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | (access), ptr, val, sysctl_handle_int, "IU", descr)
#define SYSCTL_COMPAT_INT(parent, nbr, name, access, ptr, val, descr)                                        \
    SYSCTL_INT(parent, nbr, name, access, ptr, val, descr)
#define SYSCTL_COMPAT_UINT(parent, nbr, name, access, ptr, val, descr)                                       \
    SYSCTL_UINT(parent, nbr, name, access, ptr, val, descr)
#define SYSCTL_LONG(parent, nbr, name, access, ptr, descr)                                                   \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | (access), ptr, 0, sysctl_handle_long, "L", descr)
#define SYSCTL_ULONG(parent, nbr, name, access, ptr, descr)                                                  \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_INT | (access), ptr, 0, sysctl_handle_long, "LU", descr)
#define SYSCTL_QUAD(parent, nbr, name, access, ptr, descr)                                                   \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_QUAD | (access), ptr, 0, sysctl_handle_quad, "Q", descr)
#define SYSCTL_OPAQUE(parent, nbr, name, access, ptr, len, fmt, descr)                                       \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_OPAQUE | (access), ptr, len, sysctl_handle_opaque, fmt, descr)
#define SYSCTL_STRUCT(parent, nbr, name, access, ptr, type, descr)                                           \
    SYSCTL_OID(parent, nbr, name, CTLTYPE_OPAQUE | (access), ptr, sizeof(struct type), sysctl_handle_opaque, \
               "S," #type, descr)
#define SYSCTL_PROC(parent, nbr, name, access, ptr, arg, handler, fmt, descr)                                \
    SYSCTL_OID(parent, nbr, name, (access), ptr, arg, handler, fmt, descr)

/** sysctl__children - the variables at the top. SYSCTL_NODE with an empty parent puts one there. */
extern struct sysctl_oid_list sysctl__children;
SYSCTL_DECL(_kern);
SYSCTL_DECL(_sysctl);
SYSCTL_DECL(_vm);
SYSCTL_DECL(_vfs);
SYSCTL_DECL(_vfs_generic);
SYSCTL_DECL(_net);
SYSCTL_DECL(_debug);
SYSCTL_DECL(_hw);
SYSCTL_DECL(_machdep);
SYSCTL_DECL(_user);

#endif /* KPI_SYS_SYSCTL_H */
