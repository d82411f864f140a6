// SPDX-License-Identifier: BSD-2-Clause
/*
 * Objects of Mach messages as opaque handles.
 */
#ifndef KPI_IPC_IPC_TYPES_H
#define KPI_IPC_IPC_TYPES_H

#include <mach/port.h>
#include <mach/message.h>
#include <mach/mach_types.h>

struct ipc_object;
typedef struct ipc_object *ipc_object_t;
#define IPC_OBJECT_NULL      ((ipc_object_t)0)
#define IPC_OBJECT_DEAD      ((ipc_object_t) ~(uintptr_t)0)
#define IPC_OBJECT_VALID(io) ((io) != IPC_OBJECT_NULL && (io) != IPC_OBJECT_DEAD)

#endif /* KPI_IPC_IPC_TYPES_H */
