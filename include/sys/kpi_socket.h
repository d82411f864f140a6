// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sockets that the kernel itself opens, for file systems whose files are elsewhere. Declarations: this kernel
 * process has no network stack, and the loader says so of a kext that needs one.
 */
#ifndef KPI_SYS_KPI_SOCKET_H
#define KPI_SYS_KPI_SOCKET_H

#include <sys/types.h>
#include <sys/kernel_types.h>
#include <sys/socket.h>
#include <sys/ioccom.h>
#include <Availability.h>

struct sockaddr;
struct msghdr;
struct timeval;

/** sock_upcall - called, with no lock held, when something has changed at @so: data, space, connection,
 * error.
 *  @cookie  as given to sock_socket or sock_accept
 *  @waitf   whether the callee may block: M_WAIT or M_DONTWAIT */
typedef void (*sock_upcall)(socket_t so, void *cookie, int waitf);

__BEGIN_DECLS
/* ---- life ---- */
/** sock_socket - a new socket. @callback may be NULL; @cookie is handed to it. */
errno_t sock_socket(int domain, int type, int protocol, sock_upcall callback, void *cookie, socket_t *new_so);
/** sock_close - end a socket, with the reference that sock_socket or sock_accept gave. */
void sock_close(socket_t so);
/** sock_retain - take a reference. */
void sock_retain(socket_t so);
/** sock_release - give up a reference of sock_retain. */
void sock_release(socket_t so);

/* ---- connections ---- */
/** sock_bind - give the socket its own address. */
errno_t sock_bind(socket_t so, const struct sockaddr *to);
/** sock_listen - take connections, at most @backlog waiting. */
errno_t sock_listen(socket_t so, int backlog);
/** sock_accept - the next connection of a listening socket. @from may be NULL; @fromlen is its size in bytes.
 *  @flags: MSG_DONTWAIT gives EWOULDBLOCK instead of waiting. */
errno_t sock_accept(socket_t so, struct sockaddr *from, int fromlen, int flags, sock_upcall callback,
                    void *cookie, socket_t *new_so);
/** sock_connect - connect to @to. @flags: MSG_DONTWAIT begins only: EINPROGRESS. */
errno_t sock_connect(socket_t so, const struct sockaddr *to, int flags);
/** sock_connectwait - wait for a connection that was only begun. @tv: the longest time; NULL for no bound. */
errno_t sock_connectwait(socket_t so, const struct timeval *tv);
/** sock_shutdown - no more in one direction. @how: SHUT_*. */
errno_t sock_shutdown(socket_t so, int how);
/** sock_isconnected - non-zero while @so is connected. */
int sock_isconnected(socket_t so);

/* ---- data ---- */
/** sock_receive - receive into @msg, whose addresses are the kernel's. *recvdlen: bytes received. */
errno_t sock_receive(socket_t so, struct msghdr *msg, int flags, size_t *recvdlen);
/** sock_receivembuf - receive at most *recvlen bytes as a chain of mbufs, the caller's to free. */
errno_t sock_receivembuf(socket_t so, struct msghdr *msg, mbuf_t *data, int flags, size_t *recvlen);
/** sock_send - send @msg, whose addresses are the kernel's. *sentlen: bytes sent. */
errno_t sock_send(socket_t so, const struct msghdr *msg, int flags, size_t *sentlen);
/** sock_sendmbuf - send a chain of mbufs, which is consumed whatever the outcome. */
errno_t sock_sendmbuf(socket_t so, const struct msghdr *msg, mbuf_t data, int flags, size_t *sentlen);

/* ---- properties ---- */
/** sock_getpeername - the other end's address into @peername of @peernamelen bytes. */
errno_t sock_getpeername(socket_t so, struct sockaddr *peername, int peernamelen);
/** sock_getsockname - the own address into @sockname of @socknamelen bytes. */
errno_t sock_getsockname(socket_t so, struct sockaddr *sockname, int socknamelen);
/** sock_getsockopt - read an option; *@optlen is the room, then the length. */
errno_t sock_getsockopt(socket_t so, int level, int optname, void *optval, int *optlen);
/** sock_setsockopt - set an option of @optlen bytes. */
errno_t sock_setsockopt(socket_t so, int level, int optname, const void *optval, int optlen);
/** sock_ioctl - a request of ioctl, with kernel memory at @argp. */
errno_t sock_ioctl(socket_t so, unsigned long request, void *argp);
/** sock_gettype - what sock_socket was asked for; each of the three may be NULL. */
errno_t sock_gettype(socket_t so, int *domain, int *type, int *protocol);
/** sock_isnonblocking - non-zero if operations do not wait. */
int sock_isnonblocking(socket_t so);
/** sock_setpriv - whether @so may do what the superuser may. */
errno_t sock_setpriv(socket_t so, int on);
/** sock_nointerrupt - whether signals leave waits at @so alone. */
errno_t sock_nointerrupt(socket_t so, int on);
__END_DECLS

#endif /* KPI_SYS_KPI_SOCKET_H */
