// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random bytes.
 */
#ifndef KPI_LIBKERN_CRYPTO_RAND_H
#define KPI_LIBKERN_CRYPTO_RAND_H

#include <sys/cdefs.h>
#include <sys/types.h>

__BEGIN_DECLS
/** random_buf - fill @buflen bytes at @buf with unpredictable ones. 0. */
int random_buf(void *buf, size_t buflen);
__END_DECLS

#endif /* KPI_LIBKERN_CRYPTO_RAND_H */
