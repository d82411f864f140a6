// SPDX-License-Identifier: BSD-2-Clause
/*
 * Page, block and mbuf-cluster sizes of x86_64.
 */
#ifndef KPI_I386_PARAM_H
#define KPI_I386_PARAM_H

#include <i386/_types.h>

#define ALIGNBYTES    (sizeof(__darwin_size_t) - 1)
#define ALIGN(p)      ((__darwin_size_t)((char *)(__darwin_size_t)(p) + ALIGNBYTES) & ~ALIGNBYTES)
#define NBPG          4096
#define PGOFSET       4095
#define PGSHIFT       12
#define DEV_BSIZE     512
#define DEV_BSHIFT    9
#define BLKDEV_IOSIZE 2048
#define MAXPHYS       131072
#define CLSIZE        1
#define CLSIZELOG2    0
#define MSIZE         256
#define MSIZESHIFT    8
#define MCLBYTES      2048
#define MCLSHIFT      11
#define MCLOFSET      2047
#define MBIGCLBYTES   4096
#define MBIGCLSHIFT   12
#define M16KCLBYTES   16384
#define M16KCLSHIFT   14
#define NMBCLUSTERS   512

#define btodb(bytes, size)  ((unsigned)(bytes) / (size))
#define dbtob(blocks, size) ((unsigned)(blocks) * (size))
#define i386_round_page(v)  (((v) + PGOFSET) & ~PGOFSET)
#define i386_trunc_page(v)  ((v) & ~PGOFSET)

#define ctod(x)     ((x) << (PGSHIFT - DEV_BSHIFT))
#define dtoc(x)     ((x) >> (PGSHIFT - DEV_BSHIFT))
#define dtob(x)     ((x) << DEV_BSHIFT)
#define ctob(x)     ((x) << PGSHIFT)
#define btoc(bytes) (((unsigned)(bytes) + PGOFSET) >> PGSHIFT)

#endif /* KPI_I386_PARAM_H */
