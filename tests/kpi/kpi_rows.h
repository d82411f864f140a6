// SPDX-License-Identifier: BSD-2-Clause
/*
 * kpi_rows.h: what a generated kernel-side file tells the host-side runner about one table. Both sides
 * include it.
 */
#ifndef KEXTBED_TESTS_KPI_ROWS_H
#define KEXTBED_TESTS_KPI_ROWS_H

#include <stddef.h>
#include <stdint.h>

enum kpi_verdict {
    KPI_COMPARE, /* compare the expected values with the actual ones */
    KPI_WRONG    /* wrong whatever the values are: see why */
};

struct kpi_row {
    const char *header; /* "sys/mount.h" */
    const char *name;   /* "vfs_attr.f_bsize", "MNT_RDONLY", "vnode_get" */
    enum kpi_verdict verdict;
    const char *why; /* KPI_WRONG: the reason; else what the two numbers are, for the message */
    int64_t expected[2];
    const char *expected_text; /* of a string constant, else NULL */
};

/* Room for what the compiler says; filled in by kpi_measure. */
struct kpi_actual {
    int64_t value[2];
    const char *text;
};

extern const char kpi_table_name[];
extern const struct kpi_row kpi_rows[];
extern const size_t kpi_row_count;
extern struct kpi_actual kpi_actuals[];
/** kpi_measure - fill in kpi_actuals. */
void kpi_measure(void);

#endif
