// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mount options. A comma-separated list; "\," is a comma inside a value and "\\" a backslash. An option that
 * is not below is an error that names it: nothing is ignored and nothing is passed on silently.
 *
 *   ro rw suid nosuid dev nodev exec noexec sync async atime noatime
 *                        as everywhere. nosuid and nodev are the default, as for any FUSE mount
 *   defaults             changes nothing (fstab's placeholder)
 *   allow_other, noallow_other
 *                        users other than who mounts may enter; the default for root alone
 *   default_permissions  what fast mode does anyway; refused together with nocache
 *   nocache              exact mode: every operation reaches the file system with its caller's credentials
 *   noopen               fast mode: never tell the file system of OPEN, OPENDIR and FLUSH. The default where
 *                        it is possible; refused for a type that has its own VNOP_OPEN or VNOP_CLOSE
 *   open                 fast mode: always tell it
 *   noxattr              no extended attributes at all: the host stops asking at the first question
 *   entry_timeout=S, attr_timeout=S, negative_timeout=S
 *                        fast mode: seconds for which the host trusts a name, attributes, a missing name;
 *                        3600
 *
 *   threads=N            at most N requests at once; 64
 *
 *   nodes=N              invalidate names once the host keeps more than N files in its cache; no bound
 *
 *   fsname=TEXT          what mount(8) shows as the source; the special
 *
 *   subtype=TEXT         ... as type "fuse.TEXT"; kext.<type>
 *
 *   fsdata=TEXT          handed to VFS_MOUNT as its data, with a terminating NUL
 *
 *   testdisk=PLAN        the image or block device with a test device on it that keeps to PLAN
 *
 * fsdata=@FILE, the contents of a file, never comes here: the tools read it and send the bytes, so that
 * neither this process's rights nor its folder matter.
 *
 * Pure functions of their arguments; any thread.
 */
#ifndef KEXTBED_FUSEHOST_OPTIONS_H
#define KEXTBED_FUSEHOST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fh_open_policy { FH_OPEN_AUTO, FH_OPEN_NEVER, FH_OPEN_ALWAYS };

struct fh_options {
    bool ro, suid, dev, noexec, sync, noatime;
    bool allow_other;
    bool exact;
    bool noxattr;
    enum fh_open_policy open;
    double entry_timeout, attr_timeout, negative_timeout; /* seconds; 0 in exact mode */
    unsigned threads;
    uint64_t max_nodes;                         /* 0: no bound */
    char *fsname, *subtype, *fsdata, *testdisk; /* allocated, NULL where not given */
};

/** fh_options_parse - read an option list. @text NULL or "": the defaults.
 *  @out  set on success; the caller owes fh_options_free().
 *  Errno (host): 0; EINVAL with a sentence in @err; ENOMEM. */
int fh_options_parse(const char *text, bool is_root, struct fh_options *out, char *err, size_t errlen);
void fh_options_free(struct fh_options *options);

/** fh_options_split - cut the first option of @text off in place and resolve its escapes. Returns the rest,
 * NULL at the end. */
char *fh_options_split(char *text);

/** fh_options_mount_flags - SYS_MNT_* for the kernel half. */
uint64_t fh_options_mount_flags(const struct fh_options *options);

/** fh_options_fuse_text - the -o text for the FUSE library's mount; allocated. @type, @special name the mount
 * where fsname and subtype do not. NULL: no memory. */
char *fh_options_fuse_text(const struct fh_options *options, const char *type, const char *special);

#endif
