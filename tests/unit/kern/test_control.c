// SPDX-License-Identifier: BSD-2-Clause
/*
 * Kernel controls: what may be registered, under which number, and that nobody is ever connected.
 */
#include <string.h>
#include <sys/kern_control.h>

#include "tests/support/ktest_kern.h"

static errno_t on_connect(kern_ctl_ref ref, struct sockaddr_ctl *sac, void **unitinfo)
{
    (void)ref, (void)sac, (void)unitinfo;
    return 0;
}

static struct kern_ctl_reg reg_make(const char *name, uint32_t flags, uint32_t id, uint32_t unit)
{
    struct kern_ctl_reg reg = {.ctl_flags = flags, .ctl_id = id, .ctl_unit = unit, .ctl_connect = on_connect};

    memcpy(reg.ctl_name, name, strlen(name) + 1);
    return reg;
}

static void bad_arguments__einval(void)
{
    struct kern_ctl_reg reg = reg_make("com.example.a", 0, 0, 0);
    kern_ctl_ref ref = NULL;

    KT_ASSERT_ERRNO(ctl_register(NULL, &ref), EINVAL);
    KT_ASSERT_ERRNO(ctl_register(&reg, NULL), EINVAL);
    reg.ctl_connect = NULL;
    KT_ASSERT_ERRNO(ctl_register(&reg, &ref), EINVAL);
    reg = reg_make("", 0, 0, 0);
    KT_ASSERT_ERRNO(ctl_register(&reg, &ref), EINVAL);
    memset(reg.ctl_name, 'x', sizeof(reg.ctl_name));
    KT_ASSERT_ERRNO(ctl_register(&reg, &ref), EINVAL);
    KT_ASSERT_NULL(ref);
    KT_ASSERT_ERRNO(ctl_deregister(NULL), EINVAL);
    KT_ASSERT_ERRNO(ctl_deregister(&reg), EINVAL);
}

static void names__have_one_number_each(void)
{
    struct kern_ctl_reg one = reg_make("com.example.one", 0, 77, 0),
                        two = reg_make("com.example.two", 0, 0, 0);
    struct kern_ctl_reg again = reg_make("com.example.one", 0, 0, 0);
    kern_ctl_ref a, b, c = NULL;

    one.ctl_recvsize = 100;
    KT_ASSERT_OK(ctl_register(&one, &a));
    KT_ASSERT_OK(ctl_register(&two, &b));
    KT_ASSERT(one.ctl_id != 0 && one.ctl_id != 77 && one.ctl_id != two.ctl_id);
    KT_ASSERT(one.ctl_sendsize != 0);
    KT_ASSERT_EQ(one.ctl_recvsize, 100u);
    KT_ASSERT_ERRNO(ctl_register(&again, &c), EEXIST);
    KT_ASSERT_NULL(c);
    KT_ASSERT_OK(ctl_deregister(a));
    KT_ASSERT_ERRNO(ctl_deregister(a), EINVAL);
    KT_ASSERT_OK(ctl_register(&again, &c));
    KT_ASSERT_OK(ctl_deregister(b));
    KT_ASSERT_OK(ctl_deregister(c));
}

static void fixed_numbers__collide_with_their_unit_alone(void)
{
    struct kern_ctl_reg last = reg_make("com.example.last", CTL_FLAG_REG_ID_UNIT, UINT32_MAX, 1);
    struct kern_ctl_reg same = reg_make("com.example.same", CTL_FLAG_REG_ID_UNIT, UINT32_MAX, 1);
    struct kern_ctl_reg other = reg_make("com.example.last", CTL_FLAG_REG_ID_UNIT, UINT32_MAX, 2);
    struct kern_ctl_reg chosen = reg_make("com.example.chosen", 0, 0, 0);
    kern_ctl_ref a, b, c;

    KT_ASSERT_OK(ctl_register(&last, &a));
    KT_ASSERT_ERRNO(ctl_register(&same, &b), EEXIST);
    KT_ASSERT_OK(ctl_register(&other, &b));
    KT_ASSERT_OK(ctl_register(&chosen, &c)); /* no number after the last: the first that is free */
    KT_ASSERT(chosen.ctl_id != 0 && chosen.ctl_id != UINT32_MAX);
    KT_ASSERT_OK(ctl_deregister(b));
    KT_ASSERT_OK(ctl_deregister(a));
    KT_ASSERT_OK(ctl_deregister(c));
}

static void sending__nobody_is_connected(void)
{
    struct kern_ctl_reg reg = reg_make("com.example.send", 0, 0, 0);
    kern_ctl_ref ref;
    size_t space;
    char byte = 0;

    KT_ASSERT_OK(ctl_register(&reg, &ref));
    KT_ASSERT_ERRNO(ctl_enqueuedata(ref, 1, &byte, 1, CTL_DATA_EOR), EINVAL);
    KT_ASSERT_ERRNO(ctl_enqueuembuf(ref, 1, NULL, 0), EINVAL);
    KT_ASSERT_ERRNO(ctl_getenqueuespace(ref, 1, &space), EINVAL);
    KT_ASSERT_OK(ctl_deregister(ref));
}

static const struct ktest_case cases[] = {
    KT_CASE(bad_arguments__einval),
    KT_CASE(names__have_one_number_each),
    KT_CASE(fixed_numbers__collide_with_their_unit_alone),
    KT_CASE(sending__nobody_is_connected),
};
KT_KERN_SUITE(control, cases);
