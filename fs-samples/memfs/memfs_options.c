// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mount options. They are one string, handed over as the mount call's data:
 * "size=BYTES[k|m|g],nodes=N,mode=OCTAL,uid=N,gid=N", separated by commas, each of them optional.
 */
#include "memfs.h"

#define DEFAULT_BYTES (8ull << 30)
#define DEFAULT_NODES (16ull << 20)
#define OPTIONS_MAX   512

void memfs_options_default(struct memfs_options *options, vfs_context_t context)
{
    *options = (struct memfs_options){
        .bytes = DEFAULT_BYTES,
        .nodes = DEFAULT_NODES,
        .root = {.type = VDIR,
                 .mode = 0755,
                 .uid = kauth_cred_getuid(vfs_context_ucred(context)),
                 .gid = kauth_cred_getgid(vfs_context_ucred(context))},
    };
}

/* Reads a number up to the end or `stop`; FALSE if there is none or it does not fit. */
static boolean_t parse_number(const char **text, uint32_t base, uint64_t *out)
{
    const char *p = *text;
    uint64_t value = 0;

    while (*p >= '0' && *p < (char)('0' + base)) {
        uint32_t digit = (uint32_t)(*p - '0');
        if (value > (UINT64_MAX - digit) / base)
            return FALSE;
        value = value * base + digit;
        p++;
    }
    if (p == *text)
        return FALSE;
    *text = p;
    *out = value;
    return TRUE;
}

static boolean_t parse_size(const char **text, uint64_t *out)
{
    if (!parse_number(text, 10, out))
        return FALSE;
    uint32_t shift = **text == 'k' ? 10 : **text == 'm' ? 20 : **text == 'g' ? 30 : 0;
    if (shift)
        (*text)++;
    if (*out > UINT64_MAX >> shift)
        return FALSE;
    *out <<= shift;
    return TRUE;
}

static boolean_t key_is(const char **text, const char *key)
{
    size_t len = strlen(key);

    if (strncmp(*text, key, len) != 0)
        return FALSE;
    *text += len;
    return TRUE;
}

static boolean_t parse_option(const char **text, struct memfs_options *options)
{
    uint64_t value = 0;

    if (key_is(text, "size="))
        return parse_size(text, &options->bytes) && options->bytes >= MEMFS_PAGE_SIZE &&
               options->bytes <= (uint64_t)INT64_MAX;
    if (key_is(text, "nodes="))
        return parse_number(text, 10, &options->nodes) && options->nodes > 0;
    if (key_is(text, "mode=")) {
        boolean_t ok = parse_number(text, 8, &value) && value <= ALLPERMS;
        options->root.mode = (mode_t)value;
        return ok;
    }
    if (key_is(text, "uid=")) {
        boolean_t ok = parse_number(text, 10, &value) && value < UINT32_MAX;
        options->root.uid = (uid_t)value;
        return ok;
    }
    if (key_is(text, "gid=")) {
        boolean_t ok = parse_number(text, 10, &value) && value < UINT32_MAX;
        options->root.gid = (gid_t)value;
        return ok;
    }
    return FALSE;
}

static int parse_options(const char *text, struct memfs_options *options)
{
    const char *at = text;

    while (*at) {
        const char *option = at;
        if (!parse_option(&at, options) || (*at && *at != ',')) {
            const char *end = option;
            while (*end && *end != ',')
                end++;
            printf(
                "memfs: bad mount option \"%.*s\"; there are size=BYTES[k|m|g], nodes=N, mode=OCTAL, uid=N, "
                "gid=N\n",
                (int)(end - option), option);
            return EINVAL;
        }
        if (*at == ',')
            at++;
    }
    return 0;
}

int memfs_options_read(user_addr_t data, struct memfs_options *options)
{
    char text[OPTIONS_MAX];
    size_t done;

    if (data == USER_ADDR_NULL)
        return 0;
    int error = copyinstr(data, text, sizeof(text), &done);
    return error ? error : parse_options(text, options);
}
