// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed cc: the Info.plist of the bundle. One that is given may have the variables that Xcode fills in; one
 * that is made declares the interfaces that a file system needs. Owns the text until cc_info_free().
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libkext/file.h"
#include "libkext/plist.h"
#include "tools/kextbed/cc_internal.h"

/* ---- names --------------------------------------------------------------------------------------------- */

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static bool names_settle(const struct cc_request *request, struct cc_kext *kext)
{
    struct kext_diags *diags = &request->tool->diags;
    const char *from = request->bundle != NULL ? request->bundle : request->sources.list[0];
    char *copy = strdup(from);

    for (size_t len = copy != NULL ? strlen(copy) : 0; len > 1 && copy[len - 1] == '/'; len--) {
        copy[len - 1] = '\0';
    }
    const char *base = copy != NULL ? base_of(copy) : "";
    const char *dot = strrchr(base, '.');
    size_t len = dot != NULL ? (size_t)(dot - base) : strlen(base);
    bool ok = len != 0 && len < sizeof(kext->name);

    if (request->bundle != NULL && (dot == NULL || strcmp(dot, ".kext") != 0)) {
        ok = false;
    }
    if (ok) {
        snprintf(kext->name, sizeof(kext->name), "%.*s", (int)len, base);
        kext->bundle = request->bundle != NULL ? copy : NULL;
        if (kext->bundle == NULL && asprintf(&kext->bundle, "%s.kext", kext->name) < 0) {
            kext->bundle = NULL;
        }
    } else {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, from, NULL, "a bundle is called NAME.kext");
    }
    if (kext->bundle != copy) {
        free(copy);
    }
    return ok && kext->bundle != NULL;
}

/* ---- filling in ---------------------------------------------------------------------------------------- */

struct variable {
    const char *name, *value;
};

/* The variable that begins at @text, "$(NAME)" or "${NAME:rfc1034identifier}"; @len out: its length. */
static const struct variable *variable_at(const char *text, const struct variable *all, size_t n, size_t *len)
{
    if (text[0] != '$' || (text[1] != '(' && text[1] != '{')) {
        return NULL;
    }
    size_t end = strcspn(text, text[1] == '(' ? ")\n" : "}\n");
    if (text[end] == '\0' || text[end] == '\n') {
        return NULL;
    }
    size_t name = strcspn(text + 2, ":)}");
    for (size_t i = 0; i < n; i++) {
        if (strlen(all[i].name) == name && strncmp(all[i].name, text + 2, name) == 0) {
            *len = end + 1;
            return &all[i];
        }
    }
    return NULL;
}

/* @text with the variables that are known; the others stay, and whoever reads the list says so. */
static char *variables_fill(const char *text, const struct variable *all, size_t n)
{
    char *out = NULL;
    size_t size, len = 0;
    FILE *stream = open_memstream(&out, &size);

    if (stream == NULL) {
        return NULL;
    }
    while (*text != '\0') {
        const struct variable *variable = variable_at(text, all, n, &len);

        if (variable != NULL) {
            fputs(variable->value, stream);
            text += len;
        } else {
            fputc(*text++, stream);
        }
    }
    return fclose(stream) == 0 ? out : NULL;
}

static bool list_fill(const struct cc_request *request, struct cc_kext *kext, const char *id,
                      const char *version)
{
    const struct variable variables[] = {{"EXECUTABLE_NAME", kext->name},
                                         {"PRODUCT_NAME", kext->name},
                                         {"PRODUCT_BUNDLE_IDENTIFIER", id},
                                         {"PRODUCT_BUNDLE_PACKAGE_TYPE", "KEXT"},
                                         {"MODULE_NAME", id},
                                         {"MODULE_VERSION", version},
                                         {"MARKETING_VERSION", version},
                                         {"CURRENT_PROJECT_VERSION", version},
                                         {"DEVELOPMENT_LANGUAGE", "en"}};
    uint8_t *bytes = NULL;
    size_t len;
    int error = kext_file_read(request->info, KEXT_PLIST_MAX_SIZE, &bytes, &len);

    if (error != 0) {
        kext_diag_add(&request->tool->diags, KEXT_DIAG_REQUEST, request->info, NULL, "cannot be read: %s",
                      strerror(error));
        return false;
    }
    kext->plist = variables_fill((const char *)bytes, variables, sizeof(variables) / sizeof(variables[0]));
    free(bytes);
    return kext->plist != NULL;
}

/* ---- making -------------------------------------------------------------------------------------------- */

static void pair_write(FILE *out, const char *indent, const char *key, const char *value)
{
    fprintf(out, "%s<key>%s</key>\n%s<string>%s</string>\n", indent, key, indent, value);
}

static bool libraries_write(const struct cc_request *request, FILE *out)
{
    static const char *const usual[] = {"com.apple.kpi.bsd", "com.apple.kpi.libkern", "com.apple.kpi.mach"};
    bool ok = true;

    for (size_t i = 0; request->libraries.count == 0 && i < sizeof(usual) / sizeof(usual[0]); i++) {
        pair_write(out, "\t\t", usual[i], KEXT_INTERFACE_COMPATIBLE_TEXT);
    }
    for (size_t i = 0; i < request->libraries.count; i++) {
        const char *word = request->libraries.list[i], *equals = strchr(word, '=');
        char id[KEXT_WIRE_MAX_ID + 1];

        if (equals == NULL || (size_t)(equals - word) >= sizeof(id)) {
            kext_diag_add(&request->tool->diags, KEXT_DIAG_REQUEST, NULL, NULL,
                          "--library %s: IDENTIFIER=VERSION is needed", word);
            ok = false;
            continue;
        }
        snprintf(id, sizeof(id), "%.*s", (int)(equals - word), word);
        pair_write(out, "\t\t", id, equals + 1);
    }
    return ok;
}

static bool list_make(const struct cc_request *request, struct cc_kext *kext, const char *id,
                      const char *version)
{
    size_t size;
    FILE *out = open_memstream(&kext->plist, &size);

    if (out == NULL) {
        return false;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n", out);
    pair_write(out, "\t", "CFBundleExecutable", kext->name);
    pair_write(out, "\t", "CFBundleIdentifier", id);
    pair_write(out, "\t", "CFBundleInfoDictionaryVersion", "6.0");
    pair_write(out, "\t", "CFBundleName", kext->name);
    pair_write(out, "\t", "CFBundlePackageType", "KEXT");
    pair_write(out, "\t", "CFBundleVersion", version);
    if (request->evolving) {
        fputs("\t<key>KextbedEvolvingInterfaces</key>\n\t<true/>\n", out);
    }
    fputs("\t<key>OSBundleLibraries</key>\n\t<dict>\n", out);
    bool ok = libraries_write(request, out);
    fputs("\t</dict>\n</dict>\n</plist>\n", out);
    return fclose(out) == 0 && ok;
}

/* ---- both ---------------------------------------------------------------------------------------------- */

bool cc_info_make(const struct cc_request *request, struct cc_kext *kext)
{
    struct kext_diags *diags = &request->tool->diags;
    const char *version = request->version != NULL ? request->version : "1.0.0";
    char id[512];
    bool ok;

    memset(kext, 0, sizeof(*kext));
    if (!names_settle(request, kext)) {
        return false;
    }
    snprintf(id, sizeof(id), "local.%s", kext->name);
    if (request->id != NULL) {
        snprintf(id, sizeof(id), "%s", request->id);
    }
    ok =
        request->info != NULL ? list_fill(request, kext, id, version) : list_make(request, kext, id, version);
    if (!ok || !kext_info_parse(kext->plist, strlen(kext->plist),
                                request->info != NULL ? request->info : "Info.plist", &kext->info, diags)) {
        return false;
    }
    if (kext->info.executable[0] == '\0') {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, request->info, kext->info.id,
                      "CFBundleExecutable is missing: a kext with sources has an executable");
        kext_diag_mend(diags, "Add <key>CFBundleExecutable</key> <string>%s</string>.", kext->name);
        return false;
    }
    return true;
}

void cc_info_free(struct cc_kext *kext)
{
    kext_info_free(&kext->info);
    free(kext->plist);
    free(kext->bundle);
}
