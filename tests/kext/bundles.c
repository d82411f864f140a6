// SPDX-License-Identifier: BSD-2-Clause
/* Making bundles for the tests of libkext; see bundles.h. Fails the test by abort when the disk does. */
#include "tests/kext/bundles.h"

#include <elf.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void need(bool ok, const char *what)
{
    if (!ok) {
        perror(what);
        abort();
    }
}

void folder_make(struct folder *folder)
{
    strcpy(folder->path, "/tmp/kext-test-XXXXXX");
    need(mkdtemp(folder->path) != NULL, "mkdtemp");
}

static int entry_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void folder_remove(struct folder *folder)
{
    need(nftw(folder->path, entry_remove, 16, FTW_DEPTH | FTW_PHYS) == 0, folder->path);
}

void file_make(const struct folder *folder, const char *name, const void *bytes, size_t len)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    for (char *slash = path + strlen(folder->path) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
    FILE *out = fopen(path, "w");
    need(out != NULL && fwrite(bytes, 1, len, out) == len && fclose(out) == 0, path);
}

const void *object_bytes(size_t *len)
{
    static Elf64_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_REL,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_ehsize = sizeof(Elf64_Ehdr)};

    *len = sizeof(header);
    return &header;
}

static void libraries_print(FILE *out, const char *libraries)
{
    char copy[1024];

    snprintf(copy, sizeof(copy), "%s", libraries);
    fputs("<key>OSBundleLibraries</key><dict>\n", out);
    for (char *save = NULL, *word = strtok_r(copy, " ", &save); word != NULL;
         word = strtok_r(NULL, " ", &save)) {
        char *equal = strchr(word, '=');
        *equal = '\0';
        fprintf(out, "<key>%s</key><string>%s</string>\n", word, equal + 1);
    }
    fputs("</dict>\n", out);
}

void bundle_make(const struct folder *folder, const struct bundle_spec *spec, char path[256])
{
    char name[256], plist[8192];
    FILE *out = fmemopen(plist, sizeof(plist), "w");
    size_t len;
    const void *object = object_bytes(&len);

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n<dict>\n", out);
    fprintf(out, "<key>CFBundleIdentifier</key><string>%s</string>\n", spec->id);
    fprintf(out, "<key>CFBundleVersion</key><string>%s</string>\n", spec->version);
    fputs("<key>CFBundlePackageType</key><string>KEXT</string>\n", out);
    if (spec->compatible != NULL) {
        fprintf(out, "<key>OSBundleCompatibleVersion</key><string>%s</string>\n", spec->compatible);
    }
    if (spec->libraries != NULL) {
        fputs("<key>CFBundleExecutable</key><string>code</string>\n", out);
        libraries_print(out, spec->libraries);
    }
    fprintf(out, "%s</dict>\n</plist>\n", spec->extra != NULL ? spec->extra : "");
    fclose(out);
    snprintf(name, sizeof(name), "%s/%sInfo.plist", spec->name, spec->flat ? "" : "Contents/");
    file_make(folder, name, plist, strlen(plist));
    if (spec->libraries != NULL) {
        snprintf(name, sizeof(name), "%s/%scode", spec->name, spec->flat ? "" : "Contents/MacOS/");
        file_make(folder, name, object, len);
    }
    snprintf(path, 256, "%s/%s", folder->path, spec->name);
}
