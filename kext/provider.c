// SPDX-License-Identifier: BSD-2-Clause
/*
 * What kexts may link against on the kernel's side, as providers for the linker: one for each interface set,
 * views of one export table, and one for what compilers call unasked. While the validator is on a symbol is
 * bound to its checking variant, where it has one. Constant once booted; no locks.
 */
#include "kext/kext_internal.h"

#include <string.h>

#include "host/host.h"
#include "kext/exports_internal.h"
#include "validate/validate_iface.h"

static const char *const set_names[KEXT_N_SETS] = {
#define SET_NAME(id, set) [KEXT_SET_##set] = id,
    KEXT_INTERFACES(SET_NAME)
#undef SET_NAME
};

const char *kext_set_name(uint32_t set)
{
    return set_names[set];
}

static const struct kext_export *export_find(const char *name)
{
    size_t low = 0, high = kext_export_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, kext_export_table[middle].name);

        if (order == 0) {
            return &kext_export_table[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

static uint32_t provider_mask(const struct kxld_provider *provider)
{
    return 1u << (uint32_t)(uintptr_t)provider->data;
}

/* Only for symbols that are not stable, of which a kext has few: the list is walked. */
static const char *better_find(const char *name)
{
    for (size_t i = 0; i < kext_better_count; i++) {
        if (strcmp(name, kext_better_table[i].name) == 0) {
            return kext_better_table[i].better;
        }
    }
    return NULL;
}

static bool interface_lookup(const struct kxld_provider *provider, const char *name, size_t len,
                             struct kxld_export *export)
{
    const struct kext_export *row = export_find(name);

    (void)len;
    if (row == NULL || (row->sets & provider_mask(provider)) == 0) {
        return false;
    }
    *export =
        (struct kxld_export){.name = row->name,
                             .address = (uint64_t)(uintptr_t)(validate_on() ? row->checked : row->address),
                             .flags = row->flags,
                             .state = (enum kxld_state)row->state};
    export->instead = export->state != KXLD_STATE_STABLE ? better_find(name) : NULL;
    return true;
}

static void interface_iterate(const struct kxld_provider *provider,
                              bool (*visit)(void *arg, const char *name, size_t len), void *arg)
{
    uint32_t mask = provider_mask(provider);

    for (size_t i = 0; i < kext_export_count; i++) {
        const struct kext_export *row = &kext_export_table[i];

        if ((row->sets & mask) != 0 && !visit(arg, row->name, strlen(row->name))) {
            return;
        }
    }
}

void kext_provider_interface(uint32_t set, struct kxld_provider *provider)
{
    *provider = (struct kxld_provider){.name = set_names[set],
                                       .version = KEXT_INTERFACE_VERSION_TEXT,
                                       .data = (const void *)(uintptr_t)set,
                                       .lookup = interface_lookup,
                                       .iterate = interface_iterate};
}

/* ---- what compilers call ---------------------------------------------------------------------------- */

static bool runtime_lookup(const struct kxld_provider *provider, const char *name, size_t len,
                           struct kxld_export *export)
{
    static const char *const always[] = {"memcpy", "memmove", "memset", "memcmp"};
    const void *address = NULL;

    (void)provider;
    (void)len;
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        const struct kext_export *row = strcmp(name, always[i]) == 0 ? export_find(name) : NULL;
        if (row != NULL) {
            address = row->address;
        }
    }
    /* A kext built with a sanitizer loads into a kernel process built with the same one, and no other. */
    if (address == NULL && kxld_instrumentation(name) != NULL) {
        address = host_runtime_symbol(name);
    }
    if (address == NULL) {
        return false;
    }
    *export = (struct kxld_export){.name = name,
                                   .address = (uint64_t)(uintptr_t)address,
                                   .flags = KXLD_EXPORT_FUNC,
                                   .state = KXLD_STATE_STABLE};
    return true;
}

const struct kxld_provider *kext_provider_runtime(void)
{
    static const struct kxld_provider provider = {.name = "the compiler's run-time library",
                                                  .lookup = runtime_lookup};

    return &provider;
}

const char *kext_symbol_absent(const char *name)
{
    size_t low = 0, high = kext_absent_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, kext_absent_table[middle].name);

        if (order == 0) {
            return set_names[__builtin_ctz(kext_absent_table[middle].sets)];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}
