// SPDX-License-Identifier: BSD-2-Clause
/*
 * Reading an Info.plist: one function a property, each of which complains in its own words and lets the
 * others go on. Owns nothing beyond the struct it fills in.
 */
#include "libkext/info.h"

#include <stdlib.h>
#include <string.h>

#include "libkext/plist.h"
#include "libkext/version.h"

struct reading {
    const struct kext_plist *plist;
    const char *file;
    struct kext_info *info;
    struct kext_diags *diags;
};

bool kext_id_valid(const char *id)
{
    size_t len = strlen(id);

    return len != 0 && len <= KEXT_WIRE_MAX_ID &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == len;
}

bool kext_interface_named(const char *id)
{
#define SAME(name, set)                                                                                      \
    if (strcmp(id, name) == 0) {                                                                             \
        return true;                                                                                         \
    }
    KEXT_INTERFACES(SAME)
#undef SAME
    return false;
}

static void complain(struct reading *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void complain(struct reading *r, const char *key, const char *format, ...)
{
    char text[512], buf[256];
    unsigned column = 0;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    const char *used = kext_plist_effective_key(r->plist, key, buf, sizeof(buf));
    kext_diag_add(r->diags, KEXT_DIAG_VALIDATION, r->file, r->info->id[0] != '\0' ? r->info->id : NULL,
                  "%s %s", used, text);
    kext_diag_at(r->diags, kext_plist_line(r->plist, used, &column), column);
}

/* A build variable that was not filled in: "$(NAME)" or "${NAME}". True: a complaint was made. */
static bool variable_complain(struct reading *r, const char *key, const char *value)
{
    const char *at = value;

    while ((at = strchr(at, '$')) != NULL && at[1] != '(' && at[1] != '{') {
        at++;
    }
    if (at == NULL) {
        return false;
    }
    size_t len = strcspn(at, at[1] == '(' ? ")" : "}");
    complain(r, key, "has the variable %.*s, which the build was to fill in", (int)(len + (at[len] != '\0')),
             at);
    kext_diag_mend(r->diags,
                   "kextbed cc --info and kextbed_add_kext(INFO_PLIST) fill in what Xcode knows, such as "
                   "$(PRODUCT_NAME); write the value of any other into the list.");
    return true;
}

static void identifier_read(struct reading *r)
{
    const char *id;

    switch (kext_plist_string(r->plist, "CFBundleIdentifier", &id, r->diags)) {
    case KEXT_PLIST_ABSENT:
        complain(r, "CFBundleIdentifier", "is missing");
        kext_diag_mend(r->diags, "Add <key>CFBundleIdentifier</key> <string>com.example.name</string>.");
        break;
    case KEXT_PLIST_OK:
        if (kext_id_valid(id)) {
            strcpy(r->info->id, id);
        } else if (!variable_complain(r, "CFBundleIdentifier", id)) {
            complain(r, "CFBundleIdentifier",
                     "is no bundle identifier (1 to %u letters, digits, '.', '-' and '_')", KEXT_WIRE_MAX_ID);
        }
        break;
    case KEXT_PLIST_WRONG_TYPE:
        break;
    }
}

/* Reads one version property; *text may be NULL. Absent is no error here. */
static enum kext_plist_result version_read(struct reading *r, const char *key, uint64_t *number,
                                           const char **text)
{
    const char *value;
    enum kext_plist_result result = kext_plist_string(r->plist, key, &value, r->diags);

    if (result != KEXT_PLIST_OK) {
        return result;
    }
    if (variable_complain(r, key, value)) {
        return KEXT_PLIST_WRONG_TYPE;
    }
    if (strlen(value) > KEXT_WIRE_MAX_VERSION || !kext_version_parse(value, number)) {
        complain(r, key, "'%.40s' is no version", value);
        kext_diag_mend(r->diags,
                       "Versions look like 1.2.3 or 1.2.3b4: digits up to 9999.99.99, then d, a, b or fc "
                       "with a number up to 255.");
        return KEXT_PLIST_WRONG_TYPE;
    }
    *text = value;
    return KEXT_PLIST_OK;
}

static void versions_read(struct reading *r)
{
    const char *text;

    switch (version_read(r, "CFBundleVersion", &r->info->version, &text)) {
    case KEXT_PLIST_ABSENT:
        complain(r, "CFBundleVersion", "is missing");
        kext_diag_mend(r->diags, "Add <key>CFBundleVersion</key> <string>1.0.0</string>.");
        break;
    case KEXT_PLIST_OK:
        strcpy(r->info->version_text, text);
        break;
    case KEXT_PLIST_WRONG_TYPE:
        break;
    }
    if (version_read(r, "OSBundleCompatibleVersion", &r->info->compatible, &text) == KEXT_PLIST_OK) {
        if (r->info->compatible == 0) {
            complain(r, "OSBundleCompatibleVersion", "is zero");
        } else if (r->info->version != 0 && r->info->compatible > r->info->version) {
            complain(r, "OSBundleCompatibleVersion", "'%s' is newer than the version itself ('%s')", text,
                     r->info->version_text);
        }
    }
}

static void executable_read(struct reading *r)
{
    const char *name;

    if (kext_plist_string(r->plist, "CFBundleExecutable", &name, r->diags) != KEXT_PLIST_OK) {
        return;
    }
    if (variable_complain(r, "CFBundleExecutable", name)) {
        return;
    }
    if (name[0] == '\0' || strlen(name) >= sizeof(r->info->executable) || strchr(name, '/') != NULL ||
        strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        complain(r, "CFBundleExecutable", "has to be a plain file name");
        return;
    }
    strcpy(r->info->executable, name);
}

static void kind_read(struct reading *r)
{
    const char *type;
    bool resource;

    if (kext_plist_string(r->plist, "CFBundlePackageType", &type, r->diags) == KEXT_PLIST_OK &&
        strcmp(type, "KEXT") != 0 && !variable_complain(r, "CFBundlePackageType", type)) {
        complain(r, "CFBundlePackageType", "is '%.40s'; a kext says KEXT", type);
    }
    if (kext_plist_bool(r->plist, "OSKernelResource", &resource, r->diags) == KEXT_PLIST_OK && resource) {
        complain(r, "OSKernelResource", "is kept for interface kexts of the system");
    }
    (void)kext_plist_bool(r->plist, "KextbedEvolvingInterfaces", &r->info->evolving, r->diags);
}

static void library_check(struct reading *r, const struct kext_library *library)
{
    if (strncmp(library->id, "com.apple.kernel", 16) == 0) {
        const char *part = library->id[16] == '.' ? library->id + 17 : "bsd";
        complain(r, "OSBundleLibraries", "names %s, which does not exist for this architecture", library->id);
        kext_diag_mend(r->diags,
                       "Name the interfaces that the kext uses instead, such as com.apple.kpi.%s with "
                       "version " KEXT_INTERFACE_COMPATIBLE_TEXT ".",
                       part);
    } else if (strcmp(library->id, r->info->id) == 0) {
        complain(r, "OSBundleLibraries", "names the kext itself");
    } else if (strcmp(library->id, "com.apple.kpi.private") == 0 &&
               strncmp(r->info->id, "com.apple.", 10) != 0) {
        kext_diag_add(r->diags, KEXT_DIAG_WARNING, r->file, r->info->id,
                      "com.apple.kpi.private is not meant for third parties and may change in any release");
    }
}

static bool library_add(void *arg, const char *id, const char *version)
{
    struct reading *r = arg;
    struct kext_info *info = r->info;
    struct kext_library library;

    memset(&library, 0, sizeof(library));
    if (variable_complain(r, "OSBundleLibraries", id) || variable_complain(r, "OSBundleLibraries", version)) {
        return true;
    }
    if (!kext_id_valid(id)) {
        complain(r, "OSBundleLibraries", "has '%.70s', which is no bundle identifier", id);
        return true;
    }
    if (strlen(version) > KEXT_WIRE_MAX_VERSION || !kext_version_parse(version, &library.version)) {
        complain(r, "OSBundleLibraries", "wants '%.40s' of %s, which is no version", version, id);
        return true;
    }
    if (info->nlibraries == KEXT_WIRE_MAX_LIBS) {
        complain(r, "OSBundleLibraries", "has more than %u entries", KEXT_WIRE_MAX_LIBS);
        return false;
    }
    strcpy(library.id, id);
    strcpy(library.version_text, version);
    library_check(r, &library);
    for (size_t i = 0; i < info->nlibraries; i++) {
        if (strcmp(info->libraries[i].id, id) == 0) {
            info->libraries[i] = library; /* given twice: the last one counts, as the list has it */
            return true;
        }
    }
    info->libraries[info->nlibraries++] = library;
    return true;
}

static void libraries_read(struct reading *r)
{
    r->info->libraries = calloc(KEXT_WIRE_MAX_LIBS, sizeof(*r->info->libraries));
    if (r->info->libraries == NULL) {
        complain(r, "OSBundleLibraries", "cannot be read: out of memory");
        return;
    }
    enum kext_plist_result result =
        kext_plist_strings(r->plist, "OSBundleLibraries", library_add, r, r->diags);
    if (r->info->executable[0] != '\0' &&
        (result == KEXT_PLIST_ABSENT || (result == KEXT_PLIST_OK && r->info->nlibraries == 0))) {
        complain(r, "OSBundleLibraries", "is missing: a kext with an executable says what it links against");
        kext_diag_mend(r->diags,
                       "Add a <dict> with com.apple.kpi.bsd and the like; kextutil -n -t says which.");
    }
}

bool kext_info_parse(const void *bytes, size_t len, const char *file, struct kext_info *info,
                     struct kext_diags *diags)
{
    size_t errors = diags->errors;
    struct kext_plist *plist = kext_plist_parse(bytes, len, file, diags);
    struct reading r = {.plist = plist, .file = file, .info = info, .diags = diags};

    memset(info, 0, sizeof(*info));
    if (plist == NULL) {
        return false;
    }
    identifier_read(&r);
    versions_read(&r);
    executable_read(&r);
    kind_read(&r);
    libraries_read(&r);
    kext_plist_free(plist);
    if (diags->errors != errors) {
        kext_info_free(info);
        return false;
    }
    return true;
}

void kext_info_free(struct kext_info *info)
{
    free(info->libraries);
    memset(info, 0, sizeof(*info));
}
