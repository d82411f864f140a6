// SPDX-License-Identifier: BSD-2-Clause
/*
 * A report as text. Problems of one kind stand together under a line that says what they are, one symbol a
 * line behind a tab; scripts look for `kxld[<bundle-id>]:` and the tab. What can be done about them comes
 * last.
 *
 * Owns: nothing. Locks: none. Callers: kext/, tools, tests.
 */
#include "kxld/link_internal.h"
#include "kxld/text_internal.h"

#define REPORT_MAX_LINE 1024u

/* Where lines go: all into one text, or each to the host's log. */
struct sink {
    const char *bundle_id;
    struct kxld_text *text;
    const struct kxld_host *host; /* NULL: into the text */
    enum kxld_log_level level;
};

static const char *const headings[KXLD_N_PROBLEMS] = {
    [KXLD_PROBLEM_MALFORMED] = "the executable is damaged",
    [KXLD_PROBLEM_UNSUPPORTED] = "the executable cannot be a kext",
    [KXLD_PROBLEM_TOO_LARGE] = "the executable passes a limit",
    [KXLD_PROBLEM_RELOCATION] = "relocations of unusable kinds",
    [KXLD_PROBLEM_THREAD_LOCAL] = "thread-local variables are not possible in a kext",
    [KXLD_PROBLEM_MISSING] = "symbols that nothing exports",
    [KXLD_PROBLEM_WRONG_SET] = "symbols of libraries that OSBundleLibraries does not list",
    [KXLD_PROBLEM_DUPLICATE] = "symbols that are defined more than once",
    [KXLD_PROBLEM_OUT_OF_RANGE] = "references that cannot reach what they refer to",
    [KXLD_PROBLEM_EVOLVING] = "symbols that may still change",
    [KXLD_PROBLEM_DEPRECATED] = "deprecated symbols",
    [KXLD_PROBLEM_COMPATIBLE] = "symbols kept for compatibility",
    [KXLD_PROBLEM_WEAK_ABSENT] = "weak references that found nothing",
    [KXLD_PROBLEM_SHADOWED] = "symbols that the kext defines though a library of its exports them too",
    [KXLD_PROBLEM_NO_MEMORY] = "out of memory",
    [KXLD_PROBLEM_PROTECT] = "memory protection failed",
};

/* What to do, for the kinds where the lines themselves do not say it. */
static const char *const mends[KXLD_N_PROBLEMS] = {
    [KXLD_PROBLEM_THREAD_LOCAL] = "keep such data per thread in a table of the kext's own, under a lock",
    [KXLD_PROBLEM_MISSING] = "kextutil -n -t links a kext without loading it and names all that is missing",
    [KXLD_PROBLEM_WRONG_SET] =
        "kextutil -n -t links a kext without loading it, to check its OSBundleLibraries",
    [KXLD_PROBLEM_OUT_OF_RANGE] = "compile the kext with -fPIC, so that far symbols go through a table",
    [KXLD_PROBLEM_RELOCATION] = "compile the kext with -fPIC or -fPIE, without link-time optimisation",
    [KXLD_PROBLEM_EVOLVING] =
        "a kext opts in to them with <key>KextbedEvolvingInterfaces</key><true/> in its Info.plist",
};

const char *kxld_result_text(enum kxld_result result)
{
    switch (result) {
    case KXLD_OK:
        return "linked";
    case KXLD_ERR_NO_MEMORY:
        return "no memory";
    case KXLD_ERR_MALFORMED:
        return "the executable is damaged";
    case KXLD_ERR_UNSUPPORTED:
        return "the executable cannot become a kext";
    case KXLD_ERR_UNRESOLVED:
        return "symbols could not be resolved";
    case KXLD_ERR_RANGE:
        return "a reference cannot reach its symbol";
    case KXLD_ERR_PROTECT:
        return "the image could not be protected";
    }
    return "unknown result";
}

static void line_begin(struct sink *sink, enum kxld_severity severity)
{
    static const enum kxld_log_level levels[] = {
        [KXLD_SEVERITY_NOTE] = KXLD_LOG_NOTE,
        [KXLD_SEVERITY_WARNING] = KXLD_LOG_WARNING,
        [KXLD_SEVERITY_ERROR] = KXLD_LOG_ERROR,
    };

    sink->level = levels[severity];
}

static void line_begin_named(struct sink *sink, enum kxld_severity severity)
{
    line_begin(sink, severity);
    kxld_text_format(sink->text, "kxld[%s]: ", sink->bundle_id);
}

static void line_end(struct sink *sink)
{
    if (sink->host) {
        sink->host->log(sink->host->ctx, sink->level, sink->text->buf);
        kxld_text_init(sink->text, sink->text->buf, sink->text->size);
    } else {
        kxld_text_append(sink->text, "\n", 1);
    }
}

static void write_place(struct kxld_text *text, const struct kxld_problem *problem)
{
    if (!problem->section)
        return;
    kxld_text_format(text, " (%s+0x%llx", problem->section, (unsigned long long)problem->offset);
    if (problem->function)
        kxld_text_format(text, " in %s", problem->function);
    if (problem->more)
        kxld_text_format(text, ", and %llu more", (unsigned long long)problem->more);
    kxld_text_append(text, ")", 1);
}

static void write_provider(struct kxld_text *text, const struct kxld_problem *problem)
{
    kxld_text_format(text, "%s", problem->provider);
    if (problem->provider_version)
        kxld_text_format(text, " %s", problem->provider_version);
}

static void write_hint(struct kxld_text *text, const struct kxld_problem *problem)
{
    if (problem->kind == KXLD_PROBLEM_MISSING) {
        if (problem->nearest) {
            kxld_text_format(text, "; did you mean %s", problem->nearest);
            if (problem->provider) {
                kxld_text_format(text, " of ");
                write_provider(text, problem);
            }
            kxld_text_append(text, "?", 1);
        }
        return;
    }
    if (problem->provider) {
        kxld_text_format(text, ": exported by ");
        write_provider(text, problem);
    }
    if (problem->nearest)
        kxld_text_format(text, "; use %s instead", problem->nearest);
}

static void write_problem(struct sink *sink, const struct kxld_problem *problem)
{
    line_begin(sink, problem->severity);
    kxld_text_append(sink->text, "\t", 1);
    if (problem->symbol && *problem->symbol)
        kxld_text_format(sink->text, "%s", problem->symbol);
    else if (problem->symbol)
        kxld_text_format(sink->text, "(no name)");
    write_place(sink->text, problem);
    if (problem->detail)
        kxld_text_format(sink->text, "%s%s", problem->symbol || problem->section ? ": " : "",
                         problem->detail);
    write_hint(sink->text, problem);
    line_end(sink);
}

static bool same_provider(const struct kxld_problem *a, const struct kxld_problem *b)
{
    return a->kind == b->kind && a->provider && b->provider && kxld_string_equal(a->provider, b->provider);
}

/* One line for each library that should be declared, as it has to stand in the Info.plist. */
static void write_libraries(struct sink *sink, const struct kxld_report *report)
{
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct kxld_problem *problem = &report->problems[i];
        bool is_repeated = false;

        if (problem->kind != KXLD_PROBLEM_WRONG_SET || !problem->provider)
            continue;
        for (size_t j = 0; j < i && !is_repeated; j++)
            is_repeated = same_provider(&report->problems[j], problem);
        if (is_repeated)
            continue;
        line_begin_named(sink, problem->severity);
        kxld_text_format(sink->text, "add to OSBundleLibraries: <key>%s</key><string>%s</string>",
                         problem->provider, problem->provider_version ? problem->provider_version : "");
        line_end(sink);
    }
}

/* A kext that is instrumented, where nothing serves it: which kind it is says what to build anew. */
static void write_instrumentation(struct sink *sink, const struct kxld_report *report)
{
    for (size_t i = 0; i < report->n_problems; i++) {
        const struct kxld_problem *problem = &report->problems[i];
        const char *name =
            problem->kind == KXLD_PROBLEM_MISSING ? kxld_instrumentation(problem->symbol) : NULL;

        if (!name)
            continue;
        line_begin_named(sink, problem->severity);
        kxld_text_format(sink->text,
                         "the kext was compiled for %s and this kernel process was not; build both alike",
                         name);
        line_end(sink);
        return;
    }
}

static void write_group(struct sink *sink, const struct kxld_report *report, enum kxld_problem_kind kind,
                        enum kxld_severity severity)
{
    bool is_first = true;

    for (size_t i = 0; i < report->n_problems; i++) {
        const struct kxld_problem *problem = &report->problems[i];

        if (problem->kind != kind || problem->severity != severity)
            continue;
        if (is_first) {
            line_begin_named(sink, severity);
            kxld_text_format(sink->text, "%s:", headings[kind]);
            line_end(sink);
            is_first = false;
        }
        write_problem(sink, problem);
    }
    if (is_first)
        return;
    if (kind == KXLD_PROBLEM_WRONG_SET)
        write_libraries(sink, report);
    if (kind == KXLD_PROBLEM_MISSING)
        write_instrumentation(sink, report);
    if (mends[kind] && severity == KXLD_SEVERITY_ERROR) {
        line_begin_named(sink, severity);
        kxld_text_format(sink->text, "%s", mends[kind]);
        line_end(sink);
    }
}

static void write_report(struct sink *sink, const struct kxld_report *report)
{
    for (int severity = KXLD_SEVERITY_ERROR; severity >= KXLD_SEVERITY_NOTE; severity--)
        for (int kind = 0; kind < KXLD_N_PROBLEMS; kind++)
            write_group(sink, report, (enum kxld_problem_kind)kind, (enum kxld_severity)severity);
    if (report->n_unlisted) {
        line_begin_named(sink, KXLD_SEVERITY_ERROR);
        kxld_text_format(sink->text, "%llu more problems are not listed",
                         (unsigned long long)report->n_unlisted);
        line_end(sink);
    }
    if (report->result != KXLD_OK) {
        line_begin_named(sink, KXLD_SEVERITY_ERROR);
        kxld_text_format(sink->text, "not linked (%llu error%s): %s", (unsigned long long)report->n_errors,
                         report->n_errors == 1 ? "" : "s", kxld_result_text(report->result));
        line_end(sink);
    }
}

size_t kxld_report_format(const struct kxld_report *report, char *buf, size_t size)
{
    struct kxld_text text;
    struct sink sink = {.bundle_id = report->bundle_id, .text = &text};

    kxld_text_init(&text, buf, size);
    write_report(&sink, report);
    return text.len;
}

void kxld_report_log(const struct kxld_report *report, const struct kxld_host *host)
{
    char line[REPORT_MAX_LINE];
    struct kxld_text text;
    struct sink sink = {.text = &text, .host = host};

    if (!report || !host->log)
        return;
    sink.bundle_id = report->bundle_id;
    kxld_text_init(&text, line, sizeof(line));
    write_report(&sink, report);
}
