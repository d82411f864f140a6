// SPDX-License-Identifier: BSD-2-Clause
/*
 * What becomes of a busy buffer when its owner lets go of it.
 */
#include "buf/buf_internal.h"

void buf_brelse(buf_t bp)
{
    buf_free(bp);
}
