// SPDX-License-Identifier: BSD-2-Clause
/*
 * Running a kext's own code at the two ends of its life: constructors and start routine, stop routine and
 * destructors. It runs as the kernel (uid 0, no process), on the calling thread, with no lock of the
 * manager's held.
 *
 * Called by load.c and unload.c with the operation held.
 */
#include "kext/kext_internal.h"

#include <sys/errno.h>
#include <sys/proc.h>
#include <sys/param.h>
#include <sys/syslog.h>
#include <sys/time.h>

#include "host/host.h"
#include "kern/kern_iface.h"
#include "vfs/vfs_iface.h"

/* How long the threads of a kext that has been stopped get to leave its code. */
#define DRAIN_TICK_NS 2000000 /* 2 ms */
#define DRAIN_TICKS   1000u

typedef void (*void_function)(void);

static void functions_run(const uint64_t *functions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ((void_function)(uintptr_t)functions[i])();
    }
}

static void constructors_run(struct kext *kext)
{
    const struct kxld_image *image = atomic_load(&kext->image);

    if (!kext->constructed) {
        functions_run(image->constructors, image->n_constructors);
        kext->constructed = true;
    }
}

static void destructors_run(struct kext *kext)
{
    const struct kxld_image *image = atomic_load(&kext->image);

    if (kext->constructed) {
        functions_run(image->destructors, image->n_destructors);
        host_runtime_leave((const void *)(uintptr_t)image->base, image->size);
        kext->constructed = false;
    }
}

static kern_return_t routine_run(kmod_info_t *kmod, kern_return_t (*routine)(kmod_info_t *, void *))
{
    struct kern_call call;
    kern_return_t result;

    if (routine == NULL) {
        return KMOD_RETURN_SUCCESS;
    }
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    result = routine(kmod, NULL);
    kern_leave(&call);
    return result;
}

/* Does anything still point into the image? Tells what. */
static bool image_in_use(const struct kext *kext, struct kext_control_reply *reply)
{
    const struct kxld_image *image = atomic_load(&kext->image);
    const char *base = (const char *)(uintptr_t)image->base;
    uint32_t threads = kern_owner_thread_count(kext->owner);
    char why[512];

    if (threads != 0) {
        kext_reply_add(reply, "%s: %u of its threads and thread calls have not ended\n", kext->id, threads);
        return true;
    }
    if (vfs_range_in_use(base, base + image->size, why, sizeof(why)) ||
        kern_sysctl_range_in_use(base, base + image->size, why, sizeof(why))) {
        kext_reply_add(reply, "%s: %s\n", kext->id, why);
        return true;
    }
    return false;
}

/*
 * A thread that a stop routine has told to end may have a few instructions of the kext left to run after the
 * stop routine returned: nothing tells when those are over, so the count of the kext's threads is watched for
 * a while.
 */
static void threads_drain(const struct kext *kext)
{
    struct timespec tick = {.tv_sec = 0, .tv_nsec = DRAIN_TICK_NS};

    for (unsigned i = 0; i < DRAIN_TICKS && kern_owner_thread_count(kext->owner) != 0; i++) {
        int never;

        (void)msleep(&never, NULL, PWAIT, "kextdrain", &tick);
    }
}

/* After the kext's last routine: end what constructors began, unless something still points into it. */
static int image_retire(struct kext *kext, struct kext_control_reply *reply)
{
    threads_drain(kext);
    if (image_in_use(kext, reply)) {
        kext_set_state(kext, KEXT_STUCK);
        kext_reply_add(reply, "%s has been stopped, but its code stays in memory because of that\n",
                       kext->id);
        return EBUSY;
    }
    destructors_run(kext);
    return 0;
}

/* What it links against may have been loaded without being started; its routines are about to be called. */
static int libraries_start(struct kext *kext, struct kext_control_reply *reply)
{
    int error = 0;

    for (uint32_t i = 0; i < kext->nlibs && error == 0; i++) {
        if (kext->libs[i]->state == KEXT_LOADED) {
            error = kext_start(kext->libs[i], reply);
        }
    }
    if (error != 0) {
        kext_reply_add(reply, "%s: not started, because of what it needs\n", kext->id);
    }
    return error;
}

int kext_start(struct kext *kext, struct kext_control_reply *reply)
{
    kern_return_t result = KMOD_RETURN_SUCCESS;
    int error = libraries_start(kext, reply);

    if (error != 0) {
        return error;
    }
    if (kext->kmod != NULL) {
        constructors_run(kext);
        result = routine_run(kext->kmod, kext->kmod->start);
    }
    if (result == KMOD_RETURN_SUCCESS) {
        kext_set_state(kext, KEXT_STARTED);
        kern_log(LOG_INFO, "kext: %s (%s) started\n", kext->id, kext->version_text);
        return 0;
    }
    kext_reply_add(reply, "%s: its start routine failed with code %d\n", kext->id, result);
    (void)image_retire(kext, reply);
    return EIO;
}

/* What speaks against stopping a kext that has not been asked. */
static int stop_check(const struct kext *kext, struct kext_control_reply *reply)
{
    if (kext->retains != 0) {
        kext_reply_add(reply, "%s is kept loaded: %u times retained by running code\n", kext->id,
                       kext->retains);
        return EBUSY;
    }
    return 0;
}

int kext_stop(struct kext *kext, struct kext_control_reply *reply)
{
    kern_return_t result = KMOD_RETURN_SUCCESS;
    int error = stop_check(kext, reply);

    if (error != 0 || kext->kmod == NULL) {
        return error;
    }
    if (kext->state == KEXT_STARTED) {
        result = routine_run(kext->kmod, kext->kmod->stop);
    }
    if (result != KMOD_RETURN_SUCCESS) {
        if (!image_in_use(kext, reply)) {
            kext_reply_add(reply, "%s: its stop routine refuses with code %d\n", kext->id, result);
        }
        return EBUSY;
    }
    error = image_retire(kext, reply);
    if (error == 0) {
        kern_log(LOG_INFO, "kext: %s (%s) stopped\n", kext->id, kext->version_text);
    }
    return error;
}
