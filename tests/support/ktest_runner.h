// SPDX-License-Identifier: BSD-2-Clause
/*
 * ktest_runner.h: what the generated list of suites and the runner share. Host side only.
 */
#ifndef KEXTBED_TESTS_KTEST_RUNNER_H
#define KEXTBED_TESTS_KTEST_RUNNER_H

#include "tests/support/ktest.h"

/* Generated for each test program: the suites to run, ended by NULL. */
extern const struct ktest_suite *const ktest_suites[];

#endif
