// SPDX-License-Identifier: BSD-2-Clause
/*
 * Opening bundles. Owns the bundle structure. Called by the repository, the tools and the tests.
 */
#include "libkext/bundle.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libkext/file.h"
#include "libkext/plist.h"

static char *path_join(const char *dir, const char *rest)
{
    char *path;

    return asprintf(&path, "%s/%s", dir, rest) < 0 ? NULL : path;
}

static bool path_is(const char *path, mode_t type)
{
    struct stat st;

    return stat(path, &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static char *path_trim(const char *path)
{
    char *copy = strdup(path);

    if (copy != NULL) {
        for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--) {
            copy[len - 1] = '\0';
        }
    }
    return copy;
}

/* Settles the layout. @exec_dir is set to where the executable lies in it. */
static bool layout_find(struct kext_bundle *bundle, char **exec_dir)
{
    char *contents = path_join(bundle->path, "Contents");
    bool deep = contents != NULL && path_is(contents, S_IFDIR);
    const char *base = deep ? contents : bundle->path;

    bundle->info_path = path_join(base, "Info.plist");
    bundle->plugins_path = path_join(base, "PlugIns");
    *exec_dir = deep ? path_join(contents, "MacOS") : strdup(bundle->path);
    free(contents);
    return bundle->info_path != NULL && bundle->plugins_path != NULL && *exec_dir != NULL;
}

static bool info_open(struct kext_bundle *bundle, struct kext_diags *diags)
{
    int error = kext_file_read(bundle->info_path, KEXT_PLIST_MAX_SIZE, &bundle->plist, &bundle->plist_len);

    if (error == ENOENT) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, bundle->path, NULL,
                      "no kext bundle: it has no Info.plist");
        kext_diag_mend(
            diags, "A bundle is a folder Name.kext with Contents/Info.plist and Contents/MacOS/executable.");
        return false;
    }
    if (error != 0) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, bundle->info_path, NULL, "%s",
                      error == EFBIG ? "larger than 1 MiB" : strerror(error));
        return false;
    }
    return kext_info_parse(bundle->plist, bundle->plist_len, bundle->info_path, &bundle->info, diags);
}

bool kext_bundle_open(const char *path, struct kext_bundle **out, struct kext_diags *diags)
{
    struct kext_bundle *bundle = calloc(1, sizeof(*bundle));
    char *exec_dir = NULL;
    bool ok = false;

    *out = NULL;
    if (bundle == NULL || (bundle->path = path_trim(path)) == NULL || !layout_find(bundle, &exec_dir)) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, path, NULL, "out of memory");
        goto out;
    }
    if (!path_is(bundle->path, S_IFDIR)) {
        struct stat st;
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, path, NULL, "%s",
                      stat(path, &st) != 0 ? strerror(errno)
                                           : "not a folder; a kext is a bundle, Name.kext/...");
        goto out;
    }
    if (!info_open(bundle, diags)) {
        goto out;
    }
    if (bundle->info.executable[0] != '\0') {
        bundle->exec_path = path_join(exec_dir, bundle->info.executable);
        if (bundle->exec_path == NULL || !path_is(bundle->exec_path, S_IFREG)) {
            kext_diag_add(diags, KEXT_DIAG_VALIDATION, bundle->path, bundle->info.id,
                          "its executable '%s' is not in %s", bundle->info.executable, exec_dir);
            goto out;
        }
    }
    *out = bundle;
    ok = true;
out:
    free(exec_dir);
    if (!ok) {
        kext_bundle_free(bundle);
    }
    return ok;
}

void kext_bundle_free(struct kext_bundle *bundle)
{
    if (bundle == NULL) {
        return;
    }
    kext_info_free(&bundle->info);
    free(bundle->exec);
    free(bundle->plist);
    free(bundle->plugins_path);
    free(bundle->exec_path);
    free(bundle->info_path);
    free(bundle->path);
    free(bundle);
}

/* What an executable is, when it is not what we need. The linker looks closer; this finds the plain mix-ups
 * early. */
static const char *executable_mixup(const uint8_t *bytes, size_t len)
{
    static const uint8_t macho[][4] = {{0xcf, 0xfa, 0xed, 0xfe},
                                       {0xce, 0xfa, 0xed, 0xfe},
                                       {0xca, 0xfe, 0xba, 0xbe},
                                       {0xfe, 0xed, 0xfa, 0xcf}};
    Elf64_Ehdr header;

    if (len == 0) {
        return "is empty";
    }
    for (size_t i = 0; i < sizeof(macho) / sizeof(macho[0]); i++) {
        if (len >= 4 && memcmp(bytes, macho[i], 4) == 0) {
            return "is a Mach-O file; the kext has to be built from its sources as an ELF object";
        }
    }
    if (len < sizeof(header) || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
        return "is not an ELF object";
    }
    memcpy(&header, bytes, sizeof(header));
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64) {
        return "is an ELF object for another architecture; x86-64 is needed";
    }
    if (header.e_type == ET_DYN || header.e_type == ET_EXEC) {
        return "has been linked already; a kext stays a relocatable object (ld -r)";
    }
    return NULL;
}

bool kext_bundle_load_executable(struct kext_bundle *bundle, struct kext_diags *diags)
{
    if (bundle->exec_path == NULL || bundle->exec != NULL) {
        return true;
    }
    int error = kext_file_read(bundle->exec_path, KEXT_WIRE_MAX_SIZE, &bundle->exec, &bundle->exec_len);
    if (error != 0) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, bundle->exec_path, bundle->info.id, "%s",
                      error == EFBIG ? "larger than a load request may be" : strerror(error));
        return false;
    }
    const char *mixup = executable_mixup(bundle->exec, bundle->exec_len);
    if (mixup != NULL) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, bundle->exec_path, bundle->info.id, "the executable %s",
                      mixup);
        free(bundle->exec);
        bundle->exec = NULL;
        return false;
    }
    return true;
}

void kext_bundle_check_permissions(const struct kext_bundle *bundle, struct kext_diags *diags)
{
    const char *paths[] = {bundle->path, bundle->info_path, bundle->exec_path};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct stat st;

        if (paths[i] != NULL && stat(paths[i], &st) == 0 && (st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
            kext_diag_add(diags, KEXT_DIAG_WARNING, paths[i], bundle->info.id,
                          "others than its owner may write it (mode %04o)", (unsigned)(st.st_mode & 07777));
        }
    }
}
