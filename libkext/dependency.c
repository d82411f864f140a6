// SPDX-License-Identifier: BSD-2-Clause
/*
 * A depth-first walk over the graph. A kext on the path from the target that is met again closes a cycle. The
 * walk goes on past a problem, so that one run names them all. Owns nothing beyond the walk.
 */
#include "libkext/dependency.h"

#include <string.h>

#include "libkext/nearest.h"
#include "libkext/version.h"

struct search {
    const struct kext_repository *repo;
    const struct kext_loaded *loaded;
    size_t nloaded;
    struct kext_plan *plan;
    struct kext_diags *diags;
    struct kext_bundle *path[KEXT_WIRE_MAX_ENTRIES]; /* from the target to where the walk is */
    size_t depth;
    struct kext_bundle
        *failed[KEXT_WIRE_MAX_ENTRIES]; /* looked at and found wrong: not to be reported twice */
    size_t nfailed;
};

const struct kext_loaded *kext_interfaces_loaded(size_t *count)
{
#define ROW(name, set)                                                                                       \
    {name, KEXT_INTERFACE_VERSION_TEXT, KEXT_INTERFACE_VERSION, KEXT_INTERFACE_COMPATIBLE,                   \
     KEXT_LOADED_STARTED},
    static const struct kext_loaded rows[] = {KEXT_INTERFACES(ROW)};
#undef ROW

    *count = sizeof(rows) / sizeof(rows[0]);
    return rows;
}

static const struct kext_loaded *loaded_find(const struct search *s, const char *id)
{
    for (size_t i = 0; i < s->nloaded; i++) {
        if (strcmp(s->loaded[i].id, id) == 0) {
            return &s->loaded[i];
        }
    }
    return NULL;
}

static bool list_has(struct kext_bundle *const *list, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i]->info.id, id) == 0) {
            return true;
        }
    }
    return false;
}

static void version_complain(struct search *s, const struct kext_bundle *kext,
                             const struct kext_library *library, const char *where, const char *version_text,
                             uint64_t compatible)
{
    char oldest[KEXT_WIRE_MAX_VERSION + 1];

    if (compatible == 0) {
        kext_diag_add(s->diags, KEXT_DIAG_DEPENDENCY, kext->path, kext->info.id,
                      "needs %s, but %s (%s) is no library: it has no OSBundleCompatibleVersion", library->id,
                      where, version_text);
        kext_diag_mend(s->diags, "Give %s an OSBundleCompatibleVersion, or take it out of OSBundleLibraries.",
                       library->id);
        return;
    }
    kext_version_format(compatible, oldest, sizeof(oldest));
    kext_diag_add(s->diags, KEXT_DIAG_DEPENDENCY, kext->path, kext->info.id,
                  "needs version %s of %s; %s serves %s to %s", library->version_text, library->id, where,
                  oldest, version_text);
    kext_diag_mend(s->diags, "Ask for a version within that range in OSBundleLibraries.");
}

static void cycle_complain(struct search *s, const struct kext_bundle *kext, const char *id)
{
    char text[1024];
    size_t len = 0, first = 0;

    while (strcmp(s->path[first]->info.id, id) != 0) {
        first++;
    }
    for (size_t i = first; i < s->depth && len < sizeof(text) - 80; i++) {
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s -> ", s->path[i]->info.id);
    }
    snprintf(text + len, sizeof(text) - len, "%s", id);
    kext_diag_add(s->diags, KEXT_DIAG_DEPENDENCY, kext->path, kext->info.id,
                  "kexts need each other in a circle: %s", text);
}

/* What a slip of the pen may have been meant to be; NULL: nothing. */
static const char *id_meant(const struct search *s, const char *id)
{
    struct kext_nearest nearest = {.wanted = id};
    size_t n;
    const struct kext_loaded *interfaces = kext_interfaces_loaded(&n);

    for (size_t i = 0; i < n; i++) {
        kext_nearest_try(&nearest, interfaces[i].id);
    }
    for (size_t i = 0; i < s->nloaded; i++) {
        kext_nearest_try(&nearest, s->loaded[i].id);
    }
    for (size_t i = 0; i < s->repo->count; i++) {
        kext_nearest_try(&nearest, s->repo->bundles[i]->info.id);
    }
    return nearest.best;
}

static void missing_complain(struct search *s, const struct kext_bundle *kext,
                             const struct kext_library *library)
{
    const struct kext_bundle *other = kext_repository_find(s->repo, library->id, 0);

    if (other != NULL) {
        version_complain(s, kext, library, other->path, other->info.version_text, other->info.compatible);
        return;
    }
    kext_diag_add(s->diags, KEXT_DIAG_DEPENDENCY, kext->path, kext->info.id, "needs %s (%s), which %s",
                  library->id, library->version_text,
                  strncmp(library->id, "com.apple.kpi.", 14) == 0
                      ? "is no interface of this kernel"
                      : "is neither loaded nor in the folders searched");
    const char *meant = id_meant(s, library->id);
    if (meant != NULL) {
        kext_diag_mend(s->diags, "Did you mean %s?", meant);
    } else if (s->repo->unreadable != 0) {
        kext_diag_mend(
            s->diags,
            "Name it with -dependency or its folder with -repository. (%zu bundles there could not be read; "
            "kextutil -n -t BUNDLE tells why.)",
            s->repo->unreadable);
    } else {
        kext_diag_mend(s->diags, "Name it with -dependency or its folder with -repository.");
    }
}

static bool kext_visit(struct search *s, struct kext_bundle *kext);

/* One row of OSBundleLibraries. Returns whether it can be met. */
static bool library_visit(struct search *s, const struct kext_bundle *kext,
                          const struct kext_library *library)
{
    const struct kext_loaded *loaded = loaded_find(s, library->id);

    if (loaded != NULL && loaded->state == KEXT_LOADED_STOPPED) {
        kext_diag_add(s->diags, KEXT_DIAG_DEPENDENCY, kext->path, kext->info.id,
                      "needs %s, which was stopped and could not leave memory", library->id);
        kext_diag_mend(s->diags, "Unload it first: kextunload -b %s says what keeps it.", library->id);
        return false;
    }
    if (loaded != NULL) {
        if (kext_version_serves(loaded->version, loaded->compatible, library->version)) {
            return true;
        }
        version_complain(s, kext, library,
                         kext_interface_named(library->id) ? "this kernel" : "the one that is loaded",
                         loaded->version_text, loaded->compatible);
        return false;
    }
    if (list_has(s->path, s->depth, library->id)) {
        cycle_complain(s, kext, library->id);
        return false;
    }
    struct kext_bundle *bundle = kext_repository_find(s->repo, library->id, library->version);
    for (size_t i = 0; i < s->plan->count; i++) {
        struct kext_bundle *planned = s->plan->order[i];

        /* One kext of one identifier: what somebody else chose has to serve here too. */
        if (strcmp(planned->info.id, library->id) == 0 && planned != bundle) {
            if (kext_version_serves(planned->info.version, planned->info.compatible, library->version)) {
                return true;
            }
            version_complain(s, kext, library, planned->path, planned->info.version_text,
                             planned->info.compatible);
            return false;
        }
    }
    if (bundle == NULL) {
        missing_complain(s, kext, library);
        return false;
    }
    return kext_visit(s, bundle);
}

static bool kext_visit(struct search *s, struct kext_bundle *kext)
{
    bool ok = true;

    if (list_has(s->plan->order, s->plan->count, kext->info.id)) {
        return true;
    }
    if (list_has(s->failed, s->nfailed, kext->info.id) || s->nfailed == KEXT_WIRE_MAX_ENTRIES) {
        return false; /* said already; and with that many wrong ones nobody reads on */
    }
    if (s->depth == KEXT_WIRE_MAX_ENTRIES || s->plan->count == KEXT_WIRE_MAX_ENTRIES) {
        kext_diag_add(s->diags, KEXT_DIAG_DEPENDENCY, kext->path, kext->info.id,
                      "more than %u kexts would have to be loaded at once", KEXT_WIRE_MAX_ENTRIES);
        return false;
    }
    s->path[s->depth++] = kext;
    for (size_t i = 0; i < kext->info.nlibraries; i++) {
        ok &= library_visit(s, kext, &kext->info.libraries[i]);
    }
    s->depth--;
    ok = ok && s->plan->count < KEXT_WIRE_MAX_ENTRIES;
    if (ok) {
        s->plan->order[s->plan->count++] = kext;
    } else if (s->nfailed < KEXT_WIRE_MAX_ENTRIES) {
        s->failed[s->nfailed++] = kext;
    }
    return ok;
}

bool kext_plan_make(const struct kext_repository *repo, struct kext_bundle *target,
                    const struct kext_loaded *loaded, size_t nloaded, struct kext_plan *plan,
                    struct kext_diags *diags)
{
    struct search s = {.repo = repo, .loaded = loaded, .nloaded = nloaded, .plan = plan, .diags = diags};
    size_t errors = diags->errors;

    plan->count = 0;
    if (kext_visit(&s, target)) {
        return true;
    }
    if (diags->errors == errors) {
        kext_diag_add(diags, KEXT_DIAG_DEPENDENCY, target->path, target->info.id,
                      "more than %u kexts would have to be loaded at once", KEXT_WIRE_MAX_ENTRIES);
    }
    return false;
}
