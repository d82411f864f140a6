// SPDX-License-Identifier: BSD-2-Clause
/*
 * Collecting, planning and sending a load; see loader.h. Owns the repository and the connection of one tool.
 */
#include "tools/common/loader.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void loader_begin(struct loader *loader, struct tool *tool)
{
    memset(loader, 0, sizeof(*loader));
    loader->tool = tool;
    loader->client.sock = -1;
}

void loader_end(struct loader *loader)
{
    kext_repository_free(&loader->repo);
    kext_client_close(&loader->client);
    free(loader->loaded);
}

static void name_add(struct loader *loader, const char **names, size_t *count, const char *name)
{
    if (*count == LOADER_NAMES_MAX) {
        kext_diag_add(&loader->tool->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                      "more than %u kexts named: %s is left out", LOADER_NAMES_MAX, name);
        return;
    }
    names[(*count)++] = name;
}

void loader_path(struct loader *loader, const char *path)
{
    name_add(loader, loader->paths, &loader->npaths, path);
}

bool loader_option(struct loader *loader, int opt, const char *argument)
{
    switch (opt) {
    case 'b':
        name_add(loader, loader->ids, &loader->nids, argument);
        return true;
    case 'd':
        (void)kext_repository_add(&loader->repo, argument, NULL, &loader->tool->diags);
        return true;
    case 'r':
        (void)kext_repository_scan(&loader->repo, argument, &loader->tool->diags);
        return true;
    default:
        return false;
    }
}

static int ids_find(struct loader *loader)
{
    int code = TOOL_OK;

    for (size_t i = 0; i < loader->nids; i++) {
        struct kext_bundle *bundle = kext_repository_find(&loader->repo, loader->ids[i], 0);

        if (bundle != NULL) {
            loader->targets[loader->ntargets++] = bundle;
            continue;
        }
        code = TOOL_NOT_FOUND;
        kext_diag_add(&loader->tool->diags, KEXT_DIAG_REQUEST, NULL, loader->ids[i],
                      "no kext with this identifier");
        kext_diag_mend(&loader->tool->diags, "Name its path, or the folder it lies in with -repository.");
    }
    return code;
}

int loader_collect(struct loader *loader, bool system)
{
    struct kext_diags *diags = &loader->tool->diags;
    int code = TOOL_OK;

    for (size_t i = 0; i < loader->npaths; i++) {
        struct kext_bundle *bundle;

        if (kext_repository_add(&loader->repo, loader->paths[i], &bundle, diags)) {
            loader->targets[loader->ntargets++] = bundle;
        } else {
            code = access(loader->paths[i], F_OK) == 0 ? TOOL_BAD_KEXT : TOOL_NOT_FOUND;
        }
    }
    char *dir = system ? kext_repository_system() : NULL;
    if (dir != NULL) {
        (void)kext_repository_scan(&loader->repo, dir, diags);
        free(dir);
    }
    int found = ids_find(loader);
    return code != TOOL_OK ? code : found;
}

enum kext_client_result loader_connect(struct loader *loader)
{
    enum kext_client_result result;

    if (loader->client.sock < 0 && !tool_connect(loader->tool, &loader->client, &result)) {
        return result;
    }
    free(loader->loaded);
    return kext_client_loaded(&loader->client, &loader->loaded, &loader->nloaded, &loader->tool->diags);
}

static const struct kext_loaded *loaded_find(const struct loader *loader, const char *id)
{
    for (size_t i = 0; i < loader->nloaded; i++) {
        if (strcmp(loader->loaded[i].id, id) == 0) {
            return &loader->loaded[i];
        }
    }
    return NULL;
}

/* One that is loaded in the wanted version: whether it serves as it is. */
static enum kext_client_result loaded_use(struct loader *loader, const struct kext_loaded *old, bool nostart,
                                          bool *loaded_now)
{
    struct tool *tool = loader->tool;
    char waiting[128];

    if (old->state == KEXT_LOADED_STOPPED) {
        kext_diag_add(&tool->diags, KEXT_DIAG_LOAD, NULL, old->id,
                      "was stopped, but something kept its code in memory; it cannot be started again");
        kext_diag_mend(&tool->diags, "Unload it first: kextunload -b %s says what keeps it.", old->id);
        return KEXT_CLIENT_EXISTS;
    }
    if (old->state == KEXT_LOADED_STARTED || nostart) {
        tool_say(tool, 1, "%s (%s) is loaded already%s", old->id, old->version_text,
                 old->state == KEXT_LOADED_STARTED ? "" : ", not started");
        if (loaded_now != NULL) {
            *loaded_now = old->state != KEXT_LOADED_STARTED;
        }
        return KEXT_CLIENT_OK;
    }
    tool_say(tool, 1, "%s (%s) is loaded already; starting it", old->id, old->version_text);
    snprintf(waiting, sizeof(waiting), "starting %s", old->id);
    return kext_client_call(&loader->client, "start", json_pack("{s:s}", "id", old->id), -1, waiting, NULL,
                            &tool->diags);
}

enum kext_client_result loader_load(struct loader *loader, struct kext_bundle *target, bool nostart,
                                    bool *loaded_now)
{
    struct tool *tool = loader->tool;
    const struct kext_loaded *old = loaded_find(loader, target->info.id);
    enum kext_client_result result;
    struct kext_plan plan;
    char waiting[128];
    int fd;

    if (loaded_now != NULL) {
        *loaded_now = false;
    }
    if (old != NULL && old->version == target->info.version) {
        return loaded_use(loader, old, nostart, loaded_now);
    }
    if (old != NULL) {
        kext_diag_add(&tool->diags, KEXT_DIAG_LOAD, target->path, old->id,
                      "version %s is loaded; this is version %s", old->version_text,
                      target->info.version_text);
        kext_diag_mend(&tool->diags, "Unload it first: kextunload -b %s", old->id);
        return KEXT_CLIENT_EXISTS;
    }
    if (!kext_plan_make(&loader->repo, target, loader->loaded, loader->nloaded, &plan, &tool->diags) ||
        !kext_archive_write(&plan, 0, nostart, &fd, &tool->diags)) {
        return KEXT_CLIENT_FAILED;
    }
    for (size_t i = 0; i < plan.count; i++) {
        tool_say(tool, 3, "sending %s (%s) from %s", plan.order[i]->info.id, plan.order[i]->info.version_text,
                 plan.order[i]->path);
    }
    snprintf(waiting, sizeof(waiting), "loading %s", target->info.id);
    result = kext_client_call(&loader->client, "load", NULL, fd, waiting, NULL, &tool->diags);
    close(fd);
    if (result == KEXT_CLIENT_OK) {
        tool_say(tool, 2, "%s (%s) loaded", target->info.id, target->info.version_text);
        if (loaded_now != NULL) {
            *loaded_now = true;
        }
        return loader_connect(loader); /* the next one may build on this one */
    }
    return result;
}

struct kext_bundle *loader_find_type(struct loader *loader, const char *type)
{
    char name[128], id[128];

    snprintf(name, sizeof(name), "/%s.kext", type);
    snprintf(id, sizeof(id), "org.kextbed.%s", type);
    for (size_t i = 0; i < loader->repo.count; i++) {
        const char *path = loader->repo.bundles[i]->path;

        if (strlen(path) > strlen(name) && strcmp(path + strlen(path) - strlen(name), name) == 0) {
            return loader->repo.bundles[i];
        }
    }
    return kext_repository_find(&loader->repo, id, 0);
}

enum kext_client_result loader_load_type(struct loader *loader, const char *type)
{
    struct kext_bundle *bundle = loader_find_type(loader, type);

    if (bundle == NULL) {
        kext_diag_add(
            &loader->tool->diags, KEXT_DIAG_REQUEST, NULL, NULL,
            "no loaded kext serves file systems of type %s, and no %s.kext is in the folders searched", type,
            type);
        kext_diag_mend(&loader->tool->diags, "Load its kext first: kextload PATH");
        return KEXT_CLIENT_NOT_FOUND;
    }
    enum kext_client_result result = loader_connect(loader);
    return result == KEXT_CLIENT_OK ? loader_load(loader, bundle, false, NULL) : result;
}

int loader_exit_code(enum kext_client_result result)
{
    switch (result) {
    case KEXT_CLIENT_OK:
        return TOOL_OK;
    case KEXT_CLIENT_UNREACHABLE:
        return TOOL_UNREACHABLE;
    case KEXT_CLIENT_DENIED:
        return TOOL_DENIED;
    case KEXT_CLIENT_NOT_FOUND:
        return TOOL_NOT_FOUND;
    case KEXT_CLIENT_START:
        return TOOL_NO_START;
    default:
        return TOOL_LOAD_FAILED;
    }
}
