// SPDX-License-Identifier: BSD-2-Clause
/*
 * ktest.h: how a kernel-side test file talks to the host-side runner. Both sides include it.
 *
 * A kernel-side file defines cases `static void noun__condition__result(void)`, collects them in a table and
 * exports it:
 *
 *     static const struct ktest_case cases[] = {KT_CASE(mutex__relock__panics), ...};
 *     KT_SUITE(lock_mtx, cases);
 *
 * tests/support/ktest_kern.h adds KT_KERN_SUITE: the kernel is up, and each case must leave as much behind as
 * it found.
 *
 * The runner (ktest_runner.c) turns each case into a cmocka test. A failing assertion prints file, line and
 * both values and leaves the case by cmocka's own way out; nothing after it in that case runs. Assertions
 * work on the case's own thread only: other threads record what they saw and the case checks it.
 */
#ifndef KEXTBED_TESTS_KTEST_H
#define KEXTBED_TESTS_KTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ktest_case {
    const char *name;
    void (*fn)(void);
};

struct ktest_suite {
    const char *name;
    const struct ktest_case *cases;
    size_t n_cases;
    void (*setup)(void); /* before each case, optional */
    void (*teardown)(
        void); /* after each case that passed, optional: the place to check that nothing was left behind */
    void (*boot)(void); /* once, before any case of any suite, optional */
};

#define KT_CASE(fn)                                                                                          \
    {                                                                                                        \
#fn, fn                                                                                              \
    }
#define KT_SUITE(noun, table)                                                                                \
    extern const struct ktest_suite ktest_suite_##noun;                                                      \
    const struct ktest_suite ktest_suite_##noun = {#noun, table, sizeof(table) / sizeof((table)[0]),         \
                                                   NULL,  NULL,  NULL}
#define KT_SUITE_WITH(noun, table, setup_fn, teardown_fn, boot_fn)                                           \
    extern const struct ktest_suite ktest_suite_##noun;                                                      \
    const struct ktest_suite ktest_suite_##noun = {                                                          \
        #noun, table, sizeof(table) / sizeof((table)[0]), setup_fn, teardown_fn, boot_fn}

/* Provided by the runner. Values travel as 64-bit numbers or text, so one set of functions serves all types.
 */
_Noreturn void ktest_fail(const char *file, int line, const char *text);
_Noreturn void ktest_fail_values(const char *file, int line, const char *expr, uint64_t left, uint64_t right);
_Noreturn void ktest_fail_strings(const char *file, int line, const char *expr, const char *left,
                                  const char *right);
_Noreturn void ktest_skip(const char *file, int line, const char *reason);
/** ktest_note - a line in the test's output. */
void ktest_note(const char *text);
/** ktest_expect_panic - run @fn(@arg) in a child process and check that it dies in a panic whose report
 * contains @text. Fails the case otherwise. The child has one thread, the caller; @fn must not need others.
 */
void ktest_expect_panic(const char *file, int line, void (*fn)(void *arg), void *arg, const char *text);
/** ktest_thread - run @fn(@arg) on a host thread of its own (an adopted one for the kernel side); returns a
 * handle for ktest_thread_join, which must be called. */
void *ktest_thread(void (*fn)(void *arg), void *arg);
void ktest_thread_join(void *thread);
/** ktest_msleep - let at least @ms milliseconds pass; for deadlines only, never to wait for another thread.
 */
void ktest_msleep(unsigned ms);
/** KT_UNTIL - wait until @cond, at most ten seconds; then the case fails. */
#define KT_UNTIL(cond)                                                                                       \
    do {                                                                                                     \
        for (unsigned ku_ms_ = 0; !(cond); ku_ms_++) {                                                       \
            KT_ASSERT_LT(ku_ms_, 10000u);                                                                    \
            ktest_msleep(1);                                                                                 \
        }                                                                                                    \
    } while (0)
/** ktest_rest - wait until every other thread of the test is asleep and stays so: whoever can get through
 * has, and who has not waits. Fails the case when that does not come about within ten seconds. On the case's
 * own thread only. */
void ktest_rest(void);
/** ktest_rests - whether every other thread was asleep through two looks just now. Any thread. */
bool ktest_rests(void);
/** ktest_seed - the run's random seed (KTEST_SEED in the environment, else fresh); printed when a case fails.
 */
uint64_t ktest_seed(void);

#define KT_ASSERT(cond)                                                                                      \
    do {                                                                                                     \
        if (!(cond))                                                                                         \
            ktest_fail(__FILE__, __LINE__, #cond);                                                           \
    } while (0)
/* Literals have another signedness than what is compared with them often enough; the comparison is C's own.
 */
#define KT_CMP_(left, op, right)                                                                             \
    do {                                                                                                     \
        _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wsign-compare\"");                 \
        __typeof__(left) kt_l_ = (left);                                                                     \
        __typeof__(right) kt_r_ = (right);                                                                   \
        if (!(kt_l_ op kt_r_))                                                                               \
            ktest_fail_values(__FILE__, __LINE__, #left " " #op " " #right, (uint64_t)kt_l_,                 \
                              (uint64_t)kt_r_);                                                              \
        _Pragma("GCC diagnostic pop");                                                                       \
    } while (0)
#define KT_ASSERT_EQ(left, right) KT_CMP_(left, ==, right)
#define KT_ASSERT_NE(left, right) KT_CMP_(left, !=, right)
#define KT_ASSERT_LT(left, right) KT_CMP_(left, <, right)
#define KT_ASSERT_LE(left, right) KT_CMP_(left, <=, right)
#define KT_ASSERT_GT(left, right) KT_CMP_(left, >, right)
#define KT_ASSERT_GE(left, right) KT_CMP_(left, >=, right)
#define KT_ASSERT_OK(expr)        KT_CMP_(expr, ==, 0)
#define KT_ASSERT_ERRNO(expr, e)  KT_CMP_(expr, ==, e)
#define KT_ASSERT_PTR_EQ(left, right)                                                                        \
    do {                                                                                                     \
        const volatile void *kt_l_ = (left), *kt_r_ = (right);                                               \
        if (kt_l_ != kt_r_)                                                                                  \
            ktest_fail_values(__FILE__, __LINE__, #left " == " #right, (uintptr_t)kt_l_, (uintptr_t)kt_r_);  \
    } while (0)
#define KT_ASSERT_NULL(p)     KT_ASSERT_PTR_EQ(p, NULL)
#define KT_ASSERT_NOT_NULL(p) KT_ASSERT((p) != NULL)
#define KT_ASSERT_STR(left, right)                                                                           \
    do {                                                                                                     \
        const char *kt_l_ = (left), *kt_r_ = (right);                                                        \
        if (ktest_str_differs_(kt_l_, kt_r_))                                                                \
            ktest_fail_strings(__FILE__, __LINE__, #left " == " #right, kt_l_, kt_r_);                       \
    } while (0)
#define KT_ASSERT_MEM(left, right, len)                                                                      \
    do {                                                                                                     \
        const unsigned char *kt_l_ = (const void *)(left), *kt_r_ = (const void *)(right);                   \
        for (size_t kt_i_ = 0; kt_i_ < (size_t)(len); kt_i_++)                                               \
            if (kt_l_[kt_i_] != kt_r_[kt_i_])                                                                \
                ktest_fail_values(__FILE__, __LINE__, #left " differs from " #right, kt_i_, kt_l_[kt_i_]);   \
    } while (0)
#define KT_FAIL(text)                  ktest_fail(__FILE__, __LINE__, text)
#define KT_SKIP(reason)                ktest_skip(__FILE__, __LINE__, reason)
#define KT_EXPECT_PANIC(fn, arg, text) ktest_expect_panic(__FILE__, __LINE__, fn, arg, text)

static inline bool ktest_str_differs_(const char *left, const char *right)
{
    if (!left || !right)
        return left != right;
    while (*left && *left == *right)
        left++, right++;
    return *left != *right;
}

#endif
