// SPDX-License-Identifier: BSD-2-Clause
/*
 * Sockets: families, types, options, message flags, and the structures that carry addresses and messages.
 * Declarations alone: the operations are in <sys/kpi_socket.h>.
 */
#ifndef KPI_SYS_SOCKET_H
#define KPI_SYS_SOCKET_H

#include <sys/types.h>
#include <sys/cdefs.h>
#include <sys/uio.h>
#include <sys/_types/_iovec_t.h>
#include <sys/_types/_sa_family_t.h>
#include <sys/_types/_socklen_t.h>
#include <sys/kpi_socket.h>

/* Types of socket. */
#define SOCK_STREAM    1
#define SOCK_DGRAM     2
#define SOCK_RAW       3
#define SOCK_RDM       4
#define SOCK_SEQPACKET 5

/* Options of the socket level. */
#define SOL_SOCKET              0xffff
#define SO_DEBUG                0x1
#define SO_ACCEPTCONN           0x2
#define SO_REUSEADDR            0x4
#define SO_KEEPALIVE            0x8
#define SO_DONTROUTE            0x10
#define SO_BROADCAST            0x20
#define SO_USELOOPBACK          0x40
#define SO_LINGER               0x80
#define SO_OOBINLINE            0x100
#define SO_REUSEPORT            0x200
#define SO_TIMESTAMP            0x400
#define SO_TIMESTAMP_MONOTONIC  0x800
#define SO_SNDBUF               0x1001
#define SO_RCVBUF               0x1002
#define SO_SNDLOWAT             0x1003
#define SO_RCVLOWAT             0x1004
#define SO_SNDTIMEO             0x1005
#define SO_RCVTIMEO             0x1006
#define SO_ERROR                0x1007
#define SO_TYPE                 0x1008
#define SO_LABEL                0x1010
#define SO_PEERLABEL            0x1011
#define SO_NREAD                0x1020
#define SO_NKE                  0x1021
#define SO_NOSIGPIPE            0x1022
#define SO_NOADDRERR            0x1023
#define SO_NWRITE               0x1024
#define SO_REUSESHAREUID        0x1025
#define SO_NOTIFYCONFLICT       0x1026
#define SO_UPCALLCLOSEWAIT      0x1027
#define SO_LINGER_SEC           0x1080
#define SO_RANDOMPORT           0x1082
#define SO_NP_EXTENSIONS        0x1083
#define SO_NUMRCVPKT            0x1112
#define SO_NET_SERVICE_TYPE     0x1116
#define SO_NETSVC_MARKING_LEVEL 0x1119
#define SO_RESOLVER_SIGNATURE   0x1131
#define SO_BINDTODEVICE         0x1134
#define SO_DONTTRUNC            0x2000
#define SO_WANTMORE             0x4000
#define SO_WANTOOBFLAG          0x8000
#define SONPX_SETOPTSHUT        1

struct linger {
    int l_onoff;
    int l_linger; /* seconds */
};
struct so_np_extensions {
    u_int32_t npx_flags; /* SONPX_* */
    u_int32_t npx_mask;
};

/* Kinds of traffic, for SO_NET_SERVICE_TYPE, and levels of SO_NETSVC_MARKING_LEVEL. */
#define NET_SERVICE_TYPE_BE       0
#define NET_SERVICE_TYPE_BK       1
#define NET_SERVICE_TYPE_SIG      2
#define NET_SERVICE_TYPE_VI       3
#define NET_SERVICE_TYPE_VO       4
#define NET_SERVICE_TYPE_RV       5
#define NET_SERVICE_TYPE_AV       6
#define NET_SERVICE_TYPE_OAM      7
#define NET_SERVICE_TYPE_RD       8
#define NETSVC_MRKNG_UNKNOWN      0
#define NETSVC_MRKNG_LVL_L2       1
#define NETSVC_MRKNG_LVL_L3L2_ALL 2
#define NETSVC_MRKNG_LVL_L3L2_BK  3

/* Families of addresses; the pseudo ones never stand in a structure. */
#define AF_UNSPEC          0
#define AF_LOCAL           1
#define AF_UNIX            1
#define AF_INET            2
#define AF_IMPLINK         3
#define AF_PUP             4
#define AF_CHAOS           5
#define AF_NS              6
#define AF_ISO             7
#define AF_OSI             7
#define AF_ECMA            8
#define AF_DATAKIT         9
#define AF_CCITT           10
#define AF_SNA             11
#define AF_DECnet          12
#define AF_DLI             13
#define AF_LAT             14
#define AF_HYLINK          15
#define AF_APPLETALK       16
#define AF_ROUTE           17
#define AF_LINK            18
#define pseudo_AF_XTP      19
#define AF_COIP            20
#define AF_CNT             21
#define pseudo_AF_RTIP     22
#define AF_IPX             23
#define AF_SIP             24
#define pseudo_AF_PIP      25
#define AF_NDRV            27
#define AF_E164            28
#define AF_ISDN            28
#define pseudo_AF_KEY      29
#define AF_INET6           30
#define AF_NATM            31
#define AF_SYSTEM          32
#define AF_NETBIOS         33
#define AF_PPP             34
#define pseudo_AF_HDRCMPLT 35
#define AF_RESERVED_36     36
#define AF_IEEE80211       37
#define AF_UTUN            38
#define AF_VSOCK           40
#define AF_MAX             41

/* Families of protocols. */
#define PF_UNSPEC      AF_UNSPEC
#define PF_LOCAL       AF_LOCAL
#define PF_UNIX        AF_UNIX
#define PF_INET        AF_INET
#define PF_IMPLINK     AF_IMPLINK
#define PF_PUP         AF_PUP
#define PF_CHAOS       AF_CHAOS
#define PF_NS          AF_NS
#define PF_ISO         AF_ISO
#define PF_OSI         AF_OSI
#define PF_ECMA        AF_ECMA
#define PF_DATAKIT     AF_DATAKIT
#define PF_CCITT       AF_CCITT
#define PF_SNA         AF_SNA
#define PF_DECnet      AF_DECnet
#define PF_DLI         AF_DLI
#define PF_LAT         AF_LAT
#define PF_HYLINK      AF_HYLINK
#define PF_APPLETALK   AF_APPLETALK
#define PF_ROUTE       AF_ROUTE
#define PF_LINK        AF_LINK
#define PF_XTP         pseudo_AF_XTP
#define PF_COIP        AF_COIP
#define PF_CNT         AF_CNT
#define PF_RTIP        pseudo_AF_RTIP
#define PF_IPX         AF_IPX
#define PF_SIP         AF_SIP
#define PF_PIP         pseudo_AF_PIP
#define PF_NDRV        AF_NDRV
#define PF_ISDN        AF_ISDN
#define PF_KEY         pseudo_AF_KEY
#define PF_INET6       AF_INET6
#define PF_NATM        AF_NATM
#define PF_SYSTEM      AF_SYSTEM
#define PF_NETBIOS     AF_NETBIOS
#define PF_PPP         AF_PPP
#define PF_RESERVED_36 AF_RESERVED_36
#define PF_UTUN        AF_UTUN
#define PF_VSOCK       AF_VSOCK
#define PF_MAX         AF_MAX
#define PF_BOND        0x626f6e64 /* 'bond' */
#define PF_VLAN        0x766c616e /* 'vlan' */

/* An address: length and family, then what the family says. */
struct sockaddr {
    __uint8_t sa_len; /* bytes, all of it */
    sa_family_t sa_family;
    char sa_data[14];
};
struct __sockaddr_header {
    __uint8_t sa_len;
    sa_family_t sa_family;
};
struct sockproto {
    __uint16_t sp_family;
    __uint16_t sp_protocol;
};
#define SOCK_MAXADDRLEN 255

/* Room and alignment for an address of any family. */
#define _SS_MAXSIZE   128
#define _SS_ALIGNSIZE (sizeof(__int64_t))
#define _SS_PAD1SIZE  (_SS_ALIGNSIZE - sizeof(__uint8_t) - sizeof(sa_family_t))
#define _SS_PAD2SIZE  (_SS_MAXSIZE - sizeof(__uint8_t) - sizeof(sa_family_t) - _SS_PAD1SIZE - _SS_ALIGNSIZE)
struct sockaddr_storage {
    __uint8_t ss_len;
    sa_family_t ss_family;
    char __ss_pad1[_SS_PAD1SIZE];
    __int64_t __ss_align;
    char __ss_pad2[_SS_PAD2SIZE];
};

/* Endpoints of a connection to be made. */
typedef __uint32_t sae_associd_t;
typedef __uint32_t sae_connid_t;
#define SAE_ASSOCID_ANY              0
#define SAE_ASSOCID_ALL              ((sae_associd_t)(-1))
#define SAE_CONNID_ANY               0
#define SAE_CONNID_ALL               ((sae_connid_t)(-1))
#define CONNECT_RESUME_ON_READ_WRITE 0x1
#define CONNECT_DATA_IDEMPOTENT      0x2
#define CONNECT_DATA_AUTHENTICATED   0x4
typedef struct sa_endpoints {
    unsigned int sae_srcif; /* interface, 0 for any */
    const struct sockaddr *sae_srcaddr;
    socklen_t sae_srcaddrlen;
    const struct sockaddr *sae_dstaddr;
    socklen_t sae_dstaddrlen;
} sa_endpoints_t;

#define SOMAXCONN 128 /* connections that may wait to be accepted */

/* Names below CTL_NET, and below a routing table. */
#define NET_MAXID         AF_MAX
#define NET_RT_DUMP       1
#define NET_RT_FLAGS      2
#define NET_RT_IFLIST     3
#define NET_RT_STAT       4
#define NET_RT_TRASH      5
#define NET_RT_IFLIST2    6
#define NET_RT_DUMP2      7
#define NET_RT_FLAGS_PRIV 10
#define NET_RT_MAXID      11

/* One message: whom to or from, its data, and what travels beside it. */
struct msghdr {
    void *msg_name;
    socklen_t msg_namelen; /* bytes */
    struct iovec *msg_iov;
    int msg_iovlen; /* elements */
    void *msg_control;
    socklen_t msg_controllen; /* bytes */
    int msg_flags;            /* MSG_*, when received */
};
#define MSG_OOB        0x1
#define MSG_PEEK       0x2
#define MSG_DONTROUTE  0x4
#define MSG_EOR        0x8
#define MSG_TRUNC      0x10
#define MSG_CTRUNC     0x20
#define MSG_WAITALL    0x40
#define MSG_DONTWAIT   0x80
#define MSG_EOF        0x100
#define MSG_WAITSTREAM 0x200
#define MSG_FLUSH      0x400
#define MSG_HOLD       0x800
#define MSG_SEND       0x1000
#define MSG_HAVEMORE   0x2000
#define MSG_RCVMORE    0x4000
#define MSG_NEEDSA     0x10000
#define MSG_NOSIGNAL   0x80000
#define MSG_USEUPCALL  0x80000000u

/* Header of an object in msg_control, with its data after it. */
struct cmsghdr {
    socklen_t cmsg_len; /* bytes with this header */
    int cmsg_level;
    int cmsg_type; /* SCM_* */
};
#define SCM_RIGHTS              0x1
#define SCM_TIMESTAMP           0x2
#define SCM_CREDS               0x3
#define SCM_TIMESTAMP_MONOTONIC 0x4
/* Objects begin at multiples of four bytes. */
#define _CMSG_ALIGN(l)  (((__uint32_t)(l) + 3u) & ~3u)
#define CMSG_LEN(l)     (_CMSG_ALIGN(sizeof(struct cmsghdr)) + (l))
#define CMSG_SPACE(l)   (_CMSG_ALIGN(sizeof(struct cmsghdr)) + _CMSG_ALIGN(l))
#define CMSG_DATA(cmsg) ((unsigned char *)(cmsg) + _CMSG_ALIGN(sizeof(struct cmsghdr)))

/* The object at byte @at of msg_control; NULL where no header fits any more. */
static __inline struct cmsghdr *_cmsg_at(const struct msghdr *mh, __uint64_t at)
{
    if (at + sizeof(struct cmsghdr) > mh->msg_controllen)
        return 0;
    return (struct cmsghdr *)(void *)((char *)mh->msg_control + at);
}
static __inline struct cmsghdr *_cmsg_next(const struct msghdr *mh, const struct cmsghdr *cm)
{
    __uint64_t at =
        cm ? (__uint64_t)((const char *)cm - (char *)mh->msg_control) + _CMSG_ALIGN(cm->cmsg_len) : 0;
    return _cmsg_at(mh, at);
}
#define CMSG_FIRSTHDR(mhdr)     _cmsg_at(mhdr, 0)
#define CMSG_NXTHDR(mhdr, cmsg) _cmsg_next(mhdr, cmsg)

/* Which half of a connection to shut. */
#define SHUT_RD   0
#define SHUT_WR   1
#define SHUT_RDWR 2

/* What sendfile() puts before and after the file; with a user process's pointers in the others. */
struct sf_hdtr {
    struct iovec *headers;
    int hdr_cnt;
    struct iovec *trailers;
    int trl_cnt;
};
struct user_sf_hdtr {
    user_addr_t headers;
    int hdr_cnt;
    user_addr_t trailers;
    int trl_cnt;
};
struct user64_sf_hdtr {
    user64_addr_t headers;
    int hdr_cnt;
    user64_addr_t trailers;
    int trl_cnt;
};
struct user32_sf_hdtr {
    user32_addr_t headers;
    int hdr_cnt;
    user32_addr_t trailers;
    int trl_cnt;
};

#endif /* KPI_SYS_SOCKET_H */
