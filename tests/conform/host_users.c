// SPDX-License-Identifier: BSD-2-Clause
/*
 * host_users.c: a thread for each user but root. The kernel keeps credentials per thread; the C library's
 * wrappers change all threads at once, so the system calls are made directly.
 *
 * Lock: one mutex per user, which the two sides of a hand-over share. One caller at a time per user.
 */
#include "tests/conform/host_users.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#define USERS_MAX 8

struct actor {
    const struct user *who;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int (*fn)(void *arg); /* NULL: nothing to do */
    void *arg;
    int result;
    bool ending;
};

static struct actor actors[USERS_MAX];
static unsigned actor_count;

static void identity_take(const struct user *who)
{
    if (syscall(SYS_setgroups, (size_t)who->ngroups, who->groups) != 0 ||
        syscall(SYS_setresgid, who->gid, who->gid, who->gid) != 0 ||
        syscall(SYS_setresuid, who->uid, who->uid, who->uid) != 0) {
        perror("changing to another user");
        abort();
    }
}

static void *actor_run(void *value)
{
    struct actor *actor = value;

    identity_take(actor->who);
    pthread_mutex_lock(&actor->mutex);
    while (!actor->ending) {
        if (!actor->fn) {
            pthread_cond_wait(&actor->changed, &actor->mutex);
            continue;
        }
        actor->result = actor->fn(actor->arg);
        actor->fn = NULL;
        pthread_cond_broadcast(&actor->changed);
    }
    pthread_mutex_unlock(&actor->mutex);
    return NULL;
}

static struct actor *actor_of(const struct user *who)
{
    for (unsigned i = 0; i < actor_count; i++)
        if (actors[i].who == who)
            return &actors[i];
    if (actor_count == USERS_MAX)
        abort();
    struct actor *actor = &actors[actor_count];
    actor->who = who;
    pthread_mutex_init(&actor->mutex, NULL);
    pthread_cond_init(&actor->changed, NULL);
    if (pthread_create(&actor->thread, NULL, actor_run, actor) != 0)
        abort();
    actor_count++;
    return actor;
}

int host_as(const struct user *who, int (*fn)(void *arg), void *arg)
{
    if (who->uid == 0)
        return fn(arg);
    struct actor *actor = actor_of(who);
    pthread_mutex_lock(&actor->mutex);
    actor->arg = arg;
    actor->fn = fn;
    pthread_cond_broadcast(&actor->changed);
    while (actor->fn)
        pthread_cond_wait(&actor->changed, &actor->mutex);
    int result = actor->result;
    pthread_mutex_unlock(&actor->mutex);
    return result;
}

void host_users_end(void)
{
    for (unsigned i = 0; i < actor_count; i++) {
        pthread_mutex_lock(&actors[i].mutex);
        actors[i].ending = true;
        pthread_cond_broadcast(&actors[i].changed);
        pthread_mutex_unlock(&actors[i].mutex);
        pthread_join(actors[i].thread, NULL);
        pthread_cond_destroy(&actors[i].changed);
        pthread_mutex_destroy(&actors[i].mutex);
    }
    actor_count = 0;
}

/* ---- errors -------------------------------------------------------------------------------------------- */

static const struct {
    int host, darwin;
} errors[] = {
    {EPERM, SYS_EPERM},         {ENOENT, SYS_ENOENT},
    {EINTR, SYS_EINTR},         {EIO, SYS_EIO},
    {ENXIO, SYS_ENXIO},         {E2BIG, SYS_E2BIG},
    {EBADF, SYS_EBADF},         {ENOMEM, SYS_ENOMEM},
    {EACCES, SYS_EACCES},       {EFAULT, SYS_EFAULT},
    {EBUSY, SYS_EBUSY},         {EEXIST, SYS_EEXIST},
    {EXDEV, SYS_EXDEV},         {ENODEV, SYS_ENODEV},
    {ENOTDIR, SYS_ENOTDIR},     {EISDIR, SYS_EISDIR},
    {EINVAL, SYS_EINVAL},       {ENFILE, SYS_ENFILE},
    {EMFILE, SYS_EMFILE},       {ENOTTY, SYS_ENOTTY},
    {ETXTBSY, SYS_ETXTBSY},     {EFBIG, SYS_EFBIG},
    {ENOSPC, SYS_ENOSPC},       {ESPIPE, SYS_ESPIPE},
    {EROFS, SYS_EROFS},         {EMLINK, SYS_EMLINK},
    {ERANGE, SYS_ERANGE},       {EAGAIN, SYS_EAGAIN},
    {EOPNOTSUPP, SYS_ENOTSUP},  {ELOOP, SYS_ELOOP},
    {ETIMEDOUT, SYS_ETIMEDOUT}, {ENAMETOOLONG, SYS_ENAMETOOLONG},
    {ENOTEMPTY, SYS_ENOTEMPTY}, {EDQUOT, SYS_EDQUOT},
    {ESTALE, SYS_ESTALE},       {ENOLCK, SYS_ENOLCK},
    {ENOSYS, SYS_ENOSYS},       {EOVERFLOW, SYS_EOVERFLOW},
    {ENODATA, SYS_ENOATTR},
};

int host_errno_map(int error)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].host == error)
            return errors[i].darwin;
    return 1000 + error; /* none of ours: no case expects it */
}
