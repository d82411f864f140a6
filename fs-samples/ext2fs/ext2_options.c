// SPDX-License-Identifier: BSD-2-Clause
/*
 * Mount options. They are one string, handed over as the mount call's data: words separated by commas.
 */
#include "ext2fs.h"

#define OPTIONS_MAX 512

static const struct option {
    const char *name;
    uint32_t errors; /* what it sets; 0: norecovery */
} options_known[] = {
    {"errors=continue", E2_ERRORS_CONTINUE},
    {"errors=remount-ro", E2_ERRORS_RO},
    {"norecovery", 0},
};

static boolean_t option_take(const char *word, size_t len, struct ext2_options *options)
{
    for (size_t i = 0; i < sizeof(options_known) / sizeof(*options_known); i++) {
        const struct option *known = &options_known[i];
        if (strlen(known->name) != len || strncmp(known->name, word, len) != 0)
            continue;
        if (known->errors)
            options->errors = known->errors;
        else
            options->norecovery = TRUE;
        return TRUE;
    }
    return FALSE;
}

static int options_parse(const char *text, struct ext2_options *options)
{
    while (*text) {
        size_t len = 0;
        while (text[len] && text[len] != ',')
            len++;
        if (len && !option_take(text, len, options)) {
            printf("ext2fs: bad mount option \"%.*s\"; there are errors=continue, errors=remount-ro, "
                   "norecovery\n",
                   (int)len, text);
            return EINVAL;
        }
        text += len + (text[len] == ',');
    }
    return 0;
}

int ext2_options_read(user_addr_t data, struct ext2_options *options)
{
    char text[OPTIONS_MAX];
    size_t done;

    if (data == USER_ADDR_NULL)
        return 0;
    int error = copyinstr(data, text, sizeof(text), &done);
    if (error == EFAULT) /* of a type with a device nothing lies there where no options were given */
        return 0;
    return error ? error : options_parse(text, options);
}
