// SPDX-License-Identifier: BSD-2-Clause
/*
 * What IOKit's platform expert tells of the machine, in C. There is none here.
 */
#ifndef KPI_IOKIT_IOPLATFORMEXPERT_H
#define KPI_IOKIT_IOPLATFORMEXPERT_H

#include <sys/cdefs.h>
#include <mach/boolean.h>
#include <IOKit/IOTypes.h>

__BEGIN_DECLS
/** PEGetMachineName, PEGetModelName, PEGetTargetName, PEGetProductName - what the machine is called.
 *  @name      out  untouched.
 *  @maxLength in   its size in bytes.
 *  Refs:   none.
 *  Locks:  none.
 *  Blocks: no.
 *  Errno:  FALSE always: as on Darwin where there is no platform expert. The names of hw.* are not there
 * either. KPI:    iokit, stable */
boolean_t PEGetMachineName(char *name, int maxLength);
boolean_t PEGetModelName(char *name, int maxLength);
boolean_t PEGetTargetName(char *name, int maxLength);
boolean_t PEGetProductName(char *name, int maxLength);
/** PEGetPlatformEpoch - the generation of the machine; -1: there is no platform expert. */
int PEGetPlatformEpoch(void);
__END_DECLS

#endif /* KPI_IOKIT_IOPLATFORMEXPERT_H */
