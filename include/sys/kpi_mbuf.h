// SPDX-License-Identifier: BSD-2-Clause
/*
 * Memory buffers: chains of small pieces of data, as networks pass them around. Declarations: this kernel
 * process has no network stack, and the loader says so of a kext that needs one.
 *
 * A packet is a chain of buffers (next); packets form a list (nextpkt). The first buffer of a packet has a
 * packet header with the length of it all.
 */
#ifndef KPI_SYS_KPI_MBUF_H
#define KPI_SYS_KPI_MBUF_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/kernel_types.h>
#include <mach/vm_types.h>
#include <Availability.h>

/* Properties. Only EOR, the link-layer ones and the fragments can be set. */
enum {
    MBUF_EXT = 0x0001,    /* data lies in a cluster */
    MBUF_PKTHDR = 0x0002, /* has a packet header */
    MBUF_EOR = 0x0004,    /* ends a record */
    MBUF_LOOP = 0x0040,   /* looped back */
    MBUF_BCAST = 0x0100,  /* link-layer broadcast */
    MBUF_MCAST = 0x0200,  /* link-layer multicast */
    MBUF_FRAG = 0x0400,   /* part of a larger packet: any, the first, the last */
    MBUF_FIRSTFRAG = 0x0800,
    MBUF_LASTFRAG = 0x1000,
    MBUF_PROMISC = 0x2000, /* meant for another machine */
    MBUF_HASFCS = 0x4000   /* frame check sequence at the end */
};
typedef u_int32_t mbuf_flags_t;

/* What a buffer is for. */
enum {
    MBUF_TYPE_FREE = 0,
    MBUF_TYPE_DATA = 1,
    MBUF_TYPE_HEADER = 2,
    MBUF_TYPE_SOCKET = 3,
    MBUF_TYPE_PCB = 4,
    MBUF_TYPE_RTABLE = 5,
    MBUF_TYPE_HTABLE = 6,
    MBUF_TYPE_ATABLE = 7,
    MBUF_TYPE_SONAME = 8,
    MBUF_TYPE_SOOPTS = 10,
    MBUF_TYPE_FTABLE = 11,
    MBUF_TYPE_RIGHTS = 12,
    MBUF_TYPE_IFADDR = 13,
    MBUF_TYPE_CONTROL = 14,
    MBUF_TYPE_OOBDATA = 15
};
typedef u_int32_t mbuf_type_t;

/* What the interface is asked to do with a packet, and what it says it did. */
enum { MBUF_TSO_IPV4 = 0x100000, MBUF_TSO_IPV6 = 0x200000 };
typedef u_int32_t mbuf_tso_request_flags_t;
enum {
    MBUF_CSUM_REQ_IP = 0x0001,
    MBUF_CSUM_REQ_TCP = 0x0002,
    MBUF_CSUM_REQ_UDP = 0x0004,
    MBUF_CSUM_REQ_TCPIPV6 = 0x0020,
    MBUF_CSUM_REQ_UDPIPV6 = 0x0040
};
typedef u_int32_t mbuf_csum_request_flags_t;
enum {
    MBUF_CSUM_DID_IP = 0x0100,
    MBUF_CSUM_IP_GOOD = 0x0200,
    MBUF_CSUM_DID_DATA = 0x0400,
    MBUF_CSUM_PSEUDO_HDR = 0x0800
};
typedef u_int32_t mbuf_csum_performed_flags_t;

/* Whether an allocation may block. */
enum { MBUF_WAITOK = 0, MBUF_DONTWAIT = 1 };
typedef u_int32_t mbuf_how_t;

/* Tags: who made one, and which of his. */
typedef u_int32_t mbuf_tag_id_t;
typedef u_int16_t mbuf_tag_type_t;

/* Best effort, background, video, voice. */
typedef enum { MBUF_TC_BE = 0, MBUF_TC_BK = 1, MBUF_TC_VI = 2, MBUF_TC_VO = 3 } mbuf_traffic_class_t;

/* Figures of all buffers; sizes in bytes. */
struct mbuf_stat {
    u_int32_t mbufs;
    u_int32_t clusters;
    u_int32_t clfree;
    u_int32_t drops;
    u_int32_t wait;
    u_int32_t drain;
    u_short mtypes[256];
    u_int32_t mcfail;
    u_int32_t mpfail;
    u_int32_t msize;
    u_int32_t mclbytes;
    u_int32_t minclsize;
    u_int32_t mlen;
    u_int32_t mhlen;
    u_int32_t bigclusters;
    u_int32_t bigclfree;
    u_int32_t bigmclbytes;
};

__BEGIN_DECLS
/* ---- one buffer ---- */
/** mbuf_data - where its data begins. */
void *mbuf_data(mbuf_t mbuf);
/** mbuf_datastart - where its room begins. */
void *mbuf_datastart(mbuf_t mbuf);
/** mbuf_setdata - data of @len bytes begins at @data, which lies in its room. */
errno_t mbuf_setdata(mbuf_t mbuf, void *data, size_t len);
/** mbuf_align_32 - put the data of an empty buffer where @len bytes end at the end of the room, aligned. */
errno_t mbuf_align_32(mbuf_t mbuf, size_t len);
/** mbuf_data_to_physical - the address that a device would use; 0 if there is none. */
addr64_t mbuf_data_to_physical(void *ptr);
/** mbuf_len - bytes of data. */
size_t mbuf_len(const mbuf_t mbuf);
/** mbuf_setlen - say how many bytes of data there are. */
void mbuf_setlen(mbuf_t mbuf, size_t len);
/** mbuf_maxlen - bytes of room. */
size_t mbuf_maxlen(const mbuf_t mbuf);
/** mbuf_leadingspace - bytes of room before the data. */
size_t mbuf_leadingspace(const mbuf_t mbuf);
/** mbuf_trailingspace - bytes of room after the data. */
size_t mbuf_trailingspace(const mbuf_t mbuf);
/** mbuf_adjustlen - change the length by @amount, within the room. */
errno_t mbuf_adjustlen(mbuf_t mbuf, int amount);
/** mbuf_type - MBUF_TYPE_*. */
mbuf_type_t mbuf_type(const mbuf_t mbuf);
/** mbuf_settype - change it; not to MBUF_TYPE_FREE. */
errno_t mbuf_settype(mbuf_t mbuf, mbuf_type_t new_type);
/** mbuf_flags - MBUF_EXT... */
mbuf_flags_t mbuf_flags(const mbuf_t mbuf);
/** mbuf_setflags - set all those that can be set. */
errno_t mbuf_setflags(mbuf_t mbuf, mbuf_flags_t flags);
/** mbuf_setflags_mask - set those in @mask. */
errno_t mbuf_setflags_mask(mbuf_t mbuf, mbuf_flags_t flags, mbuf_flags_t mask);
/** mbuf_mclhasreference - non-zero if its cluster is shared, so that its data must not be changed. */
int mbuf_mclhasreference(mbuf_t mbuf);

/* ---- chains ---- */
/** mbuf_next - the next buffer of the packet. */
mbuf_t mbuf_next(const mbuf_t mbuf);
/** mbuf_setnext - append @next. */
errno_t mbuf_setnext(mbuf_t mbuf, mbuf_t next);
/** mbuf_nextpkt - the next packet of the list. */
mbuf_t mbuf_nextpkt(const mbuf_t mbuf);
/** mbuf_setnextpkt - append the packet @nextpkt. */
void mbuf_setnextpkt(mbuf_t mbuf, mbuf_t nextpkt);
/** mbuf_concatenate - append the chain @src to @dst; returns @dst. Packet headers are the caller's to mend.
 */
mbuf_t mbuf_concatenate(mbuf_t dst, mbuf_t src);
/** mbuf_split - what comes after @offset bytes becomes a packet of its own, *new_mbuf. */
errno_t mbuf_split(mbuf_t src, size_t offset, mbuf_how_t how, mbuf_t *new_mbuf);
/** mbuf_adj - take @len bytes off the front, or -@len off the end. */
void mbuf_adj(mbuf_t mbuf, int len);
/** mbuf_prepend - make room for @len bytes in front; *mbuf may change, and is NULL after an error. */
errno_t mbuf_prepend(mbuf_t *mbuf, size_t len, mbuf_how_t how);
/** mbuf_pullup - bring the first @len bytes together in the first buffer; *mbuf as with mbuf_prepend. */
errno_t mbuf_pullup(mbuf_t *mbuf, size_t len);
/** mbuf_pulldown - bring @len bytes from *offset on together; in *location, at *offset. Frees @src on an
 * error. */
errno_t mbuf_pulldown(mbuf_t src, size_t *offset, size_t len, mbuf_t *location);
/** mbuf_copydata - copy @length bytes from @offset on to @out_data. */
errno_t mbuf_copydata(const mbuf_t mbuf, size_t offset, size_t length, void *out_data);
/** mbuf_copyback - copy @length bytes to @offset; the chain grows where it is too short. */
errno_t mbuf_copyback(mbuf_t mbuf, size_t offset, size_t length, const void *data, mbuf_how_t how);

/* ---- making, copying, freeing ---- */
/** mbuf_get - a buffer without a packet header. */
errno_t mbuf_get(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf);
/** mbuf_gethdr - a buffer with one. */
errno_t mbuf_gethdr(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf);
/** mbuf_getpacket - a packet of data with a cluster. */
errno_t mbuf_getpacket(mbuf_how_t how, mbuf_t *mbuf);
/** mbuf_getcluster - give *mbuf a cluster of @size bytes; makes a buffer if it is NULL. */
errno_t mbuf_getcluster(mbuf_how_t how, mbuf_type_t type, size_t size, mbuf_t *mbuf);
/** mbuf_mclget - the same with the size that is usual. */
errno_t mbuf_mclget(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf);
/** mbuf_alloccluster - a cluster of *size bytes at least, alone. */
errno_t mbuf_alloccluster(mbuf_how_t how, size_t *size, char **addr);
/** mbuf_freecluster - free one of mbuf_alloccluster. */
void mbuf_freecluster(caddr_t addr, size_t size);
/** mbuf_attachcluster - a cluster of the caller's own; @extfree(@extbuf, @extsize, @extarg) ends it. */
errno_t mbuf_attachcluster(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf, caddr_t extbuf,
                           void (*extfree)(caddr_t, u_int, caddr_t), size_t extsize, caddr_t extarg);
/** mbuf_allocpacket - a packet with room for @packetlen bytes in at most *maxchunks buffers; gives how many.
 */
errno_t mbuf_allocpacket(mbuf_how_t how, size_t packetlen, unsigned int *maxchunks, mbuf_t *mbuf);
/** mbuf_allocpacket_list - @numpkts of them, as a list. */
errno_t mbuf_allocpacket_list(unsigned int numpkts, mbuf_how_t how, size_t packetlen, unsigned int *maxchunks,
                              mbuf_t *mbuf);
/** mbuf_dup - a copy with data of its own. */
errno_t mbuf_dup(const mbuf_t src, mbuf_how_t how, mbuf_t *new_mbuf);
/** mbuf_copym - a copy of @len bytes from @offset on that may share clusters. */
errno_t mbuf_copym(const mbuf_t src, size_t offset, size_t len, mbuf_how_t how, mbuf_t *new_mbuf);
/** mbuf_free - free one buffer; returns the next. */
mbuf_t mbuf_free(mbuf_t mbuf);
/** mbuf_freem - free a packet. */
void mbuf_freem(mbuf_t mbuf);
/** mbuf_freem_list - free a list of packets; returns how many. */
int mbuf_freem_list(mbuf_t mbuf);

/* ---- packet headers ---- */
/** mbuf_pkthdr_len - bytes of the packet. */
size_t mbuf_pkthdr_len(const mbuf_t mbuf);
/** mbuf_pkthdr_setlen - say how many. */
void mbuf_pkthdr_setlen(mbuf_t mbuf, size_t len);
/** mbuf_pkthdr_adjustlen - change that by @amount. */
void mbuf_pkthdr_adjustlen(mbuf_t mbuf, int amount);
/** mbuf_pkthdr_rcvif - the interface it came from, borrowed. */
ifnet_t mbuf_pkthdr_rcvif(const mbuf_t mbuf);
/** mbuf_pkthdr_setrcvif - say which. */
errno_t mbuf_pkthdr_setrcvif(mbuf_t mbuf, ifnet_t ifp);
/** mbuf_pkthdr_header - where the header of the layer below was. */
void *mbuf_pkthdr_header(const mbuf_t mbuf);
/** mbuf_pkthdr_setheader - say where. */
void mbuf_pkthdr_setheader(mbuf_t mbuf, void *header);
/** mbuf_copy_pkthdr - a packet header like that of @src. */
errno_t mbuf_copy_pkthdr(mbuf_t dest, const mbuf_t src);

/* ---- what the interface does ---- */
/** mbuf_inbound_modified - the data was changed: what the interface said of its sums holds no longer. */
void mbuf_inbound_modified(mbuf_t mbuf);
/** mbuf_outbound_finalize - do now what the interface was asked for. */
void mbuf_outbound_finalize(mbuf_t mbuf, u_int32_t protocol_family, size_t protocol_offset);
/** mbuf_set_vlan_tag - the tag that the interface sends along. */
errno_t mbuf_set_vlan_tag(mbuf_t mbuf, u_int16_t vlan);
/** mbuf_get_vlan_tag - the tag; ENXIO: none. */
errno_t mbuf_get_vlan_tag(mbuf_t mbuf, u_int16_t *vlan);
/** mbuf_clear_vlan_tag - no tag. */
errno_t mbuf_clear_vlan_tag(mbuf_t mbuf);
/** mbuf_get_csum_requested - MBUF_CSUM_REQ_*. */
errno_t mbuf_get_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t *request, u_int32_t *value);
/** mbuf_clear_csum_requested - none. */
errno_t mbuf_clear_csum_requested(mbuf_t mbuf);
/** mbuf_set_csum_performed - what the interface did: MBUF_CSUM_DID_*. */
errno_t mbuf_set_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t flags, u_int32_t value);
/** mbuf_clear_csum_performed - nothing. */
errno_t mbuf_clear_csum_performed(mbuf_t mbuf);
#ifdef KERNEL_PRIVATE
/** mbuf_set_csum_requested - ask for sums. Private. */
errno_t mbuf_set_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t request, u_int32_t value);
/** mbuf_get_csum_performed - what the interface did. Private. */
errno_t mbuf_get_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t *flags, u_int32_t *value);
#endif
/** mbuf_get_tso_requested - MBUF_TSO_*, and the size of a segment. */
errno_t mbuf_get_tso_requested(mbuf_t mbuf, mbuf_tso_request_flags_t *request, u_int32_t *mssi);
/** mbuf_inet_cksum - the sum over @length bytes from @offset on; with @protocol, of IPv4's header too. */
errno_t mbuf_inet_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum);
/** mbuf_inet6_cksum - the same for IPv6. */
errno_t mbuf_inet6_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t length, u_int16_t *csum);
/** mbuf_get_traffic_class - MBUF_TC_*. */
mbuf_traffic_class_t mbuf_get_traffic_class(mbuf_t mbuf);
/** mbuf_set_traffic_class - change it. */
errno_t mbuf_set_traffic_class(mbuf_t mbuf, mbuf_traffic_class_t tc);
/** mbuf_is_traffic_class_privileged - non-zero if the superuser chose it. */
int mbuf_is_traffic_class_privileged(mbuf_t mbuf);

/* ---- tags ---- */
/** mbuf_tag_id_find - the number that belongs to @module, for good. */
errno_t mbuf_tag_id_find(const char *module, mbuf_tag_id_t *module_id);
/** mbuf_tag_allocate - a tag of @length bytes at *data; goes with the packet. */
errno_t mbuf_tag_allocate(mbuf_t mbuf, mbuf_tag_id_t module_id, mbuf_tag_type_t type, size_t length,
                          mbuf_how_t how, void **data);
/** mbuf_tag_find - one that is there; ENOENT: none. */
errno_t mbuf_tag_find(mbuf_t mbuf, mbuf_tag_id_t module_id, mbuf_tag_type_t type, size_t *length,
                      void **data);
/** mbuf_tag_free - take one off. */
void mbuf_tag_free(mbuf_t mbuf, mbuf_tag_id_t module_id, mbuf_tag_type_t type);

/* ---- figures ---- */
/** mbuf_stats - of all buffers. */
void mbuf_stats(struct mbuf_stat *stats);
/** mbuf_get_mlen - bytes of room without a packet header. */
u_int32_t mbuf_get_mlen(void);
/** mbuf_get_mhlen - bytes of room with one. */
u_int32_t mbuf_get_mhlen(void);
/** mbuf_get_minclsize - bytes from which on a cluster is worth it. */
u_int32_t mbuf_get_minclsize(void);
__END_DECLS

#endif /* KPI_SYS_KPI_MBUF_H */
