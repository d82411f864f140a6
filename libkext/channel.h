// SPDX-License-Identifier: BSD-2-Clause
/*
 * How the tools and the kernel process talk: JSON objects as packets of a Unix sequenced-packet socket, each
 * with at most one file descriptor. A text too long for a packet travels as a memory file and the packet only
 * says so. Whoever receives trusts nothing: lengths are bounded, surplus descriptors closed, anything but an
 * object refused.
 *
 * Functions of this file use no state but the socket; one thread at a time a direction.
 */
#ifndef KEXTBED_LIBKEXT_CHANNEL_H
#define KEXTBED_LIBKEXT_CHANNEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What is behind a socket's path in that of the file where a kernel process that panicked left word: the
 * reason, and on the second line where its report is. */
#define KEXT_CHANNEL_NOTE ".panic"

#define KEXT_CHANNEL_SOCKET   "/run/kextbed/control"
#define KEXT_CHANNEL_VERSION  1
#define KEXT_CHANNEL_PACKET   65536u      /* bytes of one packet */
#define KEXT_CHANNEL_ATTACHED (16u << 20) /* bytes of a text that is attached */
#define KEXT_CHANNEL_DEPTH    16u         /* objects and arrays within each other */

/** kext_channel_path - the socket of the kernel process: $KEXTBED_SOCKET, else the usual place. Static or
 * environment storage. */
const char *kext_channel_path(void);

/** kext_channel_sealed - whether a descriptor that somebody sent is a memory file which its sender can
 * neither write nor shorten any more. Anything else may hang its reader or change under it. */
bool kext_channel_sealed(int fd);

/** kext_channel_send - send one object.
 *  @fd  a descriptor to go with it (stays the caller's), or -1.
 *  Errno: 0 or a host errno; EMSGSIZE too long even to be attached. Blocks. */
int kext_channel_send(int sock, const json_t *object, int fd);

/** kext_channel_receive - receive one object.
 *  @object  out  a new reference on success.
 *  @fd      out  the descriptor that came with it, to be closed, or -1. May be NULL: none is accepted.
 *  @why     out  static text for EPROTO.
 *  Errno: 0; EPIPE the other end is gone; EPROTO what came is no request or reply; or a host errno (EAGAIN:
 * the socket's receive time-out). Blocks. */
int kext_channel_receive(int sock, json_t **object, int *fd, const char **why);

#endif
