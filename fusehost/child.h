// SPDX-License-Identifier: BSD-2-Clause
/*
 * Work that may block on one of our own mounts, done in a process of its own. A thread of this process that
 * waits there for an answer which only this process can give cannot be killed, and keeps the whole process
 * from ending; a child waits alone, and its end frees nothing that anybody needs.
 */
#ifndef KEXTBED_FUSEHOST_CHILD_H
#define KEXTBED_FUSEHOST_CHILD_H

#define FH_CHILD_FOREVER -1

/** fh_child_run - run @fn(@arg) in a child that holds none of our descriptors, and wait for its result.
 *  @fn          returns 0..255; system calls and exec alone: the child has one thread of many.
 *  @timeout_ms  after which the child is killed and left behind; FH_CHILD_FOREVER.
 *  @tick        called every @tick_ms while it is waited for, with @tick_arg. May be NULL.
 *  Returns the result; -ETIMEDOUT; -EINTR the child was killed; another negative errno: there is no child.
 *  Blocks, killably. Any thread. */
int fh_child_run(int (*fn)(void *arg), void *arg, int timeout_ms, void (*tick)(void *arg), void *tick_arg,
                 int tick_ms);

#endif
