// SPDX-License-Identifier: BSD-2-Clause
/*
 * The tree of variables: registration, names, the stock handlers, who may set what, withdrawal under a
 * running handler.
 */
#include <stdatomic.h>
#include <string.h>
#include <sys/sysctl.h>
#include <libkern/libkern.h>

#include "tests/support/ktest_kern.h"

#define KERNEL_RW (CTLFLAG_RW | CTLFLAG_KERN | CTLFLAG_LOCKED)

static int a_number, a_limit;
static int64_t a_quad;
static long a_long;
static int a_small;
static char a_string[8];
static struct {
    char bytes[6];
} an_opaque;

SYSCTL_DECL(_vfs_generic);
SYSCTL_NODE(_vfs_generic, OID_AUTO, ktest, CTLFLAG_RW, 0, "of the tests");
SYSCTL_INT(_vfs_generic_ktest, OID_AUTO, number, KERNEL_RW, &a_number, 0, "a number");
SYSCTL_INT(_vfs_generic_ktest, OID_AUTO, constant, KERNEL_RW, NULL, 42, "a constant");
SYSCTL_INT(_vfs_generic_ktest, OID_AUTO, readonly, CTLFLAG_RD | CTLFLAG_KERN, &a_limit, 0, "not to be set");
SYSCTL_INT(_vfs_generic_ktest, OID_AUTO, private, CTLFLAG_RW, &a_limit, 0, "not for the kernel");
SYSCTL_QUAD(_vfs_generic_ktest, OID_AUTO, quad, KERNEL_RW, &a_quad, "64 bits");
SYSCTL_LONG(_vfs_generic_ktest, OID_AUTO, along, KERNEL_RW, &a_long, "a long");
SYSCTL_PROC(_vfs_generic_ktest, OID_AUTO, wide, CTLTYPE_QUAD | KERNEL_RW, &a_small, 0, sysctl_handle_int2quad,
            "Q", "an int, seen as a quad");
SYSCTL_STRING(_vfs_generic_ktest, OID_AUTO, string, KERNEL_RW, a_string, sizeof(a_string), "a string");
SYSCTL_STRING(_vfs_generic_ktest, OID_AUTO, fixed, KERNEL_RW, (void *)(uintptr_t) "fixed", 0, "constant");
SYSCTL_OPAQUE(_vfs_generic_ktest, 7, opaque, KERNEL_RW, &an_opaque, sizeof(an_opaque), "S", "bytes");

static struct sysctl_oid *const own[] = {
    &sysctl__vfs_generic_ktest,          &sysctl__vfs_generic_ktest_number,
    &sysctl__vfs_generic_ktest_constant, &sysctl__vfs_generic_ktest_readonly,
    &sysctl__vfs_generic_ktest_private,  &sysctl__vfs_generic_ktest_quad,
    &sysctl__vfs_generic_ktest_along,    &sysctl__vfs_generic_ktest_wide,
    &sysctl__vfs_generic_ktest_string,   &sysctl__vfs_generic_ktest_fixed,
    &sysctl__vfs_generic_ktest_opaque};
#define N_OWN (sizeof(own) / sizeof(own[0]))

static void setup(void)
{
    ktest_kern_setup();
    for (size_t i = 0; i < N_OWN; i++)
        sysctl_register_oid(own[i]);
}

static void teardown(void)
{
    for (size_t i = N_OWN; i-- > 0;)
        sysctl_unregister_oid(own[i]);
    ktest_kern_teardown();
}

#define NAME(leaf) "vfs.generic.ktest." leaf

static int get(const char *name, void *value, size_t *len)
{
    return sysctlbyname(name, value, len, NULL, 0);
}

static int set(const char *name, const void *value, size_t len)
{
    return sysctlbyname(name, NULL, NULL, (void *)(uintptr_t)value, len);
}

/* ---- names --------------------------------------------------------------------------------------------- */

static void name__by_text_and_by_number__finds_the_same(void)
{
    char name[64];
    int value = 0;
    size_t len = sizeof(value);
    a_number = 11;
    KT_ASSERT_OK(get(NAME("number"), &value, &len));
    KT_ASSERT_EQ(value, 11);
    KT_ASSERT_EQ(len, sizeof(value));
    snprintf(name, sizeof(name), "3.0.%d.%d", sysctl__vfs_generic_ktest.oid_number,
             sysctl__vfs_generic_ktest_number.oid_number);
    value = 0;
    KT_ASSERT_OK(get(name, &value, &len));
    KT_ASSERT_EQ(value, 11);
    KT_ASSERT_GE(sysctl__vfs_generic_ktest.oid_number, OID_AUTO_START);
    KT_ASSERT_EQ(sysctl__vfs_generic_ktest_opaque.oid_number, 7);
}

static void name__wrong__says_how(void)
{
    size_t len = 0;
    static const char *const unknown[] = {
        "nothing", "vfs.generic.ktest", NAME("absent"),   "",
        ".vfs",    "vfs..generic",      "vfs.generic.99", "vfs.generic.ktest.99999999999999"};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++)
        KT_ASSERT_ERRNO(get(unknown[i], NULL, &len), ENOENT);
    KT_ASSERT_ERRNO(get(NULL, NULL, &len), EINVAL);
    KT_ASSERT_ERRNO(get(NAME("number.more"), NULL, &len), EISDIR);
}

static void kernel__own_variables__are_there(void)
{
    char text[32];
    size_t len = sizeof(text);
    KT_ASSERT_OK(get("kern.ostype", text, &len));
    KT_ASSERT_STR(text, "Darwin");
    len = sizeof(text);
    KT_ASSERT_OK(get("kern.osrelease", text, &len));
    KT_ASSERT_EQ(len, strlen(text) + 1);
}

/* ---- handlers ------------------------------------------------------------------------------------------ */

static void int__set_and_get__with_every_size(void)
{
    int64_t wide = 7;
    int value = 5;
    size_t len = sizeof(value);
    KT_ASSERT_OK(sysctlbyname(NAME("number"), NULL, NULL, &value, sizeof(value)));
    KT_ASSERT_EQ(a_number, 5);
    KT_ASSERT_OK(set(NAME("number"), &wide, sizeof(wide)));
    KT_ASSERT_EQ(a_number, 7);
    wide = 1ll << 40;
    KT_ASSERT_ERRNO(set(NAME("number"), &wide, sizeof(wide)), ERANGE);
    KT_ASSERT_ERRNO(set(NAME("number"), &value, 2), EINVAL);
    KT_ASSERT_EQ(a_number, 7);
    KT_ASSERT_OK(get(NAME("constant"), &value, &len));
    KT_ASSERT_EQ(value, 42);
    KT_ASSERT_ERRNO(set(NAME("constant"), &value, sizeof(value)), EPERM);
}

static void get__too_little_room__enomem_and_the_length(void)
{
    int value = -1;
    size_t len = 2;
    a_number = 0x01020304;
    KT_ASSERT_ERRNO(get(NAME("number"), &value, &len), ENOMEM);
    KT_ASSERT_EQ(len, sizeof(value));
    KT_ASSERT_EQ(value & 0xffff, 0x0304);
    len = 0;
    KT_ASSERT_OK(get(NAME("opaque"), NULL, &len));
    KT_ASSERT_EQ(len, sizeof(an_opaque));
}

static void quad_and_long__in_64_and_32_bits(void)
{
    int64_t quad = 1ll << 40;
    int small = 0;
    size_t len = sizeof(quad);
    KT_ASSERT_OK(set(NAME("quad"), &quad, sizeof(quad)));
    KT_ASSERT_EQ(a_quad, 1ll << 40);
    quad = 0;
    KT_ASSERT_OK(get(NAME("quad"), &quad, &len));
    KT_ASSERT_EQ(quad, 1ll << 40);
    len = sizeof(small);
    KT_ASSERT_ERRNO(get(NAME("quad"), &small, &len), ERANGE);
    small = -3;
    KT_ASSERT_OK(set(NAME("quad"), &small, sizeof(small)));
    KT_ASSERT_EQ(a_quad, -3);
    small = 0;
    KT_ASSERT_OK(get(NAME("quad"), &small, &len));
    KT_ASSERT_EQ(small, -3);
    quad = 1ll << 33;
    KT_ASSERT_OK(set(NAME("along"), &quad, sizeof(quad)));
    KT_ASSERT_EQ(a_long, 1ll << 33);
    KT_ASSERT_ERRNO(set(NAME("wide"), &quad, sizeof(quad)), ERANGE);
    quad = 9;
    KT_ASSERT_OK(set(NAME("wide"), &quad, sizeof(quad)));
    KT_ASSERT_EQ(a_small, 9);
    len = sizeof(quad);
    quad = 0;
    KT_ASSERT_OK(get(NAME("wide"), &quad, &len));
    KT_ASSERT_EQ(quad, 9);
}

static void string__fits_with_its_nul_or_is_refused(void)
{
    char text[16];
    size_t len = sizeof(text);
    KT_ASSERT_OK(set(NAME("string"), "seven77", 7));
    KT_ASSERT_STR(a_string, "seven77");
    KT_ASSERT_ERRNO(set(NAME("string"), "eight888", 8), EINVAL);
    KT_ASSERT_STR(a_string, "seven77");
    KT_ASSERT_OK(get(NAME("string"), text, &len));
    KT_ASSERT_EQ(len, 8);
    KT_ASSERT_STR(text, "seven77");
    KT_ASSERT_ERRNO(set(NAME("fixed"), "x", 1), EPERM);
    len = 3;
    KT_ASSERT_ERRNO(get(NAME("fixed"), text, &len), ENOMEM);
    KT_ASSERT_EQ(len, 6);
}

static void opaque__whole_or_not_at_all(void)
{
    KT_ASSERT_OK(set(NAME("opaque"), "abcdef", 6));
    KT_ASSERT_MEM(an_opaque.bytes, "abcdef", 6);
    KT_ASSERT_ERRNO(set(NAME("opaque"), "xy", 2), EINVAL);
    KT_ASSERT_MEM(an_opaque.bytes, "abcdef", 6);
}

static void handler__null__is_einval(void)
{
    struct sysctl_req req = {.p = NULL};
    KT_ASSERT_ERRNO(sysctl_handle_long(NULL, NULL, 0, &req), EINVAL);
    KT_ASSERT_ERRNO(sysctl_handle_quad(NULL, NULL, 0, &req), EINVAL);
    KT_ASSERT_ERRNO(sysctl_handle_int2quad(NULL, NULL, 0, &req), EINVAL);
    KT_ASSERT_ERRNO(sysctl_handle_string(NULL, NULL, 0, &req), EINVAL);
    KT_ASSERT_ERRNO(sysctl_handle_opaque(NULL, NULL, 0, &req), EINVAL);
}

/* ---- who may ------------------------------------------------------------------------------------------- */

static void permission__by_the_flags(void)
{
    int value = 1;
    size_t len = sizeof(value);
    KT_ASSERT_ERRNO(set(NAME("readonly"), &value, sizeof(value)), EPERM);
    KT_ASSERT_ERRNO(get(NAME("private"), &value, &len), EPERM); /* CTLFLAG_KERN is missing */
}

static int user_set(const char *name, int value, uid_t uid)
{
    struct kern_call call;
    struct kern_user_range range;
    kauth_cred_t cred = kern_cred_create(uid, 20, NULL, 0);
    kern_enter(&call, cred, kern_proc_kernel());
    kern_user_range_push(&range, &value, sizeof(value), false);
    int error = kern_sysctl(name, 0, NULL, kern_user_addr(&value), sizeof(value));
    kern_user_range_pop(&range);
    kern_leave(&call);
    kauth_cred_unref(&cred);
    return error;
}

static void user__only_the_superuser_sets(void)
{
    a_limit = 0;
    KT_ASSERT_ERRNO(user_set(NAME("private"), 3, 501), EPERM);
    KT_ASSERT_EQ(a_limit, 0);
    KT_ASSERT_OK(user_set(NAME("private"), 3, 0));
    KT_ASSERT_EQ(a_limit, 3);
    sysctl__vfs_generic_ktest_private.oid_kind |= (int)CTLFLAG_ANYBODY;
    KT_ASSERT_OK(user_set(NAME("private"), 4, 501));
    sysctl__vfs_generic_ktest_private.oid_kind &= ~(int)CTLFLAG_ANYBODY;
    KT_ASSERT_EQ(a_limit, 4);
}

static void user__memory_that_was_not_lent__efault(void)
{
    struct kern_call call;
    struct kern_user_range range;
    int value = 0;
    size_t len = sizeof(value);
    kern_enter(&call, kern_cred_kernel(), kern_proc_kernel());
    KT_ASSERT_ERRNO(kern_sysctl(NAME("number"), kern_user_addr(&value), &len, 0, 0), EFAULT);
    a_number = 12;
    kern_user_range_push(&range, &value, sizeof(value), true);
    KT_ASSERT_OK(kern_sysctl(NAME("number"), kern_user_addr(&value), &len, 0, 0));
    KT_ASSERT_EQ(value, 12);
    len = 3;
    KT_ASSERT_ERRNO(kern_sysctl(NAME("number"), kern_user_addr(&value), &len, 0, 0), ENOMEM);
    KT_ASSERT_EQ(len, sizeof(value));
    kern_user_range_pop(&range);
    kern_leave(&call);
}

/* ---- registration -------------------------------------------------------------------------------------- */

static void register__what_cannot_be__is_left_out(void)
{
    struct sysctl_oid twin = sysctl__vfs_generic_ktest_opaque, old = twin, strange = twin;
    size_t len = 0;
    twin.oid_name = "twin"; /* the same number */
    sysctl_register_oid(&twin);
    KT_ASSERT_ERRNO(get(NAME("twin"), NULL, &len), ENOENT);
    old.oid_name = "old";
    old.oid_number = OID_AUTO;
    old.oid_kind &= ~(int)CTLFLAG_OID2;
    sysctl_register_oid(&old);
    KT_ASSERT_ERRNO(get(NAME("old"), NULL, &len), ENOENT);
    strange.oid_name = "strange";
    strange.oid_version = SYSCTL_OID_VERSION + 1;
    sysctl_register_oid(&strange);
    KT_ASSERT_ERRNO(get(NAME("strange"), NULL, &len), ENOENT);
    sysctl_unregister_oid(&twin); /* never was in: nothing happens */
    KT_ASSERT_OK(get(NAME("opaque"), NULL, &len));
}

static void range__with_a_variable_in_it__is_told(void)
{
    char why[80];
    KT_ASSERT(kern_sysctl_range_in_use(&sysctl__vfs_generic_ktest_opaque,
                                       &sysctl__vfs_generic_ktest_opaque + 1, why, sizeof(why)));
    KT_ASSERT_STR(why, "sysctl variable opaque is registered");
    KT_ASSERT(!kern_sysctl_range_in_use(why, why + sizeof(why), NULL, 0));
}

/* ---- handlers of one's own ----------------------------------------------------------------------------- */

static int asked[CTL_MAXNAME], n_asked;
static int node_handler(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    (void)oidp, (void)req;
    n_asked = arg2;
    memcpy(asked, arg1, (size_t)arg2 * sizeof(int));
    return 0;
}
SYSCTL_NODE(_vfs_generic, OID_AUTO, ktestnode, CTLFLAG_RW | CTLFLAG_KERN, node_handler, "handles the rest");

static void node_with_handler__gets_the_numbers_that_follow(void)
{
    sysctl_register_oid(&sysctl__vfs_generic_ktestnode);
    KT_ASSERT_OK(get("vfs.generic.ktestnode.4.17", NULL, NULL));
    KT_ASSERT_EQ(n_asked, 2);
    KT_ASSERT_EQ(asked[0], 4);
    KT_ASSERT_EQ(asked[1], 17);
    KT_ASSERT_OK(get("vfs.generic.ktestnode", NULL, NULL));
    KT_ASSERT_EQ(n_asked, 0);
    KT_ASSERT_ERRNO(get("vfs.generic.ktestnode.x", NULL, NULL), ENOENT);
    sysctl_unregister_oid(&sysctl__vfs_generic_ktestnode);
}

static _Atomic int inside, let_go, most, withdrawn;
static int slow_handler(struct sysctl_oid *oidp, void *arg1, int arg2, struct sysctl_req *req)
{
    (void)oidp, (void)arg1, (void)arg2, (void)req;
    int now = atomic_fetch_add(&inside, 1) + 1;
    if (now > atomic_load(&most))
        atomic_store(&most, now);
    while (!atomic_load(&let_go))
        ktest_msleep(1);
    atomic_fetch_sub(&inside, 1);
    return 0;
}
SYSCTL_PROC(_vfs_generic, OID_AUTO, ktestslow, CTLTYPE_INT | CTLFLAG_RD | CTLFLAG_KERN, NULL, 0, slow_handler,
            "I", "waits; not marked as able to run twice at once");

static void ask_slow(void *arg)
{
    *(int *)arg = sysctlbyname("vfs.generic.ktestslow", NULL, NULL, NULL, 0);
}

static void withdraw_slow(void *arg)
{
    (void)arg;
    sysctl_unregister_oid(&sysctl__vfs_generic_ktestslow);
    atomic_store(&withdrawn, 1);
}

static void unregister__waits_for_handlers_which_run_one_at_a_time(void)
{
    int results[2] = {-1, -1};
    void *askers[2], *withdrawer;
    atomic_store(&let_go, 0);
    atomic_store(&most, 0);
    atomic_store(&withdrawn, 0);
    sysctl_register_oid(&sysctl__vfs_generic_ktestslow);
    for (int i = 0; i < 2; i++)
        askers[i] = ktest_thread(ask_slow, &results[i]);
    while (!atomic_load(&inside))
        ktest_msleep(1);
    ktest_rest(); /* the second has come in, where it should not, or waits */
    withdrawer = ktest_thread(withdraw_slow, NULL);
    ktest_rest();
    KT_ASSERT_EQ(atomic_load(&withdrawn), 0);
    atomic_store(&let_go, 1);
    for (int i = 0; i < 2; i++)
        ktest_thread_join(askers[i]);
    ktest_thread_join(withdrawer);
    KT_ASSERT_EQ(atomic_load(&most), 1);
    KT_ASSERT_EQ(atomic_load(&withdrawn), 1);
    KT_ASSERT_ERRNO(sysctlbyname("vfs.generic.ktestslow", NULL, NULL, NULL, 0), ENOENT);
    KT_ASSERT(results[0] == 0 && (results[1] == 0 || results[1] == ENOENT));
}

static const struct ktest_case cases[] = {
    KT_CASE(name__by_text_and_by_number__finds_the_same),
    KT_CASE(name__wrong__says_how),
    KT_CASE(kernel__own_variables__are_there),
    KT_CASE(int__set_and_get__with_every_size),
    KT_CASE(get__too_little_room__enomem_and_the_length),
    KT_CASE(quad_and_long__in_64_and_32_bits),
    KT_CASE(string__fits_with_its_nul_or_is_refused),
    KT_CASE(opaque__whole_or_not_at_all),
    KT_CASE(handler__null__is_einval),
    KT_CASE(permission__by_the_flags),
    KT_CASE(user__only_the_superuser_sets),
    KT_CASE(user__memory_that_was_not_lent__efault),
    KT_CASE(register__what_cannot_be__is_left_out),
    KT_CASE(range__with_a_variable_in_it__is_told),
    KT_CASE(node_with_handler__gets_the_numbers_that_follow),
    KT_CASE(unregister__waits_for_handlers_which_run_one_at_a_time),
};
KT_SUITE_WITH(sysctl, cases, setup, teardown, ktest_kern_boot);
