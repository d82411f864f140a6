// SPDX-License-Identifier: BSD-2-Clause
/*
 * Dry links in a tool; see trylink.h. Owns the images until trylink_free().
 */
#include "tools/kextutil/trylink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "kxld/kxld.h"
#include "libkext/kernel_symbols.h"
#include "libkext/wire.h"

/* Around the origin (the first address that was asked for), near enough to each other for any reference: the
 * kernel's made-up symbols below it, images with made-up addresses well above. */
#define KERNEL_BELOW (64ull << 20)
#define IMAGES_ABOVE (256ull << 20)

struct linked {
    const struct kext_bundle *bundle;
    struct kxld_image *image; /* NULL for a kext without code */
    struct kxld_provider provider;
    struct kext_section *sections;
    size_t nsections;
};

struct trylink {
    struct linked kexts[KEXT_WIRE_MAX_ENTRIES];
    size_t count;
    uint64_t origin;
    uint64_t next; /* made-up address for the next image */
    bool notes;
    struct kxld_host host;
};

/* ---- the linker's host --------------------------------------------------------------------------------- */

static void *memory_get(void *ctx, size_t size)
{
    (void)ctx;
    return malloc(size);
}

static void memory_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    (void)size;
    free(p);
}

static void host_prepare(struct trylink *link)
{
    link->host = (struct kxld_host){.alloc = memory_get,
                                    .free = memory_free,
                                    .image_lo = link->origin - IMAGES_ABOVE,
                                    .image_hi = link->origin + (1ull << 30)};
}

/* ---- what there is to link against --------------------------------------------------------------------- */

static const struct kext_kernel_symbol *symbol_find(const char *name)
{
    size_t low = 0, high = kext_kernel_symbols_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, kext_kernel_symbols[middle].name);

        if (order == 0) {
            return &kext_kernel_symbols[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* What an interface's provider stands for. */
struct view {
    uint32_t mask;
    uint64_t base; /* of the kernel's made-up symbols */
};

static const char *better_find(const char *name)
{
    for (size_t i = 0; i < kext_kernel_better_count; i++) {
        if (strcmp(name, kext_kernel_better[i].name) == 0) {
            return kext_kernel_better[i].better;
        }
    }
    return NULL;
}

static bool interface_lookup(const struct kxld_provider *provider, const char *name, size_t len,
                             struct kxld_export *export)
{
    const struct kext_kernel_symbol *symbol = symbol_find(name);
    const struct view *view = provider->data;

    (void)len;
    if (symbol == NULL || (symbol->sets & view->mask) == 0) {
        return false;
    }
    *export = (struct kxld_export){.name = symbol->name,
                                   .address = view->base + 16 * (uint64_t)(symbol - kext_kernel_symbols),
                                   .flags = symbol->function ? KXLD_EXPORT_FUNC : KXLD_EXPORT_DATA,
                                   .state = (enum kxld_state)symbol->state};
    export->instead = export->state != KXLD_STATE_STABLE ? better_find(name) : NULL;
    return true;
}

static void interface_iterate(const struct kxld_provider *provider,
                              bool (*visit)(void *arg, const char *name, size_t len), void *arg)
{
    uint32_t mask = ((const struct view *)provider->data)->mask;

    for (size_t i = 0; i < kext_kernel_symbols_count; i++) {
        const char *name = kext_kernel_symbols[i].name;

        if ((kext_kernel_symbols[i].sets & mask) != 0 && !visit(arg, name, strlen(name))) {
            return;
        }
    }
}

/* What compilers call unasked. This tool is built as the kernel process is: what its own run-time library
 * lacks, the kernel process lacks too. */
static bool runtime_lookup(const struct kxld_provider *provider, const char *name, size_t len,
                           struct kxld_export *export)
{
    static const char *const names[] = {"memcpy", "memmove", "memset", "memcmp"};
    bool known = kxld_instrumentation(name) != NULL && host_runtime_symbol(name) != NULL;

    (void)len;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        known |= strcmp(name, names[i]) == 0;
    }
    if (known) {
        const struct view *view = provider->data;
        *export = (struct kxld_export){.name = name, .address = view->base - 16, .flags = KXLD_EXPORT_FUNC};
    }
    return known;
}

static const struct kxld_provider interfaces[] = {
#define INTERFACE(id, set)                                                                                   \
    {.name = id,                                                                                             \
     .version = KEXT_INTERFACE_VERSION_TEXT,                                                                 \
     .lookup = interface_lookup,                                                                             \
     .iterate = interface_iterate},
    KEXT_INTERFACES(INTERFACE)
#undef INTERFACE
};
enum { N_INTERFACES = sizeof(interfaces) / sizeof(interfaces[0]) };

struct providers {
    struct view views[N_INTERFACES];
    struct kxld_provider sets[N_INTERFACES], runtime;
    const struct kxld_provider *declared[KEXT_WIRE_MAX_LIBS + 1],
        *known[N_INTERFACES + KEXT_WIRE_MAX_ENTRIES];
    size_t ndeclared, nknown;
};

static const struct kxld_provider *provider_find(const struct providers *p, const char *id)
{
    for (size_t i = 0; i < p->nknown; i++) {
        if (strcmp(p->known[i]->name, id) == 0) {
            return p->known[i];
        }
    }
    return NULL;
}

static void providers_fill(struct providers *p, const struct trylink *link, const struct kext_info *info)
{
    p->ndeclared = p->nknown = 0;
    for (size_t i = 0; i < N_INTERFACES; i++) {
        p->sets[i] = interfaces[i];
        p->views[i] = (struct view){.mask = 1u << i, .base = link->origin - KERNEL_BELOW};
        p->sets[i].data = &p->views[i];
        p->known[p->nknown++] = &p->sets[i];
    }
    for (size_t i = 0; i < link->count; i++) {
        if (link->kexts[i].image != NULL) {
            p->known[p->nknown++] = &link->kexts[i].provider;
        }
    }
    for (size_t i = 0; i < info->nlibraries; i++) {
        const struct kxld_provider *found = provider_find(p, info->libraries[i].id);
        if (found != NULL) {
            p->declared[p->ndeclared++] = found;
        }
    }
    p->runtime = (struct kxld_provider){
        .name = "the compiler's run-time library", .lookup = runtime_lookup, .data = &p->views[0]};
    p->declared[p->ndeclared++] = &p->runtime;
}

/* ---- linking ------------------------------------------------------------------------------------------- */

static const char *absent_from(const char *name)
{
    static const char *const ids[] = {
#define ID(id, set) id,
        KEXT_INTERFACES(ID)
#undef ID
    };

    for (size_t i = 0; name != NULL && i < kext_kernel_absent_count; i++) {
        if (strcmp(kext_kernel_absent[i].name, name) == 0) {
            return ids[__builtin_ctz(kext_kernel_absent[i].sets)];
        }
    }
    return NULL;
}

/* Takes the lines out that have @words in them: advice to do what is being done. */
static void line_drop(char *text, const char *words)
{
    char *found;

    while ((found = strstr(text, words)) != NULL) {
        char *begin = found, *end = strchr(found, '\n');

        while (begin > text && begin[-1] != '\n') {
            begin--;
        }
        if (end != NULL) {
            memmove(begin, end + 1, strlen(end + 1) + 1);
        } else {
            begin[begin > text ? -1 : 0] = '\0';
        }
    }
}

static bool report_matters(const struct kxld_report *report)
{
    for (size_t i = 0; i < report->n_problems; i++) {
        if (report->problems[i].severity != KXLD_SEVERITY_NOTE) {
            return true;
        }
    }
    return false;
}

static void report_tell(const struct kxld_report *report, const struct kext_bundle *bundle, bool failed,
                        struct kext_diags *diags)
{
    size_t len = kxld_report_format(report, NULL, 0), len_all = len + 1;
    char *text;

    for (size_t i = 0; i < report->n_problems; i++) {
        len_all += strlen(report->problems[i].symbol != NULL ? report->problems[i].symbol : "") + 120;
    }
    text = malloc(len_all);
    if (text == NULL || len == 0) {
        free(text);
        return;
    }
    kxld_report_format(report, text, len_all);
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct kxld_problem *problem = &report->problems[i];
        const char *set = problem->kind == KXLD_PROBLEM_MISSING ? absent_from(problem->symbol) : NULL;

        if (set != NULL) {
            len +=
                (size_t)sprintf(text + len, "%s belongs to %s, but this kernel process does not provide it\n",
                                problem->symbol, set);
        }
    }
    text[len - (text[len - 1] == '\n')] = '\0';
    line_drop(text, "kextutil -n -t ");
    kext_diag_add(diags,
                  failed                   ? KEXT_DIAG_LINK
                  : report_matters(report) ? KEXT_DIAG_WARNING
                                           : KEXT_DIAG_NOTE,
                  bundle->exec_path, NULL, "%s", text);
    free(text);
}

static bool sections_copy(struct linked *linked)
{
    const struct kxld_image *image = linked->image;

    linked->sections = calloc(image->n_sections + 1, sizeof(*linked->sections));
    if (linked->sections == NULL) {
        return false;
    }
    linked->nsections = image->n_sections;
    for (size_t i = 0; i < image->n_sections; i++) {
        linked->sections[i] = (struct kext_section){image->sections[i].name, image->sections[i].addr};
    }
    return true;
}

static bool kext_link(struct trylink *link, struct kext_bundle *bundle, uint64_t base,
                      struct kext_diags *diags)
{
    struct linked *linked = &link->kexts[link->count];
    struct providers providers;
    struct kxld_report *report = NULL;
    struct kxld_request request = {.bundle_id = bundle->info.id,
                                   .bundle_version = bundle->info.version_text,
                                   .flags = KXLD_LINK_DRY_RUN |
                                            (bundle->info.evolving ? KXLD_LINK_ALLOW_EVOLVING : 0),
                                   .dry_run_base = base != 0 ? base : link->next};

    linked->bundle = bundle;
    if (!kext_bundle_load_executable(bundle, diags)) {
        return false;
    }
    if (bundle->exec == NULL) {
        link->count++;
        return true;
    }
    providers_fill(&providers, link, &bundle->info);
    request.object = bundle->exec;
    request.object_len = bundle->exec_len;
    request.declared = providers.declared;
    request.n_declared = providers.ndeclared;
    request.known = providers.known;
    request.n_known = providers.nknown;
    enum kxld_result result = kxld_link(&link->host, &request, &linked->image, &report);
    if (report != NULL && (result != KXLD_OK || link->notes || report_matters(report))) {
        report_tell(report, bundle, result != KXLD_OK, diags);
    } else if (result != KXLD_OK) {
        kext_diag_add(diags, KEXT_DIAG_LINK, bundle->exec_path, bundle->info.id, "%s",
                      kxld_result_text(result));
    }
    kxld_report_free(&link->host, report);
    if (result != KXLD_OK || !sections_copy(linked)) {
        return false;
    }
    struct kxld_symbol_info kmod;
    if (!kxld_image_find(linked->image, "kmod_info", &kmod)) {
        kext_diag_add(diags, KEXT_DIAG_LINK, bundle->exec_path, bundle->info.id,
                      "the object does not define kmod_info");
        kext_diag_mend(diags,
                       "Link it with the kext's start-up code, or add KMOD_EXPLICIT_DECL to a source.");
    }
    kxld_linkstate_provider(linked->image->linkstate, bundle->info.id, NULL, &linked->provider);
    if (base == 0) {
        link->next += linked->image->size + KXLD_PAGE_SIZE;
    }
    link->count++;
    return true;
}

bool trylink_run(const struct kext_plan *plan, const uint64_t *bases, bool notes, struct trylink **out,
                 struct kext_diags *diags)
{
    struct trylink *link = calloc(1, sizeof(*link));
    size_t errors = diags->errors;
    bool ok = true;

    if (link == NULL) {
        kext_diag_add(diags, KEXT_DIAG_LINK, NULL, NULL, "out of memory");
        return false;
    }
    link->notes = notes;
    link->origin = TRYLINK_BASE;
    for (size_t i = plan->count; i-- > 0;) {
        link->origin = bases[i] != 0 ? bases[i] : link->origin;
    }
    link->next = link->origin != TRYLINK_BASE ? link->origin + IMAGES_ABOVE : TRYLINK_BASE;
    host_prepare(link);
    for (size_t i = 0; i < plan->count && ok; i++) {
        ok = kext_link(link, plan->order[i], bases[i], diags);
    }
    ok = ok && diags->errors == errors;
    if (!ok) {
        link->count += link->count < plan->count; /* the one that failed may hold something */
        trylink_free(link);
        return false;
    }
    *out = link;
    return true;
}

void trylink_free(struct trylink *link)
{
    if (link == NULL) {
        return;
    }
    for (size_t i = 0; i < link->count; i++) {
        kxld_image_free(&link->host, link->kexts[i].image);
        free(link->kexts[i].sections);
    }
    free(link);
}

static const struct linked *linked_find(const struct trylink *link, const struct kext_bundle *bundle)
{
    for (size_t i = 0; i < link->count; i++) {
        if (link->kexts[i].bundle == bundle) {
            return &link->kexts[i];
        }
    }
    return NULL;
}

size_t trylink_sections(const struct trylink *link, const struct kext_bundle *bundle,
                        const struct kext_section **sections)
{
    const struct linked *linked = linked_find(link, bundle);

    *sections = linked != NULL ? linked->sections : NULL;
    return linked != NULL ? linked->nsections : 0;
}
