// SPDX-License-Identifier: BSD-2-Clause
/*
 * What a process may use and what it has used: limits, priorities, policies for I/O.
 */
#ifndef KPI_SYS_RESOURCE_H
#define KPI_SYS_RESOURCE_H

#include <stdint.h>
#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types/_timeval.h>
#include <sys/_types/_user32_timeval.h>
#include <sys/_types/_user64_timeval.h>

/* Limits. */
typedef __uint64_t rlim_t;
struct rlimit {
    rlim_t rlim_cur;
    rlim_t rlim_max;
};
#define RLIM_INFINITY             (((__uint64_t)1 << 63) - 1)
#define RLIM_SAVED_MAX            RLIM_INFINITY
#define RLIM_SAVED_CUR            RLIM_INFINITY
#define RLIMIT_CPU                0
#define RLIMIT_FSIZE              1
#define RLIMIT_WAKEUPS_MONITOR    1
#define RLIMIT_CPU_USAGE_MONITOR  2
#define RLIMIT_DATA               2
#define RLIMIT_STACK              3
#define RLIMIT_THREAD_CPULIMITS   3
#define RLIMIT_CORE               4
#define RLIMIT_FOOTPRINT_INTERVAL 4
#define RLIMIT_AS                 5
#define RLIMIT_RSS                5
#define RLIMIT_MEMLOCK            6
#define RLIMIT_NPROC              7
#define RLIMIT_NOFILE             8
#define RLIM_NLIMITS              9

/* Priorities: of whom, and how high. */
#define PRIO_PROCESS        0x0
#define PRIO_PGRP           0x1
#define PRIO_USER           0x2
#define PRIO_DARWIN_THREAD  0x3
#define PRIO_DARWIN_PROCESS 0x4
#define PRIO_MAX            0x14
#define PRIO_MIN            (-0x14)
#define PRIO_DARWIN_BG      0x1000
#define PRIO_DARWIN_NONUI   0x1001

/* Usage. */
struct rusage {
    struct timeval ru_utime;
    struct timeval ru_stime;
    long ru_maxrss;
    long ru_ixrss;
    long ru_idrss;
    long ru_isrss;
    long ru_minflt;
    long ru_majflt;
    long ru_nswap;
    long ru_inblock;
    long ru_oublock;
    long ru_msgsnd;
    long ru_msgrcv;
    long ru_nsignals;
    long ru_nvcsw;
    long ru_nivcsw;
};
#define RUSAGE_SELF          0
#define RUSAGE_CHILDREN      (-1)
#define RUSAGE_INFO_V0       0
#define RUSAGE_INFO_V1       1
#define RUSAGE_INFO_V2       2
#define RUSAGE_INFO_V3       3
#define RUSAGE_INFO_V4       4
#define RUSAGE_INFO_V5       5
#define RUSAGE_INFO_CURRENT  6
#define RUSAGE_INFO_V6       6
#define RU_PROC_RUNS_RESLIDE 1

/* Watching how often a process wakes the processor, and its other monitors. */
struct proc_rlimit_control_wakeupmon {
    uint32_t wm_flags; /* WAKEMON_* */
    int32_t wm_rate;   /* wake-ups a second */
};
#define WAKEMON_ENABLE           0x1
#define WAKEMON_DISABLE          0x2
#define WAKEMON_GET_PARAMS       0x4
#define WAKEMON_SET_DEFAULTS     0x8
#define WAKEMON_MAKE_FATAL       0x10
#define FOOTPRINT_INTERVAL_RESET 0x1
#define CPUMON_MAKE_FATAL        0x1000

/* Policies for I/O: which, of whom, and what. */
#define IOPOL_TYPE_DISK                             0
#define IOPOL_TYPE_VFS_ATIME_UPDATES                2
#define IOPOL_TYPE_VFS_MATERIALIZE_DATALESS_FILES   3
#define IOPOL_TYPE_VFS_STATFS_NO_DATA_VOLUME        4
#define IOPOL_TYPE_VFS_TRIGGER_RESOLVE              5
#define IOPOL_TYPE_VFS_IGNORE_CONTENT_PROTECTION    6
#define IOPOL_TYPE_VFS_IGNORE_PERMISSIONS           7
#define IOPOL_TYPE_VFS_SKIP_MTIME_UPDATE            8
#define IOPOL_TYPE_VFS_ALLOW_LOW_SPACE_WRITES       9
#define IOPOL_TYPE_VFS_DISALLOW_RW_FOR_O_EVTONLY    10
#define IOPOL_SCOPE_PROCESS                         0
#define IOPOL_SCOPE_THREAD                          1
#define IOPOL_SCOPE_DARWIN_BG                       2
#define IOPOL_DEFAULT                               0
#define IOPOL_IMPORTANT                             1
#define IOPOL_NORMAL                                1
#define IOPOL_PASSIVE                               2
#define IOPOL_THROTTLE                              3
#define IOPOL_UTILITY                               4
#define IOPOL_APPLICATION                           5
#define IOPOL_STANDARD                              5
#define IOPOL_ATIME_UPDATES_DEFAULT                 0
#define IOPOL_MATERIALIZE_DATALESS_FILES_DEFAULT    0
#define IOPOL_ATIME_UPDATES_OFF                     1
#define IOPOL_MATERIALIZE_DATALESS_FILES_OFF        1
#define IOPOL_MATERIALIZE_DATALESS_FILES_ON         2
#define IOPOL_VFS_ALLOW_LOW_SPACE_WRITES_OFF        0
#define IOPOL_VFS_CONTENT_PROTECTION_DEFAULT        0
#define IOPOL_VFS_DISALLOW_RW_FOR_O_EVTONLY_DEFAULT 0
#define IOPOL_VFS_IGNORE_PERMISSIONS_OFF            0
#define IOPOL_VFS_NOCACHE_WRITE_FS_BLKSIZE_DEFAULT  0
#define IOPOL_VFS_SKIP_MTIME_UPDATE_OFF             0
#define IOPOL_VFS_STATFS_NO_DATA_VOLUME_DEFAULT     0
#define IOPOL_VFS_TRIGGER_RESOLVE_DEFAULT           0
#define IOPOL_VFS_ALLOW_LOW_SPACE_WRITES_ON         1
#define IOPOL_VFS_CONTENT_PROTECTION_IGNORE         1
#define IOPOL_VFS_DISALLOW_RW_FOR_O_EVTONLY_ON      1
#define IOPOL_VFS_IGNORE_PERMISSIONS_ON             1
#define IOPOL_VFS_NOCACHE_WRITE_FS_BLKSIZE_ON       1
#define IOPOL_VFS_SKIP_MTIME_UPDATE_ON              1
#define IOPOL_VFS_STATFS_FORCE_NO_DATA_VOLUME       1
#define IOPOL_VFS_TRIGGER_RESOLVE_OFF               1
#define IOPOL_VFS_SKIP_MTIME_UPDATE_IGNORE          2

#endif /* KPI_SYS_RESOURCE_H */
