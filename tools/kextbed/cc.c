// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed cc: what the build of a kext outside of CMake needs. The flags are those that the project's own
 * samples are built with; the build passes them in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/kextbed/kextbed.h"

#ifndef KEXTBED_SHARE_DIR
#define KEXTBED_SHARE_DIR "/usr/share/kextbed"
#endif

/* Where the headers and the start-up code are: installed, or in the source tree that this was built from. */
static const char *share_dir(void)
{
    return access(KEXTBED_SHARE_DIR "/include/sys/vnode.h", R_OK) == 0 ? KEXTBED_SHARE_DIR
                                                                       : KEXTBED_SOURCE_DIR;
}

enum { OPT_CFLAGS = TOOL_OPT_OWN, OPT_LDFLAGS, OPT_SOURCES, OPT_CMAKE };

static const struct option cc_options[] = {{"cflags", no_argument, NULL, OPT_CFLAGS},
                                           {"ldflags", no_argument, NULL, OPT_LDFLAGS},
                                           {"sources", no_argument, NULL, OPT_SOURCES},
                                           {"cmake", no_argument, NULL, OPT_CMAKE},
                                           TOOL_OPTIONS,
                                           {NULL, 0, NULL, 0}};

static void what_print(int what)
{
    const char *share = share_dir();

    switch (what) {
    case OPT_LDFLAGS:
        puts(KEXTBED_KEXT_LDFLAGS);
        break;
    case OPT_SOURCES:
        printf("%s/kext/glue/kmod_glue.c\n", share);
        break;
    case OPT_CMAKE:
        printf("%s/cmake/KextbedKext.cmake\n", share);
        break;
    default:
        /* The compiler's own headers are the compiler's to know: $CC -print-file-name=include */
        printf("-isystem %s/include " KEXTBED_KEXT_CFLAGS "\n", share);
        break;
    }
}

int verb_cc(struct tool *tool, int argc, char **argv)
{
    int opt, what = 0;

    while ((opt = getopt_long_only(argc, argv, "qvh", cc_options, NULL)) != -1) {
        if (opt >= OPT_CFLAGS && opt <= OPT_CMAKE && what == 0) {
            what = opt;
        } else if (!tool_option(tool, opt, argc, argv)) {
            return tool_usage_error(tool, "cc: one of --cflags, --ldflags, --sources, --cmake");
        }
    }
    what_print(what);
    return tool_finish(tool, TOOL_OK);
}
