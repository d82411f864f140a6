// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tree that the running program belongs to; see place.h. No state, no locks.
 */
#include "libkext/place.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The folder of the running program, symbolic links resolved; false: /proc is not there. */
static bool folder_of_program(char *folder, size_t size)
{
    ssize_t len = readlink("/proc/self/exe", folder, size - 1);

    if (len <= 0) {
        return false;
    }
    folder[len] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return true;
}

/* The real path of FOLDER/WORD/NAME. */
static char *path_real(const char *folder, const char *word, const char *name)
{
    char *path = NULL, *real = NULL;

    if (asprintf(&path, "%s/%s/%s", folder, word, name) >= 0) {
        real = realpath(path, NULL);
        free(path);
    }
    return real;
}

char *kext_place_find(const char *relative)
{
    char folder[4096];

    return folder_of_program(folder, sizeof(folder)) ? path_real(folder, "..", relative) : NULL;
}

char *kext_place_program(const char *name)
{
    static const char *const words[] = {".", "../bin", "../sbin"};
    char folder[4096];
    char *path = NULL;

    if (!folder_of_program(folder, sizeof(folder))) {
        return NULL;
    }
    for (size_t i = 0; path == NULL && i < sizeof(words) / sizeof(words[0]); i++) {
        path = path_real(folder, words[i], name);
    }
    return path;
}
