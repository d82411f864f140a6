// SPDX-License-Identifier: BSD-2-Clause
/*
 * Internet addresses and protocols, as far as a file system that speaks to a server names them.
 */
#ifndef KPI_NETINET_IN_H
#define KPI_NETINET_IN_H

#include <stdint.h>
#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/_types/_sa_family_t.h>
#include <machine/endian.h>

/* Protocols. */
#define IPPROTO_IP     0
#define IPPROTO_ICMP   1
#define IPPROTO_IGMP   2
#define IPPROTO_IPV4   4
#define IPPROTO_TCP    6
#define IPPROTO_UDP    17
#define IPPROTO_IL     40
#define IPPROTO_IPV6   41
#define IPPROTO_ESP    50
#define IPPROTO_AH     51
#define IPPROTO_ICMPV6 58
#define IPPROTO_NONE   59
#define IPPROTO_SCTP   132
#define IPPROTO_RAW    255
#define IPPROTO_MAX    256

/* Ports below this one are the superuser's. */
#define IPPORT_RESERVED      1024
#define IPPORT_USERRESERVED  5000
#define IPPORT_RESERVEDSTART 600
#define IPPORT_HIFIRSTAUTO   49152
#define IPPORT_HILASTAUTO    65535

/* Addresses and ports are in network byte order inside the structures; these constants are in the host's. */
struct in_addr {
    in_addr_t s_addr;
};
#define INADDR_ANY       ((u_int32_t)0x00000000)
#define INADDR_LOOPBACK  ((u_int32_t)0x7f000001)
#define INADDR_BROADCAST ((u_int32_t)0xffffffff)
#define INADDR_NONE      0xffffffff
#define INET_ADDRSTRLEN  16

struct sockaddr_in {
    __uint8_t sin_len;      /* bytes, all of it */
    sa_family_t sin_family; /* AF_INET */
    in_port_t sin_port;
    struct in_addr sin_addr;
    char sin_zero[8];
};

/* Version 6. */
typedef struct in6_addr {
    union {
        __uint8_t __u6_addr8[16];
        __uint16_t __u6_addr16[8];
        __uint32_t __u6_addr32[4];
    } __u6_addr;
} in6_addr_t;
#define s6_addr          __u6_addr.__u6_addr8
#define INET6_ADDRSTRLEN 46

struct sockaddr_in6 {
    __uint8_t sin6_len;
    sa_family_t sin6_family; /* AF_INET6 */
    in_port_t sin6_port;
    __uint32_t sin6_flowinfo;
    struct in6_addr sin6_addr;
    __uint32_t sin6_scope_id;
};

/* Options of the IP level. */
#define IP_OPTIONS 1
#define IP_HDRINCL 2
#define IP_TOS     3
#define IP_TTL     4

#endif /* KPI_NETINET_IN_H */
