// SPDX-License-Identifier: BSD-2-Clause
/*
 * What every test object may refer to: a function, a variable and a number, all worth 42.
 *
 * Owns: nothing. Locks: none. Callers: tests/link.
 */
#include "tests/link/support/link_host.h"

static int external_data = 42;

static int external_function(void)
{
    return external_data;
}

const struct kxld_export link_externals[] = {
    {.name = "external_function",
     .flags = KXLD_EXPORT_FUNC,
     .address = (uint64_t)(uintptr_t)external_function},
    {.name = "external_data", .flags = KXLD_EXPORT_DATA, .address = (uint64_t)(uintptr_t)&external_data},
    {.name = "external_number", .flags = KXLD_EXPORT_DATA, .address = 42},
};
const size_t link_n_externals = sizeof(link_externals) / sizeof(link_externals[0]);
