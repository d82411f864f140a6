// SPDX-License-Identifier: BSD-2-Clause
/*
 * Opaque handles of the BSD layer. A kext holds pointers to these and never sees inside.
 */
#ifndef KPI_SYS_KERNEL_TYPES_H
#define KPI_SYS_KERNEL_TYPES_H

#include <sys/types.h>
#include <stdint.h>
#include <sys/_types/_guid_t.h>

struct buf;
struct file;
struct mount;
struct proc;
struct proc_ident;
struct socket;
struct uio;
struct vfs_context;
struct vfstable;
struct vnode;
struct ifnet;
struct mbuf;
struct ucred;
struct bufattr;
struct knote;
struct label;

typedef struct buf *buf_t;
typedef struct file *file_t;
typedef struct mount *mount_t;
typedef struct proc *proc_t;
typedef struct proc_ident *proc_ident_t;
typedef struct socket *socket_t;
typedef struct uio *uio_t;
typedef struct vfs_context *vfs_context_t;
typedef struct vfstable *vfstable_t;
typedef struct vnode *vnode_t;
typedef struct ifnet *ifnet_t;
typedef struct mbuf *mbuf_t;
typedef struct ucred *kauth_cred_t;
typedef struct bufattr *bufattr_t;

#define NULLVP ((struct vnode *)0)

#endif /* KPI_SYS_KERNEL_TYPES_H */
