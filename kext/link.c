// SPDX-License-Identifier: BSD-2-Clause
/*
 * One kext of a load: its libraries are found among what is loaded and what the same message brought before
 * it, its object is linked against exactly those, and the image is made known to the unwinder, to memory
 * accounting and to backtraces. And the way back. Nothing of the kext's own runs here.
 *
 * Called by load.c and unload.c with the operation held.
 */
#include "kext/kext_internal.h"

#include <string.h>
#include <libkern/libkern.h>
#include <sys/errno.h>

#include "host/host.h"
#include "kern/kern_iface.h"
#include "kext/exports_internal.h"

/* Blocks that an unload lists; only builds with every assertion know who allocated them. */
#define LEFTOVERS_SHOWN 32u
#ifdef KERN_DEBUG
#define LEFTOVERS_WHERE "; the log says who allocated what"
#else
#define LEFTOVERS_WHERE "; a build for debugging (debug, asan, tsan) logs who allocated what"
#endif

/* kext/weak.c: the address of a weak symbol that nobody has. */
extern const void *const gOSKextUnresolved;

static void version_text(uint64_t number, char *buf, size_t size)
{
    snprintf(buf, size, "%llu.%llu.%llu", number / 100000000, number / 1000000 % 100, number / 10000 % 100);
}

/* Whether one row of OSBundleLibraries is met. All reasons why not are told. */
static bool library_find(const struct kext_message_entry *entry, const struct kext_message_lib *lib,
                         struct kext **out, struct kext_control_reply *reply)
{
    struct kext *kext = kext_find(lib->id);
    char wanted[KEXT_WIRE_MAX_VERSION + 1], oldest[KEXT_WIRE_MAX_VERSION + 1];

    version_text(lib->min_version, wanted, sizeof(wanted));
    if (kext == NULL) {
        kext_reply_add(reply,
                       "%s needs %s (%s), which is not loaded and not part of the same load before it\n",
                       entry->id, lib->id, wanted);
        return false;
    }
    if (kext->state == KEXT_STUCK) {
        kext_reply_add(reply, "%s needs %s, which has been stopped\n", entry->id, lib->id);
        return false;
    }
    if (!kext_serves(kext->version, kext->compatible, lib->min_version)) {
        version_text(kext->compatible, oldest, sizeof(oldest));
        kext_reply_add(reply, "%s needs version %s of %s; the one that is loaded serves %s to %s\n",
                       entry->id, wanted, lib->id, kext->compatible != 0 ? oldest : "nothing",
                       kext->version_text);
        return false;
    }
    *out = kext;
    return true;
}

static int libraries_bind(const struct kext_message_entry *entry, struct kext *kext,
                          struct kext_control_reply *reply)
{
    bool ok = true;

    for (uint32_t i = 0; i < entry->nlibs; i++) {
        struct kext *lib = NULL;

        if (!library_find(entry, &entry->libs[i], &lib, reply)) {
            ok = false;
        } else if (lib == kext) {
            kext_reply_add(reply, "%s needs itself\n", entry->id);
            ok = false;
        } else {
            (void)kext_bind(kext, lib); /* a message has no more libraries than a kext can record */
        }
    }
    return ok ? 0 : ENOENT;
}

/* ---- linking ------------------------------------------------------------------------------------------- */

/* Everything that exists, so that the linker can say who has a symbol that was not declared. */
struct known {
    const struct kxld_provider *list[KEXT_CONTROL_MAX];
    size_t count;
};

static bool known_add(void *arg, struct kext *kext)
{
    struct known *known = arg;

    if (kext->provider.lookup != NULL) {
        known->list[known->count++] = &kext->provider;
    }
    return true;
}

/* The linker's report, and for symbols that Darwin has and this kernel half lacks, that fact. */
static void report_add(const struct kxld_report *report, struct kext_control_reply *reply)
{
    size_t size;

    if (report == NULL || reply == NULL) {
        return;
    }
    char *room = kext_reply_room(reply, &size);
    kext_reply_added(reply, kxld_report_format(report, room, size));
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct kxld_problem *problem = &report->problems[i];
        const char *set = problem->kind == KXLD_PROBLEM_MISSING ? kext_symbol_absent(problem->symbol) : NULL;

        if (set != NULL) {
            kext_reply_add(reply, "%s belongs to %s, but this kernel process does not provide it\n",
                           problem->symbol, set);
        }
    }
}

static bool report_matters(const struct kxld_report *report)
{
    for (size_t i = 0; report != NULL && i < report->n_problems; i++) {
        if (report->problems[i].severity != KXLD_SEVERITY_NOTE) {
            return true;
        }
    }
    return false;
}

static int object_link(const struct kext_message_entry *entry, const struct kext *kext,
                       struct kxld_image **image, struct kext_control_reply *reply)
{
    const struct kxld_provider *declared[KEXT_WIRE_MAX_LIBS + 1];
    struct known *known = kern_alloc(sizeof(*known), "kext link");
    struct kxld_report *report = NULL;
    struct kxld_request request = {
        .bundle_id = entry->id,
        .bundle_version = entry->version_text,
        .object = entry->exec,
        .object_len = entry->exec_len,
        .declared = declared,
        .known = known->list,
        .flags = entry->evolving ? KXLD_LINK_ALLOW_EVOLVING : 0,
        .weak_absent_address = (uint64_t)(uintptr_t)gOSKextUnresolved,
    };
    enum kxld_result result;

    for (uint32_t i = 0; i < kext->nlibs; i++) {
        if (kext->libs[i]->provider.lookup != NULL) {
            declared[request.n_declared++] = &kext->libs[i]->provider;
        }
    }
    declared[request.n_declared++] = kext_provider_runtime();
    kext_each(known_add, known);
    request.n_known = known->count;
    result = kxld_link(kext_link_host(), &request, image, &report);
    kext_registry_linked();
    if (result != KXLD_OK || report_matters(report)) {
        report_add(report, reply);
    }
    if (result != KXLD_OK && report == NULL) {
        kext_reply_add(reply, "kxld[%s]: %s\n", entry->id, kxld_result_text(result));
    }
    kxld_report_free(kext_link_host(), report);
    kern_free(known, sizeof(*known));
    return result == KXLD_OK ? 0 : result == KXLD_ERR_NO_MEMORY ? ENOMEM : ENOEXEC;
}

static bool in_segment(const struct kxld_image *image, uint64_t addr, size_t size,
                       enum kxld_segment_kind kind)
{
    for (size_t i = 0; i < image->n_segments; i++) {
        const struct kxld_segment *segment = &image->segments[i];

        if (segment->kind == kind && addr >= segment->addr && addr - segment->addr <= segment->size &&
            size <= segment->size - (addr - segment->addr)) {
            return true;
        }
    }
    return false;
}

/* Finds kmod_info in a fresh image, fills in what the loader knows, and checks the routines. */
static int kmod_find(struct kext *kext, struct kxld_image *image, struct kext_control_reply *reply)
{
    struct kxld_symbol_info symbol;

    if (!kxld_image_find(image, "kmod_info", &symbol)) {
        kext_reply_add(
            reply,
            "kxld[%s]: the object does not define kmod_info; link it with the kext's start-up code, or add "
            "KMOD_EXPLICIT_DECL(%s, \"%s\", start, stop)\n",
            kext->id, kext->id, kext->version_text);
        return ENOEXEC;
    }
    if (!in_segment(image, symbol.addr, sizeof(kmod_info_t), KXLD_SEGMENT_DATA)) {
        kext_reply_add(reply, "kxld[%s]: kmod_info does not lie in writable data\n", kext->id);
        return ENOEXEC;
    }
    kmod_info_t *kmod = (kmod_info_t *)(uintptr_t)symbol.addr;
    uint64_t start = (uint64_t)(uintptr_t)kmod->start, stop = (uint64_t)(uintptr_t)kmod->stop;
    if ((start != 0 && !in_segment(image, start, 1, KXLD_SEGMENT_TEXT)) ||
        (stop != 0 && !in_segment(image, stop, 1, KXLD_SEGMENT_TEXT))) {
        kext_reply_add(reply,
                       "kxld[%s]: the start or stop routine in kmod_info is no function of this kext\n",
                       kext->id);
        return ENOEXEC;
    }
    if (kmod->info_version != KMOD_INFO_VERSION) {
        kext_reply_add(reply, "kxld[%s]: kmod_info has layout version %d; %d is known\n", kext->id,
                       kmod->info_version, KMOD_INFO_VERSION);
        return ENOEXEC;
    }
    kmod->id = kext->index;
    strlcpy(kmod->name, kext->id, sizeof(kmod->name));
    strlcpy(kmod->version, kext->version_text, sizeof(kmod->version));
    kmod->reference_count = 0;
    kmod->address = image->base;
    kmod->size = image->size;
    kext->kmod = kmod;
    return 0;
}

/* The kext as a panic shows it: id(version)[UUID]@first->last, and the kexts it links against. */
static void detail_write(struct kext *kext, const struct kxld_image *image)
{
    static const char digits[] = "0123456789ABCDEF";
    char uuid[37];
    size_t at = 0;

    for (size_t i = 0; i < sizeof(image->uuid); i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            uuid[at++] = '-';
        }
        uuid[at++] = digits[image->uuid[i] >> 4];
        uuid[at++] = digits[image->uuid[i] & 15];
    }
    uuid[at] = '\0';
    snprintf(kext->detail, sizeof(kext->detail), "%s(%s)[%s]@%#llx->%#llx", kext->id, kext->version_text,
             uuid, image->base, image->base + image->size - 1);
    for (uint32_t i = 0; i < kext->nlibs; i++) {
        const struct kext *lib = kext->libs[i];

        if (!lib->is_interface) {
            strlcat(kext->detail, ", needs ", sizeof(kext->detail));
            strlcat(kext->detail, lib->id, sizeof(kext->detail));
        }
    }
}

/* Makes a linked image known to everybody who has to: memory accounting, the unwinder, dependents,
 * backtraces. */
static int image_announce(struct kext *kext, struct kxld_image *image, struct kext_control_reply *reply)
{
    int error = kern_owner_create(kext->id, &kext->owner);

    if (error != 0) {
        kext_reply_add(reply,
                       "%s: too many kexts have left memory behind; the kernel process has to be restarted\n",
                       kext->id);
        return error;
    }
    kern_owner_map((const void *)(uintptr_t)image->base, image->size, kext->owner);
    if (image->eh_frame_size != 0) {
        host_unwind_register((const void *)(uintptr_t)image->eh_frame);
    }
    kxld_linkstate_provider(image->linkstate, kext->id, kext->version_text, &kext->provider);
    detail_write(kext, image);
    kext_set_image(kext, image);
    return 0;
}

int kext_link(const struct kext_message_entry *entry, struct kext_control_reply *reply, struct kext **out)
{
    struct kxld_image *image = NULL;
    struct kext *kext;
    int error;

    if (kext_find(entry->id) != NULL) {
        kext_reply_add(reply, "%s is loaded already (version %s)\n", entry->id,
                       kext_find(entry->id)->version_text);
        return EEXIST;
    }
    kext = kext_new();
    if (kext == NULL) {
        kext_reply_add(reply, "%s: %u kexts are loaded, which is all that fit\n", entry->id,
                       KEXT_CONTROL_MAX);
        return ENOSPC;
    }
    strlcpy(kext->id, entry->id, sizeof(kext->id));
    strlcpy(kext->version_text, entry->version_text, sizeof(kext->version_text));
    strlcpy(kext->path, entry->path, sizeof(kext->path));
    kext->version = entry->version;
    kext->compatible = entry->compatible;
    error = libraries_bind(entry, kext, reply);
    if (error == 0 && entry->exec_len != 0) {
        error = object_link(entry, kext, &image, reply);
    }
    if (error == 0 && image != NULL) {
        error = kmod_find(kext, image, reply);
    }
    if (error == 0 && image != NULL) {
        error = image_announce(kext, image, reply);
    }
    if (error != 0) {
        kxld_image_free(kext_link_host(), image);
        kext_delete(kext);
        return error;
    }
    *out = kext;
    return 0;
}

/* Forgets what is charged to a kext, and tells what it should have given back. While its image is still
 * there, so that addresses in it have names. */
static void leftovers_report(struct kext *kext, struct kext_control_reply *reply)
{
    uint32_t locks = kern_owner_lock_count(kext->owner);
    struct kern_memory_stats stats;

    kern_owner_stats(kext->owner, &stats);
    if (stats.bytes != 0) {
        kern_memory_report(kext->owner, LEFTOVERS_SHOWN);
    }
    uint64_t bytes = kern_owner_destroy(kext->owner);
    if (bytes != 0 || locks != 0) {
        kext_reply_add(reply, "%s has left behind %llu bytes of memory and %u locks%s\n", kext->id, bytes,
                       locks, bytes == 0 ? "" : LEFTOVERS_WHERE);
    }
}

void kext_unlink(struct kext *kext, struct kext_control_reply *reply)
{
    struct kxld_image *image = atomic_load(&kext->image);

    kext_set_state(kext, KEXT_LINKED); /* nobody lists it while its parts go */
    if (image != NULL) {
        if (image->eh_frame_size != 0) {
            host_unwind_deregister((const void *)(uintptr_t)image->eh_frame);
        }
        kern_owner_map((const void *)(uintptr_t)image->base, image->size, KERN_OWNER_KERNEL);
        leftovers_report(kext, reply);
        kext_set_image(kext, NULL);
        kxld_image_free(kext_link_host(), image);
        kext->kmod = NULL;
        kext->owner = KERN_OWNER_KERNEL;
    }
    kext_delete(kext);
}
