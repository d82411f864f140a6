// SPDX-License-Identifier: BSD-2-Clause
/* Writes what is done to files into the log, and refuses the attributes of those that are called "nostat". */
#include <mach/kmod.h>
#include <sys/kauth.h>
#include <sys/systm.h>
#include <sys/vnode.h>
#include <libkern/libkern.h>

kern_return_t ear_start(kmod_info_t *ki, void *data);
kern_return_t ear_stop(kmod_info_t *ki, void *data);

static kauth_listener_t files, rights;

static int hear_file(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t arg0, uintptr_t arg1,
                     uintptr_t arg2, uintptr_t arg3)
{
    int uid = (int)kauth_cred_getuid(cred);

    (void)idata;
    (void)arg3;
    switch (action) {
    case KAUTH_FILEOP_OPEN:
        printf("ear: open %s %d\n", (const char *)arg1, uid);
        break;
    case KAUTH_FILEOP_CLOSE:
        printf("ear: close%s %s %d\n", arg2 & KAUTH_FILEOP_CLOSE_MODIFIED ? "-modified" : "",
               (const char *)arg1, uid);
        break;
    case KAUTH_FILEOP_EXEC:
        printf("ear: exec %s %d\n", (const char *)arg1, uid);
        break;
    case KAUTH_FILEOP_DELETE:
        printf("ear: delete %s %d\n", (const char *)arg1, uid);
        break;
    case KAUTH_FILEOP_WILL_RENAME:
        printf("ear: will-rename %s %s %d\n", (const char *)arg1, (const char *)arg2, uid);
        break;
    case KAUTH_FILEOP_RENAME:
        printf("ear: rename %s %s %d\n", (const char *)arg0, (const char *)arg1, uid);
        break;
    case KAUTH_FILEOP_LINK:
        printf("ear: link %s %s %d\n", (const char *)arg0, (const char *)arg1, uid);
        break;
    default:
        printf("ear: action %u\n", action);
    }
    return KAUTH_RESULT_DENY; /* has no meaning */
}

static int hear_right(kauth_cred_t cred, void *idata, kauth_action_t action, uintptr_t ctx, uintptr_t vp,
                      uintptr_t dvp, uintptr_t errorp)
{
    const char *name;
    int answer;

    (void)cred;
    (void)idata;
    (void)ctx;
    (void)dvp;
    (void)errorp;
    if (action != KAUTH_VNODE_READ_ATTRIBUTES)
        return KAUTH_RESULT_DEFER;
    name = vnode_getname((vnode_t)vp);
    answer = name && strcmp(name, "nostat") == 0 ? KAUTH_RESULT_DENY : KAUTH_RESULT_DEFER;
    if (name)
        vnode_putname(name);
    return answer;
}

kern_return_t ear_start(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    files = kauth_listen_scope(KAUTH_SCOPE_FILEOP, hear_file, 0);
    rights = kauth_listen_scope(KAUTH_SCOPE_VNODE, hear_right, 0);
    return files && rights ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t ear_stop(kmod_info_t *ki, void *data)
{
    (void)ki;
    (void)data;
    kauth_unlisten_scope(files);
    kauth_unlisten_scope(rights);
    return KERN_SUCCESS;
}
