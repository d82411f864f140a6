// SPDX-License-Identifier: BSD-2-Clause
/*
 * The resolve pass: every undefined symbol gets an address from what the kext declared, or a problem that
 * says who has it or what it may have been meant to be. All of them are looked at, so that one report shows
 * all.
 *
 * Order of search: names that the linker itself defines (bounds of sections, the GOT, the image), then the
 * declared providers in their order. Only declared ones bind: what a provider itself depends on does not leak
 * through it.
 *
 * Owns: nothing. Locks: none. Callers: kxld_link.c.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

/* Likeness is looked for this many times in one link; each time costs a walk over all exports. */
#define RESOLVE_MAX_NEAREST 64u

static const char name_got[] = "_GLOBAL_OFFSET_TABLE_";
static const char name_image[] = "__dso_handle";
static const char prefix_start[] = "__start_";
static const char prefix_stop[] = "__stop_";

/* Makes @symbol one end of the section that its name speaks of. */
static bool bind_section_bound(struct kxld_link *link, struct kxld_symbol *symbol, const char *prefix,
                               size_t prefix_len, enum kxld_symbol_kind kind)
{
    struct kxld_section *section;

    if (!kxld_string_has_prefix(symbol->name, prefix))
        return false;
    section =
        kxld_name_table_find(&link->graph.sections, symbol->name + prefix_len, symbol->name_len - prefix_len);
    if (!section)
        return false;
    symbol->kind = kind;
    symbol->section = section;
    return true;
}

/* Synthesise fills that section, once it is known what belongs there. */
static bool bind_got(struct kxld_link *link, struct kxld_symbol *symbol)
{
    if (!kxld_string_equal(symbol->name, name_got))
        return false;
    symbol->section = kxld_graph_got(link);
    if (!symbol->section)
        return false;
    symbol->kind = KXLD_KIND_SECTION_START;
    return true;
}

static bool bind_image(struct kxld_symbol *symbol)
{
    if (!kxld_string_equal(symbol->name, name_image))
        return false;
    symbol->kind = KXLD_KIND_IMAGE_BASE;
    return true;
}

static bool bind_own(struct kxld_link *link, struct kxld_symbol *symbol)
{
    return bind_section_bound(link, symbol, prefix_start, sizeof(prefix_start) - 1,
                              KXLD_KIND_SECTION_START) ||
           bind_section_bound(link, symbol, prefix_stop, sizeof(prefix_stop) - 1, KXLD_KIND_SECTION_STOP) ||
           bind_got(link, symbol) || bind_image(symbol);
}

static const struct kxld_provider *find_export(const struct kxld_provider *const *providers, size_t n,
                                               const struct kxld_symbol *symbol, struct kxld_export *export)
{
    for (size_t i = 0; i < n; i++) {
        memset(export, 0, sizeof(*export));
        if (providers[i]->lookup(providers[i], symbol->name, symbol->name_len, export))
            return providers[i];
    }
    return NULL;
}

/* Says what the provider's promise about a symbol means for the kext. */
static void report_state(struct kxld_link *link, struct kxld_symbol *symbol,
                         const struct kxld_provider *provider, const struct kxld_export *export)
{
    bool is_allowed = link->request->flags & KXLD_LINK_ALLOW_EVOLVING;
    struct kxld_problem *problem = NULL;

    switch (export->state) {
    case KXLD_STATE_COMPATIBILITY:
        problem = kxld_problem_add(link, KXLD_PROBLEM_COMPATIBLE, KXLD_SEVERITY_NOTE, symbol, NULL, 0);
        break;
    case KXLD_STATE_DEPRECATED:
        problem = kxld_problem_add(link, KXLD_PROBLEM_DEPRECATED, KXLD_SEVERITY_WARNING, symbol, NULL, 0);
        break;
    case KXLD_STATE_EVOLVING:
        problem = kxld_problem_add(link, KXLD_PROBLEM_EVOLVING,
                                   is_allowed ? KXLD_SEVERITY_NOTE : KXLD_SEVERITY_ERROR, symbol, NULL, 0);
        break;
    default:
        return;
    }
    kxld_problem_provider(link, problem, provider->name, provider->version);
    if (export->instead)
        kxld_problem_nearest(link, problem, export->instead);
}

static void bind_absent(struct kxld_link *link, struct kxld_symbol *symbol)
{
    struct kxld_problem *problem =
        kxld_problem_add(link, KXLD_PROBLEM_WEAK_ABSENT, KXLD_SEVERITY_NOTE, symbol, NULL, 0);

    kxld_problem_detail(link, problem, "bound to 0x%llx",
                        (unsigned long long)link->request->weak_absent_address);
    symbol->kind = KXLD_KIND_EXTERNAL;
    symbol->value = link->request->weak_absent_address;
    symbol->is_weak_absent = true;
}

static void report_missing(struct kxld_link *link, struct kxld_symbol *symbol, unsigned *n_nearest)
{
    const struct kxld_provider *provider;
    struct kxld_export export;
    struct kxld_problem *problem;
    const char *nearest;

    provider = find_export(link->request->known, link->request->n_known, symbol, &export);
    if (provider) {
        problem = kxld_problem_add(link, KXLD_PROBLEM_WRONG_SET, KXLD_SEVERITY_ERROR, symbol, NULL, 0);
        kxld_problem_provider(link, problem, provider->name, provider->version);
        return;
    }
    problem = kxld_problem_add(link, KXLD_PROBLEM_MISSING, KXLD_SEVERITY_ERROR, symbol, NULL, 0);
    if (!problem || *n_nearest >= RESOLVE_MAX_NEAREST)
        return;
    (*n_nearest)++;
    nearest = kxld_nearest_name(link->request, &link->pool, symbol->name, &provider);
    if (nearest) {
        kxld_problem_nearest(link, problem, nearest);
        kxld_problem_provider(link, problem, provider->name, provider->version);
    }
}

static void resolve_symbol(struct kxld_link *link, struct kxld_symbol *symbol, unsigned *n_nearest)
{
    const struct kxld_request *request = link->request;
    const struct kxld_provider *provider;
    struct kxld_export export;

    if (bind_own(link, symbol))
        return;
    provider = find_export(request->declared, request->n_declared, symbol, &export);
    if (provider) {
        symbol->kind = KXLD_KIND_EXTERNAL;
        symbol->value = export.address;
        symbol->is_function = export.flags & KXLD_EXPORT_FUNC;
        report_state(link, symbol, provider, &export);
    } else if (symbol->is_weak) {
        bind_absent(link, symbol);
    } else {
        report_missing(link, symbol, n_nearest);
    }
}

/* A kext's own definition wins over a library's; two of one name are worth a word. */
static void report_shadowed(struct kxld_link *link, struct kxld_symbol *symbol)
{
    const struct kxld_provider *provider;
    struct kxld_export export;
    struct kxld_problem *problem;

    provider = find_export(link->request->declared, link->request->n_declared, symbol, &export);
    if (!provider)
        return;
    problem = kxld_problem_add(link, KXLD_PROBLEM_SHADOWED, KXLD_SEVERITY_NOTE, symbol, NULL, 0);
    kxld_problem_provider(link, problem, provider->name, provider->version);
}

bool kxld_pass_resolve(struct kxld_link *link)
{
    unsigned n_nearest = 0;

    for (struct kxld_symbol *symbol = link->graph.first_symbol; symbol; symbol = symbol->next) {
        /* A symbol that no field depends on needs no address: compilers leave such names behind. */
        if ((symbol->kind == KXLD_KIND_UNDEFINED || symbol->kind == KXLD_KIND_DISCARDED) &&
            symbol->is_global && symbol->n_refs)
            resolve_symbol(link, symbol, &n_nearest);
        else if (kxld_symbol_is_exported(symbol) && !symbol->is_weak)
            report_shadowed(link, symbol);
    }
    return true;
}
