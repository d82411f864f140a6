// SPDX-License-Identifier: BSD-2-Clause
/*
 * Copying between kernel and user space.
 */
#ifndef KPI_LIBKERN_COPYIO_H
#define KPI_LIBKERN_COPYIO_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <kern/debug.h>

__BEGIN_DECLS
/** copyin - copy from user space.
 *  @uaddr in   user address; of the calling thread's process.
 *  @kaddr out  kernel memory, undefined on error.
 *  @len   in   bytes.
 *  Refs:   none.
 *  Locks:  user memory may fault and so re-enter a file system.
 *  Blocks: yes.
 *  Errno:  0; EFAULT.
 *  KPI:    libkern, stable */
int copyin(const user_addr_t uaddr, void *kaddr, size_t len) __result_use_check;
/** copyout - copy to user space. As copyin in the other direction. */
int copyout(const void *kaddr, user_addr_t udaddr, size_t len);
__END_DECLS

#endif /* KPI_LIBKERN_COPYIO_H */
