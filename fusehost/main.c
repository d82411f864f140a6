// SPDX-License-Identifier: BSD-2-Clause
/*
 * The program fusehost.
 */
#include "fusehost/fusehost.h"

int main(int argc, char **argv)
{
    return fh_daemon_main(argc, argv);
}
