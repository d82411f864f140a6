// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random bytes.
 */
#ifndef KPI_SYS_RANDOM_H
#define KPI_SYS_RANDOM_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS
/** read_random - fill @buffer with unpredictable bytes. */
void read_random(void *buffer, u_int numBytes);
/** read_frandom - as read_random. */
void read_frandom(void *buffer, u_int numBytes);
__END_DECLS

#endif /* KPI_SYS_RANDOM_H */
