// SPDX-License-Identifier: BSD-2-Clause
/*
 * uuid.c: universally unique identifiers. No locks, no state.
 */
#include <string.h>
#include <libkern/libkern.h>
#include <uuid/uuid.h>

#include "kern/ctype_internal.h"
#include "host/host.h"

#define UUID_TEXT_LEN 36

/* 100 ns steps from 1582-10-15, the start of the uuid calendar, to 1970-01-01. */
#define UUID_EPOCH_OFFSET 0x01b21dd213814000ULL

void uuid_clear(uuid_t uu)
{
    memset(uu, 0, sizeof(uuid_t));
}

int uuid_compare(const uuid_t uu1, const uuid_t uu2)
{
    return memcmp(uu1, uu2, sizeof(uuid_t));
}

void uuid_copy(uuid_t dst, const uuid_t src)
{
    memcpy(dst, src, sizeof(uuid_t));
}

int uuid_is_null(const uuid_t uu)
{
    static const uuid_t zero;

    return memcmp(uu, zero, sizeof zero) == 0;
}

static void uuid_mark(uuid_t uu, unsigned version)
{
    uu[6] = (unsigned char)((uu[6] & 0x0f) | version << 4);
    uu[8] = (unsigned char)((uu[8] & 0x3f) | 0x80);
}

void uuid_generate_random(uuid_t out)
{
    host_random(out, sizeof(uuid_t));
    uuid_mark(out, 4);
}

void uuid_generate(uuid_t out)
{
    uuid_generate_random(out);
}

void uuid_generate_time(uuid_t out)
{
    uint64_t steps;
    uint32_t nsec;
    int64_t sec;

    host_time_wall(&sec, &nsec);
    steps = UUID_EPOCH_OFFSET + (uint64_t)sec * 10000000ULL + nsec / 100;
    host_random(out, sizeof(uuid_t)); /* sequence and node: no hardware address is told */
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(steps >> (24 - 8 * i));
    out[4] = (unsigned char)(steps >> 40);
    out[5] = (unsigned char)(steps >> 32);
    out[6] = (unsigned char)(steps >> 56);
    out[7] = (unsigned char)(steps >> 48);
    out[10] |= 1; /* a node that is no hardware address is a multicast one */
    uuid_mark(out, 1);
}

static int hex_value(char c)
{
    int value = char_value(c);

    return value < 16 ? value : -1;
}

static int is_dash_place(int i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

int uuid_parse(const uuid_string_t in, uuid_t uu)
{
    uuid_t parsed;
    int n = 0;

    for (int i = 0; i < UUID_TEXT_LEN;) {
        if (is_dash_place(i)) {
            if (in[i++] != '-')
                return -1;
            continue;
        }
        if (hex_value(in[i]) < 0 || hex_value(in[i + 1]) < 0)
            return -1;
        parsed[n++] = (unsigned char)(hex_value(in[i]) << 4 | hex_value(in[i + 1]));
        i += 2;
    }
    if (in[UUID_TEXT_LEN])
        return -1;
    uuid_copy(uu, parsed);
    return 0;
}

static void unparse(const uuid_t uu, uuid_string_t out, const char *digits)
{
    int n = 0;

    for (int i = 0; i < UUID_TEXT_LEN;) {
        if (is_dash_place(i)) {
            out[i++] = '-';
            continue;
        }
        out[i++] = digits[uu[n] >> 4];
        out[i++] = digits[uu[n++] & 15];
    }
    out[UUID_TEXT_LEN] = '\0';
}

void uuid_unparse_lower(const uuid_t uu, uuid_string_t out)
{
    unparse(uu, out, "0123456789abcdef");
}

void uuid_unparse_upper(const uuid_t uu, uuid_string_t out)
{
    unparse(uu, out, "0123456789ABCDEF");
}

void uuid_unparse(const uuid_t uu, uuid_string_t out)
{
    uuid_unparse_upper(uu, out);
}
