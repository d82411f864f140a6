// SPDX-License-Identifier: BSD-2-Clause
/*
 * From what a command line names to kexts in the kernel process: the common part of kextload, kextutil,
 * kextbed and mount.kext. A loader belongs to one tool and its only thread.
 */
#ifndef KEXTBED_TOOLS_COMMON_LOADER_H
#define KEXTBED_TOOLS_COMMON_LOADER_H

#include "libkext/archive.h"
#include "libkext/dependency.h"
#include "libkext/repository.h"
#include "tools/common/tool.h"

#define LOADER_NAMES_MAX 256u

struct loader {
    struct tool *tool;
    struct kext_repository repo;
    const char *paths[LOADER_NAMES_MAX],
        *ids[LOADER_NAMES_MAX]; /* what to load, as the command line names it */
    size_t npaths, nids;
    struct kext_bundle *targets[LOADER_NAMES_MAX * 2];
    size_t ntargets;
    struct kext_client client; /* sock -1: not connected */
    struct kext_loaded *loaded;
    size_t nloaded;
};

void loader_begin(struct loader *loader, struct tool *tool);
void loader_end(struct loader *loader);

/** loader_option - handle -b, -d and -r. Returns whether @opt was one of them. */
bool loader_option(struct loader *loader, int opt, const char *argument);
/** loader_path - a kext named by its path. */
void loader_path(struct loader *loader, const char *path);

/** loader_collect - read all bundles named and the folders to search; fill in targets.
 *  @system  search the program's own folder of extensions too.
 *  Returns: TOOL_OK; TOOL_NOT_FOUND; TOOL_BAD_KEXT one that was named is wrong. Goes on past a wrong one. */
int loader_collect(struct loader *loader, bool system);

/** loader_connect - reach the kernel process and ask what is loaded. */
enum kext_client_result loader_connect(struct loader *loader);

/** loader_load - load one kext with all that it needs. One that is loaded in the same version is no error: it
 *  is started where it was not, and one that was stopped and is still in memory is refused.
 *  @nostart  leave its start routine for later.
 *  @loaded_now  out, may be NULL: whether anything had to be loaded; with @nostart: whether it is unstarted.
 */
enum kext_client_result loader_load(struct loader *loader, struct kext_bundle *target, bool nostart,
                                    bool *loaded_now);

/** loader_load_type - load the kext of a file-system type: NAME.kext of the system's extensions, or
 * org.kextbed.NAME. */
enum kext_client_result loader_load_type(struct loader *loader, const char *type);
/** loader_find_type - the bundle that loader_load_type() would load; NULL: none. */
struct kext_bundle *loader_find_type(struct loader *loader, const char *type);

/** loader_exit_code - a result as an exit code of the kext tools. */
int loader_exit_code(enum kext_client_result result);

#endif
