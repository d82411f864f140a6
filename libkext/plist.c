// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tree of a checked property list and typed look-ups in it. The one file that knows libplist, of which it
 * uses only calls that mean the same in all releases. Called by info.c and by what reads an archive.
 */
#include "libkext/plist.h"

#include <plist/plist.h>
#include <stdlib.h>
#include <string.h>

#include "libkext/plist_internal.h"

struct kext_plist {
    plist_t root;
    char *file;
    struct plist_places places;
};

struct kext_plist *kext_plist_parse(const void *bytes, size_t len, const char *file, struct kext_diags *diags)
{
    struct kext_plist *plist = calloc(1, sizeof(*plist));

    if (plist == NULL) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, file, NULL, "out of memory");
        return NULL;
    }
    if (!plist_check(bytes, len, file, &plist->places, diags)) {
        goto fail;
    }
    plist_from_xml(bytes, (uint32_t)len, &plist->root);
    if (plist->root == NULL || plist_get_node_type(plist->root) != PLIST_DICT) {
        kext_diag_add(diags, KEXT_DIAG_VALIDATION, file, NULL, "the property list cannot be read");
        goto fail;
    }
    plist->file = file != NULL ? strdup(file) : NULL;
    return plist;
fail:
    kext_plist_free(plist);
    return NULL;
}

void kext_plist_free(struct kext_plist *plist)
{
    if (plist == NULL) {
        return;
    }
    plist_free(plist->root);
    plist_places_free(&plist->places);
    free(plist->file);
    free(plist);
}

unsigned kext_plist_line(const struct kext_plist *plist, const char *key, unsigned *column)
{
    for (size_t i = 0; i < plist->places.count; i++) {
        if (strcmp(plist->places.list[i].key, key) == 0) {
            if (column != NULL) {
                *column = plist->places.list[i].column;
            }
            return plist->places.list[i].line;
        }
    }
    return 0;
}

static bool key_has_suffixed_form(const char *key)
{
    return strncmp(key, "CFBundle", 8) != 0 && strcmp(key, "OSKernelResource") != 0;
}

const char *kext_plist_effective_key(const struct kext_plist *plist, const char *key, char *buf, size_t size)
{
    if (key_has_suffixed_form(key) && snprintf(buf, size, "%s_%s", key, KEXT_PLIST_ARCH) < (int)size &&
        plist_dict_get_item(plist->root, buf) != NULL) {
        return buf;
    }
    return key;
}

static void type_complain(const struct kext_plist *plist, const char *key, const char *wanted,
                          struct kext_diags *diags)
{
    unsigned column = 0, line = kext_plist_line(plist, key, &column);

    kext_diag_add(diags, KEXT_DIAG_VALIDATION, plist->file, NULL, "%s has to be %s", key, wanted);
    kext_diag_at(diags, line, column);
}

/* The value of @key or of its suffixed form; *used is the key it was found under. */
static enum kext_plist_result value_find(const struct kext_plist *plist, const char *key, plist_type type,
                                         const char *wanted, plist_t *value, struct kext_diags *diags)
{
    char buf[256];
    const char *used = kext_plist_effective_key(plist, key, buf, sizeof(buf));

    *value = plist_dict_get_item(plist->root, used);
    if (*value == NULL) {
        return KEXT_PLIST_ABSENT;
    }
    if (plist_get_node_type(*value) != type) {
        type_complain(plist, used, wanted, diags);
        return KEXT_PLIST_WRONG_TYPE;
    }
    return KEXT_PLIST_OK;
}

enum kext_plist_result kext_plist_string(const struct kext_plist *plist, const char *key, const char **value,
                                         struct kext_diags *diags)
{
    plist_t node;
    enum kext_plist_result result = value_find(plist, key, PLIST_STRING, "a <string>", &node, diags);

    if (result == KEXT_PLIST_OK) {
        *value = plist_get_string_ptr(node, NULL);
    }
    return result;
}

enum kext_plist_result kext_plist_bool(const struct kext_plist *plist, const char *key, bool *value,
                                       struct kext_diags *diags)
{
    plist_t node;
    enum kext_plist_result result =
        value_find(plist, key, PLIST_BOOLEAN, "<true/> or <false/>", &node, diags);

    if (result == KEXT_PLIST_OK) {
        uint8_t flag = 0;
        plist_get_bool_val(node, &flag);
        *value = flag != 0;
    }
    return result;
}

enum kext_plist_result kext_plist_strings(const struct kext_plist *plist, const char *key,
                                          bool (*visit)(void *arg, const char *key, const char *value),
                                          void *arg, struct kext_diags *diags)
{
    static const char wanted[] = "a <dict> of <string> values";
    plist_t dict;
    plist_dict_iter iter = NULL;
    enum kext_plist_result result = value_find(plist, key, PLIST_DICT, wanted, &dict, diags);

    if (result != KEXT_PLIST_OK) {
        return result;
    }
    plist_dict_new_iter(dict, &iter);
    for (bool more = true; more;) {
        char *name = NULL;
        plist_t value = NULL;

        plist_dict_next_item(dict, iter, &name, &value);
        if (value == NULL) {
            free(name);
            break;
        }
        if (plist_get_node_type(value) != PLIST_STRING) {
            char buf[256];
            type_complain(plist, kext_plist_effective_key(plist, key, buf, sizeof(buf)), wanted, diags);
            result = KEXT_PLIST_WRONG_TYPE;
            more = false;
        } else {
            more = visit(arg, name, plist_get_string_ptr(value, NULL));
        }
        free(name);
    }
    free(iter);
    return result;
}
