// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bounds of waiting, scaled; see patience.h. Owns nothing, takes no locks: the environment does not
 * change.
 */
#include <stdlib.h>

#include "fusehost/patience.h"

#define PERCENT_USUAL 100
#define PERCENT_MAX   10000
#define MS_PER_S      1000
#define NS_PER_MS     1000000L
#define NS_PER_S      1000000000L

static int percent(void)
{
    const char *wish = getenv("KEXTBED_PATIENCE");
    char *end = NULL;
    long number = wish ? strtol(wish, &end, 10) : 0;

    return wish && *wish && !*end && number >= 1 && number <= PERCENT_MAX ? (int)number : PERCENT_USUAL;
}

int fh_patience_ms(int ms)
{
    return (int)((long long)ms * percent() / PERCENT_USUAL);
}

struct timespec fh_patience_end(clockid_t clock, int ms)
{
    struct timespec end;

    ms = fh_patience_ms(ms);
    clock_gettime(clock, &end);
    end.tv_sec += ms / MS_PER_S;
    end.tv_nsec += ms % MS_PER_S * NS_PER_MS;
    if (end.tv_nsec >= NS_PER_S) {
        end.tv_sec++;
        end.tv_nsec -= NS_PER_S;
    }
    return end;
}
