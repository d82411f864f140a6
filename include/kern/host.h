// SPDX-License-Identifier: BSD-2-Clause
/*
 * The host, as a Mach object.
 */
#ifndef KPI_KERN_HOST_H
#define KPI_KERN_HOST_H

#include <sys/cdefs.h>
#include <mach/mach_types.h>

__BEGIN_DECLS
/** host_priv_self - the host, with all rights; borrowed, and good for host_get_special_port alone. */
host_priv_t host_priv_self(void);
__END_DECLS

#endif /* KPI_KERN_HOST_H */
