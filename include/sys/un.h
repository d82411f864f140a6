// SPDX-License-Identifier: BSD-2-Clause
/*
 * Addresses of local sockets.
 */
#ifndef KPI_SYS_UN_H
#define KPI_SYS_UN_H

#include <sys/appleapiopts.h>
#include <sys/cdefs.h>
#include <sys/_types.h>
#include <sys/_types/_sa_family_t.h>
#include <string.h>

struct sockaddr_un {
    unsigned char sun_len;  /* bytes, all of it */
    sa_family_t sun_family; /* AF_UNIX */
    char sun_path[104];
};
#define SOL_LOCAL 0

/* Bytes of an address with its path, without the NUL. */
#define SUN_LEN(su) (sizeof(*(su)) - sizeof((su)->sun_path) + strlen((su)->sun_path))

#endif /* KPI_SYS_UN_H */
