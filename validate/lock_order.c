// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_order.c: which class of locks is taken while which other is held, seen so far; and the report of the
 * first cycle, which is a deadlock that has not happened yet. An edge keeps the two stacks that made it.
 *
 * Locks of one class may nest (a directory before what it holds): lock_nesting.c looks after those, two by
 * two. Only taking that may wait makes an edge; trying does not.
 *
 * Lock: order_lock (rank 700). The matrix of known edges is read without it: an edge, once there, stays.
 * Called by the checking variants and the listings.
 */
#include <string.h>
#include <libkern/libkern.h>

#include "validate/validate_internal.h"

struct edge {
    struct edge *next; /* of those from the same class */
    uint32_t from, to;
    const char *operation;
    struct validate_stack held, taken;
};

#define TEXT_SIZE 2048u
#define WORDS     (CLASSES_MAX / 64)
static _Atomic uint64_t matrix[CLASSES_MAX][WORDS];
static struct edge *edges[CLASSES_MAX]; /* [order_lock] */
static lck_mtx_t *order_lock;
static lck_grp_t *group;

void lock_order_boot(void)
{
    group = lck_grp_alloc_init("validate.order", LCK_GRP_ATTR_NULL);
    order_lock = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
}

void lock_order_shutdown(void)
{
    for (unsigned i = 0; i < CLASSES_MAX; i++) {
        struct edge *next;
        for (struct edge *edge = edges[i]; edge; edge = next) {
            next = edge->next;
            kern_free(edge, sizeof(*edge));
        }
        edges[i] = NULL;
        for (unsigned j = 0; j < WORDS; j++)
            atomic_store(&matrix[i][j], 0);
    }
    lck_mtx_free(order_lock, group);
    lck_grp_free(group);
}

static bool edge_known(uint32_t from, uint32_t to)
{
    return atomic_load_explicit(&matrix[from][to / 64], memory_order_acquire) >> (to % 64) & 1;
}

static void edge_add(const struct held_lock *held, uint32_t to, const char *operation)
{
    struct edge *edge = kern_alloc(sizeof(*edge), "validator");
    edge->from = held->entry->class->index;
    edge->to = to;
    edge->operation = operation;
    edge->held = held->stack;
    validate_stack_take(&edge->taken);
    edge->next = edges[edge->from];
    edges[edge->from] = edge;
    atomic_fetch_or_explicit(&matrix[edge->from][to / 64], 1ULL << (to % 64), memory_order_release);
}

/* ---- cycles -------------------------------------------------------------------------------------------- */

struct search {
    bool seen[CLASSES_MAX];
    const struct edge *back[CLASSES_MAX]; /* by which edge a class was reached */
    uint32_t queue[CLASSES_MAX];
};

/* The shortest way from @from to @to. False: none. Order lock held. */
static bool path_find(struct search *search, uint32_t from, uint32_t to)
{
    unsigned head = 0, tail = 0;
    search->queue[tail++] = from;
    search->seen[from] = true;
    while (head < tail) {
        uint32_t at = search->queue[head++];
        if (at == to)
            return true;
        for (const struct edge *edge = edges[at]; edge; edge = edge->next) {
            if (search->seen[edge->to])
                continue;
            search->seen[edge->to] = true;
            search->back[edge->to] = edge;
            search->queue[tail++] = edge->to;
        }
    }
    return false;
}

/* Where a picture goes. */
struct dot {
    void (*add)(void *arg, const char *text);
    void *arg;
};

static void dot_add(const struct dot *dot, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void dot_add(const struct dot *dot, const char *fmt, ...)
{
    char text[384];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    dot->add(dot->arg, text);
}

static void text_add(void *arg, const char *text)
{
    strlcat(arg, text, TEXT_SIZE);
}

static void dot_edge(const struct dot *dot, uint32_t from, uint32_t to, const char *operation, bool bad)
{
    dot_add(dot, "    c%u -> c%u [label=\"%s\"%s];\n", from, to, operation ? operation : "",
            bad ? ", color=red" : "");
}

static void dot_class(const struct dot *dot, const struct lock_class *class)
{
    dot_add(dot, "    c%u [label=\"%s\\n%s\"];\n", class->index, lock_kind_name(class->kind), class->name);
}

/* The cycle as a picture, and its stacks. Order lock held. */
static void cycle_describe(const struct search *search, const struct held_lock *held, uint32_t to,
                           const char *operation, char *picture, struct validate_finding *finding)
{
    struct dot dot = {.add = text_add, .arg = picture};
    uint32_t from = held->entry->class->index;
    picture[0] = '\0';
    dot_add(&dot, "digraph cycle {\n");
    dot_class(&dot, lock_class_at(to));
    for (uint32_t at = from; at != to; at = search->back[at]->from) {
        const struct edge *edge = search->back[at];
        dot_class(&dot, lock_class_at(at));
        dot_edge(&dot, edge->from, edge->to, edge->operation, false);
        if (finding->n_evidence + 2 > VALIDATE_EVIDENCE_MAX)
            continue;
        finding->evidence[finding->n_evidence++] =
            (struct validate_evidence){"the other way round: the first lock was taken", &edge->held};
        finding->evidence[finding->n_evidence++] =
            (struct validate_evidence){"the other way round: and then the second", &edge->taken};
    }
    dot_edge(&dot, from, to, operation, true);
    dot_add(&dot, "}");
}

static void order_learn(struct thread_record *record, const struct held_lock *held, struct lock_class *class)
{
    const char *operation = record->operation ? record->operation->name : NULL;
    struct search *search = kern_alloc(sizeof(*search), "validator");
    struct validate_finding finding = {.rule = "lock-order", .n_evidence = 1};
    finding.evidence[0] = (struct validate_evidence){"the lock that is held was taken", &held->stack};
    char *text = kern_alloc(2 * TEXT_SIZE, "validator"), *picture = text + TEXT_SIZE;
    bool cycle = false;

    lck_mtx_lock(order_lock);
    if (!edge_known(held->entry->class->index, class->index)) {
        cycle = path_find(search, class->index, held->entry->class->index);
        if (cycle)
            cycle_describe(search, held, class->index, operation, picture, &finding);
        edge_add(held, class->index, operation);
    }
    lck_mtx_unlock(order_lock);
    if (cycle) {
        snprintf(text, TEXT_SIZE,
                 "it takes a %s (%s) while it holds a %s (%s), and elsewhere they are taken in the other "
                 "order: two threads can wait for each other\n%s",
                 lock_kind_name(class->kind), class->name, lock_kind_name(held->entry->class->kind),
                 held->entry->class->name, picture);
        finding.text = text;
        validate_report(&finding);
    }
    kern_free(text, 2 * TEXT_SIZE);
    kern_free(search, sizeof(*search));
}

void lock_order_check(struct thread_record *record, struct lock_entry *entry)
{
    struct lock_class *class = entry->class;
    for (unsigned i = 0; i < record->n_held; i++) {
        const struct lock_class *held = record->held[i].entry->class;
        if (held == class && record->held[i].entry != entry)
            lock_nesting_check(record, i, entry);
        else if (held != class && __builtin_expect(!edge_known(held->index, class->index), 0))
            order_learn(record, &record->held[i], class);
    }
}

/* ---- the whole graph ----------------------------------------------------------------------------------- */

void validate_order_dot(void (*add)(void *arg, const char *text), void *arg)
{
    const struct dot dot = {.add = add, .arg = arg};
    const struct lock_class *class;
    struct search *search;
    if (!validate_on())
        return;
    search = kern_alloc(sizeof(*search), "validator");
    dot_add(&dot, "digraph lock_order {\n");
    for (uint32_t i = 0; (class = lock_class_at(i)); i++) {
        const char *nests = atomic_load_explicit(&class->nests, memory_order_relaxed);
        dot_class(&dot, class);
        if (nests)
            dot_edge(&dot, i, i, nests, atomic_load_explicit(&class->nests_both, memory_order_relaxed));
    }
    lck_mtx_lock(order_lock);
    for (uint32_t i = 0; i < CLASSES_MAX; i++) {
        for (const struct edge *edge = edges[i]; edge; edge = edge->next) {
            bzero(search, sizeof(*search));
            dot_edge(&dot, edge->from, edge->to, edge->operation, path_find(search, edge->to, edge->from));
        }
    }
    lck_mtx_unlock(order_lock);
    kern_free(search, sizeof(*search));
    dot_add(&dot, "}\n");
}
