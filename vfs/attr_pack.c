// SPDX-License-Identifier: BSD-2-Clause
/*
 * Packing attributes as getattrlistbulk does, for file systems that answer VNOP_GETATTRLISTBULK or
 * VNOP_READDIRATTR themselves: one entry is its length, the set of what follows where it was asked for, the
 * fixed parts in the order of the bits, then what is of variable size.
 *
 * An attribute that nobody can say is an error, unless the set is asked for: then it is left out, or with
 * FSOPT_PACK_INVAL_ATTRS packed as zeros and not in the set. Takes no lock. Called by file systems (KPI).
 */
#include <sys/errno.h>
#include <sys/uio.h>
#include <string.h>

#include "vfs/attr_internal.h"
#include "vfs/vnode_internal.h"

/* Walks the rows of all groups that are asked for. */
struct row_walk {
    const struct attrlist *list;
    enum vtype type;
    bool extended;
    enum attr_group group;
    const struct attr_row *row;
};

static struct row_walk walk_begin(const struct attrlist *list, enum vtype type, bool extended)
{
    return (struct row_walk){list, type, extended, ATTR_COMMON, attr_table(ATTR_COMMON)};
}

static const struct attr_row *walk_next(struct row_walk *walk)
{
    for (; walk->group < ATTR_GROUPS; walk->group++) {
        attrgroup_t wanted = attr_wanted(walk->list, walk->group, walk->type, walk->extended);
        for (; walk->row->bit; walk->row++) {
            if (walk->row->bit & wanted)
                return walk->row++;
        }
        walk->row = walk->group + 1 < ATTR_GROUPS ? attr_table(walk->group + 1) : NULL;
    }
    return NULL;
}

/* EINVAL: there are bits that no row has. */
static int list_check(const struct attrlist *list, enum vtype type, bool extended)
{
    attrgroup_t left[ATTR_GROUPS];
    for (int group = 0; group < ATTR_GROUPS; group++)
        left[group] = attr_wanted(list, (enum attr_group)group, type, extended);
    struct row_walk walk = walk_begin(list, type, extended);
    const struct attr_row *row;
    while ((row = walk_next(&walk)) != NULL)
        left[walk.group] &= ~row->bit;
    return left[ATTR_COMMON] | left[ATTR_DIR] | left[ATTR_FILE] | left[ATTR_EXTENDED] ? EINVAL : 0;
}

static size_t fixed_size(const struct attrlist *list, enum vtype type, bool extended)
{
    size_t size = sizeof(uint32_t);
    if (list->commonattr & ATTR_CMN_RETURNED_ATTRS)
        size += sizeof(attribute_set_t);
    struct row_walk walk = walk_begin(list, type, extended);
    const struct attr_row *row;
    while ((row = walk_next(&walk)) != NULL)
        size += row->size;
    return size;
}

errno_t vfs_setup_vattr_from_attrlist(struct attrlist *alp, struct vnode_attr *vap, enum vtype obj_vtype,
                                      ssize_t *attr_fixed_sizep, vfs_context_t ctx)
{
    (void)ctx;
    VATTR_INIT(vap);
    if (list_check(alp, obj_vtype, true))
        return EINVAL;
    struct row_walk walk = walk_begin(alp, obj_vtype, true);
    const struct attr_row *row;
    while ((row = walk_next(&walk)) != NULL)
        vap->va_active |= row->asks;
    if (attr_fixed_sizep)
        *attr_fixed_sizep = (ssize_t)fixed_size(alp, obj_vtype, true);
    return 0;
}

/* ---- one entry ----------------------------------------------------------------------------------------- */

static size_t round4(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

/* Is the row of an attribute without a value packed all the same, as zeros? */
static bool packed_empty(const struct attr_pack *pack)
{
    return !pack->returned || pack->pack_empty;
}

/* Bytes that the whole entry takes. Errno: 0; EINVAL an attribute cannot be had; ENOMEM too large. */
static int entry_measure(struct attr_pack *pack, size_t *fixed, size_t *total)
{
    struct attr_value value;
    struct row_walk walk = walk_begin(pack->list, pack->type, pack->extended);
    const struct attr_row *row;
    *fixed = *total = fixed_size(pack->list, pack->type, pack->extended);
    while ((row = walk_next(&walk)) != NULL) {
        enum attr_known known = attr_value_get(pack, row, &value);
        if (known == ATTR_ABSENT && !pack->returned)
            return EINVAL;
        if (known == ATTR_PRESENT && row->variable)
            *total += round4(value.len + value.more_len);
    }
    return *total > ATTR_MAX_BUFFER ? ENOMEM : 0;
}

struct entry {
    char *base;
    size_t fixed, variable; /* where the next of each goes */
    attribute_set_t set;
};

static void write_variable(struct entry *entry, const struct attr_value *value)
{
    attrreference_t reference = {.attr_dataoffset = (int32_t)(entry->variable - entry->fixed),
                                 .attr_length = (uint32_t)(value->len + value->more_len)};
    memcpy(entry->base + entry->fixed, &reference, sizeof(reference));
    if (value->len)
        memcpy(entry->base + entry->variable, value->data, value->len);
    if (value->more_len)
        memcpy(entry->base + entry->variable + value->len, value->more, value->more_len);
    entry->variable += round4(value->len + value->more_len);
}

static attrgroup_t *set_of(attribute_set_t *set, enum attr_group group)
{
    switch (group) {
    case ATTR_COMMON:
        return &set->commonattr;
    case ATTR_DIR:
        return &set->dirattr;
    case ATTR_FILE:
        return &set->fileattr;
    default:
        return &set->forkattr;
    }
}

static void entry_write(struct attr_pack *pack, struct entry *entry)
{
    struct attr_value value;
    struct row_walk walk = walk_begin(pack->list, pack->type, pack->extended);
    const struct attr_row *row;
    while ((row = walk_next(&walk)) != NULL) {
        enum attr_known known = attr_value_get(pack, row, &value);
        if (known != ATTR_PRESENT && !packed_empty(pack))
            continue;
        if (row->variable)
            write_variable(entry, &value);
        else
            memcpy(entry->base + entry->fixed, value.fixed, row->size);
        entry->fixed += row->size;
        if (known == ATTR_PRESENT)
            *set_of(&entry->set, walk.group) |= row->bit;
    }
}

/* The entry is moved out whole or, where it does not fit, not at all: the caller sees that nothing moved. */
static int entry_move(struct attr_pack *pack, uio_t uio)
{
    size_t fixed, size, room = (size_t)uio_resid(uio);
    int error = entry_measure(pack, &fixed, &size);
    if (error || size > room)
        return error;
    size_t aligned = (size + 7) & ~(size_t)7;
    if (aligned <= room)
        size = aligned;
    struct entry entry = {.base = kern_alloc_try(size, "attr entry"), .fixed = sizeof(uint32_t)};
    if (!entry.base)
        return ENOMEM;
    entry.variable = fixed;
    if (pack->returned)
        entry.fixed += sizeof(attribute_set_t);
    entry_write(pack, &entry);
    uint32_t length = (uint32_t)size;
    memcpy(entry.base, &length, sizeof(length));
    if (pack->returned) {
        entry.set.commonattr |= ATTR_CMN_RETURNED_ATTRS;
        memcpy(entry.base + sizeof(length), &entry.set, sizeof(entry.set));
    }
    error = uiomove(entry.base, (int)size, uio);
    kern_free(entry.base, size);
    return error;
}

errno_t vfs_attr_pack_ext(mount_t mp, vnode_t vp, uio_t uio, struct attrlist *alp, uint64_t options,
                          struct vnode_attr *vap, void *fndesc, vfs_context_t ctx)
{
    (void)fndesc;
    struct attr_pack pack = {
        .mp = mp,
        .vp = vp,
        .list = alp,
        .va = vap,
        .ctx = ctx,
        .type = vp ? vnode_vtype(vp) : (enum vtype)vap->va_objtype,
        .extended = (options & FSOPT_ATTR_CMN_EXTENDED) != 0,
        .returned = (alp->commonattr & ATTR_CMN_RETURNED_ATTRS) != 0,
        .pack_empty = (options & FSOPT_PACK_INVAL_ATTRS) != 0,
    };
    if (pack.type == VNON)
        pack.type = VREG; /* what is no directory is described as a file */
    if (uio_resid(uio) <= 0 || uio_iovcnt(uio) > 1 || list_check(alp, pack.type, pack.extended))
        return EINVAL;
    attr_value_begin(&pack);
    int error = entry_move(&pack, uio);
    attr_value_end(&pack);
    VATTR_CLEAR_SUPPORTED_ALL(vap);
    return error;
}

errno_t vfs_attr_pack(vnode_t vp, uio_t uio, struct attrlist *alp, uint64_t options, struct vnode_attr *vap,
                      void *fndesc, vfs_context_t ctx)
{
    return vfs_attr_pack_ext(NULL, vp, uio, alp, options, vap, fndesc, ctx);
}
