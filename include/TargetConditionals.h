// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is compiled for: the kernel of a 64-bit Intel Mac.
 */
#ifndef KPI_TARGETCONDITIONALS_H
#define KPI_TARGETCONDITIONALS_H

#define TARGET_OS_MAC           1
#define TARGET_OS_OSX           1
#define TARGET_OS_IPHONE        0
#define TARGET_OS_IOS           0
#define TARGET_OS_TV            0
#define TARGET_OS_WATCH         0
#define TARGET_OS_BRIDGE        0
#define TARGET_OS_SIMULATOR     0
#define TARGET_OS_EMBEDDED      0
#define TARGET_OS_DRIVERKIT     0
#define TARGET_OS_WIN32         0
#define TARGET_OS_UNIX          0
#define TARGET_CPU_X86_64       1
#define TARGET_CPU_X86          0
#define TARGET_CPU_ARM          0
#define TARGET_CPU_ARM64        0
#define TARGET_CPU_PPC          0
#define TARGET_CPU_PPC64        0
#define TARGET_RT_LITTLE_ENDIAN 1
#define TARGET_RT_BIG_ENDIAN    0
#define TARGET_RT_64_BIT        1

#endif /* KPI_TARGETCONDITIONALS_H */
