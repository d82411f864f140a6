// SPDX-License-Identifier: BSD-2-Clause
/*
 * Parsing, printing and comparing kext versions. Owns nothing. Called by the property reader, the dependency
 * resolver and the tools.
 */
#include "libkext/version.h"

#include <stdio.h>
#include <string.h>

/* Reads 1..max_digits decimal digits; false where there is none or one too many. */
static bool digits_read(const char **cursor, unsigned max_digits, unsigned *value)
{
    const char *p = *cursor;
    unsigned n = 0;

    *value = 0;
    for (; *p >= '0' && *p <= '9'; p++, n++) {
        if (n == max_digits) {
            return false;
        }
        *value = *value * 10 + (unsigned)(*p - '0');
    }
    *cursor = p;
    return n != 0;
}

static bool stage_read(const char **cursor, unsigned *stage, unsigned *level)
{
    const char *p = *cursor;

    switch (*p++) {
    case 'd':
        *stage = KEXT_STAGE_DEVELOPMENT;
        break;
    case 'a':
        *stage = KEXT_STAGE_ALPHA;
        break;
    case 'b':
        *stage = KEXT_STAGE_BETA;
        break;
    case 'f':
        *stage = KEXT_STAGE_CANDIDATE;
        if (*p == 'c') {
            p++;
        }
        break;
    default:
        return false;
    }
    *cursor = p;
    if (!digits_read(cursor, 3, level) || *level > 255) {
        return false;
    }
    return *stage != KEXT_STAGE_CANDIDATE || *level > 0;
}

bool kext_version_parse(const char *text, uint64_t *number)
{
    unsigned part[3] = {0, 0, 0};
    unsigned stage = KEXT_STAGE_RELEASE, level = 0;
    const char *p = text;

    if (!digits_read(&p, 4, &part[0])) {
        return false;
    }
    for (unsigned i = 1; i < 3 && *p == '.'; i++) {
        p++;
        if (!digits_read(&p, 2, &part[i])) {
            return false;
        }
    }
    if (*p >= 'a' && *p <= 'z' && !stage_read(&p, &stage, &level)) {
        return false;
    }
    if (p[strspn(p, " \t\r\n")] != '\0') {
        return false;
    }
    *number = KEXT_VERSION_NUMBER(part[0], part[1], part[2], stage, level);
    return true;
}

void kext_version_format(uint64_t number, char *buf, size_t size)
{
    static const char *const letter[10] = {[KEXT_STAGE_DEVELOPMENT] = "d",
                                           [KEXT_STAGE_ALPHA] = "a",
                                           [KEXT_STAGE_BETA] = "b",
                                           [KEXT_STAGE_CANDIDATE] = "f"};
    unsigned major = (unsigned)(number / 100000000u);
    unsigned minor = (unsigned)(number / 1000000u % 100u);
    unsigned revision = (unsigned)(number / 10000u % 100u);
    unsigned stage = (unsigned)(number / 1000u % 10u);
    char tail[16] = "", middle[16] = "";

    if (revision != 0) {
        snprintf(middle, sizeof(middle), ".%u", revision);
    }
    if (letter[stage] != NULL) {
        snprintf(tail, sizeof(tail), "%s%u", letter[stage], (unsigned)(number % 1000u));
    }
    snprintf(buf, size, "%u.%u%s%s", major, minor, middle, tail);
}

bool kext_version_serves(uint64_t version, uint64_t compatible, uint64_t wanted)
{
    return compatible != 0 && compatible <= wanted && wanted <= version;
}
