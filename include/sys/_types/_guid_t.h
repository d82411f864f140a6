// SPDX-License-Identifier: BSD-2-Clause
/*
 * guid_t: a 128-bit identity of a user or a group.
 */
#ifndef KPI_SYS__TYPES__GUID_T_H
#define KPI_SYS__TYPES__GUID_T_H

#include <machine/types.h>

#define KAUTH_GUID_SIZE 16
#define _GUID_T
typedef struct {
    union {
        unsigned char g_guid[KAUTH_GUID_SIZE];
        unsigned int g_guid_asint[KAUTH_GUID_SIZE / sizeof(unsigned int)];
    };
} guid_t;

#endif /* KPI_SYS__TYPES__GUID_T_H */
