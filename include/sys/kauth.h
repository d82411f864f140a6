// SPDX-License-Identifier: BSD-2-Clause
/*
 * Credentials, identities, access control lists and the authorisation framework (scopes and
 * listeners).
 */
#ifndef KPI_SYS_KAUTH_H
#define KPI_SYS_KAUTH_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <mach/boolean.h>
#include <machine/types.h>
#include <sys/types.h>
#include <sys/syslimits.h>
#include <sys/queue.h>
#include <sys/kernel_types.h>
#include <sys/_types/_guid_t.h>
#include <stdbool.h>
#include <sys/ucred.h>
#include <sys/lock.h>

#define KAUTH_UID_NONE 0xffffff9b
#define KAUTH_GID_NONE 0xffffff9b

/* Windows-style security identifiers. */
#define KAUTH_NTSID_MAX_AUTHORITIES 16
#define KAUTH_NTSID_HDRSIZE         8
typedef struct {
    u_int8_t sid_kind;
    u_int8_t sid_authcount; /* of sid_authorities */
    u_int8_t sid_authority[6];
    u_int32_t sid_authorities[KAUTH_NTSID_MAX_AUTHORITIES];
} ntsid_t;
#define _NTSID_T
#define KAUTH_NTSID_SIZE(sid) (KAUTH_NTSID_HDRSIZE + (sid)->sid_authcount * sizeof(u_int32_t))

/* Identity look-up by a user-space resolver: one request and its answer. */
struct kauth_identity_extlookup {
    u_int32_t el_seqno;
    u_int32_t el_result; /* KAUTH_EXTLOOKUP_SUCCESS and the errors below */
    u_int32_t el_flags;  /* KAUTH_EXTLOOKUP_VALID_*, _WANT_* */
    __darwin_pid_t el_info_pid;
    u_int64_t el_extend;
    u_int32_t el_info_reserved_1;
    uid_t el_uid;
    guid_t el_uguid;
    u_int32_t el_uguid_valid; /* seconds */
    ntsid_t el_usid;
    u_int32_t el_usid_valid;
    gid_t el_gid;
    guid_t el_gguid;
    u_int32_t el_gguid_valid;
    ntsid_t el_gsid;
    u_int32_t el_gsid_valid;
    u_int32_t el_member_valid;
    u_int32_t el_sup_grp_cnt;
    gid_t el_sup_groups[NGROUPS_MAX];
};
struct kauth_cache_sizes {
    u_int32_t kcs_group_size;
    u_int32_t kcs_id_size;
};
#define KAUTH_EXTLOOKUP_SUCCESS          0
#define KAUTH_EXTLOOKUP_BADRQ            1
#define KAUTH_EXTLOOKUP_FAILURE          2
#define KAUTH_EXTLOOKUP_FATAL            3
#define KAUTH_EXTLOOKUP_INPROG           100
#define KAUTH_EXTLOOKUP_VALID_GGUID      0x10
#define KAUTH_EXTLOOKUP_VALID_GID        0x8
#define KAUTH_EXTLOOKUP_VALID_GRNAM      0x20000
#define KAUTH_EXTLOOKUP_VALID_GSID       0x20
#define KAUTH_EXTLOOKUP_VALID_MEMBERSHIP 0x2000
#define KAUTH_EXTLOOKUP_VALID_PWNAM      0x8000
#define KAUTH_EXTLOOKUP_VALID_SUPGRPS    0x80000
#define KAUTH_EXTLOOKUP_VALID_UGUID      0x2
#define KAUTH_EXTLOOKUP_VALID_UID        0x1
#define KAUTH_EXTLOOKUP_VALID_USID       0x4
#define KAUTH_EXTLOOKUP_WANT_GGUID       0x400
#define KAUTH_EXTLOOKUP_WANT_GID         0x200
#define KAUTH_EXTLOOKUP_WANT_GRNAM       0x40000
#define KAUTH_EXTLOOKUP_WANT_GSID        0x800
#define KAUTH_EXTLOOKUP_WANT_MEMBERSHIP  0x1000
#define KAUTH_EXTLOOKUP_WANT_PWNAM       0x10000
#define KAUTH_EXTLOOKUP_WANT_SUPGRPS     0x100000
#define KAUTH_EXTLOOKUP_WANT_UGUID       0x80
#define KAUTH_EXTLOOKUP_WANT_UID         0x40
#define KAUTH_EXTLOOKUP_WANT_USID        0x100
#define KAUTH_EXTLOOKUP_ISMEMBER         0x4000
#define KAUTH_EXTLOOKUP_REGISTER         0
#define KAUTH_EXTLOOKUP_RESULT           1
#define KAUTH_EXTLOOKUP_WORKER           2
#define KAUTH_EXTLOOKUP_DEREGISTER       4
#define KAUTH_GET_CACHE_SIZES            8
#define KAUTH_SET_CACHE_SIZES            16
#define KAUTH_CLEAR_CACHES               32
#define IDENTITYSVC_ENTITLEMENT          "com.apple.private.identitysvc"

/* One entry of an access control list: whom, which rule, which rights. */
typedef u_int32_t kauth_ace_rights_t;
struct kauth_ace {
    guid_t ace_applicable;
    u_int32_t ace_flags;           /* kind and KAUTH_ACE_* */
    kauth_ace_rights_t ace_rights; /* KAUTH_VNODE_* */
};
typedef struct kauth_ace *kauth_ace_t;
#define KAUTH_ACE_KINDMASK          15
#define KAUTH_ACE_PERMIT            1
#define KAUTH_ACE_DENY              2
#define KAUTH_ACE_AUDIT             3
#define KAUTH_ACE_ALARM             4
#define KAUTH_ACE_INHERITED         0x10
#define KAUTH_ACE_FILE_INHERIT      0x20
#define KAUTH_ACE_DIRECTORY_INHERIT 0x40
#define KAUTH_ACE_LIMIT_INHERIT     0x80
#define KAUTH_ACE_ONLY_INHERIT      0x100
#define KAUTH_ACE_SUCCESS           0x200
#define KAUTH_ACE_FAILURE           0x400
#define KAUTH_ACE_INHERIT_CONTROL_FLAGS                                                                      \
    (KAUTH_ACE_FILE_INHERIT | KAUTH_ACE_DIRECTORY_INHERIT | KAUTH_ACE_LIMIT_INHERIT | KAUTH_ACE_ONLY_INHERIT)
#define KAUTH_ACE_GENERIC_ALL     0x00200000
#define KAUTH_ACE_GENERIC_EXECUTE 0x00400000
#define KAUTH_ACE_GENERIC_READ    0x01000000
#define KAUTH_ACE_GENERIC_WRITE   0x00800000

struct kauth_acl {
    u_int32_t acl_entrycount; /* entries in acl_ace, or KAUTH_FILESEC_NOACL */
    u_int32_t acl_flags;      /* KAUTH_ACL_* */
    struct kauth_ace acl_ace[1];
};
typedef struct kauth_acl *kauth_acl_t;
#ifndef _KAUTH_ACL
#define _KAUTH_ACL
#endif
#define KAUTH_ACL_MAX_ENTRIES   128
#define KAUTH_ACL_FLAGS_PRIVATE 0xffff
#define KAUTH_ACL_DEFER_INHERIT 0x10000
#define KAUTH_ACL_NO_INHERIT    0x20000
#define KAUTH_ACL_SIZE(n)       (__offsetof(struct kauth_acl, acl_ace) + sizeof(struct kauth_ace) * (n))
#define KAUTH_ACL_COPYSIZE(acl) KAUTH_ACL_SIZE((acl)->acl_entrycount)

/* Owner, group and list of a file, as chmod_extended and stat_extended carry them. */
struct kauth_filesec {
    u_int32_t fsec_magic; /* KAUTH_FILESEC_MAGIC */
    guid_t fsec_owner;
    guid_t fsec_group;
    struct kauth_acl fsec_acl;
};
typedef struct kauth_filesec *kauth_filesec_t;
#define _KAUTH_FILESEC
#define fsec_entrycount             fsec_acl.acl_entrycount
#define fsec_flags                  fsec_acl.acl_flags
#define fsec_ace                    fsec_acl.acl_ace
#define KAUTH_FILESEC_MAGIC         0x12cc16d
#define KAUTH_FILESEC_FLAGS_PRIVATE 0xffff
#define KAUTH_FILESEC_DEFER_INHERIT 0x10000
#define KAUTH_FILESEC_NO_INHERIT    0x20000
#define KAUTH_FILESEC_NONE          ((kauth_filesec_t)0)
#define KAUTH_FILESEC_WANTED        ((kauth_filesec_t)1)
#define KAUTH_FILESEC_NOACL         ((u_int32_t)-1)
#define KAUTH_FILESEC_XATTR         "com.apple.system.Security"
#define KAUTH_FILESEC_SIZE(n)       (__offsetof(struct kauth_filesec, fsec_acl) + KAUTH_ACL_SIZE(n))
#define KAUTH_FILESEC_COPYSIZE(sec)                                                                          \
    KAUTH_FILESEC_SIZE(((sec)->fsec_entrycount == KAUTH_FILESEC_NOACL) ? 0 : (sec)->fsec_entrycount)
#define KAUTH_FILESEC_COUNT(size) (((size)-KAUTH_FILESEC_SIZE(0)) / sizeof(struct kauth_ace))
#define KAUTH_FILESEC_VALID(size)                                                                            \
    (((size) >= KAUTH_FILESEC_SIZE(0)) && (((size)-KAUTH_FILESEC_SIZE(0)) % sizeof(struct kauth_ace) == 0))
#define KAUTH_FILESEC_ACL(sec) ((kauth_acl_t) & ((sec)->fsec_acl))
#define KAUTH_ENDIAN_HOST      0x1
#define KAUTH_ENDIAN_DISK      0x2

/* Scopes: a kind of action that listeners may decide on. */
struct kauth_scope;
typedef struct kauth_scope *kauth_scope_t;
struct kauth_listener;
typedef struct kauth_listener *kauth_listener_t;
typedef int kauth_action_t;
typedef int (*kauth_scope_callback_t)(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0,
                                      uintptr_t arg1, uintptr_t arg2, uintptr_t arg3);
#define _KAUTH_ACTION_T
#define KAUTH_RESULT_ALLOW 1
#define KAUTH_RESULT_DENY  2
#define KAUTH_RESULT_DEFER 3

/* Evaluation of a list against a credential. */
struct kauth_acl_eval {
    kauth_ace_t ae_acl;
    int ae_count;
    kauth_ace_rights_t ae_requested;
    kauth_ace_rights_t ae_residual;
    int ae_result;
    boolean_t ae_found_deny;
    int ae_options; /* KAUTH_AEVAL_* */
    kauth_ace_rights_t ae_exp_gall;
    kauth_ace_rights_t ae_exp_gread;
    kauth_ace_rights_t ae_exp_gwrite;
    kauth_ace_rights_t ae_exp_gexec;
};
typedef struct kauth_acl_eval *kauth_acl_eval_t;
#define KAUTH_AEVAL_IN_GROUP         0x2
#define KAUTH_AEVAL_IN_GROUP_UNKNOWN 0x4
#define KAUTH_AEVAL_IS_OWNER         0x1

/* Generic and process scopes. */
#define KAUTH_SCOPE_GENERIC     "com.apple.kauth.generic"
#define KAUTH_GENERIC_ISSUSER   1
#define KAUTH_SCOPE_PROCESS     "com.apple.kauth.process"
#define KAUTH_PROCESS_CANSIGNAL 1
#define KAUTH_PROCESS_CANTRACE  2

/*
 * File operations that have happened or are about to. What a listener gets as arg0 to arg2:
 *
 *   OPEN, EXEC    vnode_t, path                          after success
 *   CLOSE         vnode_t, path, KAUTH_FILEOP_CLOSE_*    before VNOP_CLOSE
 *   DELETE        vnode_t, the path that it had          after success
 *   WILL_RENAME   vnode_t, path, new path                before rights are asked for
 *   RENAME        path, new path                         after success; of an exchange, both ways
 *   LINK          path of the file, path of the link     after success
 *   EXCHANGE      never told
 *
 * Paths are const char *, in the kernel's own tree as vn_getpath() tells it, and valid until the listener
 * returns, as the vnode is; what has no path is not told of. It is news, not a question: return
 * KAUTH_RESULT_DEFER.
 */
#define KAUTH_SCOPE_FILEOP          "com.apple.kauth.fileop"
#define KAUTH_FILEOP_OPEN           1
#define KAUTH_FILEOP_CLOSE          2
#define KAUTH_FILEOP_RENAME         3
#define KAUTH_FILEOP_EXCHANGE       4
#define KAUTH_FILEOP_LINK           5
#define KAUTH_FILEOP_EXEC           6
#define KAUTH_FILEOP_DELETE         7
#define KAUTH_FILEOP_WILL_RENAME    8
#define KAUTH_FILEOP_CLOSE_MODIFIED 0x2

/* Rights on a vnode; the second name of a bit is the one for directories. */
#define KAUTH_SCOPE_VNODE               "com.apple.kauth.vnode"
#define KAUTH_VNODE_READ_DATA           0x00000002
#define KAUTH_VNODE_LIST_DIRECTORY      0x00000002
#define KAUTH_VNODE_WRITE_DATA          0x00000004
#define KAUTH_VNODE_ADD_FILE            0x00000004
#define KAUTH_VNODE_EXECUTE             0x00000008
#define KAUTH_VNODE_SEARCH              0x00000008
#define KAUTH_VNODE_DELETE              0x00000010
#define KAUTH_VNODE_APPEND_DATA         0x00000020
#define KAUTH_VNODE_ADD_SUBDIRECTORY    0x00000020
#define KAUTH_VNODE_DELETE_CHILD        0x00000040
#define KAUTH_VNODE_READ_ATTRIBUTES     0x00000080
#define KAUTH_VNODE_WRITE_ATTRIBUTES    0x00000100
#define KAUTH_VNODE_READ_EXTATTRIBUTES  0x00000200
#define KAUTH_VNODE_WRITE_EXTATTRIBUTES 0x00000400
#define KAUTH_VNODE_READ_SECURITY       0x00000800
#define KAUTH_VNODE_WRITE_SECURITY      0x00001000
#define KAUTH_VNODE_TAKE_OWNERSHIP      0x00002000
#define KAUTH_VNODE_CHANGE_OWNER        0x00002000
#define KAUTH_VNODE_SYNCHRONIZE         0x00100000
#define KAUTH_VNODE_LINKTARGET          0x02000000
#define KAUTH_VNODE_CHECKIMMUTABLE      0x04000000
#define KAUTH_VNODE_SEARCHBYANYONE      0x20000000
#define KAUTH_VNODE_NOIMMUTABLE         0x40000000
#define KAUTH_VNODE_ACCESS              0x80000000u
#define KAUTH_INVALIDATE_CACHED_RIGHTS  ((kauth_action_t)~0)
#define KAUTH_VNODE_GENERIC_READ_BITS                                                                        \
    (KAUTH_VNODE_READ_DATA | KAUTH_VNODE_READ_ATTRIBUTES | KAUTH_VNODE_READ_EXTATTRIBUTES |                  \
     KAUTH_VNODE_READ_SECURITY)
#define KAUTH_VNODE_GENERIC_WRITE_BITS                                                                       \
    (KAUTH_VNODE_WRITE_DATA | KAUTH_VNODE_APPEND_DATA | KAUTH_VNODE_DELETE | KAUTH_VNODE_DELETE_CHILD |      \
     KAUTH_VNODE_WRITE_ATTRIBUTES | KAUTH_VNODE_WRITE_EXTATTRIBUTES | KAUTH_VNODE_WRITE_SECURITY)
#define KAUTH_VNODE_GENERIC_EXECUTE_BITS (KAUTH_VNODE_EXECUTE)
#define KAUTH_VNODE_GENERIC_ALL_BITS                                                                         \
    (KAUTH_VNODE_GENERIC_READ_BITS | KAUTH_VNODE_GENERIC_WRITE_BITS | KAUTH_VNODE_GENERIC_EXECUTE_BITS)
/* Every right that changes the object. */
#define KAUTH_VNODE_WRITE_RIGHTS                                                                             \
    (KAUTH_VNODE_ADD_FILE | KAUTH_VNODE_ADD_SUBDIRECTORY | KAUTH_VNODE_WRITE_DATA | KAUTH_VNODE_DELETE |     \
     KAUTH_VNODE_APPEND_DATA | KAUTH_VNODE_DELETE_CHILD | KAUTH_VNODE_WRITE_ATTRIBUTES |                     \
     KAUTH_VNODE_WRITE_EXTATTRIBUTES | KAUTH_VNODE_WRITE_SECURITY | KAUTH_VNODE_TAKE_OWNERSHIP |             \
     KAUTH_VNODE_LINKTARGET | KAUTH_VNODE_CHECKIMMUTABLE)

__BEGIN_DECLS
/** kauth_null_guid - the identity that means nobody: all zero. */
extern guid_t kauth_null_guid;

/** kauth_cred_get - the calling thread's credential, borrowed.
 *  Refs:   none given: valid until the thread leaves the kernel; take one with kauth_cred_ref to keep it.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  never NULL.
 *  KPI:    bsd, stable */
kauth_cred_t kauth_cred_get(void);
/** kauth_cred_get_with_ref - the calling thread's credential.
 *  Refs:   gives one; end with kauth_cred_unref.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  never NULL.
 *  KPI:    bsd, stable */
kauth_cred_t kauth_cred_get_with_ref(void);
/** kauth_cred_proc_ref - the credential of a process.
 *  @procp in  process, kept alive by the caller.
 *  Refs:   gives one; end with kauth_cred_unref.
 *  Locks:  the process's own, briefly.
 *  Blocks: no.
 *  Errno:  never NULL.
 *  KPI:    bsd, stable */
kauth_cred_t kauth_cred_proc_ref(proc_t procp);
/** kauth_cred_ref - take a reference. */
void kauth_cred_ref(kauth_cred_t cred);
/** kauth_cred_unref - give up a reference.
 *  @credp in out  the reference; set to NULL.
 *  Refs:   consumes one; the last frees the credential.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  none.
 *  KPI:    bsd, stable */
void kauth_cred_unref(kauth_cred_t *credp);
/** kauth_cred_create - the shared credential equal to the template @cred, with a reference; NULL if the
 *  template is unusable. */
kauth_cred_t kauth_cred_create(kauth_cred_t cred);
/** kauth_cred_getuid - effective user. */
uid_t kauth_cred_getuid(kauth_cred_t cred);
/** kauth_cred_getruid - real user. */
uid_t kauth_cred_getruid(kauth_cred_t cred);
/** kauth_cred_getsvuid - saved user. */
uid_t kauth_cred_getsvuid(kauth_cred_t cred);
/** kauth_cred_getgid - effective group. */
gid_t kauth_cred_getgid(kauth_cred_t cred);
/** kauth_cred_getrgid - real group. */
gid_t kauth_cred_getrgid(kauth_cred_t cred);
/** kauth_cred_getsvgid - saved group. */
gid_t kauth_cred_getsvgid(kauth_cred_t cred);
/** kauth_cred_issuser - true if the effective user is the superuser. */
int kauth_cred_issuser(kauth_cred_t cred);
/** kauth_getuid - effective user of the calling thread. */
uid_t kauth_getuid(void);
/** kauth_getruid - real user of the calling thread. */
uid_t kauth_getruid(void);
/** kauth_getgid - effective group of the calling thread. */
gid_t kauth_getgid(void);
/** kauth_getrgid - real group of the calling thread. */
gid_t kauth_getrgid(void);
/** kauth_cred_ismember_gid - ask whether a credential belongs to a group.
 *  @cred    in   credential.
 *  @gid     in   group.
 *  @resultp out  1 or 0, set on success only.
 *  Refs:   none kept.
 *  Locks:  none.
 *  Blocks: may ask the resolver.
 *  Errno:  0; ENOENT group unknown.
 *  KPI:    bsd, stable */
int kauth_cred_ismember_gid(kauth_cred_t cred, gid_t gid, int *resultp);
/** kauth_cred_ismember_guid - as kauth_cred_ismember_gid for a group named by guid. */
int kauth_cred_ismember_guid(kauth_cred_t cred, guid_t *guidp, int *resultp);
/** groupmember - true if @cred belongs to group @gid. */
int groupmember(gid_t gid, kauth_cred_t cred);
/** kauth_cred_getguid - the guid of the effective user. 0 or ENOENT. */
int kauth_cred_getguid(kauth_cred_t cred, guid_t *guidp);
/** kauth_cred_getntsid - the security identifier of the effective user. 0 or ENOENT. */
int kauth_cred_getntsid(kauth_cred_t cred, ntsid_t *sidp);
/** kauth_cred_uid2guid - translate a user to its guid. 0 or ENOENT. */
int kauth_cred_uid2guid(uid_t uid, guid_t *guidp);
/** kauth_cred_gid2guid - translate a group to its guid. 0 or ENOENT. */
int kauth_cred_gid2guid(gid_t gid, guid_t *guidp);
/** kauth_cred_guid2uid - translate a guid to a user. 0 or ENOENT. */
int kauth_cred_guid2uid(guid_t *guidp, uid_t *uidp);
/** kauth_cred_guid2gid - translate a guid to a group. 0 or ENOENT. */
int kauth_cred_guid2gid(guid_t *guidp, gid_t *gidp);
/** kauth_cred_uid2ntsid - translate a user to its security identifier. 0 or ENOENT. */
int kauth_cred_uid2ntsid(uid_t uid, ntsid_t *sidp);
/** kauth_cred_gid2ntsid - translate a group to its security identifier. 0 or ENOENT. */
int kauth_cred_gid2ntsid(gid_t gid, ntsid_t *sidp);
/** kauth_cred_guid2ntsid - translate a guid to a security identifier. 0 or ENOENT. */
int kauth_cred_guid2ntsid(guid_t *guidp, ntsid_t *sidp);
/** kauth_cred_ntsid2uid - translate a security identifier to a user. 0 or ENOENT. */
int kauth_cred_ntsid2uid(ntsid_t *sidp, uid_t *uidp);
/** kauth_cred_ntsid2gid - translate a security identifier to a group. 0 or ENOENT. */
int kauth_cred_ntsid2gid(ntsid_t *sidp, gid_t *gidp);
/** kauth_cred_ntsid2guid - translate a security identifier to a guid. 0 or ENOENT. */
int kauth_cred_ntsid2guid(ntsid_t *sidp, guid_t *guidp);
/** kauth_guid_equal - true if the two are the same identity. */
int kauth_guid_equal(guid_t *guid1, guid_t *guid2);

/** kauth_acl_alloc - an empty list with room for @size entries; end with kauth_acl_free. NULL: no memory. */
kauth_acl_t kauth_acl_alloc(int size);
/** kauth_acl_free - free a list of kauth_acl_alloc. */
void kauth_acl_free(kauth_acl_t aclp);
/** kauth_filesec_alloc - an empty filesec with room for @size entries; end with kauth_filesec_free.
 *  NULL: no memory. */
kauth_filesec_t kauth_filesec_alloc(int size);
/** kauth_filesec_free - free a filesec of kauth_filesec_alloc. */
void kauth_filesec_free(kauth_filesec_t fsp);

/** kauth_register_scope - create a scope.
 *  @identifier in  reverse-DNS name, copied.
 *  @callback   in  decides where no listener has; NULL defers.
 *  @idata      in  passed to @callback.
 *  Refs:   end with kauth_deregister_scope.
 *  Locks:  none held.
 *  Blocks: yes.
 *  Errno:  NULL if the name is taken or memory is short.
 *  KPI:    bsd, stable */
kauth_scope_t kauth_register_scope(const char *identifier, kauth_scope_callback_t callback, void *idata);
/** kauth_deregister_scope - remove a scope; its listeners wait for another of that name. */
void kauth_deregister_scope(kauth_scope_t scope);
/** kauth_listen_scope - take part in the decisions of a scope.
 *  @identifier in  the scope's name; it need not exist yet.
 *  @callback   in  answers KAUTH_RESULT_*; DENY wins over ALLOW, DEFER has no say. Runs on the thread that
 *                  asks.
 *  @idata      in  passed to @callback.
 *  Refs:   end with kauth_unlisten_scope.
 *  Locks:  none held.
 *  Blocks: yes.
 *  Errno:  NULL, no memory.
 *  KPI:    bsd, stable */
kauth_listener_t kauth_listen_scope(const char *identifier, kauth_scope_callback_t callback, void *idata);
/** kauth_unlisten_scope - stop listening. Calls already under way may still be running. */
void kauth_unlisten_scope(kauth_listener_t listener);
/** kauth_authorize_action - ask a scope. 0 allowed, EPERM refused. */
int kauth_authorize_action(kauth_scope_t scope, kauth_cred_t credential, kauth_action_t action,
                           uintptr_t arg0, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3);
/** kauth_authorize_process - ask the process scope. 0 allowed, EPERM refused. */
int kauth_authorize_process(kauth_cred_t credential, kauth_action_t action, struct proc *process,
                            uintptr_t arg1, uintptr_t arg2, uintptr_t arg3);
__END_DECLS

/* Traces that only a kernel built for them prints. */
#define KAUTH_DEBUG(...)                                                                                     \
    do {                                                                                                     \
    } while (0)
#define VFS_DEBUG(...)                                                                                       \
    do {                                                                                                     \
    } while (0)
#define K_UUID_FMT "%08x:%08x:%08x:%08x"
#define K_UUID_ARG(uuid)                                                                                     \
    (uuid).g_guid_asint[0], (uuid).g_guid_asint[1], (uuid).g_guid_asint[2], (uuid).g_guid_asint[3]

#endif /* KPI_SYS_KAUTH_H */
