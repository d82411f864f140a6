// SPDX-License-Identifier: BSD-2-Clause
/*
 * Small things that kexts lean on: functions that do nothing or refuse, the version, trace points, IOKit's
 * memory and registry, kinds of allocation, the log.
 */
#include <IOKit/IOPlatformExpert.h>
#include <kern/host.h>
#include <mach/host_priv.h>
#include <mach/host_special_ports.h>
#include <pexpert/pexpert.h>
#include <string.h>
#include <sys/conf.h>
#include <sys/kdebug.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <IOKit/IOLib.h>
#include <IOKit/IOLocks.h>
#include <libkern/OSMalloc.h>
#include <libkern/version.h>

#include "kern/os_boolean_internal.h"
#include "kern/sysctl_internal.h"
#include "tests/support/ktest_kern.h"

static void stock_functions__answer_as_named(void)
{
    struct cdevsw none = NO_CDEVICE;
    KT_ASSERT_EQ(nullop(), 0);
    KT_ASSERT_EQ(nulldev(), 0);
    KT_ASSERT_EQ(enodev(), ENODEV);
    KT_ASSERT_EQ(enxio(), ENXIO);
    KT_ASSERT_EQ(enosys(), ENOSYS);
    KT_ASSERT_EQ(enoioctl(), ENOTTY);
    KT_ASSERT_EQ(eopnotsupp(), ENOTSUP);
    enodev_strat();
    KT_ASSERT_EQ(none.d_open(0, 0, 0, NULL), ENODEV);
    KT_ASSERT_EQ(none.d_ioctl(0, 0, NULL, 0, NULL), ENODEV);
    none.d_strategy(NULL);
    sysctl_register_fixed();
}

/* Compilers call these for what no source names. */
static void memory_functions__move_over_themselves(void)
{
    char bytes[] = "abcdef", copy[7];
    memmove(bytes + 2, bytes, 4);
    KT_ASSERT_STR(bytes, "ababcd");
    memmove(bytes, bytes + 2, 4);
    KT_ASSERT_STR(bytes, "abcdcd");
    memcpy(copy, bytes, sizeof(copy));
    KT_ASSERT_EQ(memcmp(copy, bytes, sizeof(copy)), 0);
    memset(copy, 'z', 3);
    KT_ASSERT_STR(copy, "zzzdcd");
    KT_ASSERT_GT(memcmp(copy, bytes, sizeof(copy)), 0);
}

static void version__is_the_one_of_the_header(void)
{
    KT_ASSERT_EQ(version_major, VERSION_MAJOR);
    KT_ASSERT_EQ(version_minor, VERSION_MINOR);
    KT_ASSERT_STR(osrelease, OSRELEASE);
    KT_ASSERT_STR(ostype, OSTYPE);
}

static void booleans__are_told_apart(void)
{
    KT_ASSERT_NOT_NULL(kOSBooleanTrue);
    KT_ASSERT_NOT_NULL(kOSBooleanFalse);
    KT_ASSERT(kOSBooleanTrue != kOSBooleanFalse);
}

static void iokit_registry__is_empty(void)
{
    KT_ASSERT_NULL(IOBSDNameMatching("disk0"));
    KT_ASSERT_NULL(IOBSDNameMatching(""));
}

/* ---- the log ------------------------------------------------------------------------------------------- */

/* Is @text in what was logged after @from? */
static bool logged(uint64_t from, const char *text)
{
    static char buf[4096];
    uint64_t lost;
    size_t len = kern_log_read(&from, buf, sizeof(buf) - 1, &lost);
    buf[len] = '\0';
    return strnstr(buf, text, len) != NULL;
}

static uint64_t log_end(void)
{
    static char buf[4096];
    uint64_t seq = 0, lost;
    while (kern_log_read(&seq, buf, sizeof(buf), &lost) > 0)
        ;
    return seq;
}

static void iolog__is_in_the_log(void)
{
    uint64_t seq = log_end();
    IOLog("support: %d and %s\n", 17, "text");
    KT_ASSERT(logged(seq, "support: 17 and text\n"));
}

static void trace_points__only_when_enabled(void)
{
    uint64_t seq = log_end();
    kernel_debug(KDBG_EVENTID(3, 4, 5), 1, 2, 3, 4, 0);
    KT_ASSERT(!logged(seq, "kdebug: 3.4.5"));
    kdebug_enable = 1;
    kernel_debug(KDBG_EVENTID(3, 4, 5) | DBG_FUNC_START, 0xa1, 2, 3, 4, 0);
    kdebug_enable = 0;
    KT_ASSERT(logged(seq, "kdebug: 3.4.5 start 0xa1 0x2 0x3 0x4"));
}

/* ---- memory -------------------------------------------------------------------------------------------- */

static bool all_zero(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

static void iomalloc_data__zeroed_where_it_says_so(void)
{
    char *data = IOMallocData(100), *zero = IOMallocZeroData(100);
    memset(data, 1, 100);
    KT_ASSERT(all_zero(zero, 100));
    IOFreeData(data, 100);
    IOFreeData(zero, 100);
    KT_ASSERT_NULL(IOMallocData(0));
}

/* As a compiler of kexts lays it down. */
struct type_view {
    void *zone[4];
    const char *signature;
    uint32_t flags, size;
    void *unused[2];
};

static void iomalloc_type__by_a_built_kexts_view(void)
{
    struct type_view view = {.size = 1u << 24 | 40}; /* the upper byte is no part of the size */
    char *object = IOMallocTypeImpl((kalloc_type_view_t)(void *)&view);
    KT_ASSERT_NOT_NULL(object);
    KT_ASSERT(all_zero(object, 40));
    memset(object, 1, 40);
    IOFreeTypeImpl((kalloc_type_view_t)(void *)&view, object);
    IOFreeTypeImpl((kalloc_type_view_t)(void *)&view, NULL);
}

static void osmalloc__without_waiting__or_null(void)
{
    OSMallocTag tag = OSMalloc_Tagalloc("support", OSMT_DEFAULT);
    void *one = OSMalloc_nowait(64, tag), *other = OSMalloc_noblock(64, tag);
    KT_ASSERT_NOT_NULL(one);
    KT_ASSERT_NOT_NULL(other);
    OSFree(one, 64, tag);
    OSFree(other, 64, tag);
    kern_memory_fail_after(1);
    KT_ASSERT_NULL(OSMalloc_nowait(64, tag));
    kern_memory_fail_after(1);
    KT_ASSERT_NULL(OSMalloc_noblock(64, tag));
    kern_memory_fail_after(0);
    OSMalloc_Tagfree(tag);
}

static void iorwlock__unlock__whatever_was_held(void)
{
    IORWLock *lock = IORWLockAlloc();
    IORWLockRead(lock);
    IORWLockUnlock(lock);
    IORWLockWrite(lock);
    KT_ASSERT(!lck_rw_try_lock_shared(lock));
    IORWLockUnlock(lock);
    KT_ASSERT(lck_rw_try_lock_exclusive(lock));
    IORWLockUnlock(lock);
    IORWLockFree(lock);
}

/* ---- uio ----------------------------------------------------------------------------------------------- */

static void uio_setrw__turns_the_direction(void)
{
    char memory[4] = "abc", kernel[4] = "xyz";
    uio_t uio = uio_create(1, 0, UIO_SYSSPACE, UIO_READ);
    KT_ASSERT_OK(uio_addiov(uio, (user_addr_t)(uintptr_t)memory, 3));
    KT_ASSERT_EQ(uio_rw(uio), UIO_READ);
    uio_setrw(uio, UIO_WRITE);
    KT_ASSERT_EQ(uio_rw(uio), UIO_WRITE);
    KT_ASSERT_OK(uiomove(kernel, 3, uio));
    KT_ASSERT_STR(kernel, "abc"); /* out of the uio's memory, not into it */
    uio_free(uio);
}

/* ---- the machine --------------------------------------------------------------------------------------- */

static void platform__is_not_known(void)
{
    char name[8] = "as was";
    KT_ASSERT(!PEGetMachineName(name, sizeof(name)));
    KT_ASSERT(!PEGetModelName(name, sizeof(name)));
    KT_ASSERT(!PEGetTargetName(name, sizeof(name)));
    KT_ASSERT(!PEGetProductName(name, sizeof(name)));
    KT_ASSERT_STR(name, "as was");
    KT_ASSERT_EQ(PEGetPlatformEpoch(), -1);
    KT_ASSERT(!PE_state.initialized);
    KT_ASSERT_EQ(PE_state.video.v_width, 0ul);
}

static void daemons__have_no_port(void)
{
    mach_port_t port = (mach_port_t)(void *)&port;
    KT_ASSERT_EQ(host_get_automountd_port(host_priv_self(), &port), KERN_SUCCESS);
    KT_ASSERT_PTR_EQ(port, IPC_PORT_NULL);
    KT_ASSERT_EQ(host_get_automountd_port(NULL, &port), KERN_INVALID_ARGUMENT);
    KT_ASSERT_EQ(host_get_special_port(host_priv_self(), HOST_LOCAL_NODE, HOST_MAX_SPECIAL_PORT + 1, &port),
                 KERN_INVALID_ARGUMENT);
}

static const struct ktest_case cases[] = {
    KT_CASE(stock_functions__answer_as_named),
    KT_CASE(memory_functions__move_over_themselves),
    KT_CASE(version__is_the_one_of_the_header),
    KT_CASE(booleans__are_told_apart),
    KT_CASE(iokit_registry__is_empty),
    KT_CASE(iolog__is_in_the_log),
    KT_CASE(trace_points__only_when_enabled),
    KT_CASE(iomalloc_data__zeroed_where_it_says_so),
    KT_CASE(iomalloc_type__by_a_built_kexts_view),
    KT_CASE(osmalloc__without_waiting__or_null),
    KT_CASE(iorwlock__unlock__whatever_was_held),
    KT_CASE(uio_setrw__turns_the_direction),
    KT_CASE(platform__is_not_known),
    KT_CASE(daemons__have_no_port),
};
KT_KERN_SUITE(support, cases);
