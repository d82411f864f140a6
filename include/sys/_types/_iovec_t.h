// SPDX-License-Identifier: BSD-2-Clause
/*
 * struct iovec: one buffer of a scatter or gather list.
 */
#ifndef KPI_SYS__TYPES__IOVEC_T_H
#define KPI_SYS__TYPES__IOVEC_T_H

#include <sys/_types.h>

struct iovec {
    void *iov_base;
    __darwin_size_t iov_len; /* bytes */
};

#endif /* KPI_SYS__TYPES__IOVEC_T_H */
