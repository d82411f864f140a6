// SPDX-License-Identifier: BSD-2-Clause
/*
 * Priorities and facilities of log().
 */
#ifndef KPI_SYS_SYSLOG_H
#define KPI_SYS_SYSLOG_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/appleapiopts.h>

#define LOG_EMERG         0
#define LOG_ALERT         1
#define LOG_CRIT          2
#define LOG_ERR           3
#define LOG_WARNING       4
#define LOG_NOTICE        5
#define LOG_INFO          6
#define LOG_DEBUG         7
#define LOG_PRIMASK       0x7
#define LOG_FACMASK       0x3f8
#define LOG_PRI(p)        ((p)&LOG_PRIMASK)
#define LOG_MAKEPRI(f, p) ((f) | (p))
#define LOG_FAC(p)        (((p)&LOG_FACMASK) >> 3)
#define LOG_MASK(p)       (1 << (p))
#define LOG_UPTO(p)       ((1 << ((p) + 1)) - 1)

/* Facilities, already shifted. */
#define LOG_KERN        0x0
#define LOG_USER        0x8
#define LOG_MAIL        0x10
#define LOG_DAEMON      0x18
#define LOG_AUTH        0x20
#define LOG_SYSLOG      0x28
#define LOG_LPR         0x30
#define LOG_NEWS        0x38
#define LOG_UUCP        0x40
#define LOG_CRON        0x48
#define LOG_AUTHPRIV    0x50
#define LOG_FTP         0x58
#define LOG_NETINFO     0x60
#define LOG_REMOTEAUTH  0x68
#define LOG_INSTALL     0x70
#define LOG_RAS         0x78
#define LOG_LOCAL0      0x80
#define LOG_LOCAL1      0x88
#define LOG_LOCAL2      0x90
#define LOG_LOCAL3      0x98
#define LOG_LOCAL4      0xa0
#define LOG_LOCAL5      0xa8
#define LOG_LOCAL6      0xb0
#define LOG_LOCAL7      0xb8
#define LOG_LAUNCHD     0xc0
#define LOG_NFACILITIES 25
#define LOG_PRINTF      (-1)
#define LOG_PID         0x1
#define LOG_CONS        0x2
#define LOG_ODELAY      0x4
#define LOG_NDELAY      0x8
#define LOG_NOWAIT      0x10
#define LOG_PERROR      0x20

/* How printf's %b form names the bits and values of a register. */
struct reg_values {
    unsigned rv_value;
    const char *rv_name;
};
struct reg_desc {
    unsigned rd_mask;
    int rd_shift;
    const char *rd_name;
    const char *rd_format;
    struct reg_values *rd_values;
};

__BEGIN_DECLS
/** log - print as printf, with a priority LOG_* of the line. */
void log(int pri, const char *fmt, ...) __printflike(2, 3);
__END_DECLS

#endif /* KPI_SYS_SYSLOG_H */
