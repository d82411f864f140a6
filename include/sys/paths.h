// SPDX-License-Identifier: BSD-2-Clause
/*
 * How the forks of a file are named in a path.
 */
#ifndef KPI_SYS_PATHS_H
#define KPI_SYS_PATHS_H

#include <sys/appleapiopts.h>

#define _PATH_FORKSPECIFIER "/..namedfork/"
#define _PATH_DATANAME      "data"
#define _PATH_RSRCNAME      "rsrc"
#define _PATH_RSRCFORKSPEC  "/..namedfork/rsrc"

#endif /* KPI_SYS_PATHS_H */
