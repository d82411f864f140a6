// SPDX-License-Identifier: BSD-2-Clause
/*
 * kdebug.c: trace points of kexts. Off until somebody sets kdebug_enable, in a debugger for one; then every
 * event is a line of the debug log.
 *
 * No locks.
 */
#include <sys/kdebug.h>
#include <sys/syslog.h>
#include <kern/thread.h>

#include "kern/kern_iface.h"

unsigned int kdebug_enable;

static void event_log(uint32_t event, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e)
{
    static const char *const moments[] = {"", " start", " end", " start end"};

    if (!kdebug_enable)
        return;
    kern_log(LOG_DEBUG, "kdebug: %u.%u.%u%s %#lx %#lx %#lx %#lx by %#lx\n", KDBG_EXTRACT_CLASS(event),
             KDBG_EXTRACT_SUBCLASS(event), KDBG_EXTRACT_CODE(event), moments[event & KDBG_FUNC_MASK], a, b, c,
             d, e);
}

void kernel_debug(uint32_t debugid, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3, uintptr_t arg4,
                  uintptr_t arg5)
{
    (void)arg5;
    event_log(debugid, arg1, arg2, arg3, arg4, (uintptr_t)thread_tid(current_thread()));
}

void kernel_debug1(uint32_t debugid, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3, uintptr_t arg4,
                   uintptr_t arg5)
{
    event_log(debugid, arg1, arg2, arg3, arg4, arg5);
}

void kernel_debug_filtered(uint32_t debugid, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3, uintptr_t arg4)
{
    event_log(debugid, arg1, arg2, arg3, arg4, (uintptr_t)thread_tid(current_thread()));
}
