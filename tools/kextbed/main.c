// SPDX-License-Identifier: BSD-2-Clause
/*
 * kextbed: the umbrella command. This file knows the verbs and their help; each verb has a file.
 */
#include "tools/kextbed/kextbed.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libkext/place.h"

#ifndef KEXTBED_VERSION
#define KEXTBED_VERSION "unknown"
#endif

struct verb {
    const char *name;
    int (*run)(struct tool *tool, int argc, char **argv);
    const char *program; /* instead of run: another tool that does it */
    const char *synopsis, *what;
    const char *options; /* may be NULL */
};

static const struct verb verbs[] = {
    {"start", verb_start, NULL, "[--validate] [--vnodes N] [--cache-size SIZE] [--ledger] [--log FILE]",
     "start the shared kernel process",
     "  --vnodes N     bound of the vnode table\n"
     "  --cache-size SIZE  memory for cached blocks and pages, at least 8m; k, m, g\n"
     "  --ledger       keep the ledger of references: what is left behind is a panic at once\n"
     "  --validate[=POLICY]  check every lock and reference of kexts: panic (the default), warn, off\n"
     "  --exceptions FILE  findings of the validator that are allowed\n"
     "  --hang SECONDS with the validator, tell of operations that last longer (30)\n"
     "  --log FILE     append messages there; \"syslog\" for the host's log\n"},
    {"stop", verb_stop, NULL, "[-f]", "unmount everything and end the kernel process",
     "  -f, --force    cut off whoever still uses a mount\n"},
    {"status", verb_status, NULL, "", "show the kernel process, its mounts and what it holds", NULL},
    {"log", verb_log, NULL, "[-f]", "print the kernel half's log",
     "  -f, --follow   go on printing what is added\n"},
    {"refs", verb_refs, NULL, "", "show who holds references of vnodes, since when and from where",
     "  -v             with the stacks\n"},
    {"locks", verb_locks, NULL, "[--contention | --dot]", "show what each thread runs, holds and waits for",
     "  -v             with the stacks\n"
     "  --contention   lock classes instead, by the time that was waited for them\n"
     "  --dot          the order in which classes are taken, as a graph for dot(1)\n"},
    {"mount", verb_mount, NULL, "-t TYPE [-o OPTIONS] [SPECIAL] DIR", "mount a file system",
     "  -t TYPE        its type, as its kext registers it; TYPE.kext is loaded when it has to be\n"
     "  SPECIAL        none, unless given; for a type that lies on a disk, an image file or a block device\n"
     "  -o OPTIONS     separated by commas; an unknown one is an error. fusehost(8) has the list\n"
     "                 (ro, nocache, ...); the file system's own go into fsdata=, with \\, for a comma:\n"
     "                 -o 'fsdata=size=64m\\,mode=1777', see kext.memfs(8). With update (or remount)\n"
     "                 what is mounted on DIR is changed; no -t then\n"
     "  -r DIR         a folder to look for TYPE.kext in\n"},
    {"umount", verb_umount, NULL, "[-f] DIR", "unmount a file system",
     "  -f, --force    cut off whoever still uses it\n"},
    {"resize", verb_resize, NULL, "DIR SIZE", "make the file system on a mount larger or smaller",
     "  SIZE           in bytes, or with k, m, g or t behind it\n"},
    {"revoke", verb_revoke, NULL, "FILE", "take a file away from everybody who has it open", NULL},
    {"suspend", verb_suspend, NULL, "[--timeout SECONDS] DIR [COMMAND [ARGUMENT]...]",
     "keep everybody out of a mount while what it stores is changed",
     "  --timeout SECONDS  how long to wait for those who are in it; 10 unless given\n"
     "  COMMAND            runs meanwhile; the mount is resumed when it ends, however it ends\n"},
    {"resume", verb_resume, NULL, "[-f] DIR", "let everybody in again",
     "  -f, --force    also when somebody else has suspended it\n"},
    {"testdisk", verb_testdisk, NULL, "[--plan PLAN] [--cut] DIR",
     "show what the test device below a mount did, and tell it what to do",
     "  --plan PLAN    what it does from now on; testdisk(5) says how plans are written\n"
     "  --cut          its power goes: what no flush has covered is lost, or not, as the seed decides\n"},
    {"run", verb_run, NULL, "[-d KEXT] [KEXT.kext] [-t TYPE] [-o OPTIONS] [SPECIAL] DIR",
     "run kernel, kext and mount in one foreground process; needs no privileges",
     "  -d KEXT        a kext that may be needed; may be given again\n"
     "  -r DIR         a folder of further kexts\n"
     "  -t TYPE        the file-system type; the kext's own name unless given\n"
     "  -o OPTIONS     mount options, as for kextbed mount\n"
     "  --vnodes N     bound of the vnode table\n"
     "  --cache-size SIZE  memory for cached blocks and pages, at least 8m; k, m, g\n"
     "  --ledger       keep the ledger of references: what is left behind is a panic at once\n"
     "  --validate[=POLICY]  check every lock and reference of kexts: panic (the default), warn, off\n"
     "  --exceptions FILE  findings of the validator that are allowed\n"
     "  --hang SECONDS with the validator, tell of operations that last longer (30)\n"
     "  --log FILE     append messages there instead of standard error\n"
     "  --socket PATH  listen there for kextstat and kextbed\n"},
    {"cc", verb_cc, NULL,
     "[options] [-o NAME.kext] SOURCE.c ... | --cflags | --ldflags | --sources | --cmake | --samples",
     "build a kext's bundle from its sources, or print what its own build needs",
     "  -o NAME.kext        the bundle; named after the first source unless given\n"
     "  --info Info.plist   use this list, Xcode's variables filled in; one is made unless given\n"
     "  --id ID             CFBundleIdentifier; local.NAME unless given\n"
     "  --version V         CFBundleVersion; 1.0.0 unless given\n"
     "  --library ID=V      a row of OSBundleLibraries, may be given again; bsd, libkern and mach unless "
     "given\n"
     "  --evolving          symbols that can still change are welcome\n"
     "  --start, --stop F   start and stop routine; NAME_start and NAME_stop unless given; NONE for none\n"
     "  --cflags            print compiler flags; --ldflags of the linker; --sources the start-up code;\n"
     "                      --cmake the module for CMake; --samples the folder of sample kexts to copy\n"
     "  All other options go to the compiler, $CC or cc; -v shows the commands.\n"},
    {"load", NULL, "kextload", "...", "load kexts: kextload", NULL},
    {"unload", NULL, "kextunload", "...", "unload kexts: kextunload", NULL},
    {"showloaded", NULL, "kextstat", "...", "list what is loaded: kextstat", NULL},
};
enum { N_VERBS = sizeof(verbs) / sizeof(verbs[0]) };

void verb_usage(const char *name)
{
    for (size_t i = 0; name != NULL && i < N_VERBS; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            printf("usage: kextbed %s%s%s\n\n%c%s.\n\n%s"
                   "  -q, -quiet; -v, -verbose [0-6]; -h, --help; --json; --socket PATH\n",
                   verbs[i].name, verbs[i].synopsis[0] != '\0' ? " " : "", verbs[i].synopsis,
                   toupper((unsigned char)verbs[i].what[0]), verbs[i].what + 1,
                   verbs[i].options != NULL ? verbs[i].options : "");
            return;
        }
    }
    puts("usage: kextbed VERB ...\n");
    for (size_t i = 0; i < N_VERBS; i++) {
        printf("  %-11s %s\n", verbs[i].name, verbs[i].what);
    }
    puts("\n'kextbed VERB --help' says more. $KEXTBED_SOCKET names another kernel process, "
         "$KEXTBED_EXTENSIONS another\n"
         "folder of extensions.\n"
         "Exit status: 0; 1 not found; 4 a kext is wrong; 6 it did not work; 16 in use; 34 a start routine "
         "failed;\n"
         "64 usage; 69 no kernel process; 70 the kernel half panicked (run); 77 not permitted.");
}

static int program_run(const char *program, char **argv)
{
    char *path = kext_place_program(program);

    argv[0] = (char *)(uintptr_t)program;
    if (path != NULL) {
        execv(path, argv);
    }
    execvp(program, argv);
    fprintf(stderr, "kextbed: cannot run %s\n", program);
    free(path);
    return TOOL_UNSPECIFIED;
}

int main(int argc, char **argv)
{
    struct tool tool;

    if (argc < 2 || strcmp(argv[1], "help") == 0 || argv[1][0] == '-') {
        const char *option = argc < 2 ? "" : argv[1];

        if (strcmp(option, "--version") == 0 || strcmp(option, "-version") == 0) {
            puts("kextbed " KEXTBED_VERSION " (Darwin " KEXT_INTERFACE_VERSION_TEXT " interfaces)");
            return TOOL_OK;
        }
        if (tool_wants_help(argc, argv) || strcmp(option, "help") == 0) {
            verb_usage(argc > 2 ? argv[2] : NULL);
            return TOOL_OK;
        }
        fprintf(stderr, "kextbed: %s\nTry 'kextbed --help'.\n",
                argc < 2 ? "what shall be done?" : "a verb goes first");
        return TOOL_USAGE;
    }
    for (size_t i = 0; i < N_VERBS; i++) {
        if (strcmp(verbs[i].name, argv[1]) != 0) {
            continue;
        }
        if (verbs[i].program != NULL) {
            return program_run(verbs[i].program, argv + 1);
        }
        if (tool_wants_help(argc - 1, argv + 1)) {
            verb_usage(verbs[i].name);
            return TOOL_OK;
        }
        char name[64];

        snprintf(name, sizeof(name), "kextbed %s", verbs[i].name);
        argv[1] = name; /* getopt's own messages begin with it */
        tool_begin(&tool, "kextbed");
        tool.verb = verbs[i].name;
        return verbs[i].run(&tool, argc - 1, argv + 1);
    }
    fprintf(stderr, "kextbed: there is no verb '%s'\nTry 'kextbed --help'.\n", argv[1]);
    return TOOL_USAGE;
}
