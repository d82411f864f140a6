// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mount options: the table of what there is, and its reader.
 */
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fuse_lowlevel.h>
#include <fuse_opt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fusehost/options.h"
#include "vfs/syscalls.h"

#define TIMEOUT_DEFAULT 3600.0
#define TIMEOUT_MAX     1e9
#define THREADS_DEFAULT 64 /* started as needed; many, since operations may sleep for one another */
#define THREADS_MAX     1024

enum option_kind { OPT_NOTHING, OPT_BOOL, OPT_OPEN, OPT_SECONDS, OPT_COUNT, OPT_SIZE, OPT_TEXT };

struct option_row {
    const char *name;
    enum option_kind kind;
    size_t offset; /* of the member in struct fh_options */
    int value;     /* what OPT_BOOL and OPT_OPEN store */
};
#define MEMBER(m) offsetof(struct fh_options, m)

static const struct option_row rows[] = {
    {"defaults", OPT_NOTHING, 0, 0},
    {"default_permissions", OPT_NOTHING, 0, 1},
    {"ro", OPT_BOOL, MEMBER(ro), true},
    {"rw", OPT_BOOL, MEMBER(ro), false},
    {"suid", OPT_BOOL, MEMBER(suid), true},
    {"nosuid", OPT_BOOL, MEMBER(suid), false},
    {"dev", OPT_BOOL, MEMBER(dev), true},
    {"nodev", OPT_BOOL, MEMBER(dev), false},
    {"exec", OPT_BOOL, MEMBER(noexec), false},
    {"noexec", OPT_BOOL, MEMBER(noexec), true},
    {"sync", OPT_BOOL, MEMBER(sync), true},
    {"async", OPT_BOOL, MEMBER(sync), false},
    {"atime", OPT_BOOL, MEMBER(noatime), false},
    {"noatime", OPT_BOOL, MEMBER(noatime), true},
    {"allow_other", OPT_BOOL, MEMBER(allow_other), true},
    {"noallow_other", OPT_BOOL, MEMBER(allow_other), false},
    {"nocache", OPT_BOOL, MEMBER(exact), true},
    {"noxattr", OPT_BOOL, MEMBER(noxattr), true},
    {"noopen", OPT_OPEN, MEMBER(open), FH_OPEN_NEVER},
    {"open", OPT_OPEN, MEMBER(open), FH_OPEN_ALWAYS},
    {"entry_timeout", OPT_SECONDS, MEMBER(entry_timeout), 0},
    {"attr_timeout", OPT_SECONDS, MEMBER(attr_timeout), 0},
    {"negative_timeout", OPT_SECONDS, MEMBER(negative_timeout), 0},
    {"threads", OPT_COUNT, MEMBER(threads), 0},
    {"nodes", OPT_SIZE, MEMBER(max_nodes), 0},
    {"fsname", OPT_TEXT, MEMBER(fsname), 0},
    {"subtype", OPT_TEXT, MEMBER(subtype), 0},
    {"fsdata", OPT_TEXT, MEMBER(fsdata), 0},
    {"testdisk", OPT_TEXT, MEMBER(testdisk), 0},
};

struct parse {
    struct fh_options *out;
    char *err;
    size_t errlen;
    bool default_permissions;
    bool timeouts; /* one was given */
};

static int refuse(const struct parse *parse, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int refuse(const struct parse *parse, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    if (parse->err && parse->errlen)
        vsnprintf(parse->err, parse->errlen, fmt, args);
    va_end(args);
    return EINVAL;
}

static int parse_seconds(const struct parse *parse, const char *name, const char *text, double *out)
{
    char *end;
    double value;

    errno = 0;
    value = strtod(text, &end);
    if (end == text || *end || errno || !isfinite(value) || value < 0 || value > TIMEOUT_MAX)
        return refuse(parse, "mount option %s=%s: not a number of seconds", name, text);
    *out = value;
    return 0;
}

static int parse_number(const struct parse *parse, const char *name, const char *text, uint64_t max,
                        uint64_t *out)
{
    char *end;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value == 0 || value > max)
        return refuse(parse, "mount option %s=%s: not a number from 1 to %llu", name, text,
                      (unsigned long long)max);
    *out = value;
    return 0;
}

static int parse_value(struct parse *parse, const struct option_row *row, const char *value)
{
    void *member = (char *)parse->out + row->offset;
    uint64_t number = 0;
    int err = 0;

    switch (row->kind) {
    case OPT_NOTHING:
        parse->default_permissions |= row->value;
        break;
    case OPT_BOOL:
        *(bool *)member = row->value;
        break;
    case OPT_OPEN:
        *(enum fh_open_policy *)member = (enum fh_open_policy)row->value;
        break;
    case OPT_SECONDS:
        parse->timeouts = true;
        err = parse_seconds(parse, row->name, value, member);
        break;
    case OPT_COUNT:
        err = parse_number(parse, row->name, value, THREADS_MAX, &number);
        *(unsigned *)member = (unsigned)number;
        break;
    case OPT_SIZE:
        err = parse_number(parse, row->name, value, UINT64_MAX / 2, member);
        break;
    case OPT_TEXT:
        if (row->offset == MEMBER(fsdata) && value[0] == '@')
            return refuse(parse, "fsdata=@FILE is read by the tool that mounts, and has no place here");
        free(*(char **)member);
        *(char **)member = strdup(value);
        err = *(char **)member ? 0 : ENOMEM;
        break;
    }
    return err;
}

static int parse_one(struct parse *parse, char *option)
{
    char *value = strchr(option, '=');

    if (value)
        *value++ = '\0';
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool wants_value = rows[i].kind >= OPT_SECONDS;

        if (strcmp(rows[i].name, option) != 0)
            continue;
        if (wants_value && !value)
            return refuse(parse, "mount option %s needs a value", option);
        if (!wants_value && value)
            return refuse(parse, "mount option %s takes no value", option);
        return parse_value(parse, &rows[i], value);
    }
    return refuse(parse, "unknown mount option \"%s\"; %s", option,
                  parse->out->testdisk ? "the items of testdisk= are separated by semicolons"
                                       : "what is meant for the file system goes into fsdata=");
}

char *fh_options_split(char *text)
{
    char *to = text;

    for (char *from = text;; from++) {
        if (*from == '\\' && (from[1] == ',' || from[1] == '\\')) {
            *to++ = *++from;
        } else if (*from == ',' || *from == '\0') {
            char *rest = *from ? from + 1 : NULL;

            *to = '\0';
            return rest;
        } else {
            *to++ = *from;
        }
    }
}

static int options_check(struct parse *parse)
{
    struct fh_options *out = parse->out;

    if (!out->exact)
        return 0;
    if (parse->default_permissions)
        return refuse(parse, "mount options nocache and default_permissions exclude each other");
    if (out->open == FH_OPEN_NEVER)
        return refuse(parse, "mount options nocache and noopen exclude each other");
    if (parse->timeouts)
        return refuse(parse, "mount options nocache and time-outs exclude each other");
    out->entry_timeout = out->attr_timeout = out->negative_timeout = 0;
    out->open = FH_OPEN_ALWAYS;
    return 0;
}

int fh_options_parse(const char *text, bool is_root, struct fh_options *out, char *err, size_t errlen)
{
    struct parse parse = {.out = out, .err = err, .errlen = errlen};
    char *copy = strdup(text ? text : "");
    int error = copy ? 0 : ENOMEM;

    *out = (struct fh_options){.allow_other = is_root,
                               .threads = THREADS_DEFAULT,
                               .entry_timeout = TIMEOUT_DEFAULT,
                               .attr_timeout = TIMEOUT_DEFAULT,
                               .negative_timeout = TIMEOUT_DEFAULT};
    for (char *rest = copy, *option = copy; !error && rest; option = rest) {
        rest = fh_options_split(option);
        if (*option)
            error = parse_one(&parse, option);
    }
    if (!error)
        error = options_check(&parse);
    free(copy);
    if (error)
        fh_options_free(out);
    return error;
}

void fh_options_free(struct fh_options *options)
{
    free(options->fsname);
    free(options->subtype);
    free(options->fsdata);
    free(options->testdisk);
    options->fsname = options->subtype = options->fsdata = options->testdisk = NULL;
}

uint64_t fh_options_mount_flags(const struct fh_options *options)
{
    return (options->ro ? SYS_MNT_RDONLY : 0) | (options->suid ? 0 : SYS_MNT_NOSUID) |
           (options->dev ? 0 : SYS_MNT_NODEV) | (options->noexec ? SYS_MNT_NOEXEC : 0) |
           (options->sync ? SYS_MNT_SYNCHRONOUS : 0) | (options->noatime ? SYS_MNT_NOATIME : 0);
}

/* Plain words for the host's own mount; it has no use for what is ours alone. */
char *fh_options_fuse_text(const struct fh_options *options, const char *type, const char *special)
{
    char *text = NULL;
    char name[SYS_PATH_MAX + 16];
    const struct {
        bool on;
        const char *word;
    } words[] = {
        {options->ro, "ro"},
        {options->suid, "suid"},
        {options->dev, "dev"},
        {options->noexec, "noexec"},
        {options->sync, "sync"},
        {options->noatime, "noatime"},
        {options->allow_other, "allow_other"},
        {!options->exact, "default_permissions"},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (words[i].on && fuse_opt_add_opt(&text, words[i].word) != 0)
            goto fail;
    snprintf(name, sizeof(name), "fsname=%s", options->fsname ? options->fsname : special);
    if (fuse_opt_add_opt_escaped(&text, name) != 0)
        goto fail;
    if (options->subtype)
        snprintf(name, sizeof(name), "subtype=%s", options->subtype);
    else
        snprintf(name, sizeof(name), "subtype=kext.%s", type);
    if (fuse_opt_add_opt_escaped(&text, name) != 0)
        goto fail;
    return text;
fail:
    free(text);
    return NULL;
}
