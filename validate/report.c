// SPDX-License-Identifier: BSD-2-Clause
/*
 * report.c: what happens to a finding: is it an exception, who is to blame, the lines in the log, and the end
 * or not. Addresses are named here and not before: keeping a stack costs a few loads, naming it reads
 * debugging information.
 *
 * No lock. A report may be made with any lock of a kext's held, and with none of the validator's.
 */
#include <string.h>
#include <sys/syslog.h>
#include <sys/systm.h>
#include <libkern/libkern.h>

#include "validate/validate_internal.h"

static _Atomic uint64_t n_findings;

uint64_t validate_findings(void)
{
    return atomic_load_explicit(&n_findings, memory_order_relaxed);
}

/* Who is to blame: the function that the finding names, else the kext's frame nearest to here. */
static const void *blame_find(const struct validate_finding *finding, const struct validate_stack *here)
{
    if (finding->function)
        return finding->function;
    for (unsigned i = 0; i < here->depth; i++) {
        const void *pc = (const char *)here->pc[i] - 1;
        if (kern_pc_kext(pc))
            return pc;
    }
    return NULL;
}

/* "function+0x12 (kext)" without what follows the function. */
static void function_name(const void *pc, char *buf, size_t size)
{
    kern_describe_pc(pc, buf, size);
    char *end = buf;
    while (*end && *end != '+' && *end != ' ')
        end++;
    *end = '\0';
}

/* " at file.c:12", or nothing. */
static void source_text(const void *pc, char *buf, size_t size)
{
    char line[160];
    kern_describe_source(pc, line, sizeof(line));
    snprintf(buf, size, "%s%s", line[0] ? " at " : "", line);
}

void report_stack(int level, const char *heading, const struct validate_stack *stack)
{
    char where[256], source[192];
    kern_log(level, "validate:   %s:\n", heading);
    for (unsigned i = 0; i < stack->depth; i++) {
        const void *pc = (const char *)stack->pc[i] - 1;
        kern_describe_pc(pc, where, sizeof(where));
        source_text(pc, source, sizeof(source));
        kern_log(level, "validate:     #%u %p %s%s\n", i, stack->pc[i], where, source);
    }
}

void validate_report(const struct validate_finding *finding)
{
    const struct validate_operation *operation = validate_operation_now();
    char function[96] = "?", where[256] = "?", source[192] = "";
    struct validate_stack here;

    validate_stack_take(&here);
    const void *blame = blame_find(finding, &here);
    const char *kext = blame ? kern_pc_kext(blame) : NULL;
    if (blame) {
        function_name(blame, function, sizeof(function));
        kern_describe_pc(blame, where, sizeof(where));
        source_text(blame, source, sizeof(source));
    }
    if (exceptions_cover(finding->rule, kext ? kext : "-", function) && !finding->fatal)
        return;
    atomic_fetch_add_explicit(&n_findings, 1, memory_order_relaxed);
    kern_log(LOG_ERR, "validate: [%s] kext %s, operation %s, function %s%s: %s\n", finding->rule,
             kext ? kext : "none", operation ? operation->name : "none", function, source, finding->text);
    kern_log(LOG_ERR, "validate:   at %p %s\n", blame, where);
    for (unsigned i = 0; i < finding->n_evidence; i++)
        report_stack(LOG_ERR, finding->evidence[i].heading, finding->evidence[i].stack);
    report_stack(LOG_ERR, "found", &here);
    if (finding->fatal || validate_policy == VALIDATE_PANIC)
        panic("validate: [%s] kext %s, operation %s, function %s%s: %s", finding->rule, kext ? kext : "none",
              operation ? operation->name : "none", function, source, finding->text);
}

void report_text(const char *rule, bool fatal, const char *heading, const struct validate_stack *stack,
                 const char *fmt, ...)
{
    struct validate_finding finding = {.rule = rule, .fatal = fatal};
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    finding.text = text;
    if (stack)
        finding.evidence[finding.n_evidence++] = (struct validate_evidence){heading, stack};
    validate_report(&finding);
}

/* ---- on and off ---------------------------------------------------------------------------------------- */

enum validate_policy validate_policy;

int validate_boot(enum validate_policy policy, const char *exceptions)
{
    if (policy == VALIDATE_OFF)
        return 0;
    int error = exceptions_boot(exceptions);
    if (error)
        return error;
    atomic_store(&n_findings, 0);
    thread_record_boot();
    lock_table_boot();
    lock_order_boot();
    lock_nesting_boot();
    validate_policy = policy;
    return 0;
}

void validate_shutdown(void)
{
    if (validate_policy == VALIDATE_OFF)
        return;
    validate_policy = VALIDATE_OFF;
    lock_nesting_shutdown();
    lock_order_shutdown();
    lock_table_shutdown();
    thread_record_shutdown();
    exceptions_shutdown();
}
