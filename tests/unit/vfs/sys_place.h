// SPDX-License-Identifier: BSD-2-Clause
/*
 * sys_place.h: for suites whose every case begins with one empty fxfs. Include it once, in place of
 * sys_fixture.h; FX_SUITE finds setup and teardown here.
 */
#ifndef KEXTBED_TESTS_UNIT_VFS_SYS_PLACE_H
#define KEXTBED_TESTS_UNIT_VFS_SYS_PLACE_H

#include "tests/unit/vfs/sys_fixture.h"

static struct fx_place place;

static void setup(void)
{
    fx_setup();
    place = fx_mount("fxfs", 0, 0);
}

static void teardown(void)
{
    fx_unmount(&place);
    fx_teardown();
}

#define R (&place.root)

#endif
