// SPDX-License-Identifier: BSD-2-Clause
/* No mistake: the file system must pass. */
#include "smallfs.h"

const struct small_mistake small_mistake = {0};
