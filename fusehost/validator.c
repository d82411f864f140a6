// SPDX-License-Identifier: BSD-2-Clause
/*
 * See validator.h. Owns the watchdog's thread; its lock is a leaf that is held for a flag alone. The initial
 * thread starts and stops it.
 */
#include "fusehost/validator.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libkext/file.h"
#include "vfs/syscalls.h"

#define EXCEPTIONS_MAX (1u << 20)
#define HANG_DEFAULT_S 30u
#define NS_PER_S       1000000000ull

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool running, ending; /* [lock] */
    uint64_t hang_ns;
    pthread_t thread;
} watchdog = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* "1" and the empty text, as in --validate without a value, mean the strict policy. */
static int policy_flags(const char *text, uint32_t *flags)
{
    if (!text || strcmp(text, "0") == 0 || strcmp(text, "off") == 0)
        *flags = 0;
    else if (!*text || strcmp(text, "1") == 0 || strcmp(text, "panic") == 0)
        *flags = SYS_BOOT_VALIDATE;
    else if (strcmp(text, "warn") == 0)
        *flags = SYS_BOOT_VALIDATE_WARN;
    else
        return EINVAL;
    return 0;
}

/* The seconds of $KEXTBED_HANG; 0 where that is no such number. */
static uint32_t hang_read(const char *wish)
{
    char *end;
    unsigned long seconds = strtoul(wish, &end, 10);

    return *wish >= '0' && *wish <= '9' && !*end && seconds < UINT32_MAX ? (uint32_t)seconds : 0;
}

bool fh_validate_policy_known(const char *text)
{
    uint32_t flags;

    return policy_flags(text, &flags) == 0;
}

int fh_validate_flags(const struct fh_validate *args, uint32_t *flags, char *err, size_t errlen)
{
    const char *wish = args->policy ? args->policy : getenv("KEXTBED_VALIDATE");
    int error = policy_flags(wish, flags);

    if (error) {
        snprintf(err, errlen, "validator: '%s' is no policy: panic, warn or off", wish);
        return error;
    }
    wish = getenv("KEXTBED_HANG");
    if (!args->hang_s && wish && *wish && !hang_read(wish)) {
        snprintf(err, errlen, "KEXTBED_HANG=%s: not a number of seconds", wish);
        return EINVAL;
    }
    return 0;
}

int fh_validate_exceptions(const struct fh_validate *args, char **text, char *err, size_t errlen)
{
    const char *path = args->exceptions ? args->exceptions : getenv("KEXTBED_EXCEPTIONS");
    uint8_t *bytes = NULL;
    size_t len;

    *text = NULL;
    if (!path || !*path)
        return 0;
    int error = kext_file_read(path, EXCEPTIONS_MAX, &bytes, &len);
    if (error)
        snprintf(err, errlen, "exceptions %s: %s", path, strerror(error));
    else
        *text = (char *)bytes;
    return error;
}

/* ---- the watchdog -------------------------------------------------------------------------------------- */

static bool ending_wait(const struct timespec *until)
{
    bool ending;

    pthread_mutex_lock(&watchdog.lock);
    while (!watchdog.ending && pthread_cond_timedwait(&watchdog.changed, &watchdog.lock, until) == 0)
        ;
    ending = watchdog.ending;
    pthread_mutex_unlock(&watchdog.lock);
    return ending;
}

/* Looks four times in the time that an operation may take, so that none lasts much longer unseen. */
static void *watchdog_main(void *arg)
{
    struct timespec until;

    (void)arg;
    clock_gettime(CLOCK_MONOTONIC, &until);
    for (;;) {
        uint64_t next = (uint64_t)until.tv_nsec + watchdog.hang_ns / 4;

        until.tv_sec += (time_t)(next / NS_PER_S);
        until.tv_nsec = (long)(next % NS_PER_S);
        if (ending_wait(&until))
            return NULL;
        sys_validate_watch(watchdog.hang_ns);
    }
}

static uint32_t hang_seconds(const struct fh_validate *args)
{
    const char *wish = getenv("KEXTBED_HANG");
    uint32_t seconds = args->hang_s ? args->hang_s : wish ? hang_read(wish) : 0;

    return seconds ? seconds : HANG_DEFAULT_S;
}

void fh_watchdog_start(const struct fh_validate *args)
{
    char err[64];
    uint32_t flags = 0;
    pthread_condattr_t attr;

    if (fh_validate_flags(args, &flags, err, sizeof(err)) || !flags)
        return;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&watchdog.changed, &attr);
    pthread_condattr_destroy(&attr);
    watchdog.ending = false;
    watchdog.hang_ns = hang_seconds(args) * NS_PER_S;
    watchdog.running = pthread_create(&watchdog.thread, NULL, watchdog_main, NULL) == 0;
}

void fh_watchdog_stop(void)
{
    if (!watchdog.running)
        return;
    pthread_mutex_lock(&watchdog.lock);
    watchdog.ending = true;
    pthread_cond_signal(&watchdog.changed);
    pthread_mutex_unlock(&watchdog.lock);
    pthread_join(watchdog.thread, NULL);
    pthread_cond_destroy(&watchdog.changed);
    watchdog.running = false;
}
