// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linked lists and tail queues whose links live in the elements: SLIST, LIST, STAILQ, TAILQ, CIRCLEQ.
 * None of them locks anything.
 */
#ifndef KPI_SYS_QUEUE_H
#define KPI_SYS_QUEUE_H

#include <sys/cdefs.h>

/* SLIST: one pointer an element, head only. */
#define SLIST_HEAD(name, type)                                                                               \
    struct name {                                                                                            \
        struct type *slh_first;                                                                              \
    }
#define SLIST_HEAD_INITIALIZER(head)                                                                         \
    {                                                                                                        \
        NULL                                                                                                 \
    }
#define SLIST_ENTRY(type)                                                                                    \
    struct {                                                                                                 \
        struct type *sle_next;                                                                               \
    }
#define SLIST_FIRST(head)      ((head)->slh_first)
#define SLIST_EMPTY(head)      (SLIST_FIRST(head) == NULL)
#define SLIST_NEXT(elm, field) ((elm)->field.sle_next)
#define SLIST_INIT(head)       (SLIST_FIRST(head) = NULL)
#define SLIST_FOREACH(var, head, field)                                                                      \
    for ((var) = SLIST_FIRST(head); (var) != NULL; (var) = SLIST_NEXT(var, field))
#define SLIST_FOREACH_SAFE(var, head, field, next)                                                           \
    for ((var) = SLIST_FIRST(head); (var) != NULL && ((next) = SLIST_NEXT(var, field), 1); (var) = (next))
#define SLIST_INSERT_HEAD(head, elm, field)                                                                  \
    do {                                                                                                     \
        SLIST_NEXT(elm, field) = SLIST_FIRST(head);                                                          \
        SLIST_FIRST(head) = (elm);                                                                           \
    } while (0)
#define SLIST_INSERT_AFTER(at, elm, field)                                                                   \
    do {                                                                                                     \
        SLIST_NEXT(elm, field) = SLIST_NEXT(at, field);                                                      \
        SLIST_NEXT(at, field) = (elm);                                                                       \
    } while (0)
#define SLIST_REMOVE_HEAD(head, field) (SLIST_FIRST(head) = SLIST_NEXT(SLIST_FIRST(head), field))
#define SLIST_REMOVE_AFTER(elm, field) (SLIST_NEXT(elm, field) = SLIST_NEXT(SLIST_NEXT(elm, field), field))
#define SLIST_REMOVE(head, elm, type, field)                                                                 \
    do {                                                                                                     \
        struct type **slist_link = &SLIST_FIRST(head);                                                       \
        while (*slist_link != (elm)) {                                                                       \
            slist_link = &SLIST_NEXT(*slist_link, field);                                                    \
        }                                                                                                    \
        *slist_link = SLIST_NEXT(elm, field);                                                                \
    } while (0)

/* LIST: an element can be taken out without knowing the head. */
#define LIST_HEAD(name, type)                                                                                \
    struct name {                                                                                            \
        struct type *lh_first;                                                                               \
    }
#define LIST_HEAD_INITIALIZER(head)                                                                          \
    {                                                                                                        \
        NULL                                                                                                 \
    }
#define LIST_ENTRY(type)                                                                                     \
    struct {                                                                                                 \
        struct type *le_next;                                                                                \
        struct type **le_prev;                                                                               \
    }
#define LIST_FIRST(head)      ((head)->lh_first)
#define LIST_EMPTY(head)      (LIST_FIRST(head) == NULL)
#define LIST_NEXT(elm, field) ((elm)->field.le_next)
#define LIST_INIT(head)                                                                                      \
    do {                                                                                                     \
        LIST_FIRST(head) = NULL;                                                                             \
    } while (0)
#define LIST_FOREACH(var, head, field)                                                                       \
    for ((var) = LIST_FIRST(head); (var) != NULL; (var) = LIST_NEXT(var, field))
#define LIST_FOREACH_SAFE(var, head, field, next)                                                            \
    for ((var) = LIST_FIRST(head); (var) != NULL && ((next) = LIST_NEXT(var, field), 1); (var) = (next))
#define LIST_INSERT_HEAD(head, elm, field)                                                                   \
    do {                                                                                                     \
        if ((LIST_NEXT(elm, field) = LIST_FIRST(head)) != NULL) {                                            \
            LIST_FIRST(head)->field.le_prev = &LIST_NEXT(elm, field);                                        \
        }                                                                                                    \
        LIST_FIRST(head) = (elm);                                                                            \
        (elm)->field.le_prev = &LIST_FIRST(head);                                                            \
    } while (0)
#define LIST_INSERT_AFTER(at, elm, field)                                                                    \
    do {                                                                                                     \
        if ((LIST_NEXT(elm, field) = LIST_NEXT(at, field)) != NULL) {                                        \
            LIST_NEXT(at, field)->field.le_prev = &LIST_NEXT(elm, field);                                    \
        }                                                                                                    \
        LIST_NEXT(at, field) = (elm);                                                                        \
        (elm)->field.le_prev = &LIST_NEXT(at, field);                                                        \
    } while (0)
#define LIST_INSERT_BEFORE(at, elm, field)                                                                   \
    do {                                                                                                     \
        (elm)->field.le_prev = (at)->field.le_prev;                                                          \
        LIST_NEXT(elm, field) = (at);                                                                        \
        *(at)->field.le_prev = (elm);                                                                        \
        (at)->field.le_prev = &LIST_NEXT(elm, field);                                                        \
    } while (0)
#define LIST_REMOVE(elm, field)                                                                              \
    do {                                                                                                     \
        if (LIST_NEXT(elm, field) != NULL) {                                                                 \
            LIST_NEXT(elm, field)->field.le_prev = (elm)->field.le_prev;                                     \
        }                                                                                                    \
        *(elm)->field.le_prev = LIST_NEXT(elm, field);                                                       \
    } while (0)

/* STAILQ: singly linked, with a tail to append to. */
#define STAILQ_HEAD(name, type)                                                                              \
    struct name {                                                                                            \
        struct type *stqh_first;                                                                             \
        struct type **stqh_last;                                                                             \
    }
#define STAILQ_HEAD_INITIALIZER(head)                                                                        \
    {                                                                                                        \
        NULL, &(head).stqh_first                                                                             \
    }
#define STAILQ_ENTRY(type)                                                                                   \
    struct {                                                                                                 \
        struct type *stqe_next;                                                                              \
    }
#define STAILQ_FIRST(head)      ((head)->stqh_first)
#define STAILQ_EMPTY(head)      (STAILQ_FIRST(head) == NULL)
#define STAILQ_NEXT(elm, field) ((elm)->field.stqe_next)
#define STAILQ_LAST(head, type, field)                                                                       \
    (STAILQ_EMPTY(head) ? NULL : __container_of((head)->stqh_last, struct type, field.stqe_next))
#define STAILQ_INIT(head)                                                                                    \
    do {                                                                                                     \
        STAILQ_FIRST(head) = NULL;                                                                           \
        (head)->stqh_last = &STAILQ_FIRST(head);                                                             \
    } while (0)
#define STAILQ_FOREACH(var, head, field)                                                                     \
    for ((var) = STAILQ_FIRST(head); (var) != NULL; (var) = STAILQ_NEXT(var, field))
#define STAILQ_FOREACH_SAFE(var, head, field, next)                                                          \
    for ((var) = STAILQ_FIRST(head); (var) != NULL && ((next) = STAILQ_NEXT(var, field), 1); (var) = (next))
#define STAILQ_INSERT_HEAD(head, elm, field)                                                                 \
    do {                                                                                                     \
        if ((STAILQ_NEXT(elm, field) = STAILQ_FIRST(head)) == NULL) {                                        \
            (head)->stqh_last = &STAILQ_NEXT(elm, field);                                                    \
        }                                                                                                    \
        STAILQ_FIRST(head) = (elm);                                                                          \
    } while (0)
#define STAILQ_INSERT_TAIL(head, elm, field)                                                                 \
    do {                                                                                                     \
        STAILQ_NEXT(elm, field) = NULL;                                                                      \
        *(head)->stqh_last = (elm);                                                                          \
        (head)->stqh_last = &STAILQ_NEXT(elm, field);                                                        \
    } while (0)
#define STAILQ_INSERT_AFTER(head, at, elm, field)                                                            \
    do {                                                                                                     \
        if ((STAILQ_NEXT(elm, field) = STAILQ_NEXT(at, field)) == NULL) {                                    \
            (head)->stqh_last = &STAILQ_NEXT(elm, field);                                                    \
        }                                                                                                    \
        STAILQ_NEXT(at, field) = (elm);                                                                      \
    } while (0)
#define STAILQ_REMOVE_HEAD(head, field)                                                                      \
    do {                                                                                                     \
        if ((STAILQ_FIRST(head) = STAILQ_NEXT(STAILQ_FIRST(head), field)) == NULL) {                         \
            (head)->stqh_last = &STAILQ_FIRST(head);                                                         \
        }                                                                                                    \
    } while (0)
#define STAILQ_REMOVE(head, elm, type, field)                                                                \
    do {                                                                                                     \
        struct type **stailq_link = &STAILQ_FIRST(head);                                                     \
        while (*stailq_link != (elm)) {                                                                      \
            stailq_link = &STAILQ_NEXT(*stailq_link, field);                                                 \
        }                                                                                                    \
        if ((*stailq_link = STAILQ_NEXT(elm, field)) == NULL) {                                              \
            (head)->stqh_last = stailq_link;                                                                 \
        }                                                                                                    \
    } while (0)
#define STAILQ_CONCAT(to, from)                                                                              \
    do {                                                                                                     \
        if (!STAILQ_EMPTY(from)) {                                                                           \
            *(to)->stqh_last = STAILQ_FIRST(from);                                                           \
            (to)->stqh_last = (from)->stqh_last;                                                             \
            STAILQ_INIT(from);                                                                               \
        }                                                                                                    \
    } while (0)

/* TAILQ: doubly linked, both ends reachable. */
#define TAILQ_HEAD(name, type)                                                                               \
    struct name {                                                                                            \
        struct type *tqh_first;                                                                              \
        struct type **tqh_last;                                                                              \
    }
#define TAILQ_HEAD_INITIALIZER(head)                                                                         \
    {                                                                                                        \
        NULL, &(head).tqh_first                                                                              \
    }
#define TAILQ_ENTRY(type)                                                                                    \
    struct {                                                                                                 \
        struct type *tqe_next;                                                                               \
        struct type **tqe_prev;                                                                              \
    }
#define TAILQ_FIRST(head)      ((head)->tqh_first)
#define TAILQ_EMPTY(head)      (TAILQ_FIRST(head) == NULL)
#define TAILQ_NEXT(elm, field) ((elm)->field.tqe_next)
/* The tail pointer of a head has the shape of a link, which is how the last element is found. */
#define TAILQ_LAST(head, headname)       (*(((struct headname *)((head)->tqh_last))->tqh_last))
#define TAILQ_PREV(elm, headname, field) (*(((struct headname *)((elm)->field.tqe_prev))->tqh_last))
#define TAILQ_INIT(head)                                                                                     \
    do {                                                                                                     \
        TAILQ_FIRST(head) = NULL;                                                                            \
        (head)->tqh_last = &TAILQ_FIRST(head);                                                               \
    } while (0)
#define TAILQ_FOREACH(var, head, field)                                                                      \
    for ((var) = TAILQ_FIRST(head); (var) != NULL; (var) = TAILQ_NEXT(var, field))
#define TAILQ_FOREACH_SAFE(var, head, field, next)                                                           \
    for ((var) = TAILQ_FIRST(head); (var) != NULL && ((next) = TAILQ_NEXT(var, field), 1); (var) = (next))
#define TAILQ_FOREACH_REVERSE(var, head, headname, field)                                                    \
    for ((var) = TAILQ_LAST(head, headname); (var) != NULL; (var) = TAILQ_PREV(var, headname, field))
#define TAILQ_FOREACH_REVERSE_SAFE(var, head, headname, field, prev)                                         \
    for ((var) = TAILQ_LAST(head, headname);                                                                 \
         (var) != NULL && ((prev) = TAILQ_PREV(var, headname, field), 1); (var) = (prev))
#define TAILQ_INSERT_HEAD(head, elm, field)                                                                  \
    do {                                                                                                     \
        if ((TAILQ_NEXT(elm, field) = TAILQ_FIRST(head)) != NULL) {                                          \
            TAILQ_FIRST(head)->field.tqe_prev = &TAILQ_NEXT(elm, field);                                     \
        } else {                                                                                             \
            (head)->tqh_last = &TAILQ_NEXT(elm, field);                                                      \
        }                                                                                                    \
        TAILQ_FIRST(head) = (elm);                                                                           \
        (elm)->field.tqe_prev = &TAILQ_FIRST(head);                                                          \
    } while (0)
#define TAILQ_INSERT_TAIL(head, elm, field)                                                                  \
    do {                                                                                                     \
        TAILQ_NEXT(elm, field) = NULL;                                                                       \
        (elm)->field.tqe_prev = (head)->tqh_last;                                                            \
        *(head)->tqh_last = (elm);                                                                           \
        (head)->tqh_last = &TAILQ_NEXT(elm, field);                                                          \
    } while (0)
#define TAILQ_INSERT_AFTER(head, at, elm, field)                                                             \
    do {                                                                                                     \
        if ((TAILQ_NEXT(elm, field) = TAILQ_NEXT(at, field)) != NULL) {                                      \
            TAILQ_NEXT(elm, field)->field.tqe_prev = &TAILQ_NEXT(elm, field);                                \
        } else {                                                                                             \
            (head)->tqh_last = &TAILQ_NEXT(elm, field);                                                      \
        }                                                                                                    \
        TAILQ_NEXT(at, field) = (elm);                                                                       \
        (elm)->field.tqe_prev = &TAILQ_NEXT(at, field);                                                      \
    } while (0)
#define TAILQ_INSERT_BEFORE(at, elm, field)                                                                  \
    do {                                                                                                     \
        (elm)->field.tqe_prev = (at)->field.tqe_prev;                                                        \
        TAILQ_NEXT(elm, field) = (at);                                                                       \
        *(at)->field.tqe_prev = (elm);                                                                       \
        (at)->field.tqe_prev = &TAILQ_NEXT(elm, field);                                                      \
    } while (0)
#define TAILQ_REMOVE(head, elm, field)                                                                       \
    do {                                                                                                     \
        if (TAILQ_NEXT(elm, field) != NULL) {                                                                \
            TAILQ_NEXT(elm, field)->field.tqe_prev = (elm)->field.tqe_prev;                                  \
        } else {                                                                                             \
            (head)->tqh_last = (elm)->field.tqe_prev;                                                        \
        }                                                                                                    \
        *(elm)->field.tqe_prev = TAILQ_NEXT(elm, field);                                                     \
    } while (0)
#define TAILQ_CONCAT(to, from, field)                                                                        \
    do {                                                                                                     \
        if (!TAILQ_EMPTY(from)) {                                                                            \
            *(to)->tqh_last = TAILQ_FIRST(from);                                                             \
            TAILQ_FIRST(from)->field.tqe_prev = (to)->tqh_last;                                              \
            (to)->tqh_last = (from)->tqh_last;                                                               \
            TAILQ_INIT(from);                                                                                \
        }                                                                                                    \
    } while (0)

/* CIRCLEQ: doubly linked, ends at the head itself. */
#define CIRCLEQ_HEAD(name, type)                                                                             \
    struct name {                                                                                            \
        struct type *cqh_first;                                                                              \
        struct type *cqh_last;                                                                               \
    }
#define CIRCLEQ_ENTRY(type)                                                                                  \
    struct {                                                                                                 \
        struct type *cqe_next;                                                                               \
        struct type *cqe_prev;                                                                               \
    }
#define CIRCLEQ_FIRST(head)      ((head)->cqh_first)
#define CIRCLEQ_LAST(head)       ((head)->cqh_last)
#define CIRCLEQ_EMPTY(head)      ((void *)CIRCLEQ_FIRST(head) == (void *)(head))
#define CIRCLEQ_NEXT(elm, field) ((elm)->field.cqe_next)
#define CIRCLEQ_PREV(elm, field) ((elm)->field.cqe_prev)
#define CIRCLEQ_INIT(head)                                                                                   \
    do {                                                                                                     \
        (head)->cqh_first = (void *)(head);                                                                  \
        (head)->cqh_last = (void *)(head);                                                                   \
    } while (0)
#define CIRCLEQ_FOREACH(var, head, field)                                                                    \
    for ((var) = CIRCLEQ_FIRST(head); (void *)(var) != (void *)(head); (var) = CIRCLEQ_NEXT(var, field))
#define CIRCLEQ_INSERT_HEAD(head, elm, field)                                                                \
    do {                                                                                                     \
        (elm)->field.cqe_next = (head)->cqh_first;                                                           \
        (elm)->field.cqe_prev = (void *)(head);                                                              \
        if ((void *)(head)->cqh_last == (void *)(head)) {                                                    \
            (head)->cqh_last = (elm);                                                                        \
        } else {                                                                                             \
            (head)->cqh_first->field.cqe_prev = (elm);                                                       \
        }                                                                                                    \
        (head)->cqh_first = (elm);                                                                           \
    } while (0)
#define CIRCLEQ_INSERT_TAIL(head, elm, field)                                                                \
    do {                                                                                                     \
        (elm)->field.cqe_next = (void *)(head);                                                              \
        (elm)->field.cqe_prev = (head)->cqh_last;                                                            \
        if ((void *)(head)->cqh_first == (void *)(head)) {                                                   \
            (head)->cqh_first = (elm);                                                                       \
        } else {                                                                                             \
            (head)->cqh_last->field.cqe_next = (elm);                                                        \
        }                                                                                                    \
        (head)->cqh_last = (elm);                                                                            \
    } while (0)
#define CIRCLEQ_REMOVE(head, elm, field)                                                                     \
    do {                                                                                                     \
        if ((void *)(elm)->field.cqe_next == (void *)(head)) {                                               \
            (head)->cqh_last = (elm)->field.cqe_prev;                                                        \
        } else {                                                                                             \
            (elm)->field.cqe_next->field.cqe_prev = (elm)->field.cqe_prev;                                   \
        }                                                                                                    \
        if ((void *)(elm)->field.cqe_prev == (void *)(head)) {                                               \
            (head)->cqh_first = (elm)->field.cqe_next;                                                       \
        } else {                                                                                             \
            (elm)->field.cqe_prev->field.cqe_next = (elm)->field.cqe_next;                                   \
        }                                                                                                    \
    } while (0)

/* Less common: walk with the pointer to the element, cut off a front part, swap two lists. */
#define SLIST_FOREACH_PREVPTR(var, varp, head, field)                                                        \
    for ((varp) = &SLIST_FIRST(head); ((var) = *(varp)) != NULL; (varp) = &SLIST_NEXT(var, field))
#define STAILQ_REMOVE_AFTER(head, elm, field)                                                                \
    do {                                                                                                     \
        if ((STAILQ_NEXT(elm, field) = STAILQ_NEXT(STAILQ_NEXT(elm, field), field)) == NULL) {               \
            (head)->stqh_last = &STAILQ_NEXT(elm, field);                                                    \
        }                                                                                                    \
    } while (0)
#define STAILQ_REMOVE_HEAD_UNTIL(head, elm, field)                                                           \
    do {                                                                                                     \
        if ((STAILQ_FIRST(head) = STAILQ_NEXT(elm, field)) == NULL) {                                        \
            (head)->stqh_last = &STAILQ_FIRST(head);                                                         \
        }                                                                                                    \
    } while (0)
#define LIST_SWAP(one, two, type, field)                                                                     \
    do {                                                                                                     \
        struct type *queue_first = LIST_FIRST(one);                                                          \
        LIST_FIRST(one) = LIST_FIRST(two);                                                                   \
        LIST_FIRST(two) = queue_first;                                                                       \
        if (LIST_FIRST(one) != NULL) {                                                                       \
            LIST_FIRST(one)->field.le_prev = &LIST_FIRST(one);                                               \
        }                                                                                                    \
        if (LIST_FIRST(two) != NULL) {                                                                       \
            LIST_FIRST(two)->field.le_prev = &LIST_FIRST(two);                                               \
        }                                                                                                    \
    } while (0)
#define STAILQ_SWAP(one, two, type)                                                                          \
    do {                                                                                                     \
        struct type *queue_first = STAILQ_FIRST(one);                                                        \
        struct type **queue_last = (one)->stqh_last;                                                         \
        STAILQ_FIRST(one) = STAILQ_FIRST(two);                                                               \
        (one)->stqh_last = (two)->stqh_last;                                                                 \
        STAILQ_FIRST(two) = queue_first;                                                                     \
        (two)->stqh_last = queue_last;                                                                       \
        if (STAILQ_EMPTY(one)) {                                                                             \
            (one)->stqh_last = &STAILQ_FIRST(one);                                                           \
        }                                                                                                    \
        if (STAILQ_EMPTY(two)) {                                                                             \
            (two)->stqh_last = &STAILQ_FIRST(two);                                                           \
        }                                                                                                    \
    } while (0)
#define TAILQ_SWAP(one, two, type, field)                                                                    \
    do {                                                                                                     \
        struct type *queue_first = TAILQ_FIRST(one);                                                         \
        struct type **queue_last = (one)->tqh_last;                                                          \
        TAILQ_FIRST(one) = TAILQ_FIRST(two);                                                                 \
        (one)->tqh_last = (two)->tqh_last;                                                                   \
        TAILQ_FIRST(two) = queue_first;                                                                      \
        (two)->tqh_last = queue_last;                                                                        \
        if (TAILQ_FIRST(one) != NULL) {                                                                      \
            TAILQ_FIRST(one)->field.tqe_prev = &TAILQ_FIRST(one);                                            \
        } else {                                                                                             \
            (one)->tqh_last = &TAILQ_FIRST(one);                                                             \
        }                                                                                                    \
        if (TAILQ_FIRST(two) != NULL) {                                                                      \
            TAILQ_FIRST(two)->field.tqe_prev = &TAILQ_FIRST(two);                                            \
        } else {                                                                                             \
            (two)->tqh_last = &TAILQ_FIRST(two);                                                             \
        }                                                                                                    \
    } while (0)

#endif /* KPI_SYS_QUEUE_H */
