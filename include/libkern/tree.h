// SPDX-License-Identifier: BSD-2-Clause
/*
 * Balanced trees whose links live in the elements: RB, the red-black kind. RB_GENERATE makes the functions of
 * one tree in one file; RB_PROTOTYPE declares them for others. None of them locks or allocates anything.
 */
#ifndef KPI_LIBKERN_TREE_H
#define KPI_LIBKERN_TREE_H

#include <sys/cdefs.h>
#include <sys/_types/_size_t.h>

#ifndef NULL
#define NULL ((void *)0)
#endif

#define RB_HEAD(name, type)                                                                                  \
    struct name {                                                                                            \
        struct type *rbh_root;                                                                               \
    }
#define RB_INITIALIZER(root)                                                                                 \
    {                                                                                                        \
        NULL                                                                                                 \
    }
#define RB_INIT(root)                                                                                        \
    do {                                                                                                     \
        (root)->rbh_root = NULL;                                                                             \
    } while (0)
#define RB_ENTRY(type)                                                                                       \
    struct {                                                                                                 \
        struct type *rbe_left, *rbe_right, *rbe_parent;                                                      \
        int rbe_red;                                                                                         \
    }

#define RB_ROOT(head)               ((head)->rbh_root)
#define RB_EMPTY(head)              (RB_ROOT(head) == NULL)
#define RB_LEFT(elm, field)         ((elm)->field.rbe_left)
#define RB_RIGHT(elm, field)        ((elm)->field.rbe_right)
#define _RB_PARENT(elm, field)      ((elm)->field.rbe_parent)
#define _RB_IS_RED(elm, field)      ((elm) != NULL && (elm)->field.rbe_red)
#define _RB_CHILD(elm, field, left) (*((left) ? &RB_LEFT(elm, field) : &RB_RIGHT(elm, field)))

/* Operations. RB_INSERT: NULL, or the equal element that is there already and stays. RB_REMOVE: the element,
 * which is in the tree. RB_NFIND: the first that is not less. */
#define RB_INSERT(name, head, elm) name##_RB_INSERT(head, elm)
#define RB_REMOVE(name, head, elm) name##_RB_REMOVE(head, elm)
#define RB_FIND(name, head, key)   name##_RB_FIND(head, key)
#define RB_NFIND(name, head, key)  name##_RB_NFIND(head, key)
#define RB_NEXT(name, head, elm)   name##_RB_NEXT(elm)
#define RB_PREV(name, head, elm)   name##_RB_PREV(elm)
#define RB_MIN(name, head)         name##_RB_MINMAX(head, 1)
#define RB_MAX(name, head)         name##_RB_MINMAX(head, 0)

#define RB_FOREACH(var, name, head)                                                                          \
    for ((var) = RB_MIN(name, head); (var) != NULL; (var) = name##_RB_NEXT(var))
#define RB_FOREACH_FROM(var, name, next)                                                                     \
    for ((next) = (var); ((var) = (next)) != NULL && ((next) = name##_RB_NEXT(var), 1);)
#define RB_FOREACH_REVERSE_FROM(var, name, prev)                                                             \
    for ((prev) = (var); ((var) = (prev)) != NULL && ((prev) = name##_RB_PREV(var), 1);)

#define RB_PROTOTYPE(name, type, field, cmp)                  RB_PROTOTYPE_SC(, name, type, field, cmp)
#define RB_PROTOTYPE_PREV(name, type, field, cmp)             RB_PROTOTYPE_SC_PREV(, name, type, field, cmp)
#define RB_PROTOTYPE_SC_PREV(storage, name, type, field, cmp) RB_PROTOTYPE_SC(storage, name, type, field, cmp)
#define RB_PROTOTYPE_SC(storage, name, type, field, cmp)                                                     \
    storage struct type *name##_RB_INSERT(struct name *head, struct type *elm) __attribute__((__unused__));  \
    storage struct type *name##_RB_REMOVE(struct name *head, struct type *elm) __attribute__((__unused__));  \
    storage struct type *name##_RB_FIND(struct name *head, struct type *key) __attribute__((__unused__));    \
    storage struct type *name##_RB_NFIND(struct name *head, struct type *key) __attribute__((__unused__));   \
    storage struct type *name##_RB_NEXT(struct type *elm) __attribute__((__unused__));                       \
    storage struct type *name##_RB_PREV(struct type *elm) __attribute__((__unused__));                       \
    storage struct type *name##_RB_MINMAX(struct name *head, int least) __attribute__((__unused__))

#define RB_GENERATE_PREV(name, type, field, cmp) RB_GENERATE(name, type, field, cmp)
#define RB_GENERATE(name, type, field, cmp)                                                                  \
    _RB_GENERATE_TURNS(name, type, field)                                                                    \
    _RB_GENERATE_INSERT(name, type, field, cmp)                                                              \
    _RB_GENERATE_REMOVE(name, type, field)                                                                   \
    _RB_GENERATE_FIND(name, type, field, cmp)                                                                \
    _RB_GENERATE_WALK(name, type, field)

/* old's place in its parent goes to new; x and its child on the other side than @left change places. */
#define _RB_GENERATE_TURNS(name, type, field)                                                                \
    static void name##_rb_replace(struct name *head, struct type *old, struct type *new_)                    \
    {                                                                                                        \
        struct type *parent = _RB_PARENT(old, field);                                                        \
        if (parent == NULL)                                                                                  \
            RB_ROOT(head) = new_;                                                                            \
        else                                                                                                 \
            _RB_CHILD(parent, field, RB_LEFT(parent, field) == old) = new_;                                  \
    }                                                                                                        \
    static void name##_rb_rotate(struct name *head, struct type *x, int left)                                \
    {                                                                                                        \
        struct type *up = _RB_CHILD(x, field, !left), *moved = _RB_CHILD(up, field, left);                   \
        _RB_CHILD(x, field, !left) = moved;                                                                  \
        if (moved != NULL)                                                                                   \
            _RB_PARENT(moved, field) = x;                                                                    \
        name##_rb_replace(head, x, up);                                                                      \
        _RB_PARENT(up, field) = _RB_PARENT(x, field);                                                        \
        _RB_CHILD(up, field, left) = x;                                                                      \
        _RB_PARENT(x, field) = up;                                                                           \
    }

#define _RB_GENERATE_INSERT(name, type, field, cmp)                                                          \
    static void name##_rb_inserted(struct name *head, struct type *elm)                                      \
    {                                                                                                        \
        struct type *parent, *grand, *uncle, *swap;                                                          \
        while (_RB_IS_RED(parent = _RB_PARENT(elm, field), field)) {                                         \
            grand = _RB_PARENT(parent, field);                                                               \
            int left = RB_LEFT(grand, field) == parent;                                                      \
            uncle = _RB_CHILD(grand, field, !left);                                                          \
            grand->field.rbe_red = 1;                                                                        \
            if (_RB_IS_RED(uncle, field)) {                                                                  \
                parent->field.rbe_red = uncle->field.rbe_red = 0;                                            \
                elm = grand;                                                                                 \
                continue;                                                                                    \
            }                                                                                                \
            if (_RB_CHILD(parent, field, !left) == elm) {                                                    \
                name##_rb_rotate(head, parent, left);                                                        \
                swap = parent;                                                                               \
                parent = elm;                                                                                \
                elm = swap;                                                                                  \
            }                                                                                                \
            parent->field.rbe_red = 0;                                                                       \
            name##_rb_rotate(head, grand, !left);                                                            \
        }                                                                                                    \
        RB_ROOT(head)->field.rbe_red = 0;                                                                    \
    }                                                                                                        \
    struct type *name##_RB_INSERT(struct name *head, struct type *elm)                                       \
    {                                                                                                        \
        struct type **link = &RB_ROOT(head), *parent = NULL;                                                 \
        while (*link != NULL) {                                                                              \
            parent = *link;                                                                                  \
            int order = (cmp)(elm, parent);                                                                  \
            if (order == 0)                                                                                  \
                return parent;                                                                               \
            link = &_RB_CHILD(parent, field, order < 0);                                                     \
        }                                                                                                    \
        RB_LEFT(elm, field) = RB_RIGHT(elm, field) = NULL;                                                   \
        _RB_PARENT(elm, field) = parent;                                                                     \
        elm->field.rbe_red = 1;                                                                              \
        *link = elm;                                                                                         \
        name##_rb_inserted(head, elm);                                                                       \
        return NULL;                                                                                         \
    }

#define _RB_GENERATE_REMOVE(name, type, field)                                                               \
    static void name##_rb_removed(struct name *head, struct type *parent, struct type *x)                    \
    {                                                                                                        \
        struct type *sibling, *far_, *near_;                                                                 \
        while (x != RB_ROOT(head) && !_RB_IS_RED(x, field)) {                                                \
            int left = RB_LEFT(parent, field) == x;                                                          \
            sibling = _RB_CHILD(parent, field, !left);                                                       \
            if (sibling->field.rbe_red) {                                                                    \
                sibling->field.rbe_red = 0;                                                                  \
                parent->field.rbe_red = 1;                                                                   \
                name##_rb_rotate(head, parent, left);                                                        \
                sibling = _RB_CHILD(parent, field, !left);                                                   \
            }                                                                                                \
            far_ = _RB_CHILD(sibling, field, !left);                                                         \
            near_ = _RB_CHILD(sibling, field, left);                                                         \
            if (!_RB_IS_RED(far_, field) && !_RB_IS_RED(near_, field)) {                                     \
                sibling->field.rbe_red = 1;                                                                  \
                x = parent;                                                                                  \
                parent = _RB_PARENT(x, field);                                                               \
                continue;                                                                                    \
            }                                                                                                \
            if (!_RB_IS_RED(far_, field)) {                                                                  \
                near_->field.rbe_red = 0;                                                                    \
                sibling->field.rbe_red = 1;                                                                  \
                name##_rb_rotate(head, sibling, !left);                                                      \
                far_ = sibling;                                                                              \
                sibling = near_;                                                                             \
            }                                                                                                \
            sibling->field.rbe_red = parent->field.rbe_red;                                                  \
            parent->field.rbe_red = far_->field.rbe_red = 0;                                                 \
            name##_rb_rotate(head, parent, left);                                                            \
            break;                                                                                           \
        }                                                                                                    \
        if (x != NULL)                                                                                       \
            x->field.rbe_red = 0;                                                                            \
    }                                                                                                        \
    struct type *name##_RB_REMOVE(struct name *head, struct type *elm)                                       \
    {                                                                                                        \
        struct type *child, *parent = _RB_PARENT(elm, field), *heir;                                         \
        int red = elm->field.rbe_red;                                                                        \
        if (RB_LEFT(elm, field) != NULL && RB_RIGHT(elm, field) != NULL) {                                   \
            for (heir = RB_RIGHT(elm, field); RB_LEFT(heir, field) != NULL; heir = RB_LEFT(heir, field))     \
                ;                                                                                            \
            child = RB_RIGHT(heir, field);                                                                   \
            red = heir->field.rbe_red;                                                                       \
            parent = _RB_PARENT(heir, field);                                                                \
            name##_rb_replace(head, heir, child);                                                            \
            if (child != NULL)                                                                               \
                _RB_PARENT(child, field) = parent;                                                           \
            if (parent == elm)                                                                               \
                parent = heir;                                                                               \
            heir->field = elm->field;                                                                        \
            name##_rb_replace(head, elm, heir);                                                              \
            _RB_PARENT(RB_LEFT(heir, field), field) = heir;                                                  \
            if (RB_RIGHT(heir, field) != NULL)                                                               \
                _RB_PARENT(RB_RIGHT(heir, field), field) = heir;                                             \
        } else {                                                                                             \
            child = _RB_CHILD(elm, field, RB_LEFT(elm, field) != NULL);                                      \
            name##_rb_replace(head, elm, child);                                                             \
            if (child != NULL)                                                                               \
                _RB_PARENT(child, field) = parent;                                                           \
        }                                                                                                    \
        if (!red && RB_ROOT(head) != NULL)                                                                   \
            name##_rb_removed(head, parent, child);                                                          \
        return elm;                                                                                          \
    }

#define _RB_GENERATE_FIND(name, type, field, cmp)                                                            \
    struct type *name##_RB_NFIND(struct name *head, struct type *key)                                        \
    {                                                                                                        \
        struct type *at = RB_ROOT(head), *best = NULL;                                                       \
        while (at != NULL) {                                                                                 \
            int order = (cmp)(key, at);                                                                      \
            if (order == 0)                                                                                  \
                return at;                                                                                   \
            if (order < 0)                                                                                   \
                best = at;                                                                                   \
            at = _RB_CHILD(at, field, order < 0);                                                            \
        }                                                                                                    \
        return best;                                                                                         \
    }                                                                                                        \
    struct type *name##_RB_FIND(struct name *head, struct type *key)                                         \
    {                                                                                                        \
        struct type *at = name##_RB_NFIND(head, key);                                                        \
        return at != NULL && (cmp)(key, at) == 0 ? at : NULL;                                                \
    }

/* The next element on one side: the other side's end of the child there, else the first ancestor from its
 * other side. */
#define _RB_GENERATE_WALK(name, type, field)                                                                 \
    static struct type *name##_rb_step(struct type *elm, int left)                                           \
    {                                                                                                        \
        struct type *at = _RB_CHILD(elm, field, left);                                                       \
        if (at != NULL) {                                                                                    \
            while (_RB_CHILD(at, field, !left) != NULL)                                                      \
                at = _RB_CHILD(at, field, !left);                                                            \
            return at;                                                                                       \
        }                                                                                                    \
        for (at = _RB_PARENT(elm, field); at != NULL && _RB_CHILD(at, field, left) == elm;                   \
             at = _RB_PARENT(elm, field))                                                                    \
            elm = at;                                                                                        \
        return at;                                                                                           \
    }                                                                                                        \
    struct type *name##_RB_NEXT(struct type *elm)                                                            \
    {                                                                                                        \
        return name##_rb_step(elm, 0);                                                                       \
    }                                                                                                        \
    struct type *name##_RB_PREV(struct type *elm)                                                            \
    {                                                                                                        \
        return name##_rb_step(elm, 1);                                                                       \
    }                                                                                                        \
    struct type *name##_RB_MINMAX(struct name *head, int least)                                              \
    {                                                                                                        \
        struct type *at = RB_ROOT(head);                                                                     \
        while (at != NULL && _RB_CHILD(at, field, least) != NULL)                                            \
            at = _RB_CHILD(at, field, least);                                                                \
        return at;                                                                                           \
    }

#endif /* KPI_LIBKERN_TREE_H */
