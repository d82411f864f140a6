// SPDX-License-Identifier: BSD-2-Clause
/*
 * Text for the caller of an operation, gathered in the caller's buffer. No state, no locks.
 */
#include "kext/kext_internal.h"

#include <stdarg.h>
#include <libkern/libkern.h>

void kext_reply_begin(struct kext_control_reply *reply)
{
    if (reply == NULL) {
        return;
    }
    reply->text[0] = '\0';
    reply->len = 0;
    reply->entry = UINT32_MAX;
    reply->index = 0;
}

char *kext_reply_room(struct kext_control_reply *reply, size_t *size)
{
    size_t used = reply->len < reply->size ? reply->len : reply->size - 1;

    *size = reply->size - used;
    return reply->text + used;
}

void kext_reply_added(struct kext_control_reply *reply, size_t len)
{
    reply->len += len;
}

void kext_reply_add(struct kext_control_reply *reply, const char *format, ...)
{
    va_list args;
    size_t size;

    if (reply == NULL) {
        return;
    }
    char *room = kext_reply_room(reply, &size);
    va_start(args, format);
    int len = vsnprintf(room, size, format, args);
    va_end(args);
    kext_reply_added(reply, len > 0 ? (size_t)len : 0);
}
