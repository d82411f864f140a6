// SPDX-License-Identifier: BSD-2-Clause
/*
 * lock_nesting.c: in which order two locks of one class were taken, one inside the other. A file system may
 * order them as it likes (a directory before what it holds, or by address), but any two of them in one way:
 * who takes the same two the other way round will wait for who does not. Keeps the newest pairs of locks,
 * each with the two stacks of its first time.
 *
 * A pair is no evidence any more, and is forgotten, once one of its locks was destroyed, and once directories
 * have another place: what was above is below then. And two threads that both took one and the same third
 * lock before, as writers, cannot wait for each other.
 *
 * Locks: one for a share of the pairs (rank 715); the state of the tree is one atomic. Called by
 * lock_order.c, and by operation.c where the tree changes.
 */
#include <string.h>
#include <libkern/libkern.h>

#include "validate/validate_internal.h"

#define SETS      1024u
#define WAYS      4u
#define SHARES    64u
#define GATES_MAX 4u
#define TOLD_MAX  64u
#define TEXT_SIZE 1024u

/* @first was held while @second was taken. */
struct pair {
    const struct lock_entry *first, *second; /* NULL: no pair */
    uint32_t first_life, second_life;
    uint64_t tree; /* the state that it was learnt in */
    unsigned n_gates;
    const struct lock_entry *gates[GATES_MAX]; /* held before @first, each time */
    const char *operation;
    struct validate_stack held, taken;
};

struct set {
    struct pair pairs[WAYS];
    unsigned victim; /* the next to make room */
};

enum verdict { PAIR_NEW, PAIR_KNOWN, PAIR_REVERSED };

static struct set *sets;
static lck_spin_t *locks[SHARES];
static lck_grp_t *group;

/* Changes of the tree: how often it has changed, and in the lower half how many changes are under way. */
#define TREE_CHANGING 0xffffffffu
static _Atomic uint64_t tree_state;

/* What was told: once for a class and two operations, [locks[0]]. */
static struct {
    const struct lock_class *class;
    const char *operation, *other;
} told[TOLD_MAX];
static unsigned n_told;

void lock_nesting_boot(void)
{
    group = lck_grp_alloc_init("validate.nesting", LCK_GRP_ATTR_NULL);
    for (unsigned i = 0; i < SHARES; i++)
        locks[i] = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    sets = kern_alloc(SETS * sizeof(*sets), "validator");
    n_told = 0;
    atomic_store(&tree_state, 0);
}

void lock_nesting_shutdown(void)
{
    kern_free(sets, SETS * sizeof(*sets));
    sets = NULL;
    for (unsigned i = 0; i < SHARES; i++)
        lck_spin_free(locks[i], group);
    lck_grp_free(group);
}

void validate_tree_change_begin(void)
{
    atomic_fetch_add(&tree_state, (1ULL << 32) + 1);
}

void validate_tree_change_end(void)
{
    atomic_fetch_add(&tree_state, (1ULL << 32) - 1);
}

/* ---- pairs --------------------------------------------------------------------------------------------- */

static uint32_t life_of(const struct lock_entry *entry)
{
    return atomic_load_explicit(&entry->life, memory_order_relaxed);
}

static bool pair_stale(const struct pair *pair, uint64_t tree)
{
    return !pair->first || pair->tree != tree || pair->first_life != life_of(pair->first) ||
           pair->second_life != life_of(pair->second);
}

/* Both orders of two locks lie in one set. */
static struct set *set_of(const struct lock_entry *a, const struct lock_entry *b, lck_spin_t **lock)
{
    uint64_t hash = ((uintptr_t)a ^ (uintptr_t)b) * 0x9e3779b97f4a7c15ULL;
    hash = (hash >> 32) % SETS;
    *lock = locks[hash % SHARES];
    return &sets[hash];
}

static struct pair *pair_find(struct set *set, const struct pair *wanted)
{
    for (unsigned i = 0; i < WAYS; i++) {
        struct pair *pair = &set->pairs[i];
        if (((pair->first == wanted->first && pair->second == wanted->second) ||
             (pair->first == wanted->second && pair->second == wanted->first)) &&
            !pair_stale(pair, wanted->tree))
            return pair;
    }
    return NULL;
}

static struct pair *pair_room(struct set *set, uint64_t tree)
{
    for (unsigned i = 0; i < WAYS; i++) {
        if (pair_stale(&set->pairs[i], tree))
            return &set->pairs[i];
    }
    return &set->pairs[set->victim++ % WAYS];
}

/* Those of @pair's gates that @other has too. */
static unsigned gates_common(struct pair *pair, const struct pair *other, bool keep)
{
    unsigned common = 0;
    for (unsigned i = 0; i < pair->n_gates; i++) {
        for (unsigned j = 0; j < other->n_gates; j++) {
            if (pair->gates[i] != other->gates[j])
                continue;
            if (keep)
                pair->gates[common] = pair->gates[i];
            common++;
            break;
        }
    }
    if (keep)
        pair->n_gates = common;
    return common;
}

/* What is known of the two locks of @now, which goes into the table where nothing is and @add. The other
 * order:
 * *@before out. */
static enum verdict pair_judge(struct pair *now, bool add, struct pair *before)
{
    enum verdict verdict = PAIR_NEW;
    lck_spin_t *lock;
    struct set *set = set_of(now->first, now->second, &lock);

    lck_spin_lock(lock);
    struct pair *pair = pair_find(set, now);
    if (!pair && add) {
        *pair_room(set, now->tree) = *now;
    } else if (pair && pair->first == now->first) {
        gates_common(pair, now, true);
        verdict = PAIR_KNOWN;
    } else if (pair) {
        verdict = gates_common(pair, now, false) ? PAIR_KNOWN : PAIR_REVERSED;
        *before = *pair;
    }
    lck_spin_unlock(lock);
    return verdict;
}

/* ---- reports ------------------------------------------------------------------------------------------- */

static bool told_already(const struct lock_class *class, const char *operation, const char *other)
{
    bool found = false;
    lck_spin_lock(locks[0]);
    for (unsigned i = 0; i < n_told && !found; i++)
        found = told[i].class == class && told[i].operation == operation && told[i].other == other;
    if (!found && n_told < TOLD_MAX) {
        told[n_told].class = class;
        told[n_told].operation = operation;
        told[n_told++].other = other;
    } else {
        found = true;
    }
    lck_spin_unlock(locks[0]);
    return found;
}

static void pair_report(const struct pair *now, const struct pair *before, const struct held_lock *held)
{
    struct lock_class *class = now->first->class;
    const void *first = atomic_load_explicit(&now->first->lock, memory_order_relaxed);
    const void *second = atomic_load_explicit(&now->second->lock, memory_order_relaxed);
    struct validate_finding finding = {.rule = "lock-order-within", .n_evidence = 3};
    const char *kind = lock_kind_name(class->kind);

    atomic_store_explicit(&class->nests_both, true, memory_order_relaxed);
    if (told_already(class, now->operation, before->operation))
        return;
    char *text = kern_alloc(TEXT_SIZE, "validator");
    snprintf(
        text, TEXT_SIZE,
        "it takes %s %p while it holds %p of the same class (%s), and elsewhere these two are taken in the "
        "other order: two threads can wait for each other\n"
        "digraph cycle {\n    a [label=\"%s %p\"];\n    b [label=\"%s %p\"];\n    b -> a [label=\"%s\"];\n"
        "    a -> b [label=\"%s\", color=red];\n}",
        kind, second, first, class->name, kind, first, kind, second,
        before->operation ? before->operation : "", now->operation ? now->operation : "");
    finding.text = text;
    finding.evidence[0] = (struct validate_evidence){"the lock that is held was taken", &held->stack};
    finding.evidence[1] =
        (struct validate_evidence){"the other way round: the first lock was taken", &before->held};
    finding.evidence[2] =
        (struct validate_evidence){"the other way round: and then the second", &before->taken};
    validate_report(&finding);
    kern_free(text, TEXT_SIZE);
}

/* ---- the question -------------------------------------------------------------------------------------- */

/* Locks held before the one at @index that keep everybody else out. */
static void gates_take(const struct thread_record *record, unsigned index, struct pair *pair)
{
    for (unsigned i = 0; i < index && pair->n_gates < GATES_MAX; i++) {
        if (!record->held[i].shared)
            pair->gates[pair->n_gates++] = record->held[i].entry;
    }
}

void lock_nesting_check(struct thread_record *record, unsigned index, struct lock_entry *entry)
{
    const struct held_lock *held = &record->held[index];
    const char *none = NULL;
    uint64_t tree = atomic_load(&tree_state);
    struct pair now = {.first = held->entry, .second = entry, .tree = tree}, before;

    if (tree & TREE_CHANGING)
        return;
    now.first_life = life_of(now.first);
    now.second_life = life_of(now.second);
    now.operation = record->operation ? record->operation->name : NULL;
    gates_take(record, index, &now);
    enum verdict verdict = pair_judge(&now, false, &before);
    if (verdict == PAIR_NEW) {
        now.held = held->stack;
        validate_stack_take(&now.taken);
        (void)atomic_compare_exchange_strong(&entry->class->nests, &none, now.operation ? now.operation : "");
        verdict = pair_judge(&now, true, &before);
    }
    if (verdict == PAIR_REVERSED && atomic_load(&tree_state) == tree)
        pair_report(&now, &before, held);
}
