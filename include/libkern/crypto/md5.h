// SPDX-License-Identifier: BSD-2-Clause
/*
 * MD5.
 */
#ifndef KPI_LIBKERN_CRYPTO_MD5_H
#define KPI_LIBKERN_CRYPTO_MD5_H

#include <sys/types.h>

#define MD5_DIGEST_LENGTH 16
typedef struct {
    u_int32_t state[4];
    u_int32_t count[2]; /* bits so far, low word first */
    unsigned char buffer[64];
} MD5_CTX;

__BEGIN_DECLS
/** MD5Init - begin. */
void MD5Init(MD5_CTX *context);
/** MD5Update - add @inputLen bytes. */
void MD5Update(MD5_CTX *context, const void *input, unsigned int inputLen);
/** MD5Final - finish. */
void MD5Final(unsigned char digest[16], MD5_CTX *context);
__END_DECLS

#endif /* KPI_LIBKERN_CRYPTO_MD5_H */
