// SPDX-License-Identifier: BSD-2-Clause
/*
 * An identifier for objects without a build id: equal contents, equal identifier. It tells builds apart; it
 * does not protect against anybody who wants two builds to look alike.
 *
 * Owns: nothing. Locks: none. Callers: image_tables.c.
 */
#include "kxld/image_internal.h"
#include "kxld/text_internal.h"

#define LANE_A 0x9ae16a3b2f90404full
#define LANE_B 0xc3a5c85c97cb3127ull

static uint64_t mix(uint64_t state, uint64_t word, uint64_t odd)
{
    state = (state ^ word) * odd;
    return state ^ state >> 29;
}

void kxld_content_id(const uint8_t *bytes, size_t len, uint8_t id[16])
{
    uint64_t a = LANE_A ^ len, b = LANE_B + len;
    uint8_t last[8] = {0};
    size_t at = 0;

    for (; len - at >= 8; at += 8) {
        uint64_t word = kxld_load64(bytes + at);

        a = mix(a, word, LANE_B);
        b = mix(b, word + a, LANE_A);
    }
    memcpy(last, bytes + at, len - at);
    a = mix(a, kxld_load64(last), LANE_B);
    b = mix(b, kxld_load64(last) + a, LANE_A);
    a = mix(a, b, LANE_A);
    b = mix(b, a, LANE_B);
    kxld_store64(id, a);
    kxld_store64(id + 8, b);
    /* Version 8: made by a rule of one's own. */
    id[6] = (uint8_t)((id[6] & 0x0f) | 0x80);
    id[8] = (uint8_t)((id[8] & 0x3f) | 0x80);
}
