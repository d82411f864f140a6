// SPDX-License-Identifier: BSD-2-Clause
/*
 * The bounds of waiting, scaled; see patience.h. Owns nothing, takes no locks: the environment does not
 * change.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fusehost/patience.h"

#define PERCENT_USUAL 100
#define PERCENT_MAX   10000
#define MS_PER_S      1000
#define NS_PER_MS     1000000L
#define NS_PER_S      1000000000L

/* Of what is set; 0 where that is no such number. */
static int percent_read(const char *wish)
{
    char *end = NULL;
    long number = strtol(wish, &end, 10);

    return *wish >= '1' && *wish <= '9' && !*end && number <= PERCENT_MAX ? (int)number : 0;
}

static const char *wish_get(void)
{
    const char *wish = getenv("KEXTBED_PATIENCE");

    return wish && *wish ? wish : NULL;
}

static int percent(void)
{
    const char *wish = wish_get();
    int number = wish ? percent_read(wish) : 0;

    return number ? number : PERCENT_USUAL;
}

int fh_patience_check(char *err, size_t errlen)
{
    const char *wish = wish_get();

    if (!wish || percent_read(wish))
        return 0;
    snprintf(err, errlen, "KEXTBED_PATIENCE=%s: not a number of percent from 1 to %d", wish, PERCENT_MAX);
    return EINVAL;
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
