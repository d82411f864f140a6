// SPDX-License-Identifier: BSD-2-Clause
/*
 * Limits of the system interface.
 */
#ifndef KPI_SYS_SYSLIMITS_H
#define KPI_SYS_SYSLIMITS_H

#include <sys/cdefs.h>

#define ARG_MAX            1048576
#define BC_BASE_MAX        99
#define BC_DIM_MAX         2048
#define BC_SCALE_MAX       99
#define BC_STRING_MAX      1000
#define CHARCLASS_NAME_MAX 14
#define CHILD_MAX          266
#define COLL_WEIGHTS_MAX   2
#define EQUIV_CLASS_MAX    2
#define EXPR_NEST_MAX      32
#define GID_MAX            2147483647
#define LINE_MAX           2048
#define LINK_MAX           32767
#define MAX_CANON          1024
#define MAX_INPUT          1024
#define NAME_MAX           255
#define NGROUPS_MAX        16
#define NZERO              0
#define OPEN_MAX           10240
#define PATH_MAX           1024
#define PIPE_BUF           512
#define RE_DUP_MAX         255
#define UID_MAX            2147483647

#endif /* KPI_SYS_SYSLIMITS_H */
