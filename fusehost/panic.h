// SPDX-License-Identifier: BSD-2-Clause
/*
 * What happens to the mounts when the kernel half panics: every connection is aborted, so that whoever waits
 * for an answer gets an error at once, however long the report and the dump take afterwards.
 *
 * Everything that needs a lock, memory or a path lookup is done when a mount is made: the abort file of the
 * host's control file system is opened then. The hook itself only writes to descriptors.
 */
#ifndef KEXTBED_FUSEHOST_PANIC_H
#define KEXTBED_FUSEHOST_PANIC_H

/** fh_panic_prepare - make the hook known to the host layer, and the control file system available. Once,
 * before mounts. */
void fh_panic_prepare(void);

/** fh_panic_stay - returns unless a panic is under way. Then the calling thread stays here until the process
 * ends: what the kernel half would be asked to do now it must not, and a dead mount that stays is safer than
 * one that silently gives way to what lies under it. */
void fh_panic_stay(void);

/** fh_panic_add - have the connection with device number minor @minor, mounted on @dir, aborted in a panic.
 * @dir is kept, not copied. Returns a slot, or -1: too many. */
int fh_panic_add(unsigned minor, const char *dir);
/** fh_panic_remove - the mount is gone. */
void fh_panic_remove(int slot);
/** fh_panic_abort_all - abort every connection now, as in a panic. */
void fh_panic_abort_all(void);
/** fh_panic_abort_one - abort that one connection now. Returns 0, or ENOENT where there is no abort file. */
int fh_panic_abort_one(int slot);

#endif
