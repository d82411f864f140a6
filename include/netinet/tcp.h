// SPDX-License-Identifier: BSD-2-Clause
/*
 * Options of the TCP level, for sock_setsockopt() with IPPROTO_TCP.
 */
#ifndef KPI_NETINET_TCP_H
#define KPI_NETINET_TCP_H

#include <sys/types.h>
#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <machine/endian.h>
#include <sys/socket.h>
#include <netinet/in.h>

#define TCP_NODELAY           0x01
#define TCP_MAXSEG            0x02
#define TCP_NOPUSH            0x04
#define TCP_NOOPT             0x08
#define TCP_KEEPALIVE         0x10
#define TCP_CONNECTIONTIMEOUT 0x20
#define TCP_RXT_CONNDROPTIME  0x80
#define TCP_RXT_FINDROP       0x100
#define TCP_KEEPINTVL         0x101
#define TCP_KEEPCNT           0x102
#define TCP_SENDMOREACKS      0x103
#define TCP_ENABLE_ECN        0x104
#define TCP_FASTOPEN          0x105
#define TCP_CONNECTION_INFO   0x106
#define TCP_NOTSENT_LOWAT     0x201

#endif /* KPI_NETINET_TCP_H */
