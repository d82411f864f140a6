// SPDX-License-Identifier: BSD-2-Clause
/*
 * worlds.c: what each file system and each way to it can do. What is not declared here must work.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/conform/conform.h"
#include "tests/conform/worlds.h"

struct lack {
    const char *where; /* a world, or a type of file system */
    unsigned features;
    const char *reason;
};
static const struct lack lacks[] = {
    {"inproc", HAS_LOCKS, "the host keeps advisory locks, the system-call layer has none"},
    {"fuse-fast", HAS_ATIME, "the host reads from its cache in fast mode, and the file system sees no read"},
    {"fuse-fast", HAS_SEEK, "the host asks for holes before it has written back: in fast mode all is data"},
    {"fuse-fast", HAS_LIVE_SPACE, "the host remembers a file's space from before it wrote back"},
    {"host", HAS_ATIME, "the host's mounts update access times now and then only (relatime)"},
    {"host", HAS_BIRTH, "stat(2) tells no time of creation"},
    {"fuse-fast", HAS_BIRTH, "stat(2) tells no time of creation"},
    {"fuse-exact", HAS_BIRTH, "stat(2) tells no time of creation"},
    {"host", HAS_ZERO, "the host's tmpfs zeroes no ranges"},
    {"onelockfs", HAS_XATTR, "onelockfs has no extended attributes"},
    {"onelockfs", HAS_DEVICES, "onelockfs has no device nodes"},
    {"onelockfs", HAS_HUGE | HAS_BIG_FILES, "files of onelockfs end at 4 GiB"},
    {"onelockfs", HAS_ALLOCATE | HAS_PUNCH | HAS_ZERO, "onelockfs reserves no space and punches no holes"},
    {"onelockfs", HAS_SEEK, "onelockfs does not tell where its holes are"},
    {"onelockfs", HAS_SWAP, "onelockfs has no VNOP_RENAMEX"},
};

static char why[256];
static bool in_process;

const char *world_feature_reason(unsigned lacking)
{
    for (size_t i = 0; i < COUNT_OF(lacks); i++)
        if ((lacks[i].features & lacking) && strstr(why, lacks[i].where))
            return lacks[i].reason;
    return lacking & HAS_XATTR ? "the host's tmpfs has no user's extended attributes" : "not declared";
}

static enum world world_number(const char *name)
{
    static const char *const names[WORLD_COUNT] = {
        [WORLD_HOST] = "host",
        [WORLD_FUSE_FAST] = "fuse-fast",
        [WORLD_FUSE_EXACT] = "fuse-exact",
        [WORLD_INPROC] = "inproc",
    };

    for (unsigned i = 0; i < WORLD_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return (enum world)i;
    return WORLD_COUNT;
}

static void host_probe(const char *dir)
{
    if (geteuid() != 0) {
        puts("skipped: not run as root, so there is one user only");
        exit(77);
    }
    if (setxattr(dir, "user.conform", "x", 1, 0) != 0 && errno == EOPNOTSUPP)
        features &= ~(unsigned)HAS_XATTR;
    else
        (void)removexattr(dir, "user.conform");
}

bool world_start(const struct world_options *options)
{
    conform_world = world_number(options->world);
    if (conform_world == WORLD_COUNT || (conform_world != WORLD_INPROC) != (options->dir != NULL))
        return false;
    snprintf(why, sizeof(why), "%s %s", options->world, options->fstype);
    for (size_t i = 0; i < COUNT_OF(lacks); i++)
        if (strcmp(options->world, lacks[i].where) == 0 || strstr(options->fstype, lacks[i].where))
            features &= ~lacks[i].features;
    if (conform_world == WORLD_INPROC) {
        fs = &inproc_ops;
        in_process = true;
        inproc_begin(options->fstype, options->max_vnodes);
        return true;
    }
    fs = &host_ops;
    int error = host_start(options->dir);
    if (error) {
        fprintf(stderr, "%s: %s\n", options->dir, strerror(error));
        exit(1);
    }
    if (conform_world == WORLD_HOST)
        host_probe(options->dir);
    return true;
}

void world_end(void)
{
    if (in_process)
        inproc_finish();
    else
        host_end();
}
