// SPDX-License-Identifier: BSD-2-Clause
/*
 * Events of poll(2), which a device's select routine is asked for.
 */
#ifndef KPI_SYS_POLL_H
#define KPI_SYS_POLL_H

#define POLLIN     0x0001
#define POLLPRI    0x0002
#define POLLOUT    0x0004
#define POLLERR    0x0008
#define POLLHUP    0x0010
#define POLLNVAL   0x0020
#define POLLRDNORM 0x0040
#define POLLWRNORM POLLOUT
#define POLLRDBAND 0x0080
#define POLLWRBAND 0x0100

/* A file was extended, its attributes, its links were changed, it was written. */
#define POLLEXTEND 0x0200
#define POLLATTRIB 0x0400
#define POLLNLINK  0x0800
#define POLLWRITE  0x1000

#define POLLSTANDARD                                                                                         \
    (POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRBAND | POLLERR | POLLHUP | POLLNVAL)

struct pollfd {
    int fd;
    short events;  /* asked for */
    short revents; /* found */
};
typedef unsigned int nfds_t;

#endif /* KPI_SYS_POLL_H */
