// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the host tells of this process's threads; see rest.h. A thread that was asleep at both looks, and was
 * not switched to in between, did nothing between them. Owns nothing, takes no locks. Called by the runner of
 * the unit tests and by the tests in process.
 */
#include "tests/support/rest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 256u
#define PAUSE_NS    500000
#define NS_PER_S    1000000000ull

struct look {
    int thread;
    char state;
    unsigned long switches[2]; /* of its own accord, and not */
};

/* False: the thread has ended. */
static bool look_at(int thread, struct look *look)
{
    char path[64], line[256];

    snprintf(path, sizeof(path), "/proc/self/task/%d/status", thread);
    FILE *in = fopen(path, "re");
    if (!in)
        return false;
    *look = (struct look){.thread = thread};
    while (fgets(line, sizeof(line), in))
        if (sscanf(line, "State: %c", &look->state) != 1 &&
            sscanf(line, "voluntary_ctxt_switches: %lu", &look->switches[0]) != 1)
            sscanf(line, "nonvoluntary_ctxt_switches: %lu", &look->switches[1]);
    fclose(in);
    return look->state != '\0';
}

/* How many others there are; THREADS_MAX: more than can be looked at. */
static size_t look_around(struct look *looks)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    size_t n = 0;

    while (dir && n < THREADS_MAX && (entry = readdir(dir)) != NULL) {
        int thread = atoi(entry->d_name);
        if (thread > 0 && thread != gettid() && look_at(thread, &looks[n]))
            n++;
    }
    if (dir)
        closedir(dir);
    return n;
}

bool rest_seen(void)
{
    static _Thread_local struct look looks[2][THREADS_MAX];

    size_t n = look_around(looks[0]);
    if (n == THREADS_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if (looks[0][i].state != 'S' && looks[0][i].state != 'D')
            return false;
    return look_around(looks[1]) == n && memcmp(looks[0], looks[1], n * sizeof(struct look)) == 0;
}

static unsigned long long now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long long)now.tv_sec * NS_PER_S + (unsigned long long)now.tv_nsec;
}

bool rest_await(unsigned seconds)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    unsigned long long limit = now_ns() + seconds * NS_PER_S;

    while (!rest_seen()) {
        if (now_ns() > limit)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}
