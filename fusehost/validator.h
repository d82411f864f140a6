// SPDX-License-Identifier: BSD-2-Clause
/*
 * validator.h: the validator as the host program sees it: what the command line and the environment ask for,
 * the file of exceptions, and the watchdog's thread.
 */
#ifndef KEXTBED_FUSEHOST_VALIDATOR_H
#define KEXTBED_FUSEHOST_VALIDATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fh_validate {
    const char
        *policy; /* "panic", "warn", "off"; NULL: as $KEXTBED_VALIDATE says ("1" is "panic"), else off */
    const char *exceptions; /* a file; NULL: $KEXTBED_EXCEPTIONS, else none */
    uint32_t hang_s;        /* an operation that lasts longer is told of; 0: $KEXTBED_HANG, else 30 */
};

/** fh_validate_policy_known - is @text one of the policies? */
bool fh_validate_policy_known(const char *text);
/** fh_validate_flags - SYS_BOOT_* for what is asked. Returns 0; EINVAL with a sentence in @err. */
int fh_validate_flags(const struct fh_validate *args, uint32_t *flags, char *err, size_t errlen);
/** fh_validate_exceptions - the text of the file of exceptions, to be ended with free(); NULL where there is
 * none. Returns 0 or a host errno with a sentence in @err. */
int fh_validate_exceptions(const struct fh_validate *args, char **text, char *err, size_t errlen);
/** fh_watchdog_start, fh_watchdog_stop - begin and end looking for operations that do not end. */
void fh_watchdog_start(const struct fh_validate *args);
void fh_watchdog_stop(void);

#endif
