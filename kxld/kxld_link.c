// SPDX-License-Identifier: BSD-2-Clause
/*
 * A link from its first pass to its last. Read kxld_link first, then the passes in the order in which they
 * stand.
 *
 * Owns: struct kxld_link while it is in flight. Locks: none. Callers: kext/, tests.
 */
#include "kxld/link_internal.h"
#include "kxld/image_internal.h"
#include "kxld/text_internal.h"

void *kxld_link_alloc(struct kxld_link *link, size_t n, size_t size)
{
    void *p = kxld_pool_array(&link->pool, n, size);

    if (!p)
        kxld_problem_plain(link, KXLD_PROBLEM_NO_MEMORY, "no memory to link with");
    return p;
}

/* Runs one pass; with KXLD_LINK_TRACE says what the graph looks like behind it. */
static bool run_pass(struct kxld_link *link, const char *name, bool (*pass)(struct kxld_link *link))
{
    bool is_good = pass(link);
    char line[160];
    struct kxld_text text;

    if (link->request->flags & KXLD_LINK_TRACE && link->host->log) {
        kxld_text_init(&text, line, sizeof(line));
        kxld_text_format(&text, "kxld[%s]: %s: %llu symbols, %u GOT slots, %u stubs, %llu bytes%s",
                         link->report->report.bundle_id, name, (unsigned long long)link->graph.n_symbols,
                         link->graph.n_got, link->graph.n_stubs, (unsigned long long)link->image_size,
                         is_good ? "" : "; stopped");
        link->host->log(link->host->ctx, KXLD_LOG_DEBUG, line);
    }
    return is_good;
}

/*
 * The object becomes a graph, and the graph is complete: every field that depends on an address is an edge,
 * every edge lies in bounds, every symbol is defined or resolved. A damaged object ends here before anything
 * outside is asked; all other problems are collected first, so that one report shows all of them.
 */
static bool understand(struct kxld_link *link)
{
    if (!run_pass(link, "parse", kxld_pass_parse))
        return false;
    if (!run_pass(link, "check", kxld_pass_check))
        return false;
    if (link->report->report.result == KXLD_ERR_MALFORMED)
        return false;
    return run_pass(link, "resolve", kxld_pass_resolve) && !kxld_link_has_errors(link);
}

/*
 * The graph becomes an image: what the linker has to add is added, everything gets an offset, the whole gets
 * an address, and each field its value. Pages stay writable and not executable all the while.
 */
static bool build(struct kxld_link *link)
{
    return run_pass(link, "synthesise", kxld_pass_synthesise) && run_pass(link, "layout", kxld_pass_layout) &&
           run_pass(link, "allocate", kxld_pass_allocate) && run_pass(link, "fixup", kxld_pass_fixup);
}

/* The image gets its tables and its link state, takes its memory over, and is closed against writing. */
static bool complete(struct kxld_link *link)
{
    return run_pass(link, "finalise", kxld_pass_finalise) && run_pass(link, "protect", kxld_pass_protect);
}

enum kxld_result kxld_link(const struct kxld_host *host, const struct kxld_request *request,
                           struct kxld_image **image, struct kxld_report **report)
{
    struct kxld_link link;
    enum kxld_result result;

    *image = NULL;
    if (report)
        *report = NULL;
    memset(&link, 0, sizeof(link));
    link.host = host;
    link.request = request;
    kxld_pool_init(&link.pool, host);
    link.report = kxld_report_begin(host, request->bundle_id);
    if (!link.report)
        return KXLD_ERR_NO_MEMORY;

    if (understand(&link) && build(&link) && complete(&link)) {
        *image = link.image;
    } else {
        /* Whatever was placed belongs to the image once there is one, and to the link before. */
        kxld_image_free(host, link.image);
        kxld_place_abandon(&link);
    }

    result = link.report->report.result;
    kxld_pool_free(&link.pool);
    if (report)
        *report = kxld_report_end(link.report);
    else
        kxld_report_free(host, &link.report->report);
    return result;
}
