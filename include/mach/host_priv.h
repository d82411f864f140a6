// SPDX-License-Identifier: BSD-2-Clause
/*
 * Operations on the host that take all rights.
 */
#ifndef KPI_MACH_HOST_PRIV_H
#define KPI_MACH_HOST_PRIV_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>
#include <mach/kern_return.h>
#include <mach/port.h>

__BEGIN_DECLS
/** host_get_special_port - the port of a daemon that has told the kernel of itself.
 *  @host_priv in   host_priv_self().
 *  @node      in   HOST_LOCAL_NODE.
 *  @which     in   HOST_AUTOMOUNTD_PORT...
 *  @port      out  NULL, as for a daemon that does not run: there are no ports here to send to.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  KERN_SUCCESS; KERN_INVALID_ARGUMENT not the host, or no such port.
 *  KPI:    unsupported, stable */
kern_return_t host_get_special_port(host_priv_t host_priv, int node, int which, mach_port_t *port);
__END_DECLS

#endif /* KPI_MACH_HOST_PRIV_H */
