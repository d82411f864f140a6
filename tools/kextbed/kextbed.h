// SPDX-License-Identifier: BSD-2-Clause
/*
 * The verbs of kextbed. Each gets its own arguments, verb_argv[0] being the verb, and returns an exit code;
 * what it gathers in the tool is printed by its own call of tool_finish().
 */
#ifndef KEXTBED_TOOLS_KEXTBED_KEXTBED_H
#define KEXTBED_TOOLS_KEXTBED_KEXTBED_H

#include "tools/common/loader.h"

int verb_start(struct tool *tool, int argc, char **argv);
int verb_stop(struct tool *tool, int argc, char **argv);
int verb_status(struct tool *tool, int argc, char **argv);
int verb_log(struct tool *tool, int argc, char **argv);
int verb_mount(struct tool *tool, int argc, char **argv);
int verb_umount(struct tool *tool, int argc, char **argv);
int verb_resize(struct tool *tool, int argc, char **argv);
int verb_revoke(struct tool *tool, int argc, char **argv);
int verb_testdisk(struct tool *tool, int argc, char **argv);
int verb_suspend(struct tool *tool, int argc, char **argv);
int verb_resume(struct tool *tool, int argc, char **argv);
int verb_run(struct tool *tool, int argc, char **argv);
int verb_refs(struct tool *tool, int argc, char **argv);
int verb_locks(struct tool *tool, int argc, char **argv);
int verb_cc(struct tool *tool, int argc, char **argv);

/** path_absolute - a path that the kernel process can use, whose working folder is another; "none" and "" as
 * they are. To be ended with free(). Does not look at the last component, which may be a mount that hangs. */
char *path_absolute(const char *path);

/** vnodes_read - the operand of --vnodes: a number of at least 8. */
bool vnodes_read(const char *text, uint32_t *out);

/** verb_usage - the help text of one verb on standard output; NULL: of all. */
void verb_usage(const char *verb);

#endif
