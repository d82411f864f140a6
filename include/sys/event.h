// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel events: filters, what VNOP_MONITOR and vnode_notify() say in NOTE_*, and the records that user space
 * reads.
 */
#ifndef KPI_SYS_EVENT_H
#define KPI_SYS_EVENT_H

#include <stdint.h>
#include <sys/cdefs.h>
#include <sys/queue.h>
#include <sys/types.h>

/* Filters. */
#define EVFILT_READ         (-1)
#define EVFILT_WRITE        (-2)
#define EVFILT_AIO          (-3)
#define EVFILT_VNODE        (-4)
#define EVFILT_PROC         (-5)
#define EVFILT_SIGNAL       (-6)
#define EVFILT_TIMER        (-7)
#define EVFILT_MACHPORT     (-8)
#define EVFILT_FS           (-9)
#define EVFILT_USER         (-10)
#define EVFILT_VM           (-12)
#define EVFILT_EXCEPT       (-15)
#define EVFILT_SYSCOUNT     18
#define EVFILT_THREADMARKER 18

struct kevent {
    uintptr_t ident; /* what is watched: for EVFILT_VNODE a descriptor */
    int16_t filter;  /* EVFILT_* */
    uint16_t flags;  /* EV_* */
    uint32_t fflags; /* NOTE_* of the filter */
    intptr_t data;
    void *udata;
};
struct kevent64_s {
    uint64_t ident;
    int16_t filter;
    uint16_t flags;
    uint32_t fflags;
    int64_t data;
    uint64_t udata;
    uint64_t ext[2];
};

#define EV_SET(kevp, id, fil, flg, ffl, dat, udat)                                                           \
    (*(kevp) = (struct kevent){(id), (fil), (flg), (ffl), (dat), (udat)})
#define EV_SET64(kevp, id, fil, flg, ffl, dat, udat, ext0, ext1)                                             \
    (*(kevp) = (struct kevent64_s){(id), (fil), (flg), (ffl), (dat), (udat), {(ext0), (ext1)}})

/* What to do with a record, and what came of it. */
#define EV_ADD                   0x1
#define EV_DELETE                0x2
#define EV_ENABLE                0x4
#define EV_DISABLE               0x8
#define EV_ONESHOT               0x10
#define EV_CLEAR                 0x20
#define EV_RECEIPT               0x40
#define EV_DISPATCH              0x80
#define EV_UDATA_SPECIFIC        0x100
#define EV_DISPATCH2             0x180
#define EV_VANISHED              0x200
#define EV_FLAG0                 0x1000
#define EV_POLL                  0x1000
#define EV_FLAG1                 0x2000
#define EV_OOBAND                0x2000
#define EV_ERROR                 0x4000
#define EV_EOF                   0x8000
#define EV_SYSFLAGS              0xf000
#define KEVENT_FLAG_NONE         0x0
#define KEVENT_FLAG_IMMEDIATE    0x1
#define KEVENT_FLAG_ERROR_EVENTS 0x2

/* EVFILT_VNODE: what happened to the file. */
#define NOTE_DELETE          0x1
#define NOTE_WRITE           0x2
#define NOTE_EXTEND          0x4
#define NOTE_ATTRIB          0x8
#define NOTE_LINK            0x10
#define NOTE_RENAME          0x20
#define NOTE_REVOKE          0x40
#define NOTE_NONE            0x80
#define NOTE_FUNLOCK         0x100
#define NOTE_LEASE_DOWNGRADE 0x200
#define NOTE_LEASE_RELEASE   0x400

/* EVFILT_READ, EVFILT_WRITE. */
#define NOTE_LOWAT 0x1
#define NOTE_OOB   0x2

/* EVFILT_PROC. */
#define NOTE_EXIT             0x80000000u
#define NOTE_FORK             0x40000000
#define NOTE_EXEC             0x20000000
#define NOTE_REAP             0x10000000
#define NOTE_SIGNAL           0x8000000
#define NOTE_EXITSTATUS       0x4000000
#define NOTE_EXIT_DETAIL      0x2000000
#define NOTE_PDATAMASK        0xfffff
#define NOTE_EXIT_REPARENTED  0x80000
#define NOTE_EXIT_DETAIL_MASK 0x70000
#define NOTE_EXIT_CSERROR     0x40000
#define NOTE_EXIT_MEMORY      0x20000
#define NOTE_EXIT_DECRYPTFAIL 0x10000
#define NOTE_CHILD            0x4
#define NOTE_TRACKERR         0x2
#define NOTE_TRACK            0x1
#define NOTE_PCTRLMASK        (-1048576)
enum { eNoteReapDeprecated = 0x10000000, eNoteExitReparentedDeprecated = 0x80000 };

/* EVFILT_USER. */
#define NOTE_TRIGGER    0x1000000
#define NOTE_FFNOP      0x0
#define NOTE_FFAND      0x40000000
#define NOTE_FFOR       0x80000000u
#define NOTE_FFCOPY     0xc0000000u
#define NOTE_FFCTRLMASK 0xc0000000u
#define NOTE_FFLAGSMASK 0xffffff

/* EVFILT_TIMER. */
#define NOTE_SECONDS              0x1
#define NOTE_USECONDS             0x2
#define NOTE_NSECONDS             0x4
#define NOTE_ABSOLUTE             0x8
#define NOTE_LEEWAY               0x10
#define NOTE_CRITICAL             0x20
#define NOTE_BACKGROUND           0x40
#define NOTE_MACH_CONTINUOUS_TIME 0x80
#define NOTE_MACHTIME             0x100

/* EVFILT_VM. */
#define NOTE_VM_PRESSURE                  0x80000000u
#define NOTE_VM_PRESSURE_TERMINATE        0x40000000
#define NOTE_VM_PRESSURE_SUDDEN_TERMINATE 0x20000000
#define NOTE_VM_ERROR                     0x10000000

struct knote;
SLIST_HEAD(klist, knote);

#endif /* KPI_SYS_EVENT_H */
