// SPDX-License-Identifier: BSD-2-Clause
/*
 * The manager's entry points (kext_control.h): each checks its arguments, takes the operation, runs one step
 * and lets go. Called by the host side; nothing else in the kernel half calls these.
 */
#include "kext/kext_internal.h"

#include <string.h>
#include <sys/errno.h>

#include "kern/kern_iface.h"
#include "kext/load_internal.h"

/* For a panic: no lock, no memory. */
static bool pc_resolve(const void *pc, struct kern_pc_name *name)
{
    struct kxld_symbol_info symbol;
    struct kxld_image *image;
    const struct kext *kext = kext_at(pc, &image);

    if (kext == NULL) {
        return false;
    }
    name->kext = kext->id;
    name->detail = kext->detail;
    if (kxld_image_symbol_at(image, (uint64_t)(uintptr_t)pc, &symbol)) {
        name->function = symbol.name;
        name->offset = (uint64_t)(uintptr_t)pc - symbol.addr;
    } else {
        name->function = NULL;
        name->offset = (uint64_t)(uintptr_t)pc - image->base;
    }
    return true;
}

int kext_control_boot(void)
{
    int error = kext_registry_boot();

    if (error != 0) {
        return error;
    }
    kext_arena_boot();
    kern_set_pc_resolver(pc_resolve);
    return 0;
}

int kext_control_shutdown(struct kext_control_reply *reply)
{
    struct kext *kext;
    int error = 0;

    kext_reply_begin(reply);
    kext_operation_begin();
    while (error == 0 && (kext = kext_next_unloadable()) != NULL) {
        error = kext_unload(kext, reply);
    }
    kext_operation_end();
    if (error != 0) {
        return error;
    }
    kern_set_pc_resolver(NULL);
    kext_registry_shutdown();
    kext_arena_shutdown();
    return 0;
}

int kext_control_load(const void *bytes, size_t len, struct kext_control_reply *reply)
{
    struct kext_message message;
    const char *what;
    int error;

    kext_reply_begin(reply);
    error = kext_message_check(bytes, len, &message, &what);
    if (error != 0) {
        kext_reply_add(reply, "the load message is damaged: %s\n", what);
        return error;
    }
    kext_operation_begin();
    error = kext_load(&message, reply);
    kext_operation_end();
    return error;
}

/* Finds a kext for an operation that names one. */
static struct kext *kext_named(const char *id, struct kext_control_reply *reply)
{
    struct kext *kext = kext_find(id);

    if (kext == NULL) {
        kext_reply_add(reply, "%s is not loaded\n", id);
    } else if (reply != NULL) {
        reply->index = kext->index;
    }
    return kext;
}

int kext_control_start(const char *id, struct kext_control_reply *reply)
{
    int error;

    kext_reply_begin(reply);
    kext_operation_begin();
    struct kext *kext = kext_named(id, reply);
    if (kext == NULL) {
        error = ENOENT;
    } else if (kext->state != KEXT_LOADED) {
        kext_reply_add(reply, "%s %s\n", id,
                       kext->state == KEXT_STUCK ? "has been stopped and cannot be started again"
                                                 : "has been started already");
        error = EEXIST;
    } else {
        error = kext_start(kext, reply);
    }
    kext_operation_end();
    return error;
}

int kext_control_unload(const char *id, struct kext_control_reply *reply)
{
    kext_reply_begin(reply);
    kext_operation_begin();
    struct kext *kext = kext_named(id, reply);
    int error = kext != NULL ? kext_unload(kext, reply) : ENOENT;
    kext_operation_end();
    return error;
}

size_t kext_control_list(struct kext_control_info *infos, size_t max)
{
    return kext_registry_list(infos, max);
}

size_t kext_control_sections(const char *id, struct kext_control_section *sections, size_t max)
{
    return kext_registry_sections(id, sections, max);
}

void kext_control_counters(struct kext_control_counters *counters)
{
    kext_registry_count(counters);
}
