// SPDX-License-Identifier: BSD-2-Clause
/*
 * md5.c: the MD5 digest of RFC 1321, for file systems that name things by it. No locks, no state but the
 * caller's.
 */
#include <string.h>
#include <libkern/crypto/md5.h>

#define BLOCK 64u

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

static const uint8_t shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

static uint32_t rotate(uint32_t value, unsigned by)
{
    return value << by | value >> (32 - by);
}

/* The round function, and which word of the block the step takes. */
static uint32_t mix(unsigned step, uint32_t b, uint32_t c, uint32_t d, unsigned *word)
{
    switch (step / 16) {
    case 0:
        *word = step;
        return (b & c) | (~b & d);
    case 1:
        *word = (5 * step + 1) % 16;
        return (d & b) | (~d & c);
    case 2:
        *word = (3 * step + 5) % 16;
        return b ^ c ^ d;
    default:
        *word = 7 * step % 16;
        return c ^ (b | ~d);
    }
}

static void md5_block(u_int32_t state[4], const unsigned char *block)
{
    uint32_t words[16], a = state[0], b = state[1], c = state[2], d = state[3];

    memcpy(words, block, sizeof words);
    for (unsigned step = 0; step < 64; step++) {
        unsigned word;
        uint32_t f = mix(step, b, c, d, &word), next = d;

        d = c;
        c = b;
        b += rotate(a + f + sines[step] + words[word], shifts[step / 16][step % 4]);
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

void MD5Init(MD5_CTX *context)
{
    static const u_int32_t start[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

    memset(context, 0, sizeof *context);
    memcpy(context->state, start, sizeof start);
}

void MD5Update(MD5_CTX *context, const void *input, unsigned int inputLen)
{
    const unsigned char *from = input;
    unsigned used = context->count[0] / 8 % BLOCK;
    uint64_t bits = ((uint64_t)context->count[1] << 32 | context->count[0]) + (uint64_t)inputLen * 8;

    context->count[0] = (u_int32_t)bits;
    context->count[1] = (u_int32_t)(bits >> 32);
    while (inputLen) {
        unsigned piece = BLOCK - used < inputLen ? BLOCK - used : inputLen;

        memcpy(context->buffer + used, from, piece);
        used += piece;
        from += piece;
        inputLen -= piece;
        if (used == BLOCK) {
            md5_block(context->state, context->buffer);
            used = 0;
        }
    }
}

void MD5Final(unsigned char digest[16], MD5_CTX *context)
{
    static const unsigned char padding[BLOCK] = {0x80};
    u_int32_t count[2] = {context->count[0], context->count[1]};
    unsigned used = count[0] / 8 % BLOCK;

    MD5Update(context, padding, used < 56 ? 56 - used : 120 - used);
    MD5Update(context, count, sizeof count);
    memcpy(digest, context->state, sizeof context->state);
    memset(context, 0, sizeof *context);
}
