// SPDX-License-Identifier: BSD-2-Clause
/*
 * sysctl_handlers.c: the stock handlers of variables: numbers, strings, plain bytes. A handler first gives
 * the value that there is, then takes the new one; where a step fails nothing is changed. What is behind the
 * variable is the kext's to protect.
 */
#include <string.h>
#include <sys/errno.h>
#include <sys/sysctl.h>

/* A 64-bit value may be read and set through 32 bits and the other way round, where it fits. */
static int number_out(struct sysctl_req *req, int64_t value, size_t size)
{
    int small = (int)value;

    if (req->oldptr && (size == sizeof(int) || req->oldlen == sizeof(int))) {
        if (small != value)
            return ERANGE;
        return SYSCTL_OUT(req, &small, sizeof small);
    }
    return SYSCTL_OUT(req, &value, size);
}

static int number_in(struct sysctl_req *req, void *at, size_t size)
{
    int64_t value;
    int small, error;

    if (req->newlen == sizeof(int) && size == sizeof(int64_t)) {
        error = SYSCTL_IN(req, &small, sizeof small);
        value = small;
    } else if (req->newlen == sizeof(int64_t) && size == sizeof(int)) {
        error = SYSCTL_IN(req, &value, sizeof value);
        small = (int)value;
        if (!error && small != value)
            error = ERANGE;
        if (!error)
            memcpy(at, &small, sizeof small);
        return error;
    } else {
        return SYSCTL_IN(req, at, size);
    }
    if (!error)
        memcpy(at, &value, sizeof value);
    return error;
}

static int number_io(struct sysctl_req *req, int64_t value, void *at, size_t size)
{
    int error = number_out(req, value, size);

    if (error || !req->newptr)
        return error;
    return at ? number_in(req, at, size) : EPERM;
}

int sysctl_handle_int(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    (void)oidp;
    return number_io(req, arg1 ? *(const int *)arg1 : arg2, arg1, sizeof(int));
}

int sysctl_handle_long(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    (void)oidp, (void)arg2;
    return arg1 ? number_io(req, *(const long *)arg1, arg1, sizeof(long)) : EINVAL;
}

int sysctl_handle_quad(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    (void)oidp, (void)arg2;
    return arg1 ? number_io(req, *(const int64_t *)arg1, arg1, sizeof(int64_t)) : EINVAL;
}

int sysctl_handle_int2quad(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    int64_t value;
    int error;

    (void)oidp, (void)arg2;
    if (!arg1)
        return EINVAL;
    value = *(const int *)arg1;
    error = SYSCTL_OUT(req, &value, sizeof value);
    if (error || !req->newptr)
        return error;
    error = SYSCTL_IN(req, &value, sizeof value);
    if (!error && (int)value != value)
        error = ERANGE;
    if (!error)
        *(int *)arg1 = (int)value;
    return error;
}

int sysctl_handle_string(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    char *string = arg1;
    int error;

    (void)oidp;
    if (!string)
        return EINVAL;
    error = SYSCTL_OUT(req, string, strlen(string) + 1);
    if (error || !req->newptr)
        return error;
    if (arg2 <= 0)
        return EPERM;
    if (req->newlen >= (size_t)arg2)
        return EINVAL;
    error = SYSCTL_IN(req, string, req->newlen);
    if (!error)
        string[req->newlen] = '\0';
    return error;
}

int sysctl_handle_opaque(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    int error;

    (void)oidp;
    if (!arg1 || arg2 < 0)
        return EINVAL;
    error = SYSCTL_OUT(req, arg1, (size_t)arg2);
    if (error || !req->newptr)
        return error;
    return SYSCTL_IN(req, arg1, (size_t)arg2);
}
