// SPDX-License-Identifier: BSD-2-Clause
/*
 * What is loaded: a fixed table of kexts, their load tags, and who links against whom. Slots are never freed,
 * so that a panic may look at them whatever it interrupted.
 *
 * Owns the registry lock (rank 780) and the operation, a flag under it with a wait: loads, starts and unloads
 * run one at a time without holding a lock over a kext's own code. See kext_internal.h for which field needs
 * what.
 */
#include "kext/kext_internal.h"

#include <string.h>
#include <sys/errno.h>
#include <sys/param.h>
#include <sys/proc.h>

#include "kern/kern_iface.h"
#include "kern/lock_iface.h"
#include "kext/exports_internal.h"

static lck_grp_t *registry_group;
static lck_mtx_t registry_lock;
static struct kext table[KEXT_CONTROL_MAX];
static uint32_t next_index;
static uint64_t links_ever;
static bool operation_running;

static void interface_add(uint32_t set)
{
    struct kext *kext = kext_new();

    strlcpy(kext->id, kext_set_name(set), sizeof(kext->id));
    strlcpy(kext->version_text, KEXT_INTERFACE_VERSION_TEXT, sizeof(kext->version_text));
    kext->version = KEXT_INTERFACE_VERSION;
    kext->compatible = KEXT_INTERFACE_COMPATIBLE;
    kext->is_interface = true;
    kext->set = set;
    kext_provider_interface(set, &kext->provider);
    kext_set_state(kext, KEXT_STARTED);
}

int kext_registry_boot(void)
{
    if (registry_group != NULL) {
        return EBUSY;
    }
    registry_group = lck_grp_alloc_init("kext", LCK_GRP_ATTR_NULL);
    if (registry_group == NULL) {
        return ENOMEM;
    }
    lck_mtx_init(&registry_lock, registry_group, LCK_ATTR_NULL);
    next_index = 1;
    links_ever = 0;
    for (uint32_t set = 0; set < KEXT_N_SETS; set++) {
        interface_add(set);
    }
    return 0;
}

void kext_registry_shutdown(void)
{
    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        KASSERT(table[i].state == KEXT_FREE || table[i].is_interface, "kext %s is still loaded", table[i].id);
        if (table[i].is_interface) {
            kext_delete(&table[i]);
        }
    }
    lck_mtx_destroy(&registry_lock, registry_group);
    lck_grp_free(registry_group);
    registry_group = NULL;
}

void kext_operation_begin(void)
{
    lck_mtx_lock(&registry_lock);
    while (operation_running) {
        (void)msleep(&operation_running, &registry_lock, PWAIT, "kextoperation", NULL);
    }
    operation_running = true;
    lck_mtx_unlock(&registry_lock);
}

void kext_operation_end(void)
{
    lck_mtx_lock(&registry_lock);
    operation_running = false;
    wakeup_one((caddr_t)&operation_running);
    lck_mtx_unlock(&registry_lock);
}

/* The operation's holder is the only writer, so that it needs no lock to read. */
struct kext *kext_find(const char *id)
{
    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        if (table[i].state != KEXT_FREE && strcmp(table[i].id, id) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

struct kext *kext_new(void)
{
    struct kext *kext = NULL;

    lck_mtx_lock(&registry_lock);
    for (size_t i = 0; i < KEXT_CONTROL_MAX && kext == NULL; i++) {
        if (table[i].state == KEXT_FREE) {
            kext = &table[i];
            memset(kext, 0, sizeof(*kext));
            kext->state = KEXT_LINKED;
            kext->index = next_index++;
        }
    }
    lck_mtx_unlock(&registry_lock);
    return kext;
}

void kext_delete(struct kext *kext)
{
    lck_mtx_lock(&registry_lock);
    for (uint32_t i = 0; i < kext->nlibs; i++) {
        kext->libs[i]->refs--;
    }
    KASSERT(kext->refs == 0, "kext %s goes with %u kexts linked against it", kext->id, kext->refs);
    kext->nlibs = 0;
    kext->is_interface = false;
    kext->state = KEXT_FREE;
    lck_mtx_unlock(&registry_lock);
}

void kext_set_state(struct kext *kext, enum kext_state state)
{
    lck_mtx_lock(&registry_lock);
    kext->state = state;
    lck_mtx_unlock(&registry_lock);
}

void kext_set_image(struct kext *kext, struct kxld_image *image)
{
    lck_mtx_lock(&registry_lock);
    atomic_store(&kext->image, image);
    lck_mtx_unlock(&registry_lock);
}

bool kext_bind(struct kext *kext, struct kext *lib)
{
    bool room;

    lck_mtx_lock(&registry_lock);
    room = kext->nlibs < KEXT_WIRE_MAX_LIBS;
    if (room) {
        kext->libs[kext->nlibs++] = lib;
        lib->refs++;
    }
    lck_mtx_unlock(&registry_lock);
    return room;
}

/* The used slot with the lowest load tag above @index, or NULL. */
static struct kext *slot_after(uint32_t index)
{
    struct kext *next = NULL;

    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        struct kext *kext = &table[i];

        if (kext->state != KEXT_FREE && kext->index > index && (next == NULL || kext->index < next->index)) {
            next = kext;
        }
    }
    return next;
}

void kext_each(bool (*fn)(void *arg, struct kext *kext), void *arg)
{
    for (struct kext *kext = slot_after(0); kext != NULL; kext = slot_after(kext->index)) {
        if (!fn(arg, kext)) {
            return;
        }
    }
}

struct kext *kext_next_unloadable(void)
{
    struct kext *last = NULL;

    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        struct kext *kext = &table[i];

        if (kext->state != KEXT_FREE && !kext->is_interface && kext->refs == 0 &&
            (last == NULL || kext->index > last->index)) {
            last = kext;
        }
    }
    return last;
}

/* ---- without the operation ----------------------------------------------------------------------------- */

static bool visible(const struct kext *kext)
{
    return kext->state != KEXT_FREE && kext->state != KEXT_LINKED;
}

/* Not kext_find(): the identifier of one that is being linked is being written. */
static const struct kext *visible_find(const char *id)
{
    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        if (visible(&table[i]) && strcmp(table[i].id, id) == 0) {
            return &table[i];
        }
    }
    return NULL;
}

static void linked_fill(const struct kext *kext, struct kext_control_info *info)
{
    for (uint32_t i = 0; i < kext->nlibs; i++) {
        uint32_t index = kext->libs[i]->index, at = info->nlinked++;

        for (; at > 0 && info->linked[at - 1] > index; at--) {
            info->linked[at] = info->linked[at - 1];
        }
        info->linked[at] = index;
    }
}

static void info_fill(const struct kext *kext, struct kext_control_info *info)
{
    const struct kxld_image *image = atomic_load(&kext->image);

    memset(info, 0, sizeof(*info));
    info->index = kext->index;
    info->refs = kext->refs;
    info->version = kext->version;
    info->compatible = kext->compatible;
    info->state = kext->state == KEXT_STARTED ? KEXT_CONTROL_STARTED
                  : kext->state == KEXT_STUCK ? KEXT_CONTROL_STUCK
                                              : KEXT_CONTROL_LINKED_ONLY;
    info->is_interface = kext->is_interface;
    strlcpy(info->id, kext->id, sizeof(info->id));
    strlcpy(info->version_text, kext->version_text, sizeof(info->version_text));
    strlcpy(info->path, kext->path, sizeof(info->path));
    linked_fill(kext, info);
    if (image != NULL) {
        info->address = image->base;
        info->size = image->size;
        info->wired = image->size;
        info->has_uuid = true;
        memcpy(info->uuid, image->uuid, sizeof(info->uuid));
    }
    if (kext->owner != KERN_OWNER_KERNEL) {
        struct kern_memory_stats stats;

        kern_owner_stats(kext->owner, &stats);
        info->memory_bytes = stats.bytes;
        info->threads = kern_owner_thread_count(kext->owner);
        info->locks = kern_owner_lock_count(kext->owner);
    }
}

size_t kext_registry_list(struct kext_control_info *infos, size_t max)
{
    size_t count = 0;

    lck_mtx_lock(&registry_lock);
    for (struct kext *kext = slot_after(0); kext != NULL; kext = slot_after(kext->index)) {
        if (!visible(kext)) {
            continue;
        }
        if (count < max) {
            info_fill(kext, &infos[count]);
        }
        count++;
    }
    lck_mtx_unlock(&registry_lock);
    return count;
}

size_t kext_registry_sections(const char *id, struct kext_control_section *sections, size_t max)
{
    size_t count = 0;

    lck_mtx_lock(&registry_lock);
    const struct kext *kext = visible_find(id);
    const struct kxld_image *image = kext != NULL ? atomic_load(&kext->image) : NULL;
    if (image != NULL) {
        count = image->n_sections;
        for (size_t i = 0; i < count && i < max; i++) {
            strlcpy(sections[i].name, image->sections[i].name, sizeof(sections[i].name));
            sections[i].address = image->sections[i].addr;
            sections[i].size = image->sections[i].size;
        }
    }
    lck_mtx_unlock(&registry_lock);
    return count;
}

void kext_registry_count(struct kext_control_counters *counters)
{
    memset(counters, 0, sizeof(*counters));
    lck_mtx_lock(&registry_lock);
    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        counters->kexts += visible(&table[i]) && !table[i].is_interface;
    }
    counters->links = links_ever;
    lck_mtx_unlock(&registry_lock);
    kext_arena_usage(&counters->image_bytes, &counters->heap_bytes);
}

void kext_registry_linked(void)
{
    lck_mtx_lock(&registry_lock);
    links_ever++;
    lck_mtx_unlock(&registry_lock);
}

int kext_registry_retain(uint32_t index, int delta)
{
    int error = ENOENT;

    lck_mtx_lock(&registry_lock);
    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        struct kext *kext = &table[i];

        /* Its own start routine retains a kext that is not shown yet. */
        if (kext->state == KEXT_FREE || kext->index != index || kext->is_interface) {
            continue;
        }
        error = delta < 0 && kext->retains == 0 ? EINVAL : 0;
        kext->retains += error == 0 ? (uint32_t)delta : 0;
    }
    lck_mtx_unlock(&registry_lock);
    return error;
}

uint32_t kext_registry_retains(const struct kext *kext)
{
    uint32_t retains;

    lck_mtx_lock(&registry_lock);
    retains = kext->retains;
    lck_mtx_unlock(&registry_lock);
    return retains;
}

const struct kext *kext_at(const void *pc, struct kxld_image **image)
{
    for (size_t i = 0; i < KEXT_CONTROL_MAX; i++) {
        struct kxld_image *candidate = atomic_load(&table[i].image);

        if (candidate != NULL && (uintptr_t)pc - candidate->base < candidate->size) {
            *image = candidate;
            return &table[i];
        }
    }
    return NULL;
}
