// SPDX-License-Identifier: BSD-2-Clause
/*
 * symbolize.c: names and source lines of addresses in this process's own files, by DWARF.
 * Lock: symbolize_lock (leaf). In a panic the time limit of panic.c covers a lock or heap that the panicking
 * thread broke.
 */
#include <elfutils/libdwfl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/posix/posix_internal.h"

static pthread_mutex_t symbolize_lock = PTHREAD_MUTEX_INITIALIZER;

static bool (*_Atomic source)(const void *pc, char *buf, size_t len);

void host_source_set(bool (*fn)(const void *pc, char *buf, size_t len))
{
    atomic_store(&source, fn);
}

bool host_source_line(const void *pc, char *buf, size_t len)
{
    bool (*fn)(const void *, char *, size_t) = atomic_load(&source);

    if (len)
        buf[0] = '\0';
    return fn && fn(pc, buf, len);
}

static char *debuginfo_path; /* none beyond the default places */

static const Dwfl_Callbacks callbacks = {
    .find_elf = dwfl_linux_proc_find_elf,
    .find_debuginfo = dwfl_standard_find_debuginfo,
    .debuginfo_path = &debuginfo_path,
};

static Dwfl *symbolize_open(void)
{
    Dwfl *dwfl = dwfl_begin(&callbacks);

    if (!dwfl)
        return NULL;
    if (dwfl_linux_proc_report(dwfl, getpid()) || dwfl_report_end(dwfl, NULL, NULL)) {
        dwfl_end(dwfl);
        return NULL;
    }
    return dwfl;
}

/* The source line of @pc: by the address index, or, where the compiler wrote none, by asking each unit. */
static const char *symbolize_line(Dwfl_Module *module, uintptr_t pc, int *number)
{
    Dwfl_Line *line = dwfl_module_getsrc(module, pc);
    Dwarf_Die *unit = NULL;
    Dwarf_Addr bias;

    if (line)
        return dwfl_lineinfo(line, NULL, number, NULL, NULL, NULL);
    while ((unit = dwfl_module_nextcu(module, unit, &bias))) {
        Dwarf_Line *found = dwarf_haspc(unit, pc - bias) > 0 ? dwarf_getsrc_die(unit, pc - bias) : NULL;

        if (found && dwarf_lineno(found, number) == 0)
            return dwarf_linesrc(found, NULL, NULL);
    }
    return NULL;
}

static bool symbolize_in(Dwfl *dwfl, uintptr_t pc, char *buf, size_t len)
{
    Dwfl_Module *module = dwfl_addrmodule(dwfl, pc);
    const char *name, *file;
    GElf_Off offset;
    GElf_Sym symbol;
    int number;

    if (!module)
        return false;
    name = dwfl_module_addrinfo(module, pc, &offset, &symbol, NULL, NULL, NULL);
    if (!name)
        return false;
    file = symbolize_line(module, pc, &number);
    if (file) {
        const char *slash = strrchr(file, '/');

        (void)snprintf(buf, len, "%s+0x%llx (%s:%d)", name, (unsigned long long)offset,
                       slash ? slash + 1 : file, number);
    } else {
        (void)snprintf(buf, len, "%s+0x%llx", name, (unsigned long long)offset);
    }
    return true;
}

int host_symbolize(const void *pc, char *buf, size_t len)
{
    static Dwfl *dwfl;
    bool found = false;

    if (!len)
        return HOST_ENOENT;
    (void)snprintf(buf, len, "%p", pc);
    (void)pthread_mutex_lock(&symbolize_lock);
    if (!dwfl)
        dwfl = symbolize_open();
    if (dwfl)
        found = symbolize_in(dwfl, (uintptr_t)pc, buf, len);
    (void)pthread_mutex_unlock(&symbolize_lock);
    return found ? HOST_OK : HOST_ENOENT;
}
