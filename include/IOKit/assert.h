// SPDX-License-Identifier: BSD-2-Clause
/*
 * Assertions, under IOKit's name of the header.
 */
#ifndef KPI_IOKIT_ASSERT_H
#define KPI_IOKIT_ASSERT_H

#include <kern/assert.h>

#endif /* KPI_IOKIT_ASSERT_H */
