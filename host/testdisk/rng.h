// SPDX-License-Identifier: BSD-2-Clause
/*
 * rng.h: chance for the test device, without state: every decision is a function of the seed and of what is
 * decided, so that it does not depend on the order in which decisions are made.
 */
#ifndef KEXTBED_HOST_TESTDISK_RNG_H
#define KEXTBED_HOST_TESTDISK_RNG_H

#include <stdint.h>

/* What a decision is about; keeps decisions about one request apart. */
enum testdisk_salt {
    TESTDISK_SALT_CHANCE = 1, /* does a rule with a percentage strike */
    TESTDISK_SALT_DELAY,      /* how late */
    TESTDISK_SALT_SHORT,      /* how much of a short request is done */
    TESTDISK_SALT_ORDER,      /* its place among those that are reordered */
    TESTDISK_SALT_MOOD,       /* how much a power cut keeps */
    TESTDISK_SALT_WRITE,      /* what becomes of one write in a power cut */
    TESTDISK_SALT_TORN,       /* what becomes of one piece of a torn one */
    TESTDISK_SALT_POINT,      /* when a write that was under way was done */
};

static inline uint64_t testdisk_mix(uint64_t x)
{
    x ^= x >> 31;
    x *= 0x7fb5d329728ea185u;
    x ^= x >> 27;
    x *= 0x81dadef4bc2dd44du;
    x ^= x >> 33;
    return x;
}

/** testdisk_random - 64 bits for the decision @salt about @a and @b. */
static inline uint64_t testdisk_random(uint64_t seed, enum testdisk_salt salt, uint64_t a, uint64_t b)
{
    uint64_t x = testdisk_mix(seed + 0x9e3779b97f4a7c15u * (uint64_t)salt);

    x = testdisk_mix(x ^ (a + 0x9e3779b97f4a7c15u));
    return testdisk_mix(x ^ (b + 0xd1b54a32d192ed03u));
}

/** testdisk_chance - true for @percent of all decisions. */
static inline int testdisk_chance(uint64_t random, unsigned percent)
{
    return random % 100 < percent;
}

#endif
