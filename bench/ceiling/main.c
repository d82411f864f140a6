// SPDX-License-Identifier: BSD-2-Clause
/*
 * Command line and session of the ceiling server: mounts in the foreground, serves until it is unmounted or
 * gets SIGTERM or SIGINT. Owns the options. No locks.
 */
#include "bench/ceiling/ceiling.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXIT_USAGE = 64,
    MAX_WRITE = 1 << 20, // bytes
};

#define LONG_TIMEOUT_S 3600.0

struct ceiling_options ceiling = {
    .timeout_s = LONG_TIMEOUT_S, .keep_cache = true, .writeback = true, .plus = true, .kernel_checks = true};

static const char help_text[] =
    "usage: bench-ceiling [options] MOUNTPOINT\n"
    "Mounts the smallest in-memory file system on MOUNTPOINT and serves it in the foreground.\n"
    "\n"
    "  --with-open       serve OPEN, OPENDIR and FLUSH (default)\n"
    "  --without-open    refuse them, so that the kernel stops asking\n"
    "  --exact           time-outs 0 and no permission checks by the kernel: every call is asked for\n"
    "  --no-writeback    send each write at once\n"
    "  --no-keep-cache   drop a file's cached pages at open\n"
    "  --no-plus         list directories without attributes\n"
    "  -h, --help        this text\n";

static void ceiling_init(void *userdata, struct fuse_conn_info *conn)
{
    unsigned wanted = FUSE_CAP_ASYNC_READ | FUSE_CAP_PARALLEL_DIROPS;

    (void)userdata;
    if (ceiling.plus)
        wanted |= FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO;
    if (ceiling.writeback)
        wanted |= FUSE_CAP_WRITEBACK_CACHE;
    conn->want |= conn->capable & wanted;
    conn->max_write = MAX_WRITE;
    conn->time_gran = 1;
}

static int parse_options(int argc, char **argv)
{
    static const struct option table[] = {
        {"with-open", no_argument, NULL, 'w'},     {"without-open", no_argument, NULL, 'o'},
        {"exact", no_argument, NULL, 'e'},         {"no-writeback", no_argument, NULL, 'b'},
        {"no-keep-cache", no_argument, NULL, 'k'}, {"no-plus", no_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "h", table, NULL)) != -1) {
        switch (option) {
        case 'w':
            ceiling.skip_open = false;
            break;
        case 'o':
            ceiling.skip_open = true;
            break;
        case 'e':
            ceiling.timeout_s = 0;
            ceiling.kernel_checks = false;
            break;
        case 'b':
            ceiling.writeback = false;
            break;
        case 'k':
            ceiling.keep_cache = false;
            break;
        case 'p':
            ceiling.plus = false;
            break;
        case 'h':
            fputs(help_text, stdout);
            exit(EXIT_SUCCESS);
        default:
            return EXIT_USAGE;
        }
    }
    if (argc - optind != 1) {
        fprintf(stderr, "bench-ceiling: exactly one mount point is needed (--help lists the options)\n");
        return EXIT_USAGE;
    }
    ceiling.mountpoint = argv[optind];
    return 0;
}

static int serve(struct fuse_session *session)
{
    struct fuse_loop_config *config = fuse_loop_cfg_create();
    int result;

    if (config == NULL)
        return ENOMEM;
    fuse_loop_cfg_set_clone_fd(config, 1);
    result = fuse_session_loop_mt(session, config);
    fuse_loop_cfg_destroy(config);
    // A signal ends the loop with its number, which is no failure.
    return result < 0 ? -result : 0;
}

static int run_session(void)
{
    struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
    struct fuse_lowlevel_ops ops = {.init = ceiling_init};
    struct fuse_session *session = NULL;
    int error = EIO;

    ops_names_fill(&ops);
    ops_attributes_fill(&ops);
    ops_data_fill(&ops);
    ops_directories_fill(&ops);
    if (fuse_opt_add_arg(&args, "bench-ceiling") != 0 || fuse_opt_add_arg(&args, "-ofsname=ceiling") != 0 ||
        (geteuid() == 0 && fuse_opt_add_arg(&args, "-oallow_other") != 0) ||
        (ceiling.kernel_checks && fuse_opt_add_arg(&args, "-odefault_permissions") != 0))
        goto out;
    session = fuse_session_new(&args, &ops, sizeof(ops), NULL);
    if (session == NULL)
        goto out;
    if (fuse_set_signal_handlers(session) != 0)
        goto out;
    if (fuse_session_mount(session, ceiling.mountpoint) == 0) {
        error = serve(session);
        fuse_session_unmount(session);
    }
    fuse_remove_signal_handlers(session);
out:
    if (session != NULL)
        fuse_session_destroy(session);
    fuse_opt_free_args(&args);
    return error;
}

int main(int argc, char **argv)
{
    int error = parse_options(argc, argv);

    if (error != 0)
        return error;
    error = node_root_make();
    if (error == 0)
        error = run_session();
    if (error != 0)
        fprintf(stderr, "bench-ceiling: %s: %s\n", ceiling.mountpoint, strerror(error));
    return error != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
