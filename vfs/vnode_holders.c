// SPDX-License-Identifier: BSD-2-Clause
/*
 * Who holds which vnode, since when and from where: iocounts out of the threads' ledgers, long references out
 * of their book, each taker's, as rows for `kextbed refs` and as a sentence for an unmount that finds a vnode
 * busy.
 *
 * Locks: none of its own; ledgers and book are copied under theirs and named afterwards.
 */
#include <mach/mach_time.h>
#include <sys/errno.h>
#include <string.h>
#include <libkern/libkern.h>

#include "vfs/sys_internal.h"
#include "vfs/vnode_checked_internal.h"
#include "vfs/vnop_internal.h"

#define ROWS_MAX    4096u
#define TAKERS_TOLD 16u /* in a sentence */

struct iocounts {
    struct vnode *only; /* NULL: of all */
    size_t count, max;
    struct iocount_holding *rows;
};

static void iocount_collect(void *arg, const struct iocount_holding *holding)
{
    struct iocounts *all = arg;
    if (all->only && holding->vp != all->only)
        return;
    if (all->count < all->max)
        all->rows[all->count] = *holding;
    all->count++;
}

/* The kext nearest to the top of a stack; NULL: none. */
static const char *stack_kext(const struct validate_stack *stack)
{
    const char *kext = NULL;
    for (unsigned i = 0; i < stack->depth && !kext; i++)
        kext = kern_pc_kext((const char *)stack->pc[i] - 1);
    return kext;
}

/* The frame that says most: the nearest of a kext's, else the system call. */
static void stack_place(const struct validate_stack *stack, char *buf, size_t size)
{
    strlcpy(buf, "?", size);
    for (unsigned i = 0; i < stack->depth; i++) {
        const void *pc = (const char *)stack->pc[i] - 1;
        kern_describe_pc(pc, buf, size);
        if (kern_pc_kext(pc) || strncmp(buf, "sys_", 4) == 0)
            return;
    }
}

static uint64_t age_of(uint64_t since_ns)
{
    uint64_t now = mach_absolute_time();
    return since_ns && now > since_ns ? now - since_ns : 0;
}

/* ---- one sentence -------------------------------------------------------------------------------------- */

static size_t text_one(char *buf, size_t size, const struct long_ref *ref, const char *what)
{
    char place[160], by[32] = "";
    const char *kext = stack_kext(&ref->stack);
    uint64_t ms = age_of(ref->since_ns) / 1000000;
    if (ref->unkept)
        return (size_t)scnprintf(buf, size, ", %u %s of takers that are not kept", ref->count, what);
    stack_place(&ref->stack, place, sizeof(place));
    if (ref->pid)
        snprintf(by, sizeof(by), " for process %d", ref->pid);
    return (size_t)scnprintf(buf, size, ", %u %s taken by %s%s%s%s %llu.%03llu s ago at %s", ref->count, what,
                             kext ? kext : "the kernel", ref->operation ? " in " : "",
                             ref->operation ? ref->operation : "", by, ms / 1000, ms % 1000, place);
}

size_t vnode_holder_text(struct vnode *vp, char *buf, size_t size)
{
    struct iocount_holding rows[4];
    struct iocounts all = {.only = vp, .max = 4, .rows = rows};
    struct long_ref ref, *takers;
    size_t used = 0;
    if (!validate_on())
        return 0;
    iocount_ledger_each(iocount_collect, &all);
    for (size_t i = 0; i < all.count && i < all.max; i++) {
        ref = (struct long_ref){
            .count = (uint32_t)rows[i].held, .since_ns = rows[i].since_ns, .stack = rows[i].stack};
        used += text_one(buf + used, size - used, &ref, "iocount(s)");
    }
    takers = kern_alloc(TAKERS_TOLD * sizeof(*takers), "listing");
    size_t count = long_refs_of(vp, LONG_REF_ANY, takers, TAKERS_TOLD);
    for (size_t i = 0; i < count && i < TAKERS_TOLD; i++)
        used += text_one(buf + used, size - used, &takers[i], "usecount(s)");
    if (count > TAKERS_TOLD)
        used +=
            (size_t)scnprintf(buf + used, size - used, ", and more of %zu other takers", count - TAKERS_TOLD);
    kern_free(takers, TAKERS_TOLD * sizeof(*takers));
    return used;
}

/* ---- rows ---------------------------------------------------------------------------------------------- */

struct ref_sink {
    uint32_t mount_id;
    struct sys_row row;
    void (*fn)(void *arg, const struct sys_row *row);
    void *arg;
};

void sys_row_stack(struct sys_row *row, const struct validate_stack *stack)
{
    const uint32_t room = sizeof(row->frames) / sizeof(row->frames[0]);
    for (unsigned i = 0; i < stack->depth && row->nframes < room; i++)
        kern_describe_pc((const char *)stack->pc[i] - 1, row->frames[row->nframes++], sizeof(row->frames[0]));
}

static void row_tell(struct ref_sink *sink, enum sys_row_kind kind, struct vnode *vp, uint64_t since_ns,
                     const struct validate_stack *stack)
{
    struct sys_row *row = &sink->row;
    const char *kext = stack_kext(stack);
    row->kind = kind;
    row->mount_id = vfs_mount_id(vnode_mount_of(vp));
    if (sink->mount_id && row->mount_id != sink->mount_id)
        return;
    row->age_ns = age_of(since_ns);
    strlcpy(row->kext, kext ? kext : "", sizeof(row->kext));
    vnode_describe(vp, row->object, sizeof(row->object));
    sys_row_stack(row, stack);
    sink->fn(sink->arg, row);
}

static void rows_iocounts(struct ref_sink *sink)
{
    struct iocounts all = {.max = ROWS_MAX};
    all.rows = kern_alloc(all.max * sizeof(*all.rows), "listing");
    iocount_ledger_each(iocount_collect, &all);
    for (size_t i = 0; i < all.count && i < all.max; i++) {
        memset(&sink->row, 0, sizeof(sink->row));
        sink->row.thread = all.rows[i].thread;
        sink->row.count = (uint32_t)all.rows[i].held;
        row_tell(sink, SYS_ROW_IOCOUNT, all.rows[i].vp, all.rows[i].since_ns, &all.rows[i].stack);
    }
    kern_free(all.rows, all.max * sizeof(*all.rows));
}

static void rows_long(struct ref_sink *sink, enum long_ref_kind kind, enum sys_row_kind row_kind)
{
    struct long_ref *rows = kern_alloc(ROWS_MAX * sizeof(*rows), "listing");
    size_t count = long_refs_copy(kind, rows, ROWS_MAX);
    for (size_t i = 0; i < count && i < ROWS_MAX; i++) {
        memset(&sink->row, 0, sizeof(sink->row));
        sink->row.count = rows[i].count;
        sink->row.pid = rows[i].pid;
        sink->row.unkept = rows[i].unkept;
        strlcpy(sink->row.operation, rows[i].operation ? rows[i].operation : "", sizeof(sink->row.operation));
        row_tell(sink, row_kind, rows[i].vp, rows[i].since_ns, &rows[i].stack);
    }
    kern_free(rows, ROWS_MAX * sizeof(*rows));
}

int sys_each_ref(uint32_t mount_id, void (*fn)(void *arg, const struct sys_row *row), void *arg)
{
    if (!validate_on())
        return ENOTSUP;
    struct ref_sink *sink = kern_alloc(sizeof(*sink), "listing");
    sink->mount_id = mount_id;
    sink->fn = fn;
    sink->arg = arg;
    rows_iocounts(sink);
    rows_long(sink, LONG_REF_ANY, SYS_ROW_USECOUNT);
    rows_long(sink, LONG_REF_FS, SYS_ROW_FSREF);
    kern_free(sink, sizeof(*sink));
    return 0;
}
