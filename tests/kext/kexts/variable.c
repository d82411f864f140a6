// SPDX-License-Identifier: BSD-2-Clause
/* Has variables that the outside reads and sets, and keeps itself loaded until one of them says otherwise. */
#include <libkern/OSKextLib.h>
#include <mach/kmod.h>
#include <sys/errno.h>
#include <sys/sysctl.h>
#include <sys/systm.h>

kern_return_t variable_start(kmod_info_t *ki, void *data);
kern_return_t variable_stop(kmod_info_t *ki, void *data);

static int level = 3;
static char label[16] = "label";
static OSKextLoadTag own_tag;

static int release SYSCTL_HANDLER_ARGS
{
    (void)oidp, (void)arg1, (void)arg2;
    if (!req->newptr)
        return 0;
    return OSKextReleaseKextWithLoadTag(own_tag) == kOSReturnSuccess ? 0 : EBUSY;
}

SYSCTL_DECL(_vfs_generic);
SYSCTL_NODE(_vfs_generic, OID_AUTO, variable, CTLFLAG_RW, 0, "of a kext");
SYSCTL_INT(_vfs_generic_variable, OID_AUTO, level, CTLFLAG_RW, &level, 0, "a number");
SYSCTL_STRING(_vfs_generic_variable, OID_AUTO, label, CTLFLAG_RW, label, sizeof(label), "a string");
SYSCTL_PROC(_vfs_generic_variable, OID_AUTO, release, CTLTYPE_INT | CTLFLAG_RW, 0, 0, release, "I", "let go");

kern_return_t variable_start(kmod_info_t *ki, void *data)
{
    (void)data;
    own_tag = OSKextGetCurrentLoadTag();
    if (own_tag != ki->id || OSKextRetainKextWithLoadTag(own_tag) != kOSReturnSuccess ||
        OSKextRetainKextWithLoadTag(kOSKextInvalidLoadTag) == kOSReturnSuccess)
        return KERN_FAILURE;
    sysctl_register_oid(&sysctl__vfs_generic_variable);
    sysctl_register_oid(&sysctl__vfs_generic_variable_level);
    sysctl_register_oid(&sysctl__vfs_generic_variable_label);
    sysctl_register_oid(&sysctl__vfs_generic_variable_release);
    return KERN_SUCCESS;
}

kern_return_t variable_stop(kmod_info_t *ki, void *data)
{
    (void)ki, (void)data;
    sysctl_unregister_oid(&sysctl__vfs_generic_variable_release);
    sysctl_unregister_oid(&sysctl__vfs_generic_variable_label);
    if (level != 99) /* a kext that forgets one */
        sysctl_unregister_oid(&sysctl__vfs_generic_variable_level);
    if (level != 99)
        sysctl_unregister_oid(&sysctl__vfs_generic_variable);
    return KERN_SUCCESS;
}
