// SPDX-License-Identifier: BSD-2-Clause
/*
 * The table of operation kinds and what follows from it: names, descriptions, the line format of replay
 * files. Owns the table (constant). No locks.
 */
#include "tools/fsx/op.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRAIT_RANGE = 1,
    TRAIT_STORES = 2,
    TRAIT_ZEROES = 4,
    TRAIT_GROWS = 8,
};

static const struct {
    const char *name;
    unsigned traits;
} op_table[OP_KIND_COUNT] = {
    [OP_READ] = {"read", TRAIT_RANGE},
    [OP_MAPREAD] = {"mapread", TRAIT_RANGE},
    [OP_WRITE] = {"write", TRAIT_RANGE | TRAIT_STORES | TRAIT_GROWS},
    [OP_MAPWRITE] = {"mapwrite", TRAIT_RANGE | TRAIT_STORES | TRAIT_GROWS},
    [OP_MAPWRITE_SYNC] = {"mapwrite_sync", TRAIT_RANGE | TRAIT_STORES | TRAIT_GROWS},
    [OP_TRUNCATE] = {"truncate", 0},
    [OP_PUNCH] = {"punch", TRAIT_RANGE | TRAIT_ZEROES},
    [OP_ALLOC] = {"alloc", TRAIT_RANGE | TRAIT_GROWS},
    [OP_ALLOC_KEEP] = {"alloc_keep", TRAIT_RANGE},
    [OP_ZERO] = {"zero", TRAIT_RANGE | TRAIT_ZEROES | TRAIT_GROWS},
    [OP_ZERO_KEEP] = {"zero_keep", TRAIT_RANGE | TRAIT_ZEROES},
    [OP_CLOSEOPEN] = {"closeopen", 0},
    [OP_FSYNC] = {"fsync", 0},
    [OP_FDATASYNC] = {"fdatasync", 0},
};

static bool op_has_trait(uint32_t kind, unsigned trait)
{
    return kind < OP_KIND_COUNT && (op_table[kind].traits & trait) != 0;
}

const char *op_name(uint32_t kind)
{
    return kind < OP_KIND_COUNT ? op_table[kind].name : "?";
}

bool op_stores(uint32_t kind)
{
    return op_has_trait(kind, TRAIT_STORES);
}

bool op_zeroes(uint32_t kind)
{
    return op_has_trait(kind, TRAIT_ZEROES);
}

bool op_grows(uint32_t kind)
{
    return op_has_trait(kind, TRAIT_GROWS);
}

bool op_has_range(uint32_t kind)
{
    return op_has_trait(kind, TRAIT_RANGE);
}

bool op_possible(const struct op *op, uint64_t size, uint64_t file_len)
{
    if (op->kind == OP_TRUNCATE)
        return op->off <= file_len;
    if (!op_has_range(op->kind))
        return true;
    if (op->len == 0 || op->off > file_len || op->len > file_len - op->off)
        return false;
    return op->kind != OP_MAPREAD || op->off + op->len <= size;
}

void op_describe(const struct op *op, char *text, size_t size)
{
    const char *name = op_name(op->kind);

    if (op->kind == OP_TRUNCATE)
        snprintf(text, size, "%s %s from 0x%" PRIx64 " to 0x%" PRIx64, name,
                 op->off < op->size_before ? "down" : "up", op->size_before, op->off);
    else if (op_has_range(op->kind))
        snprintf(text, size,
                 "%s 0x%" PRIx64 " thru 0x%" PRIx64 " (0x%" PRIx64 " bytes), file size 0x%" PRIx64, name,
                 op->off, op->off + op->len - 1, op->len, op->size_before);
    else
        snprintf(text, size, "%s", name);
}

// One number in C notation, of any length that fits. *pp moves behind it.
static bool parse_number(const char **pp, uint64_t *value)
{
    char *end = NULL;

    *pp += strspn(*pp, " \t");
    if (**pp < '0' || **pp > '9')
        return false;
    errno = 0;
    *value = strtoull(*pp, &end, 0);
    if (errno != 0 || end == *pp)
        return false;
    *pp = end;
    return true;
}

static bool parse_kind(const char **pp, uint32_t *kind)
{
    *pp += strspn(*pp, " \t");
    size_t len = strcspn(*pp, " \t\r\n");

    for (uint32_t k = 0; k < OP_KIND_COUNT; k++) {
        if (strlen(op_table[k].name) == len && strncmp(op_table[k].name, *pp, len) == 0) {
            *kind = k;
            *pp += len;
            return true;
        }
    }
    return false;
}

bool op_parse(const char *line, struct op *op)
{
    memset(op, 0, sizeof(*op));
    if (!parse_number(&line, &op->number) || !parse_kind(&line, &op->kind) ||
        !parse_number(&line, &op->off) || !parse_number(&line, &op->len))
        return false;
    return op->number != 0 && line[strspn(line, " \t\r\n")] == '\0';
}
