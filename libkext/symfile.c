// SPDX-License-Identifier: BSD-2-Clause
/*
 * Writing symbol files. The object has been linked by kxld before, but is checked again: bytes on disk are
 * nobody's friend. Owns nothing.
 */
#include "libkext/symfile.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct object {
    uint8_t *bytes;
    size_t len;
    Elf64_Shdr *headers; /* a copy, aligned */
    size_t count;
    size_t headers_off;
    const char *names;
    size_t names_len;
};

static bool object_open(struct object *object)
{
    Elf64_Ehdr header;

    if (object->len < sizeof(header)) {
        return false;
    }
    memcpy(&header, object->bytes, sizeof(header));
    object->headers_off = (size_t)header.e_shoff;
    object->count = header.e_shnum;
    if (header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shoff > object->len || object->count == 0 ||
        object->count > (object->len - object->headers_off) / sizeof(Elf64_Shdr) ||
        header.e_shstrndx >= object->count) {
        return false;
    }
    object->headers = calloc(object->count, sizeof(Elf64_Shdr));
    if (object->headers == NULL) {
        return false;
    }
    memcpy(object->headers, object->bytes + object->headers_off, object->count * sizeof(Elf64_Shdr));
    const Elf64_Shdr *strings = &object->headers[header.e_shstrndx];
    if (strings->sh_offset > object->len || strings->sh_size > object->len - strings->sh_offset ||
        strings->sh_size == 0 || object->bytes[strings->sh_offset + strings->sh_size - 1] != 0) {
        return false;
    }
    object->names = (const char *)object->bytes + strings->sh_offset;
    object->names_len = (size_t)strings->sh_size;
    return true;
}

/* Sections of one name come in the order of their headers in both lists. */
static void sections_place(struct object *object, const struct kext_section *sections, size_t nsections)
{
    for (size_t i = 0, from = 0; i < object->count && nsections != 0; i++) {
        Elf64_Shdr *header = &object->headers[i];

        if ((header->sh_flags & SHF_ALLOC) == 0 || header->sh_name >= object->names_len) {
            continue;
        }
        for (size_t tried = 0; tried < nsections; tried++) {
            size_t at = (from + tried) % nsections;

            if (strcmp(sections[at].name, object->names + header->sh_name) == 0) {
                header->sh_addr = sections[at].address;
                from = at + 1;
                break;
            }
        }
    }
    memcpy(object->bytes + object->headers_off, object->headers, object->count * sizeof(Elf64_Shdr));
}

static bool file_write(const char *path, const uint8_t *bytes, size_t len, struct kext_diags *diags)
{
    FILE *out = fopen(path, "we");

    if (out == NULL || fwrite(bytes, 1, len, out) != len || fflush(out) != 0) {
        kext_diag_add(diags, KEXT_DIAG_REQUEST, path, NULL, "cannot write the symbol file: %s",
                      strerror(errno));
        if (out != NULL) {
            fclose(out);
            unlink(path);
        }
        return false;
    }
    fclose(out);
    return true;
}

bool kext_symfile_place(uint8_t *bytes, size_t len, const struct kext_section *sections, size_t nsections)
{
    struct object object = {.bytes = bytes, .len = len};
    bool ok = object_open(&object);

    if (ok) {
        sections_place(&object, sections, nsections);
    }
    free(object.headers);
    return ok;
}

bool kext_symfile_write(const struct kext_bundle *bundle, const struct kext_section *sections,
                        size_t nsections, const char *dir, struct kext_diags *diags)
{
    uint8_t *bytes = malloc(bundle->exec_len + 1);
    char *path = NULL;
    bool ok = false;

    if (bytes == NULL || asprintf(&path, "%s/%s.sym", dir, bundle->info.id) < 0) {
        path = NULL;
        kext_diag_add(diags, KEXT_DIAG_REQUEST, dir, NULL, "out of memory");
        goto out;
    }
    memcpy(bytes, bundle->exec, bundle->exec_len);
    if (!kext_symfile_place(bytes, bundle->exec_len, sections, nsections)) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, bundle->exec_path, bundle->info.id,
                      "its section headers make no sense");
        goto out;
    }
    ok = file_write(path, bytes, bundle->exec_len, diags);
out:
    free(bytes);
    free(path);
    return ok;
}
