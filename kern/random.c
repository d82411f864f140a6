// SPDX-License-Identifier: BSD-2-Clause
/*
 * random.c: random numbers and checksums. Random bytes are the host's: unpredictable, and the same call for
 * all forms. No state.
 */
#include <libkern/libkern.h>
#include <libkern/crypto/rand.h>

#include "kern/random_internal.h"
#include "host/host.h"

void read_random(void *buffer, u_int numbytes)
{
    host_random(buffer, numbytes);
}

void read_frandom(void *buffer, u_int numbytes)
{
    host_random(buffer, numbytes);
}

int random_buf(void *buffer, size_t numbytes)
{
    host_random(buffer, numbytes);
    return 0;
}

u_int32_t random(void)
{
    u_int32_t value;

    host_random(&value, sizeof value);
    return value;
}

/* CRC-32 (polynomial 0xedb88320, reflected), half a byte at a time: the table is small. */
static uint32_t crc_step(uint32_t crc, unsigned char byte)
{
    static const uint32_t nibble[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

    crc ^= byte;
    crc = crc >> 4 ^ nibble[crc & 15];
    return crc >> 4 ^ nibble[crc & 15];
}

uint32_t crc32(uint32_t crc, const void *buf, __darwin_size_t size)
{
    const unsigned char *at = buf;

    crc = ~crc;
    while (size--)
        crc = crc_step(crc, *at++);
    return ~crc;
}
