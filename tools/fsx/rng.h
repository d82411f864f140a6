// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random numbers of fsx: a small generator whose whole state is one word, so that a seed names a run.
 * Owns nothing shared: every chooser and every thread keeps its own struct rng. No locks.
 */
#ifndef FSX_RNG_H
#define FSX_RNG_H

#include <stdint.h>

struct rng {
    uint64_t state;
};

/** rng_mix - a fixed, well scattered function of @x: hashes operation numbers and offsets into file contents.
 */
static inline uint64_t rng_mix(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    x ^= x >> 32;
    return x;
}

/** rng_next - the next 64 random bits of @r. */
static inline uint64_t rng_next(struct rng *r)
{
    r->state += 0x9e3779b97f4a7c15u;
    return rng_mix(r->state);
}

/** rng_below - a random number in [0, @bound). @bound is not 0. */
static inline uint64_t rng_below(struct rng *r, uint64_t bound)
{
    return rng_next(r) % bound;
}

/** rng_derive - the seed of sub-run number @index of the run seeded with @seed; never 0. */
static inline uint64_t rng_derive(uint64_t seed, uint64_t index)
{
    uint64_t derived = rng_mix(seed + 0x632be59bd9b4e019u * (index + 1));

    return derived != 0 ? derived : 1;
}

#endif
