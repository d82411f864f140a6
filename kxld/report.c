// SPDX-License-Identifier: BSD-2-Clause
/*
 * Collecting problems while a link goes on. A report lists every problem once per symbol, with its first
 * place and the number of further ones, so that one look shows all that must be mended.
 *
 * Owns: the report in the making, with a pool of its own that outlives the link. Locks: none.
 * Callers: every pass; report_text.c turns the result into text.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

/* Finding the function around a place walks over all symbols; hostile objects get it for so many problems
 * only. */
#define REPORT_MAX_LOCATED 64u
#define REPORT_MAX_DETAIL  320u

struct kxld_report_builder *kxld_report_begin(const struct kxld_host *host, const char *bundle_id)
{
    struct kxld_report_builder *builder = host->alloc(host->ctx, sizeof(*builder));

    if (!builder)
        return NULL;
    memset(builder, 0, sizeof(*builder));
    kxld_pool_init(&builder->pool, host);
    if (!bundle_id)
        bundle_id = "";
    builder->report.bundle_id = kxld_pool_copy(&builder->pool, bundle_id, kxld_string_length(bundle_id));
    if (!builder->report.bundle_id) {
        host->free(host->ctx, builder, sizeof(*builder));
        return NULL;
    }
    return builder;
}

struct kxld_report *kxld_report_end(struct kxld_report_builder *builder)
{
    builder->report.problems = builder->problems;
    return &builder->report;
}

void kxld_report_free(const struct kxld_host *host, struct kxld_report *report)
{
    struct kxld_report_builder *builder = (struct kxld_report_builder *)report;

    if (!builder)
        return;
    kxld_pool_free(&builder->pool);
    host->free(host->ctx, builder, sizeof(*builder));
}

bool kxld_link_has_errors(const struct kxld_link *link)
{
    return link->report->report.n_errors > 0;
}

static enum kxld_result problem_result(enum kxld_problem_kind kind)
{
    switch (kind) {
    case KXLD_PROBLEM_MALFORMED:
        return KXLD_ERR_MALFORMED;
    case KXLD_PROBLEM_MISSING:
    case KXLD_PROBLEM_WRONG_SET:
    case KXLD_PROBLEM_DUPLICATE:
    case KXLD_PROBLEM_EVOLVING:
        return KXLD_ERR_UNRESOLVED;
    case KXLD_PROBLEM_OUT_OF_RANGE:
        return KXLD_ERR_RANGE;
    case KXLD_PROBLEM_NO_MEMORY:
        return KXLD_ERR_NO_MEMORY;
    case KXLD_PROBLEM_PROTECT:
        return KXLD_ERR_PROTECT;
    default:
        return KXLD_ERR_UNSUPPORTED;
    }
}

/* Room for one more problem, or NULL. Old arrays stay in the pool until the report goes. */
static struct kxld_problem *report_next(struct kxld_report_builder *builder)
{
    size_t n = builder->report.n_problems;

    if (n == KXLD_MAX_PROBLEMS)
        return NULL;
    if (n == builder->capacity) {
        size_t capacity = n ? n * 2 : 8;
        struct kxld_problem *bigger = kxld_pool_array(&builder->pool, capacity, sizeof(*bigger));

        if (!bigger)
            return NULL;
        if (n)
            memcpy(bigger, builder->problems, n * sizeof(*bigger));
        builder->problems = bigger;
        builder->capacity = capacity;
    }
    builder->report.n_problems++;
    return &builder->problems[n];
}

static const char *report_copy(struct kxld_report_builder *builder, const char *s)
{
    return s ? kxld_pool_copy(&builder->pool, s, kxld_string_length(s)) : NULL;
}

/* The named function that begins nearest below @offset in @block. */
static const char *function_around(const struct kxld_graph *graph, const struct kxld_block *block,
                                   uint64_t offset)
{
    const struct kxld_symbol *best = NULL;

    for (const struct kxld_symbol *symbol = graph->first_symbol; symbol; symbol = symbol->next) {
        if (symbol->block != block || symbol->kind != KXLD_KIND_DEFINED || !symbol->is_function)
            continue;
        if (symbol->value <= offset && (!best || symbol->value >= best->value))
            best = symbol;
    }
    return best ? best->name : NULL;
}

static void problem_locate(struct kxld_link *link, struct kxld_problem *problem,
                           const struct kxld_block *block, uint64_t offset)
{
    struct kxld_report_builder *builder = link->report;

    problem->section = report_copy(builder, block->section->name);
    problem->offset = offset;
    if (builder->n_located < REPORT_MAX_LOCATED) {
        builder->n_located++;
        problem->function = report_copy(builder, function_around(&link->graph, block, offset));
    }
}

struct kxld_problem *kxld_problem_add(struct kxld_link *link, enum kxld_problem_kind kind,
                                      enum kxld_severity severity, struct kxld_symbol *symbol,
                                      const struct kxld_block *block, uint64_t offset)
{
    struct kxld_report_builder *builder = link->report;
    struct kxld_problem *problem;

    if (symbol && symbol->problem && builder->problems[symbol->problem - 1].kind == kind) {
        builder->problems[symbol->problem - 1].more++;
        return NULL;
    }
    if (severity == KXLD_SEVERITY_ERROR) {
        builder->report.n_errors++;
        if (builder->report.result == KXLD_OK || kind == KXLD_PROBLEM_NO_MEMORY)
            builder->report.result = problem_result(kind);
    }
    problem = report_next(builder);
    if (!problem) {
        builder->report.n_unlisted++;
        return NULL;
    }
    problem->kind = kind;
    problem->severity = severity;
    if (symbol) {
        problem->symbol = report_copy(builder, symbol->name);
        symbol->problem = (uint32_t)builder->report.n_problems;
        if (!block && symbol->first_ref) {
            block = symbol->first_ref;
            offset = symbol->first_ref_offset;
            problem->more = symbol->n_refs - 1;
        }
    }
    if (block)
        problem_locate(link, problem, block, offset);
    return problem;
}

static void problem_set_detail(struct kxld_link *link, struct kxld_problem *problem, const char *format,
                               va_list args)
{
    char buf[REPORT_MAX_DETAIL];
    struct kxld_text text;

    kxld_text_init(&text, buf, sizeof(buf));
    kxld_text_vformat(&text, format, args);
    problem->detail = report_copy(link->report, buf);
}

void kxld_problem_detail(struct kxld_link *link, struct kxld_problem *problem, const char *format, ...)
{
    va_list args;

    if (!problem)
        return;
    va_start(args, format);
    problem_set_detail(link, problem, format, args);
    va_end(args);
}

void kxld_problem_provider(struct kxld_link *link, struct kxld_problem *problem, const char *provider,
                           const char *version)
{
    if (!problem)
        return;
    problem->provider = report_copy(link->report, provider);
    problem->provider_version = version && *version ? report_copy(link->report, version) : NULL;
}

void kxld_problem_nearest(struct kxld_link *link, struct kxld_problem *problem, const char *name)
{
    if (problem)
        problem->nearest = report_copy(link->report, name);
}

bool kxld_problem_plain(struct kxld_link *link, enum kxld_problem_kind kind, const char *format, ...)
{
    struct kxld_problem *problem = kxld_problem_add(link, kind, KXLD_SEVERITY_ERROR, NULL, NULL, 0);
    va_list args;

    if (problem) {
        va_start(args, format);
        problem_set_detail(link, problem, format, args);
        va_end(args);
    }
    return false;
}
