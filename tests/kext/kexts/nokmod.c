// SPDX-License-Identifier: BSD-2-Clause
/* Does not say who it is. */
int nothing(void);

int nothing(void)
{
    return 0;
}
