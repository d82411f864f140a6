// SPDX-License-Identifier: BSD-2-Clause
/*
 * References of objects under the names of the os_ libraries: log objects are the only ones here.
 */
#ifndef KPI_OS_OBJECT_H
#define KPI_OS_OBJECT_H

#include <sys/cdefs.h>
#include <os/base.h>
#include <Availability.h>

__BEGIN_DECLS
/** os_retain - one more reference of @object, which is returned. Log objects are permanent and count none.
 *  KPI: libkern, stable */
void *os_retain(void *object);
/** os_release - one less. */
void os_release(void *object);
__END_DECLS

#endif /* KPI_OS_OBJECT_H */
