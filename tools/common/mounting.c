// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mount requests; see mounting.h. No state.
 */
#include "tools/common/mounting.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libkext/mount_data.h"

char *mounting_path(const char *path)
{
    char *copy = strdup(path), *result = NULL;
    size_t len = strlen(path);

    while (copy != NULL && len > 1 && copy[len - 1] == '/') {
        copy[--len] = '\0';
    }
    char *slash = copy != NULL ? strrchr(copy, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : copy;
    if (copy == NULL || name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        result = realpath(path, NULL);
        goto out;
    }
    if (slash != NULL) {
        *slash = '\0';
    }
    char *dir = realpath(slash == NULL ? "." : copy[0] == '\0' ? "/" : copy, NULL);
    if (dir != NULL && asprintf(&result, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name) < 0) {
        result = NULL;
    }
    free(dir);
out:
    free(copy);
    return result != NULL ? result : strdup(path);
}

/* A special that names a file or device of the host; anything else is the file system's own affair. */
static char *special_path(const char *special)
{
    bool path = strchr(special, '/') != NULL || (strcmp(special, "none") != 0 && access(special, F_OK) == 0);

    return path && strstr(special, "://") == NULL ? mounting_path(special) : strdup(special);
}

/* Bytes as a text of two digits each. */
static json_t *bytes_to_json(const unsigned char *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * size + 1);

    if (text == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_t *json = json_stringn(text, 2 * size);
    free(text);
    return json;
}

bool mounting_is_update(const char *options)
{
    for (const char *name = options; name != NULL && *name != '\0';) {
        size_t len = strcspn(name, ",");

        if ((len == 6 && strncmp(name, "update", len) == 0) ||
            (len == 7 && strncmp(name, "remount", len) == 0)) {
            return true;
        }
        name += len + (name[len] == ',');
    }
    return false;
}

static enum kext_client_result update_ask(struct loader *loader, const struct mounting *request,
                                          const struct mount_data *data)
{
    char *dir = mounting_path(request->dir);
    json_t *args = json_pack("{s:s}", "dir", dir);

    if (args != NULL && data->options != NULL) {
        json_object_set_new(args, "options", json_string(data->options));
    }
    if (args != NULL && data->bytes != NULL) {
        json_object_set_new(args, "data", bytes_to_json(data->bytes, data->size));
    }
    free(dir);
    return kext_client_call(&loader->client, "update", args, -1, "changing the mount", NULL,
                            &loader->tool->diags);
}

static enum kext_client_result mount_ask(struct loader *loader, const struct mounting *request,
                                         const struct mount_data *data, struct kext_diags *diags)
{
    char *dir = mounting_path(request->dir), *special = special_path(request->special);
    json_t *args = json_pack("{s:s, s:s, s:s}", "type", request->type, "special", special, "dir", dir);
    enum kext_client_result result = KEXT_CLIENT_FAILED;

    if (args == NULL) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, request->dir, NULL, "the path is no proper text (UTF-8)");
    } else {
        if (data->options != NULL) {
            json_object_set_new(args, "options", json_string(data->options));
        }
        if (data->bytes != NULL) {
            json_object_set_new(args, "data", bytes_to_json(data->bytes, data->size));
        }
        result = kext_client_call(&loader->client, "mount", args, -1, "mounting", NULL, diags);
    }
    free(dir);
    free(special);
    return result;
}

static enum kext_client_result ask_twice(struct loader *loader, const struct mounting *request,
                                         const struct mount_data *data)
{
    struct tool *tool = loader->tool;
    struct kext_diags first = KEXT_DIAGS_INIT;
    enum kext_client_result result = mount_ask(loader, request, data, &first);

    if (result != KEXT_CLIENT_NOT_FOUND) {
        kext_diags_append(&tool->diags, &first);
        return result;
    }
    /* Nobody serves the type: its kext may lie where kexts lie. */
    kext_diags_free(&first);
    (void)loader_collect(loader, true);
    result = loader_load_type(loader, request->type);
    return result == KEXT_CLIENT_OK ? mount_ask(loader, request, data, &tool->diags) : result;
}

enum kext_client_result mounting_run(struct loader *loader, const struct mounting *request)
{
    struct tool *tool = loader->tool;
    struct mount_data data;
    enum kext_client_result result;

    if (!tool_connect(tool, &loader->client, &result)) {
        return result;
    }
    if (!mount_data_read(request->options, &data, &tool->diags)) {
        return KEXT_CLIENT_FAILED;
    }
    result = mounting_is_update(request->options) ? update_ask(loader, request, &data)
                                                  : ask_twice(loader, request, &data);
    mount_data_free(&data);
    return result;
}
