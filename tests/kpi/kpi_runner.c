// SPDX-License-Identifier: BSD-2-Clause
/*
 * Host side of the KPI tests: one cmocka case for each header of a generated table. A case prints every row
 * that differs, not just the first, and then fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/kpi/kpi_rows.h"

struct header_rows {
    const char *header;
    size_t first;
    size_t n_rows;
};

static bool row_differs(const struct kpi_row *row, const struct kpi_actual *actual)
{
    if (row->verdict == KPI_WRONG)
        return true;
    if (row->expected_text || actual->text)
        return !row->expected_text || !actual->text || strcmp(row->expected_text, actual->text) != 0;
    return memcmp(row->expected, actual->value, sizeof(row->expected)) != 0;
}

static void row_print(const struct kpi_row *row, const struct kpi_actual *actual)
{
    if (row->verdict == KPI_WRONG)
        print_error("%s: %s: %s\n", row->header, row->name, row->why);
    else if (row->expected_text)
        print_error("%s: %s is \"%s\", the table says \"%s\"\n", row->header, row->name,
                    actual->text ? actual->text : "(not a string)", row->expected_text);
    else
        print_error("%s: %s: %s %lld, %lld; the table says %lld, %lld\n", row->header, row->name, row->why,
                    (long long)actual->value[0], (long long)actual->value[1], (long long)row->expected[0],
                    (long long)row->expected[1]);
}

static void header_rows_match(void **state)
{
    const struct header_rows *group = *state;
    unsigned n_different = 0;

    for (size_t i = group->first; i < group->first + group->n_rows; i++) {
        if (!row_differs(&kpi_rows[i], &kpi_actuals[i]))
            continue;
        row_print(&kpi_rows[i], &kpi_actuals[i]);
        n_different++;
    }
    if (n_different)
        fail_msg("%s: %u of %zu rows differ", group->header, n_different, group->n_rows);
}

/* Rows come sorted by header. */
static size_t groups_collect(struct header_rows *groups)
{
    size_t n = 0;

    for (size_t i = 0; i < kpi_row_count; i++) {
        if (n == 0 || strcmp(groups[n - 1].header, kpi_rows[i].header) != 0)
            groups[n++] = (struct header_rows){kpi_rows[i].header, i, 0};
        groups[n - 1].n_rows++;
    }
    return n;
}

int main(void)
{
    struct header_rows *groups = calloc(kpi_row_count + 1, sizeof(*groups));
    struct CMUnitTest *tests = calloc(kpi_row_count + 1, sizeof(*tests));
    int n_failed = 1;

    if (!groups || !tests || kpi_row_count == 0) {
        fprintf(stderr, "%s: no rows, or no memory\n", kpi_table_name);
        goto out;
    }
    kpi_measure();
    size_t n_groups = groups_collect(groups);
    for (size_t i = 0; i < n_groups; i++)
        tests[i] = (struct CMUnitTest){groups[i].header, header_rows_match, NULL, NULL, &groups[i]};
    printf("%s: %zu rows of %zu headers\n", kpi_table_name, kpi_row_count, n_groups);
    n_failed = _cmocka_run_group_tests(kpi_table_name, tests, n_groups, NULL, NULL);
out:
    free(tests);
    free(groups);
    return n_failed ? 1 : 0;
}
