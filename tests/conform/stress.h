// SPDX-License-Identifier: BSD-2-Clause
/*
 * stress.h: what the files of the stress share. Each thread works in a directory of its own, whose every
 * answer its model foretells, and now and then in one that all share, where only what cannot be is wrong.
 */
#ifndef KEXTBED_TESTS_CONFORM_STRESS_H
#define KEXTBED_TESTS_CONFORM_STRESS_H

#include "tests/conform/conform.h"

#define STRESS_PLACES 40 /* names that a model knows: eight in each of five directories */
#define STRESS_DIRS   5  /* the thread's own, and four in it */
#define STRESS_BYTES  40000u

struct stress_file {
    unsigned refs; /* places that lead to it */
    uint32_t mode;
    int64_t size;
    unsigned char xattr; /* the one attribute's value, 0: none */
    unsigned char *bytes;
};

struct stress_thread {
    unsigned number;
    uint64_t seed;
    uint64_t random;
    unsigned long ops, done;
    char op[160]; /* what it does now, for the report */
    bool dir[STRESS_DIRS];
    struct stress_file *file[STRESS_PLACES]; /* NULL: nothing, or a link */
    unsigned link[STRESS_PLACES];            /* number in a symbolic link's target, 0: none */
};

unsigned stress_pick(struct stress_thread *t, unsigned below);
/* Says what went wrong and how to repeat it, and ends the program. */
_Noreturn void stress_fail(const struct stress_thread *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void stress_expect(const struct stress_thread *t, int got, int expected);

/* stress_model.c */
void stress_model_start(struct stress_thread *t);
void stress_model_step(struct stress_thread *t);
void stress_model_verify(struct stress_thread *t); /* all of it; frees the model */
/* stress_shared.c */
void stress_shared_step(struct stress_thread *t);
void stress_shared_verify(struct stress_thread *t);

#endif
