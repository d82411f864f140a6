// SPDX-License-Identifier: BSD-2-Clause
/*
 * Collecting bundles and choosing among those with one identifier. Owns the bundles. Called by the tools.
 */
#include "libkext/repository.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libkext/place.h"
#include "libkext/version.h"

static struct kext_bundle *bundle_known(const struct kext_repository *repo, const char *path, bool named)
{
    struct stat mine, other;

    if (stat(path, &mine) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < repo->count; i++) {
        if (stat(repo->bundles[i]->path, &other) == 0 && mine.st_dev == other.st_dev &&
            mine.st_ino == other.st_ino) {
            repo->named[i] |= named;
            return repo->bundles[i];
        }
    }
    return NULL;
}

static bool bundle_keep(struct kext_repository *repo, struct kext_bundle *bundle, bool named)
{
    if (repo->count == repo->room) {
        size_t room = repo->room != 0 ? repo->room * 2 : 16;
        struct kext_bundle **bundles = reallocarray(repo->bundles, room, sizeof(*bundles));
        if (bundles == NULL) {
            return false;
        }
        repo->bundles = bundles;
        bool *flags = reallocarray(repo->named, room, sizeof(*flags));
        if (flags == NULL) {
            return false;
        }
        repo->named = flags;
        repo->room = room;
    }
    repo->bundles[repo->count] = bundle;
    repo->named[repo->count++] = named;
    return true;
}

/* Reads one bundle. @diags NULL: whatever is wrong with it stays unsaid. */
static struct kext_bundle *bundle_read(struct kext_repository *repo, const char *path, bool named,
                                       struct kext_diags *diags)
{
    struct kext_diags unsaid = KEXT_DIAGS_INIT;
    struct kext_bundle *bundle = bundle_known(repo, path, named);

    if (bundle != NULL) {
        return bundle;
    }
    if (!kext_bundle_open(path, &bundle, diags != NULL ? diags : &unsaid)) {
        repo->unreadable++;
    } else if (!bundle_keep(repo, bundle, named)) {
        kext_bundle_free(bundle);
        bundle = NULL;
        if (diags != NULL) {
            kext_diag_add(diags, KEXT_DIAG_REQUEST, path, NULL, "out of memory");
        }
    }
    kext_diags_free(&unsaid);
    return bundle;
}

static bool name_is_bundle(const char *name)
{
    size_t len = strlen(name);

    return len > 5 && name[0] != '.' && strcmp(name + len - 5, ".kext") == 0;
}

/* Adds the bundles of one folder, and with @plugins those inside their PlugIns. Returns 0 or a host errno. */
static int folder_scan(struct kext_repository *repo, const char *dir, bool plugins)
{
    DIR *stream = opendir(dir);
    struct dirent *entry;

    if (stream == NULL) {
        return errno;
    }
    while ((entry = readdir(stream)) != NULL) {
        char *path;

        if (!name_is_bundle(entry->d_name) || asprintf(&path, "%s/%s", dir, entry->d_name) < 0) {
            continue;
        }
        struct kext_bundle *bundle = bundle_read(repo, path, false, NULL);
        if (bundle != NULL && plugins) {
            folder_scan(repo, bundle->plugins_path, false);
        }
        free(path);
    }
    closedir(stream);
    return 0;
}

bool kext_repository_add(struct kext_repository *repo, const char *path, struct kext_bundle **out,
                         struct kext_diags *diags)
{
    struct kext_bundle *bundle = bundle_read(repo, path, true, diags);

    if (out != NULL) {
        *out = bundle;
    }
    if (bundle == NULL) {
        return false;
    }
    folder_scan(repo, bundle->plugins_path, false);
    return true;
}

bool kext_repository_scan(struct kext_repository *repo, const char *dir, struct kext_diags *diags)
{
    int error = folder_scan(repo, dir, true);

    if (error != 0) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, dir, NULL, "cannot look for kexts there: %s",
                      strerror(error));
    }
    return error == 0;
}

struct kext_bundle *kext_repository_find(const struct kext_repository *repo, const char *id, uint64_t wanted)
{
    const struct kext_bundle *best = NULL;
    size_t chosen = 0;

    for (size_t i = 0; i < repo->count; i++) {
        const struct kext_info *info = &repo->bundles[i]->info;

        if (strcmp(info->id, id) != 0 ||
            (wanted != 0 && !kext_version_serves(info->version, info->compatible, wanted))) {
            continue;
        }
        if (best == NULL || repo->named[i] > repo->named[chosen] ||
            (repo->named[i] == repo->named[chosen] && info->version > best->info.version)) {
            best = repo->bundles[i];
            chosen = i;
        }
    }
    return best != NULL ? repo->bundles[chosen] : NULL;
}

char *kext_repository_system(void)
{
    const char *chosen = secure_getenv("KEXTBED_EXTENSIONS");

    if (chosen != NULL && chosen[0] != '\0') {
        return strdup(chosen);
    }
    char *installed = kext_place_find("lib/kextbed/Extensions");
    return installed != NULL ? installed : kext_place_find("Extensions");
}

void kext_repository_free(struct kext_repository *repo)
{
    for (size_t i = 0; i < repo->count; i++) {
        kext_bundle_free(repo->bundles[i]);
    }
    free(repo->bundles);
    free(repo->named);
    memset(repo, 0, sizeof(*repo));
}
