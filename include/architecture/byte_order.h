// SPDX-License-Identifier: BSD-2-Clause
/*
 * Old names of byte order and its conversions.
 */
#ifndef KPI_ARCHITECTURE_BYTE_ORDER_H
#define KPI_ARCHITECTURE_BYTE_ORDER_H

#include <stdint.h>
#include <libkern/OSByteOrder.h>

enum NXByteOrder { NX_UnknownByteOrder, NX_LittleEndian, NX_BigEndian };

static inline enum NXByteOrder NXHostByteOrder(void)
{
    return NX_LittleEndian;
}
#define NXSwapHostShortToLittle(x) OSSwapHostToLittleInt16(x)
#define NXSwapHostShortToBig(x)    OSSwapHostToBigInt16(x)
#define NXSwapHostIntToLittle(x)   OSSwapHostToLittleInt32(x)
#define NXSwapHostIntToBig(x)      OSSwapHostToBigInt32(x)
#define NXSwapLittleShortToHost(x) OSSwapLittleToHostInt16(x)
#define NXSwapBigShortToHost(x)    OSSwapBigToHostInt16(x)
#define NXSwapLittleIntToHost(x)   OSSwapLittleToHostInt32(x)
#define NXSwapBigIntToHost(x)      OSSwapBigToHostInt32(x)

#endif /* KPI_ARCHITECTURE_BYTE_ORDER_H */
