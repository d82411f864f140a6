// SPDX-License-Identifier: BSD-2-Clause
/*
 * Between the files of `kextbed cc`: cc.c reads the command line, cc_info.c makes or fills in the Info.plist,
 * cc_build.c runs compiler and linker and writes the bundle. Everything runs on the tool's only thread.
 */
#ifndef KEXTBED_TOOLS_KEXTBED_CC_INTERNAL_H
#define KEXTBED_TOOLS_KEXTBED_CC_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "libkext/info.h"
#include "tools/common/tool.h"

#define CC_WORDS_MAX 1024u

struct cc_words {
    const char *list[CC_WORDS_MAX];
    size_t count;
};

/* What to build, as the command line says. */
struct cc_request {
    struct tool *tool;
    const char *bundle;        /* NAME.kext; NULL: named after the first source */
    const char *info;          /* an Info.plist to use; NULL: one is made */
    const char *id;            /* NULL: the list's own, or local.NAME */
    bool evolving;             /* a list that is made says that symbols that can still change are welcome */
    const char *version;       /* NULL: the list's own, or 1.0.0 */
    const char *start, *stop;  /* NULL: NAME_start, NAME_stop; "NONE": none */
    struct cc_words libraries; /* identifier=version; none: the usual three */
    struct cc_words sources;   /* .c, .S, .o, .a */
    struct cc_words options;   /* for the compiler, in order */
};

/* What is known of the kext before it is compiled. */
struct cc_kext {
    char name[256]; /* of bundle and executable */
    char *bundle;   /* path of the bundle */
    char *plist;    /* text of its Info.plist */
    struct kext_info info;
};

/** cc_info_make - settle name and bundle, and make the Info.plist or read and fill in the one given.
 *  Returns: false with errors added; nothing has been written. End with cc_info_free() either way. */
bool cc_info_make(const struct cc_request *request, struct cc_kext *kext);
void cc_info_free(struct cc_kext *kext);

/** cc_build - compile, link, write the bundle. Where anything fails no bundle is touched.
 *  Returns: an exit code; errors are added, but for what the compiler has said itself. */
int cc_build(const struct cc_request *request, const struct cc_kext *kext);

/** cc_compiler - $CC, or cc. */
const char *cc_compiler(void);
/** cc_compiler_include - where @compiler has its own headers (stdarg.h and its like), to be freed; NULL: it
 * does not run, and an error is added. */
char *cc_compiler_include(const char *compiler, struct kext_diags *diags);

#endif
