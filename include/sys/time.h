// SPDX-License-Identifier: BSD-2-Clause
/*
 * Times of day and uptimes: the structures, their arithmetic and the kernel's clocks in BSD form.
 */
#ifndef KPI_SYS_TIME_H
#define KPI_SYS_TIME_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_types/_timespec.h>
#include <sys/_types/_timeval.h>
#include <sys/_types/_timeval64.h>
#include <sys/_types/_timeval32.h>
#include <sys/_types/_user_timespec.h>
#include <sys/_types/_user_timeval.h>
#include <sys/_types/_user64_timespec.h>
#include <sys/_types/_user64_timeval.h>
#include <sys/_types/_user32_timespec.h>
#include <sys/_types/_user32_timeval.h>
#include <sys/_types/_user64_itimerval.h>
#include <sys/_types/_user32_itimerval.h>

struct itimerval {
    struct timeval it_interval; /* 0: runs once */
    struct timeval it_value;    /* time to the next expiry */
};
struct timezone {
    int tz_minuteswest;
    int tz_dsttime; /* DST_* */
};
struct clockinfo {
    int hz;
    int tick; /* microseconds */
    int tickadj;
    int stathz;
    int profhz;
};

#define ITIMER_REAL    0
#define ITIMER_VIRTUAL 1
#define ITIMER_PROF    2
#define DST_NONE       0
#define DST_USA        1
#define DST_AUST       2
#define DST_WET        3
#define DST_MET        4
#define DST_EET        5
#define DST_CAN        6

#define TIMEVAL_TO_TIMESPEC(tv, ts)                                                                          \
    do {                                                                                                     \
        (ts)->tv_sec = (tv)->tv_sec;                                                                         \
        (ts)->tv_nsec = (tv)->tv_usec * 1000l;                                                               \
    } while (0)
#define TIMESPEC_TO_TIMEVAL(tv, ts)                                                                          \
    do {                                                                                                     \
        (tv)->tv_sec = (ts)->tv_sec;                                                                         \
        (tv)->tv_usec = (__darwin_suseconds_t)((ts)->tv_nsec / 1000);                                        \
    } while (0)
#define TIMEVAL64_TO_TIMESPEC(tv, ts) TIMEVAL_TO_TIMESPEC(tv, ts)
#define timerclear(t)                 ((t)->tv_sec = (t)->tv_usec = 0)
#define timerisset(t)                 ((t)->tv_sec != 0 || (t)->tv_usec != 0)
#define timevalclear(t)               timerclear(t)
#define timevalisset(t)               timerisset(t)
#define timercmp(a, b, op)                                                                                   \
    (((a)->tv_sec == (b)->tv_sec) ? ((a)->tv_usec op(b)->tv_usec) : ((a)->tv_sec op(b)->tv_sec))
#define timevalcmp(a, b, op) timercmp(a, b, op)
#define timespecclear(t)     ((t)->tv_sec = (t)->tv_nsec = 0)
#define timespecisset(t)     ((t)->tv_sec != 0 || (t)->tv_nsec != 0)
#define timespeccmp(a, b, op)                                                                                \
    (((a)->tv_sec == (b)->tv_sec) ? ((a)->tv_nsec op(b)->tv_nsec) : ((a)->tv_sec op(b)->tv_sec))

__BEGIN_DECLS
/** microtime - wall-clock time in microseconds; advances as nanotime()'s. Never blocks. */
void microtime(struct timeval *tv);
/** microuptime - time since start, microseconds; never steps back. Never blocks. */
void microuptime(struct timeval *tv);
/** nanotime - wall-clock time in nanoseconds, for time stamps: it advances with the host's timer tick, every
 * few milliseconds, as the stamps do that the host itself puts on files. For a finer clock see
 *  clock_get_calendar_nanotime() and nanouptime(). Never blocks. */
void nanotime(struct timespec *ts);
/** nanouptime - time since start, nanoseconds; never steps back. Never blocks. */
void nanouptime(struct timespec *ts);
/** timevaladd - add @t2 to @t1 and normalise the sum. */
void timevaladd(struct timeval *t1, struct timeval *t2);
/** timevalsub - subtract @t2 from @t1 and normalise the difference. */
void timevalsub(struct timeval *t1, struct timeval *t2);
/** timevalfix - bring tv_usec of @t1 into 0..999999, carrying into tv_sec. */
void timevalfix(struct timeval *t1);
/** tvtoabstime - an interval in units of mach_absolute_time. */
uint64_t tvtoabstime(struct timeval *tv);
__END_DECLS

/* The cheap clocks of old; all clocks are cheap. */
#define getmicrotime(tv)   microtime(tv)
#define getmicrouptime(tv) microuptime(tv)
#define getnanotime(ts)    nanotime(ts)
#define getnanouptime(ts)  nanouptime(ts)

#endif /* KPI_SYS_TIME_H */
