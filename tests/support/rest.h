// SPDX-License-Identifier: BSD-2-Clause
/*
 * Waiting until others wait: for tests that show that somebody does not get through. Host side.
 */
#ifndef KEXTBED_TESTS_SUPPORT_REST_H
#define KEXTBED_TESTS_SUPPORT_REST_H

#include <stdbool.h>

/** rest_seen - whether all threads of this process but the calling one were asleep through two looks at them:
 * nothing goes on by itself then, until a timer runs out or the caller does something. */
bool rest_seen(void);

/** rest_await - wait until rest_seen(), at most @seconds; false: it never was. */
bool rest_await(unsigned seconds);

#endif
