// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mach port names and rights: types only, there is no Mach IPC here.
 */
#ifndef KPI_MACH_PORT_H
#define KPI_MACH_PORT_H

#include <sys/cdefs.h>
#include <stdint.h>
#include <mach/boolean.h>
#include <mach/machine/vm_types.h>

struct ipc_port;
typedef struct ipc_port *ipc_port_t;
typedef ipc_port_t mach_port_t;
typedef natural_t mach_port_name_t;
typedef mach_port_name_t *mach_port_name_array_t;
typedef mach_port_t *mach_port_array_t;
typedef natural_t mach_port_right_t;
typedef natural_t mach_port_type_t;
typedef natural_t mach_port_urefs_t;
typedef integer_t mach_port_delta_t;
typedef natural_t mach_port_seqno_t;
typedef natural_t mach_port_mscount_t;
typedef natural_t mach_port_msgcount_t;
typedef natural_t mach_port_rights_t;
typedef unsigned int mach_port_srights_t;

#define MACH_PORT_NULL        0
#define MACH_PORT_DEAD        ((mach_port_name_t)~0)
#define MACH_PORT_VALID(name) (((name) != MACH_PORT_NULL) && ((name) != MACH_PORT_DEAD))
#define IPC_PORT_NULL         ((ipc_port_t)0)
#define IPC_PORT_DEAD         ((ipc_port_t)~0ul)
#define IPC_PORT_VALID(port)  (((port) != IPC_PORT_NULL) && ((port) != IPC_PORT_DEAD))

#endif /* KPI_MACH_PORT_H */
